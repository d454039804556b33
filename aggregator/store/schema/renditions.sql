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
