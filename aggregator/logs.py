"""The daemon's log: one event a line on stderr, with fields.

Readable on a terminal, JSON elsewhere.  What comes by the standard library's logging goes the same
way, from warnings on: httpx and uvicorn say much that nobody needs.
"""

import json
import logging
import sys
from typing import Any

import structlog


def configure() -> None:
    """Have this process log so."""
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
    logging.getLogger("aggregator").setLevel(logging.INFO)


def _json(value: Any, **_: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=True)


class Troubles:
    """What is wrong, told once when it begins and once when it ends, and not at every look."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._told: dict[str, str] = {}

    def begin(self, what: str, problem: str, **fields: object) -> None:
        """Note that ``what`` is in trouble, for the reason ``problem``."""
        if self._told.get(what) != problem:
            self._told[what] = problem
            self._log.error(what, problem=problem, **fields)

    def end(self, what: str) -> None:
        """Note that ``what`` is well."""
        if self._told.pop(what, None) is not None:
            self._log.info(f"{what}: well again")

    def __bool__(self) -> bool:
        return bool(self._told)
