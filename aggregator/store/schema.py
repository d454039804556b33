"""The tables, made and changed by migrations only.

Each migration runs once in each store, in this order, and is never edited after it was published:
a change is a new one at the end.  Times are RFC 3339 in UTC and days ISO 8601, as text, so that
they sort and read as they stand in any SQLite browser.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from aggregator.dedupe.upstream import title_number

APPLICATION_ID = 0x41475252
"""``AGRR`` in the file's header (SQLite's ``application_id``): whose database this is."""

migrations = Migrations("aggregator")

_FIRST = (
    """
    CREATE TABLE sources (
        id TEXT PRIMARY KEY,
        location TEXT NOT NULL,
        last_attempt TEXT,
        last_success TEXT,
        last_status TEXT,
        last_error TEXT,
        failures INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE agencies (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        homepage TEXT,
        configured INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE documents (
        key INTEGER PRIMARY KEY,
        source TEXT NOT NULL REFERENCES sources(id),
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        modified TEXT NOT NULL,
        items INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        -- Whether its items stand newest first, and the days they seem to be of: see store/dating.
        ordered INTEGER NOT NULL,
        first_day TEXT NOT NULL,
        last_day TEXT NOT NULL,
        dated INTEGER NOT NULL DEFAULT 0,
        UNIQUE (source, name, sha256)
    )
    """,
    "CREATE INDEX documents_by_day ON documents(first_day, last_day) WHERE ordered",
    "CREATE INDEX documents_not_dated ON documents(key) WHERE NOT dated",
    """
    CREATE TABLE entries (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        agency TEXT NOT NULL REFERENCES agencies(id),
        published TEXT,
        updated TEXT,
        changed TEXT,
        dating_basis TEXT,
        dating_earliest TEXT,
        dating_latest TEXT,
        dating_evidence TEXT,
        dating_role TEXT,
        dating_conflict TEXT,
        dating_below INTEGER REFERENCES entries(key),
        dating_above INTEGER REFERENCES entries(key),
        truncated INTEGER NOT NULL,
        language TEXT,
        fingerprint TEXT NOT NULL,
        sketch_base INTEGER NOT NULL,
        title TEXT NOT NULL,
        summary TEXT NOT NULL,
        text TEXT NOT NULL,
        content_html TEXT NOT NULL
    )
    """,
    "CREATE INDEX entries_by_time ON entries(published, key)",
    "CREATE INDEX entries_by_agency ON entries(agency, published, key)",
    # Agencies that carried an entry besides its own.
    """
    CREATE TABLE credits (
        entry INTEGER NOT NULL REFERENCES entries(key),
        agency TEXT NOT NULL REFERENCES agencies(id),
        PRIMARY KEY (entry, agency)
    )
    """,
    "CREATE INDEX credits_by_agency ON credits(agency, entry)",
    # The texts an entry had or has besides the one in its row.
    """
    CREATE TABLE revisions (
        entry INTEGER NOT NULL REFERENCES entries(key),
        fingerprint TEXT NOT NULL,
        truncated INTEGER NOT NULL,
        language TEXT,
        title TEXT NOT NULL,
        summary TEXT NOT NULL,
        text TEXT NOT NULL,
        content_html TEXT NOT NULL,
        PRIMARY KEY (entry, fingerprint)
    )
    """,
    """
    CREATE TABLE categories (
        entry INTEGER NOT NULL REFERENCES entries(key),
        term TEXT NOT NULL,
        PRIMARY KEY (entry, term)
    )
    """,
    # An item as it was seen, and what was decided of it.  `former` is the id of the entry that it
    # was of before entries were merged by hand.
    """
    CREATE TABLE sightings (
        id INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES entries(key),
        document INTEGER NOT NULL REFERENCES documents(key),
        position INTEGER NOT NULL,
        first_line INTEGER NOT NULL,
        last_line INTEGER NOT NULL,
        agency TEXT NOT NULL REFERENCES agencies(id),
        fingerprint TEXT NOT NULL,
        how TEXT NOT NULL,
        score REAL NOT NULL,
        rule TEXT NOT NULL,
        reason TEXT NOT NULL,
        former TEXT,
        UNIQUE (document, position)
    )
    """,
    "CREATE INDEX sightings_by_entry ON sightings(entry)",
    "CREATE INDEX sightings_by_text ON sightings(fingerprint)",
    """
    CREATE TABLE links (
        sighting INTEGER NOT NULL REFERENCES sightings(id),
        position INTEGER NOT NULL,
        rel TEXT NOT NULL,
        href TEXT NOT NULL,
        type TEXT,
        title TEXT,
        PRIMARY KEY (sighting, position)
    )
    """,
    """
    CREATE TABLE evidence (
        sighting INTEGER NOT NULL REFERENCES sightings(id),
        position INTEGER NOT NULL,
        place TEXT NOT NULL,
        phrase TEXT NOT NULL,
        role TEXT NOT NULL,
        first TEXT NOT NULL,
        last TEXT NOT NULL,
        weekday INTEGER,
        shift_unit TEXT,
        shift INTEGER,
        strength REAL NOT NULL,
        reason TEXT NOT NULL,
        moment TEXT,
        PRIMARY KEY (sighting, position)
    )
    """,
    # Where to look for texts like a text: see dedupe/sketch.py and store/sketches.py.
    """
    CREATE TABLE sketches (
        hash INTEGER NOT NULL,
        entry INTEGER NOT NULL,
        PRIMARY KEY (hash, entry)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE sketch_log (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL,
        numbers BLOB NOT NULL
    )
    """,
    # Texts that a person took out of an entry, and that never join it again.
    """
    CREATE TABLE kept_apart (
        fingerprint TEXT NOT NULL,
        entry INTEGER NOT NULL REFERENCES entries(key),
        PRIMARY KEY (fingerprint, entry)
    )
    """,
    # What an entry's dating was before the one it has, oldest first.
    """
    CREATE TABLE datings (
        entry INTEGER NOT NULL REFERENCES entries(key),
        number INTEGER NOT NULL,
        published TEXT NOT NULL,
        basis TEXT NOT NULL,
        earliest TEXT NOT NULL,
        latest TEXT NOT NULL,
        evidence TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (entry, number)
    )
    """,
    # Entries of one event, each with the other and why: see dedupe/related.py.
    """
    CREATE TABLE related (
        entry INTEGER NOT NULL REFERENCES entries(key),
        other INTEGER NOT NULL REFERENCES entries(key),
        reason TEXT NOT NULL,
        PRIMARY KEY (entry, other)
    ) WITHOUT ROWID
    """,
    # The days of an agency around which that is to be worked out anew.  Triggers note them, since
    # an entry's day, text or agency changes in many places, and none may be forgotten.
    """
    CREATE TABLE to_relate (
        agency TEXT NOT NULL,
        day TEXT NOT NULL,
        PRIMARY KEY (agency, day)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER entries_changed AFTER UPDATE OF
        agency, published, dating_earliest, dating_latest, fingerprint ON entries
    WHEN new.published IS NOT NULL AND
        (new.agency, new.published, new.dating_earliest, new.dating_latest, new.fingerprint)
        IS NOT
        (old.agency, old.published, old.dating_earliest, old.dating_latest, old.fingerprint)
    BEGIN
        INSERT OR IGNORE INTO to_relate
            SELECT old.agency, substr(old.published, 1, 10) WHERE old.published IS NOT NULL;
        INSERT OR IGNORE INTO to_relate VALUES (new.agency, substr(new.published, 1, 10));
    END
    """,
    # The words of an agency's name are no names in its releases.
    """
    CREATE TRIGGER agencies_renamed AFTER UPDATE OF name ON agencies WHEN new.name != old.name
    BEGIN
        INSERT OR IGNORE INTO to_relate SELECT agency, substr(published, 1, 10) FROM entries
            WHERE agency = new.id AND published IS NOT NULL;
    END
    """,
    """
    CREATE TRIGGER entries_removed AFTER DELETE ON entries WHEN old.published IS NOT NULL
    BEGIN
        INSERT OR IGNORE INTO to_relate VALUES (old.agency, substr(old.published, 1, 10));
    END
    """,
    """
    CREATE TABLE problems (
        document INTEGER NOT NULL REFERENCES documents(key),
        first_line INTEGER NOT NULL,
        last_line INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        reason TEXT NOT NULL
    )
    """,
    "CREATE INDEX problems_by_document ON problems(document)",
    """
    CREATE TABLE renditions (
        entry INTEGER NOT NULL REFERENCES entries(key),
        format TEXT NOT NULL,
        context TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (entry, format)
    )
    """,
    # External content: the index holds no second copy of the text.  Rows are added by the batch,
    # which costs a third of what triggers do.
    """
    CREATE VIRTUAL TABLE entries_fts USING fts5(
        title, text, content="entries", content_rowid="key",
        tokenize="unicode61 remove_diacritics 2"
    )
    """,
)


@migrations()
def m001_first(db: Database) -> None:
    """Sources, documents, entries, and where each entry was seen."""
    for statement in _FIRST:
        db.execute(statement)


_FEEDS = (
    # What feeds say of their items: an id of their own, a time of change, whole or summary only.
    "ALTER TABLE sightings ADD COLUMN upstream_id TEXT",
    "ALTER TABLE sightings ADD COLUMN updated TEXT",
    "ALTER TABLE entries ADD COLUMN is_summary INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE revisions ADD COLUMN is_summary INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE links ADD COLUMN length INTEGER",
    # The form in which two addresses of one page are equal; null for what is no page.
    "ALTER TABLE links ADD COLUMN canonical TEXT",
    "CREATE INDEX links_by_page ON links(canonical) WHERE canonical IS NOT NULL",
    """
    CREATE TABLE terms (
        sighting INTEGER NOT NULL REFERENCES sightings(id),
        position INTEGER NOT NULL,
        term TEXT NOT NULL,
        PRIMARY KEY (sighting, position)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE authors (
        sighting INTEGER NOT NULL REFERENCES sightings(id),
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (sighting, position)
    ) WITHOUT ROWID
    """,
    # Which entry each id of a source means now; other sources' ids are their own.
    """
    CREATE TABLE upstream_ids (
        source TEXT NOT NULL REFERENCES sources(id),
        upstream_id TEXT NOT NULL,
        entry INTEGER NOT NULL REFERENCES entries(key),
        PRIMARY KEY (source, upstream_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX upstream_ids_by_entry ON upstream_ids(entry)",
    # What is remembered of a source with an address from one visit to the next.  `seen` are the
    # hashes of its last document's items, 8 bytes each.
    """
    CREATE TABLE visits (
        source TEXT PRIMARY KEY REFERENCES sources(id),
        asked TEXT NOT NULL,
        address TEXT,
        found INTEGER NOT NULL DEFAULT 0,
        etag TEXT,
        last_modified TEXT,
        sha256 TEXT,
        moved_to TEXT,
        moved_since TEXT,
        gone TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        due TEXT,
        interval INTEGER NOT NULL DEFAULT 0,
        why TEXT NOT NULL DEFAULT '',
        hub TEXT,
        topic TEXT,
        period INTEGER,
        skip_hours TEXT NOT NULL DEFAULT '[]',
        skip_days TEXT NOT NULL DEFAULT '[]',
        published TEXT NOT NULL DEFAULT '[]',
        seen BLOB NOT NULL DEFAULT x''
    )
    """,
    "CREATE INDEX visits_by_due ON visits(due)",
    # Where to look for a title: the numbers of dedupe.upstream.title_number.
    """
    CREATE TABLE titles (
        number INTEGER NOT NULL,
        entry INTEGER NOT NULL REFERENCES entries(key),
        PRIMARY KEY (number, entry)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX titles_by_entry ON titles(entry)",
    # Hosts that asked to be left alone until a time.
    """
    CREATE TABLE hosts (
        host TEXT PRIMARY KEY,
        wait_until TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)


@migrations()
def m002_feeds(db: Database) -> None:
    """What RSS, Atom and JSON feeds say of their items, and how their sources are visited."""
    for statement in _FEEDS:
        db.execute(statement)
    db.conn.executemany(
        "INSERT OR IGNORE INTO titles SELECT ?, ?",
        [
            (number, entry)
            for entry, title in db.execute(
                "SELECT key, title FROM entries UNION SELECT entry, title FROM revisions"
            ).fetchall()
            if (number := title_number(title)) is not None
        ],
    )
