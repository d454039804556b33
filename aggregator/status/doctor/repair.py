"""Repair what ``examine`` finds, as far as it can be.

``repair`` takes a configuration and the store's path.  It makes a copy of the store first, then
repairs, examines again what was behind that, and returns the last report.  A second call changes
nothing.  The caller sees to it that no daemon writes meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import Config
from aggregator.dedupe.items import StoredText
from aggregator.dedupe.sketch import sketch
from aggregator.errors import StoreError
from aggregator.ingest.derive import derive, misdated
from aggregator.ingest.merge import update_entries
from aggregator.model import Progress
from aggregator.normalise.entry import evidence_of_text
from aggregator.output.files import withdraw
from aggregator.output.regenerate import expected_files, regenerate
from aggregator.status.doctor.derived import is_own_feed, stray_feeds
from aggregator.status.doctor.examine import entry_faults, examine
from aggregator.status.doctor.report import Report
from aggregator.status.layout import count
from aggregator.store import Store, counts, integrity, open_store, salvage
from aggregator.store import repair as rows
from aggregator.store import texts as store_texts
from aggregator.store.backup import backup
from aggregator.store.sightings import give_evidence
from aggregator.store.sketches import SketchIndex

_ROUNDS = 6
_BATCH = 200

Done = Callable[[str], None]
"""Called with a line for each thing that was done."""


def repair(
    config: Config, *, now: datetime, done: Done, progress: Progress | None = None
) -> Report:
    """Repair the store and the feeds of ``config``; return what is found afterwards.

    Raises ``StoreError`` where the store cannot be read at all, with where to find a backup, and
    ``OutputError`` where files cannot be written; what was done until then stays.
    """
    stamp = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    is_kept = False
    if salvage.is_damaged(config.store):
        _salvage(config, config.store.with_name(f"{config.store.name}.damaged-{stamp}"), done)
        is_kept = True
    with open_store(config.store) as store:
        report = examine(config, store, progress=progress)
        for _ in range(_ROUNDS):
            if not report.to_repair:
                break
            if not is_kept:
                copy = config.store.with_name(f"{config.store.name}.before-repair-{stamp}")
                backup(config.store, copy)
                done(f"the store as it was is copied to {copy}")
                is_kept = True
            before = report.checks
            _repair_found(config, store, report.to_repair, done)
            report = examine(config, store, progress=progress)
            if report.checks == before:
                break
    return report


def _salvage(config: Config, kept: Path, done: Done) -> None:
    try:
        salvaged = salvage.salvage(config.store, kept)
    except StoreError as error:
        raise StoreError(f"{error}{_newest_backup(config)}") from error
    done(f"the damaged store is kept as {kept}")
    for line in salvaged.lines:
        done(line)
    if salvaged.is_new:
        with open_store(config.store) as store, store.transaction():
            rows.work_out_again(store, *rows.AGAIN)
            if not set(salvaged.incomplete).isdisjoint(rows.BESIDE_SIGHTINGS):
                rows.read_again(store, "true")
                _give_evidence(store, integrity.entry_keys(store))


def _newest_backup(config: Config) -> str:
    folder = config.backup.folder
    found = sorted(folder.glob("aggregator-*.db")) if folder is not None else []
    return f" (the newest backup is {found[-1]})" if found else ""


def _repair_found(config: Config, store: Store, checks: set[str], done: Done) -> None:
    """Repair what some checks found; then work out the rest again, and write the feeds."""
    for names, step in _STEPS:
        if found := sorted(names & checks):
            with store.transaction():
                for line in step(store):
                    done(f"{' and '.join(found)}: {line}")
    if "file" in checks:  # what the rest would read may still be wrong
        return
    derive(config, store)
    files = regenerate(config, store, check="bytes")
    if files.written:
        done(f"feeds: {files.written:,} written again")
    for line in (*files.problems, *(_remove_strays(config, store) if "strays" in checks else ())):
        done(f"feeds: {line}")


def _file(store: Store) -> Iterator[str]:
    yield from rows.schema(store)
    yield from rows.values(store)
    yield from rows.html(store)
    yield from rows.orphans(store)


def _entries(store: Store) -> Iterator[str]:
    """Bring entries in line with their sightings: current text, time of change, agencies."""
    number = 0
    for batch in integrity.all_histories(store, _BATCH):
        keys = [entry.key for entry in batch if entry.seen and any(entry_faults(entry))]
        update_entries(store, keys)
        number += len(keys)
    yield f"{count(number, 'entry', 'entries')} brought in line with where they were seen"


def _sketches(store: Store) -> Iterator[str]:
    SketchIndex(store).rebuild(
        ((text.entry, sketch(text.text.body)) for held in batch.values() for text in held)
        for batch in _texts(store)
    )
    yield "built again"


def _titles(store: Store) -> Iterator[str]:
    for batch in _texts(store):
        store_texts.note_titles(
            store, [(key, text.text.title) for key, held in batch.items() for text in held]
        )
    yield "completed"


def _texts(store: Store) -> Iterator[dict[int, list[StoredText]]]:
    keys = integrity.entry_keys(store)
    for start in range(0, len(keys), _BATCH):
        yield store_texts.texts_of(store, keys[start : start + _BATCH])


def _dates(store: Store) -> Iterator[str]:
    """Have all dates worked out again, with what texts say that is not stored any more."""
    keys = [] if integrity.is_work_waiting(store) else sorted(set(misdated(store)))
    _give_evidence(store, keys)
    rows.read_again_without_header(store, keys)
    rows.work_out_again(store, "dates")
    yield "made again for all entries"


def _give_evidence(store: Store, keys: Sequence[int]) -> None:
    for start in range(0, len(keys), _BATCH):
        for key, held in store_texts.texts_of(store, keys[start : start + _BATCH]).items():
            for text in held:
                evidence = evidence_of_text(text.text.title, text.text.body)
                give_evidence(store, key, text.fingerprint, evidence)


def _again(what: str) -> Callable[[Store], Iterator[str]]:
    def step(store: Store) -> Iterator[str]:
        rows.work_out_again(store, what)
        yield "made again for all entries"

    return step


_STEPS: tuple[tuple[set[str], Callable[[Store], Iterator[str]]], ...] = (
    ({"file"}, _file),
    ({"sightings"}, rows.sightings),
    ({"texts", "agencies"}, _entries),
    ({"counts"}, counts.set_right),
    ({"index of sketches"}, _sketches),
    ({"index of titles"}, _titles),
    ({"feed ids"}, rows.feed_ids),
    ({"search index"}, rows.search_index),
    ({"work lists"}, rows.work_lists),
    ({"dates"}, _dates),
    ({"relations"}, _again("relations")),
    ({"categories"}, _again("categories")),
    ({"elements"}, _again("elements")),
    ({"output"}, _again("output")),
)
"""What mends the findings of checks, in an order in which each can rely on those before it."""


def _remove_strays(config: Config, store: Store) -> Iterator[str]:
    """Remove the feeds that this program wrote and that are of nobody any more."""
    expected = {name for name, _ in expected_files(config, store)}
    for path in stray_feeds(config, expected):
        if is_own_feed(config, path):
            withdraw(path)
            yield f"{path} was the feed of no agency and is removed"
