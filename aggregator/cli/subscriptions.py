"""Import subscriptions from OPML into the configuration, and export them as OPML.

``import_opml`` adds the subscriptions of an OPML file that the configuration lacks; ``export_opml``
returns the sources on the network as OPML for any feed reader; ``add_source`` adds one source that
was tried.  User names and passwords in
addresses stay in the configuration, which is said: no message and no exported list holds them.
"""

import hashlib
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.config import ID, Config, Source, values
from aggregator.config.append import NewSource, append_sources
from aggregator.errors import ConfigError, ParseError
from aggregator.model import Problem
from aggregator.model.normal_form import normal_form
from aggregator.normalise.addresses import redact, userinfo, without_credentials
from aggregator.normalise.agency import Agencies
from aggregator.normalise.text import cut, first_of, is_blank, one_line
from aggregator.output.formats import opml as write
from aggregator.parse import opml as read
from aggregator.parse.opml import Subscription, address_key

if TYPE_CHECKING:
    from aggregator.ingest.preview import Preview

_STANDARD_INPUT = Path("-")
_MAX_ID = 60
_MAX_TITLE = 100
_MOST_NAMED = 5
_MOST_PROBLEMS = 100  # the same thing is usually wrong with the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import.

    ``added`` are the ids of new sources; ``known`` counts subscriptions that the configuration had
    already.  ``problems`` are one line each, with file and line; ``is_whole``: nothing was left out
    for them.  ``warning`` is on passwords.
    """

    added: tuple[str, ...] = ()
    known: int = 0
    problems: tuple[str, ...] = ()
    is_whole: bool = True
    warning: str | None = None


def import_opml(config: Config, file: Path) -> ImportReport:
    """Add a source to the configuration for each subscription in ``file`` that it lacks.

    ``-`` is standard input.  Where a subscription has a folder, or else a title, that is the name
    of a configured agency, all entries of the source are that agency's; its other folders and its
    categories are tags.  Raises ``ConfigError`` if ``file`` cannot be read or is not OPML, or if
    the configuration cannot be extended; it is then unchanged.
    """
    name = "standard input" if file == _STANDARD_INPUT else str(file)
    try:
        subscriptions, problems = read.parse(_body(file, name), name)
    except ParseError as error:
        raise ConfigError(str(error)) from error
    known = _known_addresses(config.sources)
    new = [found for found in subscriptions if address_key(found.address) not in known]
    sources = _new_sources(new, config)
    append_sources(config, sources)
    return ImportReport(
        added=tuple(source.id for source in sources),
        known=len(subscriptions) - len(new),
        problems=_problem_lines(name, problems),
        is_whole=not any(problem.rejected for problem in problems),
        warning=_on_passwords(config, sources),
    )


def add_source(config: Config, found: "Preview") -> tuple[Config, list[str]]:
    """Add a source that was tried; return the configuration then, and what was done in lines.

    Raises ``ConfigError`` as ``import_opml`` does.
    """
    known = {address_key(s.location): s for s in config.sources if s.is_remote}
    key = address_key(found.location)
    if (there := known.get(key) or known.get(without_credentials(key))) is not None:
        return config, [f"{there.id}: is in the configuration already, with this address"]
    title = one_line(redact(found.documents[0].title)) if found.documents else ""
    taken = {source.id.casefold() for source in config.sources}
    made = [document for document in found.documents if document.is_aggregator]
    new = NewSource(
        id=free_id(found.location, title, taken),
        location=found.location,
        title=cut(title, _MAX_TITLE) or None,
        allow_private=found.source.allow_private,
        aggregator=any(not document.format.startswith("RSS") for document in made),
    )
    append_sources(config, [new])
    words = [f"{new.id}: added to {config.file}; `aggregator once --source {new.id}` reads it now"]
    if new.aggregator:
        words[0] += (
            "; it has aggregator = true, and may speak for any agency unless `agencies` names some"
        )
    elif made:
        words.append(
            f"{new.id}: another Aggregator made it; its .atom or .json file, added instead of this"
            " RSS, keeps the ids, agencies and dates of the entries"
        )
    warning = _on_passwords(config, [new])
    return replace(config, sources=(*config.sources, new.source)), [
        *words,
        *filter(None, [warning]),
    ]


def _on_passwords(config: Config, sources: Iterable[NewSource]) -> str | None:
    """Return a warning that names the sources whose address has credentials, without these."""
    ids = [source.id for source in sources if userinfo(source.location)]
    if not ids:
        return None
    open_to_others = config.file.stat().st_mode & 0o044
    who = "which other users of this machine can read" if open_to_others else "which only you read"
    return (
        f"{config.file}: has the password in the address of {first_of(ids, _MOST_NAMED)}, {who}; "
        'headers = { Authorization = "env:NAME" } keeps one out'
    )


def export_opml(config: Config) -> bytes:
    """Return the sources on the network as OPML, those of an agency in a folder of its name.

    Others are in a folder of their first tag, and further tags are categories.  Sources without a
    title have their id for it, so that importing the list makes the same ids, in lower case.
    """
    agencies = Agencies(config.agencies)
    outlines = []
    for source in config.sources:
        if source.is_remote:
            agency = None if source.agency is None else agencies.by_id(source.agency)
            folders = (*((agency.name,) if agency else ()), *source.tags)
            outline = write.Outline(
                address=without_credentials(source.location),
                title=source.title or source.id,
                home=agency.homepage if agency else None,
                folder=folders[0] if folders else None,
                categories=folders[1:],
            )
            outlines.append(outline)
    return write.opml(config.title, outlines)


def _body(file: Path, name: str) -> bytes:
    """Read ``file``, at most one byte more than is allowed."""
    try:
        if file == _STANDARD_INPUT:
            return sys.stdin.buffer.read(read.MAX_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(read.MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror or error}") from error


def _known_addresses(sources: Iterable[Source]) -> set[str]:
    """Return the keys of the addresses that a configuration has, with and without credentials.

    Exported lists have no credentials, and what they list counts as known.
    """
    keys = {address_key(source.location) for source in sources if source.is_remote}
    return keys | {without_credentials(key) for key in keys}


def _new_sources(subscriptions: Iterable[Subscription], config: Config) -> list[NewSource]:
    agencies = Agencies(config.agencies)
    taken = {source.id.casefold() for source in config.sources}
    sources = []
    for found in subscriptions:
        title = redact(found.title)
        id_ = free_id(found.address, title, taken)
        taken.add(id_.casefold())
        shown = id_ if is_blank(title) else values.title(title)
        sources.append(
            NewSource(
                id=id_,
                location=found.address,
                title=None if shown == id_ else shown,
                tags=tuple(_tags(found, agencies)),
                agency=_agency(found, agencies),
            )
        )
    return sources


def free_id(address: str, title: str, taken: Collection[str]) -> str:
    """Return an id from the title, or else from the host; with a hash where that is ``taken``.

    The hash is of the address, so that the id does not depend on the order of subscriptions.
    ``taken`` are ids in lower case.
    """
    plain = _id(title) or _host_id(address) or "source"
    if plain.casefold() not in taken:
        return plain
    digest = hashlib.sha256(address_key(address).encode()).hexdigest()
    free = (f"{plain[:_MAX_ID]}-{digest[:size]}" for size in range(8, 33))
    return next(id_ for id_ in free if id_.casefold() not in taken)


def _id(title: str) -> str:
    """Turn ``Europol: News`` into ``europol-news``; return an id in lower case."""
    if ID.fullmatch(title):
        return title.lower()
    if "://" in title:  # a title that is only the address
        return ""
    ascii_only = normal_form("NFKD", title).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")
    return slug[:_MAX_ID].strip("-")


def _host_id(address: str) -> str:
    return _id((urlsplit(address).hostname or "").removeprefix("www."))


def _agency(found: Subscription, agencies: Agencies) -> str | None:
    names = (*found.folders, found.title)
    return next((agencies.named(name).id for name in names if agencies.knows(name)), None)


def _tags(found: Subscription, agencies: Agencies) -> Iterator[str]:
    """Yield the folders and categories of a subscription that are no agency's name, each once."""
    seen: set[str] = set()
    for name in (*found.folders, *found.categories):
        tag = one_line(redact(name).replace(",", " "))
        if not is_blank(tag) and not agencies.knows(name) and tag.casefold() not in seen:
            seen.add(tag.casefold())
            yield values.tag(tag)


def _problem_lines(name: str, problems: list[Problem]) -> tuple[str, ...]:
    lines = [
        f"{name}: line {problem.lines[0]}: {problem.reason}"
        for problem in problems[:_MOST_PROBLEMS]
    ]
    more = len(problems) - len(lines)
    return (*lines, *([f"{name}: and {more:,} more such lines"] if more else []))
