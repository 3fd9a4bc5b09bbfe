"""Asks the server which expressions it finds equal: it stores both, and prints them.

All questions go to the server in one call of a function in the session's temporary schema, which makes a temporary table of bare columns for
each table in question, puts both expressions on it, and reads them back from the catalog. Each table, and each expression, has a
subtransaction of its own, so one that the server refuses spoils no other, and the locks of one table are given back before the next. Statements:
a savepoint, CREATE FUNCTION, one call, and the rollback, whatever the number of questions.

The text of expressions may come from anybody. Only what our tokenizer finds to be one expression is sent at all, as data. Before the
function puts such a text into DDL, the server's own parser has to find it to be a part of a single SELECT: ``OPEN ... FOR EXECUTE`` refuses a string
that holds more than one statement, and does not run the one it opens. Types are held to ``to_regtype()`` in the same way, those of the types and
domains that are made first included.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc

from schemadiff.backends.postgresql.canonical import canonical, without_comments
from schemadiff.backends.postgresql.clauses import qualified, quoted_collation
from schemadiff.backends.postgresql.lexicon import LEXICON, dollar_quoted, literal, quoted
from schemadiff.backends.postgresql.transaction import scratch
from schemadiff.backends.questions import Answer, Question, Verdict
from schemadiff.backends.tokens import is_one_expression
from schemadiff.frozen import dataclass
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Domain, Enum, Expression, Name, Schema

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["RUN_SHADOW", "Shadow", "judge", "shadow_domain", "shadow_type"]

RUN_SHADOW = """
            IF NOT EXISTS (SELECT FROM jsonb_array_elements_text(item -> 'types') AS t (name) WHERE to_regtype(t.name) IS NULL) THEN
                EXECUTE item ->> 'sql';
            END IF;
"""
"""Makes a :class:`Shadow` of the variable ``item``, where the server's parser finds each of its types to be one, and nothing more."""

# The work: {"name", "columns": [{"name", "type", "collate"}], "expressions": [{"id", "kind", "column", "bare", "type", "collate", "sql"}]} for each
# table; what goes into a statement as an identifier is quoted already. The block of each table, and that of each expression, always ends in an
# exception of our own, which takes back what it did; variables keep what they were given.
_BODY = f"""
DECLARE
    work jsonb;
    item jsonb;
    kind text;
    target text;
    wrapped text;
    printed text;
    forms jsonb;
    answers jsonb[] := '{{}}';
    probe refcursor;
BEGIN
    FOR item IN SELECT value FROM jsonb_array_elements(shadows) LOOP
        BEGIN{RUN_SHADOW}        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END LOOP;
    FOR work IN SELECT value FROM jsonb_array_elements(tables) LOOP
        BEGIN
            target := 'pg_temp.' || (work ->> 'name');
            EXECUTE 'CREATE TEMPORARY TABLE ' || target || ' ()';
            FOR item IN SELECT value FROM jsonb_array_elements(work -> 'columns') LOOP
                BEGIN
                    IF to_regtype(item ->> 'type') IS NOT NULL THEN
                        EXECUTE 'ALTER TABLE ' || target || ' ADD COLUMN ' || (item ->> 'name') || ' ' || (item ->> 'type')
                            || (item ->> 'collate');
                    END IF;
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END LOOP;
            FOR item IN SELECT value FROM jsonb_array_elements(work -> 'expressions') LOOP
                BEGIN
                    kind := item ->> 'kind';
                    printed := item ->> 'sql';
                    forms := '[]';
                    -- What the server prints, it may print in another way once it has read that again.
                    FOR pass IN 1 .. passes LOOP
                        wrapped := '(' || printed || E'\\n)';
                        probe := NULL;
                        OPEN probe FOR EXECUTE 'SELECT ' || wrapped || ' FROM ' || target || ' WHERE false';
                        CLOSE probe;
                        IF kind = 'default' THEN
                            EXECUTE 'ALTER TABLE ' || target || ' ALTER COLUMN ' || (item ->> 'column') || ' SET DEFAULT ' || wrapped;
                            SELECT pg_get_expr(d.adbin, d.adrelid) INTO printed
                            FROM pg_attrdef AS d JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                            WHERE d.adrelid = target::regclass AND a.attname = item ->> 'bare';
                        ELSIF kind = 'computed' THEN
                            IF to_regtype(item ->> 'type') IS NULL THEN
                                RAISE EXCEPTION 'no such type';
                            END IF;
                            EXECUTE 'ALTER TABLE ' || target || ' ADD COLUMN schemadiff_judge ' || (item ->> 'type')
                                || (item ->> 'collate') || ' GENERATED ALWAYS AS ' || wrapped || ' STORED';
                            SELECT pg_get_expr(d.adbin, d.adrelid) INTO printed
                            FROM pg_attrdef AS d JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                            WHERE d.adrelid = target::regclass AND a.attname = 'schemadiff_judge';
                            IF pass < passes THEN
                                EXECUTE 'ALTER TABLE ' || target || ' DROP COLUMN schemadiff_judge';
                            END IF;
                        ELSE
                            IF kind = 'index' THEN
                                wrapped := '(' || wrapped || ' IS NULL)';
                            END IF;
                            EXECUTE 'ALTER TABLE ' || target || ' ADD CONSTRAINT schemadiff_judge CHECK ' || wrapped;
                            SELECT pg_get_expr(k.conbin, k.conrelid) INTO printed
                            FROM pg_constraint AS k WHERE k.conrelid = target::regclass AND k.contype = 'c';
                            IF pass < passes THEN
                                EXECUTE 'ALTER TABLE ' || target || ' DROP CONSTRAINT schemadiff_judge';
                            END IF;
                            IF kind = 'index' THEN
                                printed := substr(printed, 2, length(printed) - length('( IS NULL)'));
                            END IF;
                        END IF;
                        EXIT WHEN forms @> jsonb_build_array(printed);
                        forms := forms || jsonb_build_array(printed);
                        EXIT WHEN printed IS NULL;
                    END LOOP;
                    answers := array_append(answers, jsonb_build_array(item -> 'id', forms));
                    RAISE EXCEPTION USING ERRCODE = 'SDJ00';
                EXCEPTION
                    WHEN SQLSTATE 'SDJ00' THEN
                        NULL;
                    WHEN OTHERS THEN
                        answers := array_append(answers, jsonb_build_array(item -> 'id', SQLERRM));
                END;
            END LOOP;
            RAISE EXCEPTION USING ERRCODE = 'SDJ00';
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END LOOP;
    RETURN to_json(answers)::text;
END
"""

