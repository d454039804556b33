"""Entries as JSON, on one line, and in full.

Takes what the store returned; returns plain objects or lines for people.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from aggregator.dedupe.diff import changes
from aggregator.model import PastDating, RevisionText, Sighting, StoredEntry
from aggregator.normalise.text import cut, title_of
from aggregator.output.pages.dating import dating_words, evidence_words, when
from aggregator.status.layout import Json, columns, count, fields, moment

_OF_LINK = ("rel", "href", "type", "hreflang", "title")


def entry_json(stored: StoredEntry, sightings: Sequence[Sighting], revisions: int) -> Json:
    """Return an entry of a list, where sightings and revisions are counts."""
    return _common_json(stored, sightings) | {
        "revisions": revisions,
        "sightings": len(sightings),
    }


def entry_in_full_json(
    stored: StoredEntry, sightings: Sequence[Sighting], revisions: Sequence[RevisionText]
) -> Json:
    """Return one entry with its sightings and its revisions."""
    return _common_json(stored, sightings) | {
        "revisions": [fields(revision, *_REVISION) for revision in revisions],
        "sightings": [fields(sighting, *_SIGHTING) for sighting in sightings],
    }


_REVISION = ("number", "title", "text", "truncated", "seen", "document", "current")
_SIGHTING = ("id", "source", "document", "position", "lines", "seen", "how", "score")


def _common_json(stored: StoredEntry, sightings: Sequence[Sighting]) -> Json:
    entry, dating = stored.entry, stored.dating
    return {
        "id": stored.id,
        "agency": entry.agency.id,
        "title": entry.title,
        "published": moment(dating.published),
        "updated": moment(stored.updated),
        "dating": {
            "basis": dating.basis,
            "earliest": moment(dating.earliest) if dating.earliest else None,
            "latest": moment(dating.latest) if dating.latest else None,
            "evidence": evidence_words(stored),
        },
        "truncated": entry.truncated,
        "language": entry.language,
        "links": [
            _known(fields(link, "rel", "href", "type", "hreflang", "title"))
            for link in stored.links
        ],
        "categories": list(entry.categories),
        "summary": entry.summary,
        "content_html": entry.content_html,
        "sources": sorted({sighting.source for sighting in sightings}),
    }


def _known(values: Json) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def entry_line(stored: StoredEntry) -> str:
    """Return an entry on one line: day, short id, agency and title."""
    day = stored.dating.published.strftime("%Y-%m-%d")
    entry = stored.entry
    return f"{day}  {short_id(stored.id)}  {entry.agency.id:<12}  {cut(entry.title, 120)}"


def short_id(entry_id: str) -> str:
    """Return the beginning of a UUID, which ``show`` accepts; other ids as they are."""
    prefix = "urn:uuid:"
    return entry_id[len(prefix) : len(prefix) + 8] if entry_id.startswith(prefix) else entry_id


def entry_lines(
    stored: StoredEntry,
    sightings: Sequence[Sighting],
    revisions: Sequence[RevisionText],
    before: Sequence[PastDating],
) -> Iterator[str]:
    """Return an entry in full: what it is, how it was dated, where it was seen, its text."""
    entry = stored.entry
    yield title_of(entry.title, entry.text)
    yield ""
    facts = [
        ("Agency", f"{entry.agency.name} ({entry.agency.id})"),
        *(("Also by", f"{agency.name} ({agency.id})") for agency in stored.credits),
        *((("Categories", ", ".join(terms)),) if (terms := _categories(stored)) else ()),
        ("Id", stored.id),
        ("Published", when(stored.dating)),
        ("In feeds", moment(stored.dating.published)),
        ("Dated", dating_words(stored)),
        *(("", f"was {moment(past.dating.published)} until {past.reason}") for past in before),
        ("Updated", moment(stored.updated)),
        *((_REL.get(link.rel, link.rel), link.href) for link in entry.links),
        *((("Text", "cut short upstream"),) if entry.truncated else ()),
    ]
    yield from columns(facts)
    yield ""
    yield "Seen"
    for sighting in sightings:
        yield from _sighting_lines(sighting)
    if len(revisions) > 1:
        yield ""
        yield "Texts"
        for revision in revisions:
            marks = ", cut short" * revision.truncated + ", current" * revision.current
            yield (
                f"  {revision.number}: first seen {moment(revision.seen)} in {revision.document}, "
                f"{count(len(revision.text.split()), 'word')}{marks}"
            )
    if stored.related:
        yield ""
        yield "Related"
        for related in stored.related:
            yield f"  {short_id(related.id)}  {cut(related.title, 100) or '(untitled)'}"
            yield f"     {related.reason}"
    yield ""
    yield entry.text


def _categories(stored: StoredEntry) -> list[str]:
    """Return the terms of an entry without those of its agencies, which have lines of their own."""
    agencies = {stored.entry.agency.id, *(agency.id for agency in stored.credits)}
    return [cut(term, 100) for term in stored.entry.categories if term not in agencies]


_REL = {"alternate": "Link", "via": "Via", "related": "Related"}


def _sighting_lines(sighting: Sighting) -> Iterator[str]:
    first, last = sighting.lines
    yield (
        f"  {sighting.id}: {sighting.document}, lines {first}-{last}, {moment(sighting.seen)}, "
        f"source {sighting.source}"
    )
    yield f"     {sighting.how} ({sighting.rule}, {sighting.score:.2f}): {sighting.reason}"


def diff_lines(revisions: Sequence[RevisionText]) -> Iterator[str]:
    """Return the changes between the texts of an entry by word: ``[-removed-]`` ``{+added+}``."""
    whole = [revision for revision in revisions if not revision.truncated] or list(revisions)
    if len(whole) < 2:
        yield "This entry has had only one complete text."
    for before, after in pairwise(whole):
        yield f"From text {before.number} to text {after.number} ({moment(after.seen)})"
        yield ""
        if before.title != after.title:
            yield _marked(before.title, after.title)
            yield ""
        yield from _marked(before.text, after.text).splitlines()
        yield ""


def _marked(before: str, after: str) -> str:
    brackets = {"kept": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
    parts: list[str] = []
    for change in changes(before, after):
        bare = change.text.rstrip()
        opening, closing = brackets[change.kind]
        parts.append(f"{opening}{bare}{closing}{change.text[len(bare) :]}")
    return "".join(parts)
