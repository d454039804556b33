"""The texts of entries, and which of them is current.

Every text that an entry ever had is kept: the current one in the entry's row, the others as its
revisions.  Where each was seen is in the sightings, by fingerprint.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from aggregator.dedupe.history import Version, current, in_order
from aggregator.dedupe.items import NOTED, Prepared, StoredText
from aggregator.model import RevisionText
from aggregator.store import Row, Store, relayed
from aggregator.store.packing import pack_html, unpack_html
from aggregator.store.search import index_again, unindex
from aggregator.store.stated import told_of
from aggregator.store.times import time_text, to_time

COLUMNS = "fingerprint, truncated, is_summary, language, title, summary, text, content_html"
"""The columns of a text, in an entry's row and in its revisions."""


def texts_of(store: Store, entries: Collection[int]) -> dict[int, list[StoredText]]:
    """Return every text of each of ``entries``, the current one first."""
    from aggregator.dedupe.pair import Text

    found: dict[int, list[StoredText]] = {key: [] for key in entries}
    if not entries:
        return found
    for key, agency, fingerprint, truncated, is_summary, language, title, text in store.rows(
        "SELECT key, agency, fingerprint, truncated, is_summary, language, title, text"
        " FROM entries WHERE key IN (SELECT value FROM json_each(?1)) UNION ALL SELECT entry,"
        " agency, r.fingerprint, r.truncated, r.is_summary, r.language, r.title, r.text"
        " FROM revisions AS r JOIN entries ON key = entry"
        " WHERE entry IN (SELECT value FROM json_each(?1))",
        (json.dumps(sorted(entries)),),
    ):
        found[key].append(
            StoredText(
                entry=key,
                fingerprint=fingerprint,
                truncated=bool(truncated),
                text=Text(
                    agency=agency,
                    title=title,
                    body=text,
                    truncated=bool(truncated or is_summary),
                    language=language,
                ),
            )
        )
    return found


def is_any_undetected(store: Store) -> bool:
    """Whether the language of an entry is to be detected."""
    return bool(store.rows("SELECT 1 FROM to_detect LIMIT 1"))


def undetected(store: Store, limit: int, length: int) -> dict[int, list[tuple[str, str, str]]]:
    """Return texts of entries whose language is to be detected: by row, those without one.

    Each is a fingerprint, a title, and so many characters of the text.  The oldest entries are
    first, at most ``limit``; one that is gone since has no texts.
    """
    keys = [key for (key,) in store.rows("SELECT entry FROM to_detect LIMIT ?", (limit,))]
    found: dict[int, list[tuple[str, str, str]]] = {key: [] for key in keys}
    for key, *text in store.rows(
        "SELECT key, fingerprint, title, substr(text, 1, ?2) FROM entries"
        " WHERE language IS NULL AND key IN (SELECT value FROM json_each(?1)) UNION ALL"
        " SELECT entry, fingerprint, title, substr(text, 1, ?2) FROM revisions"
        " WHERE language IS NULL AND entry IN (SELECT value FROM json_each(?1))",
        (json.dumps(keys), length),
    ):
        found[key].append((text[0], text[1], text[2]))
    return found


def set_languages(store: Store, found: Mapping[int, Mapping[str, str | None]]) -> None:
    """Write the languages of texts, by entry and fingerprint, and take the entries off the list."""
    for table, key in (("entries", "key"), ("revisions", "entry")):
        store.execute_many(
            f"UPDATE {table} SET language = ? WHERE {key} = ? AND fingerprint = ?",
            [
                (language, entry, fingerprint)
                for entry, texts in found.items()
                for fingerprint, language in texts.items()
                if language is not None
            ],
        )
    store.execute_many("DELETE FROM to_detect WHERE entry = ?", [(entry,) for entry in found])


def kept_apart(store: Store, fingerprints: Collection[str]) -> set[tuple[str, int]]:
    """Return the pairs of a text and an entry that were split."""
    rows = store.rows(
        "SELECT fingerprint, entry FROM kept_apart"
        " WHERE fingerprint IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(fingerprints)),),
    )
    return {(fingerprint, entry) for fingerprint, entry in rows}


def with_kept_apart(store: Store, entries: Collection[int]) -> set[int]:
    """Return those of ``entries`` from which a text was split."""
    rows = store.rows(
        "SELECT entry FROM kept_apart WHERE entry IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(entries)),),
    )
    return {entry for (entry,) in rows}


def keep_apart(store: Store, pairs: Iterable[tuple[str, int]]) -> None:
    """Note that texts with these fingerprints must never join these entries."""
    store.execute_many("INSERT OR IGNORE INTO kept_apart VALUES (?, ?)", pairs)


def let_join(store: Store, fingerprints: Iterable[str], entry: int) -> None:
    """Allow these texts to join ``entry`` again."""
    store.execute_many(
        "DELETE FROM kept_apart WHERE fingerprint = ? AND entry = ?",
        [(fingerprint, entry) for fingerprint in fingerprints],
    )


