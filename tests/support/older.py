"""Stores of earlier versions: what later migrations add is taken out of one of today."""

import sqlite3
from contextlib import closing
from pathlib import Path

ADDED: dict[str, tuple[str, ...]] = {
    "m002_given_up": ("DROP TABLE given_up",),
    "m003_languages": ("DROP TABLE to_detect", "DROP TRIGGER entry_language"),
    "m004_pages": ("DROP TABLE paged", "DROP TABLE page_numbers"),
    "m005_dated": ("DROP TRIGGER entry_added_dated",),
    "m008_written": ("DROP TABLE written", "DROP TABLE agency_parts"),
    "m009_views": (
        *(f"DROP VIEW {name}" for name in ("releases", "merges", "changes", "source_health")),
        "DROP INDEX sightings_merged",
    ),
    "m010_counts": (),  # see ``_counts``
    "m011_relayed": (
        *("DROP TABLE relayed", "DROP TABLE relayed_credits", "DROP TABLE relayed_agencies"),
    ),
    "m012_backfills": ("DROP TABLE backfills", "DROP TABLE backfill_pages"),
    "m013_listed": (
        *("DROP TABLE listed_agencies", "DROP INDEX written_unknown"),
        "CREATE TABLE agency_parts (agency TEXT PRIMARY KEY, card BLOB, row BLOB, links BLOB)",
    ),
    "m014_page_numbers": ("DROP INDEX page_numbers_by_entry",),
    "m017_forgotten": ("DROP TABLE forgotten_entries", "DROP TABLE forgotten"),
    "m018_bad_documents": (
        *("DROP INDEX documents_bad", "ALTER TABLE sources DROP COLUMN more_errors"),
    ),
    "m019_neighbours": (
        *("DROP INDEX paged_older", "DROP INDEX paged_newer"),
        *("ALTER TABLE paged DROP COLUMN older", "ALTER TABLE paged DROP COLUMN newer"),
    ),
    "m021_webhooks": (
        *("DROP TABLE webhooks", "DROP TABLE webhook_queue", "DROP TABLE to_announce"),
        *("DROP TRIGGER entry_to_announce", "DROP TRIGGER change_to_announce"),
        "DROP TRIGGER removed_not_to_announce",
    ),
    "m022_renamed": ("DROP TRIGGER credited_renamed",),
    "m023_smaller_requests": ("ALTER TABLE webhooks DROP COLUMN most_bytes",),
    "m024_dating_rules": ("DROP TABLE dated_by", "DROP TABLE to_redate"),
    "m025_joint": ("DROP TRIGGER joint_described",),
}
"""How to take out what a migration adds; others may be applied again."""


def undo(place: Path | sqlite3.Connection, *names: str) -> None:
    """Make a store one to which these migrations were not applied; without names, none of all."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as connection:
            undo(connection, *names)
            connection.commit()
        return
    for name in reversed(names or tuple(ADDED)):
        for statement in _counts(place) if name == "m010_counts" else ADDED[name]:
            place.execute(statement)
        place.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (name,))
    if not names:
        place.execute("DELETE FROM _sqlite_migrations")
    (left,) = place.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()
    place.execute(f"PRAGMA user_version = {left}")


def _counts(connection: sqlite3.Connection) -> list[str]:
    """Return what drops the counts with their triggers and indexes, the tables last."""
    rows = connection.execute(
        "SELECT 'DROP ' || type || ' ' || name FROM sqlite_master"
        " WHERE name LIKE '%\\_counts' ESCAPE '\\'"
        " OR name IN ('sources_by_status', 'sources_failing') ORDER BY type DESC"
    )
    return [statement for (statement,) in rows.fetchall()]
