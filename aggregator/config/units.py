"""Values that are written as text: durations, sizes, and where to listen."""

import re

from aggregator.normalise.addresses import LAST_PORT

_INTERVAL = re.compile(r"(?:[0-9]{1,6}[smhd]){1,4}")
_PAUSE = re.compile(r"([0-9]{1,6})(ms|s|m)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_INTERVAL = 366 * _SECONDS["d"]
_SIZE = re.compile(r"([0-9]{1,6}) ?([kMG]?B)")
_BYTES = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
_LISTEN = re.compile(r"(\[[^\s\[\]]+\]|[^\s\[\]]+):([0-9]{1,5})")


def duration(text: str) -> int | None:
    """Seconds in ``15m``, ``6h``, ``1d`` or ``1h30m``.

    None where it is no interval, no time at all, or longer than a year has days.
    """
    if not _INTERVAL.fullmatch(text):
        return None
    seconds = sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"([0-9]+)([smhd])", text))
    return seconds if 0 < seconds <= _LONGEST_INTERVAL else None


def pause(text: str) -> float | None:
    """Seconds in ``500ms``, ``2s`` or ``1m``, none at all among them; None where it is no such."""
    match = _PAUSE.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[match[2]]
    return seconds if seconds <= _SECONDS["h"] else None


def size(text: str) -> int | None:
    """Bytes in ``20MB`` or ``64 kB``, in powers of ten; None where it is no size."""
    match = _SIZE.fullmatch(text)
    return int(match[1]) * _BYTES[match[2]] if match else None


def host_and_port(text: str) -> tuple[str, int] | None:
    """``127.0.0.1:8080`` or ``[::1]:8080`` as host and port, or None where it is no such."""
    match = _LISTEN.fullmatch(text)
    if match is None or int(match[2]) > LAST_PORT:
        return None
    return match[1].strip("[]"), int(match[2])
