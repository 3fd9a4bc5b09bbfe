"""Builders of operations on whole tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import sqlalchemy as sa

from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AlterTable,
    CreateIndex,
    CreateTable,
    DropTable,
    Operation,
    RenameTable,
    SetTableComment,
)
from schemadiff.reflection.metadata import lower_table
from schemadiff.runtime.site import Site
from schemadiff.schema import UNSET, Options, Unset

__all__ = ["alter_table", "create_table", "drop_table", "for_backend", "rename_table", "table_comment"]


def create_table(
    site: Site,
    table_name: str,
    *columns: sa.schema.SchemaItem,
    if_not_exists: bool,
    schema: str | None,
    comment: str | None,
    **kw: Any,
) -> tuple[sa.Table, tuple[Operation, ...]]:
    """Return the table, and the operations that create it and its indexes."""
    table = sa.Table(str(table_name), site.metadata(), *columns, schema=schema, comment=comment, **kw)
    lowered = lower_table(table, site.backend, resolve=False)
    create = CreateTable(table=replace(lowered, indexes=()), if_not_exists=if_not_exists)
    indexes = [CreateIndex(table=lowered.name, index=index, if_not_exists=if_not_exists) for index in lowered.indexes]
    return table, (create, *indexes)


def drop_table(site: Site, table_name: str, *, schema: str | None, if_exists: bool) -> Operation:
    """Return the operation that drops a table."""
    return DropTable(name=site.name(table_name, schema), if_exists=if_exists)


def rename_table(site: Site, old_table_name: str, new_table_name: str, *, schema: str | None) -> Operation:
    """Return the operation that renames a table."""
    return RenameTable(name=site.name(old_table_name, schema), new_name=str(new_table_name))


def table_comment(
    site: Site,
    table_name: str,
    comment: str | None,
    *,
    existing_comment: str | None | Literal[False],
    schema: str | None,
) -> Operation:
    """Return the operation that sets or (None) drops the comment of a table."""
    before: str | None | Unset = UNSET if existing_comment is False else existing_comment
    return SetTableComment(name=site.name(table_name, schema), comment=comment, before=before)


def alter_table(
    site: Site,
    table_name: str,
    *,
    schema: str | None,
    options: Mapping[str, Any],
    existing_options: Mapping[str, Any] | None,
) -> tuple[Operation, ...]:
    """Return the operation that changes a table's options; nothing where all of them are other dialects'.

    Raises:
        UnsupportedOperation: a name has no dialect before it.
    """
    after = _options(site, options)
    if not after:
        return ()
    before: Options | Unset = UNSET if existing_options is None else _options(site, existing_options)
    return (AlterTable(name=site.name(table_name, schema), after=after, before=before),)


def _options(site: Site, given: Mapping[str, Any]) -> Options:
    """Return options with the backend's spelling of values; None stays, since it asks for the default."""
    own = for_backend(site, given)
    lowered = site.backend.options("table", {key: value for key, value in own.items() if value is not None})
    values = dict.fromkeys(key for key, value in own.items() if value is None) | dict(lowered)
    return tuple(sorted(values.items()))


def for_backend(site: Site, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dialect arguments that are meant for the backend, without their prefix.

    Raises:
        UnsupportedOperation: a name has no dialect before it.
    """
    found: dict[str, Any] = {}
    for key in given:
        dialect, underscore, name = key.partition("_")
        if not (dialect and underscore and name):
            raise UnsupportedOperation(
                f"{key!r} is no option of a dialect: write it with the dialect before it, as in mysql_{key}"
            )
    for prefix in reversed(site.backend.option_prefixes):
        for key, value in given.items():
            if key.startswith(f"{prefix}_"):
                found[key.removeprefix(f"{prefix}_")] = value
    return found
