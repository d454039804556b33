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


_KEEPING = (
    # Entries that retention removed: enough to know them again, and for the dates of what stood
    # beside them (see store/retention.py).  Keys are below zero, and so no entry's.  `seen` and
    # `document` are when it was seen first, and where.
    """
    CREATE TABLE removed (
        key INTEGER PRIMARY KEY CHECK (key < 0),
        id TEXT NOT NULL UNIQUE,
        published TEXT NOT NULL,
        seen TEXT NOT NULL,
        document TEXT NOT NULL,
        removed TEXT NOT NULL
    )
    """,
    "CREATE INDEX removed_by_time ON removed(published)",
    # The texts it had.  One that tells enough is the release, whoever carries it.
    """
    CREATE TABLE removed_texts (
        fingerprint TEXT NOT NULL,
        agency TEXT NOT NULL,
        removed INTEGER NOT NULL REFERENCES removed(key),
        is_telling INTEGER NOT NULL,
        PRIMARY KEY (fingerprint, agency, removed)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX removed_texts_by_entry ON removed_texts(removed)",
    # The ids that feeds gave it, with what tells it from another release under the same id: the
    # number of its title, and its sketch.
    """
    CREATE TABLE removed_ids (
        source TEXT NOT NULL REFERENCES sources(id),
        upstream_id TEXT NOT NULL,
        removed INTEGER NOT NULL REFERENCES removed(key),
        title INTEGER,
        numbers BLOB NOT NULL,
        PRIMARY KEY (source, upstream_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX removed_ids_by_entry ON removed_ids(removed)",
    # Where it stood in digests, and what it said of its date.
    """
    CREATE TABLE removed_sightings (
        document INTEGER NOT NULL REFERENCES documents(key),
        position INTEGER NOT NULL,
        removed INTEGER NOT NULL REFERENCES removed(key),
        PRIMARY KEY (document, position)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX removed_sightings_by_entry ON removed_sightings(removed)",
    """
    CREATE TABLE removed_evidence (
        removed INTEGER NOT NULL REFERENCES removed(key),
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
        moment TEXT
    )
    """,
    "CREATE INDEX removed_evidence_by_entry ON removed_evidence(removed)",
    # Items of a document that are no sightings, since their entries were removed.
    "ALTER TABLE documents ADD COLUMN removed INTEGER NOT NULL DEFAULT 0",
    # What refers to an entry has to be found when it goes, and not by reading all there is.
    "CREATE INDEX entries_by_below ON entries(dating_below) WHERE dating_below IS NOT NULL",
    "CREATE INDEX entries_by_above ON entries(dating_above) WHERE dating_above IS NOT NULL",
    "CREATE INDEX related_by_other ON related(other)",
    "CREATE INDEX kept_apart_by_entry ON kept_apart(entry)",
)


@migrations()
def m003_keeping(db: Database) -> None:
    """What was removed and must not come back, and the ways to find what refers to an entry."""
    for statement in _KEEPING:
        db.execute(statement)


_ALARMS = (
    # What was or is in trouble, in words; `ended` is null while it lasts.
    """
    CREATE TABLE alarms (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        since TEXT NOT NULL,
        title TEXT NOT NULL,
        words TEXT NOT NULL,
        raised TEXT NOT NULL,
        updated TEXT NOT NULL,
        ended TEXT
    ) WITHOUT ROWID
    """,
    "CREATE INDEX alarms_by_time ON alarms(updated)",
    # A trouble is one alarm, whoever looks, and however many at once.
    "CREATE UNIQUE INDEX alarms_open ON alarms(kind, subject) WHERE ended IS NULL",
    # Since when sources fail that fail now.
    """
    CREATE TABLE failing (
        source TEXT PRIMARY KEY REFERENCES sources(id),
        since TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)


@migrations()
def m004_alarms(db: Database) -> None:
    """What is in trouble, so that it is told once."""
    for statement in _ALARMS:
        db.execute(statement)


_OUTPUT = (
    # What has to be written anew: the entries' pages, and the months of agencies with their
    # feeds.  Triggers note it, since an entry changes in many places, and none may be forgotten.
    # What is noted again gets a new number, so that whoever wrote what was before leaves it.
    """
    CREATE TABLE to_archive (
        serial INTEGER PRIMARY KEY AUTOINCREMENT,
        agency TEXT NOT NULL,
        month TEXT NOT NULL,
        UNIQUE (agency, month) ON CONFLICT REPLACE
    )
    """,
    """
    CREATE TABLE to_show (
        serial INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL UNIQUE ON CONFLICT REPLACE,
        id TEXT NOT NULL
    )
    """,
    # What the output was written with: when that changes, all of it is written anew.
    "CREATE TABLE output (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """
    CREATE TRIGGER rendition_dropped AFTER DELETE ON renditions WHEN old.format = 'atom'
    BEGIN
        INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7) FROM entries
            WHERE key = old.entry AND published IS NOT NULL;
        INSERT INTO to_archive (agency, month) SELECT credits.agency, substr(published, 1, 7)
            FROM entries JOIN credits ON credits.entry = key
            WHERE key = old.entry AND published IS NOT NULL;
        INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
    END
    """,
    """
    CREATE TRIGGER entry_dated AFTER UPDATE OF published, agency ON entries
    WHEN (old.published, old.agency) IS NOT (new.published, new.agency)
    BEGIN
        INSERT INTO to_archive (agency, month)
            SELECT old.agency, substr(old.published, 1, 7) WHERE old.published IS NOT NULL;
        INSERT INTO to_archive (agency, month)
            SELECT new.agency, substr(new.published, 1, 7) WHERE new.published IS NOT NULL;
        INSERT INTO to_archive (agency, month) SELECT credits.agency, substr(day, 1, 7)
            FROM credits, (SELECT old.published AS day UNION SELECT new.published)
            WHERE credits.entry = new.key AND day IS NOT NULL;
        INSERT INTO to_show (entry, id) VALUES (new.key, new.id);
    END
    """,
    """
    CREATE TRIGGER entry_gone AFTER DELETE ON entries
    BEGIN
        INSERT INTO to_archive (agency, month)
            SELECT old.agency, substr(old.published, 1, 7) WHERE old.published IS NOT NULL;
        INSERT INTO to_show (entry, id) VALUES (old.key, old.id);
    END
    """,
    """
    CREATE TRIGGER credit_given AFTER INSERT ON credits
    BEGIN
        INSERT INTO to_archive (agency, month) SELECT new.agency, substr(published, 1, 7)
            FROM entries WHERE key = new.entry AND published IS NOT NULL;
    END
    """,
    """
    CREATE TRIGGER credit_taken AFTER DELETE ON credits
    BEGIN
        INSERT INTO to_archive (agency, month) SELECT old.agency, substr(published, 1, 7)
            FROM entries WHERE key = old.entry AND published IS NOT NULL;
    END
    """,
    """
    CREATE TRIGGER entry_seen AFTER INSERT ON sightings
    BEGIN
        INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
    END
    """,
    # What a page says of how an entry was dated, of its neighbours and of what belongs to it.
    """
    CREATE TRIGGER entry_described AFTER UPDATE OF
        dating_basis, dating_earliest, dating_latest, dating_evidence, dating_conflict,
        dating_below, dating_above, updated, changed, fingerprint, content_html ON entries
    BEGIN
        INSERT INTO to_show (entry, id) VALUES (new.key, new.id);
        INSERT INTO to_show (entry, id) SELECT key, id FROM entries
            WHERE old.fingerprint != new.fingerprint
            AND (dating_below = new.key OR dating_above = new.key);
        INSERT INTO to_show (entry, id) SELECT key, id FROM entries
            WHERE old.fingerprint != new.fingerprint
            AND key IN (SELECT entry FROM related WHERE other = new.key);
    END
    """,
    """
    CREATE TRIGGER related_found AFTER INSERT ON related
    BEGIN
        INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
    END
    """,
    """
    CREATE TRIGGER related_lost AFTER DELETE ON related
    BEGIN
        INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
    END
    """,
    """
    CREATE TRIGGER sighting_moved AFTER UPDATE OF entry ON sightings
    BEGIN
        INSERT INTO to_show (entry, id)
            SELECT key, id FROM entries WHERE key IN (old.entry, new.entry);
    END
    """,
    """
    CREATE TRIGGER agency_described AFTER UPDATE OF name, homepage ON agencies
    WHEN (old.name, old.homepage) IS NOT (new.name, new.homepage)
    BEGIN
        INSERT INTO to_archive (agency, month) SELECT DISTINCT new.id, substr(published, 1, 7)
            FROM entries WHERE agency = new.id AND published IS NOT NULL;
        INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE agency = new.id;
    END
    """,
    "CREATE INDEX entries_by_month ON entries(substr(published, 1, 7))",
)


@migrations()
def m005_output(db: Database) -> None:
    """What has to be written anew."""
    for statement in _OUTPUT:
        db.execute(statement)
    db.execute("INSERT INTO to_show (entry, id) SELECT key, id FROM entries")
    db.execute(
        "INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7)"
        " FROM entries WHERE published IS NOT NULL"
        " UNION SELECT credits.agency, substr(published, 1, 7) FROM credits"
        " JOIN entries ON key = entry WHERE published IS NOT NULL"
    )


_KINDS = (
    # The categories that rules give to entries, besides those of feeds (`terms`) and of agencies.
    """
    CREATE TABLE kinds (
        entry INTEGER NOT NULL REFERENCES entries(key),
        term TEXT NOT NULL,
        PRIMARY KEY (entry, term)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX kinds_by_term ON kinds(term)",
    # What tells the rules by which that was found from others: one row, or none yet.
    "CREATE TABLE kinds_by (digest TEXT NOT NULL)",
    # Entries of which it is to be found anew.  Triggers note them, since an entry's text or agency
    # changes in many places.
    "CREATE TABLE to_categorise (entry INTEGER PRIMARY KEY)",
    """
    CREATE TRIGGER entry_came AFTER INSERT ON entries
    BEGIN
        INSERT OR IGNORE INTO to_categorise VALUES (new.key);
    END
    """,
    """
    CREATE TRIGGER entry_reworded AFTER UPDATE OF fingerprint, agency ON entries
    WHEN (old.fingerprint, old.agency) IS NOT (new.fingerprint, new.agency)
    BEGIN
        INSERT OR IGNORE INTO to_categorise VALUES (new.key);
    END
    """,
    """
    CREATE TRIGGER entry_went AFTER DELETE ON entries
    BEGIN
        DELETE FROM to_categorise WHERE entry = old.key;
    END
    """,
    # What stands of an entry in feeds says its terms.  Where none stands, the entry was not written
    # since it was noted, and is noted still; it costs less to note it twice than to rely on that.
    *(
        f"""
        CREATE TRIGGER kind_{name} AFTER {event} ON kinds
        BEGIN
            DELETE FROM renditions WHERE entry = {row}.entry;
            INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7)
                FROM entries WHERE key = {row}.entry AND published IS NOT NULL;
            INSERT INTO to_archive (agency, month) SELECT credits.agency, substr(published, 1, 7)
                FROM entries JOIN credits ON credits.entry = key
                WHERE key = {row}.entry AND published IS NOT NULL;
            INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = {row}.entry;
        END
        """
        for name, event, row in (("given", "INSERT", "new"), ("taken", "DELETE", "old"))
    ),
)


@migrations()
def m006_kinds(db: Database) -> None:
    """Categories by rule, which all entries get anew, and with them what feeds have of them."""
    for statement in _KINDS:
        db.execute(statement)
    db.execute("INSERT INTO to_categorise SELECT key FROM entries")
    # Elements that were kept have categories twice that differ by case only.
    db.execute("DELETE FROM renditions")


@migrations()
def m007_history(db: Database) -> None:
    """How each source did, day by day."""
    db.execute(
        """
        CREATE TABLE history (
            source TEXT NOT NULL REFERENCES sources(id),
            day TEXT NOT NULL,
            visits INTEGER NOT NULL,
            failures INTEGER NOT NULL,
            new INTEGER NOT NULL,
            revised INTEGER NOT NULL,
            merged INTEGER NOT NULL,
            PRIMARY KEY (source, day)
        ) WITHOUT ROWID
        """
    )


_EDITS = (
    "CREATE INDEX entries_by_change ON entries(changed, key) WHERE changed IS NOT NULL",
    "CREATE INDEX revisions_whole ON revisions(entry) WHERE NOT truncated AND NOT is_summary",
)


@migrations()
def m008_edits(db: Database) -> None:
    """Ways to find the entries that were edited last."""
    for statement in _EDITS:
        db.execute(statement)


_WEBSUB = (
    # Feeds that a hub is told of, by address: see store/pings.py.  `due` is NULL where there is
    # nothing to tell, and empty where that is to be done at once.
    """
    CREATE TABLE pings (
        topic TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        number INTEGER NOT NULL,
        due TEXT,
        tries INTEGER NOT NULL DEFAULT 0,
        since TEXT,
        error TEXT
    ) WITHOUT ROWID
    """,
    "CREATE INDEX pings_by_due ON pings(due) WHERE due IS NOT NULL",
    "CREATE INDEX pings_by_number ON pings(number)",
    # Where hubs tell us of news: see store/subscriptions.py.
    """
    CREATE TABLE subscriptions (
        token TEXT PRIMARY KEY,
        source TEXT NOT NULL REFERENCES sources(id),
        hub TEXT NOT NULL,
        topic TEXT NOT NULL,
        callback TEXT NOT NULL,
        allow_private INTEGER NOT NULL,
        secret TEXT,
        state TEXT NOT NULL,
        lease_until TEXT,
        due TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        -- Whether a poll has looked since it works: what came before that, no hub could tell.
        polled INTEGER NOT NULL DEFAULT 0,
        last_delivery TEXT,
        error TEXT
    ) WITHOUT ROWID
    """,
    "CREATE INDEX subscriptions_by_source ON subscriptions(source)",
    # What hubs delivered and nobody has read yet.
    """
    CREATE TABLE deliveries (
        serial INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL,
        received TEXT NOT NULL,
        media_type TEXT,
        charset TEXT,
        sha256 TEXT NOT NULL,
        -- How often reading it was begun: one that ends the process is not read for ever.
        begun INTEGER NOT NULL DEFAULT 0,
        body BLOB NOT NULL,
        UNIQUE (token, sha256)
    )
    """,
)


@migrations()
def m009_websub(db: Database) -> None:
    """Hubs: what they are to be told, where we are subscribed, and what they delivered."""
    for statement in _WEBSUB:
        db.execute(statement)
