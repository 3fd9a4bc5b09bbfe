"""The table ``[logging]`` of the settings: what is logged, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemadiff.errors import ConfigError
from schemadiff.revisions.header import one_line

__all__ = ["configure_logging"]


def configure_logging(table: Mapping[str, Any], where: str) -> None:
    """Set up Python's logging as the settings say, unless the program has done so itself.

    Nothing is done without a table, nor where the root logger has handlers: then the program that calls the commands has set up
    logging its own way. Loggers that are there already stay as they are, which is not what ``dictConfig()`` does by itself.

    Args:
        table: a configuration of :func:`logging.config.dictConfig`; its ``version`` may be left out.
        where: the settings file, for messages.

    Raises:
        ConfigError: it is wrong.
    """
    import logging
    import logging.config

    if not table or logging.getLogger().handlers:
        return
    try:
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, **table})
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        cause = f": {one_line(error.__cause__)}" if error.__cause__ is not None else ""
        raise ConfigError(
            f"[logging] of {where} is no configuration of logging: {error}{cause}: correct it; "
            "it is what Python's logging.config.dictConfig() takes"
        ) from error
