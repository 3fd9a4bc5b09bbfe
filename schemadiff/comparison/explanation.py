"""Why a diff holds what it holds: for each operation, what is unequal, how both sides say it, and what decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from schemadiff.backends import Question
from schemadiff.comparison.evidence import Evidence, Part, Side
from schemadiff.comparison.reasons import Reasons, simple_part
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    AlterSequence,
    AlterTable,
    BatchAlterTable,
    CreateDependant,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    DropColumn,
    DropConstraint,
    DropDependant,
    DropDomain,
    DropEnum,
    DropIndex,
    DropSchema,
    DropSequence,
    DropTable,
    DropView,
    Operation,
    RenameTable,
    SetTableComment,
    constraint_kind,
)
from schemadiff.schema import (
    UNSET,
    Column,
    Constraint,
    Dependant,
    ExcludeConstraint,
    Expression,
    Index,
    Name,
    PrimaryKey,
    Schema,
    Table,
)
from schemadiff.schema.words import (
    CONSTRAINT_KINDS,
    column_words,
    constraint_name,
    constraint_words,
    index_words,
    setting_words,
    shown,
)

__all__ = ["Explanation", "agreements", "explanations", "flat"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something is in a diff, or is not. Texts are raw: whoever shows them escapes them; ``str()`` does.

    Args:
        operation: the operation that it is about; None for what was found equal.
        subject: where it is: ``table account, column email``.
        attribute: what is compared: ``type``, ``server default``; ``presence`` where only one side has the subject, ``unchanged`` where both
            have it alike.
        source, target: what the two sides say.
        decided_by: what decided, its first word being the kind of the reason: ``name``, ``tokens``, ``server`` (with its own prints in
            ``source`` and ``target``), ``meaning`` (the backend knows, without a server, that both are stored as the same), ``rule`` (the user's), ``order`` (both sides have it; another change needs it out of the way).
    """

    operation: Operation | None
    subject: str
    attribute: str
    source: Side
    target: Side
    decided_by: str

    @property
    def headline(self) -> str:
        """What it is about: ``table account, column email: type``."""
        return f"{self.subject}: {self.attribute}"

    def lines(self, source: str = "source", target: str = "target") -> tuple[tuple[str, str], ...]:
        """Return what there is to say after the headline, as labels and raw texts.

        Args:
            source, target: what the two sides are called.
        """
        found = []
        for label, side in ((source, self.source), (target, self.target)):
            found.append((label, "(none)" if side.spelling is None else side.spelling))
            if side.canonical is not None and side.canonical != side.spelling:
                found.append(("compared as", side.canonical))
            if side.printed is not None:
                found.append(("printed as", side.printed))
        return (*found, ("decided by", self.decided_by))

    def __str__(self) -> str:
        """Return it in lines for people, escaped."""
        return "\n".join([shown(self.headline), *(f"    {label}: {shown(text)}" for label, text in self.lines())])


_SEQUENCE = ("type", "start", "increment", "minvalue", "maxvalue", "cycle", "cache", "unlogged", "owner", "comment")
_ALIKE = "order: both sides have it alike; another change needs it out of the way, or stated again"
_ASKED = {
    "default": "server default",
    "computed": "generated expression",
    "check": "expression",
    "index": "element",
    "predicate": "predicate",
}
_PUT_IN = "rule: a hook of env.py put it in"
_IN_THE_WAY = (
    "order: another change needs it out of the way; it comes back as the target has it, where that is a database"
)
_NOT_STATED = "order: neither side states it; another change needs it"


def flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield operations, those in batches one by one."""
    for operation in operations:
        if isinstance(operation, BatchAlterTable):
            yield from flat(operation.operations)
        else:
            yield operation


def explanations(
    source: Schema, target: Schema, operations: Iterable[Operation], evidence: Evidence
) -> tuple[Explanation, ...]:
    """Return why each operation is there; at least one explanation for each, in their order.

    Args:
        source, target: what was compared.
        operations: what came of it.
        evidence: what decided, beside the canonical forms.
    """
    every = tuple(flat(operations))
    off = {each.dependant.identity: each.dependant for each in every if isinstance(each, DropDependant)}
    on = {each.dependant.identity: each.dependant for each in every if isinstance(each, CreateDependant)}
    explainer = _Explainer(source, target, evidence, off, on)
    return tuple(each for operation in every for each in explainer.of(operation))


def agreements(source: Schema, target: Schema, evidence: Evidence) -> tuple[Explanation, ...]:
    """Return what looks different and was taken as equal: by an answer of the server's or the backend's, or by a rule of the user's."""
    explainer = _Explainer(source, target, evidence)
    return (*explainer.judged(), *explainer.ruled())


