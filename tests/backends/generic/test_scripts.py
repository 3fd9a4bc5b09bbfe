"""Scripts for SQL Server and Oracle, which do not run here: ``--sql`` of a project, compared with files.

The files in ``scripts/`` hold what is printed today. To be held against are "ALTER TABLE", "IDENTITY", "SET IDENTITY_INSERT", "sp_rename",
"sp_addextendedproperty", "THROW" and "sqlcmd utility" of SQL Server's documentation, Oracle's SQL Language Reference and SQL*Plus User's Guide.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.backends import backend_for
from schemadiff.errors import UnsupportedOperation
from schemadiff.runtime.script import Script
from tests.support.running import Project

SCRIPTS = Path(__file__).parent / "scripts"
URLS = {"mssql": "mssql+pyodbc://sa:x@host/app?driver=any", "oracle": "oracle+oracledb://app:x@host/?service_name=app"}
DRIVERS = ("pyodbc", "oracledb", "cx_Oracle", "pymssql")

ONE = """
account = op.create_table(
    "account",
    sa.Column("id", sa.Integer, sa.Identity(start=10), primary_key=True),
    sa.Column("email", sa.String(100), nullable=False, server_default="it's"),
    sa.Column("total", sa.Numeric(10, 2)),
    sa.Column("made_at", sa.DateTime, server_default=sa.func.current_timestamp()),
    sa.Column("notes", sa.Text),
    sa.UniqueConstraint("email", name="uq_account_email"),
    sa.CheckConstraint("total > 0", name="ck_account_total"),
    comment="People's accounts",
)
op.create_table(
    "order line",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id", ondelete="CASCADE", name="fk_line_account")),
)
op.create_index("ix_account_total", "account", ["total"])
op.bulk_insert(account, [{"id": 1, "email": "a;\\nGO\\n/\\n&name $(x)"}])
"""
TWO = """
op.add_column("account", sa.Column("age", sa.Integer, server_default="1", nullable=False))
op.alter_column("account", "email", type_=sa.String(200), existing_type=sa.String(100), existing_nullable=False, server_default="x")
op.alter_column("account", "email", server_default=None)
op.alter_column("account", "total", nullable=False, existing_type=sa.Numeric(10, 2))
op.alter_column("account", "email", new_column_name="mail", comment="Where to write")
op.create_table_comment("account", "Members")
op.drop_constraint("ck_account_total", "account")
op.drop_index("ix_account_total", table_name="account")
op.rename_table("account", "member")
op.drop_table("nowhere", if_exists=True)
op.execute("CREATE VIEW v AS SELECT mail FROM member")
"""
BACK = """
op.execute("DROP VIEW v")
op.rename_table("member", "account")
op.drop_column("account", "age")
op.drop_table("order line")
"""


@pytest.mark.parametrize("dialect", sorted(URLS))
def test_the_script_of_a_project(dialect: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", URLS[dialect])
    project.revision("a1", ONE)
    project.revision("b2", TWO, "a1", BACK)
    script = "".join(
        project.ok(*arguments, "--sql").out
        for arguments in (("upgrade", "head"), ("downgrade", "b2:a1"), ("stamp", "a1:b2"))
    )
    # SQLAlchemy ends lines of CREATE TABLE with a space.
    assert re.sub(r"[ \t]+$", "", script, flags=re.M) == (SCRIPTS / f"{dialect}.sql").read_text(encoding="utf-8")
    assert not set(DRIVERS) & set(sys.modules), "a driver was imported"


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("mssql", "CREATE VIEW v AS SELECT 'a\nGO\nb' AS a"),
        ("mssql", "CREATE VIEW v AS SELECT 'a$(x)' AS a"),
        ("mssql", "CREATE VIEW v AS SELECT 'a\n:quit' AS a"),
        ("oracle", "CREATE VIEW v AS SELECT 'a\n/\nb' AS a FROM dual"),
        ("oracle", "CREATE VIEW v AS SELECT 'a\n#host x' AS a FROM dual"),
    ],
)
def test_what_the_client_would_take_for_its_own_is_refused(dialect: str, statement: str) -> None:
    backend = backend_for(sa.make_url(f"{dialect}://").get_dialect()())
    with pytest.raises(UnsupportedOperation, match=r"run it without --sql"):
        Script(backend).statement(statement)


def test_blocks_of_oracle_keep_their_semicolon() -> None:
    backend = backend_for(sa.make_url("oracle://").get_dialect()())
    script = Script(backend)
    script.statement("CREATE OR REPLACE TRIGGER t BEFORE INSERT ON x BEGIN NULL; END;")
    assert script.text().endswith("BEGIN NULL; END;\n/\n\n")
