"""The garbage collector, while many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused_collector"]


@contextmanager
def paused_collector() -> Iterator[None]:
    """Keep the garbage collector of cycles from running.

    What a diff makes is frozen records without cycles, tens of thousands of them: to look through all that the process holds, once more for
    each so many new ones, takes longer than to make them and finds nothing.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
