"""Views of the store for people who open it with another program; this one does not read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_RELEASES = """
SELECT entries.id, agencies.name AS agency, title, published, dating_basis AS basis,
    dating_earliest AS earliest, dating_latest AS latest, dating_evidence AS evidence, changed,
    language, summary, text
FROM entries JOIN agencies ON agencies.id = agency
ORDER BY published DESC, key DESC
"""

_MERGES = """
SELECT entries.id, title, sightings.id AS sighting, source, name AS document, position,
    modified AS seen, how, rule, score, sightings.reason, former
FROM sightings
JOIN entries ON entries.key = entry
JOIN documents ON documents.key = document
WHERE how NOT IN ('new', 'same') OR former IS NOT NULL
ORDER BY sightings.id DESC
"""

_CHANGES = """
SELECT entries.id, agencies.name AS agency, changed, revisions.title AS other_title,
    entries.title AS current_title, revisions.text AS other_text, entries.text AS current_text
FROM revisions
JOIN entries ON entries.key = entry
JOIN agencies ON agencies.id = agency
ORDER BY changed DESC, entries.key DESC
"""

_SOURCE_HEALTH = """
SELECT sources.id, location, last_attempt, last_success, last_status, last_error,
    sources.failures, failing.since AS failing_since, visits.due AS next_due,
    why AS next_due_reason, gone, visits.hub, state AS hub_state
FROM sources
LEFT JOIN visits ON visits.source = sources.id
LEFT JOIN failing ON failing.source = sources.id
LEFT JOIN subscriptions ON subscriptions.source = sources.id AND state != 'leaving'
ORDER BY sources.failures DESC, sources.id
"""


def create_views(db: Database) -> None:
    """Create the views, in place of earlier ones of these names."""
    db.create_view("releases", _RELEASES, replace=True)
    db.create_view("merges", _MERGES, replace=True)
    db.create_view("changes", _CHANGES, replace=True)
    db.create_view("source_health", _SOURCE_HEALTH, replace=True)