@dataclass(frozen=True)
class _Explainer:
    """Finds what the operations are about in the two schemas.

    Args:
        source, target: the schemas.
        evidence: what decided.
        off, on: the dependants that the operations take off and put back, by identity.
    """

    source: Schema
    target: Schema
    evidence: Evidence
    off: Mapping[tuple[str, ...], Dependant] = field(default_factory=dict)
    on: Mapping[tuple[str, ...], Dependant] = field(default_factory=dict)

    def of(self, operation: Operation) -> Iterator[Explanation]:
        """Yield why an operation is there."""
        found = False
        for subject, part in self._parts(operation):
            if not part.equal:
                found = True
                yield Explanation(operation, subject, part.attribute, part.source, part.target, part.decided_by)
        if not found:
            subject = next((subject for subject, _ in self._parts(operation)), operation.describe())
            same = Side(_content(operation))
            yield Explanation(operation, subject, "unchanged", same, same, _ALIKE)

    def _parts(self, operation: Operation) -> Iterator[tuple[str, Part]]:
        match operation:
            case AddColumn(table=table, column=column):
                yield from self._column(table, column.name, column)
            case DropColumn(table=table, name=name, column=dropped):
                yield from self._column(table, name, dropped)
            case AlterColumn():
                yield from self._altered(operation)
            case AddConstraint(table=table, constraint=constraint):
                yield from self._noun(table, constraint, self.target, self.source)
            case DropConstraint(table=table, constraint=constraint) if constraint is not None:
                yield from self._noun(table, constraint, self.source, self.target)
            case CreateIndex(table=table, index=index):
                yield from self._noun(table, index, self.target, self.source)
            case DropIndex(table=Name() as table, index=Index() as index):
                yield from self._noun(table, index, self.source, self.target)
            case AlterTable(name=name, after=options, before=known):
                before = {} if known is UNSET else dict(known)
                for option, value in options:
                    yield f"table {name}", simple_part(f"option {option}", before.get(option), value)
            case SetTableComment(name=name, comment=comment, before=known):
                yield f"table {name}", simple_part("comment", None if known is UNSET else known, comment, "comment")
            case RenameTable(name=name, new_name=new):
                yield f"table {name}", simple_part("name", name.name, new)
            case _:
                yield from self._whole(operation)

    # -- what stands by itself

    def _whole(self, operation: Operation) -> Iterator[tuple[str, Part]]:
        match operation:
            case CreateTable(table=table):
                yield f"table {table.name}", self._presence(table.name, "tables")
            case DropTable(name=name):
                yield f"table {name}", self._presence(name, "tables")
            case CreateSchema(name=schema) | DropSchema(name=schema):
                before, after = (_there(schema in side.schemas) for side in (self.source, self.target))
                yield f"schema {schema}", _only(before, after)
            case CreateEnum(enum=enum):
                yield f"enum type {enum.name}", self._presence(enum.name, "enums")
            case DropEnum(name=name):
                yield f"enum type {name}", self._presence(name, "enums")
            case AlterEnum():
                yield from self._enum(operation)
            case CreateDomain(domain=domain):
                yield f"domain {domain.name}", self._presence(domain.name, "domains")
            case DropDomain(name=name):
                yield f"domain {name}", self._presence(name, "domains")
            case AlterDomain():
                yield from self._domain(operation)
            case CreateSequence(sequence=sequence):
                yield f"sequence {sequence.name}", self._presence(sequence.name, "sequences")
            case DropSequence(name=name):
                yield f"sequence {name}", self._presence(name, "sequences")
            case AlterSequence(before=old, after=new):
                for attribute in _SEQUENCE:
                    part = simple_part(attribute, getattr(old, attribute), getattr(new, attribute), attribute)
                    yield f"sequence {new.name}", part
            case CreateDependant(dependant=dependant) | DropDependant(dependant=dependant):
                identity = dependant.identity
                off, on = (Side(side[identity].sql if identity in side else None) for side in (self.off, self.on))
                yield str(dependant), Part("definition", off, on, off == on, _IN_THE_WAY)
            case CreateView(view=view):
                yield from self._view(view.name)
            case DropView(name=name):
                yield from self._view(name)
            case _:
                # No comparison finds such an operation.
                words = operation.describe()
                yield words, Part("operation", Side(None), Side(words), False, _PUT_IN)

    def _presence(self, name: Name, kind: str) -> Part:
        before, after = (_there(name in getattr(side, kind)) for side in (self.source, self.target))
        return _only(before, after)

    def _enum(self, operation: AlterEnum) -> Iterator[tuple[str, Part]]:
        yield f"enum type {operation.name}", simple_part("values", operation.before, operation.after)
        if operation.comment is not UNSET:
            part = simple_part("comment", operation.existing_comment, operation.comment, "comment")
            yield f"enum type {operation.name}", part
        for column in operation.columns:
            if column.default is not None and column.new_default is not None:
                reasons = self._reasons(column.table)
                part = reasons.expressions("server default", "default", column.default, column.new_default, column.name)
            else:
                part = simple_part("server default", column.default, column.new_default)
            yield f"table {column.table}, column {column.name}", part

    def _domain(self, operation: AlterDomain) -> Iterator[tuple[str, Part]]:
        subject, old, new = f"domain {operation.name}", operation.before, operation.after
        for attribute in ("type", "nullable", "collation", "comment"):
            yield subject, simple_part(attribute, getattr(old, attribute), getattr(new, attribute), attribute)
        reasons = Reasons(operation.name, new.as_table(), self.evidence)
        if old.default is not None and new.default is not None:
            yield subject, reasons.expressions("server default", "default", old.default, new.default, "value")
        else:
            yield subject, simple_part("server default", old.default, new.default)
        before, after = ({check.name: check for check in side.checks} for side in (old, new))
        for name in {**before, **after}:
            one, other = before.get(name), after.get(name)
            if one is not None and other is not None:
                for part in reasons.nouns(one, other):
                    yield f"{subject}, check constraint {name}", part
            else:
                words = [None if each is None else constraint_words(each) for each in (one, other)]
                yield f"{subject}, check constraint {name}", _only(*words)

    def _view(self, name: Name) -> Iterator[tuple[str, Part]]:
        before, after = self.source.views.get(name), self.target.views.get(name)
        if before is None or after is None:
            yield f"view {name}", _only(_there(before is not None), _there(after is not None))
            return
        yield f"view {name}", simple_part("query", before.sql, after.sql)
        yield f"view {name}", simple_part("MATERIALIZED", before.materialized, after.materialized)
        yield f"view {name}", simple_part("comment", before.comment, after.comment, "comment")

    # -- columns

    def _reasons(self, name: Name) -> Reasons:
        return Reasons(name, self.target.tables.get(name), self.evidence)

    def _column(self, table: Name, name: str, known: Column | None) -> Iterator[tuple[str, Part]]:
        subject = f"table {table}, column {name}"
        before, after = (_column_of(side, table, name) for side in (self.source, self.target))
        if before is None or after is None:
            words = [None if each is None else column_words(each) for each in (before, after)]
            if words == [None, None] and known is not None:
                yield subject, _unstated(column_words(known))
                return
            yield subject, _only(*words)
            return
        for part in self._reasons(table).columns(before, after):
            yield subject, replace(part, decided_by=f"{part.decided_by}; it cannot be changed in place")

    def _altered(self, operation: AlterColumn) -> Iterator[tuple[str, Part]]:
        subject = f"table {operation.table}, column {operation.name}"
        before = _column_of(self.source, operation.table, operation.name)
        known = operation.before.known()
        for name, value in operation.after.known().items():
            old = known.get(name, getattr(before, name, None)) if name != "name" else operation.name
            for part in self._reasons(operation.table).field(operation.name, name, old, value):
                yield subject, part

    # -- constraints and indexes

    def _noun(self, table: Name, noun: Constraint | Index, own: Schema, other: Schema) -> Iterator[tuple[str, Part]]:
        kind = "index" if isinstance(noun, Index) else CONSTRAINT_KINDS[constraint_kind(noun)]
        name = noun.name if isinstance(noun, Index) else constraint_name(noun)
        subject = f"table {table}, {kind} {name}"
        if _counterpart(noun, own.tables.get(table)) is None:
            yield subject, _unstated(_words(noun))
            return
        found = _counterpart(noun, other.tables.get(table))
        if found is None:
            words = [_words(noun), None] if own is self.source else [None, _words(noun)]
            part = _only(*words)
            yield subject, part
            return
        pair = (noun, found) if own is self.source else (found, noun)
        parts = tuple(self._reasons(table).nouns(*pair))
        for part in parts:
            yield subject, part
        # A table may say the same twice; then how often it does is the difference.
        times = [len(_alike(noun, side.tables.get(table))) for side in (self.source, self.target)]
        if all(part.equal for part in parts) and times[0] != times[1]:
            before, after = (f"{number} times {_words(noun)}" for number in times)
            yield subject, Part("presence", Side(before), Side(after), False, "name: one side has more of it")

    # -- what was taken as equal

    def judged(self) -> Iterator[Explanation]:
        """Yield the expressions that differ as tokens and that the server, or the backend without it, finds equal."""
        for question, answer in self.evidence.verdict.answers.items():
            if not answer.equal:
                continue
            subject, attribute = self._asked(question)
            left, right = (
                Side(text, self._canonical(side, question, text), printed)
                for side, text, printed in (
                    (self.source, question.left, answer.left),
                    (self.target, question.right, answer.right),
                )
            )
            yield Explanation(None, subject, attribute, left, right, self.evidence.about(question)[1])

    def _asked(self, question: Question) -> tuple[str, str]:
        """Return what a question is about, in words."""
        attribute = _ASKED[question.kind]
        if question.name in self.target.domains:
            return f"domain {question.name}", attribute
        if question.column is not None:
            return f"table {question.name}, column {question.column}", attribute
        table = self.target.tables.get(question.name)
        for subject, expression in () if table is None else _expressions(table):
            if expression.sql == question.right:
                return f"table {question.name}, {subject}", attribute
        return f"table {question.name}", attribute

    def _canonical(self, side: Schema, question: Question, text: str) -> str | None:
        table = side.tables.get(question.name)
        found = () if table is None else _expressions(table)
        return next((expression.canonical for _, expression in found if expression.sql == text), None)

    def ruled(self) -> Iterator[Explanation]:
        """Yield the fields of columns that differ and that a rule of the user's leaves alone."""
        for (table, column, name), differs in self.evidence.ruled.items():
            before, after = (_column_of(side, table, column) for side in (self.source, self.target))
            if differs or before is None or after is None or getattr(before, name) == getattr(after, name):
                continue
            for part in self._reasons(table).field(column, name, getattr(before, name), getattr(after, name)):
                subject = f"table {table}, column {column}"
                yield Explanation(None, subject, part.attribute, part.source, part.target, part.decided_by)


