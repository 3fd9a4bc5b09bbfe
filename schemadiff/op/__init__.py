"""Operations, as revision files call them: ``from schemadiff import op``.

Names, arguments and their order are those that users of Alembic know. Each function builds nodes of the operation tree (see
:mod:`schemadiff.operations`) and hands them to whatever is active: a connection, a script of SQL, or a recording. All of
them raise :class:`~schemadiff.errors.OperationError` when no migration is running, and what the database says wrapped as
:class:`~schemadiff.errors.MigrationFailed`.

Names of constraints follow the naming convention of the environment's ``target_metadata``, as they do in a model; a name inside
:func:`f` is left as it is.
"""

from typing import TYPE_CHECKING, Any

from schemadiff.op.base import f, get_bind, get_context, invoke, run_async
from schemadiff.op.columns import add_column, alter_column, batch_alter_table, drop_column
from schemadiff.op.constraints import (
    create_check_constraint,
    create_exclude_constraint,
    create_foreign_key,
    create_index,
    create_primary_key,
    create_unique_constraint,
    drop_constraint,
    drop_index,
    exclude_constraint,
    rename_constraint,
    rename_index,
)
from schemadiff.op.custom import (
    CustomOperation,
    MigrateOperation,
    implementation_for,
    register,
    register_operation,
)
from schemadiff.op.dependants import create_dependant, drop_dependant
from schemadiff.op.domains import alter_domain, create_domain, domain_column, drop_domain
from schemadiff.op.statements import bulk_insert, execute, inline_literal
from schemadiff.op.tables import (
    alter_table,
    create_schema,
    create_table,
    create_table_comment,
    create_view,
    drop_schema,
    drop_table,
    drop_table_comment,
    drop_view,
    rename_table,
)
from schemadiff.op.types import (
    alter_enum,
    alter_sequence,
    create_enum,
    create_sequence,
    declared_type,
    drop_enum,
    drop_sequence,
    enum_column,
)
from schemadiff.runtime.batch import BatchOperations

__all__ = [
    "BatchOperations",
    "CustomOperation",
    "MigrateOperation",
    "add_column",
    "alter_column",
    "alter_domain",
    "alter_enum",
    "alter_sequence",
    "alter_table",
    "batch_alter_table",
    "bulk_insert",
    "create_check_constraint",
    "create_dependant",
    "create_domain",
    "create_enum",
    "create_exclude_constraint",
    "create_foreign_key",
    "create_index",
    "create_primary_key",
    "create_schema",
    "create_sequence",
    "create_table",
    "create_table_comment",
    "create_unique_constraint",
    "create_view",
    "declared_type",
    "domain_column",
    "drop_column",
    "drop_constraint",
    "drop_dependant",
    "drop_domain",
    "drop_enum",
    "drop_index",
    "drop_schema",
    "drop_sequence",
    "drop_table",
    "drop_table_comment",
    "drop_view",
    "enum_column",
    "exclude_constraint",
    "execute",
    "f",
    "get_bind",
    "get_context",
    "implementation_for",
    "inline_literal",
    "invoke",
    "register",
    "register_operation",
    "rename_constraint",
    "rename_index",
    "rename_table",
    "run_async",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        # Where a revision asks for it, the module that registers it has not been imported.
        raise AttributeError(
            f"op has no {name!r}: where it is an operation of your own, import the module that registers it (op.register) in env.py"
        )
