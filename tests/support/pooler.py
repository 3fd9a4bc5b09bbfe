"""PgBouncer, which gives a server's session to one client for one transaction, and to another client for the next."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

_START_SECONDS = 30


def program() -> str | None:
    """Return the path of the program, None where it is not installed."""
    return shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


@contextmanager
def pooled(folder: Path, url: str, sessions: int) -> Iterator[str]:
    """Run a pooler of transactions before the database of ``url``; give the URL that leads through it.

    Args:
        folder: where its settings and its log are written.
        url: the database.
        sessions: how many sessions of the server all clients share.
    """
    found = program()
    assert found is not None
    server = sa.make_url(url)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host = server.query.get("host") or server.host or "127.0.0.1"
    password = f" password='{server.password}'" if server.password else ""
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={host} port={server.port or 5432} user={server.username}{password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        "auth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {sessions}\nignore_startup_parameters = extra_float_digits,options\n"
    )
    user: dict[str, str | list[str]] = {}
    if os.geteuid() == 0:
        # It does not run as root. Its settings come through a file that is open, wherever that stands.
        user = {"user": "nobody", "extra_groups": []}
    with (folder / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen(
            [found, "/dev/stdin"],
            stdin=settings.open("rb"),
            stdout=log,
            stderr=log,
            **user,  # type: ignore[call-overload]
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer did not start: {(folder / 'pgbouncer.log').read_text()}")
            time.sleep(0.01)
        through = server.set(host="127.0.0.1", port=port, password=None, query={})
        yield through.render_as_string(hide_password=False)
    finally:
        process.kill()
        process.wait()
