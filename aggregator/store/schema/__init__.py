"""The schema of the store: tables, indexes, triggers and views, made by migrations only.

A migration runs once in each store, in order, and is not edited after it was published: a change is
a new migration at the end, and in ``STEPS``.  Times are RFC 3339 in UTC and days ISO
8601, as text, so that they sort and read as they are in any SQLite browser.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

APPLICATION_ID = 0x41475252
"""``AGRR`` in the header of the file (SQLite's ``application_id``)."""

APPLIED = "_sqlite_migrations"
"""The table of sqlite-utils that names the migrations which were applied."""

MIGRATION_SET = "aggregator"
"""The name of ours there."""

DEVELOPMENT_NAMES = (
    *("m001_first", "m002_feeds", "m003_keeping", "m004_alarms", "m005_output", "m006_kinds"),
    *("m007_history", "m008_edits", "m009_websub"),
)
"""The migrations of the development versions; after the last one the tables are the same."""

WORK_LISTS = ("to_relate", "to_categorise", "to_archive", "to_show")
"""The tables that the triggers fill with what is to be done again."""

SEARCH_INDEX = "entries_fts"

_FOLDER = Path(__file__).parent
_BETWEEN_STATEMENTS = re.compile(r";\n(?=CREATE|\n|\Z)")


def m001_schema(db: Database) -> None:
    """Create the schema, or take over a store of the last development version."""
    if db.table("entries").exists():
        _leave_development(db)
    else:
        for name in ("releases.sql", "operation.sql"):
            _run(db, name)
        add_search_index(db)
    _run(db, "triggers.sql")


def m002_given_up(db: Database) -> None:
    """Remember the documents that took too long."""
    _run(db, "given_up.sql")


def m003_languages(db: Database) -> None:
    """List the entries whose language is to be detected: those of earlier versions."""
    _run(db, "languages.sql")


def m004_pages(db: Database) -> None:
    """Note which entries have a page, and by which names their pages are found."""
    _run(db, "pages.sql")
    namespace = uuid.UUID("c3b1d0a4-58a5-5a53-8c9c-8f0a9a4f5f0e")
    own = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    named = (
        (uuid.uuid5(namespace, entry_id).int >> 65, key)
        for key, entry_id in db.execute("SELECT key, id FROM entries")
        if not own.fullmatch(entry_id)
    )
    db.conn.executemany("INSERT INTO page_numbers VALUES (?, ?)", named)


def m005_dated(db: Database) -> None:
    """Note entries that come with their date."""
    _run(db, "dated.sql")


def m006_hreflang(db: Database) -> None:
    """Keep the language that a link says of what is there."""
    if "hreflang" not in db.table("links").columns_dict:
        db.execute("ALTER TABLE links ADD COLUMN hreflang TEXT")


def m007_renditions(db: Database) -> None:
    """Keep elements without the texts of their entries."""
    # A trigger goes with its table.
    triggers = list(db.query("SELECT sql FROM sqlite_master WHERE name = 'rendition_removed'"))
    _run(db, "renditions.sql")
    for trigger in triggers:
        db.execute(trigger["sql"])


def m008_written(db: Database) -> None:
    """Note the files of the output, and what the index shows of each agency."""
    _run(db, "written.sql")


def m009_views(db: Database) -> None:
    """Create the views; in a store of an earlier version, in place of those of these names."""
    _run(db, "views.sql")


def m010_counts(db: Database) -> None:
    """Keep the numbers that status and metrics ask for where they change."""
    _run(db, "counts.sql")


def m011_relayed(db: Database) -> None:
    """Keep what other Aggregators state of entries."""
    _run(db, "relayed.sql")


def m012_backfills(db: Database) -> None:
    """Note how far the older pages of sources were read."""
    _run(db, "backfills.sql")


def m013_listed(db: Database) -> None:
    """Note which agencies have feeds, by which names."""
    _run(db, "listed.sql")


def m014_page_numbers(db: Database) -> None:
    """Find the page numbers of an entry, which SQLite looks for when it is removed."""
    db.execute("CREATE INDEX page_numbers_by_entry ON page_numbers(entry)")


def m015_is_aggregator(db: Database) -> None:
    """Note of a source that its feed is another Aggregator's."""
    if "is_aggregator" not in db.table("visits").columns_dict:
        db.execute("ALTER TABLE visits ADD COLUMN is_aggregator INTEGER NOT NULL DEFAULT 0")


def m016_gone(db: Database) -> None:
    """Find the sources that are gone for good without reading all visits."""
    db.execute("CREATE INDEX IF NOT EXISTS visits_gone ON visits(source) WHERE gone IS NOT NULL")


def m017_forgotten(db: Database) -> None:
    """Keep what a person had taken out, so that it can be put back.

    A removed entry without ``source`` is kept out of every source, else out of this one only.
    """
    _run(db, "forgotten.sql")
    if "source" not in db.table("removed").columns_dict:
        db.execute("ALTER TABLE removed ADD COLUMN source TEXT")


def m018_bad_documents(db: Database) -> None:
    """Find the documents of a source that are not whole, and keep all errors of its last visit.

    What the rules of a source leave out gets a mark of its own in ``problems``.
    """
    if "more_errors" not in db.table("sources").columns_dict:
        db.execute("ALTER TABLE sources ADD COLUMN more_errors TEXT")
    db.execute(
        "CREATE INDEX IF NOT EXISTS documents_bad ON documents(source, key) WHERE rejected > 0"
    )
    db.execute(
        "UPDATE problems SET rejected = 2 WHERE rejected = 1"
        " AND (reason LIKE '% contains no word of include' OR reason LIKE '% (exclude)')"
    )


def m019_neighbours(db: Database) -> None:
    """Note which neighbours the page of an entry names, so that it follows when these change."""
    if "older" not in db.table("paged").columns_dict:
        for side in ("older", "newer"):
            db.execute(f"ALTER TABLE paged ADD COLUMN {side} INTEGER")
            db.execute(f"CREATE INDEX paged_{side} ON paged({side}) WHERE {side} IS NOT NULL")


def m020_days(db: Database) -> None:
    """Count the visits of all sources together by day, which a page of the status shows."""
    db.execute(
        "CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, visits INTEGER NOT NULL,"
        " failures INTEGER NOT NULL, new INTEGER NOT NULL, revised INTEGER NOT NULL,"
        " merged INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "INSERT OR IGNORE INTO days SELECT day, sum(visits), sum(failures), sum(new),"
        " sum(revised), sum(merged) FROM history GROUP BY day"
    )


def m021_webhooks(db: Database) -> None:
    """Note what is to be sent to webhooks."""
    _run(db, "webhooks.sql")


def m022_renamed(db: Database) -> None:
    """Note the entries that are credited to an agency which gets another name.

    A table of ``m002`` that was made before that was published has other columns: it is made again.
    """
    _run(db, "renamed.sql")
    if "until" not in db.table("given_up").columns_dict:
        db.execute("DROP TABLE given_up")
        _run(db, "given_up.sql")


def m023_smaller_requests(db: Database) -> None:
    """Note how large a request a webhook takes."""
    if "most_bytes" not in db.table("webhooks").columns_dict:
        db.execute("ALTER TABLE webhooks ADD COLUMN most_bytes INTEGER")


def m024_dating_rules(db: Database) -> None:
    """Note by which rules documents were dated; of earlier versions it is not known."""
    _run(db, "dating_rules.sql")


def m025_joint(db: Database) -> None:
    """Note for all agencies of a joint release that one of them is described in another way."""
    _run(db, "joint.sql")


STEPS = (
    *(m001_schema, m002_given_up, m003_languages, m004_pages, m005_dated, m006_hreflang),
    *(m007_renditions, m008_written, m009_views, m010_counts, m011_relayed),
    *(m012_backfills, m013_listed, m014_page_numbers, m015_is_aggregator, m016_gone),
    *(m017_forgotten, m018_bad_documents, m019_neighbours, m020_days),
    *(m021_webhooks, m022_renamed, m023_smaller_requests, m024_dating_rules, m025_joint),
)
"""The migrations, in order; a test holds that those published stay as they are."""

NAMES = tuple(step.__name__ for step in STEPS)
"""The names of the migrations."""


def migrations() -> Migrations:
    """Return the migrations as sqlite-utils applies them; a store of today is opened without it."""
    from sqlite_utils.migrations import Migrations

    made = Migrations(MIGRATION_SET)
    for step in STEPS:
        made()(step)
    return made


def add_search_index(db: Database) -> None:
    """Create the search index, empty.

    It has no copy of the texts.  Rows are added by the batch, which costs a third of what the
    triggers of ``create_triggers=True`` cost.
    """
    db.table("entries").enable_fts(["title", "text"], tokenize="unicode61 remove_diacritics 2")


def _leave_development(db: Database) -> None:
    """Drop the triggers of the development version, which failed on upserts, and its records."""
    for trigger in db.triggers:
        if any(name in trigger.sql for name in WORK_LISTS):
            db.execute(f"DROP TRIGGER {db.quote(trigger.name)}")
    db.table(APPLIED).delete_where("migration_set = ?", [MIGRATION_SET])


def _run(db: Database, name: str) -> None:
    for statement in _statements((_FOLDER / name).read_text(encoding="utf-8")):
        db.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """The statements of ``script``; ``executescript`` would commit the transaction first."""
    return filter(str.strip, _BETWEEN_STATEMENTS.split(script))
