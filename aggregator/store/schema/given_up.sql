-- Documents that were given up because they took too long, by source and name.  ``limits`` are those
-- that were in force; with others, or with another content, a document is tried again at once.
-- Otherwise it waits for so many seconds, ``until`` then, and twice as long the next time.
-- ``begun`` in their place: a large document that is being read, or was when the program ended.
CREATE TABLE given_up (
    source TEXT NOT NULL REFERENCES sources(id),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    until TEXT NOT NULL,
    wait INTEGER NOT NULL,
    limits TEXT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (source, name)
) WITHOUT ROWID;
