"""Adds ``[[sources]]`` tables to a configuration file, as a person would at its end.

Takes a loaded configuration and new sources; leaves every byte that is there as it is, comments
and line ends too.  The file is replaced whole or not at all, and only by one that loads and says
what the old one said and the new sources besides.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aggregator.config import Config, load
from aggregator.errors import ConfigError
from aggregator.normalise.addresses import redact

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")  # TOML lets none into a comment but the tab
_TO_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f]')


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A table to add.  ``note`` is a comment above it, on one line, for people."""

    id: str
    location: str
    agency: str | None = None
    note: str = ""


def append_sources(config: Config, sources: Sequence[NewSource]) -> None:
    """Add ``sources`` to the file that ``config`` came from.

    Raises ``ConfigError``, with the file as it was, where it cannot be read or written, where it
    is not what ``config`` says any more, or where the result would not load.
    """
    if not sources:
        return
    # Where the configuration is a link, the file it leads to is replaced, not the link.
    file = Path(os.path.realpath(config.file))
    try:
        before = file.read_bytes()
        after = before + _addition(before, sources)
        _replace(config, file, before, after, sources)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"{config.file}: cannot be written: {reason}") from error


def toml_string(text: str) -> str:
    """``text`` as a basic string (TOML 1.0, "String"); it may hold no lone surrogates."""
    return '"' + _TO_ESCAPE.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    return f"\\{sign}" if sign in '"\\' else f"\\u{ord(sign):04x}"


def _addition(before: bytes, sources: Sequence[NewSource]) -> bytes:
    """The text to add, in the line ends of the text before it."""
    lines = [line for source in sources for line in ("", *_table(source))]
    end = b"\r\n" if before.endswith(b"\r\n") or _first_end(before) == b"\r\n" else b"\n"
    if not before:
        del lines[0]
    elif not before.endswith(b"\n"):
        lines.insert(0, "")
    return b"".join(line.encode() + end for line in lines)


def _first_end(text: bytes) -> bytes:
    head, newline, _ = text.partition(b"\n")
    return b"\r\n" if newline and head.endswith(b"\r") else b"\n"


def _table(source: NewSource) -> Iterator[str]:
    if source.note:
        yield f"# {_CONTROLS.sub(' ', source.note)}"
    yield "[[sources]]"
    yield f"id = {toml_string(source.id)}"
    yield f"location = {toml_string(source.location)}"
    if source.agency is not None:
        yield f"agency = {toml_string(source.agency)}"


def _replace(
    config: Config, file: Path, before: bytes, after: bytes, sources: Sequence[NewSource]
) -> None:
    """Write beside ``file``, check that, and rename it over ``file``."""
    handle, beside = tempfile.mkstemp(prefix=f".{file.name[:100]}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(after)
            opened.flush()
            os.fsync(opened.fileno())
        _refuse_other_meaning(config, Path(beside), sources)
        _keep_owner_and_mode(file, beside)
        if file.read_bytes() != before:
            raise ConfigError(f"{config.file}: was changed meanwhile; nothing was added")
        os.replace(beside, file)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def _refuse_other_meaning(config: Config, beside: Path, sources: Sequence[NewSource]) -> None:
    try:
        loaded = load(beside)
    except ConfigError as error:
        reason = redact(error.problems[0].removeprefix(f"{beside}: "))
        hint = "; are its sources written as [[sources]] tables?"
        raise ConfigError(
            f"{config.file}: nothing was added, since it would not load: {reason}{hint}"
        ) from error
    added = loaded.sources[len(config.sources) :]
    is_as_meant = [(new.id, new.location, new.agency) for new in added] == [
        (new.id, new.location, new.agency) for new in sources
    ]
    kept = loaded.sources[: len(config.sources)] == config.sources
    if not (is_as_meant and kept and loaded.agencies == config.agencies):
        raise ConfigError(f"{config.file}: was changed meanwhile; nothing was added")


def _keep_owner_and_mode(file: Path, beside: str) -> None:
    found = file.stat()
    with suppress(OSError):  # only an administrator may give files away
        os.chown(beside, found.st_uid, found.st_gid)
    os.chmod(beside, found.st_mode & 0o7777)
