"""Anything to Schema: a live database, through its backend, or a MetaData."""
