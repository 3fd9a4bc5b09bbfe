"""What ``--sql`` prints, and the databases' own clients, which it is fed to."""

from __future__ import annotations

import subprocess

import sqlalchemy as sa

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.runtime.executor import Offline
from schemadiff.runtime.script import Script
from schemadiff.runtime.site import Site

_CLIENTS = {
    "sqlite": lambda url: ["sqlite3", "-bail", url.database],
    "postgresql": lambda url: [
        *("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", url.host or url.query["host"], "-p", str(url.port or 5432)),
        *("-U", url.username, url.database),
    ],
    "mysql": lambda url: ["mariadb", "-h", url.host, "-P", str(url.port or 3306), "-u", url.username, url.database],
}


def script(engine: sa.Engine, body: str, imports: tuple[str, ...]) -> str:
    """Return the SQL of a function's body, as ``--sql`` prints it."""
    namespace: dict[str, object] = {}
    exec(compile("\n".join((*imports, "def upgrade():", body)), "<revision>", "exec"), namespace)
    operations = schemadiff.record(namespace["upgrade"], engine.dialect)  # type: ignore[arg-type]
    with engine.connect() as connection:
        backend = connected_backend(connection)
    # No connection tells the version of the server: what is printed is for the dialect alone.
    offline = type(backend)(engine.dialect)
    printed = Script(offline)
    with printed.transaction(backend.begin_script, backend.commit_script):
        Offline(Site(offline), printed.statement).invoke_all(operations)
    return printed.text()


def fed(url: sa.URL, text: str) -> None:
    """Run a script with the database's own client."""
    done = subprocess.run(
        _CLIENTS[url.get_backend_name()](url), input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{text}\n{done.stderr}"
