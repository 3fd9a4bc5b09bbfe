"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision or "base" | comma,n}
Create Date: ${create_date}
"""

import sqlalchemy as sa
from schemadiff import op
% if imports:
${imports}
% endif

# These are read without running the file: keep them plain literals.
revision = ${literal(up_revision)}
down_revision = ${literal(down_revision)}
branch_labels = ${literal(branch_labels)}
depends_on = ${literal(depends_on)}


def upgrade(engine_name: str) -> None:
    run(f"upgrade_{engine_name}")


def downgrade(engine_name: str) -> None:
    run(f"downgrade_{engine_name}")


def run(name: str) -> None:
    # A database that came into the settings after this file has no functions here, and nothing to do.
    if name in globals():
        globals()[name]()
% for name in config.databases:


def upgrade_${name}() -> None:
    ${context.get(f"{name}_upgrades") or "pass"}


def downgrade_${name}() -> None:
    ${context.get(f"{name}_downgrades") or "pass"}
% endfor
