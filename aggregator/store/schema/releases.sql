-- Sources, documents, entries, and what is known of them.

CREATE TABLE sources (
    id TEXT PRIMARY KEY,
    location TEXT NOT NULL,
    last_attempt TEXT,
    last_success TEXT,
    last_status TEXT,
    last_error TEXT,
    failures INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE agencies (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    homepage TEXT,
    configured INTEGER NOT NULL
);

CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES sources(id),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    modified TEXT NOT NULL,
    items INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    -- Whether its items are sorted newest first, and the days that they seem to be of: see
    -- store/dating.py.
    ordered INTEGER NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    dated INTEGER NOT NULL DEFAULT 0,
    -- Items without a sighting, since their entries were removed.
    removed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, name, sha256)
);
CREATE INDEX documents_by_day ON documents(first_day, last_day) WHERE ordered;
CREATE INDEX documents_not_dated ON documents(key) WHERE NOT dated;

CREATE TABLE problems (
    document INTEGER NOT NULL REFERENCES documents(key),
    first_line INTEGER NOT NULL,
    last_line INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX problems_by_document ON problems(document);

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
    is_summary INTEGER NOT NULL DEFAULT 0,
    language TEXT,
    fingerprint TEXT NOT NULL,
    sketch_base INTEGER NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    text TEXT NOT NULL,
    content_html TEXT NOT NULL
);
CREATE INDEX entries_by_time ON entries(published, key);
CREATE INDEX entries_by_agency ON entries(agency, published, key);
CREATE INDEX entries_by_month ON entries(substr(published, 1, 7));
CREATE INDEX entries_by_change ON entries(changed, key) WHERE changed IS NOT NULL;
CREATE INDEX entries_by_below ON entries(dating_below) WHERE dating_below IS NOT NULL;
CREATE INDEX entries_by_above ON entries(dating_above) WHERE dating_above IS NOT NULL;

-- The texts of an entry besides the current one, which is in its row.
CREATE TABLE revisions (
    entry INTEGER NOT NULL REFERENCES entries(key),
    fingerprint TEXT NOT NULL,
    truncated INTEGER NOT NULL,
    is_summary INTEGER NOT NULL DEFAULT 0,
    language TEXT,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    text TEXT NOT NULL,
    content_html TEXT NOT NULL,
    PRIMARY KEY (entry, fingerprint)
);
CREATE INDEX revisions_whole ON revisions(entry) WHERE NOT truncated AND NOT is_summary;

-- Agencies that carried an entry besides its own.
CREATE TABLE credits (
    entry INTEGER NOT NULL REFERENCES entries(key),
    agency TEXT NOT NULL REFERENCES agencies(id),
    PRIMARY KEY (entry, agency)
);
CREATE INDEX credits_by_agency ON credits(agency, entry);

-- Agencies of an entry, its own and those credited.
CREATE TABLE categories (
    entry INTEGER NOT NULL REFERENCES entries(key),
    term TEXT NOT NULL,
    PRIMARY KEY (entry, term)
);

-- Categories by rule, besides those and the ones that feeds state (``terms``); and the digest
-- of the rules, in one row, once they were applied.
CREATE TABLE kinds (
    entry INTEGER NOT NULL REFERENCES entries(key),
    term TEXT NOT NULL,
    PRIMARY KEY (entry, term)
) WITHOUT ROWID;
CREATE INDEX kinds_by_term ON kinds(term);

CREATE TABLE kinds_by (digest TEXT NOT NULL);

-- Texts that a person split from an entry, and that never join it again.
CREATE TABLE kept_apart (
    fingerprint TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries(key),
    PRIMARY KEY (fingerprint, entry)
);
CREATE INDEX kept_apart_by_entry ON kept_apart(entry);

-- Earlier datings of an entry, oldest first.
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
);

-- Entries of one event, in both directions, with the reason: see dedupe/related.py.
CREATE TABLE related (
    entry INTEGER NOT NULL REFERENCES entries(key),
    other INTEGER NOT NULL REFERENCES entries(key),
    reason TEXT NOT NULL,
    PRIMARY KEY (entry, other)
) WITHOUT ROWID;
CREATE INDEX related_by_other ON related(other);

-- An entry as the files of a format hold it.
CREATE TABLE renditions (
    entry INTEGER NOT NULL REFERENCES entries(key),
    format TEXT NOT NULL,
    context TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (entry, format)
);

-- ``former`` is the id of its entry before a person merged that entry into another.
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
    upstream_id TEXT,
    updated TEXT,
    UNIQUE (document, position)
);
CREATE INDEX sightings_by_entry ON sightings(entry);
CREATE INDEX sightings_by_text ON sightings(fingerprint);

-- ``canonical`` is equal for two addresses of one page, and null for what is not a page.
CREATE TABLE links (
    sighting INTEGER NOT NULL REFERENCES sightings(id),
    position INTEGER NOT NULL,
    rel TEXT NOT NULL,
    href TEXT NOT NULL,
    type TEXT,
    title TEXT,
    length INTEGER,
    canonical TEXT,
    PRIMARY KEY (sighting, position)
);
CREATE INDEX links_by_page ON links(canonical) WHERE canonical IS NOT NULL;

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
);

-- Categories and authors that feeds state.
CREATE TABLE terms (
    sighting INTEGER NOT NULL REFERENCES sightings(id),
    position INTEGER NOT NULL,
    term TEXT NOT NULL,
    PRIMARY KEY (sighting, position)
) WITHOUT ROWID;

CREATE TABLE authors (
    sighting INTEGER NOT NULL REFERENCES sightings(id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (sighting, position)
) WITHOUT ROWID;

-- Where to look for an entry: by the upstream id that a source gives it now, by the number of its
-- title (dedupe.upstream.title_number), by similar text (dedupe/sketch.py, store/sketches.py).
CREATE TABLE upstream_ids (
    source TEXT NOT NULL REFERENCES sources(id),
    upstream_id TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries(key),
    PRIMARY KEY (source, upstream_id)
) WITHOUT ROWID;
CREATE INDEX upstream_ids_by_entry ON upstream_ids(entry);

CREATE TABLE titles (
    number INTEGER NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries(key),
    PRIMARY KEY (number, entry)
) WITHOUT ROWID;
CREATE INDEX titles_by_entry ON titles(entry);

CREATE TABLE sketches (
    hash INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (hash, entry)
) WITHOUT ROWID;

CREATE TABLE sketch_log (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    entry INTEGER NOT NULL,
    numbers BLOB NOT NULL
);
