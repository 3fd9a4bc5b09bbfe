"""Waiting for what another connection holds, and how long statements may take."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy.util import await_only

from schemadiff.errors import LockTimeout
from schemadiff.frozen import dataclass

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["WITHOUT_LIMIT", "Limits", "Waiting", "pause"]

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_TELL_AGAIN = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a statement may take.

    Args:
        table_lock: seconds that it may wait for a lock on a table or a row; None for what the connection has.
        statement: seconds that it may run; None for what the connection has.
    """

    table_lock: float | None = None
    statement: float | None = None

    def __bool__(self) -> bool:
        return self.table_lock is not None or self.statement is not None


def _tell_nobody(holder: str | None) -> None:
    """Leave the holder of a lock unmentioned."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a run of migrations waits for another one.

    Args:
        timeout: seconds after which it gives up, 0 for at once; None for never.
        tell: is told who holds the lock, None where the server does not say: when the waiting begins, when the holder changes, and
            from time to time.
    """

    timeout: float | None = None
    tell: Callable[[str | None], None] = _tell_nobody

    def until(
        self,
        connection: Connection,
        take: Callable[[], bool],
        holder: Callable[[], str | None] = lambda: None,
        what: str = "the lock for migrations of this database",
    ) -> None:
        """Try ``take`` again and again until it says True, with pauses that grow and that are never the same for two processes.

        Args:
            connection: where it is tried.
            take: one try, which leaves no transaction open.
            holder: says who is in the way.
            what: what is waited for.

        Raises:
            LockTimeout: the time is up.
        """
        start = time.monotonic()
        longest = _FIRST_PAUSE
        told: tuple[float, str | None] | None = None
        while not take():
            now, who = time.monotonic(), holder()
            if told is None or who not in (told[1], None) or now - told[0] >= _TELL_AGAIN:
                told = (now, who)
                self.tell(who)
            length = random.uniform(longest / 2, longest)
            if self.timeout is not None:
                left = start + self.timeout - now
                if left <= 0:
                    raise LockTimeout(
                        f"{who or 'another connection'} holds {what}, and did not let go of it in {self.timeout:g} s: "
                        "let it finish or end it, then try again, or give a longer --lock-timeout"
                    )
                length = min(length, left)
            pause(connection, length)
            longest = min(longest * 1.5, _LONGEST_PAUSE)


WITHOUT_LIMIT = Waiting()
"""Waits for as long as it takes, and tells nobody."""


def pause(connection: Connection, seconds: float) -> None:
    """Sleep; on an asynchronous driver without holding up the event loop."""
    if connection.dialect.is_async:
        await_only(asyncio.sleep(seconds))
    else:
        time.sleep(seconds)
