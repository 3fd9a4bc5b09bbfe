"""The command that compares, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.session import Session, begin_database
from schemadiff.cli.showing import DIFFERENT, named_rows, show_tree, warn

if TYPE_CHECKING:
    from schemadiff.commands import Compared
    from schemadiff.comparison import Diff

__all__: list[str] = []


@cli.command()
@click.argument("source", metavar="[SOURCE]", required=False, shell_complete=completing.files)
@click.argument("target", metavar="[TARGET]", required=False, shell_complete=completing.files)
@click.option(
    "--explain",
    is_flag=True,
    help="Tell why: for each difference what both sides say, what is compared, and which rule or server answer decided.",
)
@click.option("--stat", is_flag=True, help="Show one line for each table.")
@click.option("--sql", is_flag=True, help="Show the statements of the upgrade.")
@click.option("--code", is_flag=True, help="Show the Python of both directions, as autogen would write it.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, for programs.")
@click.option(
    "--full", is_flag=True, help="Fold nothing, however much it is. (Where the output is no terminal, nothing is.)"
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where there is a difference.")
@click.pass_obj
def diff(
    session: Session,
    /,
    source: str | None,
    target: str | None,
    as_json: bool,
    full: bool,
    exit_code: bool,
    **forms: bool,
) -> int:
    """Show how the database differs from the models, or SOURCE from TARGET.

    Each of the two is the URL of a database, package.module:Base, or the file of a snapshot. With both of them no project is needed.

    With --explain it also lists what looks different and was taken as equal. It is the first thing to put into a bug report.
    """
    from schemadiff import commands

    form = _form({**forms, "json": as_json}, full=full)
    config = session.config() if target is None else session.config_if_any()
    with session.output.progress() as progress:
        compared = commands.diff(config, source, target, code=form == "code", progress=progress)
    if as_json:
        session.output.write(json.dumps(commands.comparison_data(compared), indent=2) + "\n")
    elif form in _SOURCES:
        _tell_source(session, compared, form)
    for each in compared.databases:
        warn(session, each.diff)
        if not as_json and form not in _SOURCES:
            begin_database(session, each.database)
            _tell_compared(session, each, form, full=full)
        _tell_standing(session, each)
    return DIFFERENT if exit_code and any(each.diff for each in compared.databases) else 0


def _form(given: dict[str, bool], *, full: bool) -> str:
    """Return in which form the difference is to be shown: ``tree``, or the option that says another.

    Raises:
        UsageError: they exclude each other.
    """
    named = [name for name, is_given in given.items() if is_given]
    if len(named) > 1:
        raise click.UsageError(f"--{named[0]} and --{named[1]} exclude each other: give one of them")
    if full and named not in ([], ["explain"]):
        raise click.UsageError(f"--full is for the tree, and --{named[0]} shows none: leave one of them out")
    return named[0] if named else "tree"


def _tell_compared(session: Session, compared: Compared, form: str, *, full: bool) -> None:
    if not compared.diff:
        session.output.say("No differences")
    elif form == "stat":
        from schemadiff.rendering.stat import DiffStat

        session.output.render(DiffStat(compared.diff.upgrade, compared.diff.backend))
    else:
        show_tree(session, compared.diff, full=full)
    if form == "explain":
        _explain(session, compared.diff)


def _explain(session: Session, difference: Diff) -> None:
    from schemadiff.cli.explaining import Explained

    session.output.render(Explained(difference.explanations, difference.agreements))


def _sql(compared: Compared) -> str:
    from schemadiff.runtime.script import script_of

    return script_of(compared.diff.upgrade, compared.diff.backend)


def _code(compared: Compared) -> str:
    assert compared.rendered is not None
    return compared.rendered.source if compared.diff else ""


# What gives the source text of a form, in which language, and what begins a comment there.
_SOURCES: dict[str, tuple[Callable[[Compared], str], Literal["sql", "python"], str]] = {
    "sql": (_sql, "sql", "--"),
    "code": (_code, "python", "#"),
}


def _tell_source(session: Session, compared: Compared, form: str) -> None:
    """Show source text, each database in a comment: what is piped has to stay what it is. Nothing is shown before all of it is known."""
    from schemadiff.schema.words import shown

    text_of, language, comment = _SOURCES[form]
    texts = [(each.database, text) for each in compared.databases if (text := text_of(each))]
    if not texts:
        session.output.note("No differences")
        return
    whole = [text if database is None else f"{comment} {shown(database)}\n\n{text}" for database, text in texts]
    session.output.source("\n".join(whole), language)


def _tell_standing(session: Session, compared: Compared) -> None:
    if not compared.at_head and compared.current is not None:
        session.output.note(
            f"The database stands at {named_rows(compared.current)}, and the revisions at {named_rows(compared.heads)}",
            "yellow",
        )
