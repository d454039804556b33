"""Numbers of the store that are kept where they change, by triggers: of sources, of agencies and of
categories.

``wrong`` compares them with a count of everything, which ``set_right`` writes in their place.
"""

from collections.abc import Iterator

from aggregator.store import Row, Store

_COUNTED = {
    "source": (
        "SELECT id, ifnull(documents, 0), ifnull(items, 0), ifnull(rejected, 0),"
        " ifnull(entries, 0), newest FROM sources"
        " LEFT JOIN (SELECT source, count(*) AS documents, sum(items) AS items,"
        " sum(rejected) AS rejected, max(key) AS newest FROM documents GROUP BY source) AS read"
        " ON read.source = id"
        " LEFT JOIN (SELECT source, count(DISTINCT entry) AS entries FROM sightings"
        " JOIN documents ON documents.key = document GROUP BY source) AS seen ON seen.source = id"
    ),
    "agency": (
        "SELECT id, (SELECT count(*) FROM entries WHERE agency = agencies.id),"
        " (SELECT count(DISTINCT entry) FROM entries CROSS JOIN datings ON entry = entries.key"
        " WHERE agency = agencies.id) FROM agencies"
    ),
    "category": "SELECT term, count(*) FROM kinds GROUP BY term",
}
"""The rows that the tables of counts should have, by what they count for."""


def wrong(store: Store) -> Iterator[tuple[str, str]]:
    """Yield ``source``, ``agency`` or ``category``, and the id of each whose counts are wrong.

    Reads all sightings.
    """
    for kind, counted in _COUNTED.items():
        right, held = set(store.rows(counted)), set(_held(store, kind))
        yield from ((kind, id_) for id_ in sorted({row[0] for row in right ^ held}))


def _held(store: Store, kind: str) -> list[Row]:
    # A category that no entry has any more keeps its row.
    in_use = " WHERE entries != 0" if kind == "category" else ""
    return store.rows(f"SELECT * FROM {kind}_counts{in_use}")


def set_right(store: Store) -> Iterator[str]:
    """Count everything again; yields a line for a person."""
    for kind, counted in _COUNTED.items():
        store.execute(f"DELETE FROM {kind}_counts")
        store.execute(f"INSERT INTO {kind}_counts {counted}")
    yield "counted again"


def entries_by_agency(store: Store) -> dict[str, int]:
    """Return how many entries each agency has, by its id, in their order."""
    return dict(store.rows("SELECT agency, entries FROM agency_counts ORDER BY agency"))
