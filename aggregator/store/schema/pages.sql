-- Entries whose page is a file of the output folder, as the last run wrote it: of earlier versions
-- all that are dated.
CREATE TABLE paged (entry INTEGER PRIMARY KEY);

INSERT INTO paged SELECT key FROM entries WHERE published IS NOT NULL;

-- Where to look for an entry by the name of its page, if that is not its id: the first 63 bits of
-- the name's UUID (see store/pages.py).
CREATE TABLE page_numbers (
    number INTEGER NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries(key),
    PRIMARY KEY (number, entry)
) WITHOUT ROWID;
