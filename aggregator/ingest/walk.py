"""Take the items of one document into the store: look up, decide, apply.

Each step is entered once.  ``lookup`` reads the store, ``dedupe.document`` decides without it, and
``apply`` writes.
"""

from dataclasses import replace

from aggregator.dedupe.document import decide_document, listed_apart
from aggregator.dedupe.items import NewSighting
from aggregator.ingest.apply import apply_decisions
from aggregator.ingest.deadline import Deadline
from aggregator.ingest.jobs import ReadDocument
from aggregator.ingest.lookup import Feed, look_up
from aggregator.ingest.merge import split
from aggregator.model import Document
from aggregator.store import Store
from aggregator.store.sketches import SketchIndex


def take_items(
    store: Store,
    index: SketchIndex,
    document: Document,
    key: int,
    read: ReadDocument,
    deadline: Deadline,
) -> list[NewSighting]:
    """Decide on the items of a document and carry that out; return the decisions.

    ``key`` is the row of the document.  Runs within a transaction of the caller.  Items whose
    entries retention removed are left out.  A document that lists texts apart which were merged
    before undoes that merge first, and is then looked up again, unless it is another Aggregator's.
    ``deadline`` is told of each step.
    """
    deadline.step = "looking up its items"
    source = document.source
    # A folder may have several feeds; an address has one, also after it moved.
    feed = Feed(read.listed, document.name if document.address is None else None)
    lookup = look_up(store, index, source, read.prepared, feed)
    if not lookup.is_relayed and (merged := listed_apart(lookup)):
        for entry, sighting in merged:
            split(store, entry, sighting, index, rule="listed-apart")
        again = look_up(store, index, source, lookup.items, feed)
        lookup = replace(again, removed=lookup.removed)
    deadline.step = "deciding on its items"
    decided = decide_document(lookup)
    deadline.step = "writing its entries"
    apply_decisions(store, index, source, key, lookup, decided)
    return decided
