"""The tokenizer: what it takes apart, what it finds the same, and what does not get past it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemadiff.backends import tokens
from schemadiff.backends.tokens import Lexicon, Token, TokenError, canonical, is_one_expression, scan, tokenize

STANDARD = Lexicon()
POSTGRESQL = Lexicon(dollar_quotes=True)
MYSQL = Lexicon(identifier_quotes="`", string_quotes="'\"", backslash_escapes=True, hash_comments=True)
SQLITE = Lexicon(identifier_quotes='"`[')

TOKENS = [
    (STANDARD, "a.b >= 'it''s'", ["word a", "operator .", "word b", "operator >=", "string 'it''s'"]),
    (STANDARD, '"a ""b""" -- c\n/* d */ 1e3', ['identifier a "b"', "comment -- c", "comment /* d */", "number 1e3"]),
    (STANDARD, "f(x,1);", ["word f", "open (", "word x", "comma ,", "number 1", "close )", "semicolon ;"]),
    (POSTGRESQL, "E'a\\'b' || $x$ ' $x$::text", ["string E'a\\'b'", "operator ||", "string $x$ ' $x$", "operator ::", "word text"]),
    (POSTGRESQL, "x'00' e 'y' u&'z'", ["string x'00'", "word e", "string 'y'", "string u&'z'"]),
    (POSTGRESQL, "arr[1]", ["word arr", "open [", "number 1", "close ]"]),
    (MYSQL, "`a``b` = \"c\\\"d\" # e", ["identifier a`b", "operator =", 'string "c\\"d"', "comment # e"]),
    (MYSQL, "_utf8mb4'a'", ["string _utf8mb4'a'"]),
    (SQLITE, "[a b] `c` 'd'", ["identifier a b", "identifier c", "string 'd'"]),
    (SQLITE, "é😀\u00a0x y", ["word é😀\u00a0x", "word y"]),
    (SQLITE, "ESCAPE'\\'", ["word ESCAPE", "string '\\'"]),
]  # fmt: skip


@pytest.mark.parametrize(("lexicon", "sql", "wanted"), TOKENS)
def test_tokens(lexicon, sql, wanted):
    assert [f"{token.kind} {token.text}" for token in tokenize(sql, lexicon)] == wanted
    assert all(sql[start:end].strip() for _, start, end in scan(sql, lexicon))


@pytest.mark.parametrize("sql", ["'a", '"a', "/* a", "'a''", "$x$ a"])
def test_what_is_left_open(sql):
    with pytest.raises(TokenError):
        tokenize(sql, POSTGRESQL)


@given(st.text(alphabet="aeEnxU&_1 \t\n'\"`[]()$,;.:-+/*\\é#", max_size=20))
def test_the_short_cut_for_plain_tokens_changes_nothing(text):
    for lexicon in (STANDARD, POSTGRESQL, MYSQL, SQLITE):
        assert _outcome(text, lexicon, short_cut=True) == _outcome(text, lexicon, short_cut=False)


def _outcome(sql: str, lexicon: Lexicon, *, short_cut: bool) -> list[Token] | str:
    found: list[Token] = []
    position = 0
    try:
        if short_cut:
            return list(tokenize.__wrapped__(sql, lexicon))
        while position < len(sql):
            if space := tokens._SPACE.match(sql, position):
                position = space.end()
                continue
            token, position = tokens._next(sql, position, lexicon)
            found.append(token)
    except TokenError as error:
        return str(error)
    return found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a > 0", "((A>0))", True),
        ("a > 0 -- x", 'a /* y */ > "a"'.replace('"a"', "0"), True),
        ('"a" > 0', "a > 0", True),
        ('"A" > 0', "a > 0", False),
        ("a = 'x'", "a = 'X'", False),
        ("(a) + (b)", "a) + (b", False),
        ('"user"', "user", False),
        ("a = ' '", "a = '  '", False),
    ],
)
def test_spellings_of_the_same(one, other, same):
    assert (canonical(one, STANDARD) == canonical(other, STANDARD)) is same


@pytest.mark.parametrize(
    "sql",
    [
        "", "1)); create table x(i int", "1; drop table t", "1, 2", "1 -- x", "1 /* x */", "(1", "1)", "'a", '"a', "(1))", ")(", "$$a",
    ],
)  # fmt: skip
def test_what_does_not_get_past(sql):
    assert not is_one_expression(sql, POSTGRESQL)


@pytest.mark.parametrize("sql", ["1", "(1)", "f(1, 2)", "'1)); drop table t'", "a[1]", "';'", '"a;b"', "$$;$$"])
def test_what_is_one_expression(sql):
    assert is_one_expression(sql, POSTGRESQL)
