"""The file as TOML, and TOML in its shapes; what does not fit is said in words of the file."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from aggregator.config.settings import (
    ID,
    AgencySettings,
    BackupSettings,
    CategorySettings,
    FeedSettings,
    FetchSettings,
    Settings,
    SourceSettings,
    WebSubSettings,
)
from aggregator.errors import ConfigError
from aggregator.normalise.text import one_line


def toml(file: Path) -> dict[str, Any]:
    """The tables of ``file``; raises ``ConfigError`` where it has none."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n"))
    except FileNotFoundError:
        raise ConfigError(
            f"{file}: there is no such file; name another with --config FILE"
        ) from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error
    except ValueError as error:  # of int(), which takes no more digits than a few thousand
        raise ConfigError(f"{file}: is not TOML: it holds a number of too many digits") from error
    except RecursionError as error:
        raise ConfigError(f"{file}: is not TOML: nested too deeply") from error


def typed(table: dict[str, Any], file: str) -> Settings:
    """The file in its shapes.  Unknown keys are all named at once, wrong types one at a time."""
    unknown = [f"{file}: {problem}" for problem in _unknown_keys(table)]
    if unknown:
        raise ConfigError(*unknown)
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{file}: {_in_words(str(error), table)}") from error


TABLES: dict[str, type[msgspec.Struct]] = {
    "sources": SourceSettings,
    "agencies": AgencySettings,
    "feeds": FeedSettings,
    "categories": CategorySettings,
}


_SINGLE_TABLES: dict[str, type[msgspec.Struct]] = {
    "fetch": FetchSettings,
    "backup": BackupSettings,
    "websub": WebSubSettings,
}


def _unknown_keys(table: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(table, Settings, "")
    for name, shape in _SINGLE_TABLES.items():
        single = table.get(name)
        if isinstance(single, dict):
            yield from _unknown(single, shape, f"[{name}]: ")
    for name, shape in TABLES.items():
        rows = table.get(name)
        for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
            if isinstance(row, dict):
                yield from _unknown(row, shape, place_of(name, number, row) + ": ")


def _unknown(table: Mapping[str, Any], shape: type[msgspec.Struct], place: str) -> Iterator[str]:
    known = shape.__struct_fields__
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield f"{place}unknown key {key!r}{hint}"


def _in_words(message: str, table: Mapping[str, Any]) -> str:
    """What msgspec says of ``$.sources[0].interval``, for a reader of TOML."""
    what, _, path = one_line(message).partition(" - at `$.")
    what = what.replace("`", "").replace("Object missing required field", "missing key")
    path = path.rstrip("`")
    match = re.fullmatch(r"(\w+)\[(\d+)\](?:\.(.*))?", path)
    table_name, _, key_name = path.partition(".")
    if table_name in _SINGLE_TABLES and key_name:
        return f"[{table_name}]: {key_name}: {what}"
    if match is None:
        return f"{path}: {what}" if path else what
    name, index, key = match[1], int(match[2]), match[3]
    row = table[name][index]
    place = place_of(name, index + 1, row if isinstance(row, dict) else {})
    return f"{place}: {key}: {what}" if key else f"{place}: {what}"


def place_of(name: str, number: int, row: Mapping[str, Any]) -> str:
    """How a row of a table is called: ``[[sources]] number 2 (nato)``; ``number`` is from 1."""
    given = row.get("id", row.get("term"))
    if not isinstance(given, str):
        return f"[[{name}]] number {number}"
    return f"[[{name}]] number {number} ({given if ID.fullmatch(given) else repr(given)})"