def _content(operation: Operation) -> str:
    """Return what an operation makes, drops or states, in words."""
    match operation:
        case AddColumn(column=column) | DropColumn(column=Column() as column):
            return column_words(column)
        case AddConstraint(constraint=noun) | CreateIndex(index=noun) | DropIndex(index=Index() as noun):
            return _words(noun)
        case DropConstraint(constraint=constraint) if constraint is not None:
            return constraint_words(constraint)
        case CreateDependant(dependant=dependant) | DropDependant(dependant=dependant):
            return dependant.sql
        case AlterColumn(after=after):
            return ", ".join(f"{name}: {setting_words(name, value)}" for name, value in after.known().items())
    return operation.describe()


def _there(present: bool) -> str | None:
    return "present" if present else None


def _only(before: str | None, after: str | None) -> Part:
    """Return the part of something that one side has, and the other has not."""
    equal = before is not None and after is not None
    return Part("presence", Side(before), Side(after), equal, "name: only one side has it")


def _unstated(words: str) -> Part:
    """Return the part of something that the operations need, and neither schema holds: an index that the server keeps by itself."""
    return Part("presence", Side(words), Side(words), False, _NOT_STATED)


def _words(noun: Constraint | Index) -> str:
    return index_words(noun) if isinstance(noun, Index) else constraint_words(noun)


