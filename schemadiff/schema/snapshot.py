"""The JSON form of a schema: a snapshot, which is stable, sorted and told by a JSON Schema.

All three (writing, reading, the JSON Schema) follow the fields of the nouns, so that a new field needs nothing here. A field that has its
default is left out. A name without a schema is a plain string; what a schema holds by name is a list, sorted by name.

Beside the schema stand the version of the form, and the revisions that its database stood at, where they are known: a Schema knows nothing of
revisions.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from schemadiff.errors import SnapshotError
from schemadiff.frozen import dataclass
from schemadiff.schema.columns import Column, Computed, Identity
from schemadiff.schema.names import Name
from schemadiff.schema.objects import OwnedSequence
from schemadiff.schema.schema import Schema
from schemadiff.schema.tables import Dependant
from schemadiff.schema.values import Expression, Options

__all__ = ["VERSION", "Snapshot", "dumps", "json_schema", "json_schema_text", "loads", "parse"]

VERSION = 1
"""The version of the form. It rises with each change that an older reader would misread."""

_Json = dict[str, Any]

# A field that may hold one of several nouns says which one it is, but for expressions, which are the usual case.
_KINDS: dict[str, type] = {"computed": Computed, "identity": Identity}

# What identifies an entry of a mapping, where that is not its field "name".
_KEYS: dict[type, Callable[[Any], Name]] = {
    Dependant: lambda each: Name(each.name, each.schema),
    OwnedSequence: lambda each: each.sequence.name,
}


_VERSION, _REVISIONS = "schemadiff_snapshot", "revisions"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot holds.

    Args:
        schema: the schema.
        revisions: the revisions that its database stood at; None where that is not known, as of models.
    """

    schema: Schema
    revisions: tuple[str, ...] | None = None


def dumps(schema: Schema, revisions: Iterable[str] | None = None) -> str:
    """Return ``schema`` as JSON: the same text for the same schema, with a newline at the end.

    Args:
        schema: the schema.
        revisions: the revisions that its database stands at; None where that is not known.
    """
    standing = {} if revisions is None else {_REVISIONS: sorted(revisions)}
    document = {_VERSION: VERSION, **standing, **_written(schema)}
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def loads(text: str) -> Schema:
    """Return the schema that a snapshot holds.

    Args:
        text: what :func:`dumps` gave.

    Raises:
        SnapshotError: it is no snapshot, or one of a newer form; the message says where it is wrong.
    """
    return parse(text).schema


def parse(text: str) -> Snapshot:
    """Return all that a snapshot holds.

    Args:
        text: what :func:`dumps` gave.

    Raises:
        SnapshotError: as for :func:`loads`.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SnapshotError(f"it is no JSON: {error}") from None
    version = document.pop(_VERSION, None) if isinstance(document, dict) else None
    if version is None:
        raise SnapshotError(f'it has no "{_VERSION}": write one with schemadiff snapshot')
    if type(version) is not int or not 1 <= version <= VERSION:
        raise SnapshotError(f"it is of version {version!r}, and this schemadiff reads {VERSION}: install a newer one")
    for each in _texts(document):
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in each):
            raise SnapshotError(f"it holds the text {_shown(each)}, which no database can hold")
    standing = document.pop(_REVISIONS, None)
    revisions = None if standing is None else _read(standing, tuple[str, ...], f"snapshot.{_REVISIONS}")
    return Snapshot(_read(document, Schema, "snapshot"), revisions)


def _texts(document: Any) -> Iterator[str]:
    """Yield every text in a document of JSON."""
    todo = [document]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            todo += [*each, *each.values()]
        elif isinstance(each, list):
            todo += each


@cache
def _fields(noun: type) -> tuple[tuple[Field[Any], Any], ...]:
    """Return the fields of a noun that are written, with their types. Where something came from is no part of it."""
    hints = get_type_hints(noun)
    return tuple((each, hints[each.name]) for each in fields(noun) if each.name != "origin")


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


# -- writing


def _written(value: Any) -> Any:
    if isinstance(value, Name):
        return value.name if value.schema is None else {"schema": value.schema, "name": value.name}
    if is_dataclass(value) and not isinstance(value, type):
        noun = {
            each.name: _field_written(getattr(value, each.name), hint)
            for each, hint in _fields(type(value))
            if getattr(value, each.name) != _default(each)
        }
        word = next((word for word, one in _KINDS.items() if isinstance(value, one)), None)
        return noun if word is None else {"kind": word, **noun}
    if isinstance(value, Mapping):
        return [_written(value[key]) for key in sorted(value)]
    if isinstance(value, frozenset):
        return [_written(each) for each in sorted(value)]
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if value is None or isinstance(value, (str, int, bool)):
        return value
    raise TypeError(f"{value!r} of type {type(value).__name__} has no JSON form")


def _field_written(value: Any, hint: Any) -> Any:
    return {key: _written(each) for key, each in value} if hint == Options else _written(value)


# -- reading


def _read(value: Any, hint: Any, where: str) -> Any:
    """Return what ``value`` stands for, which has to be of the type ``hint``."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint == Options:
        return tuple((key, _plain(each, f"{where}.{key}")) for key, each in _object(value, where).items())
    if hint is Name:
        return Name(value) if isinstance(value, str) else _noun(value, Name, where)
    if origin in (Union, types.UnionType):
        return _one_of(value, arguments, where)
    if origin is Mapping:
        entries = [_read(each, arguments[1], f"{where}[{n}]") for n, each in enumerate(_list(value, where))]
        return _by_name(entries, _KEYS.get(arguments[1], _name), where)
    if origin is frozenset:
        return frozenset(_read(each, arguments[0], f"{where}[{n}]") for n, each in enumerate(_list(value, where)))
    if origin is tuple:
        items = _tuple(value, arguments, where)
        if arguments[0] is Column:
            _by_name(items, _name, where)
        return items
    if is_dataclass(hint) and isinstance(hint, type):
        return _noun(value, hint, where)
    if type(value) is hint or (hint is None.__class__ and value is None):
        return value
    raise SnapshotError(f"{where} is {_shown(value)}, and has to be {_word(hint)}")


