-- How far the older pages of a source were read (RFC 5005), for a ``purpose``: ``backfill`` reads what
-- was there before its first poll, ``gap`` what came between two polls.  ``asked`` is the location
-- that was configured (``visits``), ``wanted`` how many days back were.  ``state`` is ``reading``,
-- ``done``, ``stopped`` (for ``reason``) or ``none``: there is nothing to read.
-- ``next`` is the address of the next page, and nothing on it came out after ``bound`` nor, if
-- wanted, before ``cutoff``.  ``feed``, ``title`` and ``home`` are the address of the feed, and what
-- it says of itself.  Entries with a row after ``floor`` came since the gap was found.  The next page
-- is due at ``due``, and the feed itself at ``poll_due``.
CREATE TABLE backfills (
    source TEXT NOT NULL REFERENCES sources(id),
    purpose TEXT NOT NULL,
    asked TEXT NOT NULL,
    wanted INTEGER,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    next TEXT,
    feed TEXT NOT NULL,
    title TEXT NOT NULL,
    home TEXT,
    bound TEXT NOT NULL,
    cutoff TEXT,
    floor INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    reached TEXT,
    failures INTEGER NOT NULL,
    due TEXT NOT NULL,
    poll_due TEXT,
    PRIMARY KEY (source, purpose)
) WITHOUT ROWID;

-- What was read for that: a hash of the address of each page, and one of its items.
CREATE TABLE backfill_pages (
    source TEXT NOT NULL,
    purpose TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (source, purpose, hash)
) WITHOUT ROWID;