_FUNCTION = (
    "CREATE FUNCTION pg_temp.schemadiff_judge(shadows jsonb, tables jsonb, passes int) RETURNS text LANGUAGE plpgsql "
    f"AS {dollar_quoted(_BODY)}"
)
_CALL = "SELECT pg_temp.schemadiff_judge(CAST(:shadows AS jsonb), CAST(:tables AS jsonb), CAST(:passes AS int))"


def judge(connection: Connection, questions: Sequence[Question], source: Schema, target: Schema) -> Verdict:
    """Answer ``questions``; see :meth:`schemadiff.backends.base.Backend.judge`.

    Args:
        connection: the connection to the database that the source was read from.
        questions: the questions.
        source: what is there.
        target: what shall be there: types that only it has are made for the time of the questions.
    """
    answers = dict.fromkeys(questions, _NOT_SENT)
    sent = [question for question in questions if _expression(question.left) and _expression(question.right)]
    if not sent:
        return Verdict(answers)
    try:
        with scratch(connection):
            connection.exec_driver_sql(_FUNCTION, execution_options={"no_parameters": True})
            call = _Call(connection, _shadows(source, target))
            # Mostly the one expression was printed by the server, and is what it prints of the other. Where it is not, there is more to see.
            printed = call([(question, question.right) for question in sent], passes=1)
            answers |= {q: _answer(q, printed[q, q.right], []) for q in sent}
            open_ = [question for question in sent if answers[question].equal is False]
            printed = call([(q, side) for q in open_ for side in (q.left, q.right)], passes=3)
    except exc.DBAPIError as error:
        reason = " ".join(str(error.orig).split("\n", 1)[0].split())
        return Verdict({}, f"expressions were compared by their text alone, as the server could not be asked: {reason}")
    answers |= {q: _answer(q, printed[q, q.right], printed[q, q.left]) for q in open_}
    return Verdict(answers)


_NOT_SENT = Answer(None, refusal="not sent: one of the two is not one whole expression")

Printed = list[str | None] | str
"""What the server prints of an expression, and of that again; or the message with which it refuses it."""


def _answer(question: Question, right: Printed, left: Printed) -> Answer:
    for refusal in (right, left):
        if isinstance(refusal, str):
            return Answer(None, refusal=refusal)
    assert not isinstance(right, str)
    assert not isinstance(left, str)
    return Answer(_alike(question, right, left), next(iter(left), None), next(iter(right), None))


def _alike(question: Question, right: Sequence[str | None], left: Sequence[str | None]) -> bool:
    """Return True where the two expressions have a form in common.

    The forms of an expression are what is written, what the server prints of that, and what it prints of what it printed. One in common is enough.
    (``IN`` of a VARCHAR column is printed as a cast array, and that, read again, as an array of casts; a database that was restored from a
    dump has the latter.)
    """
    column = None if question.column is None else question.table.column(question.column)
    type_ = None if column is None else column.type

    def forms(texts: Iterable[str | None]) -> set[str | None]:
        return {None if text is None else canonical(text, question.kind, type_, None) for text in texts}

    return not forms([question.left, *left]).isdisjoint(forms([question.right, *right]))


