"""What can be asserted of a project's revisions. Each function finds the project from the working directory, where it is given none."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemadiff.commands import Trace
    from schemadiff.config import Config
    from schemadiff.operations import Operation

__all__ = ["assert_downgrades_leave_no_trace", "assert_models_match_revisions", "assert_single_head"]


def assert_single_head(config: Config | str | os.PathLike[str] | None = None) -> None:
    """Assert that the revisions have one head, or that there are none.

    Args:
        config: the project's settings, or their file.

    Raises:
        AssertionError: they have several.
        SchemadiffError: the revisions cannot be read.
    """
    from schemadiff import commands
    from schemadiff.revisions.naming import shown_path

    settings = _config(config)
    heads = [each.revision for each in commands.heads(settings)]
    if len(heads) > 1 and not settings.multiple_heads:
        lines = [f"  {each.id}  {shown_path(each.path)}" for each in heads]
        raise AssertionError(
            "\n".join(
                [
                    "the revisions have several heads:",
                    *lines,
                    "Next: run 'schemadiff merge', or let one follow the other; where they are there on purpose, set multiple_heads = true",
                ]
            )
        )


def assert_models_match_revisions(
    config: Config | str | os.PathLike[str] | None = None, *, scratch: str | None = None
) -> None:
    """Assert that the revisions build what the models say.

    Args:
        config: the project's settings, or their file.
        scratch: where the scratch databases are made: ``embedded``, ``sqlite`` or a URL; where the project's own are when None.

    Raises:
        AssertionError: they do not; the message shows the difference.
        SchemadiffError: a revision fails, or it cannot be found out.
    """
    from schemadiff import commands

    checked = commands.check_revisions(_config(config), scratch=scratch)
    found = [each for each in checked.databases if each.built is None or each.built.models]
    lines: list[str] = []
    for each in found:
        of = f" of {each.database}" if each.database else ""
        if each.built is None:
            lines.append(f"the revisions{of} have several heads, and cannot be replayed")
        else:
            lines += [f"the models{of} have what no revision builds:", _tree(each.built.models.upgrade)]
    if lines:
        raise AssertionError("\n".join([*lines, "Next: run 'schemadiff autogen'"]))


def assert_downgrades_leave_no_trace(
    config: Config | str | os.PathLike[str] | None = None,
    *,
    scratch: str | None = None,
    irreversible: Collection[str] = (),
) -> None:
    """Assert that each revision can be run, taken back and run again: its downgrade leaves the schema as it was before.

    Args:
        config: the project's settings, or their file.
        scratch: as in :func:`assert_models_match_revisions`.
        irreversible: revisions that are not taken back.

    Raises:
        AssertionError: a revision leaves a trace; the message names it, and shows the difference.
        SchemadiffError: a revision fails, or it cannot be found out.
    """
    from schemadiff import commands

    done = commands.check_downgrades(_config(config), scratch=scratch, irreversible=irreversible)
    lines = [line for each in done.databases if each.trace for line in _traced(each.database, each.trace)]
    if lines:
        raise AssertionError("\n".join(lines))


def _traced(database: str | None, trace: Trace) -> list[str]:
    from schemadiff.revisions.naming import shown_path

    of = f" on {database}" if database else ""
    after = {
        "downgrade": "leaves a trace: after its downgrade, this differs from what was there before its upgrade",
        "second upgrade": "is not the same twice: after its downgrade and a second upgrade, this differs from what the first one made",
    }
    lines = [f"revision {trace.revision.id} ({shown_path(trace.revision.path)}){of} {after[trace.after]}:"]
    if trace.operations:
        lines.append(_tree(trace.operations))
    return lines + [f"  {each}" for each in trace.others]


def _tree(operations: Sequence[Operation]) -> str:
    """Return operations as a tree, in plain text."""
    from io import StringIO

    from rich.console import Console

    from schemadiff.rendering.terminal import DiffTree

    console = Console(file=StringIO(), color_system=None, force_terminal=False, soft_wrap=True)
    with console.capture() as capture:
        console.print(DiffTree(operations), soft_wrap=True)
    return capture.get().rstrip("\n")


def _config(given: Config | str | os.PathLike[str] | None) -> Config:
    from schemadiff.config import Config

    if given is None:
        return Config.find()
    return given if isinstance(given, Config) else Config(given)
