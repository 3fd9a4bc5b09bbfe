"""What SQLite says where another connection is in the way."""

from __future__ import annotations

__all__ = ["is_passing"]


def is_passing(error: BaseException) -> bool:
    """Return True where the driver's ``error`` says that another connection holds the database (SQLITE_BUSY, SQLITE_LOCKED)."""
    # sqlite_errorcode is there from Python 3.11 on; its low byte is the primary code ("Result and Error Codes").
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (5, 6)
