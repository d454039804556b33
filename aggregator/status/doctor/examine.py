"""Store, search index, feeds on disk and configuration, against each other.

``examine`` takes a configuration and a store, gives everything that does not fit, each with what
to do about it, and changes nothing.  What should be is asked of those who make it so: the text that
stands of ``dedupe.history``, the feeds of ``regenerate``, the merges of ``recheck_merges``.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from aggregator import dedupe
from aggregator.config import Config
from aggregator.dedupe import history
from aggregator.dedupe.items import StoredText
from aggregator.ingest.derive import are_categories_current
from aggregator.model import Agency, Progress
from aggregator.normalise.agency import Agencies
from aggregator.normalise.categories import Categoriser
from aggregator.normalise.text import cut
from aggregator.output.regenerate import expected_files
from aggregator.status.doctor.recheck_merges import Difference, recheck
from aggregator.store import Store, categories, integrity
from aggregator.store import texts as store_texts
from aggregator.store.agencies import agency_states
from aggregator.store.documents import source_states
from aggregator.store.integrity import History
from aggregator.store.sketches import SketchIndex
from aggregator.store.times import time_text

Level = Literal["damage", "fault", "note"]

MOST_TOLD = 20
"""Findings of one check that are told one by one; the others are counted."""

HEALTH = "_health.atom"  # the daemon's, which says what it finds when it finds it
_BATCH = 100
_ONCE = "run 'aggregator once'"
_REGENERATE = "run 'aggregator regenerate'"
_ANEW = (
    "put back a copy of the store, or move it away and run 'aggregator once' to build it anew "
    "from the sources"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not fit, in a line that says what to do.

    ``damage`` needs a copy or a new store; a ``fault`` can be mended; a ``note`` is as the program
    means it to be, and somebody may want to know.  ``entry`` is the id of the entry concerned.
    """

    check: str
    level: Level
    problem: str
    entry: str | None = None


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found: at most ``MOST_TOLD`` findings of each check.

    ``levels`` counts all of them, and ``untold`` those beyond that, by check.
    """

    entries: int = 0
    texts: int = 0
    feeds: int = 0
    findings: list[Finding] = field(default_factory=list)
    levels: Counter[Level] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)

    def add(self, found: Iterator[Finding]) -> None:
        """Take what a check found."""
        for finding in found:
            self.levels[finding.level] += 1
            if self.told[finding.check] < MOST_TOLD:
                self.told[finding.check] += 1
                self.findings.append(finding)
            else:
                self.untold[finding.check] += 1


def examine(config: Config, store: Store, *, progress: Progress | None = None) -> Report:
    """Everything that does not fit.

    Of a damaged store nothing but the damage is told: the rest could not be trusted.  Raises
    ``StoreError`` where it cannot be read at all.
    """
    tell = progress or _unwatched
    report = Report()
    tell("the file", 0, 1)
    report.add(_damage(store))
    if report.levels["damage"]:
        return report
    tell("the search index", 0, 1)
    report.add(_search_index(store))
    report.add(_documents(store))
    _examine_entries(config, store, report, tell)
    report.add(_sketches(store))
    report.add(_categories(config, store))
    report.add(_feeds(config, store, report, tell))
    report.add(_sources(config, store))
    report.add(_agencies(config, store))
    order = list(dict.fromkeys(finding.check for finding in report.findings))
    report.findings.sort(key=lambda finding: order.index(finding.check))
    return report


def _unwatched(_of: str, _done: int, _total: int) -> None:
    """The progress of a check that nobody watches."""


def _damage(store: Store) -> Iterator[Finding]:
    for said in integrity.damage(store):
        yield Finding(
            check="file", level="damage", problem=f"SQLite finds it damaged: {said}; {_ANEW}"
        )
    for (table, parent), number in sorted(integrity.orphans(store).items()):
        yield Finding(
            check="file",
            level="damage",
            problem=f"{_rows(number)} of the table {table} refer to rows of {parent} that are not "
            f"there: something else wrote to the store; {_ANEW}",
        )


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _search_index(store: Store) -> Iterator[Finding]:
    if integrity.search_index_agrees(store):
        return
    parts = []
    if integrity.has_search_index(store):
        lacking, gone = integrity.not_indexed(store)
        parts += [f"it lacks {lacking:,} of the entries"] * bool(lacking)
        parts += [f"it has {gone:,} that are no entries"] * bool(gone)
    yield Finding(
        check="search index",
        level="fault",
        problem=f"does not have the words of the entries ({', '.join(parts) or 'others'}), so "
        f'searches miss some; sqlite3 {store.path} "{integrity.REBUILD}" builds it anew',
    )


def _documents(store: Store) -> Iterator[Finding]:
    for source, name, items, seen in integrity.incomplete_documents(store):
        yield Finding(
            check="sightings",
            level="fault",
            problem=f"{name} of source {source} had {items:,} items and {seen:,} sightings of it "
            f"are kept; {_ANEW}",
        )


def _examine_entries(config: Config, store: Store, report: Report, tell: Progress) -> None:
    """All checks of single entries, in one pass."""
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
        tell("entries", report.entries, total)


def _agencies_of_today(config: Config, store: Store) -> Agencies:
    """Those configured, and those of the store besides, by their ids."""
    configured = Agencies(config.agencies)
    ids = {agency.id for agency in config.agencies}
    others = [
        state.agency
        for state in agency_states(store)
        if state.agency.id not in ids and not configured.knows(state.agency.name)
    ]
    return Agencies((*config.agencies, *others))


def _entry(entry: History) -> Iterator[Finding]:
    """What does not fit in one entry's own rows."""
    seen = {sighting.fingerprint for sighting in entry.seen}
    if not seen:
        yield _of(entry, "sightings", f"was never seen, as far as sightings tell; {_ANEW}")
        return
    lost = [sighting for sighting in entry.seen if sighting.fingerprint not in entry.texts]
    for sighting in lost:
        problem = f"its sighting {sighting.id} has a text that is not kept; {_ANEW}"
        yield _of(entry, "sightings", problem)
    if not entry.dated:
        yield _of(entry, "dates", f"is not dated, and so in no feed; {_ONCE}")
    if lost:
        return
    for fingerprint in sorted(set(entry.texts) - seen):
        problem = f"one of its texts was never seen ({fingerprint}); {_ANEW}"
        yield _of(entry, "texts", problem)
    versions = entry.versions
    standing, changed = history.current(versions), history.changed(versions)
    if standing.fingerprint != entry.standing:
        problem = f"shows another text than the one from {standing.document}, which should stand"
        yield _of(entry, "texts", f"{problem}; {_ANEW}")
    should = time_text(changed) if changed else None
    if should != entry.changed:
        problem = f"says it changed {entry.changed or 'never'}, and by its texts it did"
        yield _of(entry, "texts", f"{problem} {should or 'never'}; {_ANEW}")
    yield from _owners(entry)


