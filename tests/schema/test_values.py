"""Nouns with other values."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pytest

from schemadiff.schema import Column, DataType, ForeignKey, Name, changed

COLUMN = Column(name="id", type=DataType("integer"), nullable=False, options=(("storage", "main"),), origin=object())
KEY = ForeignKey(
    name=None, columns=("a",), referent=Name("t"), referent_columns=("id",), implicit=True, origin=object()
)


@pytest.mark.parametrize(
    ("noun", "values"),
    [
        (COLUMN, {"name": "key"}),
        (COLUMN, {"nullable": True, "origin": None}),
        (COLUMN, {"type": DataType("integer", origin=object())}),
        (KEY, {"name": "t_a_fkey", "implicit": False}),
        (Name("t"), {"schema": "other"}),
    ],
)
def test_a_noun_is_made_anew_as_replace_makes_it(noun: Any, values: dict[str, Any]) -> None:
    found, wanted = changed(noun, **values), dataclasses.replace(noun, **values)
    assert type(found) is type(noun)
    for each in dataclasses.fields(noun):
        assert getattr(found, each.name) is getattr(wanted, each.name)
    assert found is not noun


def test_a_noun_that_has_the_values_is_itself() -> None:
    assert changed(COLUMN, name="id", nullable=False, options=COLUMN.options, type=COLUMN.type) is COLUMN
    assert changed(Name("t"), name="t", schema=None) == Name("t")


@dataclass(frozen=True)
class Counted:
    count: int
    twice: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.count)


def test_what_a_class_does_when_one_is_made_is_done() -> None:
    assert changed(Counted(1), count=2).twice == 4
