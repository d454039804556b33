"""The texts of entries, and which of them stands.

Every text an entry ever had is kept: the one that stands in the entry's row, the others as its
revisions.  Where each was seen is in its sightings, by fingerprint.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.dedupe.history import Version, current, in_order
from aggregator.dedupe.upstream import title_number
from aggregator.model import Entry, RevisionText
from aggregator.store import Row, Store
from aggregator.store.times import time_text, to_time

_COLUMNS = "fingerprint, truncated, is_summary, language, title, summary, text, content_html"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """One text of the entry of row ``entry``, whose own agency is ``agency``."""

    entry: int
    id: str
    agency: str
    fingerprint: str
    truncated: bool
    is_summary: bool
    language: str | None
    title: str
    text: str

    @property
    def is_partial(self) -> bool:
        """Whether it was cut short, or is a summary of what stands elsewhere."""
        return self.truncated or self.is_summary


def texts_of(store: Store, entries: Collection[int]) -> dict[int, list[StoredText]]:
    """Every text of each of ``entries``."""
    listed = json.dumps(sorted(entries))
    found: dict[int, list[StoredText]] = {key: [] for key in entries}
    for row in store.rows(
        "SELECT key, id, agency, fingerprint, truncated, is_summary, language, title, text"
        " FROM entries WHERE key IN (SELECT value FROM json_each(?1)) UNION ALL SELECT entry, id,"
        " agency, r.fingerprint, r.truncated, r.is_summary, r.language, r.title, r.text"
        " FROM revisions AS r JOIN entries ON key = entry"
        " WHERE entry IN (SELECT value FROM json_each(?1))",
        (listed,),
    ):
        key, entry_id, agency, fingerprint, truncated, is_summary, language, title, text = row
        found[key].append(
            StoredText(
                entry=key,
                id=entry_id,
                agency=agency,
                fingerprint=fingerprint,
                truncated=bool(truncated),
                is_summary=bool(is_summary),
                language=language,
                title=title,
                text=text,
            )
        )
    return found


def kept_apart(store: Store, fingerprints: Collection[str]) -> set[tuple[str, int]]:
    """The pairs of a text and an entry that a person took out of one another."""
    rows = store.rows(
        "SELECT fingerprint, entry FROM kept_apart"
        " WHERE fingerprint IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(fingerprints)),),
    )
    return {(fingerprint, entry) for fingerprint, entry in rows}


def keep_apart(store: Store, pairs: Iterable[tuple[str, int]]) -> None:
    """Remember that texts with these fingerprints never join these entries."""
    store.execute_many("INSERT OR IGNORE INTO kept_apart VALUES (?, ?)", pairs)


def let_join(store: Store, fingerprints: Iterable[str], entry: int) -> None:
    """Forget that these texts were kept apart from ``entry``."""
    store.execute_many(
        "DELETE FROM kept_apart WHERE fingerprint = ? AND entry = ?",
        [(fingerprint, entry) for fingerprint in fingerprints],
    )


def add_revision(store: Store, key: int, fingerprint: str, entry: Entry) -> None:
    """Keep the text of ``entry`` as one of row ``key``, besides the one that stands."""
    store.execute(
        f"INSERT OR IGNORE INTO revisions (entry, {_COLUMNS})"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
        " WHERE NOT EXISTS (SELECT 1 FROM entries WHERE key = ?1 AND fingerprint = ?2)",
        (
            *(key, fingerprint, int(entry.truncated), int(entry.is_summary), entry.language),
            *(entry.title, entry.summary, entry.text, entry.content_html),
        ),
    )
    note_titles(store, [(key, entry.title)])


def note_titles(store: Store, titles: Iterable[tuple[int, str]]) -> None:
    """Have entries, given by row, found by titles of theirs."""
    store.execute_many(
        "INSERT OR IGNORE INTO titles (number, entry) VALUES (?, ?)",
        [(number, key) for key, title in titles if (number := title_number(title)) is not None],
    )


def entries_titled(store: Store, titles: Collection[str]) -> dict[str, list[int]]:
    """The entries that had a title equal to each of ``titles``, those that came last first."""
    numbers = {number: title for title in titles if (number := title_number(title)) is not None}
    found: dict[str, list[int]] = {}
    for number, key in store.rows(
        "SELECT number, titles.entry FROM titles JOIN entries ON key = titles.entry"
        " WHERE number IN (SELECT value FROM json_each(?)) ORDER BY published DESC, id",
        (json.dumps(sorted(numbers)),),
    ):
        found.setdefault(numbers[number], []).append(key)
    return found


def give_markup(store: Store, html: Mapping[tuple[int, str], tuple[str, str]]) -> None:
    """Give texts that came without markup the markup that they have elsewhere.

    ``html`` is, by entry and fingerprint, the HTML that a text has by itself and the better one.
    """
    for (entry, fingerprint), (plain, better) in html.items():
        for table, key in (("entries", "key"), ("revisions", "entry")):
            store.execute(
                f"UPDATE {table} SET content_html = ? WHERE {key} = ? AND fingerprint = ?"
                " AND content_html = ?",
                (better, entry, fingerprint, plain),
            )
        store.execute("DELETE FROM renditions WHERE entry = ?", (entry,))


def versions(store: Store, entry: int) -> list[Version]:
    """The texts that an entry was seen with, and where each was seen first."""
    partial: dict[str, int] = dict(
        store.rows(
            "SELECT fingerprint, truncated OR is_summary FROM entries WHERE key = ?1 UNION ALL"
            " SELECT fingerprint, truncated OR is_summary FROM revisions WHERE entry = ?1",
            (entry,),
        )
    )
    first: dict[str, Row] = {}
    for fingerprint, modified, name, position in store.rows(
        "SELECT sightings.fingerprint, modified, name, position FROM sightings JOIN documents"
        " ON documents.key = document WHERE entry = ? ORDER BY modified, name, position",
        (entry,),
    ):
        first.setdefault(fingerprint, (modified, name, position))
    return [
        Version(
            fingerprint=fingerprint,
            is_partial=bool(partial[fingerprint]),
            seen=to_time(modified),
            document=name,
            position=position,
        )
        for fingerprint, (modified, name, position) in first.items()
    ]


def make_current(store: Store, entry: int, fingerprint: str) -> None:
    """Have the text of this fingerprint stand, and keep the one that stood as a revision.

    The search index follows.  Does nothing where it stands already.
    """
    ((held, title, text),) = store.rows(
        "SELECT fingerprint, title, text FROM entries WHERE key = ?", (entry,)
    )
    if held == fingerprint:
        return
    store.execute(
        "INSERT INTO entries_fts (entries_fts, rowid, title, text) VALUES ('delete', ?, ?, ?)",
        (entry, title, text),
    )
    store.execute(
        f"INSERT OR IGNORE INTO revisions (entry, {_COLUMNS})"
        f" SELECT key, {_COLUMNS} FROM entries WHERE key = ?",
        (entry,),
    )
    store.execute(
        f"UPDATE entries SET ({_COLUMNS}) ="
        f" (SELECT {_COLUMNS} FROM revisions WHERE entry = ?1 AND fingerprint = ?2) WHERE key = ?1",
        (entry, fingerprint),
    )
    store.execute("DELETE FROM revisions WHERE entry = ? AND fingerprint = ?", (entry, fingerprint))
    store.execute(
        "INSERT INTO entries_fts (rowid, title, text)"
        " SELECT key, title, text FROM entries WHERE key = ?",
        (entry,),
    )


def drop_unseen(store: Store, entry: int) -> None:
    """Drop the texts of an entry that none of its sightings has."""
    store.execute(
        "DELETE FROM revisions WHERE entry = ?1 AND fingerprint NOT IN"
        " (SELECT fingerprint FROM sightings WHERE entry = ?1)",
        (entry,),
    )


def move_texts(store: Store, entry: int, to: int) -> None:
    """Give all texts of an entry to another."""
    store.execute(
        f"INSERT OR IGNORE INTO revisions (entry, {_COLUMNS})"
        f" SELECT ?2, {_COLUMNS} FROM entries WHERE key = ?1 AND fingerprint !="
        " (SELECT fingerprint FROM entries WHERE key = ?2) UNION"
        f" SELECT ?2, {_COLUMNS} FROM revisions WHERE entry = ?1 AND fingerprint !="
        " (SELECT fingerprint FROM entries WHERE key = ?2)",
        (entry, to),
    )
    store.execute(
        "INSERT OR IGNORE INTO titles SELECT number, ?2 FROM titles WHERE entry = ?1", (entry, to)
    )


def revisions(store: Store, entry: int) -> list[RevisionText]:
    """The texts of an entry as they came."""
    texts = {text.fingerprint: text for text in texts_of(store, [entry])[entry]}
    ordered = in_order(versions(store, entry))
    standing = current(ordered).fingerprint
    return [
        RevisionText(
            number=number,
            fingerprint=version.fingerprint,
            title=texts[version.fingerprint].title,
            text=texts[version.fingerprint].text,
            truncated=texts[version.fingerprint].truncated,
            seen=version.seen,
            document=version.document,
            current=version.fingerprint == standing,
        )
        for number, version in enumerate(ordered, 1)
    ]


def revision_counts(store: Store, keys: Sequence[int]) -> dict[int, int]:
    """How many texts each entry had, for those that had more than one."""
    return {
        key: count + 1
        for key, count in store.rows(
            "SELECT entry, count(*) FROM revisions"
            " WHERE entry IN (SELECT value FROM json_each(?)) GROUP BY entry",
            (json.dumps(list(keys)),),
        )
    }


def with_history(store: Store, entries: Collection[int]) -> list[int]:
    """Those of ``entries`` that have more than one text, or more than one agency."""
    rows = store.rows(
        "SELECT entry FROM revisions WHERE entry IN (SELECT value FROM json_each(?1))"
        " UNION SELECT entry FROM credits WHERE entry IN (SELECT value FROM json_each(?1))",
        (json.dumps(sorted(entries)),),
    )
    return [entry for (entry,) in rows]


def set_changed(store: Store, entry: int, changed: datetime | None) -> None:
    """Note when the text that stands took the place of another."""
    at = time_text(changed) if changed is not None else None
    store.execute("UPDATE entries SET changed = ? WHERE key = ?", (at, entry))
    store.execute("DELETE FROM renditions WHERE entry = ?", (entry,))


def set_agencies(store: Store, entry: int, agencies: Sequence[str]) -> None:
    """Say whose an entry is: the first of ``agencies``, with credit to the others."""
    store.execute("UPDATE entries SET agency = ? WHERE key = ?", (agencies[0], entry))
    store.execute("DELETE FROM credits WHERE entry = ?", (entry,))
    store.execute("DELETE FROM categories WHERE entry = ?", (entry,))
    store.execute_many("INSERT INTO credits VALUES (?, ?)", [(entry, a) for a in agencies[1:]])
    store.execute_many("INSERT INTO categories VALUES (?, ?)", [(entry, a) for a in agencies])


def agencies_seen(store: Store, entry: int) -> list[str]:
    """The agencies under which an entry was seen, the first to carry it first."""
    rows = store.rows(
        "SELECT agency FROM sightings JOIN documents ON documents.key = document"
        " WHERE entry = ? ORDER BY modified, name, position",
        (entry,),
    )
    return list(dict.fromkeys(agency for (agency,) in rows))
