"""Check store, search index, feeds on disk and configuration against each other.

``examine`` takes a configuration and a store, returns everything that does not fit, each with what
to do about it, and changes nothing.  What should be is computed by the code that makes it so: the
current text by ``dedupe.history``, the feeds by ``regenerate``, merges by ``recheck_merges``.
"""

from collections.abc import Iterable, Iterator

from aggregator import dedupe
from aggregator.config import Config
from aggregator.dedupe import history
from aggregator.dedupe.items import StoredText
from aggregator.ingest.derive import are_categories_current
from aggregator.model import Progress
from aggregator.normalise.agency import Agencies
from aggregator.normalise.categories import Categoriser
from aggregator.normalise.text import cut
from aggregator.output.formats.alarms import FILE as ALARMS
from aggregator.output.regenerate import expected_files
from aggregator.status.doctor.recheck_merges import Difference, recheck
from aggregator.status.doctor.report import Finding, Level, Report
from aggregator.status.layout import count
from aggregator.store import Store, categories, integrity
from aggregator.store import texts as store_texts
from aggregator.store.agencies import agency_states
from aggregator.store.documents import source_states
from aggregator.store.integrity import History
from aggregator.store.sketches import SketchIndex
from aggregator.store.times import time_text

_BATCH = 100
_ONCE = "run 'aggregator once'"
_REGENERATE = "run 'aggregator regenerate'"
_REBUILD = (
    "put back a copy of the store, or move it away and run 'aggregator once' to rebuild it from "
    "the sources"
)


def examine(config: Config, store: Store, *, progress: Progress | None = None) -> Report:
    """Return everything that does not fit.

    Of a damaged store only the damage is reported: the rest could not be trusted.  Raises
    ``StoreError`` if it cannot be read at all.
    """
    progress = progress or (lambda _what, _done, _total: None)
    report = Report()
    progress("the file", 0, 1)
    report.add(_damage(store))
    if report.levels["damage"]:
        return report
    progress("the search index", 0, 1)
    report.add(_search_index(store))
    report.add(_documents(store))
    _examine_entries(config, store, report, progress)
    report.add(_sketches(store))
    report.add(_categories(config, store))
    report.add(_feeds(config, store, report, progress))
    report.add(_sources(config, store))
    report.add(_agencies(config, store))
    return report


def _fault(check: str, problem: str, level: Level = "fault") -> Finding:
    return Finding(check=check, level=level, problem=problem)


def _of(entry: History, check: str, problem: str) -> Finding:
    title = f"“{cut(entry.title, 60)}”"
    return Finding(check=check, level="fault", problem=f"{title} {problem}", entry=entry.id)


def _damage(store: Store) -> Iterator[Finding]:
    for problem in integrity.damage(store):
        yield _fault("file", f"SQLite finds it damaged: {problem}; {_REBUILD}", "damage")
    for (table, parent), number in sorted(integrity.orphans(store).items()):
        problem = f"{count(number, 'row')} of the table {table} refer to missing rows of {parent}"
        yield _fault("file", f"{problem}: something else wrote to the store; {_REBUILD}", "damage")


def _search_index(store: Store) -> Iterator[Finding]:
    if integrity.search_index_agrees(store):
        return
    parts = []
    if integrity.has_search_index(store):
        lacking, extra = integrity.not_indexed(store)
        parts += [f"it lacks {lacking:,} of the entries"] * bool(lacking)
        parts += [f"it has {extra:,} that are not entries"] * bool(extra)
    yield _fault(
        "search index",
        f"does not have the words of the entries ({', '.join(parts) or 'others'}), so searches "
        f'miss some; sqlite3 {store.path} "{integrity.REBUILD}" rebuilds it',
    )


def _documents(store: Store) -> Iterator[Finding]:
    for source, name, items, seen in integrity.incomplete_documents(store):
        problem = f"{name} of source {source} had {items:,} items and has {seen:,} sightings"
        yield _fault("sightings", f"{problem}; {_REBUILD}")


