"""Which names a model leaves open: those of constraints that it does not name."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa

from tests.oracle.dumps import Name

_KINDS: dict[type[sa.Constraint], str] = {
    sa.PrimaryKeyConstraint: "primary_key",
    sa.UniqueConstraint: "unique",
    sa.ForeignKeyConstraint: "foreign_key",
    sa.CheckConstraint: "check",
}

# PostgreSQL: ChooseConstraintName and ChooseRelationName append these, and a number where the name is taken.
_POSTGRESQL = {
    "primary_key": r"_pkey\d*$",
    "unique": r"_key\d*$",
    "foreign_key": r"_fkey\d*$",
    "check": r"_check\d*$",
    "exclude": r"_excl\d*$",
    "not_null": r"_not_null\d*$",
    "sequence": r"_seq\d*$",
}
_MYSQL = {"foreign_key": r"_ibfk_\d+$", "check": r"^CONSTRAINT_\d+$|_chk_\d+$"}


def is_server_given(name: Name) -> bool:
    """Tell whether the server gives names like this one where a statement gives none."""
    if name.dialect == "postgresql":
        return re.search(_POSTGRESQL.get(name.kind, "$^"), name.name) is not None
    if name.dialect == "mysql" and name.kind in ("unique", "index"):
        # An unnamed key is called as its first column, with a number where that is taken; the index that a foreign key
        # makes for itself is called as its constraint where that was given a name.
        as_column = bool(name.columns) and re.fullmatch(re.escape(name.columns[0]) + r"(_\d+)?", name.name) is not None
        return as_column or (name.kind == "index" and re.search(_MYSQL["foreign_key"], name.name) is not None)
    return re.search(_MYSQL.get(name.kind, "$^"), name.name) is not None


def unnamed_in(dialect: sa.Dialect, *metadatas: sa.MetaData) -> Callable[[Name], bool]:
    """Return a predicate for ``assert_same``: the name is one that the server gives, and the models leave it open.

    Pass the model and the one that the database was made from before. Names of NOT NULL constraints and of the sequences
    behind SERIAL and IDENTITY are always open, since no model can give them.
    """
    prepare = dialect.identifier_preparer
    unnamed = {("not_null", ""), ("sequence", "")}
    for metadata in metadatas:
        for table in metadata.tables.values():
            for constraint in table.constraints:
                if constraint.name is None or prepare.format_constraint(constraint) is None:
                    kind = next((kind for cls, kind in _KINDS.items() if isinstance(constraint, cls)), "exclude")
                    unnamed.add((kind, table.name))
                    if kind == "foreign_key" and dialect.name in ("mysql", "mariadb"):
                        unnamed.add(("index", table.name))

    def is_open(name: Name) -> bool:
        held = (name.kind, name.table) in unnamed or (name.kind, "") in unnamed
        return held and is_server_given(name)

    return is_open
