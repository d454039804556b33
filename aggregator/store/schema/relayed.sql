-- What another Aggregator states of an entry beyond its feed: see store/relayed.py.

-- ``basis`` is null where it states no date that can be right; ``updated`` is when the entry last
-- changed, ``revised`` are the times of earlier changes.  ``claimed``: the configuration lets the
-- source speak for the agency.
CREATE TABLE relayed (
    sighting INTEGER PRIMARY KEY REFERENCES sightings(id),
    basis TEXT,
    published TEXT,
    earliest TEXT,
    latest TEXT,
    evidence TEXT NOT NULL DEFAULT '',
    updated TEXT,
    revised TEXT NOT NULL DEFAULT '[]',
    claimed INTEGER NOT NULL DEFAULT 0
);

-- The other agencies that carried it.
CREATE TABLE relayed_credits (
    sighting INTEGER NOT NULL REFERENCES sightings(id),
    agency TEXT NOT NULL REFERENCES agencies(id),
    PRIMARY KEY (sighting, agency)
) WITHOUT ROWID;

-- Agencies whose id is another Aggregator's, whatever id their name would make.
CREATE TABLE relayed_agencies (agency TEXT PRIMARY KEY REFERENCES agencies(id)) WITHOUT ROWID;
