-- Views for people who open the store with another program; this one does not read them.  The first
-- hundred rows of each need no sort of all rows.  docs/read-side.md describes them.

-- It has no order of its own: SQLite would work out every column of every row to count them.
DROP VIEW IF EXISTS releases;
CREATE VIEW releases AS
SELECT entries.id, entries.title, agencies.name AS agency, entries.agency AS agency_id,
    entries.published, entries.dating_basis AS date_basis,
    entries.dating_earliest AS date_earliest, entries.dating_latest AS date_latest,
    iif(
        entries.dating_evidence = '',
        (
            SELECT coalesce(
                'it is listed between “' || above.title || '” and “' || below.title || '”',
                'it is listed below “' || above.title || '”',
                'it is listed above “' || below.title || '”',
                'it is listed in a digest with dated entries'
            ) FROM (SELECT 1)
            LEFT JOIN entries AS above ON above.key = entries.dating_above
            LEFT JOIN entries AS below ON below.key = entries.dating_below
        ),
        entries.dating_evidence
    ) AS date_evidence,
    entries.changed, entries.language, entries.truncated,
    -- Of the first source with one, as in the feeds: the latest of a feed, the first of digests.
    (
        SELECT href FROM sightings AS seen
        JOIN documents AS at ON at.key = seen.document
        JOIN links ON links.sighting = seen.id AND rel = 'alternate'
        WHERE seen.entry = entries.key AND (
            upstream_id IS NULL OR (modified, name, document) = (
                SELECT modified, name, document FROM sightings
                JOIN documents ON documents.key = document
                WHERE entry = seen.entry AND source = at.source AND upstream_id IS NOT NULL
                ORDER BY modified DESC, name DESC, document DESC LIMIT 1
            )
        )
        ORDER BY iif(
            upstream_id IS NULL,
            modified || ' ' || name,
            (
                SELECT min(modified || ' ' || name) FROM sightings
                JOIN documents ON documents.key = document
                WHERE entry = seen.entry AND source = at.source AND upstream_id IS NOT NULL
            )
        ), seen.position, links.position LIMIT 1
    ) AS link,
    (
        SELECT group_concat(term, ', ')
        FROM (SELECT term FROM kinds WHERE entry = entries.key ORDER BY term)
    ) AS categories,
    (
        SELECT group_concat(source, ', ') FROM (
            SELECT DISTINCT source FROM sightings JOIN documents ON documents.key = document
            WHERE entry = entries.key ORDER BY source
        )
    ) AS sources,
    (SELECT count(*) FROM sightings WHERE entry = entries.key) AS sightings,
    entries.summary, entries.text, entries.key
FROM entries
JOIN agencies ON agencies.id = entries.agency;

-- The first condition is that of the index below; the second leaves out what was split again.
DROP VIEW IF EXISTS merges;
CREATE VIEW merges AS
SELECT entries.id, entries.title, coalesce(revisions.title, entries.title) AS merged_title,
    agencies.name AS merged_agency, source, documents.name AS document, first_line, last_line,
    modified AS seen, how, rule, score, sightings.reason, nullif(former, entries.id) AS id_before,
    sightings.id AS sighting
FROM sightings
JOIN entries ON entries.key = sightings.entry
JOIN documents ON documents.key = document
JOIN agencies ON agencies.id = sightings.agency
LEFT JOIN revisions ON revisions.entry = sightings.entry
    AND revisions.fingerprint = sightings.fingerprint
WHERE (how NOT IN ('new', 'same') OR former IS NOT NULL)
    AND (how NOT IN ('new', 'same') OR former != entries.id)
ORDER BY sightings.id DESC;

CREATE INDEX IF NOT EXISTS sightings_merged ON sightings(id)
    WHERE how NOT IN ('new', 'same') OR former IS NOT NULL;

-- An entry that was edited, with each of its earlier texts; cut ones where no other is known.
DROP VIEW IF EXISTS changes;
CREATE VIEW changes AS
SELECT entries.id, agencies.name AS agency, changed,
    (
        SELECT min(modified) FROM sightings JOIN documents ON documents.key = document
        WHERE entry = entries.key AND fingerprint = revisions.fingerprint
    ) AS earlier_seen,
    revisions.title AS earlier_title, entries.title AS current_title,
    revisions.text AS earlier_text, entries.text AS current_text
FROM entries
CROSS JOIN revisions ON revisions.entry = entries.key
JOIN agencies ON agencies.id = entries.agency
WHERE changed IS NOT NULL AND (revisions.truncated OR revisions.is_summary)
    <= (entries.truncated OR entries.is_summary)
ORDER BY changed DESC, entries.key DESC;

DROP VIEW IF EXISTS source_health;
CREATE VIEW source_health AS
SELECT sources.id, location, last_status, sources.failures AS failures_in_a_row,
    failing.since AS failing_since, last_error, last_attempt, last_success,
    visits.due AS next_due, why AS next_due_reason, gone AS gone_since,
    visits.hub, state AS hub_state,
    documents, items, rejected AS unreadable_items, entries AS releases,
    (SELECT sum(visits) FROM history WHERE source = sources.id) AS visits_in_90_days,
    (SELECT sum(failures) FROM history WHERE source = sources.id) AS failures_in_90_days,
    (SELECT sum(new) FROM history WHERE source = sources.id) AS new_in_90_days
FROM sources
LEFT JOIN visits ON visits.source = sources.id
LEFT JOIN failing ON failing.source = sources.id
LEFT JOIN subscriptions ON subscriptions.source = sources.id AND state != 'leaving'
LEFT JOIN source_counts ON source_counts.source = sources.id
ORDER BY sources.failures DESC, sources.id;
