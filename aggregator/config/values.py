"""Read the values of the configuration: each function takes what TOML holds and returns what the
program uses, or raises ``ValueError`` saying what the value must be.
"""

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.normalise.addresses import LAST_PORT, redact
from aggregator.normalise.agency import RESERVED_NAMES
from aggregator.normalise.categories import LONGEST_TERM
from aggregator.normalise.links import is_usual, url_problem
from aggregator.normalise.rules import rule_problem, word_problem
from aggregator.normalise.text import cut, is_blank, one_line

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Ids name files, so they consist of what every file system accepts."""

_LISTEN = re.compile(r"(\[[^\s\[\]]+\]|[^\s\[\]]+):([0-9]{1,5})")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PAGE = re.compile(r"/[^/]+\.(?:x?html?|php|aspx?|jsp|xml|atom|rss|json)\Z", re.IGNORECASE)
_LONGEST_NAME = 255  # bytes of one part of a path, on every file system in use
_LONGEST_CONTACT = 200


def text(value: object) -> str:
    """Return a string."""
    if not isinstance(value, str):
        raise ValueError(f"must be a string, not {_shown(value)}")
    return value


def flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {_shown(value)}")
    return value


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return a reader of whole numbers from ``low`` to ``high``."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"must be a whole number, not {_shown(value)}")
        if not low <= value <= high:
            raise ValueError(f"must be from {low} to {high}")
        return value

    return read


def zone(value: object) -> ZoneInfo:
    """Return the time zone of a name such as ``Europe/Brussels``."""
    try:
        return ZoneInfo(text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        named = "must be the name of a time zone, such as 'Europe/Brussels'"
        raise ValueError(f"{named}, not {_shown(value)}") from error


def one_of(*choices: str) -> Callable[[object], str]:
    """Return a reader of one of a few strings."""

    def read(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {_shown(value)}")
        return text(value)

    return read


def list_of(read_one: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """Return a reader of lists of strings."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError(f"must be a list of strings, not {_shown(value)}")
        return tuple(read_one(one) for one in value)

    return read


def rule(value: object) -> str:
    """Return a word or, between slashes, a regular expression."""
    if problem := rule_problem(text(value)):
        raise ValueError(problem)
    return text(value)


def word(value: object) -> str:
    """Return a word or a phrase, in which ``*`` is any letters."""
    if problem := word_problem(text(value)):
        raise ValueError(problem)
    return text(value)


def visible(value: object) -> str:
    """Return a string with at least one visible character."""
    if is_blank(text(value)):
        raise ValueError("is empty")
    return text(value)


def title(value: object) -> str:
    """Return a title or name on one line."""
    return one_line(visible(value))


def tag(value: object) -> str:
    """Return a tag, of which OPML lists several with a comma between two."""
    found = title(value)
    if "," in found:
        raise ValueError(f"may contain no comma: {_shown(found)}")
    return found


def term(value: object) -> str:
    """Return the name of a category."""
    found = visible(value)
    if one_line(found) != found:
        raise ValueError(f"must be on one line, with single spaces: {_shown(found)}")
    if len(found) > LONGEST_TERM:
        raise ValueError(f"may have {LONGEST_TERM} characters: {_shown(found)}")
    return found


def identifier(value: object) -> str:
    """Return an id."""
    if not ID.fullmatch(text(value)):
        raise ValueError(f"may contain only letters, digits, '.', '_' and '-': {_shown(value)}")
    return text(value)


def feed_name(value: object) -> str:
    """Return an id that names a feed's file."""
    found = identifier(value)
    # Some systems ignore the case of a file name, and some what comes after the first dot.
    if found.casefold().partition(".")[0] in RESERVED_NAMES:
        raise ValueError(f"{found!r} cannot name a feed's file; choose another")
    return found


def quantity(
    units: Mapping[str, float], example: str, *, low: float, high: float, parts: int = 1
) -> Callable[[object], float]:
    """Return a reader of numbers with units, in up to so many ``parts``, from ``low`` to ``high``.

    The result is in the unit that is 1, and whole if all units are.
    """
    part = rf"([0-9]{{1,6}})({'|'.join(units)})"
    pattern = re.compile(rf"(?:{part}){{1,{parts}}}")

    @lru_cache(maxsize=64)  # many sources have the same few
    def parsed(value: str) -> float | None:
        if not pattern.fullmatch(value):
            return None
        found = sum(int(number) * units[unit] for number, unit in re.findall(part, value))
        return found if low <= found <= high else None

    def read(value: object) -> float:
        if isinstance(value, str) and (found := parsed(value)) is not None:
            return found
        raise ValueError(f"must be like {example}, not {_shown(value)}")

    return read


_PAUSE = {"ms": 0.001, "s": 1.0, "m": 60.0}
_BYTES = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}

