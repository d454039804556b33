-- Feeds and pages name also the agencies that are credited with an entry.
CREATE TRIGGER credited_renamed AFTER UPDATE OF name ON agencies WHEN new.name != old.name
BEGIN
    DELETE FROM renditions WHERE entry IN (SELECT entry FROM credits WHERE agency = new.id);
    DELETE FROM to_archive WHERE (agency, month) IN (
        SELECT entries.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
        WHERE credits.agency = new.id
    );
    INSERT INTO to_archive (agency, month)
        SELECT DISTINCT entries.agency, substr(published, 1, 7) FROM credits
        JOIN entries ON key = entry
        WHERE credits.agency = new.id AND published IS NOT NULL;
    DELETE FROM to_show WHERE entry IN (SELECT entry FROM credits WHERE agency = new.id);
    INSERT INTO to_show (entry, id)
        SELECT key, id FROM credits JOIN entries ON key = entry WHERE credits.agency = new.id;
END;

-- Elements of earlier versions may have an earlier name.
DELETE FROM renditions WHERE entry IN (SELECT entry FROM credits);
