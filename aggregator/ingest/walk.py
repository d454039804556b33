"""Take the items of one document into the store: look up, decide, apply.

Each step is entered once.  ``lookup`` reads the store, ``dedupe.document`` decides without it, and
``apply`` writes.
"""

from collections.abc import Sequence
from dataclasses import replace

from aggregator.dedupe.document import decide_document, listed_apart
from aggregator.dedupe.items import NewSighting, Prepared
from aggregator.ingest.apply import apply_decisions
from aggregator.ingest.deadline import Deadline
from aggregator.ingest.lookup import look_up
from aggregator.ingest.merge import split
from aggregator.store import Store
from aggregator.store.sketches import SketchIndex


def take_items(
    store: Store,
    index: SketchIndex,
    source: str,
    document: int,
    items: Sequence[Prepared],
    deadline: Deadline,
) -> list[NewSighting]:
    """Decide on the items of a document of ``source`` and carry that out; return the decisions.

    ``document`` is the row of the document.  Runs within a transaction of the caller.  Items whose
    entries retention removed are left out.  A document that lists texts apart which were merged
    before undoes that merge first, and is then looked up again.  ``deadline`` is told of each step.
    """
    deadline.step = "looking up its items"
    lookup = look_up(store, index, source, items)
    if merged := listed_apart(lookup):
        for entry, sighting in merged:
            split(store, entry, sighting, index, rule="listed-apart")
        again = look_up(store, index, source, lookup.items)
        lookup = replace(again, removed=lookup.removed)
    deadline.step = "deciding on its items"
    decided = decide_document(lookup)
    deadline.step = "writing its entries"
    apply_decisions(store, index, source, document, lookup, decided)
    return decided
