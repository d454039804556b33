"""Take the items of another Aggregator as it has them: agency, language, date, carriers; pure.

Takes items with their extension and the source's rules; returns agencies, entries and what is
``Relayed``.  What may be claimed is in the configuration (``docs/decisions/federation.md``).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.config import Source
from aggregator.dating.choice.candidate import FUTURE, OLDEST
from aggregator.model import (
    Agency,
    Basis,
    Dating,
    Entry,
    Extension,
    Item,
    Problem,
    Relayed,
    Upstream,
)
from aggregator.normalise.agency import Agencies
from aggregator.normalise.entry import language_tag
from aggregator.normalise.languages import registered_language
from aggregator.normalise.text import cut, first_of, one_line

_SHOWN = 5
"""Agencies that a message names."""

_LONGEST = 60

_RELATION = ' rel="noopener noreferrer"'  # of every link in HTML (normalise.markup)

_BASES: Mapping[str, Basis] = {
    "upstream": "upstream",
    "stated": "stated",
    "inferred": "inferred",
    "first-seen": "first-seen",
}


@dataclass(frozen=True, slots=True)
class Claims:
    """Whom another Aggregator may speak for: the ids of agencies, None for any."""

    agencies: frozenset[str] | None

    def permits(self, agency: Agency) -> bool:
        """Return whether entries of ``agency`` are taken."""
        return self.agencies is None or agency.id in self.agencies

    def is_explicit(self, agency: Agency) -> bool:
        """Return whether the configuration names ``agency``."""
        return self.agencies is not None and agency.id in self.agencies


def claims_of(source: Source, agencies: Agencies) -> Claims:
    """Return what the configuration lets ``source`` claim."""
    if not source.agencies:
        return Claims(None)
    return Claims(frozenset(agencies.by_id(name).id for name in source.agencies))


def agency_of(item: Item, owner: Agency, agencies: Agencies) -> Agency:
    """Return the agency of an item: as the extension says, by the feed it was in, or ``owner``."""
    extension = item.extension or Extension()
    if extension.agency is not None:
        return _agency(extension.agency, extension, agencies)
    publisher = one_line((item.upstream or Upstream()).publisher or "")
    return agencies.named(publisher) if publisher else owner


def _agency(agency_id: str, extension: Extension, agencies: Agencies) -> Agency:
    """Return a configured agency by its id or name, or one with this very id if it is free."""
    name = dict(extension.names).get(agency_id, agency_id)
    named = agencies.named(name)
    for known in (agencies.by_id(agency_id), named):
        if known.configured:
            return known
    if agency_id in agencies.taken:
        return named
    return Agency(id=agency_id, name=name, configured=False)


def without_own(item: Item, agency: Agency) -> Item:
    """Return ``item`` without what its Aggregator adds: the agencies as authors and categories."""
    upstream, extension = item.upstream, item.extension
    if upstream is None or extension is None:
        return item
    names = {agency.id, agency.name, *extension.also_by}
    for agency_id, name in extension.names:
        names.update((agency_id, name))
    folded = {name.casefold() for name in names}
    first = 1 + len(extension.also_by)
    categories = [
        term
        for place, term in enumerate(upstream.categories)
        if place >= first or term.casefold() not in folded
    ]
    own = bool(upstream.authors) and upstream.authors[0].casefold() in folded
    authors = upstream.authors[1:] if own else upstream.authors
    return replace(item, upstream=replace(upstream, categories=tuple(categories), authors=authors))


def without_dates(item: Item) -> Item:
    """Return ``item`` without its dates: they are kept as they are told, not as evidence."""
    if item.upstream is None:
        return item
    upstream = replace(item.upstream, published=None, updated=None, day=None)
    return replace(item, upstream=upstream)


def as_told(entry: Entry, item: Item) -> Entry:
    """Return ``entry`` with what its Aggregator found of its text: language, and what is cut.

    Links that this made of addresses in a digest have no relation, and get none.
    """
    extension, upstream = item.extension or Extension(), item.upstream or Upstream()
    html = entry.content_html
    return replace(
        entry,
        content_html=html if _RELATION in item.body else html.replace(_RELATION, ""),
        language=registered_language(language_tag(upstream.language)) or entry.language,
        truncated=entry.truncated or extension.truncated,
        is_summary=entry.is_summary or extension.is_summary,
    )


def relayed_of(
    item: Item, agency: Agency, claims: Claims, agencies: Agencies, fetched: datetime
) -> tuple[Relayed, str | None]:
    """Return what is kept of ``item`` besides its entry, and the reason if its date is not used."""
    extension, upstream = item.extension or Extension(), item.upstream or Upstream()
    carriers = [_agency(name, extension, agencies) for name in extension.also_by]
    dating, reason = _dating(item, fetched)
    relayed = Relayed(
        dating=dating,
        credits=tuple(
            credit
            for credit in dict.fromkeys(carriers)
            if credit.id != agency.id and claims.permits(credit)
        ),
        updated=upstream.updated,
        revised=tuple(moment for moment in extension.revised if moment <= fetched + FUTURE),
        is_claimed=claims.is_explicit(agency),
    )
    return relayed, reason


def _dating(item: Item, fetched: datetime) -> tuple[Dating | None, str | None]:
    """Return the dating that is told, or None and why it cannot be right."""
    extension, upstream = item.extension or Extension(), item.upstream or Upstream()
    published = upstream.published
    if published is None:
        return None, None
    if extension.basis is None:
        return None, "says of its date what cannot be"
    if published > fetched + FUTURE:
        return None, "is dated in the future"
    if published.date().toordinal() < OLDEST:
        return None, "is dated before 1900"
    low, high = extension.earliest, extension.latest
    is_plain = extension.basis == "upstream" and low is None and high is None
    if is_plain:
        low = high = published
    if (low is not None and low > published) or (high is not None and published > high):
        return None, "has a date outside of the days between which it is said to be"
    phrase = extension.evidence or (item.date or "" if is_plain else "")
    return (
        Dating(
            basis=_BASES[extension.basis],
            published=published,
            earliest=low,
            latest=high,
            evidence=cut(one_line(phrase), 400),
        ),
        None,
    )


def not_claimed(source: Source, items: Iterable[tuple[Item, Agency]]) -> Iterator[Problem]:
    """Yield the problem with items of agencies that ``source`` may not speak for, if any."""
    found = list(items)
    if not found:
        return
    counts = Counter(agency.id for _, agency in found)
    named = [f"{cut(name, _LONGEST)!r} ({count:,})" for name, count in counts.most_common()]
    lines = min(item.lines[0] for item, _ in found), max(item.lines[1] for item, _ in found)
    yield Problem(
        lines=lines,
        reason=f"{len(found):,} items are left out, of agencies that 'agencies' of the source"
        f" {source.id!r} does not list: {first_of(named, _SHOWN)}",
    )


def not_dated(items: Iterable[tuple[Item, str]]) -> Iterator[Problem]:
    """Yield the problem with dates that cannot be right, told once for each document, if any."""
    found = list(items)
    if found:
        (first, reason), count = found[0], len(found)
        rest = f", and {count - 1:,} more" if count > 1 else ""
        reason = f"an item {reason}, which is not taken over{rest}"
        yield Problem(lines=first.lines, reason=reason, rejected=False)
