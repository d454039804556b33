-- The webhooks that are configured, by name: see store/webhooks.py.  ``made_of`` is a hash of address
-- and feeds.  ``due`` is empty where something may be sent at once; ``failing`` is since when sending
-- fails.  ``event``, ``body``, ``items`` and ``upto`` are the request under way or to be sent again:
-- its id, its bytes, how many entries it has, and the last serial of the queue that it covers.
CREATE TABLE webhooks (
    name TEXT PRIMARY KEY,
    made_of TEXT NOT NULL,
    due TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    failing TEXT,
    error TEXT,
    is_off INTEGER NOT NULL DEFAULT 0,
    given_up INTEGER NOT NULL DEFAULT 0,
    delivered TEXT,
    event TEXT,
    body BLOB,
    items INTEGER NOT NULL DEFAULT 0,
    upto INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE webhook_queue (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook TEXT NOT NULL,
    entry INTEGER NOT NULL,
    noted TEXT NOT NULL,
    UNIQUE (entry, webhook)
);
CREATE INDEX webhook_queue_in_order ON webhook_queue(webhook, serial);

-- Entries that are new or have another text, agency or correction, and were not queued yet.  Without
-- a webhook nothing is noted.
CREATE TABLE to_announce (entry INTEGER PRIMARY KEY);

CREATE TRIGGER entry_to_announce AFTER INSERT ON entries WHEN EXISTS (SELECT 1 FROM webhooks)
BEGIN
    DELETE FROM to_announce WHERE entry = new.key;
    INSERT INTO to_announce VALUES (new.key);
END;

CREATE TRIGGER change_to_announce AFTER UPDATE OF fingerprint, agency, changed ON entries
WHEN (old.fingerprint, old.agency, old.changed) IS NOT (new.fingerprint, new.agency, new.changed)
    AND EXISTS (SELECT 1 FROM webhooks)
BEGIN
    DELETE FROM to_announce WHERE entry = new.key;
    INSERT INTO to_announce VALUES (new.key);
END;

CREATE TRIGGER removed_not_to_announce AFTER DELETE ON entries
BEGIN
    DELETE FROM to_announce WHERE entry = old.key;
    DELETE FROM webhook_queue WHERE entry = old.key;
END;
