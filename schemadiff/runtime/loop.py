"""Running env.py where an event loop runs already: in FastAPI's start-up, in an asynchronous test, in a notebook.

An env.py with an asynchronous engine calls ``asyncio.run()``, which refuses to work in a thread whose loop runs. So env.py gets a
thread of its own there, and the caller waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from sqlalchemy.engine import Connection, Engine

__all__ = ["loop_runs", "outside_of_loop"]


def outside_of_loop(work: Callable[[], None], attributes: Mapping[str, Any]) -> None:
    """Run ``work`` where ``asyncio.run()`` can be called.

    Args:
        work: what to run. It sees the caller's context variables.
        attributes: what the caller hands to env.py. A connection or an engine among it belongs to the caller's thread (SQLite's, or
            one that ``AsyncConnection.run_sync()`` gave), and env.py uses it in place of one of its own: then ``work`` stays here.
    """
    if not loop_runs() or any(isinstance(each, (Connection, Engine)) for each in attributes.values()):
        work()
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="schemadiff") as pool:
        pool.submit(copy_context().run, work).result()


def loop_runs() -> bool:
    """Return True where the event loop of this thread runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
