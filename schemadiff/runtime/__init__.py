"""Runs operations and revisions.

executor.py      what is active while a revision runs: a connection, a script of SQL, or a recording
build*.py        SQLAlchemy objects and plain arguments to operations
batch.py         what ``op.batch_alter_table()`` gives
versions.py      the version table
side_tables.py   the tables beside the version table
checksums.py     those of the revisions that have run
own.py           the tables in a database that are ours
migration.py     runs revisions: the migration context
environment.py   what ``context`` in env.py talks to, and running env.py
"""