def _owners(entry: History) -> Iterator[Finding]:
    """Whose an entry is: of those who carried it the first, and credit to all others."""
    first = min((seen.modified, seen.name, seen.position) for seen in entry.seen)
    firsts = {
        seen.agency
        for seen in entry.seen
        if (seen.modified, seen.name, seen.position) == first
    }  # fmt: skip
    carriers = {seen.agency for seen in entry.seen}
    if entry.agency not in firsts:
        problem = f"is kept as {entry.agency}'s, and {min(firsts)} carried it first; {_ANEW}"
        yield _of(entry, "agencies", problem)
    elif entry.credits != carriers - {entry.agency}:
        given = ", ".join(sorted(entry.credits)) or "nobody"
        should = ", ".join(sorted(carriers - {entry.agency})) or "nobody"
        problem = f"gives credit to {given}, and it was carried by {should} besides; {_ANEW}"
        yield _of(entry, "agencies", problem)


def _of(entry: History, check: str, problem: str) -> Finding:
    return Finding(
        check=check, level="fault", problem=f"“{cut(entry.title, 60)}” {problem}", entry=entry.id
    )


def _findable(
    index: SketchIndex, entries: dict[int, History], texts: dict[int, list[StoredText]]
) -> Iterator[Finding]:
    lacking = index.lacking(
        [(key, dedupe.sketch(text.text.body)) for key, each in texts.items() for text in each]
    )
    for key in sorted(lacking):
        problem = f"cannot be found by its words, and what is like it may come in twice; {_ANEW}"
        yield _of(entries[key], "index of likeness", problem)


def _differs(difference: Difference) -> Finding:
    entry, other = difference.entry, difference.other
    because = f"{difference.rule}, {difference.score:.2f}: {difference.reason}"
    if other is None:
        problem = (
            f"would by today's rules not have the text of its sighting {difference.sighting} "
            f"({because}); 'aggregator split {entry.id} {difference.sighting}' takes it out"
        )
    elif len(entry.texts) == 1:
        problem = (
            f"would by today's rules be one with “{cut(other.title, 60)}” ({because}); "
            f"'aggregator merge {other.id} {entry.id}' makes them one"
        )
    else:
        problem = (
            f"has a text, that of its sighting {difference.sighting}, which would by today's "
            f"rules be one of “{cut(other.title, 60)}”, {other.id} ({because}); "
            "'aggregator split' and 'aggregator merge' move it"
        )
    return _of(entry, "rules", problem)


