"""What SQL Server and Oracle spell otherwise than the SQL standard, as tables of traits.

To be held against "ALTER TABLE (Transact-SQL)", "sp_rename", "sys.extended_properties" and "sqlcmd utility" of SQL Server's
documentation, "ALTER TABLE" of Oracle's SQL Language Reference, and the SQL*Plus User's Guide: neither server has run them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from schemadiff.frozen import dataclass

__all__ = ["SPELLINGS", "Spelling"]


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """How ALTER TABLE is spelled. The default is that of the SQL standard.

    Each is a format over ``table``, ``column`` and what else its name says; ``old_table``, ``old_column`` and ``new_literal`` are literals.

    Args:
        if_column: columns take IF EXISTS and IF NOT EXISTS.
        nullable_needs_type: NOT NULL is said together with the type.
        default_is_constraint: a default is a constraint with a name of its own, which is in the way of what changes the column.
        drop_comment_first: a comment is added, and an old one has to go before; a condition that says whether there is one.
        identity_insert: what lets values into a column that counts by itself, over ``state``; None where nothing has to.
        has_identities: columns count by an identity, though SQLAlchemy's dialect does not say so.
        if_missing: what runs ``sql`` where the table is not there; None where the database has IF NOT EXISTS itself.
        tolerant: what runs ``sql`` and overlooks an error; None where the database has IF EXISTS itself.
        errors: the error that ``tolerant`` overlooks, by the name of the operation.
    """

    add_column: str = "ALTER TABLE {table} ADD COLUMN {definition}"
    drop_column: str = "ALTER TABLE {table} DROP COLUMN {exists}{column}"
    set_type: str = "ALTER TABLE {table} ALTER COLUMN {column} SET DATA TYPE {type}"
    set_not_null: str = "ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"
    drop_not_null: str = "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"
    set_default: str = "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}"
    drop_default: str = "ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT"
    rename_column: str = "ALTER TABLE {table} RENAME COLUMN {column} TO {new}"
    rename_table: str = "ALTER TABLE {table} RENAME TO {new}"
    rename_index: str = "ALTER INDEX {old_name} RENAME TO {new}"
    rename_constraint: str = "ALTER TABLE {table} RENAME CONSTRAINT {column} TO {new}"
    if_column: bool = True
    nullable_needs_type: bool = False
    default_is_constraint: bool = False
    drop_comment_first: Mapping[str, str] = field(default_factory=dict)
    identity_insert: str | None = None
    has_identities: bool = False
    if_missing: str | None = None
    tolerant: str | None = None
    errors: Mapping[str, int] = field(default_factory=dict)


_PROPERTY = (
    "IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = 'MS_Description' "
    "AND major_id = OBJECT_ID({old_table}) AND minor_id = "
)

SPELLINGS: Mapping[str, Spelling] = {
    "mssql": Spelling(
        add_column="ALTER TABLE {table} ADD {definition}",
        set_type="ALTER TABLE {table} ALTER COLUMN {column} {type}{null}",
        set_not_null="ALTER TABLE {table} ALTER COLUMN {column} {type} NOT NULL",
        drop_not_null="ALTER TABLE {table} ALTER COLUMN {column} {type} NULL",
        set_default="ALTER TABLE {table} ADD DEFAULT {default} FOR {column}",
        drop_default=(
            "DECLARE @name sysname = (SELECT name FROM sys.default_constraints WHERE parent_object_id = OBJECT_ID({old_table}) "
            "AND COL_NAME(parent_object_id, parent_column_id) = {old_column}); "
            "IF @name IS NOT NULL EXEC('ALTER TABLE {escaped_table} DROP CONSTRAINT ' + QUOTENAME(@name))"
        ),
        rename_column="EXEC sp_rename {old_path}, {new_literal}, 'COLUMN'",
        rename_table="EXEC sp_rename {old_table}, {new_literal}",
        rename_index="EXEC sp_rename {old_path}, {new_literal}, 'INDEX'",
        rename_constraint="EXEC sp_rename {old_literal}, {new_literal}, 'OBJECT'",
        if_column=False,
        nullable_needs_type=True,
        default_is_constraint=True,
        drop_comment_first={
            "table": f"{_PROPERTY}0)",
            "column": f"{_PROPERTY}COLUMNPROPERTY(OBJECT_ID({{old_table}}), {{old_column}}, 'ColumnId'))",
        },
        # "SET IDENTITY_INSERT": one table at a time.
        identity_insert="SET IDENTITY_INSERT {table} {state}",
        has_identities=True,
        if_missing="IF OBJECT_ID({old_table}, 'U') IS NULL {sql}",
    ),
    "oracle": Spelling(
        add_column="ALTER TABLE {table} ADD {definition}",
        set_type="ALTER TABLE {table} MODIFY {column} {type}",
        set_not_null="ALTER TABLE {table} MODIFY {column} NOT NULL",
        drop_not_null="ALTER TABLE {table} MODIFY {column} NULL",
        set_default="ALTER TABLE {table} MODIFY {column} DEFAULT {default}",
        drop_default="ALTER TABLE {table} MODIFY {column} DEFAULT NULL",
        if_column=False,
        # IF EXISTS came with 23ai only.
        tolerant="BEGIN EXECUTE IMMEDIATE {sql_literal}; EXCEPTION WHEN OTHERS THEN IF SQLCODE != {code} THEN RAISE; END IF; END;",
        errors={
            "CreateTable": -955,
            "DropTable": -942,
            "CreateIndex": -955,
            "DropIndex": -1418,
            "DropConstraint": -2443,
        },
    ),
}
