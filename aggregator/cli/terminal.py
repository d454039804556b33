"""What the program prints: results on stdout, and errors on stderr, one line each.

Whatever a source, a file name or an argument holds, a line stays one line and no terminal obeys it.
Nothing heavy is imported here, since every command begins with this.
"""

import json
import os
import sys
from collections.abc import Iterable

PROG = "aggregator"


def fail_with(error: Exception) -> int:
    """Tell of ``error`` in the words for it; gives the exit code it ends in."""
    from aggregator.errors import AggregatorError, ConfigError

    if isinstance(error, ConfigError):
        return max(fail(problem, error.exit_code) for problem in error.problems)
    if isinstance(error, AggregatorError):
        return fail(str(error), error.exit_code)
    if os.environ.get("AGGREGATOR_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.filename is None:
        drop_output()
        return fail(f"standard output: cannot be written: {error.strerror}", 1)
    return fail(
        f"internal error: {type(error).__name__}: {error}; AGGREGATOR_DEBUG=1 shows where",
        1,
    )


def fail(problem: str, code: int) -> int:
    """Tell of ``problem`` in one line; gives ``code``."""
    print(f"{PROG}: {_visible(problem)}", file=sys.stderr)
    return code


_UNSAFE = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"


def _visible(line: str) -> str:
    """``line`` as one line that a terminal shows and does not obey."""
    if line.isprintable():
        return line
    import re

    return re.sub(_UNSAFE, lambda match: ascii(match[0])[1:-1], line)


def print_json(value: object) -> None:
    """One JSON value on a line of its own, sound in whatever encoding stdout has."""
    unicode_is_fine = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not unicode_is_fine))


def print_lines(lines: Iterable[str]) -> None:
    """Lines for people."""
    for line in lines:
        for part in line.split("\n"):
            print(_visible(part))


def drop_output() -> None:
    """Send what is still buffered nowhere, or Python complains of it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
