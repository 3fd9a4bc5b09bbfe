"""What a renderer is told: the backend, the user's options, and whether it stands in a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Literal

from schemadiff.errors import ModelError
from schemadiff.frozen import dataclass
from schemadiff.rendering.formatting import Mode
from schemadiff.rendering.tree import Call, Node, call, parse_expression
from schemadiff.schema import DataType
from schemadiff.schema import Name as QualifiedName

if TYPE_CHECKING:
    from schemadiff.backends import Backend

__all__ = [
    "OP",
    "SA",
    "Evaluated",
    "OwnCheck",
    "RenderContext",
    "RenderItem",
    "RenderOptions",
    "Rendering",
    "op_f",
    "sa_call",
]

SA = frozenset({"import sqlalchemy as sa"})
"""What a node needs that says ``sa.``."""

OP = frozenset({"from schemadiff import op"})
"""What a node needs that says ``op.``."""


def sa_call(name: str, /, *args: object, **keywords: object) -> Call:
    """Return ``sa.<name>(...)``; keywords that are None are left out, since None is what SQLAlchemy takes for them by itself."""
    given = {key: each for key, each in keywords.items() if each is not None}
    return call(f"sa.{name}", *args, imports=SA, **given)


def op_f(name: str | None) -> Call:
    """Return ``op.f(name)``: a name that no naming convention changes; None is no name, also where a convention would give one."""
    return call("op.f", name, imports=OP)


_DEFAULT_MODE = Mode()


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What ``render_item`` of env.py is given as its third argument.

    Args:
        imports: import lines that the text needs are added to it.
        backend: the backend that is rendered for.
    """

    imports: set[str]
    backend: Backend

    @property
    def dialect(self) -> Any:
        """The SQLAlchemy dialect that is rendered for."""
        return self.backend.dialect


RenderItem = Callable[[str, Any, RenderContext], "str | Literal[False] | None"]
"""A hook: given the kind of an item (``"type"``, ``"server_default"``), the SQLAlchemy object and a context, it returns Python source
for the item, or False where it has nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """What the user sets about rendering.

    Args:
        mode: the project's black.
        render_item: a hook that renders items in its own way, first.
        naming_convention: that of the target's MetaData, which ``op`` applies to constraints without a name; None where it is not known.
    """

    mode: Mode = _DEFAULT_MODE
    render_item: RenderItem | None = None
    naming_convention: Mapping[Any, Any] | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the Python of a type is when it runs.

    Args:
        type: its canonical type.
        enums: the values of the enums in it.
    """

    type: DataType
    enums: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """The check constraint that ``sa.Boolean`` or ``sa.Enum`` makes where the database has no such type.

    Args:
        name: its name, as a node; None where it has none.
    """

    name: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What every renderer is handed.

    Args:
        backend: the backend that the operations are canonical for.
        options: what the user set.
        convention: the naming convention that constraints without a name get theirs by; None where it is not known.
        batch: the variable that the surrounding batch is bound to; None outside of one.
        check: what a column's type has to say of its own check constraint; None where that is rendered as a constraint.
        checked: types that were found to evaluate to what they were rendered from, by their node.
    """

    backend: Backend
    options: RenderOptions = field(default_factory=RenderOptions)
    convention: Mapping[Any, Any] | None = None
    batch: str | None = None
    check: OwnCheck | None = None
    checked: dict[Node, Evaluated] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, backend: Backend, options: RenderOptions | None, convention: Mapping[Any, Any] | None) -> Rendering:
        """Return the context to begin with; the user's naming convention goes before ``convention``."""
        options = options or RenderOptions()
        known = convention if options.naming_convention is None else options.naming_convention
        return cls(backend=backend, options=options, convention=known)

    def without_convention(self) -> Rendering:
        """Return the same for what stands in a MetaData of its own, which has no naming convention."""
        return replace(self, convention={})

    def with_check(self, check: OwnCheck | None) -> Rendering:
        """Return the same for a column's type that makes its own check constraint."""
        return replace(self, check=check)

    def in_batch(self, variable: str) -> Rendering:
        """Return the same inside a batch that is bound to ``variable``."""
        return replace(self, batch=variable)

    def directive(
        self,
        name: str,
        /,
        *args: object,
        table: QualifiedName | None = None,
        first: tuple[object, ...] = (),
        keywords: Mapping[str, Any] | None = None,
    ) -> Call:
        """Return the call of a directive: ``op.add_column("account", ...)``, or ``batch_op.add_column(...)`` inside a batch.

        Args:
            name: the directive.
            args: positional arguments after the table.
            table: the table that it is about. Inside a batch it goes without saying.
            first: positional arguments before the table.
            keywords: keyword arguments, in order; the table's schema comes after them.
        """
        given: dict[str, Any] = dict(keywords or {})
        if self.batch is not None:
            return call(f"{self.batch}.{name}", *first, *args, **given)
        if table is None:
            return call(f"op.{name}", *first, *args, imports=OP, **given)
        if table.schema is not None:
            given["schema"] = table.schema
        return call(f"op.{name}", *first, table.name, *args, imports=OP, **given)

    def item(self, kind: str, thing: Any, where: str) -> Node | None:
        """Return what the user's hook makes of ``thing``; None where it leaves that to us.

        Raises:
            ModelError: the hook returned something that is not one Python expression.
        """
        if self.options.render_item is None or thing is None:
            return None
        context = RenderContext(set(), self.backend)
        text = self.options.render_item(kind, thing, context)
        if text is False or text is None:
            return None
        try:
            return parse_expression(text, context.imports)
        except (ValueError, TypeError, AttributeError) as error:
            raise ModelError(
                f"render_item returned {text!r} for the {kind} of {where}: return one Python expression, or False"
            ) from error
