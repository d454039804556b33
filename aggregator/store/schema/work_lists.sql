-- Work lists: what is to be worked out or written again, and the triggers that note it.

CREATE TABLE to_relate (
    agency TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (agency, day)
) WITHOUT ROWID;

CREATE TABLE to_archive (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL,
    month TEXT NOT NULL,
    UNIQUE (agency, month) ON CONFLICT REPLACE
);

CREATE TABLE to_show (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    entry INTEGER NOT NULL UNIQUE ON CONFLICT REPLACE,
    id TEXT NOT NULL
);

CREATE TABLE to_categorise (entry INTEGER PRIMARY KEY);

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
END;

CREATE TRIGGER agencies_renamed AFTER UPDATE OF name ON agencies WHEN new.name != old.name
BEGIN
    INSERT OR IGNORE INTO to_relate SELECT agency, substr(published, 1, 10) FROM entries
        WHERE agency = new.id AND published IS NOT NULL;
END;

CREATE TRIGGER entries_removed AFTER DELETE ON entries WHEN old.published IS NOT NULL
BEGIN
    INSERT OR IGNORE INTO to_relate VALUES (old.agency, substr(old.published, 1, 10));
END;

CREATE TRIGGER rendition_dropped AFTER DELETE ON renditions WHEN old.format = 'atom'
BEGIN
    INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7) FROM entries
        WHERE key = old.entry AND published IS NOT NULL;
    INSERT INTO to_archive (agency, month) SELECT credits.agency, substr(published, 1, 7)
        FROM entries JOIN credits ON credits.entry = key
        WHERE key = old.entry AND published IS NOT NULL;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
END;

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
END;

CREATE TRIGGER entry_gone AFTER DELETE ON entries
BEGIN
    INSERT INTO to_archive (agency, month)
        SELECT old.agency, substr(old.published, 1, 7) WHERE old.published IS NOT NULL;
    INSERT INTO to_show (entry, id) VALUES (old.key, old.id);
END;

CREATE TRIGGER credit_given AFTER INSERT ON credits
BEGIN
    INSERT INTO to_archive (agency, month) SELECT new.agency, substr(published, 1, 7)
        FROM entries WHERE key = new.entry AND published IS NOT NULL;
END;

CREATE TRIGGER credit_taken AFTER DELETE ON credits
BEGIN
    INSERT INTO to_archive (agency, month) SELECT old.agency, substr(published, 1, 7)
        FROM entries WHERE key = old.entry AND published IS NOT NULL;
END;

CREATE TRIGGER entry_seen AFTER INSERT ON sightings
BEGIN
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
END;

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
END;

CREATE TRIGGER related_found AFTER INSERT ON related
BEGIN
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
END;

CREATE TRIGGER related_lost AFTER DELETE ON related
BEGIN
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
END;

CREATE TRIGGER sighting_moved AFTER UPDATE OF entry ON sightings
BEGIN
    INSERT INTO to_show (entry, id)
        SELECT key, id FROM entries WHERE key IN (old.entry, new.entry);
END;

CREATE TRIGGER agency_described AFTER UPDATE OF name, homepage ON agencies
WHEN (old.name, old.homepage) IS NOT (new.name, new.homepage)
BEGIN
    INSERT INTO to_archive (agency, month) SELECT DISTINCT new.id, substr(published, 1, 7)
        FROM entries WHERE agency = new.id AND published IS NOT NULL;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE agency = new.id;
END;

CREATE TRIGGER entry_came AFTER INSERT ON entries
BEGIN
    INSERT OR IGNORE INTO to_categorise VALUES (new.key);
END;

CREATE TRIGGER entry_reworded AFTER UPDATE OF fingerprint, agency ON entries
WHEN (old.fingerprint, old.agency) IS NOT (new.fingerprint, new.agency)
BEGIN
    INSERT OR IGNORE INTO to_categorise VALUES (new.key);
END;

CREATE TRIGGER entry_went AFTER DELETE ON entries
BEGIN
    DELETE FROM to_categorise WHERE entry = old.key;
END;

CREATE TRIGGER kind_given AFTER INSERT ON kinds
BEGIN
    DELETE FROM renditions WHERE entry = new.entry;
    INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7)
        FROM entries WHERE key = new.entry AND published IS NOT NULL;
    INSERT INTO to_archive (agency, month) SELECT credits.agency, substr(published, 1, 7)
        FROM entries JOIN credits ON credits.entry = key
        WHERE key = new.entry AND published IS NOT NULL;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
END;

CREATE TRIGGER kind_taken AFTER DELETE ON kinds
BEGIN
    DELETE FROM renditions WHERE entry = old.entry;
    INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7)
        FROM entries WHERE key = old.entry AND published IS NOT NULL;
    INSERT INTO to_archive (agency, month) SELECT credits.agency, substr(published, 1, 7)
        FROM entries JOIN credits ON credits.entry = key
        WHERE key = old.entry AND published IS NOT NULL;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
END;
