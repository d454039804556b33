-- The feeds and archives of all agencies of a joint release name each of them, whichever is renamed.
-- The page of an agency that only carried releases has its homepage too.
CREATE TRIGGER joint_described AFTER UPDATE OF name, homepage ON agencies
WHEN (old.name, old.homepage) IS NOT (new.name, new.homepage)
BEGIN
    DELETE FROM to_archive WHERE (agency, month) IN (
        SELECT other.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = credits.entry
        JOIN credits AS other ON other.entry = key WHERE credits.agency = new.id
        AND (new.name != old.name OR other.agency = new.id)
        UNION SELECT credits.agency, substr(published, 1, 7) FROM entries
        JOIN credits ON entry = key WHERE entries.agency = new.id AND new.name != old.name
    );
    INSERT INTO to_archive (agency, month)
        SELECT other.agency, substr(published, 1, 7) FROM credits JOIN entries ON key = credits.entry
        JOIN credits AS other ON other.entry = key WHERE credits.agency = new.id
        AND (new.name != old.name OR other.agency = new.id) AND published IS NOT NULL
        UNION SELECT credits.agency, substr(published, 1, 7) FROM entries
        JOIN credits ON entry = key WHERE entries.agency = new.id AND new.name != old.name
        AND published IS NOT NULL;
END;
