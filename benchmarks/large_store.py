"""Makes a large store fast: some of it by the program itself, the rest as rows.

`fill` makes a project in a folder. The program ingests digests, which name every agency, and writes
the feeds of them; so agencies, rules, output and everything that a run notes are as it leaves them.
Then sources, documents, entries and sightings of feeds are added as rows, by the schema as it is,
without the triggers that would note all of it as to be written. What triggers count is counted
again. Entries have texts of made-up words, with their fingerprints, sketches and titles, so that
they can be found; each is listed by several documents of its source.

The entries are spread over four years up to ``now``, whatever the size; a larger store has more
sources, and its digests, one every second day, go back further.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from aggregator.config import load
from aggregator.dedupe.sketch import base, fingerprint, sketch
from aggregator.dedupe.upstream import title_number
from aggregator.normalise.builtin_categories import BUILTIN
from aggregator.normalise.identity import match_key
from aggregator.store import Store, counts, entry_pages, open_store
from aggregator.store.packing import pack_html
from aggregator.store.times import time_text

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 17
SPAN = timedelta(days=4 * 365)  # in which the entries of feeds came out
HISTORY = 30  # days of results of each source
ITEMS = 30  # of a digest
AGAIN = 4  # of these, listed by the digest before
DAYS_BETWEEN_DIGESTS = 2
WORDS = 130  # of a text
INTERVAL = 86_400  # seconds between two polls of a source
INDEXED = 10  # one in so many entries is in the index of words: the newest
FAILING = 50  # one source in so many fails
BATCH = 5_000

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL"
INDEXES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN"
    " ('entries', 'sightings', 'links', 'upstream_ids', 'titles', 'kinds', 'visits', 'sources',"
    " 'categories')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a store is: each source has ``entries / sources`` entries, and each entry is listed
    ``sightings / entries`` times.
    """

    sightings: int = 10_000_000
    entries: int = 1_000_000
    agencies: int = 4_000
    sources: int = 100_000

    @property
    def of_source(self) -> int:
        """The number of entries of a source."""
        return max(self.entries // self.sources, 1)

    @property
    def listings(self) -> int:
        """How often an entry is listed, which is how many documents a source has."""
        return max(self.sightings // (self.of_source * self.sources), 1)

    @property
    def digests(self) -> int:
        """The number of digests; they name each agency."""
        return max(self.agencies * 4 // (ITEMS - AGAIN), 10)

    def part(self, of: int) -> "Size":
        """A store of one part in ``of``, in every respect."""
        return Size(
            sightings=self.sightings // of,
            entries=self.entries // of,
            agencies=max(self.agencies // of, 1),
            sources=max(self.sources // of, 1),
        )


def fill(folder: Path, size: Size, now: datetime, say: "Callable[[str], None]") -> None:
    """Make a project of this size in ``folder``, which is empty; ``now`` is in UTC."""
    from aggregator.ingest.run import ingest
    from aggregator.output.regenerate import regenerate

    random = Random(SEED)
    words = Words(random)
    (folder / "digests").mkdir()
    (folder / "config.toml").write_text(_config(size), encoding="utf-8")
    start = now - timedelta(days=DAYS_BETWEEN_DIGESTS * size.digests)
    items = _items(words, size, start)
    before: list[str] = []
    for number in range(size.digests):
        new = list(islice(items, ITEMS - len(before)))[::-1]
        (folder / "digests" / f"{number:05}.txt").write_text("\n\n".join([*new, *before]))
        before = new[:AGAIN]
    config = load(folder / "config.toml")
    with open_store(config.store) as store:
        say(f"ingesting {size.digests:,} digests")
        ingest(config, store, now=now, only=["digests"])
        say("writing their feeds")
        regenerate(config, store)
        store.execute("PRAGMA synchronous = OFF")
        store.execute("PRAGMA cache_size = -400000")
        store.execute("PRAGMA foreign_keys = OFF")
        with _without(store, TRIGGERS, "TRIGGER"), _without(store, INDEXES, "INDEX"):
            say(f"adding {size.sources:,} sources")
            with store.transaction():
                _add_sources(store, size, now)
            say(f"adding {size.of_source * size.sources:,} entries")
            first = _add_entries(store, size, now, words)
            say(f"adding {size.of_source * size.sources * size.listings:,} sightings")
            with store.transaction():
                _add_sightings(store, size, now, first)
            say("making the indexes")
        say("indexing words, and counting")
        _index_words(store)
        with store.transaction():
            list(counts.set_right(store))
        store.execute("PRAGMA optimize")
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def refresh(folder: Path, now: datetime) -> None:
    """Have no source of a kept store due within the next hours."""
    with open_store(folder / "aggregator.db") as store, store.transaction():
        _plan_visits(store, now)


def block(words: "Words", agency: int, day: datetime) -> str:
    """Return a release as digests have it."""
    return (
        f"{words.title()}\n\nSource: {agency_name(agency)}\nDate: {day:%Y-%m-%d}\n\n{words.text()}"
    )


def agency_name(number: int) -> str:
    """Return the name of an agency, by its number from 0."""
    return f"Agency of Matter {number}"


class Words:
    """Words that mean nothing, in titles and texts."""

    def __init__(self, random: Random) -> None:
        self._random = random
        syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
        self._words = ["".join(random.choices(syllables, k=3)) for _ in range(6_000)]

    def title(self) -> str:
        """Return a title."""
        return " ".join(self._random.choices(self._words, k=8)).capitalize()

    def text(self) -> str:
        """Return a text of one paragraph."""
        return " ".join(self._random.choices(self._words, k=WORDS)).capitalize() + "."

    def edited(self, text: str) -> str:
        """Return a text with one word in twenty replaced."""
        parts = text.split(" ")
        for place in self._random.sample(range(1, len(parts) - 1), len(parts) // 20):
            parts[place] = self._random.choice(self._words)
        return " ".join(parts)


def _config(size: Size) -> str:
    lines = [
        'title = "Benchmark"',
        'base_url = "http://localhost:8080/"',
        'store = "aggregator.db"',
        'output = "feeds"',
        '[[sources]]\nid = "digests"\nlocation = "digests/*.txt"\nformat = "digest"',
    ]
    lines += [
        f'[[sources]]\nid = "site-{n}"\nlocation = "{_site(n)}/feed"\ninterval = "1d"'
        for n in range(size.sources)
    ]
    return "\n".join([*lines, ""])


def _site(number: int) -> str:
    return f"https://site-{number}.example.org"


def _items(words: Words, size: Size, start: datetime) -> Iterator[str]:
    """Yield the releases of digests, oldest first, for ever."""
    number = 0
    while True:
        day = start + timedelta(days=DAYS_BETWEEN_DIGESTS * number // (ITEMS - AGAIN))
        yield block(words, number % size.agencies, day)
        number += 1


@contextmanager
def _without(store: Store, listed: str, kind: str) -> Iterator[None]:
    """Drop some things of the schema, and make them again in the end."""
    held = store.rows(listed)
    for name, _ in held:
        store.execute(f"DROP {kind} {name}")
    yield
    for _, sql in held:
        store.execute(sql)


def _add_sources(store: Store, size: Size, now: datetime) -> None:
    moment = time_text(now)
    numbers = range(size.sources)
    store.execute_many(
        "INSERT OR REPLACE INTO sources (id, location, last_attempt, last_success, last_status,"
        " last_error, failures) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (f"site-{n}", f"{_site(n)}/feed", moment, moment, "failed", "status 500", 3)
            if n % FAILING == 1
            else (f"site-{n}", f"{_site(n)}/feed", moment, moment, "unchanged", None, 0)
            for n in numbers
        ),
    )
    store.execute_many(
        "INSERT INTO visits (source, asked, address, found, etag, interval, why) "
        "VALUES (?1, ?2, ?2, 1, ?3, ?4, 'its interval')",
        ((f"site-{n}", f"{_site(n)}/feed", f'"{n:x}"', INTERVAL) for n in numbers),
    )
    _plan_visits(store, now)
    store.execute(
        "WITH RECURSIVE days(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM days WHERE n < ? - 1)"
        " INSERT INTO history (source, day, visits, failures, new, revised, merged)"
        " SELECT sources.id, date(?, -n || ' days'), 24, 0, 0, 0, 0"
        " FROM sources, days WHERE sources.id LIKE 'site-%'",
        (HISTORY, f"{now:%Y-%m-%d}"),
    )


def _plan_visits(store: Store, now: datetime) -> None:
    """Have each source due in the second half of its interval."""
    store.execute(
        "UPDATE visits SET due ="
        " strftime('%Y-%m-%dT%H:%M:%SZ', ?, (?2 / 2 + rowid * 7919 % (?2 / 2)) || ' seconds')",
        (time_text(now)[:19], INTERVAL),
    )


def _add_entries(store: Store, size: Size, now: datetime, words: Words) -> int:
    """Add the entries of feeds, oldest first; return the row of the first.

    The number of its source is that of the entry, modulo the number of sources.
    """
    ((last,),) = store.rows("SELECT max(key) FROM entries")
    agencies = [name for (name,) in store.rows("SELECT id FROM agencies ORDER BY id")]
    terms = [rule.term for rule in BUILTIN]
    total = size.of_source * size.sources
    step = SPAN / total
    store.execute("CREATE TEMP TABLE unsorted (hash INTEGER, entry INTEGER)")
    for begin in range(0, total, BATCH):
        rows, titles, kinds, ids, sketches = [], [], [], [], []
        for number in range(begin, min(begin + BATCH, total)):
            key, source = last + 1 + number, number % size.sources
            title, text = words.title(), words.text()
            published = time_text((now - SPAN + number * step).replace(microsecond=0))
            title_key, text_key = match_key(title), match_key(text)
            numbers = sketch(text, text_key)
            entry_id = f"{_site(source)}/{number}"
            rows.append(
                (
                    *(key, entry_id, agencies[source % len(agencies)], published, published),
                    *("upstream", published, published, published, "stated", 0, "en"),
                    *(fingerprint(title_key, text_key), base(numbers), title, text[:200], text),
                    pack_html(f"<p>{text}</p>", text),
                )
            )
            titles.append((title_number(title), key))
            ids.append((key, entry_id))
            if number % 3 == 0:
                kinds.append((key, terms[number // 3 % len(terms)]))
            sketches += [(number, key) for number in numbers]
        with store.transaction():
            store.execute_many(
                "INSERT INTO entries (key, id, agency, published, updated, dating_basis,"
                " dating_earliest, dating_latest, dating_evidence, dating_role, truncated,"
                " language, fingerprint, sketch_base, title, summary, text, content_html)"
                f" VALUES ({', '.join('?' * 18)})",
                rows,
            )
            store.execute_many("INSERT INTO titles VALUES (?, ?)", titles)
            store.execute_many("INSERT INTO kinds VALUES (?, ?)", kinds)
            store.execute_many("INSERT INTO unsorted VALUES (?, ?)", sketches)
            entry_pages.index_names(store, ids)
    with store.transaction():
        store.execute(
            "INSERT INTO upstream_ids (source, upstream_id, entry)"
            " SELECT 'site-' || ((key - ?1) % ?2), id, key FROM entries WHERE key >= ?1",
            (last + 1, size.sources),
        )
        store.execute(
            "INSERT INTO categories SELECT key, agency FROM entries WHERE key > ?", (last,)
        )
        store.execute("INSERT OR IGNORE INTO sketches SELECT * FROM unsorted ORDER BY hash, entry")
    store.execute("DROP TABLE unsorted")
    return int(last) + 1


def _add_sightings(store: Store, size: Size, now: datetime, first: int) -> None:
    """Add the documents of feeds and what they list: all entries of their source, each time."""
    ((document,),) = store.rows("SELECT max(key) FROM documents")
    ((sighting,),) = store.rows("SELECT max(id) FROM sightings")
    for turn in range(size.listings):
        values = {
            "sources": size.sources,
            "items": size.of_source,
            "first": first,
            "document": document + 1 + turn * size.sources,
            "sighting": sighting + 1 + turn * size.sources * size.of_source,
            "turn": turn,
            "moment": time_text(now - timedelta(hours=size.listings - turn)),
            "day": f"{now:%Y-%m-%d}",
        }
        for statement in _LISTED:
            store.execute(_NUMBERS + statement, values)


_NUMBERS = (
    "WITH RECURSIVE sites(n) AS"
    " (VALUES (0) UNION ALL SELECT n + 1 FROM sites WHERE n < :sources - 1),"
    " places(p) AS (VALUES (0) UNION ALL SELECT p + 1 FROM places WHERE p < :items - 1) "
)
_OF_ENTRY = (
    " FROM sites CROSS JOIN places"
    " CROSS JOIN entries ON entries.key = :first + n + :sources * (:items - 1 - p)"
)
_ID = ":sighting + n * :items + p"
_LISTED = (
    "INSERT INTO documents (key, source, name, sha256, bytes, modified, items, rejected, ordered,"
    " first_day, last_day, dated) SELECT :document + n, 'site-' || n, 'feed',"
    " printf('%064x', :document + n), 20000, :moment, :items, 0, 0, :day, :day, 1 FROM sites",
    "INSERT INTO sightings (id, entry, document, position, first_line, last_line, agency,"
    " fingerprint, how, score, rule, reason, upstream_id)"
    f" SELECT {_ID}, key, :document + n, p, 1, 1, agency, fingerprint,"
    " iif(:turn = 0, 'new', 'same'), 1.0, iif(:turn = 0, 'new', 'identical'),"
    f" iif(:turn = 0, 'nothing like it is known', 'the same text'), id{_OF_ENTRY}",
    "INSERT INTO links (sighting, position, rel, href, canonical)"
    f" SELECT {_ID}, 0, 'alternate', id, id{_OF_ENTRY}",
    "INSERT INTO evidence (sighting, position, place, phrase, role, first, last, strength, reason,"
    f" moment) SELECT {_ID}, 0, 'header', published, 'stated', substr(published, 1, 10),"
    f" substr(published, 1, 10), 1.0, 'its feed states it', published{_OF_ENTRY}",
)


def _index_words(store: Store) -> None:
    """Index the words of the newest entries; those before are taken to be indexed."""
    from aggregator.store.search import index_remaining

    with store.transaction():
        store.execute(
            "INSERT INTO entries_fts (rowid, title, text) SELECT key, title, text FROM entries"
            " WHERE key > (SELECT max(key) - max(key) / ? FROM entries)",
            (INDEXED,),
        )
    index_remaining(store)