def _expression(text: str) -> str | None:
    """Return the text of an expression as it is sent; None for what is not sent."""
    sql = without_comments(text)
    return sql if sql is not None and is_one_expression(sql, LEXICON) else None


_NO_TABLE = "the server could not make a table for it"


@dataclass
class _Call:
    """Calls the function that prints expressions."""

    connection: Connection
    shadows: list[Shadow]

    def __call__(self, wanted: Sequence[tuple[Question, str]], *, passes: int) -> dict[tuple[Question, str], Printed]:
        """Return what the server prints of each expression, or why it does not."""
        work = _Work()
        numbers = {(question, text): work.add(question, text) for question, text in wanted}
        if not numbers:
            return {}
        parameters = {
            "shadows": json.dumps([asdict(each) for each in self.shadows]),
            "tables": json.dumps(work.as_list()),
            "passes": passes,
        }
        printed = dict(json.loads(self.connection.execute(sa.text(_CALL), parameters).scalar_one()))
        return {key: printed.get(number, _NO_TABLE) for key, number in numbers.items()}


_Typed = tuple[str, str, str | None]
"""A column's name, type and collation."""


@dataclass
class _Work:
    """The expressions to print, each once, by the temporary table that they are put on.

    A table has the columns that its expressions mention. Tables whose columns are the same are one: thousands of tables with a default of
    ``now()`` make one temporary table, and one expression. It has the name of the expressions' own table where they may mention that.
    """

    tables: dict[tuple[str, tuple[_Typed, ...]], list[dict[str, Any]]] = field(default_factory=dict)
    _numbers: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def add(self, question: Question, text: str) -> int:
        """Note an expression and return its number."""
        words = mentioned(Expression(text, ""))
        used = words | ({question.column} if question.column else set())
        typed = tuple((c.name, c.type.sql, c.collation) for c in question.table.columns if c.name in used)
        own = question.name.name in words
        table = (question.name.name if own else _TABLE, typed)
        key = (table, question.kind, question.column, text)
        if key in self._numbers:
            return self._numbers[key]
        number = self._numbers[key] = len(self._numbers)
        column = None if question.column is None else question.table.column(question.column)
        expression = {"id": number, "kind": question.kind, "sql": _expression(text)}
        if column is not None:
            expression |= {"bare": column.name, "column": quoted(column.name)}
            expression |= _typed(column.type.sql, column.collation)
        self.tables.setdefault(table, []).append(expression)
        return number

    def as_list(self) -> list[dict[str, Any]]:
        """Return the work as the function takes it."""
        return [
            {
                "name": quoted(name),
                "columns": [{"name": quoted(column), **_typed(type_, collation)} for column, type_, collation in typed],
                "expressions": expressions,
            }
            for (name, typed), expressions in self.tables.items()
        ]


_TABLE = "schemadiff_judge"


def _typed(type_: str, collation: str | None) -> dict[str, str]:
    return {"type": type_, "collate": "" if collation is None else f" COLLATE {quoted_collation(collation)}"}


@dataclass(frozen=True, slots=True)
class Shadow:
    """Something that is made in the temporary schema.

    Args:
        sql: the statement.
        types: the types in it, which may come from anybody: it is sent only where the server finds each of them to be a type.
    """

    sql: str
    types: tuple[str, ...] = ()


def _shadows(source: Schema, target: Schema) -> list[Shadow]:
    """Return what makes the enum types, domains and sequences that only the target has, in the temporary schema.

    One in the default schema is found there by its bare name, just as it will be. One of another schema is not, and expressions
    that mention it stay without an answer.
    """
    enums = [target.enums[name] for name in sorted(target.enums.keys() - source.enums.keys()) if name.schema is None]
    sequences = [name for name in sorted(target.sequences.keys() - source.sequences.keys()) if name.schema is None]
    domains = [domain for name, domain in target.domains.items() if name not in source.domains and name.schema is None]
    return [
        *(shadow_type(enum) for enum in enums),
        *(shadow_domain(domain) for domain in domains),
        *(Shadow(f"CREATE TEMPORARY SEQUENCE {qualified(Name(name.name, 'pg_temp'))}") for name in sequences),
    ]


def shadow_domain(domain: Domain) -> Shadow:
    """Return what makes a domain in the temporary schema; its default and its checks are left out."""
    type_ = domain.type.sql
    return Shadow(f"CREATE DOMAIN {qualified(Name(domain.name.name, 'pg_temp'))} AS {type_}", (type_,))


def shadow_type(enum: Enum) -> Shadow:
    """Return what makes an enum type in the temporary schema."""
    values = ", ".join(literal(value) for value in enum.values)
    return Shadow(f"CREATE TYPE {qualified(Name(enum.name.name, 'pg_temp'))} AS ENUM ({values})")