def add_revisions(store: Store, revisions: Sequence[tuple[int, Prepared]]) -> None:
    """Keep the texts of items as texts of the entries of these rows, besides the current ones."""
    if not revisions:
        return
    store.execute_many(
        f"INSERT OR IGNORE INTO revisions (entry, {COLUMNS})"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
        " WHERE NOT EXISTS (SELECT 1 FROM entries WHERE key = ?1 AND fingerprint = ?2)",
        [
            (
                *(key, p.fingerprint, int(p.entry.truncated), int(p.entry.is_summary)),
                *(p.entry.language, p.entry.title, p.entry.summary),
                *(p.entry.text, pack_html(p.entry.content_html, p.entry.text)),
            )
            for key, p in revisions
        ],
    )
    note_titles(store, [(key, p.entry.title) for key, p in revisions])


def note_titles(store: Store, titles: Iterable[tuple[int, str]]) -> None:
    """Index entries, given by row, under their titles."""
    from aggregator.dedupe.upstream import title_number

    store.execute_many(
        "INSERT OR IGNORE INTO titles (number, entry) VALUES (?, ?)",
        [(number, key) for key, title in titles if (number := title_number(title)) is not None],
    )


def entries_titled(store: Store, titles: Collection[str]) -> dict[str, list[int]]:
    """Return the entries that had each of ``titles``, the newest first."""
    from aggregator.dedupe.upstream import title_number

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
    """Replace the HTML of texts that came without markup.

    ``html`` is, by entry and fingerprint, the HTML made from the text and the better one.
    """
    for (entry, fingerprint), (plain, better) in html.items():
        for table, key in (("entries", "key"), ("revisions", "entry")):
            for text, kept in store.rows(
                f"SELECT text, content_html FROM {table} WHERE {key} = ? AND fingerprint = ?",
                (entry, fingerprint),
            ):
                if unpack_html(kept, text) == plain:
                    store.execute(
                        f"UPDATE {table} SET content_html = ? WHERE {key} = ? AND fingerprint = ?",
                        (pack_html(better, text), entry, fingerprint),
                    )
        store.execute("DELETE FROM renditions WHERE entry = ?", (entry,))


def versions(store: Store, entries: Collection[int]) -> dict[int, list[Version]]:
    """Return the texts that entries were seen with, and where each was seen first."""
    listed = json.dumps(sorted(entries))
    partial = {
        (key, fingerprint): bool(is_partial)
        for key, fingerprint, is_partial in store.rows(
            "SELECT key, fingerprint, truncated OR is_summary FROM entries"
            " WHERE key IN (SELECT value FROM json_each(?1)) UNION ALL"
            " SELECT entry, fingerprint, truncated OR is_summary FROM revisions"
            " WHERE entry IN (SELECT value FROM json_each(?1))",
            (listed,),
        )
    }
    first: dict[tuple[int, str], Row] = {}
    for entry, fingerprint, *place in store.rows(
        # A text of another Aggregator came when that says so.
        "SELECT entry, sightings.fingerprint, coalesce(relayed.updated, modified), name,"
        " documents.key, iif(relayed.updated IS NULL, position, 0),"
        " iif(upstream_id IS NOT NULL, source, '') FROM sightings"
        " JOIN documents ON documents.key = document"
        " LEFT JOIN relayed ON relayed.sighting = sightings.id"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY 3, 4, 5, 6",
        (listed,),
    ):
        first.setdefault((entry, fingerprint), tuple(place))
    found: dict[int, list[Version]] = {key: [] for key in entries}
    for (entry, fingerprint), (modified, name, arrival, position, source) in first.items():
        if (entry, fingerprint) not in partial:
            continue
        found[entry].append(
            Version(
                fingerprint=fingerprint,
                is_partial=partial[entry, fingerprint],
                seen=to_time(modified),
                document=name,
                position=position,
                arrival=arrival,
                source=source,
            )
        )
    return found


def make_current(store: Store, current: Mapping[int, str]) -> None:
    """Make the texts of these fingerprints current; keep those that were as revisions.

    ``current`` is by entry.  The search index follows.
    """
    for entry, fingerprint in store.rows(
        "SELECT key, fingerprint FROM entries WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(current)),),
    ):
        if fingerprint != current[entry]:
            _replace_text(store, entry, current[entry])


def _replace_text(store: Store, entry: int, fingerprint: str) -> None:
    was_indexed = unindex(store, [entry])
    store.execute(
        f"INSERT OR IGNORE INTO revisions (entry, {COLUMNS})"
        f" SELECT key, {COLUMNS} FROM entries WHERE key = ?",
        (entry,),
    )
    store.execute(
        f"UPDATE entries SET ({COLUMNS}) ="
        f" (SELECT {COLUMNS} FROM revisions WHERE entry = ?1 AND fingerprint = ?2) WHERE key = ?1",
        (entry, fingerprint),
    )
    store.execute("DELETE FROM revisions WHERE entry = ? AND fingerprint = ?", (entry, fingerprint))
    if was_indexed:
        index_again(store, entry)


