"""Which operator or function PostgreSQL means, given the types of what it is applied to; and the common type of several expressions.

It is the algorithm of "Type Conversion" in the manual (src/backend/parser/parse_oper.c, parse_func.c and parse_coerce.c), over the operators and
functions of ``pg_catalog``. A type is the name that it has in ``pg_type``; an array is its element's name with ``[]``, an enum type is ``enum`` and
its name, and a string or NULL whose type is open yet is ``unknown``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from schemadiff.backends.postgresql.signatures import Signature, functions, implicit_casts, operators, type_categories
from schemadiff.backends.reading import NotUnderstood

__all__ = ["UNKNOWN", "becomes", "common_type", "element_type", "function", "is_known", "operator"]

UNKNOWN = "unknown"

_ENUM = "enum "


def is_known(type_: str) -> bool:
    """Return True where we know all that PostgreSQL can do with a type: it is one of its own, or an enum type, or an array of such."""
    element = type_.removesuffix("[]")
    return element in type_categories() or element.startswith(_ENUM)


def element_type(type_: str) -> str | None:
    """Return the type of the elements of an array; None where it is none."""
    return type_[:-2] if type_.endswith("[]") else None


def _category(type_: str) -> tuple[str, bool]:
    """Return the category of a type, and whether it is preferred in it."""
    if type_ == UNKNOWN:
        return "X", False
    if type_.startswith("any"):
        return "P", False
    if type_.endswith("[]"):
        return "A", False
    if type_.startswith(_ENUM):
        return "E", False
    return type_categories()[type_]


def becomes(source: str, target: str) -> bool:
    """Return True where an expression of one type becomes one of the other by itself."""
    if source in (target, UNKNOWN) or (source, target) in implicit_casts():
        return True
    one, other = element_type(source), element_type(target)
    return one is not None and other is not None and (one, other) in implicit_casts()


def common_type(types: Sequence[str]) -> str | None:
    """Return the type that several expressions become where they have to be of one; None where there is none (select_common_type())."""
    if types[0] != UNKNOWN and all(each == types[0] for each in types):
        return types[0]
    found = types[0]
    for each in types[1:]:
        if each in (UNKNOWN, found):
            continue
        if found == UNKNOWN:
            found = each
        elif _category(found)[0] != _category(each)[0]:
            return None
        elif not _category(found)[1] and becomes(found, each) and not becomes(each, found):
            found = each
    if found == UNKNOWN:
        return "text"
    return found if all(becomes(each, found) for each in types) else None


@cache
def operator(name: str, types: tuple[str, ...]) -> Signature:
    """Return the types that an operator takes and gives, given those of its arguments.

    Raises:
        NotUnderstood: there is no such operator for them, or we do not know which it is.
    """
    candidates = [each for each in operators().get(name, ()) if len(each.arguments) == len(types)]
    _refuse_foreign(types)
    # A constant that is open yet is taken to be what the other side is.
    known = [each for each in types if each != UNKNOWN]
    exact = tuple(known[0] if each == UNKNOWN and len(known) == 1 else each for each in types)
    found = next((each for each in candidates if each.arguments == exact), None)
    return _settled(found or _chosen(candidates, types), types)


@cache
def function(name: str, types: tuple[str, ...]) -> Signature:
    """Return the types that a function takes and gives, given those of its arguments.

    Raises:
        NotUnderstood: as for :func:`operator`.
    """
    _refuse_foreign(types)
    if name in _ANY:
        before, result = _ANY[name]
        if len(types) > len(before) and all(map(becomes, types, before)):
            return Signature((*before, *["any"] * (len(types) - len(before))), result)
        raise NotUnderstood(f"{name} with such arguments")
    candidates = [each for each in functions().get(name, ()) if len(each.arguments) == len(types)]
    found = next((each for each in candidates if each.arguments == types), None)
    return _settled(found or _chosen(candidates, types), types)


# Functions that take any number of arguments of any types, behind some of a certain type; and what they give.
_ANY: dict[str, tuple[tuple[str, ...], str]] = {
    "concat": ((), "text"),
    "concat_ws": (("text",), "text"),
    "num_nulls": ((), "int4"),
    "num_nonnulls": ((), "int4"),
    "json_build_array": ((), "json"),
    "json_build_object": ((), "json"),
    "jsonb_build_array": ((), "jsonb"),
    "jsonb_build_object": ((), "jsonb"),
}


def _refuse_foreign(types: Iterable[str]) -> None:
    for each in types:
        if each != UNKNOWN and not is_known(each):
            raise NotUnderstood(f"the type {each}")


def _chosen(candidates: Sequence[Signature], types: Sequence[str]) -> Signature:
    """Return the candidate that PostgreSQL takes (func_match_argtypes() and func_select_candidate())."""
    left = [each for each in candidates if _matches(each.arguments, types)]
    known = [(i, type_) for i, type_ in enumerate(types) if type_ != UNKNOWN]
    if not known and not any("text" in each.arguments for each in left):
        # What we have left out might be what is meant.
        raise NotUnderstood("constants of no type")
    left = _best(left, lambda each: sum(each.arguments[i] == type_ for i, type_ in known))
    left = _best(left, lambda each: sum(_is_preferred(each.arguments[i], type_) for i, type_ in known))
    if len(left) > 1 and len(known) < len(types):
        left = _by_category(left, [i for i, type_ in enumerate(types) if type_ == UNKNOWN])
        if len(left) > 1 and len({type_ for _, type_ in known}) == 1:
            same = [known[0][1]] * len(types)
            left = [each for each in left if _matches(each.arguments, same)]
    if len(left) != 1:
        raise NotUnderstood("no operator or function, or several")
    return left[0]


def _matches(wanted: Sequence[str], types: Sequence[str]) -> bool:
    if not all(each.startswith("any") or becomes(type_, each) for each, type_ in zip(wanted, types, strict=True)):
        return False
    return _generic(wanted, types) is not None


def _best(candidates: list[Signature], points: Callable[[Signature], int]) -> list[Signature]:
    if len(candidates) < 2:
        return candidates
    most = max(map(points, candidates))
    return [each for each in candidates if points(each) == most]


def _is_preferred(wanted: str, type_: str) -> bool:
    category, preferred = _category(wanted)
    return wanted == type_ or (preferred and category == _category(type_)[0])


def _by_category(candidates: list[Signature], places: Sequence[int]) -> list[Signature]:
    """Return the candidates whose types for constants that are open yet are of one category: strings, where any takes them."""
    wanted: dict[int, tuple[str, bool]] = {}
    for place in places:
        found = {_category(each.arguments[place]) for each in candidates}
        categories = {category for category, _ in found}
        if len(categories) > 1 and "S" not in categories:
            return candidates
        category = "S" if "S" in categories else categories.pop()
        wanted[place] = (category, (category, True) in found)

    def fits(each: Signature) -> bool:
        for place, (category, preferred) in wanted.items():
            own, own_preferred = _category(each.arguments[place])
            if own != category or (preferred and not own_preferred):
                return False
        return True

    return [each for each in candidates if fits(each)] or candidates


# -- polymorphic types


def _settled(signature: Signature, types: Sequence[str]) -> Signature:
    """Return ``signature`` with the types that polymorphic ones stand for."""
    generic = _generic(signature.arguments, types)
    if generic is None:
        raise NotUnderstood("arguments that do not fit together")

    def settled(type_: str) -> str:
        if not type_.startswith("any") or type_ == "any":
            return type_
        if type_ not in generic:
            raise NotUnderstood("a type that is open")
        return generic[type_]

    is_generic = any(each.startswith("any") for each in signature.arguments)
    return Signature(tuple(map(settled, signature.arguments)), settled(signature.result), is_generic)


def _generic(wanted: Sequence[str], types: Sequence[str]) -> dict[str, str] | None:
    """Return what polymorphic types stand for; None where the arguments do not fit together."""
    pairs = [(each, type_) for each, type_ in zip(wanted, types, strict=True) if type_ != UNKNOWN]
    elements: set[str] = set()
    compatible: list[str] = []
    ranges: dict[str, set[str]] = {"anyrange": set(), "anymultirange": set()}
    for each, type_ in pairs:
        if each in ("anyarray", "anycompatiblearray"):
            element = element_type(type_)
            if element is None:
                return None
            if each == "anyarray":
                elements.add(element)
            else:
                compatible.append(element)
        elif each in ranges:
            if _subtype(type_) is None or ("multi" in each) != ("multi" in type_):
                return None
            ranges[each].add(type_)
        elif each == "anycompatible":
            compatible.append(type_)
        elif each in ("anyelement", "anynonarray", "anyenum"):
            if (each == "anynonarray" and type_.endswith("[]")) or (
                each == "anyenum" and (not type_.startswith(_ENUM) or type_.endswith("[]"))
            ):
                return None
            elements.add(type_)
    return _stands_for(elements, compatible, ranges)


def _stands_for(elements: set[str], compatible: list[str], ranges: dict[str, set[str]]) -> dict[str, str] | None:
    subtypes = {(_subtype(each) or "") for found in ranges.values() for each in found}
    if len(elements | subtypes) > 1 or any(len(found) > 1 for found in ranges.values()):
        return None
    result: dict[str, str] = {}
    for element in elements | subtypes:
        result |= dict.fromkeys(("anyelement", "anynonarray", "anyenum"), element) | {"anyarray": f"{element}[]"}
    for name, found in ranges.items():
        result |= dict.fromkeys([name] if found else [], next(iter(found), ""))
    # A range and a multirange over the same type belong together.
    if "anyrange" in result and "anymultirange" not in result:
        result["anymultirange"] = result["anyrange"].replace("range", "multirange")
    if "anymultirange" in result and "anyrange" not in result:
        result["anyrange"] = result["anymultirange"].replace("multirange", "range")
    if compatible:
        common = common_type(compatible)
        if common is None:
            return None
        result |= {"anycompatible": common, "anycompatiblearray": f"{common}[]"}
    return result


_SUBTYPES = {
    "int4range": "int4",
    "int8range": "int8",
    "numrange": "numeric",
    "daterange": "date",
    "tsrange": "timestamp",
    "tstzrange": "timestamptz",
}


def _subtype(type_: str) -> str | None:
    """Return what a range, or a multirange, is a range of."""
    return _SUBTYPES.get(type_.replace("multirange", "range"))
