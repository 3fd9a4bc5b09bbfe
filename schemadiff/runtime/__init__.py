"""Runs operations and revisions.

executor.py      what is active while a revision runs: a connection, a script of SQL, or a recording
build*.py        SQLAlchemy objects and plain arguments to operations
batch.py         what ``op.batch_alter_table()`` gives
versions.py      the version table
side_tables.py   the tables beside the version table
checksums.py     those of the revisions that have run
journal.py       that of a revision that is half done
own.py           the tables in a database that are ours
migration.py     runs revisions: the migration context
transactions.py  its transactions
continuing.py    the way through one revision: numbers its operations, skips what is done, journals the others
takeback.py      takes a revision back that is half done
stepping.py      operations that commit one by one
landing.py       what the catalog says of an operation that was under way
environment.py   what ``context`` in env.py talks to, and running env.py
"""
