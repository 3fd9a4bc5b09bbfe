"""Our frozen dataclasses are what those of the standard library are."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, replace
from typing import Any, ClassVar

import pytest

from schemadiff.frozen import dataclass

MAKERS: dict[str, Callable[..., Any]] = {"standard": dataclasses.dataclass, "ours": dataclass}


def _classes(maker: Callable[..., Any], **options: Any) -> Any:
    class Base:
        """A class that is no dataclass."""

        __slots__ = ()
        kind: ClassVar[str] = "base"

    @maker(frozen=True, **options)
    class Point(Base):
        x: int
        y: int = 2
        labels: list[str] = field(default_factory=list, compare=False)
        note: Any = field(default=None, compare=False, repr=False)
        kind: ClassVar[str] = "point"

        def __post_init__(self) -> None:
            self.labels.append("made")

    return Point


@pytest.mark.parametrize("options", [{}, {"slots": True}, {"slots": True, "kw_only": True}], ids=str)
@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_what_a_class_does(maker: Callable[..., Any], options: dict[str, Any]) -> None:
    point = _classes(maker, **options)
    one, other = point(x=1), point(x=1, note="other")
    assert one == other
    assert hash(one) == hash(other) == hash((1, 2))
    assert one != point(x=2)
    assert one != (1, 2)
    assert repr(one) == f"{point.__qualname__}(x=1, y=2, labels=['made'])"
    assert one.labels is not other.labels
    assert replace(one, y=3, labels=[]) == point(x=1, y=3)
    assert [each.name for each in dataclasses.fields(one)] == ["x", "y", "labels", "note"]
    assert dataclasses.asdict(one) == {"x": 1, "y": 2, "labels": ["made"], "note": None}
    assert copy.deepcopy(one) == one
    assert point.__match_args__ == (() if "kw_only" in options else ("x", "y", "labels", "note"))
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        one.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del one.x
    if "kw_only" in options:
        with pytest.raises(TypeError):
            point(1)
    else:
        assert point(1, 5).y == 5
    with pytest.raises(TypeError, match="missing 1 required"):
        point()
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        point(x=1, z=1)
    assert hasattr(one, "__dict__") == ("slots" not in options)


@dataclass(frozen=True, slots=True)
class Kept:
    """At the top of a module, so that it can be pickled."""

    name: str
    inner: tuple[Kept, ...] = ()


def test_pickle() -> None:
    one = Kept("a", (Kept("b"),))
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_own_functions_stay(maker: Callable[..., Any]) -> None:
    @maker(frozen=True, slots=True)
    class Own:
        value: int

        def __repr__(self) -> str:
            return "mine"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    @maker(frozen=True, eq=False)
    class Alone:
        value: int

    assert repr(Own(1)) == "mine"
    assert Own(1) == Own(2)
    assert hash(Own(1)) == 7
    assert Alone(1) != Alone(1)


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_a_class_that_is_no_dataclass_may_have_attributes(maker: Callable[..., Any]) -> None:
    @maker(frozen=True)
    class Base:
        a: int = 1

    class Plain(Base):  # type: ignore[misc, valid-type, unused-ignore]
        def __init__(self, name: str) -> None:
            self.name = name

    one = Plain("x")
    assert (one.a, one.name) == (1, "x")
    one.name = "y"
    del one.name
    with pytest.raises(FrozenInstanceError):
        one.a = 2


@pytest.mark.parametrize("second", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("first", MAKERS.values(), ids=MAKERS)
def test_one_may_follow_another(first: Callable[..., Any], second: Callable[..., Any]) -> None:
    """A user's own class may come of one of ours."""

    @first(frozen=True)
    class Base:
        a: int

    @second(frozen=True)
    class Next(Base):
        b: int = 0

    assert Next(1, 2) == Next(1, 2)
    assert Next(1) != Base(1)
    assert repr(Next(1)).endswith("Next(a=1, b=0)")
    with pytest.raises(FrozenInstanceError):
        Next(1).b = 1


def test_init_is_compiled_with_the_first_instance() -> None:
    @dataclass(frozen=True, slots=True)
    class Late:
        a: int

    before = Late.__init__
    assert Late(1).a == 1
    assert Late.__init__ is not before
    assert Late(2).a == 2


@pytest.mark.parametrize("options", [{}, {"slots": True}, {"slots": True, "kw_only": True}], ids=str)
def test_the_signature_is_known_before_the_first_call(options: dict[str, bool]) -> None:
    ours, standard = _classes(dataclass, **options), _classes(dataclasses.dataclass, **options)
    assert str(inspect.signature(ours)) == str(inspect.signature(standard))

    class Plain(ours):  # type: ignore[misc, valid-type]
        pass

    class WithItsOwn(ours):  # type: ignore[misc, valid-type]
        def __init__(self, place: int) -> None:
            super().__init__(x=place)

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Standard(ours):  # type: ignore[misc, valid-type]
        size: int

    assert inspect.signature(Plain) == inspect.signature(ours)
    assert list(inspect.signature(WithItsOwn).parameters) == ["place"]
    assert {*inspect.signature(Standard).parameters} == {*inspect.signature(ours).parameters, "size"}
    assert WithItsOwn(3).x == 3