def _examine_entries(config: Config, store: Store, report: Report, progress: Progress) -> None:
    """Run all checks of single entries, in one pass."""
    index = SketchIndex(store)
    agencies = _agencies_of_today(config, store)
    total = integrity.entry_count(store)
    for batch in integrity.all_histories(store, _BATCH):
        entries = {entry.key: entry for entry in batch}
        texts = store_texts.texts_of(store, list(entries))
        for entry in batch:
            report.add(_entry(entry))
        report.add(_findable(index, entries, texts))
        report.add(map(_differs, recheck(store, index, agencies, entries, texts)))
        report.entries += len(entries)
        report.texts += sum(len(entry.texts) for entry in batch)
        progress("entries", report.entries, total)


def _agencies_of_today(config: Config, store: Store) -> Agencies:
    """Return the configured agencies, and others that the store has, by their ids."""
    configured = Agencies(config.agencies)
    ids = {agency.id for agency in config.agencies}
    others = [
        state.agency
        for state in agency_states(store)
        if state.agency.id not in ids and not configured.knows(state.agency.name)
    ]
    return Agencies((*config.agencies, *others))


def _entry(entry: History) -> Iterator[Finding]:
    """Check the rows of one entry against each other."""
    seen = {sighting.fingerprint for sighting in entry.seen}
    if not seen:
        yield _of(entry, "sightings", f"has no sighting; {_REBUILD}")
        return
    lost = [sighting for sighting in entry.seen if sighting.fingerprint not in entry.texts]
    for sighting in lost:
        problem = f"its sighting {sighting.id} has a text that is not in the store; {_REBUILD}"
        yield _of(entry, "sightings", problem)
    if not entry.dated:
        yield _of(entry, "dates", f"is not dated, and so in no feed; {_ONCE}")
    if lost:
        return
    for fingerprint in sorted(set(entry.texts) - seen):
        problem = f"one of its texts was never seen ({fingerprint}); {_REBUILD}"
        yield _of(entry, "texts", problem)
    versions = entry.versions
    current, changed = history.current(versions), history.changed(versions)
    if current.fingerprint != entry.standing:
        problem = f"shows another text than the current one, from {current.document}"
        yield _of(entry, "texts", f"{problem}; {_REBUILD}")
    expected = time_text(changed) if changed else None
    if expected != entry.changed:
        problem = f"has {entry.changed or 'never'} as its time of change, and its texts changed"
        yield _of(entry, "texts", f"{problem} {expected or 'never'}; {_REBUILD}")
    yield from _owners(entry)


def _owners(entry: History) -> Iterator[Finding]:
    """Check that an entry is its first carrier's, and that all others are credited."""
    first = min((seen.modified, seen.name, seen.position) for seen in entry.seen)
    firsts = {
        seen.agency
        for seen in entry.seen
        if (seen.modified, seen.name, seen.position) == first
    }  # fmt: skip
    others = {seen.agency for seen in entry.seen} - {entry.agency}
    if entry.agency not in firsts:
        problem = f"belongs to {entry.agency}, and {min(firsts)} carried it first; {_REBUILD}"
        yield _of(entry, "agencies", problem)
    elif entry.credits != others:
        credited, expected = _listed(sorted(entry.credits)), _listed(sorted(others))
        problem = f"credits {credited}, and was also carried by {expected}"
        yield _of(entry, "agencies", f"{problem}; {_REBUILD}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _findable(
    index: SketchIndex, entries: dict[int, History], texts: dict[int, list[StoredText]]
) -> Iterator[Finding]:
    lacking = index.lacking(
        [(key, dedupe.sketch(text.text.body)) for key, each in texts.items() for text in each]
    )
    for key in sorted(lacking):
        problem = "cannot be found by its words, and a similar text would be a new entry"
        yield _of(entries[key], "index of sketches", f"{problem}; {_REBUILD}")


def _differs(difference: Difference) -> Finding:
    entry, other, sighting = difference.entry, difference.other, difference.sighting
    because = f"{difference.rule}, {difference.score:.2f}: {difference.reason}"
    if other is None:
        problem = (
            f"would by today's rules not have the text of its sighting {sighting} ({because}); "
            f"'aggregator split {entry.id} {sighting}' takes it out"
        )
    elif len(entry.texts) == 1:
        problem = (
            f"would by today's rules be one with “{cut(other.title, 60)}” ({because}); "
            f"'aggregator merge {other.id} {entry.id}' makes them one"
        )
    else:
        problem = (
            f"has a text, that of its sighting {sighting}, which would by today's rules be one of "
            f"“{cut(other.title, 60)}”, {other.id} ({because}); 'aggregator split' and "
            "'aggregator merge' move it"
        )
    return _of(entry, "rules", problem)