def _sketches(store: Store) -> Iterator[Finding]:
    if nobodys := integrity.sketches_of_nobody(store):
        yield Finding(
            check="index of likeness",
            level="fault",
            problem=f"names {nobodys:,} entries that are not there; {_ANEW}",
        )
    if waiting := integrity.sketches_in_log(store):
        yield Finding(
            check="index of likeness",
            level="note",
            problem=f"{waiting:,} of its texts are in its log yet, where they are found too; the "
            "next 'aggregator once' files them",
        )


def _categories(config: Config, store: Store) -> Iterator[Finding]:
    """What entries are by the rules of the configuration, against what the store has of them."""
    if not are_categories_current(config, store):
        problem = f"are not by the rules of {config.file} yet; {_REGENERATE}"
        yield Finding(check="categories", level="fault", problem=problem)
        return
    asked = Categoriser(config.category_rules)
    for batch in categories.every(store, _BATCH, asked.reach):
        held = categories.of_entries(store, [entry.key for entry in batch])
        for entry in batch:
            should = asked.terms(entry.title, entry.text, entry.agency)
            if (has := held.get(entry.key, [])) != should:
                yield Finding(
                    check="categories",
                    level="fault",
                    problem=f"“{cut(entry.title, 60)}” is kept under {', '.join(has) or 'none'}, "
                    f"and by the rules is {', '.join(should) or 'none'}; {_ANEW}",
                    entry=entry.id,
                )


def _feeds(config: Config, store: Store, report: Report, tell: Progress) -> Iterator[Finding]:
    should: set[str] = set()
    folder = config.output
    for name, content in expected_files(config, store, progress=tell):
        should.add(name)
        report.feeds += "/" not in name and name.endswith(".atom")
        try:
            problem = None if (folder / name).read_bytes() == content else "is out of date"
        except FileNotFoundError:
            problem = "is not there"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        if problem:
            yield _feed(f"{folder / name} {problem}; {_REGENERATE}")
    for path in sorted(folder.rglob("*.atom")):
        if path.name != HEALTH and path.relative_to(folder).as_posix() not in should:
            yield _feed(f"{path} is the feed of no agency; delete it, or move it elsewhere")


def _feed(problem: str) -> Finding:
    return Finding(check="feeds", level="fault", problem=problem)


def _sources(config: Config, store: Store) -> Iterator[Finding]:
    states = source_states(store)
    for source in config.sources:
        state = states.get(source.id)
        if state is None or state.last_attempt is None:
            yield _configured("fault", f"source {source.id} was never read; {_ONCE}")
        elif state.last_success is None and not state.documents:
            yield _configured(
                "fault", f"source {source.id} could never be read: {state.last_error}"
            )
    for gone in sorted(set(states) - {source.id for source in config.sources}):
        yield _configured(
            "note",
            f"source {gone} is in the store, with {states[gone].entries:,} entries, and not in "
            f"{config.file} any more: its entries stay",
        )


def _agencies(config: Config, store: Store) -> Iterator[Finding]:
    today = Agencies(config.agencies)
    wanted = {agency.id: agency for agency in config.agencies}
    for held in [state.agency for state in agency_states(store)]:
        if held.id in wanted:
            yield from _renamed(held, wanted[held.id])
        elif today.knows(held.name):
            new = today.named(held.name).id
            yield _configured(
                "fault", f"the entries of agency {held.id} are {new}'s by now; {_REGENERATE}"
            )
        else:
            yield _configured(
                "note",
                f"agency {held.id} ({held.name}) is in the store and not in {config.file}: give it "
                "an [[agencies]] table, or the name as an alias to another",
            )


def _renamed(held: Agency, wanted: Agency) -> Iterator[Finding]:
    for what, old, new in (
        ("name", held.name, wanted.name),
        ("homepage", held.homepage, wanted.homepage),
    ):
        if old != new:
            yield _configured(
                "fault",
                f"the {what} of agency {held.id} is {new or 'none'} by now, and {old or 'none'} in "
                f"the store; {_REGENERATE}",
            )


def _configured(level: Level, problem: str) -> Finding:
    return Finding(check="configuration", level=level, problem=problem)