def _name(each: Any) -> Name:
    name: Name = each.name
    return name


def _by_name(entries: Iterable[Any], key: Callable[[Any], Any], where: str) -> dict[Any, Any]:
    """Return entries by what identifies them, which has to be unique."""
    found: dict[Any, Any] = {}
    for n, each in enumerate(entries):
        if found.setdefault(key(each), each) is not each:
            raise SnapshotError(f"{where}[{n}] is {_shown(str(key(each)))} once more: two of one name cannot be")
    return found


def _noun(value: Any, noun: type, where: str) -> Any:
    found = dict(_object(value, where))
    if noun in _KINDS.values():
        found.pop("kind", None)
    given: _Json = {}
    for each, hint in _fields(noun):
        if each.name in found:
            given[each.name] = _read(found.pop(each.name), hint, f"{where}.{each.name}")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise SnapshotError(f"{where} has no {each.name!r}")
    if found:
        raise SnapshotError(f"{where} has {min(found)!r}, which this schemadiff does not know: install a newer one")
    return noun(**given)


def _one_of(value: Any, choices: tuple[Any, ...], where: str) -> Any:
    if value is None and type(None) in choices:
        return None
    nouns = [each for each in choices if is_dataclass(each)]
    if isinstance(value, dict) and nouns:
        kind = _KINDS.get(str(value.get("kind")), Expression if Expression in nouns else nouns[0])
        if kind in nouns:
            return _read(value, kind, where)
    plain = [each for each in choices if not is_dataclass(each) and each is not type(None)]
    return _read(value, (plain or nouns)[0], where)


def _tuple(value: Any, arguments: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    entries = _list(value, where)
    if arguments[-1] is Ellipsis:
        return tuple(_read(each, arguments[0], f"{where}[{n}]") for n, each in enumerate(entries))
    if len(entries) != len(arguments):
        raise SnapshotError(f"{where} has {len(entries)} entries, and has to have {len(arguments)}")
    return tuple(
        _read(each, hint, f"{where}[{n}]") for n, (each, hint) in enumerate(zip(entries, arguments, strict=True))
    )


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, list):
        return tuple(_plain(each, f"{where}[{n}]") for n, each in enumerate(value))
    if value is None or isinstance(value, (str, int)):
        return value
    raise SnapshotError(f"{where} is {_shown(value)}, and has to be a text, a number or a list")


def _object(value: Any, where: str) -> _Json:
    if not isinstance(value, dict):
        raise SnapshotError(f"{where} is {_shown(value)}, and has to be an object")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise SnapshotError(f"{where} is {_shown(value)}, and has to be a list")
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _word(hint: Any) -> str:
    return {str: "a text", int: "a whole number", bool: "true or false"}.get(hint, str(hint))


# -- the JSON Schema


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of snapshots."""
    nouns: dict[str, _Json] = {}
    root = _noun_schema(Schema, nouns)
    revisions = {"type": "array", "items": {"type": "string"}}
    root["properties"] = {_VERSION: {"const": VERSION}, _REVISIONS: revisions, **root["properties"]}
    root["required"] = [_VERSION, *root["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "schemadiff snapshot",
        **root,
        "$defs": dict(sorted(nouns.items())),
    }


def json_schema_text() -> str:
    """Return the JSON Schema as it is published: the text of ``snapshot.schema.json`` beside this module."""
    return json.dumps(json_schema(), indent=2) + "\n"


def _noun_schema(noun: type, nouns: dict[str, _Json]) -> _Json:
    kind = next((word for word, each in _KINDS.items() if each is noun), None)
    properties: _Json = {} if kind is None else {"kind": {"const": kind}}
    required: list[str] = [] if kind is None else ["kind"]
    for each, hint in _fields(noun):
        properties[each.name] = _hint_schema(hint, nouns)
        if each.default is MISSING and each.default_factory is MISSING:
            required.append(each.name)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _hint_schema(hint: Any, nouns: dict[str, _Json]) -> _Json:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint == Options:
        return {"type": "object"}
    if is_dataclass(hint) and isinstance(hint, type):
        return _reference(hint, nouns)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_hint_schema(each, nouns) for each in arguments]}
    if origin is Mapping:
        return {"type": "array", "items": _hint_schema(arguments[1], nouns)}
    if origin is tuple and arguments[-1] is not Ellipsis:
        length = len(arguments)
        entries = [_hint_schema(each, nouns) for each in arguments]
        return {"type": "array", "prefixItems": entries, "minItems": length, "maxItems": length}
    if origin in (tuple, frozenset):
        return {"type": "array", "items": _hint_schema(arguments[0], nouns)}
    return {"type": {str: "string", int: "integer", bool: "boolean", type(None): "null"}[hint]}


def _reference(noun: type, nouns: dict[str, _Json]) -> _Json:
    if noun.__name__ not in nouns:
        nouns[noun.__name__] = {}
        schema = _noun_schema(noun, nouns)
        nouns[noun.__name__] = {"anyOf": [{"type": "string"}, schema]} if noun is Name else schema
    return {"$ref": f"#/$defs/{noun.__name__}"}
