"""Check store, search index, feeds on disk and configuration against each other.

``examine`` takes a configuration and a store, returns everything that does not fit, each with what
to do about it, and changes nothing.  What should be is computed by the code that makes it so: the
current text by ``dedupe.history``, merges by ``recheck_merges``, what follows from the entries by
the code that ``derived`` calls.
"""

from collections.abc import Callable, Iterator, Sequence

from aggregator.config import Config
from aggregator.dedupe import history
from aggregator.dedupe.items import NOTED, StoredText
from aggregator.dedupe.sketch import sketch
from aggregator.dedupe.upstream import title_number
from aggregator.model import Progress, part_of
from aggregator.normalise.agency import Agencies
from aggregator.normalise.text import cut, first_of
from aggregator.status.doctor import derived
from aggregator.status.doctor.recheck_merges import Difference, recheck
from aggregator.status.doctor.report import (
    MENDS,
    ONCE,
    REGENERATE,
    SAVES,
    Finding,
    Report,
    fault,
    listed,
)
from aggregator.status.layout import count
from aggregator.store import Store, counts, integrity, relayed
from aggregator.store import texts as store_texts
from aggregator.store.agencies import all_agencies, shown_agencies
from aggregator.store.documents import source_states
from aggregator.store.integrity import History
from aggregator.store.sketches import SketchIndex
from aggregator.store.times import time_text

_BATCH = 100
_MOST_NAMED = 3  # agencies that are not configured


def examine(
    config: Config,
    store: Store,
    *,
    progress: Progress | None = None,
    is_daemon_running: Callable[[], bool] = lambda: False,
) -> Report:
    """Return everything that does not fit.

    Beside a daemon, what follows from the entries gets some seconds to be worked out and written.
    Of a damaged store only the damage is reported: the rest could not be trusted.  Raises
    ``StoreError`` if it cannot be read at all.
    """
    progress = progress or (lambda _what, _done, _total: None)
    report = Report()
    progress("the file", 0, 1)
    report.add(_damage(store))
    if report.levels["damage"]:
        return report
    report.add(_documents(store))
    _examine_entries(config, store, report, part_of(progress, 10, 60))
    derived.examine(config, store, report, part_of(progress, 60, 100), is_daemon_running)
    report.add(_sources(config, store))
    report.add(_agencies(config, store))
    return report


def _of(entry: History, check: str, problem: str, advice: str | None = MENDS) -> Finding:
    return fault(check, f"“{cut(entry.title, 60)}” {problem}", advice, entry=entry.id)


def _damage(store: Store) -> Iterator[Finding]:
    broken = integrity.damage(store)
    for problem in broken:
        yield fault("file", f"SQLite finds it damaged: {problem}", SAVES, level="damage")
    if broken:
        return
    differences = integrity.schema_differences(store)
    for kind, name in differences:
        yield fault("file", f"the {kind} {name} is missing or was changed", level="damage")
    if "table" in dict(differences):
        return
    for (table, parent), number in sorted(integrity.orphans(store).items()):
        problem = f"{count(number, 'row')} of the table {table} refer to missing rows of {parent}"
        yield fault("file", f"{problem}: something else wrote to the store", level="damage")
    for table, column, number in integrity.unreadable(store):
        problem = f"{count(number, 'value')} of {column} in the table {table} cannot be read"
        yield fault("file", problem, level="damage")


def _documents(store: Store) -> Iterator[Finding]:
    for _, source, name, items, seen in integrity.incomplete_documents(store):
        problem = f"{name} of source {source} had {items:,} items and has {seen:,} sightings"
        yield fault("sightings", problem)
    for kind, id_ in counts.wrong(store):
        yield fault("counts", f"what is counted of {kind} {id_} is not what the store has")
    for source, upstream_id in integrity.wrong_feed_ids(store):
        problem = f"source {source} has “{cut(upstream_id, 60)}”, which is not found by it"
        yield fault("feed ids", problem)


def _examine_entries(config: Config, store: Store, report: Report, progress: Progress) -> None:
    """Run all checks of single entries, in one pass."""
    index = SketchIndex(store)
    agencies = _agencies_of_today(config, store)
    total = integrity.entry_count(store)
    for batch in integrity.all_histories(store, _BATCH):
        entries = {entry.key: entry for entry in batch}
        texts = store_texts.texts_of(store, list(entries))
        for entry in batch:
            report.add(entry_faults(entry))
        report.add(_findable(store, index, entries, texts))
        report.add(map(_differs, recheck(store, index, agencies, entries, texts)))
        report.entries += len(entries)
        report.texts += sum(len(entry.texts) for entry in batch)
        progress("entries", report.entries, total)


def _agencies_of_today(config: Config, store: Store) -> Agencies:
    """Return the configured agencies, and others that the store has, by their ids."""
    configured = config.by_name
    ids = {agency.id for agency in config.agencies}
    others = [
        agency
        for agency in all_agencies(store)
        if agency.id not in ids and not configured.knows(agency.name)
    ]
    return Agencies((*config.agencies, *others))


