"""Words that PostgreSQL knows: keywords, built-in types, default operator classes.

Read from ``pg_get_keywords()``, ``pg_type`` and ``pg_opclass`` of PostgreSQL 15 and 18, whose union covers 12 to 18. The operator
classes are those of the core, of the contrib modules and of pgvector.
"""

from __future__ import annotations

__all__ = ["BUILTIN_TYPES", "DEFAULT_OPCLASSES", "INTEGER_TYPES", "KEYWORDS"]

_KEYWORDS = """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character
    check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists
    extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int
    integer intersect interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
    json_scalar json_serialize json_table json_value lateral leading least left like limit localtime localtimestamp merge_action
    national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing
    position precision primary real references returning right row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic
    verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable
    """

KEYWORDS = frozenset(_KEYWORDS.split())
"""Every keyword that is not unreserved: as an identifier it is quoted, and quoted it means something else than bare."""

_BUILTIN_TYPES = """
    aclitem any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray anycompatiblerange anyelement
    anyenum anymultirange anynonarray anyrange bit bool box bpchar bytea char cid cidr circle cstring date datemultirange daterange
    event_trigger fdw_handler float4 float8 gtsvector index_am_handler inet int2 int4 int4multirange int4range int8 int8multirange
    int8range internal interval json jsonb jsonpath language_handler line lseg macaddr macaddr8 money name numeric nummultirange
    numrange oid path pg_brin_bloom_summary pg_brin_minmax_multi_summary pg_ddl_command pg_dependencies pg_lsn pg_mcv_list
    pg_ndistinct pg_node_tree pg_snapshot point polygon record refcursor regclass regcollation regconfig regdictionary regnamespace
    regoper regoperator regproc regprocedure regrole regtype table_am_handler text tid time timestamp timestamptz timetz trigger
    tsm_handler tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit varchar void xid xid8
    xml int2vector oidvector
    """

BUILTIN_TYPES = frozenset(_BUILTIN_TYPES.split())
"""The types of ``pg_catalog`` by their names in ``pg_type``, arrays and row types excepted."""

INTEGER_TYPES = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
"""The types of sequences, serial and identity columns, with their ranges."""

_OPCLASSES = {
    "brin": """
        bit_minmax_ops box_inclusion_ops bpchar_minmax_ops bytea_minmax_ops char_minmax_ops date_minmax_ops float4_minmax_ops
        float8_minmax_ops inet_inclusion_ops int2_minmax_ops int4_minmax_ops int8_minmax_ops interval_minmax_ops macaddr8_minmax_ops
        macaddr_minmax_ops name_minmax_ops numeric_minmax_ops oid_minmax_ops pg_lsn_minmax_ops range_inclusion_ops text_minmax_ops
        tid_minmax_ops time_minmax_ops timestamp_minmax_ops timestamptz_minmax_ops timetz_minmax_ops uuid_minmax_ops varbit_minmax_ops
        """,
    "btree": """
        array_ops bit_ops bool_ops bpchar_ops bytea_ops char_ops date_ops enum_ops float4_ops float8_ops inet_ops int2_ops int4_ops
        int8_ops interval_ops jsonb_ops macaddr8_ops macaddr_ops money_ops multirange_ops name_ops numeric_ops oid_ops oidvector_ops
        pg_lsn_ops range_ops record_ops text_ops tid_ops time_ops timestamp_ops timestamptz_ops timetz_ops tsquery_ops tsvector_ops
        uuid_ops varbit_ops xid8_ops btree_hstore_ops citext_ops cube_ops ean13_ops isbn13_ops isbn_ops ismn13_ops ismn_ops issn13_ops
        issn_ops ltree_ops seg_ops upc_ops vector_ops halfvec_ops sparsevec_ops
        """,
    "gin": """
        array_ops jsonb_ops tsvector_ops bit_ops bool_ops bpchar_ops bytea_ops char_ops cidr_ops date_ops enum_ops float4_ops
        float8_ops gin_hstore_ops inet_ops int2_ops int4_ops int8_ops interval_ops macaddr8_ops macaddr_ops money_ops name_ops
        numeric_ops oid_ops text_ops time_ops timestamp_ops timestamptz_ops timetz_ops uuid_ops varbit_ops varchar_ops
        """,
    "gist": """
        box_ops circle_ops multirange_ops point_ops poly_ops range_ops tsquery_ops tsvector_ops gist__int_ops gist__ltree_ops
        gist_bit_ops gist_bool_ops gist_bpchar_ops gist_bytea_ops gist_cash_ops gist_cidr_ops gist_cube_ops gist_date_ops gist_enum_ops
        gist_float4_ops gist_float8_ops gist_hstore_ops gist_inet_ops gist_int2_ops gist_int4_ops gist_int8_ops gist_interval_ops
        gist_ltree_ops gist_macaddr8_ops gist_macaddr_ops gist_numeric_ops gist_oid_ops gist_seg_ops gist_text_ops gist_time_ops
        gist_timestamp_ops gist_timestamptz_ops gist_timetz_ops gist_uuid_ops gist_vbit_ops
        """,
    "hash": """
        aclitem_ops array_ops bool_ops bpchar_ops bytea_ops char_ops cid_ops date_ops enum_ops float4_ops float8_ops inet_ops int2_ops
        int4_ops int8_ops interval_ops jsonb_ops macaddr8_ops macaddr_ops multirange_ops name_ops numeric_ops oid_ops oidvector_ops
        pg_lsn_ops range_ops record_ops text_ops tid_ops time_ops timestamp_ops timestamptz_ops timetz_ops uuid_ops xid8_ops xid_ops
        citext_ops ean13_ops hash_hstore_ops isbn13_ops isbn_ops ismn13_ops ismn_ops issn13_ops issn_ops upc_ops
        """,
    "spgist": "box_ops inet_ops poly_ops quad_point_ops range_ops text_ops",
    "ivfflat": "vector_l2_ops",
}

DEFAULT_OPCLASSES = frozenset((method, name) for method, names in _OPCLASSES.items() for name in names.split())
"""The operator classes that an index takes where none is named, by access method. Naming one of them changes nothing."""
