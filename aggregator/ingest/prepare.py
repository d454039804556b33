"""Give an item the forms under which it is looked up; pure."""

from aggregator import dedupe
from aggregator.dedupe.items import Prepared
from aggregator.model import Entry, Item
from aggregator.normalise.canonical import canonical_link
from aggregator.normalise.entry import upstream_terms
from aggregator.normalise.identity import entry_ids, match_key, upstream_ids


def prepare(
    item: Item, entry: Entry, *, source: str = "", key: str | None = None, usable: bool = True
) -> Prepared:
    """Return ``item`` and its ``entry`` with the forms under which they are looked up.

    ``key`` is the feed's id for the item, if it tells it from the other items of ``source``;
    ``usable`` says whether that may be the entry's own id as it is.
    """
    title_key, text_key = match_key(entry.title), match_key(entry.text)
    by_text = entry_ids(entry.agency.id, title_key, text_key)
    by_key = upstream_ids(source, key) if key is not None else ()
    return Prepared(
        item=item,
        entry=entry,
        fingerprint=dedupe.fingerprint(title_key, text_key),
        ids=(*(by_key if usable else by_key[-1:]), *by_text),
        sketch=dedupe.sketch(entry.text),
        key=key,
        pages=tuple(
            canonical_link(link.href) if link.rel in ("alternate", "via") else None
            for link in entry.links
        ),
        terms=upstream_terms(item.upstream) if item.upstream is not None else (),
    )