def drop_unseen(store: Store, entries: Collection[int]) -> None:
    """Drop the texts of entries that none of their sightings has."""
    store.execute_many(
        "DELETE FROM revisions WHERE entry = ?1 AND fingerprint NOT IN"
        " (SELECT fingerprint FROM sightings WHERE entry = ?1)",
        [(entry,) for entry in entries],
    )


def move_texts(store: Store, entry: int, to: int) -> None:
    """Move all texts of an entry to another."""
    store.execute(
        f"INSERT OR IGNORE INTO revisions (entry, {COLUMNS})"
        f" SELECT ?2, {COLUMNS} FROM entries WHERE key = ?1 AND fingerprint !="
        " (SELECT fingerprint FROM entries WHERE key = ?2) UNION"
        f" SELECT ?2, {COLUMNS} FROM revisions WHERE entry = ?1 AND fingerprint !="
        " (SELECT fingerprint FROM entries WHERE key = ?2)",
        (entry, to),
    )
    store.execute(
        "INSERT OR IGNORE INTO titles SELECT number, ?2 FROM titles WHERE entry = ?1", (entry, to)
    )


def revisions(store: Store, entries: Collection[int]) -> dict[int, list[RevisionText]]:
    """Return the texts of each entry in the order in which they were published."""
    texts, told = texts_of(store, entries), told_of(store, entries)
    found = {}
    for entry, seen in versions(store, entries).items():
        by_print = {text.fingerprint: text for text in texts[entry]}
        ordered = in_order(seen)
        current_text = current(ordered).fingerprint if ordered else ""
        found[entry] = [
            RevisionText(
                number=number,
                fingerprint=version.fingerprint,
                title=by_print[version.fingerprint].text.title,
                text=by_print[version.fingerprint].text.body,
                truncated=by_print[version.fingerprint].truncated,
                is_summary=version.is_partial and not by_print[version.fingerprint].truncated,
                seen=version.seen,
                document=version.document,
                current=version.fingerprint == current_text,
                **told.get((entry, version.fingerprint), {}),
            )
            for number, version in enumerate(ordered, 1)
        ]
    return found


def revision_counts(store: Store, keys: Sequence[int]) -> dict[int, int]:
    """Return how many texts each entry had, of those that had more than one."""
    return {
        key: count + 1
        for key, count in store.rows(
            "SELECT entry, count(*) FROM revisions"
            " WHERE entry IN (SELECT value FROM json_each(?)) GROUP BY entry",
            (json.dumps(list(keys)),),
        )
    }


def with_history(store: Store, entries: Collection[int]) -> list[int]:
    """Return those of ``entries`` that have more than one text or agency."""
    rows = store.rows(
        "SELECT entry FROM revisions WHERE entry IN (SELECT value FROM json_each(?1))"
        " UNION SELECT entry FROM credits WHERE entry IN (SELECT value FROM json_each(?1))",
        (json.dumps(sorted(entries)),),
    )
    return [entry for (entry,) in rows]


def set_changed(store: Store, changed: Mapping[int, datetime | None]) -> None:
    """Note when the current text of each entry took the place of another."""
    store.execute_many(
        "UPDATE entries SET changed = ? WHERE key = ?",
        [(time_text(at) if at is not None else None, entry) for entry, at in changed.items()],
    )
    store.execute_many("DELETE FROM renditions WHERE entry = ?", [(entry,) for entry in changed])


def set_agencies(store: Store, agencies: Mapping[int, Sequence[str]]) -> None:
    """Make the first of its ``agencies`` the agency of each entry, and credit the others."""
    keys = [(entry,) for entry in agencies]
    store.execute_many(
        "UPDATE entries SET agency = ? WHERE key = ?",
        [(names[0], entry) for entry, names in agencies.items()],
    )
    store.execute_many("DELETE FROM credits WHERE entry = ?", keys)
    store.execute_many("DELETE FROM categories WHERE entry = ?", keys)
    store.execute_many(
        "INSERT INTO credits VALUES (?, ?)",
        [(entry, name) for entry, names in agencies.items() for name in names[1:]],
    )
    store.execute_many(
        "INSERT INTO categories VALUES (?, ?)",
        [(entry, name) for entry, names in agencies.items() for name in names],
    )


def agencies_seen(store: Store, entries: Collection[int]) -> dict[int, list[str]]:
    """Return the agencies under which entries were seen, the first to carry it first.

    Of an entry that came from another Aggregator alone they are those that this told last.
    """
    found: dict[int, dict[str, None]] = {key: {} for key in entries}
    for entry, agency in store.rows(
        "SELECT entry, agency FROM sightings JOIN documents ON documents.key = document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY rule = ?, modified, name, position",
        (json.dumps(sorted(entries)), NOTED),
    ):
        found[entry][agency] = None
    told = {
        entry: one.agencies for entry, one in relayed.told(store, entries).items() if one.is_owned
    }
    return {entry: list(told.get(entry, agencies)) for entry, agencies in found.items()}
