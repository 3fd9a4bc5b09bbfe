"""Expressions that nobody has written: drawn from a grammar, or nearly those that somebody has."""

from __future__ import annotations

import random
import re

__all__ = ["drawn", "mutated"]

_COLUMNS = {
    "number": ["i", "small", "big", "n", "num", "f8", '"Mixed Case"', "pos"],
    "string": ["v", "w", "x", "c", "collated", "email", "code"],
    "moment": ["d", "ts", "tz"],
    "truth": ["b"],
}
_CONSTANTS = {
    "number": ["1", "-1", "- 2", "'1'", "1.0", "1.50", "0", "1::bigint", "1::numeric", "5000000000", "NULL"],
    "string": ["'a'", "'A'", "''", "'a'::text", "'a'::varchar", "'a'::varchar(5)", "'a'::char(3)", "E'it\\'s'", "NULL"],
    "moment": ["'2020-01-01'", "'2020-01-01'::date", "TIMESTAMP '2020-01-01 10:00'", "now()", "CURRENT_DATE"],
    "truth": ["true", "'f'", "NULL"],
}
_CASTS = {
    "number": ["int", "bigint", "numeric", "float8", "numeric(10,2)"],
    "string": ["text", "varchar", "varchar(5)", "char(3)", "bpchar"],
    "moment": ["date", "timestamp", "timestamptz"],
    "truth": ["bool"],
}
# What stands for {}, in order, is drawn from the words in brackets before.
_FORMS = {
    "number": [
        "[number number] {} + {}", "[number number] {} - ({})", "[number number] ({}) * {}", "[number number] {} % {}", "[number] -{}",
        "[string] length({})", "[number] abs({})", "[string string] strpos({}, {})", "[number number] coalesce({}, {})",
        "[truth number number] CASE WHEN {} THEN {} ELSE {} END", "[moment] extract(year from {})", "[number] round({})",
    ],
    "string": [
        "[string] lower({})", "[string string] {} || {}", "[string number] ({}) || {}", "[string] trim({})", "[string string] nullif({}, {})",
        "[string number] substr({}, {})", "[string number] left({}, {})", '[string] ({}) COLLATE "C"', "[string string] greatest({}, {})",
        "[number string string] CASE {} WHEN 1 THEN {} ELSE {} END",
    ],
    "moment": ["[moment] {} + '1 day'::interval", "[moment] date_trunc('day', {})", "[moment] ({}) AT TIME ZONE 'utc'"],
    "truth": [
        "[truth truth] {} AND {}", "[truth truth truth] {} OR ({} AND {})", "[truth] NOT {}", "[truth] NOT ({})", "[truth] ({}) IS TRUE",
        *(f"[{kind} {kind}] {{}} {operator} {{}}" for kind in ("number", "string", "moment", "truth") for operator in ("=", "<>", "<=")),
        *(f"[{kind} {kind} {kind}] {{}} {words}" for kind in ("number", "string", "moment")
          for words in ("IN ({}, {})", "NOT IN ({}, {})", "BETWEEN {} AND {}", "NOT BETWEEN {} AND {}", "= ANY (ARRAY[{}, {}])")),
        "[string string] {} LIKE {}", "[string string] {} NOT ILIKE {}", "[string string] {} ~ {}", "[number] ({}) IS NULL",
        "[number number] {} IS DISTINCT FROM {}", "[string string] ({}) IS NOT DISTINCT FROM {}",
    ],
}  # fmt: skip


def drawn(source: random.Random, kind: str = "truth", depth: int = 3) -> str:
    """Return an expression of some kind, which the server may refuse."""
    if depth == 0 or (kind != "truth" and source.random() < 0.35):
        return source.choice(source.choice([_COLUMNS, _COLUMNS, _CONSTANTS])[kind])
    if source.random() < 0.15:
        return f"({drawn(source, kind, depth - 1)})::{source.choice(_CASTS[kind])}"
    kinds, _, form = source.choice(_FORMS[kind])[1:].partition("] ")
    return form.format(*(drawn(source, each, depth - 1) for each in kinds.split()))


_CAST = re.compile(r"::[a-z]+(?: [a-z]+)*(?:\(\d+(?:,\d+)?\))?(?:\[\])?")
_NUMBER = re.compile(r"\b\d+\b(?!')")
_STRING = re.compile(r"'[^']*'")
_NAME = re.compile(r"\b(?:i|small|big|n|num|f8|v|w|x|c)\b(?!')")
_SIGN = re.compile(r" (?:AND|OR|=|<>|<|>|\+|-|\*) ")


def mutated(source: random.Random, text: str) -> str:
    """Return an expression that is nearly another one. The server may refuse it."""
    change = source.choice([
        (_CAST, [""]),
        (_CAST, ["::text", "::varchar", "::bpchar", "::numeric", "::bigint", "::varchar(5)"]),
        (_NUMBER, ["'{}'", "{}.0", "-{}", "({})", "{}::bigint"]),
        (_STRING, ["{}::text", "{}::varchar", "{}::varchar(5)", "{}::bpchar", "({})"]),
        (_NAME, ["i", "big", "n", "v", "x", "c", "email", "code", "pos", "{}::text", "{}::numeric", "({})"]),
        (_SIGN, [" AND ", " OR ", " = ", " <> ", " + ", " - "]),
        None,
    ])  # fmt: skip
    if change is not None:
        pattern, forms = change
        places = list(pattern.finditer(text))
        if not places:
            return f"NOT {text}"
        place = source.choice(places)
        return text[: place.start()] + source.choice(forms).replace("{}", place.group()) + text[place.end() :]
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for position, char in enumerate(text):
        if char == "(":
            opened.append(position)
        elif char == ")" and opened:
            pairs.append((opened.pop(), position))
    if not pairs:
        return f"({text})"
    start, end = source.choice(pairs)
    return f"{text[:start]} {text[start + 1 : end]} {text[end + 1 :]}"
