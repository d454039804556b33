-- Elements are kept without the texts that their entries have (see store/renditions.py), which makes
-- rows short enough for WITHOUT ROWID.  Those of earlier versions are built again where needed.
DROP TABLE renditions;

CREATE TABLE renditions (
    entry INTEGER NOT NULL REFERENCES entries(key),
    format TEXT NOT NULL,
    context TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (entry, format)
) WITHOUT ROWID;

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
