"""The text of SQLAlchemy constructs and the names of its objects, as the dialect's own DDL compiler spells them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.sql.compiler import DDLCompiler

from schemadiff.backends import Backend
from schemadiff.backends.base import OptionKind
from schemadiff.backends.dialect_arguments import dialect_arguments
from schemadiff.backends.type_memo import TypeMemo
from schemadiff.errors import ModelError
from schemadiff.frozen import dataclass
from schemadiff.schema import DataType, Enum, Options

__all__ = ["Compiler"]


@dataclass(frozen=True, slots=True)
class OfType:
    """What a backend makes of the SQLAlchemy type of a column.

    Args:
        data_type: the canonical type. Its origin is a type like this one.
        collation: the collation that it states.
        enum: the named enum type that it needs.
        domains: the types of the domains that the model makes for it.
    """

    data_type: DataType
    collation: str | None
    enum: Enum | None
    domains: tuple[Any, ...]


class _BareOptions(dict[OptionKind, Options]):
    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._backend = backend

    def __missing__(self, kind: OptionKind) -> Options:
        found = self[kind] = self._backend.options(kind, {})
        return found


class Compiler:
    """Compiles parts of a model for one backend.

    Args:
        backend: the backend; its dialect does not double percent signs.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.bare_options = _BareOptions(backend)
        """The options of an object for which no dialect argument is given, as most are, by its kind."""
        self.of_type = TypeMemo(self._of_type).of
        """Returns what the backend makes of a column's type; raises CompileError where the database has no such type."""
        self.meets_named_types = False
        """A type has come by that needs an enum type or a domain."""

    @cached_property
    def _ddl(self) -> DDLCompiler:
        dialect = self.backend.dialect
        compiler: DDLCompiler = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]
        return compiler

    def _of_type(self, type_: sa.types.TypeEngine[Any]) -> OfType:
        backend = self.backend
        found = OfType(backend.data_type(type_), backend.collation(type_), backend.enum(type_), backend.domains(type_))
        self.meets_named_types |= found.enum is not None or bool(found.domains)
        return found

    def expression(self, clause: Any, where: str) -> str:
        """Return the SQL of ``clause``, with literal values and without table names.

        Args:
            clause: a SQLAlchemy construct, or SQL text.
            where: what it belongs to, for the error message.

        Raises:
            ModelError: it cannot be compiled for the dialect.
        """
        if isinstance(clause, str):
            return clause
        try:
            text: str = self._ddl.sql_compiler.process(clause, include_table=False, literal_binds=True)
        except (exc.CompileError, NotImplementedError) as error:
            raise ModelError(f"{where}: {error}; write the expression as sa.text(...)") from error
        return text

    def statement(self, statement: Any, where: str) -> str:
        """Return the SQL of a whole statement, with literal values.

        Raises:
            ModelError: it cannot be compiled for the dialect.
        """
        try:
            return str(statement.compile(dialect=self.backend.dialect, compile_kwargs={"literal_binds": True}))
        except (exc.CompileError, NotImplementedError) as error:
            raise ModelError(f"{where}: {error}; write the query as sa.text(...)") from error

    def server_default(self, column: sa.Column[Any], where: str) -> str | None:
        """Return what stands after DEFAULT: a quoted literal for a plain string, SQL for anything else."""
        default = column.server_default
        if isinstance(default, sa.DefaultClause) and default.reflected and isinstance(default.arg, sa.TextClause):
            # What MetaData.reflect() has read is the database's text, in which a colon begins no parameter.
            return default.arg.text
        try:
            return self._ddl.get_column_default_string(column)
        except (exc.CompileError, NotImplementedError) as error:
            raise ModelError(f"{where}: {error}; write the server default as sa.text(...)") from error

    def computed(self, computed: sa.Computed) -> str:
        """Return the whole GENERATED ALWAYS AS clause."""
        return str(self._ddl.process(computed))

    def name(self, item: sa.Constraint | sa.Index, where: str) -> str | None:
        """Return the name that the model, or its naming convention, gives ``item``, shortened by SQLAlchemy's own rules.

        Raises:
            ModelError: the name is longer than the database allows.
        """
        if item.name is None or item.name == "":
            # An empty name is that of op.f(None): no naming convention shall give one.
            return None
        try:
            name = self.backend.dialect.identifier_preparer.format_constraint(item, _alembic_quote=False)
        except (exc.IdentifierError, exc.InvalidRequestError) as error:
            raise ModelError(f"{where}: {error}") from error
        return None if name is None else str(name)

    def applies(self, item: sa.Constraint | sa.Index, table: sa.Table) -> bool:
        """Return True where ``create_all`` would make ``item`` on this dialect: the rules of types' own checks, and ``ddl_if``."""
        # Only the check of a type has a rule that says something of the model. create_all() itself switches the foreign keys of a cycle
        # off by such a rule, for good, while it creates the tables.
        rule = getattr(item, "_create_rule", None) if getattr(item, "_type_bound", False) else None
        if rule is not None and not rule(self._ddl):
            return False
        condition = getattr(item, "_ddl_if", None)
        if condition is None:
            return True
        ddl = sa.schema.CreateIndex(item) if isinstance(item, sa.Index) else sa.schema.CreateTable(table)
        dialect = self.backend.dialect
        return bool(condition._should_execute(ddl, item, None, dialect=dialect, compiler=self._ddl))

    def arguments(self, item: sa.Table | sa.Column[Any] | sa.Constraint | sa.Index) -> dict[str, Any]:
        """Return the dialect arguments of ``item`` that are meant for the backend, the prefix taken off, expressions as text."""
        found: dict[str, Any] = {}
        given = dialect_arguments(item)
        if not given:
            return found
        for prefix in reversed(self.backend.option_prefixes):
            for key, value in given.items():
                if key.startswith(f"{prefix}_"):
                    found[key.removeprefix(f"{prefix}_")] = value
        return found

    def plain(self, value: Any, where: str) -> Any:
        """Return ``value`` with every SQLAlchemy construct in it compiled, inside mappings and lists too."""
        if isinstance(value, sa.Column):
            return str(value.name)
        if isinstance(value, (sa.ClauseElement,)):
            return self.expression(value, where)
        if isinstance(value, dict):
            return {str(key): self.plain(item, where) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(item, where) for item in value]
        return value