def _sketches(store: Store) -> Iterator[Finding]:
    if missing := integrity.sketches_of_nobody(store):
        yield _fault("index of sketches", f"names {missing:,} missing entries; {_REBUILD}")
    if waiting := integrity.sketches_in_log(store):
        problem = f"has {count(waiting, 'text')} in its log, found there too"
        problem += "; the next 'aggregator once' files what is there"
        yield _fault("index of sketches", problem, "note")


def _categories(config: Config, store: Store) -> Iterator[Finding]:
    """Check the stored categories against the rules of the configuration."""
    if not are_categories_current(config, store):
        problem = f"do not follow the rules of {config.file} yet; {_REGENERATE}"
        yield _fault("categories", problem)
        return
    rules = Categoriser(config.category_rules)
    for batch in categories.every(store, _BATCH, rules.reach):
        stored = categories.of_entries(store, [entry.key for entry in batch])
        for entry in batch:
            expected = rules.terms(entry.title, entry.text, entry.agency)
            if (found := stored.get(entry.key, [])) != expected:
                problem = f"“{cut(entry.title, 60)}” has the categories {_listed(found)}, and by "
                problem += f"the rules {_listed(expected)}; {_REBUILD}"
                yield Finding(check="categories", level="fault", problem=problem, entry=entry.id)


def _feeds(config: Config, store: Store, report: Report, progress: Progress) -> Iterator[Finding]:
    expected: set[str] = set()
    folder = config.output
    for name, content in expected_files(config, store, progress=progress):
        expected.add(name)
        report.feeds += "/" not in name and name.endswith(".atom")
        try:
            problem = None if (folder / name).read_bytes() == content else "is out of date"
        except FileNotFoundError:
            problem = "is missing"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        if problem:
            yield _fault("feeds", f"{folder / name} {problem}; {_REGENERATE}")
    for path in sorted(folder.rglob("*.atom")):
        if path.name != ALARMS and path.relative_to(folder).as_posix() not in expected:
            yield _fault("feeds", f"{path} is the feed of no agency; delete or move it")


def _sources(config: Config, store: Store) -> Iterator[Finding]:
    states = source_states(store)
    for source in config.sources:
        state = states.get(source.id)
        if state is None or state.last_attempt is None:
            yield _fault("configuration", f"source {source.id} was never read; {_ONCE}")
        elif state.last_success is None and not state.documents:
            problem = f"source {source.id} could never be read: {state.last_error}"
            yield _fault("configuration", problem)
    for gone in sorted(set(states) - {source.id for source in config.sources}):
        problem = f"source {gone} is in the store, with {states[gone].entries:,} entries"
        problem += f", and no longer in {config.file}: its entries stay"
        yield _fault("configuration", problem, "note")


def _agencies(config: Config, store: Store) -> Iterator[Finding]:
    today = Agencies(config.agencies)
    configured = {agency.id: agency for agency in config.agencies}
    for stored in [state.agency for state in agency_states(store)]:
        agency = configured.get(stored.id)
        if agency is not None:
            for what, old, new in (
                ("name", stored.name, agency.name),
                ("homepage", stored.homepage, agency.homepage),
            ):
                if old != new:
                    problem = f"the {what} of agency {stored.id} is now {new or 'none'}, and "
                    problem += f"{old or 'none'} in the store; {_REGENERATE}"
                    yield _fault("configuration", problem)
        elif today.knows(stored.name):
            new_id = today.named(stored.name).id
            problem = f"the entries of agency {stored.id} now belong to {new_id}; {_REGENERATE}"
            yield _fault("configuration", problem)
        else:
            problem = f"agency {stored.id} ({stored.name}) is in the store and not in {config.file}"
            problem = (
                f"{problem}: give it an [[agencies]] table, or its name as an alias to another"
            )
            yield _fault("configuration", problem, "note")
