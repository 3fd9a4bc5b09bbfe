"""Names of objects, qualified by the schema that they live in."""

from __future__ import annotations

from schemadiff.frozen import dataclass

__all__ = ["Name", "ascii_lower"]

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """Return ``text`` with the letters A to Z in lower case: as SQLite and PostgreSQL fold names, whatever other letters do."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a table, type, sequence or view.

    Args:
        name: the bare name, unquoted, in the case in which the database stores it.
        schema: the schema, or None for the connection's default schema. The default schema written out ("public") is
            lowered to None, so that both spellings are one name.
    """

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema is not None else self.name

    @property
    def sort_key(self) -> tuple[str, str]:
        """A key that orders names of the default schema first."""
        return (self.schema or "", self.name)

    def __lt__(self, other: Name) -> bool:
        if self.schema == other.schema:
            return self.name < other.name
        return self.sort_key < other.sort_key
