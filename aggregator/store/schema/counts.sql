-- Numbers that grow with the store, kept where they change, since status and metrics ask for them
-- again and again (see store/counts.py).  Triggers, since sightings and entries come, move and go in
-- many places.  A row comes with its source, agency or category.
--
-- ``entries`` of a source are those that it has a sighting of; ``newest`` is its last document.
CREATE TABLE source_counts (
    source TEXT PRIMARY KEY,
    documents INTEGER NOT NULL DEFAULT 0,
    items INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    entries INTEGER NOT NULL DEFAULT 0,
    newest INTEGER
) WITHOUT ROWID;

-- ``redated`` are the entries whose date was changed.
CREATE TABLE agency_counts (
    agency TEXT PRIMARY KEY,
    entries INTEGER NOT NULL DEFAULT 0,
    redated INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE category_counts (
    term TEXT PRIMARY KEY,
    entries INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Counted once, for a store of an earlier version.
INSERT INTO source_counts
    SELECT id, ifnull(documents, 0), ifnull(items, 0), ifnull(rejected, 0), ifnull(entries, 0), newest
    FROM sources
    LEFT JOIN (
        SELECT source, count(*) AS documents, sum(items) AS items, sum(rejected) AS rejected,
            max(key) AS newest FROM documents GROUP BY source
    ) AS read ON read.source = id
    LEFT JOIN (
        SELECT source, count(*) AS entries FROM (
            SELECT DISTINCT source, entry FROM sightings JOIN documents ON documents.key = document
        ) GROUP BY source
    ) AS seen ON seen.source = id;

INSERT INTO agency_counts
    SELECT id, (SELECT count(*) FROM entries WHERE agency = agencies.id), ifnull(number, 0)
    FROM agencies
    LEFT JOIN (
        SELECT agency, count(DISTINCT entry) AS number
        FROM datings JOIN entries ON entries.key = entry GROUP BY agency
    ) AS changed ON changed.agency = id;

INSERT INTO category_counts SELECT term, count(*) FROM kinds GROUP BY term;

-- Sources by result, and those that fail, the longest first.
CREATE INDEX sources_by_status ON sources(last_status);
CREATE INDEX sources_failing ON sources(failures DESC, id) WHERE failures > 0;

CREATE TRIGGER source_added_counts AFTER INSERT ON sources
BEGIN
    INSERT INTO source_counts (source)
        SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM source_counts WHERE source = new.id);
END;

CREATE TRIGGER source_removed_counts AFTER DELETE ON sources
BEGIN
    DELETE FROM source_counts WHERE source = old.id;
END;

CREATE TRIGGER document_added_counts AFTER INSERT ON documents
BEGIN
    UPDATE source_counts SET documents = documents + 1, items = items + new.items,
        rejected = rejected + new.rejected, newest = max(ifnull(newest, new.key), new.key)
        WHERE source = new.source;
END;

CREATE TRIGGER document_changed_counts AFTER UPDATE OF items, rejected ON documents
BEGIN
    UPDATE source_counts SET items = items - old.items + new.items,
        rejected = rejected - old.rejected + new.rejected
        WHERE source = new.source;
END;

CREATE TRIGGER document_removed_counts AFTER DELETE ON documents
BEGIN
    UPDATE source_counts SET documents = documents - 1, items = items - old.items,
        rejected = rejected - old.rejected,
        newest = (SELECT max(key) FROM documents WHERE source = old.source)
        WHERE source = old.source;
END;

-- Whether the entry has another sighting of the source: the last ones are looked at first, since an
-- entry that is seen again and again mostly is so in one source.
CREATE TRIGGER sighting_added_counts AFTER INSERT ON sightings
BEGIN
    UPDATE source_counts SET entries = entries + 1
        WHERE source = (SELECT source FROM documents WHERE key = new.document) AND (
            SELECT 1 FROM sightings AS other CROSS JOIN documents ON key = other.document
            WHERE other.entry = new.entry AND other.id != new.id
                AND documents.source = source_counts.source
            ORDER BY other.id DESC LIMIT 1
        ) IS NULL;
END;

CREATE TRIGGER sighting_moved_counts AFTER UPDATE OF entry ON sightings
WHEN old.entry != new.entry
BEGIN
    UPDATE source_counts SET entries = entries - 1
        WHERE source = (SELECT source FROM documents WHERE key = new.document) AND (
            SELECT 1 FROM sightings AS other CROSS JOIN documents ON key = other.document
            WHERE other.entry = old.entry AND documents.source = source_counts.source
            ORDER BY other.id DESC LIMIT 1
        ) IS NULL;
    UPDATE source_counts SET entries = entries + 1
        WHERE source = (SELECT source FROM documents WHERE key = new.document) AND (
            SELECT 1 FROM sightings AS other CROSS JOIN documents ON key = other.document
            WHERE other.entry = new.entry AND other.id != new.id
                AND documents.source = source_counts.source
            ORDER BY other.id DESC LIMIT 1
        ) IS NULL;
END;

CREATE TRIGGER sighting_removed_counts AFTER DELETE ON sightings
BEGIN
    UPDATE source_counts SET entries = entries - 1
        WHERE source = (SELECT source FROM documents WHERE key = old.document) AND (
            SELECT 1 FROM sightings AS other CROSS JOIN documents ON key = other.document
            WHERE other.entry = old.entry AND documents.source = source_counts.source
            ORDER BY other.id DESC LIMIT 1
        ) IS NULL;
END;

CREATE TRIGGER agency_added_counts AFTER INSERT ON agencies
BEGIN
    INSERT INTO agency_counts (agency)
        SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM agency_counts WHERE agency = new.id);
