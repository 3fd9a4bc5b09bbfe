"""The model that the diffs are measured on, of any number of tables."""

from __future__ import annotations

import sqlalchemy as sa

COLUMNS, INDEXES, FOREIGN_KEYS = 11, 2, 2


def model(tables: int) -> sa.MetaData:
    """Return a new model: each table has 11 columns, two of them foreign keys, and an index on each of those two.

    The tables of a smaller model are the first ones of a larger one, so that a database can grow.
    """
    metadata = sa.MetaData()
    for number in range(tables):
        name = table_name(number)
        parent, previous = table_name(number // 2), table_name(max(number - 1, 0))
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("parent_id", sa.Integer, sa.ForeignKey(f"{parent}.id", name=f"fk_{name}_parent_id")),
            sa.Column("previous_id", sa.Integer, sa.ForeignKey(f"{previous}.id", name=f"fk_{name}_previous_id")),
            sa.Column("code", sa.String(40), nullable=False),
            sa.Column("title", sa.String(200), server_default="", nullable=False),
            sa.Column("body", sa.Text),
            sa.Column("amount", sa.Numeric(12, 2), server_default="0", nullable=False),
            sa.Column("quantity", sa.BigInteger),
            sa.Column("weight", sa.Float),
            sa.Column("is_active", sa.Boolean, server_default=sa.true(), nullable=False),
            sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
            sa.Index(f"ix_{name}_parent_id", "parent_id"),
            sa.Index(f"ix_{name}_previous_id", "previous_id"),
        )
    return metadata


def table_name(number: int) -> str:
    """Return the name of a table by its number."""
    return f"item_{number:05}"
