"""Check what follows from the entries: dates, relations, categories, indexes, elements, feeds.

What should be is what the code that makes it returns: ``derive`` for the first three, ``render``
and ``contents`` for the output.  Changes nothing.

A daemon commits entries first, then works out what follows, then writes files.  Where another
process writes, a check that finds something is repeated, so that only what stays is found.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from time import sleep

from aggregator.config import Config
from aggregator.ingest.categorise import are_categories_current
from aggregator.ingest.derive import misdated, misrelated
from aggregator.model import Progress
from aggregator.normalise.categories import Categoriser
from aggregator.normalise.text import cut
from aggregator.output.files import has
from aggregator.output.formats.alarms import FILE as ALARMS
from aggregator.output.regenerate import expected_files, is_noted_right, looked_at
from aggregator.output.render import wrong_elements
from aggregator.output.stale import output_of
from aggregator.status.doctor.report import MENDS, REGENERATE, Finding, Report, fault, listed
from aggregator.status.layout import count
from aggregator.store import Store, categories, dating_rules, integrity

_BATCH = 100
_PAUSES = (0.2, 1.0, 4.0)
"""Seconds between two looks at what another process may be writing."""
_HEAD = 4096  # bytes of a feed in which it names its generator and its address


def examine(
    config: Config,
    store: Store,
    report: Report,
    progress: Progress,
    is_daemon_running: Callable[[], bool],
) -> None:
    """Add to ``report`` everything that does not follow from the entries and ``config``."""
    progress("what follows", 0, 1)
    checks: tuple[Callable[[], Iterable[Finding]], ...] = (
        lambda: _search_index(store),
        lambda: _sketches(store),
        lambda: _work_lists(store),
        lambda: _dates(store),
        lambda: _categories(config, store),
        lambda: _output(config, store),
        lambda: _feeds(config, store, report, progress),
    )
    for check in checks:
        report.add(_lasting(check, store, is_daemon_running))


def _lasting(
    check: Callable[[], Iterable[Finding]], store: Store, is_daemon_running: Callable[[], bool]
) -> list[Finding]:
    """Return what a check finds, and still finds once another process had time to finish."""
    for pause in _PAUSES:
        found = list(check())
        if not found or not (store.read_anew() or is_daemon_running()):
            return found
        sleep(pause)
        store.read_anew()
    return list(check())


def _search_index(store: Store) -> Iterator[Finding]:
    if integrity.search_index_agrees(store):
        return
    parts = []
    if integrity.has_search_index(store):
        lacking, extra = integrity.not_indexed(store)
        parts += [f"it lacks {lacking:,} of the entries"] * bool(lacking)
        parts += [f"it has {extra:,} that are not entries"] * bool(extra)
    problem = f"does not have the words of the entries ({', '.join(parts) or 'others'})"
    yield fault("search index", f"{problem}, so searches miss some")


def _sketches(store: Store) -> Iterator[Finding]:
    if missing := integrity.sketches_of_nobody(store):
        yield fault("index of sketches", f"names {missing:,} missing entries")
    if waiting := integrity.sketches_in_log(store):
        problem = f"has {count(waiting, 'text')} in its log, found there too"
        problem += "; the next 'aggregator once' files what is there"
        yield fault("index of sketches", problem, None, level="note")


def _work_lists(store: Store) -> Iterator[Finding]:
    for table, number in integrity.impossible_notes(store).items():
        problem = f"{count(number, 'note')} of {table} cannot be of an entry"
        yield fault("work lists", f"{problem}, and may stop each run")


def _dates(store: Store) -> Iterator[Finding]:
    """Check dates and relations, unless some are still to be worked out."""
    if integrity.impossible_notes(store):
        return
    if integrity.is_work_waiting(store):
        problem = "dates or relations are still to be worked out, since a run did not finish"
        yield fault("dates", problem, REGENERATE)
        return
    if integrity.entry_count(store) and not dating_rules.is_current(store):
        yield fault("dates", "do not follow the rules of this version yet", REGENERATE)
        return
    for check, keys, problem in (
        ("dates", misdated(store), "has another date, or reason of it, than its documents say"),
        ("relations", misrelated(store), "has other related entries than the rule finds"),
    ):
        entries = integrity.histories(store, set(keys)).values()
        for entry in entries:
            title = cut(entry.title, 60)
            yield fault(check, f"“{title}” {problem}", entry=entry.id)


def _categories(config: Config, store: Store) -> Iterator[Finding]:
    """Check the stored categories against the rules of the configuration."""
    if integrity.entry_count(store) and not are_categories_current(config, store):
        problem = f"do not follow the rules of {config.file} yet"
        yield fault("categories", problem, REGENERATE)
        return
    rules = Categoriser(config.category_rules)
    for batch in categories.every(store, _BATCH, rules.reach):
        stored = categories.of_entries(store, [entry.key for entry in batch])
        for entry in batch:
            expected = rules.terms(entry.title, entry.text, entry.agency)
            if (found := stored.get(entry.key, [])) != expected:
                problem = f"“{cut(entry.title, 60)}” has the categories {listed(found)}, and by "
                problem += f"the rules {listed(expected)}"
                yield fault("categories", problem, entry=entry.id)


def _output(config: Config, store: Store) -> Iterator[Finding]:
    """Check what is kept for the output: elements of feeds, and what of them was written."""
    wrong = set(wrong_elements(output_of(config, store, keep=False)))
    for entry in integrity.histories(store, wrong).values():
        problem = f"“{cut(entry.title, 60)}” is kept for the feeds as it was, or as it never was"
        yield fault("elements", problem, entry=entry.id)
    if not is_noted_right(config, store):
        yield fault("output", "what is noted of the written files is not what was written")


def _feeds(config: Config, store: Store, report: Report, progress: Progress) -> Iterator[Finding]:
    expected: set[str] = set()
    feeds = 0
    folder = config.output
    is_looked_at = looked_at(config, store)
    for name, pieces in expected_files(config, store, progress=progress):
        expected.add(name)
        feeds += "/" not in name and name.endswith(".atom")
        try:
            problem = None if has(folder / name, pieces) else "is out of date"
        except FileNotFoundError:
            problem = "is missing"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        if problem:
            advice = REGENERATE if is_looked_at(name) else MENDS
            yield fault("feeds", f"{folder / name} {problem}", advice)
    report.feeds = feeds
    for path in stray_feeds(config, expected):
        own = is_own_feed(config, path)
        problem = f"{path} is the feed of no agency; delete or move it"
        yield fault("strays" if own else "feeds", problem, MENDS if own else None)


def stray_feeds(config: Config, expected: Collection[str]) -> Iterator[Path]:
    """Yield the feeds in the output folder that are not among ``expected``."""
    folder = config.output
    for path in sorted(folder.rglob("*.atom")):
        if path.name != ALARMS and path.relative_to(folder).as_posix() not in expected:
            yield path


def is_own_feed(config: Config, path: Path) -> bool:
    """Whether this program wrote a feed, for the address that it has now."""
    try:
        head = path.read_bytes()[:_HEAD]
    except OSError:
        return False
    return b">Aggregator</generator>" in head and config.base_url.encode() in head