END;

CREATE TRIGGER agency_removed_counts AFTER DELETE ON agencies
BEGIN
    DELETE FROM agency_counts WHERE agency = old.id;
END;

CREATE TRIGGER entry_added_counts AFTER INSERT ON entries
BEGIN
    UPDATE agency_counts SET entries = entries + 1 WHERE agency = new.agency;
END;

CREATE TRIGGER entry_moved_counts AFTER UPDATE OF agency ON entries WHEN old.agency != new.agency
BEGIN
    UPDATE agency_counts SET entries = entries - 1,
        redated = redated - EXISTS (SELECT 1 FROM datings WHERE entry = new.key)
        WHERE agency = old.agency;
    UPDATE agency_counts SET entries = entries + 1,
        redated = redated + EXISTS (SELECT 1 FROM datings WHERE entry = new.key)
        WHERE agency = new.agency;
END;

CREATE TRIGGER entry_removed_counts AFTER DELETE ON entries
BEGIN
    UPDATE agency_counts SET entries = entries - 1 WHERE agency = old.agency;
END;

CREATE TRIGGER dating_added_counts AFTER INSERT ON datings
WHEN NOT EXISTS (SELECT 1 FROM datings WHERE entry = new.entry AND number != new.number)
BEGIN
    UPDATE agency_counts SET redated = redated + 1
        WHERE agency = (SELECT agency FROM entries WHERE key = new.entry);
END;

CREATE TRIGGER dating_removed_counts AFTER DELETE ON datings
WHEN NOT EXISTS (SELECT 1 FROM datings WHERE entry = old.entry)
BEGIN
    UPDATE agency_counts SET redated = redated - 1
        WHERE agency = (SELECT agency FROM entries WHERE key = old.entry);
END;

CREATE TRIGGER category_added_counts AFTER INSERT ON kinds
BEGIN
    INSERT INTO category_counts (term)
        SELECT new.term WHERE NOT EXISTS (SELECT 1 FROM category_counts WHERE term = new.term);
    UPDATE category_counts SET entries = entries + 1 WHERE term = new.term;
END;

CREATE TRIGGER category_removed_counts AFTER DELETE ON kinds
BEGIN
    UPDATE category_counts SET entries = entries - 1 WHERE term = old.term;
END;
