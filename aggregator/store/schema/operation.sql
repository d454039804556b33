-- Removed entries, visits, results, work lists, alarms and hubs.

-- Entries that retention removed: enough to recognise them, and to date what is adjacent to them in
-- digests (see store/retention.py).
-- Keys are negative, so that none is an entry's.  ``seen`` and ``document`` say when and where
-- it was seen first.
CREATE TABLE removed (
    key INTEGER PRIMARY KEY CHECK (key < 0),
    id TEXT NOT NULL UNIQUE,
    published TEXT NOT NULL,
    seen TEXT NOT NULL,
    document TEXT NOT NULL,
    removed TEXT NOT NULL
);
CREATE INDEX removed_by_time ON removed(published);

-- A telling text identifies the release, whichever agency carries it.
CREATE TABLE removed_texts (
    fingerprint TEXT NOT NULL,
    agency TEXT NOT NULL,
    removed INTEGER NOT NULL REFERENCES removed(key),
    is_telling INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, agency, removed)
) WITHOUT ROWID;
CREATE INDEX removed_texts_by_entry ON removed_texts(removed);

-- The number of its title and its sketch tell it from another release under the same id.
CREATE TABLE removed_ids (
    source TEXT NOT NULL REFERENCES sources(id),
    upstream_id TEXT NOT NULL,
    removed INTEGER NOT NULL REFERENCES removed(key),
    title INTEGER,
    numbers BLOB NOT NULL,
    PRIMARY KEY (source, upstream_id)
) WITHOUT ROWID;
CREATE INDEX removed_ids_by_entry ON removed_ids(removed);

CREATE TABLE removed_sightings (
    document INTEGER NOT NULL REFERENCES documents(key),
    position INTEGER NOT NULL,
    removed INTEGER NOT NULL REFERENCES removed(key),
    PRIMARY KEY (document, position)
) WITHOUT ROWID;
CREATE INDEX removed_sightings_by_entry ON removed_sightings(removed);

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
);
CREATE INDEX removed_evidence_by_entry ON removed_evidence(removed);

-- State of a remote source between two visits.  ``seen`` are the hashes of the items of its
-- last document, 8 bytes each.
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
);
CREATE INDEX visits_by_due ON visits(due);

-- Hosts that asked to be left alone until a time.
CREATE TABLE hosts (host TEXT PRIMARY KEY, wait_until TEXT NOT NULL) WITHOUT ROWID;

-- Results of each source, day by day.
CREATE TABLE history (
    source TEXT NOT NULL REFERENCES sources(id),
    day TEXT NOT NULL,
    visits INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    new INTEGER NOT NULL,
    revised INTEGER NOT NULL,
    merged INTEGER NOT NULL,
    PRIMARY KEY (source, day)
) WITHOUT ROWID;

-- Work lists, which the triggers fill: see triggers.sql.

-- Days of an agency around which related entries are to be found again.
CREATE TABLE to_relate (
    agency TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (agency, day)
) WITHOUT ROWID;

-- Entries whose categories are to be found again.
CREATE TABLE to_categorise (entry INTEGER PRIMARY KEY);

-- Months of agencies and their feeds, and pages of entries, that are to be written again.  A new
-- note has a higher serial, so that it outlives the writing of what was noted before.
CREATE TABLE to_archive (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL,
    month TEXT NOT NULL,
    UNIQUE (agency, month)
);
CREATE TABLE to_show (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    entry INTEGER NOT NULL UNIQUE,
    id TEXT NOT NULL
);

-- Facts about how the output was written, by name: when one changes, all of it is written again.
CREATE TABLE output (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

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
) WITHOUT ROWID;
CREATE INDEX alarms_by_time ON alarms(updated);
CREATE UNIQUE INDEX alarms_open ON alarms(kind, subject) WHERE ended IS NULL;

-- Since when sources fail that fail now.
CREATE TABLE failing (
    source TEXT PRIMARY KEY REFERENCES sources(id),
    since TEXT NOT NULL
) WITHOUT ROWID;

-- Feeds that the hub is told of, by address: see store/pings.py.  ``due`` is null where there is
-- nothing to tell, and empty where it is to be told at once.
CREATE TABLE pings (
    topic TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    number INTEGER NOT NULL,
    due TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    since TEXT,
    error TEXT
) WITHOUT ROWID;
CREATE INDEX pings_by_due ON pings(due) WHERE due IS NOT NULL;
CREATE INDEX pings_by_number ON pings(number);

-- Our subscriptions at the hubs of sources, and what those delivered: see store/subscriptions.py
-- and store/deliveries.py.
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
    polled INTEGER NOT NULL DEFAULT 0,
    last_delivery TEXT,
    error TEXT
) WITHOUT ROWID;
CREATE INDEX subscriptions_by_source ON subscriptions(source);

CREATE TABLE deliveries (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL,
    received TEXT NOT NULL,
    media_type TEXT,
    charset TEXT,
    sha256 TEXT NOT NULL,
    -- How often reading it was started: one that ends the process is given up.
    begun INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL,
    UNIQUE (token, sha256)
);
