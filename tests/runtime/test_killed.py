"""kill -9: whatever statement a run dies at, the database is at a revision or its journal says how far it came, and the next run ends it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa

from tests import oracle
from tests.runtime.killing import THE_END, Kill, Killer, Run
from tests.support.replicas import run_at_once
from tests.support.running import Project
from tests.support.servers import Backend

URL = "KILLED_URL"
Direction = Literal["upgrade", "downgrade"]
GOAL = {"upgrade": "head", "downgrade": "base"}

# Each revision changes rows in a way that shows when it is done twice, and its downgrade takes exactly that back.
R1 = (
    """
    op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50), nullable=False))
    invoice = op.create_table(
        "invoice",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id", name="invoice_customer_fk"), nullable=False),
    )
    op.create_index("invoice_customer_ix", "invoice", ["customer_id"])
    op.execute("INSERT INTO customer VALUES (1, 'Ann'), (2, 'Bob')")
    op.bulk_insert(invoice, [{"number": 7, "customer_id": 1}, {"number": 7, "customer_id": 2}])
    """,
    """
    op.drop_table("invoice")
    op.drop_table("customer")
    """,
)
R2 = (
    """
    op.add_column("customer", sa.Column("balance", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE customer SET balance = balance + id")
    note = op.create_table("note", sa.Column("said", sa.String(50)), sa.Column("at", sa.Integer))
    op.bulk_insert(note, [{"said": "begun", "at": 1}, {"said": "begun", "at": 2}])
    op.execute("UPDATE invoice SET number = number + 1")
    """,
    """
    op.execute("UPDATE invoice SET number = number - 1")
    op.drop_table("note")
    op.drop_column("customer", "balance")
    """,
)
# It leaves its transaction in both directions. Its upgrade can be taken back wherever it ends, since each of its operations has a reverse.
R3 = (
    """
    op.create_index("customer_name_ix", "customer", ["name"])
    with op.get_context().autocommit_block():
        op.create_index("note_at_ix", "note", ["at"], postgresql_concurrently=True)
        op.create_index("note_said_ix", "note", ["said"], postgresql_concurrently=True)
    op.add_column("note", sa.Column("author", sa.String(20)))
    """,
    """
    op.drop_column("note", "author")
    with op.get_context().autocommit_block():
        op.drop_index("note_said_ix", "note", postgresql_concurrently=True)
        op.drop_index("note_at_ix", "note", postgresql_concurrently=True)
    op.drop_index("customer_name_ix", "customer")
    """,
)
# Rows are changed before it leaves its transaction, outside of it, and afterwards; a table is rebuilt on SQLite.
R4 = (
    """
    with op.batch_alter_table("invoice") as batch:
        batch.drop_constraint("invoice_customer_fk", type_="foreignkey")
        batch.alter_column("number", existing_type=sa.Integer(), existing_nullable=False, type_=sa.BigInteger())
    op.execute("UPDATE invoice SET number = number * 3")
    with op.get_context().autocommit_block():
        op.create_index("customer_balance_ix", "customer", ["balance"], postgresql_concurrently=True)
        op.execute("UPDATE customer SET balance = balance + 100")
        op.drop_index("note_at_ix", "note", postgresql_concurrently=True)
    op.execute("UPDATE customer SET balance = balance + 1000")
    """,
    """
    op.execute("UPDATE customer SET balance = balance - 1000")
    with op.get_context().autocommit_block():
        op.create_index("note_at_ix", "note", ["at"], postgresql_concurrently=True)
        op.execute("UPDATE customer SET balance = balance - 100")
        op.drop_index("customer_balance_ix", "customer", postgresql_concurrently=True)
    op.execute("UPDATE invoice SET number = number / 3")
    with op.batch_alter_table("invoice") as batch:
        batch.alter_column("number", existing_type=sa.BigInteger(), existing_nullable=False, type_=sa.Integer())
        batch.create_foreign_key("invoice_customer_fk", "customer", ["customer_id"], ["id"])
    """,
)
HISTORY = {"r1": R1, "r2": R2, "r3": R3, "r4": R4}
REVISIONS = ("base", *HISTORY)

JOURNALS = ("schemadiff_version_journal",)

# How many runs each test kills; None for one at every statement.
_SAID = os.environ.get("SCHEMADIFF_TEST_KILLS") or ("8" if os.environ.get("SCHEMADIFF_TEST_PAIRS") == "all" else "2")
COUNT = None if _SAID == "all" else int(_SAID)

# Statements that change nothing that outlives the run. To die beside one is like to die beside the next.
READS = ("SELECT", "SHOW", "PRAGMA", "SET", "ROLLBACK", "DESCRIBE")


@dataclass(frozen=True)
class State:
    """What a database holds: its schema by the oracle, and the rows of each table, in no order."""

    schema: oracle.Dump
    rows: dict[str, list[str]]


@dataclass(frozen=True)
class Reference:
    """What runs that nobody kills make of a database: the state at each revision, and the statements in each direction."""

    states: dict[str, State]
    points: dict[Direction, list[str]]


@dataclass(frozen=True)
class Patient:
    """A project and a database that runs are killed on."""

    backend: Backend
    project: Project
    killer: Killer
    url: str

    def run(self, direction: str, to: str | None = None, kill: Kill | None = None) -> Run:
        """Run a command; wait until the server has ended its session."""
        run = self.killer.run(self.project.folder, [direction, to or GOAL[direction]], {URL: self.url}, kill)
        self.wait_for_sessions()
        # What differs by database: its name, and that of MariaDB's lock.
        name = sa.make_url(self.url).database or ""
        return replace(run, points=[re.sub(f"{name}|schemadiff:[0-9a-f]+", "*", text) for text in run.points])

    def ok(self, direction: str, to: str | None = None) -> Run:
        """Run a command, which must succeed."""
        run = self.run(direction, to)
        assert run.status == 0, run.err
        return run

    def version(self) -> str:
        """Return the revision that the version table says."""
        with self.backend.engine(self.url).connect() as connection:
            if "schemadiff_version" not in sa.inspect(connection).get_table_names():
                return "base"
            rows = connection.exec_driver_sql("SELECT version_num FROM schemadiff_version").scalars().all()
        assert len(rows) < 2
        return rows[0] if rows else "base"

    def checksums(self) -> set[str]:
        """Return the revisions that a checksum is kept of."""
        with self.backend.engine(self.url).connect() as connection:
            if not sa.inspect(connection).has_table("schemadiff_version_checksum"):
                return set()
            return set(connection.exec_driver_sql("SELECT version_num FROM schemadiff_version_checksum").scalars())

    def is_half_done(self) -> bool:
        """Tell whether the journal says so."""
        with self.backend.engine(self.url).connect() as connection:
            return any(name in JOURNALS for name in sa.inspect(connection).get_table_names())

    def state(self) -> State:
        """Return what the database holds."""
        with self.backend.engine(self.url).connect() as connection:
            found = sa.inspect(connection)
            rows: dict[str, list[str]] = {}
            for name in found.get_table_names():
                if not name.startswith("schemadiff_"):
                    table = connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()
                    rows[name] = sorted(str(sorted(row.items())) for row in table)
        return State(oracle.dump(self.url), rows)

    def begin(self, direction: Direction) -> None:
        """Bring the database to where a run in a direction begins: to the head, or to a base at which nothing has ever run."""
        if direction == "downgrade":
            self.ok("upgrade")
            return
        with self.backend.engine(self.url).connect() as connection:
            if not sa.inspect(connection).has_table("schemadiff_version"):
                return
        self.ok("downgrade")
        self.forget()

    def forget(self) -> None:
        """Drop the version table of a database at its base."""
        with self.backend.engine(self.url).begin() as connection:
            connection.exec_driver_sql("DROP TABLE schemadiff_version")

    def wait_for_sessions(self) -> None:
        """Wait until the server has ended the sessions of all runs."""
        queries = {
            "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
        }
        if self.backend.name not in queries:
            return
        deadline = time.monotonic() + 60
        with self.backend.engine(self.url, isolation_level="AUTOCOMMIT").connect() as connection:
            while connection.exec_driver_sql(queries[self.backend.name]).scalar_one():
                assert time.monotonic() < deadline, "the server does not end the session of a run that was killed"
                time.sleep(0.005)


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    with Killer() as killer:
        yield killer


@pytest.fixture
def patient(backend: Backend, tmp_path: Path, killer: Killer) -> Patient:
    project = Project(tmp_path / "app", f"${{{URL}}}")
    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text().replace("$${", "${"))
    for below, (identifier, (upgrade, downgrade)) in zip(REVISIONS, HISTORY.items(), strict=False):
        project.revision(identifier, upgrade, None if below == "base" else below, downgrade)
    return Patient(backend, project, killer, backend.new_database())


_REFERENCES: dict[str, Reference] = {}


def _reference(patient: Patient) -> Reference:
    """Return the reference of a server, which is made once: its runs leave the database as it was."""
    key = patient.backend.key
    if key not in _REFERENCES:
        states = {"base": patient.state()}
        for revision in HISTORY:
            patient.ok("upgrade", revision)
            states[revision] = patient.state()
        points: dict[Direction, list[str]] = {"downgrade": patient.ok("downgrade").points}
        patient.forget()
        points["upgrade"] = patient.ok("upgrade").points
        _assert_state(patient, states, REVISIONS[-1], "at the head")
        patient.ok("downgrade")
        _assert_state(patient, states, "base", "at the base again")
        patient.forget()
        _REFERENCES[key] = Reference(states, points)
    return _REFERENCES[key]


def _assert_state(patient: Patient, states: dict[str, State], revision: str, about: str) -> None:
    found = patient.state()
    assert patient.version() == revision, about
    assert not patient.is_half_done(), about
    assert patient.checksums() == set(REVISIONS[1 : REVISIONS.index(revision) + 1]), about
    oracle.assert_same(states[revision].schema, found.schema, about=f"revision {revision} and the database {about}")
    assert found.rows == states[revision].rows, about


def _kills(patient: Patient, direction: Direction, then: Direction) -> list[Kill]:
    """Return where to kill: at a few points that are spread over those where something changes, at more, or at every point."""
    points = _reference(patient).points[direction]
    writes = [i for i, text in enumerate(points) if not text.upper().startswith(READS)]
    under_way = [] if patient.backend.name == "sqlite" else [Kill(i, "sent") for i in writes if points[i] != THE_END]
    everywhere = [Kill(i) for i in (range(len(points)) if COUNT is None else writes)]
    kills = sorted([*everywhere, *under_way], key=lambda kill: (kill.point, kill.moment))
    if COUNT is None or len(kills) <= COUNT:
        return kills
    share = len(kills) / COUNT
    return [kills[int(share * (i + (0.25 if then == direction else 0.75)))] for i in range(COUNT)]


# Where it takes back what a killed run did, a command may have to refuse: raw SQL and what was dropped have no reverse.
ALWAYS_BACK = "Running upgrade r2 -> r3, r3"


@pytest.mark.parametrize("then", ["upgrade", "downgrade"])
@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_a_run_that_is_killed(patient: Patient, direction: Direction, then: Direction) -> None:
    reference = _reference(patient)
    order = REVISIONS if direction == "upgrade" else REVISIONS[::-1]
    reached = 0
    for kill in _kills(patient, direction, then):
        patient.begin(direction)
        statement = reference.points[direction][kill.point]
        about = f"after a kill -9 of {direction} {GOAL[direction]} at {kill}: {statement}"
        killed = patient.run(direction, kill=kill)
        assert killed.status == -9, f"{about}: {killed}"
        assert killed.points == reference.points[direction][: kill.point + 1], about
        version = patient.version()
        # Later points come later, and only the revision that was under way can be done or not.
        assert order.index(version) >= reached, about
        reached = order.index(version)
        running = [line for line in killed.err.splitlines() if line.startswith(f"Running {direction} ")]
        assert len(running) - reached in (0, 1), f"{about}: {version} after {running}"
        half = patient.is_half_done()
        if not half:
            _assert_state(patient, reference.states, version, about)
        before = patient.state() if half else None
        again = patient.run(then)
        if before is not None and then != direction and again.status == 2 and running[-1] != ALWAYS_BACK:
            # What it can, it has not done either: all or nothing is taken back.
            assert "is half done" in again.err, about
            assert "--resume-after N" in again.err, about
            assert patient.is_half_done(), about
            assert patient.state().rows == before.rows, f"{about}: {again.err}"
            oracle.assert_same(
                before.schema, patient.state().schema, about=f"the database {about} and after {again.err}"
            )
            patient.ok(direction)
            again = patient.run(then)
        assert again.status == 0, f"{about}, {then}: {again.err}"
        _assert_state(
            patient, reference.states, REVISIONS[-1] if then == "upgrade" else "base", f"{about}, then {then}"
        )


@pytest.mark.parametrize(("ends", "then"), [("built", "downgrade"), ("invalid", "upgrade"), ("invalid", "downgrade")])
@pytest.mark.backends("postgresql")
def test_a_run_that_is_killed_while_the_server_builds_an_index(
    patient: Patient, ends: Literal["built", "invalid"], then: Direction
) -> None:
    """The server goes on for nobody, and its session keeps the lock; or it is ended too, and leaves an index that is not valid."""
    reference = _reference(patient)
    patient.ok("upgrade", "r2")
    points = patient.ok("upgrade", "r3").points
    (place,) = (i for i, text in enumerate(points) if text.startswith("CREATE INDEX CONCURRENTLY note_at_ix"))
    patient.ok("downgrade", "r2")
    with patient.backend.engine(patient.url).connect() as writer:
        # The build waits for everybody who writes into the table.
        writer.exec_driver_sql("UPDATE note SET at = at")
        command = ["upgrade", "r3"]
        killed = patient.killer.run(patient.project.folder, command, {URL: patient.url}, Kill(place, "sent"))
        assert killed.status == -9
        waiting = patient.killer.run(patient.project.folder, [*command, "--lock-timeout", "0"], {URL: patient.url})
        assert "holds the lock for migrations" in waiting.err
        if ends == "invalid":
            writer.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        writer.rollback()
    patient.wait_for_sessions()
    assert patient.version() == "r2"
    assert patient.is_half_done()
    with patient.backend.engine(patient.url).connect() as connection:
        valid = connection.exec_driver_sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'note_at_ix'::regclass")
        assert valid.scalar_one() == (ends == "built")
    patient.ok(then)
    _assert_state(patient, reference.states, REVISIONS[-1] if then == "upgrade" else "base", f"{ends}, then {then}")


def test_many_find_what_one_left_half_done(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = _reference(patient)
    points = reference.points["upgrade"]
    kill = Kill(points.index("UPDATE customer SET balance = balance + 100"))
    assert patient.run("upgrade", kill=kill).status == -9
    assert patient.is_half_done()
    monkeypatch.setenv(URL, patient.url)
    replicas = run_at_once(patient.project.folder, 6, "upgrade", "head")
    assert [each.status for each in replicas] == [0] * 6, [each.err for each in replicas if each.status]
    _assert_state(patient, reference.states, REVISIONS[-1], "that several found half done")
