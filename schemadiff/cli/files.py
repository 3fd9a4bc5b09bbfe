"""Results that go to standard output, or into a file."""

from __future__ import annotations

from pathlib import Path

from schemadiff.cli.session import Session

__all__ = ["write_result"]


def write_result(session: Session, text: str, file: str | None, option: str = "-o") -> None:
    """Write a result.

    Args:
        session: the call of the command line.
        text: the result.
        file: where it goes; None for standard output.
        option: the option that named the file.

    Raises:
        ConfigError: the file cannot be written.
    """
    from schemadiff.errors import ConfigError
    from schemadiff.revisions.writer import write_atomically

    if file is None:
        session.output.write(text)
        return
    try:
        write_atomically(Path(file), text, replace=True)
    except OSError as error:
        said = error.strerror or error
        raise ConfigError(f"{file} cannot be written: {said}: name another file with {option}") from None
    session.output.made(f"Wrote {session.shown_path(Path(file))}")
