"""What a measurement was made on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import schemadiff
from benchmarks.places import Place

_PACKAGES = ("alembic", "sqlalchemy", "black", "psycopg", "pymysql")


def measured_on(places: Iterable[Place]) -> dict[str, str]:
    """Return the machine, the versions of what ran, the servers, and the day."""
    found = {
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "python": platform.python_version(),
        "schemadiff": schemadiff.__version__,
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    for place in places:
        found[place.title] = place.version()
    return found | {"date": datetime.now(UTC).date().isoformat()}


def sentence(machine: dict[str, str]) -> str:
    """Return what stands beside the table."""
    names = {"alembic": "Alembic", "sqlalchemy": "SQLAlchemy", "python": "Python", "pymysql": "PyMySQL"}
    first = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}"
    versions = [
        f"{names.get(key, key)} {value}"
        for key, value in machine.items()
        if key not in ("cpu", "cores", "system", "date")
    ]
    return f"Measured on {machine['date']}: {first}; {', '.join(versions)}."


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()
