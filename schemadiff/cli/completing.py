"""Completion of what a project knows: revisions, environments, templates. Nothing heavy is imported, and an error completes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from schemadiff.config import Config

__all__ = ["environments", "files", "folders", "revisions", "templates"]

_Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
_Pairs = Iterable[tuple[str, str]]


def _silent(find: Callable[[click.Context], _Pairs]) -> _Complete:
    """Return a completion of click's: those of the words found, each with its help, that begin as what was typed."""

    @wraps(find)
    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        # Of a range A:B, or a list of labels, the last part is completed.
        before, colon, last = incomplete.rpartition(":")
        try:
            return [
                CompletionItem(f"{before}{colon}{word}", help=text)
                for word, text in find(context)
                if word.startswith(last)
            ]
        except Exception:
            return []

    return complete


def _config(context: click.Context) -> Config:
    """Return the settings that the global options name, as far as they have been typed."""
    from schemadiff.config import Config
    from schemadiff.config.settings import find_settings

    given = context.find_root().params
    folder = Path(given.get("directory") or ".")
    file = given.get("config_file")
    return Config(find_settings(folder) if file is None else folder / file, name=given.get("name"))


@_silent
def revisions(context: click.Context) -> _Pairs:
    """Find identifiers, branch labels, and the words that stand for revisions."""
    from schemadiff.revisions.directory import load_graph

    words = [("head", "the newest revision"), ("heads", "all heads"), ("base", "before the first revision")]
    config = _config(context)
    graph = load_graph(config.version_locations, recursive=config.recursive_version_locations)
    labels = [(label, f"the branch of {each.id}") for each in graph.order for label in each.branch_labels]
    heads = [(f"{label}@head", "its head") for label, _ in labels]
    return [*words, *labels, *heads, *((each.id, each.message) for each in reversed(graph.order))]


@_silent
def environments(context: click.Context) -> _Pairs:
    """Find the names of the project's environments."""
    context.find_root().params.pop("name", None)
    return [(name, "") for name in _config(context).environments]


@_silent
def templates(context: click.Context) -> _Pairs:
    """Find what a project can be made from."""
    from schemadiff.config.scaffold import templates as known

    return known().items()


def folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete a folder."""
    return [CompletionItem(incomplete, type="dir")]


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete a file."""
    return [CompletionItem(incomplete, type="file")]
