"""Stores of earlier versions: what later migrations add is taken out of one of today."""

import sqlite3


def without_counts(connection: sqlite3.Connection) -> None:
    """Drop the counts with their triggers and indexes (migration ``counts``)."""
    parts = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE name LIKE '%\\_counts' ESCAPE '\\'"
        " OR name IN ('sources_by_status', 'sources_failing') ORDER BY type DESC"
    ).fetchall()
    for kind, name in parts:
        connection.execute(f"DROP {kind} {name}")
