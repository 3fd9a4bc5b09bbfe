"""The names and parameters that users of Alembic know: each is here, and takes what it takes there."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from schemadiff import op
from schemadiff.runtime.batch import BatchOperations

# Names of the module ``op`` of Alembic 1.20, and of its batches, each with its parameters in order; those behind ``*`` by name alone.
# Keywords that it takes unnamed (**kw) are tried in the tests of each function.
OP = {
    "add_column": "table_name, column, *, schema, if_not_exists, inline_references, inline_primary_key",
    "alter_column": (
        "table_name, column_name, *, nullable, comment, server_default, new_column_name, type_, existing_type, "
        "existing_server_default, existing_nullable, existing_comment, schema"
    ),
    "batch_alter_table": (
        "table_name, schema, recreate, partial_reordering, copy_from, table_args, table_kwargs, reflect_args, reflect_kwargs, "
        "naming_convention"
    ),
    "bulk_insert": "table, rows, *, multiinsert",
    "create_check_constraint": "constraint_name, table_name, condition, *, schema",
    "create_exclude_constraint": "constraint_name, table_name, *elements",
    "create_foreign_key": (
        "constraint_name, source_table, referent_table, local_cols, remote_cols, *, onupdate, ondelete, deferrable, initially, match, "
        "source_schema, referent_schema"
    ),
    "create_index": "index_name, table_name, columns, *, schema, unique, if_not_exists",
    "create_primary_key": "constraint_name, table_name, columns, *, schema",
    "create_table": "table_name, *columns, if_not_exists",
    "create_table_comment": "table_name, comment, *, existing_comment, schema",
    "create_unique_constraint": "constraint_name, table_name, columns, *, schema",
    "drop_column": "table_name, column_name, *, schema",
    "drop_constraint": "constraint_name, table_name, type_, *, schema, if_exists",
    "drop_index": "index_name, table_name, *, schema, if_exists",
    "drop_table": "table_name, *, schema, if_exists",
    "drop_table_comment": "table_name, *, existing_comment, schema",
    "execute": "sqltext, *, execution_options",
    "f": "name",
    "get_bind": "",
    "get_context": "",
    "implementation_for": "op_cls, *, replace",
    "inline_literal": "value, type_",
    "invoke": "operation",
    "register_operation": "name, sourcename",
    "rename_table": "old_table_name, new_table_name, *, schema",
    "run_async": "async_function, *args",
}
BATCH = {
    "add_column": "column, *, insert_before, insert_after, if_not_exists, inline_references, inline_primary_key",
    "alter_column": (
        "column_name, *, nullable, comment, server_default, new_column_name, type_, existing_type, existing_server_default, "
        "existing_nullable, existing_comment, insert_before, insert_after"
    ),
    "create_check_constraint": "constraint_name, condition",
    "create_exclude_constraint": "constraint_name, *elements",
    "create_foreign_key": (
        "constraint_name, referent_table, local_cols, remote_cols, *, referent_schema, onupdate, ondelete, deferrable, initially, match"
    ),
    "create_index": "index_name, columns",
    "create_primary_key": "constraint_name, columns",
    "create_table_comment": "comment, *, existing_comment",
    "create_unique_constraint": "constraint_name, columns",
    "drop_column": "column_name",
    "drop_constraint": "constraint_name, type_",
    "drop_index": "index_name",
    "drop_table_comment": "*, existing_comment",
    "execute": "sqltext, *, execution_options",
    "f": "name",
    "get_bind": "",
    "get_context": "",
    "inline_literal": "value, type_",
    "invoke": "operation",
    "run_async": "async_function, *args",
}
# Where further keywords are taken (**kw): dialects' options, or what an SQLAlchemy object takes.
KEYWORDS = {
    "alter_column", "create_check_constraint", "create_exclude_constraint", "create_foreign_key", "create_index", "create_table",
    "create_unique_constraint", "drop_column", "drop_index", "drop_table", "run_async",
}  # fmt: skip
# Of no use in a revision: they belong to how Alembic makes its module, and to running operations without env.py
# (schemadiff.runtime.migration.MigrationContext.operations()).
NOT_HERE = {"context", "create_module_class_proxy"}

CASES = [(op, name, parameters) for name, parameters in OP.items()]
CASES += [(BatchOperations, name, parameters) for name, parameters in BATCH.items()]


@pytest.mark.parametrize(
    ("where", "name", "parameters"), CASES, ids=[f"{getattr(w, '__name__', w)}.{n}" for w, n, _ in CASES]
)
def test_name_and_parameters(where: Any, name: str, parameters: str) -> None:
    ours = [p for p in inspect.signature(getattr(where, name)).parameters.values() if p.name != "self"]
    positional = [p.name for p in ours if p.kind is p.POSITIONAL_OR_KEYWORD]
    starred = next((f"*{p.name}" for p in ours if p.kind is p.VAR_POSITIONAL), "*")
    by_name = {p.name for p in ours if p.kind is p.KEYWORD_ONLY}
    wanted = [each for each in parameters.split(", ") if each]
    star = next((each for each in wanted if each.startswith("*")), None)
    at = len(wanted) if star is None else wanted.index(star)
    assert positional == wanted[:at]
    assert star in (None, starred)
    assert set(wanted[at + 1 :]) <= by_name
    assert name not in KEYWORDS or any(p.kind is p.VAR_KEYWORD for p in ours)


def test_everything_that_is_there_is_told() -> None:
    assert set(OP) <= set(op.__all__)
    assert not NOT_HERE & set(dir(op))
    assert [name for name in op.__all__ if not hasattr(op, name)] == []


# What Alembic has not.
OURS = {
    "alter_domain", "alter_enum", "alter_sequence", "alter_table", "create_domain", "create_enum", "create_schema", "create_sequence",
    "create_view", "drop_domain", "drop_enum", "drop_schema", "drop_sequence", "drop_view", "rename_constraint", "rename_index",
}  # fmt: skip


def test_what_is_missing_elsewhere() -> None:
    assert set(op.__all__) >= OURS
    batch = {"alter_table", "rename_constraint", "rename_index", "rename_table"}
    assert all(hasattr(BatchOperations, name) for name in batch)


@pytest.mark.parametrize("name", sorted({*OURS, *OP} - {"f"}))
def test_documented(name: str) -> None:
    assert len(inspect.getdoc(getattr(op, name)) or "") > 10
