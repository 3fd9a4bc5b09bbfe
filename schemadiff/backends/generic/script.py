"""Scripts of SQL for clients of other databases: ``sqlcmd`` (SQL Server), SQL*Plus (Oracle), and whatever ends statements with ``;``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemadiff.backends.script import Guard, respelled, spans, stripped, terminated
from schemadiff.backends.tokens import Lexicon, Token
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass

__all__ = ["CLIENTS", "Client"]


@dataclass(frozen=True, kw_only=True)
class Client:
    """What a client reads.

    Args:
        name: its name, for messages.
        header: lines at the head of a script.
        begin, commit: what opens and closes the transaction of a revision; None for ``BEGIN`` and ``COMMIT``.
        end: what follows a statement.
        end_of_block: what follows a procedural block, whose last semicolon is its own; None where it is a statement like others.
        command: a line that the client takes for its own, also inside quotes.
        control: the format of a character that stands for itself in no literal, over ``code``; joined with ``joins``.
        split: what the client replaces, also inside quotes.
        guards: the statements that fail where the database does not stand where it should, over ``table``, ``holds`` and ``message``.
    """

    name: str = "the client"
    header: tuple[str, ...] = ()
    begin: tuple[str, ...] | None = None
    commit: tuple[str, ...] | None = None
    end: str = ";"
    end_of_block: str | None = None
    command: re.Pattern[str] | None = None
    control: str = ""
    joins: str = ""
    split: re.Pattern[str] | None = None
    guards: tuple[str, ...] = ()

    def statement(self, sql: str, lexicon: Lexicon) -> str:
        """Return a statement as the client reads it; empty where it says nothing.

        Raises:
            UnsupportedOperation: the client would read something else than what it says.
        """
        text = stripped(sql, lexicon)
        if not text:
            return ""
        if self.command is not None:
            text = self._safe(text, lexicon)
        if self.end_of_block is not None and _BLOCK.match(text):
            return f"{text}{self.end_of_block}"
        return terminated(text, self.end)

    def _safe(self, text: str, lexicon: Lexicon) -> str:
        found = [token for token, _, _ in spans(text, lexicon) or () if token.kind != "comment"]
        is_data = bool(found) and found[0].text.lower() in _DATA
        if is_data:
            text = respelled(text, lexicon, self._spelled)
        whole = text if self.split is None else self.split.sub("\n:", text)
        if self.command is not None and self.command.search(whole):
            shown = " ".join(text.split())[:60]
            raise UnsupportedOperation(
                f"statement {shown!r}: {self.name} would take a part of it for a command of its own: run it without --sql"
            )
        return text

    def _spelled(self, token: Token, written: str) -> str:
        if token.kind != "string" or not (
            "\n" in written or "\r" in written or (self.split and self.split.search(written))
        ):
            return written
        prefix, body = written[: written.index("'")], written[written.index("'") + 1 : -1]
        if self.split is not None:
            body = self.split.sub(lambda match: f"{match.group()[0]}{_CUT}{match.group()[1:]}", body)
        parts = [part for part in re.split(rf"([\r\n{_CUT}])", body) if part not in ("", _CUT)]
        spelled = (self.control.format(code=ord(part)) if part in "\r\n" else f"{prefix}'{part}'" for part in parts)
        return f"({self.joins.join(spelled)})"

    def guard(self, wanted: Guard) -> tuple[str, ...]:
        """Return the statements that fail where ``wanted`` does not hold."""
        message = "'" + wanted.message.replace("'", "''") + "'"
        return tuple(each.format(table=wanted.table, holds=wanted.holds, message=message) for each in self.guards)


_CUT = "\ue000"
_DATA = frozenset({"delete", "insert", "merge", "select", "update", "with"})
_BLOCK = re.compile(
    r"\s*(?:BEGIN|DECLARE|CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:NON)?EDITIONABLE\s+)?(?:FUNCTION|PROCEDURE|TRIGGER|PACKAGE|TYPE))\b",
    re.IGNORECASE,
)

CLIENTS: Mapping[str, Client] = {
    # An error ends its batch alone: what follows would run, outside of the transaction that the error has rolled back.
    "mssql": Client(
        name="sqlcmd",
        header=("SET XACT_ABORT ON;\nGO",),
        begin=("BEGIN TRANSACTION",),
        commit=("COMMIT TRANSACTION",),
        end=";\nGO\nIF @@ERROR <> 0 SET NOEXEC ON;\nGO",
        command=re.compile(r"^[ \t]*(?:GO\b|:|!!)", re.IGNORECASE | re.MULTILINE),
        control="CHAR({code})",
        joins=" + ",
        split=re.compile(r"\$\("),
        guards=(
            "DECLARE @rows int = (SELECT COUNT(*) FROM {table} WITH (TABLOCKX, HOLDLOCK)); "
            "IF NOT ({holds}) THROW 50000, {message}, 1",
        ),
    ),
    # A slash runs a statement, since a semicolon at the end of a line would do so inside of a literal too. DDL commits by itself, and
    # rows are committed with the version that they belong to.
    "oracle": Client(
        name="SQL*Plus",
        header=(
            "WHENEVER SQLERROR EXIT FAILURE ROLLBACK\nSET DEFINE OFF\nSET SQLBLANKLINES ON\nSET SQLTERMINATOR OFF\n"
            "SET BLOCKTERMINATOR OFF",
        ),
        begin=(),
        commit=("COMMIT",),
        end="\n/",
        end_of_block=";\n/",
        command=re.compile(r"^[ \t]*(?:/[ \t]*$|#|@)|-[ \t]*$", re.MULTILINE),
        control="CHR({code})",
        joins=" || ",
        guards=(
            "DECLARE n INTEGER; BEGIN SELECT COUNT(*) INTO n FROM dual WHERE {holds}; "
            "IF n = 0 THEN RAISE_APPLICATION_ERROR(-20000, {message}); END IF; END;",
        ),
    ),
}
