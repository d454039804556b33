"""Set up the daemon's log: one event a line on stderr, with fields.

The format is readable on a terminal and JSON elsewhere.  Records of the standard library's logging
take the same way from level WARNING on, since httpx and uvicorn log every request at INFO.
"""

import json
import logging
import os
import sys
from typing import Any

import structlog


def get_logger(name: str) -> Any:
    """Return the logger called ``name``; its methods take an event and fields."""
    return structlog.get_logger(name)


QUIET = "AGGREGATOR_QUIET"
"""The environment variable that, if it is not empty, keeps events below a warning out of the log.

A variable, since the processes of the daemon take it over.
"""


def configure() -> None:
    """Configure logging for this process."""
    on_terminal = sys.stderr.isatty()
    render: Any = (
        structlog.dev.ConsoleRenderer()
        if on_terminal
        else structlog.processors.JSONRenderer(serializer=_json)
    )
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    level = logging.WARNING if os.environ.get(QUIET) else logging.INFO
    logging.getLogger("aggregator").setLevel(level)


def _json(value: Any, **_: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=True)


class Troubles:
    """Problems that last: logged once when they start and once when they end."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._logged: dict[str, str] = {}

    def begin(self, what: str, problem: str, **fields: object) -> None:
        """Log that ``what`` has a ``problem``, unless that was logged before."""
        if self._logged.get(what) != problem:
            self._logged[what] = problem
            self._log.error(what, problem=problem, **fields)

    def end(self, what: str) -> None:
        """Log that ``what`` works again, if it had a problem."""
        if self._logged.pop(what, None) is not None:
            self._log.info(f"{what}: works again")

    def __bool__(self) -> bool:
        return bool(self._logged)