duration = quantity(
    {"s": 1, "m": 60, "h": 3600, "d": 86400},
    "'15m', '6h' or '1d', and at most '366d'",
    low=1,
    high=366 * 86400,
    parts=4,
)
pause = quantity(_PAUSE, "'1s' or '500ms', and at most '1h'", low=0, high=3600)
timeout = quantity(_PAUSE, "'30s' or '2m', and at most '1h'", low=0.001, high=3600)
size = quantity(
    _BYTES | {f" {unit}": number for unit, number in _BYTES.items()},
    "'10MB'",
    low=1,
    high=math.inf,
)


_day_span = quantity(
    {"d": 1, "w": 7, "y": 365}, "'1y', '6w', '90d' or 'all'", low=1, high=366_000, parts=3
)
ALL_DAYS = 0
"""The number of days of ``all``."""


def span(value: object) -> int:
    """Return a number of days, or ``ALL_DAYS``."""
    return ALL_DAYS if value == "all" else int(_day_span(value))


def host_and_port(value: object) -> tuple[str, int]:
    """Return the parts of ``127.0.0.1:8080`` or ``[::1]:8080``."""
    match = _LISTEN.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[2]) > LAST_PORT:
        raise ValueError(f"must be HOST:PORT, not {_shown(value)}")
    return match[1].strip("[]"), int(match[2])


def scheduler(value: object) -> str:
    """Return the address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``."""
    scheme, _, place = text(value).partition("://")
    match = _LISTEN.fullmatch(place.removesuffix("/"))
    is_place = match is not None and 0 < int(match[2]) <= LAST_PORT and "@" not in place
    if scheme not in ("tcp", "tls") or not is_place or "/" in place.removesuffix("/"):
        shape = "must be tcp://HOST:PORT or tls://HOST:PORT"
        raise ValueError(f"{shape}, not {_shown(redact(text(value)))}")
    return f"{scheme}://{place.removesuffix('/')}"


def path(value: object) -> Path:
    """Return a path, with the home folder in the place of ``~``."""
    found = text(value)
    if is_blank(found) or _CONTROLS.search(found):
        raise ValueError(f"is not a path: {found!r}")
    try:
        expanded = Path(found).expanduser()
    except RuntimeError:
        raise ValueError(f"there is no such home folder: {found!r}") from None
    for part in expanded.parts:
        if len(part.encode()) > _LONGEST_NAME:
            raise ValueError(f"has a name of more than {_LONGEST_NAME} bytes: {cut(part, 40)!r}")
    return expanded


def location(value: object) -> str:
    """Return the path, glob or address of a source."""
    found = text(value)
    if is_usual(found):
        return found  # many times faster
    if is_blank(found) or _CONTROLS.search(found):
        raise ValueError(f"is not a path or an address: {found!r}")
    if "://" not in found:
        if found.startswith(("http:", "https:", "feed:")):
            raise ValueError(f"an address begins with http:// or https://, not {found!r}")
    elif url_problem(found):
        # ``url_problem`` quotes the address, which may contain a password.
        bare = redact(found)
        raise ValueError(url_problem(bare) or f"is not an address: {bare!r}")
    return found


def url(value: object) -> str:
    """Return an http or https address."""
    found = text(value)
    if problem := url_problem(found):
        raise ValueError(problem)
    return found


def base_url(value: object) -> str:
    """Return an address that file names are added to, with a slash at its end.

    That of a page is taken for the folder it is in, as relative links on it are.
    """
    found = _without(url(value), "?#&")  # & needs escapes in XML, where addresses begin with it
    if _PAGE.search(urlsplit(found).path):
        found = found.rpartition("/")[0]
    return found.rstrip("/") + "/"


def public_url(value: object) -> str:
    """Return an address that is sent to other servers."""
    found = text(value)
    if redact(found) != found:  # not quoted: what comes before the @ may be a password
        raise ValueError("contains a user or a password, which would become public")
    if not url(found).isascii():  # it is sent in headers, and compared with what requests contain
        raise ValueError("must be in ASCII: xn--… for a host, %C3%A9 for é")
    return _without(found, "#")


def callback(value: object) -> str:
    """Return an address below which hubs send requests, with a slash at its end."""
    found = _without(public_url(value), "?")
    parts = urlsplit(found).path.split("/")
    if not any(parts):
        raise ValueError("needs a path of its own, such as https://example.org/websub/")
    if {".", ".."} & set(parts):
        raise ValueError("must not contain . or .. in its path, which clients resolve")
    return found.rstrip("/") + "/"


def contact(value: object) -> str:
    """Return the address of mail or web that requests name."""
    found = text(value)
    if _CONTROLS.search(found) or not found.isascii() or len(found) > _LONGEST_CONTACT:
        raise ValueError(f"must be an address of mail or web, not {_shown(found)}")
    return found.strip()


def _without(address: str, signs: str) -> str:
    for sign in signs:
        if sign in address:
            raise ValueError(f"must not contain {sign}")
    return address


def _shown(value: object) -> str:
    """Return a value for a message: on one line, and not too long."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(cut(value, 80)) if isinstance(value, str) else cut(one_line(str(value)), 80)
