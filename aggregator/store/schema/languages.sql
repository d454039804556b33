-- Entries of versions that did not detect languages, which have none and are to be looked at once.
-- The language of others is detected when they are read.
CREATE TABLE to_detect (
    entry INTEGER PRIMARY KEY
);

INSERT INTO to_detect SELECT key FROM entries WHERE language IS NULL;

-- Feeds and pages state the language of an entry.
CREATE TRIGGER entry_language AFTER UPDATE OF language ON entries
WHEN old.language IS NOT new.language
BEGIN
    DELETE FROM renditions WHERE entry = new.key;
    DELETE FROM to_show WHERE entry = new.key;
    INSERT INTO to_show (entry, id) VALUES (new.key, new.id);
END;
