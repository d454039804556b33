-- What notes in the work lists (see operation.sql) what is to be worked out or written again.
-- Triggers, since an entry changes in many places, and no change may be forgotten.
--
-- A trigger deletes a note before it inserts it.  An ON CONFLICT clause would not do: that of the
-- statement that fires a trigger replaces the trigger's own, so that an upsert would fail, and
-- INSERT OR IGNORE would keep the old note (https://sqlite.org/lang_createtrigger.html).

CREATE TRIGGER entry_added AFTER INSERT ON entries
BEGIN
    DELETE FROM to_categorise WHERE entry = new.key;
    INSERT INTO to_categorise VALUES (new.key);
END;

CREATE TRIGGER entry_reworded AFTER UPDATE OF fingerprint, agency ON entries
WHEN (old.fingerprint, old.agency) IS NOT (new.fingerprint, new.agency)
BEGIN
    DELETE FROM to_categorise WHERE entry = new.key;
    INSERT INTO to_categorise VALUES (new.key);
END;

CREATE TRIGGER entry_changed AFTER UPDATE OF
    agency, published, dating_earliest, dating_latest, fingerprint ON entries
WHEN new.published IS NOT NULL AND
    (new.agency, new.published, new.dating_earliest, new.dating_latest, new.fingerprint)
    IS NOT
    (old.agency, old.published, old.dating_earliest, old.dating_latest, old.fingerprint)
BEGIN
    DELETE FROM to_relate WHERE (agency, day) = (old.agency, substr(old.published, 1, 10));
    DELETE FROM to_relate WHERE (agency, day) = (new.agency, substr(new.published, 1, 10));
    INSERT INTO to_relate
        SELECT old.agency, substr(old.published, 1, 10) WHERE old.published IS NOT NULL
        UNION SELECT new.agency, substr(new.published, 1, 10);
END;

CREATE TRIGGER entry_redated AFTER UPDATE OF published, agency ON entries
WHEN (old.published, old.agency) IS NOT (new.published, new.agency)
BEGIN
    DELETE FROM to_archive WHERE (agency, month) = (old.agency, substr(old.published, 1, 7));
    INSERT INTO to_archive (agency, month)
        SELECT old.agency, substr(old.published, 1, 7) WHERE old.published IS NOT NULL;
    DELETE FROM to_archive WHERE month = substr(old.published, 1, 7)
        AND agency IN (SELECT agency FROM credits WHERE entry = new.key);
    INSERT INTO to_archive (agency, month) SELECT agency, substr(old.published, 1, 7)
        FROM credits WHERE entry = new.key AND old.published IS NOT NULL;
    DELETE FROM to_archive WHERE (agency, month) = (new.agency, substr(new.published, 1, 7));
    INSERT INTO to_archive (agency, month)
        SELECT new.agency, substr(new.published, 1, 7) WHERE new.published IS NOT NULL;
    DELETE FROM to_archive WHERE month = substr(new.published, 1, 7)
        AND agency IN (SELECT agency FROM credits WHERE entry = new.key);
    INSERT INTO to_archive (agency, month) SELECT agency, substr(new.published, 1, 7)
        FROM credits WHERE entry = new.key AND new.published IS NOT NULL;
    DELETE FROM to_show WHERE entry = new.key;
    INSERT INTO to_show (entry, id) VALUES (new.key, new.id);
END;

-- A page says how its entry was dated, by which neighbours, and which entries are related to it.
CREATE TRIGGER entry_described AFTER UPDATE OF
    dating_basis, dating_earliest, dating_latest, dating_evidence, dating_conflict,
    dating_below, dating_above, updated, changed, fingerprint, content_html ON entries
BEGIN
    DELETE FROM to_show WHERE entry = new.key;
    INSERT INTO to_show (entry, id) VALUES (new.key, new.id);
END;

CREATE TRIGGER entry_retitled AFTER UPDATE OF fingerprint ON entries
WHEN old.fingerprint != new.fingerprint
BEGIN
    DELETE FROM to_show WHERE entry IN (
        SELECT key FROM entries WHERE dating_below = new.key OR dating_above = new.key
        UNION SELECT entry FROM related WHERE other = new.key
    );
    INSERT INTO to_show (entry, id)
        SELECT key, id FROM entries WHERE dating_below = new.key OR dating_above = new.key
        UNION SELECT key, id FROM related JOIN entries ON key = entry WHERE other = new.key;
END;

CREATE TRIGGER entry_removed AFTER DELETE ON entries
BEGIN
    DELETE FROM to_categorise WHERE entry = old.key;
    DELETE FROM to_relate WHERE (agency, day) = (old.agency, substr(old.published, 1, 10));
    INSERT INTO to_relate
        SELECT old.agency, substr(old.published, 1, 10) WHERE old.published IS NOT NULL;
    DELETE FROM to_archive WHERE (agency, month) = (old.agency, substr(old.published, 1, 7));
    INSERT INTO to_archive (agency, month)
        SELECT old.agency, substr(old.published, 1, 7) WHERE old.published IS NOT NULL;
    DELETE FROM to_show WHERE entry = old.key;
    INSERT INTO to_show (entry, id) VALUES (old.key, old.id);
END;

-- The words of an agency's name are not names in its releases.
CREATE TRIGGER agency_renamed AFTER UPDATE OF name ON agencies WHEN new.name != old.name
BEGIN
    DELETE FROM to_relate WHERE agency = new.id;
    INSERT INTO to_relate SELECT DISTINCT agency, substr(published, 1, 10) FROM entries
        WHERE agency = new.id AND published IS NOT NULL;
END;

CREATE TRIGGER agency_described AFTER UPDATE OF name, homepage ON agencies
WHEN (old.name, old.homepage) IS NOT (new.name, new.homepage)
BEGIN
    DELETE FROM to_archive WHERE (agency, month) IN (
        SELECT agency, substr(published, 1, 7) FROM entries WHERE agency = new.id
    );
    INSERT INTO to_archive (agency, month) SELECT DISTINCT agency, substr(published, 1, 7)
        FROM entries WHERE agency = new.id AND published IS NOT NULL;
    DELETE FROM to_show WHERE entry IN (SELECT key FROM entries WHERE agency = new.id);
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE agency = new.id;
END;

CREATE TRIGGER credit_added AFTER INSERT ON credits
BEGIN
    DELETE FROM to_archive WHERE agency = new.agency AND month IN
        (SELECT substr(published, 1, 7) FROM entries WHERE key = new.entry);
    INSERT INTO to_archive (agency, month) SELECT new.agency, substr(published, 1, 7)
        FROM entries WHERE key = new.entry AND published IS NOT NULL;
END;

CREATE TRIGGER credit_removed AFTER DELETE ON credits
BEGIN
    DELETE FROM to_archive WHERE agency = old.agency AND month IN
        (SELECT substr(published, 1, 7) FROM entries WHERE key = old.entry);
    INSERT INTO to_archive (agency, month) SELECT old.agency, substr(published, 1, 7)
        FROM entries WHERE key = old.entry AND published IS NOT NULL;
END;

CREATE TRIGGER sighting_added AFTER INSERT ON sightings
BEGIN
    DELETE FROM to_show WHERE entry = new.entry;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
END;

CREATE TRIGGER sighting_moved AFTER UPDATE OF entry ON sightings
BEGIN
    DELETE FROM to_show WHERE entry IN (old.entry, new.entry);
    INSERT INTO to_show (entry, id)
        SELECT key, id FROM entries WHERE key IN (old.entry, new.entry);
END;

CREATE TRIGGER relation_added AFTER INSERT ON related
BEGIN
    DELETE FROM to_show WHERE entry = new.entry;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
END;

CREATE TRIGGER relation_removed AFTER DELETE ON related
BEGIN
    DELETE FROM to_show WHERE entry = old.entry;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
END;

CREATE TRIGGER rendition_removed AFTER DELETE ON renditions WHEN old.format = 'atom'
BEGIN
    DELETE FROM to_archive WHERE (agency, month) =
        (SELECT agency, substr(published, 1, 7) FROM entries WHERE key = old.entry);
    INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7)
        FROM entries WHERE key = old.entry AND published IS NOT NULL;
    DELETE FROM to_archive WHERE (agency, month) IN (
        SELECT credits.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
        WHERE entry = old.entry
    );
    INSERT INTO to_archive (agency, month)
        SELECT credits.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
        WHERE entry = old.entry AND published IS NOT NULL;
    DELETE FROM to_show WHERE entry = old.entry;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
