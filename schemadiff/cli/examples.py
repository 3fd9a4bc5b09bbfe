"""Examples for ``--help``: what to type, and what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich_click import RichCommand, RichGroup

if TYPE_CHECKING:
    from rich_click import RichContext, RichHelpFormatter

__all__ = ["EXAMPLES", "CommandWithExamples", "GroupWithExamples"]

EXAMPLES: Mapping[str, Sequence[tuple[str, str]]] = {
    "schemadiff": (
        ("schemadiff init migrations", "begin a project"),
        ('schemadiff autogen -m "add orders"', "write what the models changed as a revision"),
        ("schemadiff upgrade", "run the revisions that have not run"),
    ),
    "autogen": (
        ('schemadiff autogen -m "add orders"', "write a revision, if there is a difference"),
        ('schemadiff autogen -m "add orders" -i', "ask about each change"),
        ("schemadiff autogen --dry-run", "show it, and write nothing"),
        ('schemadiff autogen -m "shop tables" --head shop@head', "continue the branch that is labelled shop"),
    ),
    "branches": (("schemadiff branches -v", "with their files and dates"),),
    "check": (
        ("schemadiff check", "whether the database is as the models and the revisions say"),
        ("schemadiff check --from-revisions", "whether a revision was forgotten; without a database"),
        ("schemadiff check --from-revisions --database", "which of models, revisions and database disagree"),
        ("schemadiff check --source schema.json", "whether the models are as in a snapshot"),
        ("schemadiff check --format sarif -o out.sarif", "a file for code scanning, and lines for people"),
        ("schemadiff check --format github -o markdown:summary.md", "annotations on a pull request, and a file"),
    ),
    "completion": (
        ('eval "$(schemadiff completion bash)"', "in ~/.bashrc"),
        ('eval "$(schemadiff completion zsh)"', "in ~/.zshrc"),
        ("schemadiff completion fish | source", "in ~/.config/fish/config.fish"),
    ),
    "current": (
        ("schemadiff current", "where the database stands"),
        ("schemadiff current --check-heads", "exit with 1 where not all revisions have run"),
    ),
    "diff": (
        ("schemadiff diff", "what autogen would write"),
        ("schemadiff diff --explain", "and why"),
        ("schemadiff diff --sql", "the statements"),
        ("schemadiff diff schema.json", "how a snapshot differs from the models"),
        ("schemadiff diff postgresql://staging/shop postgresql://db/shop", "how one database differs from another"),
    ),
    "doctor": (
        ("schemadiff doctor", "what is there, and what is missing"),
        ("schemadiff -n staging doctor", "in one of several environments"),
    ),
    "downgrade": (
        ("schemadiff downgrade -1", "take the last revision back"),
        ("schemadiff downgrade base", "take all back"),
        ("schemadiff downgrade 3f2a:base --sql", "print the SQL that does it from 3f2a"),
    ),
    "edit": (("schemadiff edit head", "open the newest revision"),),
    "ensure-version": (("schemadiff ensure-version", "make the version table, and run nothing"),),
    "erd": (
        ("schemadiff erd -o erd.svg", "draw the tables of the database"),
        ("schemadiff erd --models --format mermaid", "those of the models, for Markdown"),
    ),
    "heads": (("schemadiff heads", "one line each"),),
    "history": (
        ("schemadiff history", "all revisions, the newest first"),
        ("schemadiff history -r 3f2a:head -v", "those from 3f2a on, with their files"),
        ("schemadiff history -i", "mark where the database stands"),
    ),
    "init": (
        ("schemadiff init migrations", "for one database"),
        ("schemadiff init -t async migrations", "for an asynchronous engine"),
        (
            "schemadiff init migrations --target shop.models:Base --url sqlite:///shop.db",
            "with the settings filled in",
        ),
    ),
    "list-templates": (("schemadiff list-templates", "one line each"),),
    "merge": (
        ('schemadiff merge -m "join shop and blog"', "join all heads"),
        ("schemadiff merge 3f2a 9c41", "join two of them"),
    ),
    "prune": (("schemadiff prune 3f2a", "delete what came before 3f2a"),),
    "report": (
        ("schemadiff report --html out.html", "what autogen would write, as a page"),
        ("schemadiff report --html out.html a.json b.json", "between two snapshots"),
    ),
    "reset": (
        ("schemadiff reset", "tell what would be done"),
        ("schemadiff reset --yes", "do it"),
    ),
    "revision": (
        ('schemadiff revision -m "fill in prices"', "an empty file"),
        ('schemadiff revision -m "a branch" --head base --branch-label shop', "the first one of a new branch"),
    ),
    "show": (
        ("schemadiff show", "the newest revision"),
        ("schemadiff show 3f2a", "one by the beginning of its identifier"),
    ),
    "snapshot": (
        ("schemadiff snapshot -o schema.json", "the database as JSON"),
        ("schemadiff snapshot --models --dialect postgresql", "the models, as PostgreSQL has them"),
    ),
    "squash": (('schemadiff squash 3f2a:9c41 -m "the first year"', "one file for the revisions from 3f2a to 9c41"),),
    "stamp": (
        ("schemadiff stamp head", "the database has all that the revisions do"),
        ("schemadiff stamp --purge 3f2a", "forget where it stands, and set 3f2a"),
        ("schemadiff stamp --update-checksums", "accept files that were edited after they ran"),
    ),
    "upgrade": (
        ("schemadiff upgrade", "run all that has not run"),
        ("schemadiff upgrade +1", "run the next one"),
        ("schemadiff upgrade 3f2a:head --sql", "print the SQL that leads from 3f2a to the head"),
    ),
}
"""What to type and what it does, by the name of the command. A test tries them all on the parser."""


class CommandWithExamples(RichCommand):
    """A command whose help ends with examples."""

    def format_epilog(self, ctx: RichContext, formatter: RichHelpFormatter) -> None:  # type: ignore[override]
        """Write the examples, in a panel like the others."""
        _write(self.name, formatter)
        super().format_epilog(ctx, formatter)


class GroupWithExamples(RichGroup):
    """The group of all commands: its own help ends with examples too."""

    command_class = CommandWithExamples

    def format_epilog(self, ctx: RichContext, formatter: RichHelpFormatter) -> None:  # type: ignore[override]
        """Write the examples, in a panel like the others."""
        _write("schemadiff", formatter)
        super().format_epilog(ctx, formatter)


def _write(name: str | None, formatter: RichHelpFormatter) -> None:
    from rich.panel import Panel
    from rich.text import Text

    lines = [
        line
        for command, does in EXAMPLES.get(name or "", ())
        for line in (Text(command, style="bold"), Text(f"  {does}", style="dim"))
    ]
    if lines:
        config = formatter.config
        formatter.write(
            Panel(
                Text("\n").join(lines),
                title="Examples",
                title_align=config.align_options_panel,
                border_style=config.style_options_panel_border,
            )
        )
