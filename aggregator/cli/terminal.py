"""Print results on stdout, and errors and progress on stderr.

An error is one line.  Control characters of sources, file names and arguments are escaped, so that
a line stays one line and no terminal obeys it.  Every command imports this, so it imports little.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from aggregator.model import Progress

PROG = "aggregator"


def fail_with(error: Exception, *, show_place: bool = False) -> int:
    """Print ``error``, one line for each problem; return the exit code.

    With ``show_place``, an internal error is raised again, so that Python shows where it happened.
    """
    from aggregator.errors import AggregatorError, ConfigError

    if isinstance(error, ConfigError):
        return max(fail(problem, error.exit_code) for problem in error.problems)
    if isinstance(error, AggregatorError):
        return fail(str(error), error.exit_code)
    if show_place or os.environ.get("AGGREGATOR_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.filename is None:
        drop_output()
        return fail(f"standard output: cannot be written: {error.strerror}", 1)
    return fail(
        f"internal error: {type(error).__name__}: {error}; --verbose shows where",
        1,
    )


def fail(problem: str, code: int) -> int:
    """Print ``problem`` in one line; return ``code``."""
    print(f"{PROG}: {_visible(problem)}", file=sys.stderr)
    return code


_UNSAFE = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"


def _visible(line: str) -> str:
    """Return ``line`` with every control character escaped."""
    if line.isprintable():
        return line
    import re

    return re.sub(_UNSAFE, lambda match: ascii(match[0])[1:-1], line)


def print_json(value: object) -> None:
    """Print one JSON value on a line, valid in whatever encoding stdout has."""
    unicode_is_fine = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not unicode_is_fine))


def print_lines(lines: Iterable[str]) -> None:
    """Print lines for people."""
    for line in lines:
        for part in line.split("\n"):
            print(_visible(part))


def as_wide_as_terminal(lines: Iterable[str]) -> Iterator[str]:
    """Cut lines to the width of the terminal; where stdout is none, they stay whole."""
    if not sys.stdout.isatty():
        yield from lines
        return
    import shutil

    width = shutil.get_terminal_size().columns
    for line in lines:
        yield line if len(line) <= width else line[: width - 1] + "…"


def drop_output() -> None:
    """Discard what is still buffered, or Python reports an error when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_STEPS = 1000
_WIDTH = 24  # of the bar, in characters
_CLUTTER = 12  # brackets, percentage and spaces around it


class ProgressBar:
    """A progress bar on stderr where that is a terminal, and nothing elsewhere or if ``quiet``.

    It is one bar from the beginning to the end of the work, with what is being done.  It never goes
    back, and is full only at the end.
    """

    def __init__(self, label: str, *, quiet: bool) -> None:
        self._label = label
        self._is_shown = sys.stderr.isatty() and not quiet
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self._show if self._is_shown else _show_nothing

    def _show(self, name: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(
                length=_STEPS,
                label=self._label,
                file=sys.stderr,
                width=_WIDTH,
                show_eta=False,  # how long a step takes is not known
                show_percent=True,
                item_show_func=self._doing,
            )
        self._bar.current_item = name
        step = min(_STEPS * done // max(total, 1), _STEPS - 1) - self._bar.pos
        if step > 0:
            self._bar.update(step)
        else:
            self._bar.render_progress()

    def _doing(self, name: str | None) -> str:
        import shutil

        room = shutil.get_terminal_size().columns - len(self._label) - _WIDTH - _CLUTTER
        name = _visible(name or "")
        return name if len(name) <= room else f"{name[: max(room - 1, 0)]}…"

    def __exit__(self, kind: object = None, *_: object) -> None:
        if self._bar is not None:
            if kind is None:
                self._bar.current_item = "done"
                self._bar.update(_STEPS - self._bar.pos)
            self._bar.render_finish()
            self._bar = None


def _show_nothing(_name: str, _done: int, _total: int) -> None:
    """Take the progress of work where it is not shown."""
