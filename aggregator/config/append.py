"""Append ``[[sources]]`` tables to a configuration file, as a person would.

Takes a loaded configuration and new sources.  What the file contains stays byte for byte, comments
and line ends included.  The file is replaced whole or not at all, and only by one that loads and
means the same plus the new sources.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aggregator.config import Config, Source, load
from aggregator.errors import ConfigError
from aggregator.normalise.addresses import redact
from aggregator.temporary import temporary_folder

_TO_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f]')


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A table to append."""

    id: str
    location: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    agency: str | None = None
    allow_private: bool = False
    aggregator: bool = False

    @property
    def source(self) -> Source:
        """The source that the table is read as."""
        return Source(
            id=self.id,
            location=self.location,
            title=self.title,
            tags=self.tags,
            agency=self.agency,
            allow_private=self.allow_private,
            aggregator=self.aggregator,
        )


def append_sources(config: Config, sources: Sequence[NewSource]) -> None:
    """Append ``sources`` to the file that ``config`` was loaded from.

    Raises ``ConfigError``, with the file as it was, if it cannot be read or written, was changed
    since ``config`` was loaded, or would not load afterwards.
    """
    if not sources:
        return
    # If the configuration is a link, its target is replaced, not the link.
    file = Path(os.path.realpath(config.file))
    try:
        before = file.read_bytes()
        after = before + _addition(before, sources)
        _replace(config, file, before, after, sources)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"{config.file}: cannot be written: {reason}") from error


def toml_string(text: str) -> str:
    """Return ``text``, which has no lone surrogates, as a basic string (TOML 1.0, "String")."""
    return '"' + _TO_ESCAPE.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    return f"\\{sign}" if sign in '"\\' else f"\\u{ord(sign):04x}"


def _addition(before: bytes, sources: Sequence[NewSource]) -> bytes:
    """Return the text to append, with the line ends of the text before it."""
    lines = [line for source in sources for line in ("", *_table(source))]
    is_crlf = before.endswith(b"\r\n") or before.partition(b"\n")[0].endswith(b"\r")
    end = b"\r\n" if is_crlf else b"\n"
    if not before:
        del lines[0]
    elif not before.endswith(b"\n"):
        lines.insert(0, "")
    return b"".join(line.encode() + end for line in lines)


def _table(source: NewSource) -> Iterator[str]:
    yield "[[sources]]"
    yield f"id = {toml_string(source.id)}"
    if source.title is not None:
        yield f"title = {toml_string(source.title)}"
    if source.tags:
        yield f"tags = [{', '.join(map(toml_string, source.tags))}]"
    yield f"location = {toml_string(source.location)}"
    if source.agency is not None:
        yield f"agency = {toml_string(source.agency)}"
    if source.allow_private:
        yield "allow_private = true"
    if source.aggregator:
        yield "aggregator = true"


def _replace(
    config: Config, file: Path, before: bytes, after: bytes, sources: Sequence[NewSource]
) -> None:
    """Write a temporary file, check it, and rename it to ``file``."""
    with temporary_folder(file.parent) as folder:
        temporary = folder / file.name
        with temporary.open("wb") as opened:
            opened.write(after)
            opened.flush()
            os.fsync(opened.fileno())
        _check_meaning(config, temporary, sources)
        _keep_owner_and_mode(file, temporary)
        if file.read_bytes() != before:
            raise ConfigError(f"{config.file}: was changed in the meantime; nothing was added")
        os.replace(temporary, file)


def _check_meaning(config: Config, temporary: Path, sources: Sequence[NewSource]) -> None:
    try:
        loaded = load(temporary, config.folder)
    except ConfigError as error:
        reason = redact(error.problems[0].removeprefix(f"{temporary}: "))
        hint = "; are its sources written as [[sources]] tables?"
        raise ConfigError(
            f"{config.file}: nothing was added, since it would not load: {reason}{hint}"
        ) from error
    added = [new.source for new in sources]
    if (loaded.sources, loaded.agencies) != ((*config.sources, *added), config.agencies):
        raise ConfigError(f"{config.file}: was changed in the meantime; nothing was added")


def _keep_owner_and_mode(file: Path, temporary: Path) -> None:
    found = file.stat()
    with suppress(OSError):  # only an administrator may give files away
        os.chown(temporary, found.st_uid, found.st_gid)
    os.chmod(temporary, found.st_mode & 0o7777)
