"""Read again what stored texts say about their dates, once the rules for that have changed.

What feeds and headers state stays as it was read.  The documents are then dated as if they were new
(``derive``).  Raises ``StoreError``.
"""

from collections.abc import Mapping, Sequence

from aggregator.config import Config
from aggregator.store import Store, dating_rules, texts
from aggregator.store.dating_rules import Carrier

REASON = "the rules for dates changed"
"""Why a date is another than before, for people."""

FEW = 1_000
"""Items of documents that are dated again at a time where other work waits: seconds."""

MANY = 10_000
"""The same where nothing waits.  Days at the border of two parts are dated twice."""

_TextKey = tuple[int, str]


def read_again(config: Config, store: Store, most: int) -> list[int]:
    """Read documents again with so many items, and mark them to be dated; return which.

    They stay on the list until they are dated, so a run that is killed is continued.
    """
    documents = dating_rules.next_documents(store, most)
    for document in documents:
        with store.transaction():
            _read(config, store, document)
    return documents


def _read(config: Config, store: Store, document: int) -> None:
    from aggregator.normalise.entry import evidence_of_text

    carriers = dating_rules.carriers(store, document)
    held = {
        (entry, stored.fingerprint): (stored.text.title, stored.text.body)
        for entry, own in texts.texts_of(store, {c.entry for c in carriers}).items()
        for stored in own
    }
    carriers = [c for c in carriers if (c.entry, c.fingerprint) in held]
    orders = _orders(config, carriers, held)
    evidence = {
        c.id: evidence_of_text(*held[c.entry, c.fingerprint], orders.get(c.agency))
        for c in carriers
    }
    dating_rules.save(store, document, evidence)


def _orders(
    config: Config, carriers: Sequence[Carrier], held: Mapping[_TextKey, tuple[str, str]]
) -> Mapping[str | None, bool | None]:
    """Return whether the day is first in dates such as 03/04/2024, by agency, in one document.

    As its source has it, else as the agency's texts in a digest agree on it.
    """
    from aggregator.dating.phrases import day_orders

    for carrier in carriers:
        source = config.by_id.get(carrier.source)
        if source is not None and source.day_first is not None:
            return dict.fromkeys((c.agency for c in carriers), source.day_first)
    return day_orders((c.agency, held[c.entry, c.fingerprint][1]) for c in carriers if c.is_ordered)
