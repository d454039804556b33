"""Read again what stored texts say about their dates, once the rules for that have changed.

What feeds and headers state stays as it was read.  The documents are then dated as if they were new
(``derive``).  Raises ``StoreError``.
"""

from collections.abc import Sequence

from aggregator.config import Config
from aggregator.dating.stated import DateRules, rules_of_document
from aggregator.store import Store, dating_rules, texts
from aggregator.store.dating_rules import Seen

REASON = "the rules for dates changed"
"""Why a date is another than before, for people."""

FEW = 1_000
"""Items of documents that are dated again at a time where other work waits: seconds."""

MANY = 10_000
"""The same where nothing waits.  Days at the border of two parts are dated twice."""


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
    from aggregator.dating.phrases import day_orders
    from aggregator.normalise.entry import evidence_of_text

    seen = dating_rules.sightings_in(store, document)
    wanted = {each.entry for each in seen if each.is_carrier or each.is_ordered}
    held = {
        (entry, stored.fingerprint): (stored.text.title, stored.text.body)
        for entry, own in texts.texts_of(store, wanted).items()
        for stored in own
    }
    found = [
        (each, held[each.entry, each.fingerprint])
        for each in seen
        if (each.entry, each.fingerprint) in held
    ]
    order = _order(config, seen, dating_rules.headers_in(store, document))
    orders = day_orders((each.agency, body) for each, (_, body) in found if each.is_ordered)
    evidence = {
        each.id: evidence_of_text(*text, orders.get(each.agency) if order is None else order)
        for each, text in found
        if each.is_carrier
    }
    dating_rules.save(store, document, evidence)


def _order(config: Config, seen: Sequence[Seen], headers: Sequence[str]) -> bool | None:
    """Return whether the day is first in dates such as 03/04/2024 of a whole document, if it says.

    As its source has it, else as the dates that the items of a digest state.
    """
    for each in seen[:1]:
        source = config.by_id.get(each.source)
        first = source.day_first if source is not None else None
        stated = headers if each.is_ordered else ()
        return rules_of_document(DateRules(day_first=first), None, stated).day_first
    return None
