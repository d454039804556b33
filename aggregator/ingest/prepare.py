"""Give an item the forms under which it is looked up; pure."""

from aggregator.dating.choice import Undated, date_alone, is_exact
from aggregator.dedupe.items import Prepared
from aggregator.dedupe.sketch import fingerprint, sketch
from aggregator.model import Dating, Document, Entry, Evidence, Item, Relayed
from aggregator.normalise.canonical import canonical_link
from aggregator.normalise.entry import upstream_terms
from aggregator.normalise.identity import entry_ids, match_key, upstream_ids
from aggregator.store.times import partial_text, time_text


def prepare(
    item: Item,
    entry: Entry,
    *,
    feed: Document | None = None,
    key: str | None = None,
    usable: bool = True,
    relayed: Relayed | None = None,
) -> Prepared:
    """Return ``item`` and its ``entry`` with the forms under which they are looked up.

    ``feed`` is the document that contains it, if that is a feed.  ``key`` is the feed's id for the
    item, if no other item of the feed has it; ``usable`` says whether that id may be the entry's.
    ``relayed`` is what another Aggregator states of it.
    """
    title_key, text_key = match_key(entry.title), match_key(entry.text)
    by_text = entry_ids(entry.agency.id, title_key, text_key)
    by_key: tuple[str, ...] = ()
    if feed is not None and key is not None:
        by_key = upstream_ids(feed.source, key, is_aggregator=relayed is not None)
    dating = _dating(entry, feed) if feed is not None else None
    return Prepared(
        item=item,
        entry=entry,
        fingerprint=fingerprint(title_key, text_key),
        ids=(*(by_key if usable else by_key[-1:]), *by_text),
        sketch=sketch(entry.text, text_key),
        key=key,
        pages=tuple(
            canonical_link(link.href) if link.rel in ("alternate", "via") else None
            for link in entry.links
        ),
        terms=upstream_terms(item.upstream) if item.upstream is not None else (),
        dating=relayed.dating if relayed is not None else dating,
        relayed=relayed,
    )


def _dating(entry: Entry, feed: Document) -> Dating | None:
    """Return the dating that ``derive`` would find, if the feed states a time to the second."""
    evidence = entry.evidence
    if not any(found.moment is not None for found in evidence):
        return None
    if len(evidence) > 1:
        evidence = tuple(sorted(dict.fromkeys(evidence), key=_rank))
    found = date_alone(Undated(seen=feed.modified, document=feed.name, evidence=evidence))
    return found.dating if is_exact(found.dating) else None


def _rank(evidence: Evidence) -> tuple[str | float, ...]:
    """Return what orders evidence, as ``store.dating`` orders it."""
    moment = time_text(evidence.moment) if evidence.moment is not None else ""
    first = partial_text(evidence.first)
    when = (moment or first)[:10], not moment, moment, first
    return (evidence.place, *when, evidence.phrase, evidence.role, evidence.strength)