def entry_faults(entry: History) -> Iterator[Finding]:
    """Check the rows of one entry against each other."""
    seen = {sighting.fingerprint for sighting in entry.seen}
    if not seen:
        yield _of(entry, "sightings", "has no sighting")
        return
    lost = [sighting for sighting in entry.seen if sighting.fingerprint not in entry.texts]
    for sighting in lost:
        problem = f"its sighting {sighting.id} has a text that is not in the store"
        yield _of(entry, "sightings", problem)
    if not entry.dated:
        yield _of(entry, "dates", f"is not dated, and so in no feed; {ONCE}; if it stays so")
    if lost:
        return
    for fingerprint in sorted(set(entry.texts) - seen):
        problem = f"one of its texts was never seen ({fingerprint})"
        yield _of(entry, "texts", problem)
    versions = entry.versions
    current, changed = history.current(versions), history.changed(versions)
    if current.fingerprint != entry.standing:
        problem = f"shows another text than the current one, from {current.document}"
        yield _of(entry, "texts", problem)
    expected = time_text(changed) if changed else None
    if expected != entry.changed:
        problem = f"has {entry.changed or 'never'} as its time of change, and its texts changed"
        yield _of(entry, "texts", f"{problem} {expected or 'never'}")
    yield from _owners(entry)


def _owners(entry: History) -> Iterator[Finding]:
    """Check that an entry is its first carrier's, and that all others are credited."""
    if entry.told is not None:
        firsts, carriers = {entry.told[0]}, set(entry.told)
    else:
        places = [(s.rule == NOTED, s.modified, s.name, s.position) for s in entry.seen]
        firsts = {
            seen.agency
            for seen, place in zip(entry.seen, places, strict=True)
            if place == min(places)
        }
        carriers = {seen.agency for seen in entry.seen}
    others = carriers - {entry.agency}
    if entry.agency not in firsts:
        problem = f"belongs to {entry.agency}, and {min(firsts)} carried it first"
        yield _of(entry, "agencies", problem)
    elif entry.credits != others:
        problem = f"credits {listed(entry.credits)}, and was also carried by {listed(others)}"
        yield _of(entry, "agencies", problem)
    elif entry.categories != {entry.agency, *others}:
        problem = f"has the categories {listed(entry.categories)}, and was carried by"
        yield _of(entry, "agencies", f"{problem} {listed({entry.agency, *others})}")


def _findable(
    store: Store,
    index: SketchIndex,
    entries: dict[int, History],
    texts: dict[int, list[StoredText]],
) -> Iterator[Finding]:
    each = [(key, stored.text) for key, held in texts.items() for stored in held]
    for key in sorted(index.lacking([(key, sketch(text.body)) for key, text in each])):
        problem = "cannot be found by its words, and a similar text would be a new entry"
        yield _of(entries[key], "index of sketches", problem)
    numbers = [(title_number(text.title), key) for key, text in each]
    for key in sorted(integrity.lacking_titles(store, numbers)):
        yield _of(entries[key], "index of titles", "cannot be found by its title")


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
    return _of(entry, "rules", problem, None)


def _sources(config: Config, store: Store) -> Iterator[Finding]:
    states = source_states(store)
    if not states and config.sources:
        yield fault("configuration", "no source was read yet", ONCE, level="note")
        return
    for source in config.sources:
        state = states.get(source.id)
        if state is None or state.last_attempt is None:
            yield fault("configuration", f"source {source.id} was never read", ONCE)
        elif state.last_success is None and not state.documents:
            problem = f"source {source.id} could never be read: {state.last_error}"
            yield fault("configuration", problem, None)
    for gone in sorted(set(states) - {source.id for source in config.sources}):
        problem = f"source {gone} is in the store, with {states[gone].entries:,} entries"
        problem += f", and no longer in {config.file}: its entries stay"
        yield fault("configuration", problem, None, level="note")


def _agencies(config: Config, store: Store) -> Iterator[Finding]:
    today = config.by_name
    configured = {agency.id: agency for agency in config.agencies}
    in_use = {agency.id for agency in shown_agencies(store)} - relayed.agencies(store)
    unconfigured = []
    for stored in all_agencies(store):
        agency = configured.get(stored.id)
        if agency is not None:
            for what, old, new in (
                ("name", stored.name, agency.name),
                ("homepage", stored.homepage, agency.homepage),
            ):
                if old != new:
                    problem = f"the {what} of agency {stored.id} is now {new or 'none'}, and "
                    problem += f"{old or 'none'} in the store"
                    yield fault("configuration", problem, REGENERATE)
        elif today.knows(stored.name):
            new_id = today.named(stored.name).id
            problem = f"the entries of agency {stored.id} now belong to {new_id}"
            yield fault("configuration", problem, REGENERATE)
        elif stored.id in in_use:
            unconfigured.append(stored.id)
    if unconfigured:
        yield fault("configuration", _unconfigured_words(unconfigured), None, level="note")


def _unconfigured_words(ids: Sequence[str]) -> str:
    have = "agency has a feed and is" if len(ids) == 1 else "agencies have feeds and are"
    return (
        f"{len(ids):,} {have} not configured ({first_of(ids, _MOST_NAMED)});"
        " an [[agencies]] table can give one another name, aliases and a homepage"
    )