END;

-- Feeds state the categories of an entry.  Without a rendition it was not written since it was
-- noted; noting it twice costs less than relying on that.
CREATE TRIGGER category_added AFTER INSERT ON kinds
BEGIN
    DELETE FROM renditions WHERE entry = new.entry;
    DELETE FROM to_archive WHERE (agency, month) =
        (SELECT agency, substr(published, 1, 7) FROM entries WHERE key = new.entry);
    INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7)
        FROM entries WHERE key = new.entry AND published IS NOT NULL;
    DELETE FROM to_archive WHERE (agency, month) IN (
        SELECT credits.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
        WHERE entry = new.entry
    );
    INSERT INTO to_archive (agency, month)
        SELECT credits.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
        WHERE entry = new.entry AND published IS NOT NULL;
    DELETE FROM to_show WHERE entry = new.entry;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = new.entry;
END;

CREATE TRIGGER category_removed AFTER DELETE ON kinds
BEGIN
    DELETE FROM renditions WHERE entry = old.entry;
    DELETE FROM to_archive WHERE (agency, month) =
        (SELECT agency, substr(published, 1, 7) FROM entries WHERE key = old.entry);
    INSERT INTO to_archive (agency, month) SELECT agency, substr(published, 1, 7)
        FROM entries WHERE key = old.entry AND published IS NOT NULL;
    DELETE FROM to_archive WHERE (agency, month) IN (
        SELECT credits.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
        WHERE entry = old.entry
    );
    INSERT INTO to_archive (agency, month)
        SELECT credits.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
        WHERE entry = old.entry AND published IS NOT NULL;
    DELETE FROM to_show WHERE entry = old.entry;
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE key = old.entry;
END;