def _column_of(schema: Schema, table: Name, name: str) -> Column | None:
    found = schema.tables.get(table)
    return None if found is None else found.column(name)


def _counterpart(noun: Constraint | Index, table: Table | None) -> Constraint | Index | None:
    """Return the constraint or index of ``table`` that is meant to be ``noun``: that of its name, or its content where names are open."""
    if table is None:
        return None
    candidates = [each for each in (*table.constraints(), *table.indexes) if type(each) is type(noun)]
    if isinstance(noun, PrimaryKey):
        return next(iter(candidates), None)
    same_name = next((each for each in candidates if noun.name is not None and each.name == noun.name), None)
    return same_name if same_name is not None else next(iter(_alike(noun, table)), None)


def _alike(noun: Constraint | Index, table: Table | None) -> list[Constraint]:
    """Return the constraints of ``table`` that are ``noun`` but for their names. An index always has its name."""
    if table is None or isinstance(noun, Index):
        return []
    return [each for each in table.constraints() if type(each) is type(noun) and replace(each, name=noun.name) == noun]


def _expressions(table: Table) -> Iterator[tuple[str, Expression]]:
    """Yield the expressions of a table, each with what it belongs to."""
    for column in table.columns:
        expression = getattr(column.default, "expression", column.default)
        if isinstance(expression, Expression):
            yield f"column {column.name}", expression
    for check in table.checks:
        yield f"check constraint {constraint_name(check)}", check.expression
    nouns: tuple[ExcludeConstraint | Index, ...] = (*table.excludes, *table.indexes)
    for noun in nouns:
        subject = f"{'index' if isinstance(noun, Index) else 'exclude constraint'} {noun.name}"
        for element in noun.elements:
            if isinstance(element.what, Expression):
                yield subject, element.what
        if noun.where is not None:
            yield subject, noun.where
