"""Declare the keys of a table, and read tables by their declaration.

A table is a dataclass whose fields are made by ``key``, ``table`` or ``tables``.  ``read`` fills
one from TOML and notes every problem, naming the key; ``docs/configuration.md`` is generated from
the same declaration (``tools/configuration.py``).
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import lru_cache
from typing import Any, TypeVar

from aggregator.config.values import ID

_Shape = TypeVar("_Shape")

REQUIRED = object()
"""The default of a key that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """How the value of a key is read, and its default as one would write it, or in words."""

    read: Callable[[Any], Any]
    default: object
    shown: str | None = None


def key(read: Callable[[Any], Any], default: object, *, shown: str | None = None) -> Any:
    """Return the field of a key; a default of None is the value None."""
    metadata = {"key": Key(read=read, default=default, shown=shown)}
    if default is REQUIRED:
        return field(metadata=metadata)
    return field(default=None if default is None else read(default), metadata=metadata)


def table(shape: type) -> Any:
    """Return the field of a table within a table: ``[fetch]``."""
    return field(default=shape(), metadata={"table": shape})


def tables(shape: type, *, build: Callable[[Any], Any] = lambda row: row) -> Any:
    """Return the field of a list of tables: ``[[sources]]``.

    ``build`` converts each of them, or raises ``ValueError`` with what is wrong with it.
    """
    return field(default=(), metadata={"tables": shape, "build": build})


def keys_of(shape: type) -> dict[str, Key]:
    """Return the keys of a table in the order of their declaration."""
    declared = {each.name: each.metadata["key"] for each in _fields(shape, "key")}
    return {name: declared[name] for name in shape.__annotations__ if name in declared}


def tables_of(shape: type) -> dict[str, type]:
    """Return the tables within a table, by their headings: ``[fetch]`` and ``[[sources]]``."""
    single = {f"[{each.name}]": each.metadata["table"] for each in _fields(shape, "table")}
    return single | {f"[[{e.name}]]": e.metadata["tables"] for e in _fields(shape, "tables")}


def read(
    shape: type[_Shape], given: Mapping[str, Any], place: str, problems: list[str], **more: object
) -> _Shape:
    """Return the table ``given`` as a ``shape`` with the further fields ``more``.

    Adds what is wrong to ``problems``, each with its ``place`` in the file.  What could not be read
    has its default, or is ``""`` where there is none.
    """
    known = _declared(shape)  # type: ignore[arg-type]  # a class is hashable
    problems += _unknown_keys(given, [each.name for each in known], place)
    values = {each.name: _read_field(each, given, place, problems) for each in known}
    return shape(**values, **more)


@lru_cache(maxsize=16)
def _declared(shape: type) -> list[Field[Any]]:
    return [each for each in fields(shape) if each.metadata]


def place_of(name: str, number: int, label: object) -> str:
    """Return the name of a row: ``[[sources]] number 2 (nato)``; ``number`` starts at 1.

    ``label`` is its id or term, if it has one.
    """
    if not isinstance(label, str) or not label:
        return f"[[{name}]] number {number}"
    return f"[[{name}]] number {number} ({label if ID.fullmatch(label) else repr(label)})"


def _fields(shape: type, kind: str) -> list[Field[Any]]:
    return [each for each in fields(shape) if kind in each.metadata]


def _unknown_keys(given: Mapping[str, Any], known: list[str], place: str) -> Iterator[str]:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield f"{place}unknown key {name!r}{hint}"


def _read_field(
    each: Field[Any], given: Mapping[str, Any], place: str, problems: list[str]
) -> object:
    fallback = "" if each.default is MISSING else each.default
    try:
        if each.name not in given:
            if each.default is MISSING:
                raise ValueError("is missing")
            return fallback
        value, declared = given[each.name], each.metadata
        if "key" in declared:
            return declared["key"].read(value)
        if "table" in declared:
            if not isinstance(value, dict):
                raise ValueError(f"must be a table, written as [{each.name}]")
            return read(declared["table"], value, f"[{each.name}]: ", problems)
        if not isinstance(value, list):
            raise ValueError(f"must be tables, written as [[{each.name}]]")
        return tuple(_rows(each, value, problems))
    except ValueError as error:
        problems.append(f"{place}{each.name}: {error}")
        return fallback


def _rows(each: Field[Any], rows: list[object], problems: list[str]) -> Iterator[object]:
    shape, build = each.metadata["tables"], each.metadata["build"]
    readers = {name: declared.read for name, declared in keys_of(shape).items()}
    for number, row in enumerate(rows, 1):
        rows[number - 1] = None  # frees the memory of what was read
        if not isinstance(row, dict):
            problems.append(f"{place_of(each.name, number, None)}: must be a table")
            continue
        try:
            # Most rows are valid, and of many thousands each microsecond counts.
            yield build(shape(**{name: readers[name](value) for name, value in row.items()}))
            continue
        except (KeyError, TypeError, ValueError):
            pass  # the problems are found in the order in which the keys are declared
        before = len(problems)
        place = place_of(each.name, number, row.get("id", row.get("term")))
        found = read(shape, row, f"{place}: ", problems)
        try:
            found = build(found)
        except ValueError as error:
            if len(problems) == before:  # otherwise it may be about a value that is missing now
                problems.append(f"{place}: {error}")
        yield found
