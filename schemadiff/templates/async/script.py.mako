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


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
