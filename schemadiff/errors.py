"""The error family.

Every message is one line that names the object (table, column, revision, file:line), says what is wrong with it, and what
to do next. The command line prints it as it is and exits with 2; a traceback is shown only with ``--traceback``.

    SchemadiffError
    ├── ConfigError               the settings file, or what it points at
    │   ├── ProjectNotFound       no settings file from here upwards
    │   ├── VariableNotSet        a setting needs an environment variable
    │   └── TargetError           the target cannot be imported, or is no MetaData
    ├── ConnectionFailed          the database cannot be reached
    ├── SnapshotError             a file that should hold a snapshot
    ├── ModelError                the MetaData cannot be lowered or rendered
    │   └── UnrenderableType      a type that has no Python form that we know
    ├── RevisionError             the versions directory
    │   ├── BrokenRevision        a revision file that cannot be read or run
    │   ├── DuplicateRevision     two files with one identifier
    │   ├── UnknownRevision       an identifier that no file has
    │   ├── AmbiguousRevision     a prefix of several identifiers
    │   ├── MultipleHeads         more than one head where one was expected
    │   └── NotAtHead             the database is behind (or beside) the revisions
    └── OperationError            an operation that cannot be carried out
        ├── IrreversibleError     an operation that does not know what it replaces
        ├── UnsupportedOperation  the database has no such thing, or cannot change it in place
        ├── NotRecordable         a revision that needs a database to say what it does
        └── MigrationFailed       the database refused a statement
            ├── HalfDone          a revision is half done, and has to be gone on with or taken back first
            └── LockTimeout       another run of migrations did not end in time
"""

from __future__ import annotations

import re

__all__ = [
    "AmbiguousRevision",
    "BrokenRevision",
    "ConfigError",
    "ConnectionFailed",
    "DuplicateRevision",
    "HalfDone",
    "IrreversibleError",
    "LockTimeout",
    "MigrationFailed",
    "ModelError",
    "MultipleHeads",
    "NotAtHead",
    "NotRecordable",
    "OperationError",
    "ProjectNotFound",
    "RevisionError",
    "SchemadiffError",
    "SnapshotError",
    "TargetError",
    "UnknownRevision",
    "UnrenderableType",
    "UnsupportedOperation",
    "VariableNotSet",
    "mask_passwords",
]

# The user and the password of a URL, wherever one stands inside a longer text. A password may itself hold ":" and even
# "@" (drivers take the last "@" before the next slash), so the match is greedy up to the last "@" of the authority.
_URL_PASSWORD = re.compile(r"(?P<head>[a-zA-Z][\w+.-]*://[^\s:/@]*):(?P<password>[^\s/]*)@")


def mask_passwords(text: str) -> str:
    """Return ``text`` with the password of every URL in it replaced by ``***``."""
    return _URL_PASSWORD.sub(r"\g<head>:***@", text)


class SchemadiffError(Exception):
    """Base of all errors that schemadiff raises on purpose. Passwords of URLs in the message are masked."""

    def __init__(self, message: str) -> None:
        super().__init__(mask_passwords(message))


class ConfigError(SchemadiffError):
    """A setting is missing or wrong."""


class ProjectNotFound(ConfigError):
    """There is no project here."""


class VariableNotSet(ConfigError):
    """A setting needs an environment variable that is not set, or empty."""


class TargetError(ConfigError):
    """The target of the settings cannot be imported, or is not a MetaData."""


class ConnectionFailed(SchemadiffError):
    """The database is unknown, or refuses the connection."""


class SnapshotError(SchemadiffError):
    """A file that should hold a snapshot of a schema does not."""


class ModelError(SchemadiffError):
    """A MetaData holds something that cannot be lowered into a Schema, or rendered."""


class UnrenderableType(ModelError):
    """A column type has no Python form that schemadiff knows."""


class RevisionError(SchemadiffError):
    """Something is wrong in the versions directory."""


class BrokenRevision(RevisionError):
    """A revision file cannot be read or run; the message names the file and the line."""


class DuplicateRevision(RevisionError):
    """Two revision files carry one identifier."""


class UnknownRevision(RevisionError):
    """No revision file carries the identifier."""


class AmbiguousRevision(RevisionError):
    """A shortened identifier stands for several revisions."""


class MultipleHeads(RevisionError):
    """There are several heads where the command needs one."""


class NotAtHead(RevisionError):
    """The database is not at the head of the revisions."""


class OperationError(SchemadiffError):
    """An operation cannot be carried out."""


class IrreversibleError(OperationError):
    """An operation does not carry what its reverse needs."""


class UnsupportedOperation(OperationError):
    """The database cannot do what the operation asks."""


class NotRecordable(OperationError):
    """A revision reads from the database, so that it cannot be recorded without one."""


class MigrationFailed(OperationError):
    """The database refused a statement of a revision."""


class LockTimeout(MigrationFailed):
    """Another run of migrations holds the lock, and did not let go of it in time."""


class HalfDone(MigrationFailed):
    """A revision that left its transaction is half done; the message says which operations are, and what to do."""
