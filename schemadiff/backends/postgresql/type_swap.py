"""A type in the place of another one: where PostgreSQL cannot change a type, a new one is made, and its columns are moved over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from schemadiff.backends.base import Backend
from schemadiff.backends.postgresql.clauses import default_text, qualified
from schemadiff.backends.postgresql.lexicon import dollar_quoted, literal, quoted
from schemadiff.backends.postgresql.naming import object_name
from schemadiff.backends.postgresql.types import own_type
from schemadiff.operations import EnumColumn
from schemadiff.schema import Name

__all__ = ["remade", "type_name"]

# Checks, exclusion constraints and indexes whose expressions hold a value of the type cannot stand on a column that has another type already.
# They are put back from the server's own definitions, taken before the type is renamed; so are the owner, the grants and the comment of the type.
_BLOCK = """
DECLARE
    item record;
    definitions text[] := '{{}}';
BEGIN
    FOR item IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname) AS off,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS back,
            format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, k.conrelid::regclass, c.description) AS remark, c.description
        FROM pg_constraint AS k
        LEFT JOIN pg_description AS c ON c.objoid = k.oid AND c.classoid = 'pg_constraint'::regclass AND c.objsubid = 0
        WHERE k.contype IN ('c', 'x') AND k.conislocal AND k.conrelid <> 0 AND EXISTS (
            SELECT FROM pg_depend AS d JOIN pg_type AS t ON d.refobjid IN (t.oid, t.typarray)
            WHERE d.refclassid = 'pg_type'::regclass AND t.oid = {type}::regtype AND (
                d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
                OR d.classid = 'pg_class'::regclass AND d.objid = k.conindid AND k.contype = 'x'
            )
        )
        UNION ALL
        SELECT format('DROP INDEX %s', x.indexrelid::regclass), pg_get_indexdef(x.indexrelid),
            format('COMMENT ON INDEX %s IS %L', x.indexrelid::regclass, c.description), c.description
        FROM pg_index AS x
        JOIN pg_class AS i ON i.oid = x.indexrelid AND NOT i.relispartition
        LEFT JOIN pg_description AS c ON c.objoid = x.indexrelid AND c.classoid = 'pg_class'::regclass AND c.objsubid = 0
        WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = x.indexrelid) AND EXISTS (
            SELECT FROM pg_depend AS d JOIN pg_type AS t ON d.refobjid IN (t.oid, t.typarray)
            WHERE d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid AND d.refclassid = 'pg_type'::regclass
                AND t.oid = {type}::regtype
        )
        UNION ALL
        SELECT NULL, format('COMMENT ON {kind} %s IS %L', {type}, obj_description({type}::regtype, 'pg_type')), NULL, NULL
        WHERE obj_description({type}::regtype, 'pg_type') IS NOT NULL
        UNION ALL
        SELECT NULL, format('ALTER {kind} %s OWNER TO %I', {type}, pg_get_userbyid(t.typowner)), NULL, NULL
        FROM pg_type AS t WHERE t.oid = {type}::regtype AND pg_get_userbyid(t.typowner) <> current_user
        UNION ALL
        SELECT NULL, format('REVOKE ALL ON TYPE %s FROM PUBLIC', {type}), NULL, NULL
        FROM pg_type AS t WHERE t.oid = {type}::regtype AND t.typacl IS NOT NULL
        UNION ALL
        SELECT NULL, format(
            'GRANT %s ON TYPE %s TO %s%s', g.privilege_type, {type},
            CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
            CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' END
        ), NULL, NULL
        FROM pg_type AS t CROSS JOIN aclexplode(t.typacl) AS g
        WHERE t.oid = {type}::regtype AND g.grantee <> t.typowner
    LOOP
        IF item.off IS NOT NULL THEN
            EXECUTE item.off;
        END IF;
        definitions := definitions || item.back;
        IF item.description IS NOT NULL THEN
            definitions := definitions || item.remark;
        END IF;
    END LOOP;
    {statements};
    FOR item IN SELECT definition FROM unnest(definitions) AS d (definition) LOOP
        EXECUTE item.definition;
    END LOOP;
END
"""


def type_name(name: Name, backend: Backend) -> str:
    """Return the name of a type in a statement: qualified where a type of ``pg_catalog`` would be found instead."""
    return own_type(name, backend.server.default_schema)


def remade(
    name: Name,
    create: Sequence[str],
    kind: str,
    columns: Sequence[EnumColumn],
    value: Callable[[EnumColumn], str],
    backend: Backend,
) -> Iterator[str]:
    """Yield the statement that puts a new type in the place of the old one, and moves the columns that use it over.

    Args:
        name: the type.
        create: what makes the new one.
        kind: TYPE or DOMAIN.
        columns: the columns.
        value: returns the USING expression of a column.
        backend: the backend of the database.
    """
    old = Name(object_name(name.name, None, "old"), name.schema)
    own = type_name(name, backend)
    moved = [statement for column in columns for statement in _moved(column, own, value(column))]
    swap = [
        f"ALTER {kind} {own} RENAME TO {quoted(old.name)}",
        *create,
        *moved,
        f"DROP {kind} {qualified(old)}",
    ]
    body = _BLOCK.format(type=literal(own), kind=kind, statements=";\n    ".join(swap))
    yield f"DO {dollar_quoted(body)}"


def _moved(column: EnumColumn, type_name: str, value: str) -> Iterator[str]:
    alter = f"ALTER TABLE {qualified(column.table)} ALTER COLUMN {quoted(column.name)}"
    wanted = f"{type_name}[]" if column.array else type_name
    if column.default is not None:
        yield f"{alter} DROP DEFAULT"
    yield f"{alter} TYPE {wanted} USING {value}"
    if column.new_default is not None:
        yield f"{alter} SET DEFAULT {default_text(column.new_default)}"
