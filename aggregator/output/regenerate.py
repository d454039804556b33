"""Store to ``feeds/``: plan what to write, render it, write it.

Reads no source.  The cost follows what changed: an entry that came in costs its feeds, its archive
and its pages.  The store has to be derived (``ingest.derive``) before.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

from aggregator import temporary
from aggregator.config import Config
from aggregator.model import Progress
from aggregator.output import changes, files, render, withdraw
from aggregator.output.files import Writer
from aggregator.output.formats import changes as edit_entries
from aggregator.output.formats import file_name
from aggregator.output.formats.names import page_name
from aggregator.output.pages import contents
from aggregator.output.plan import (
    ARCHIVE,
    CHANGES,
    Archive,
    Plan,
    affected,
    affected_archives,
    archive_name,
    archives,
)
from aggregator.output.render import FORMATS, OPML, Output
from aggregator.store import Store, entry_pages, pings
from aggregator.store import output as store_output
from aggregator.store.output import Stale

_FOLDERS = (ARCHIVE, contents.FOLDER, contents.CATEGORIES)
_FEW = 50  # feeds that are flushed to the disk one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsReport:
    """How many feeds were written and how many had the right bytes already.

    A feed counts once, whatever its formats.  ``problems`` are pages that could not be made, one
    line each.
    """

    written: int = 0
    unchanged: int = 0
    problems: tuple[str, ...] = ()


def regenerate(
    config: Config, store: Store, *, progress: Progress | None = None, everything: bool = False
) -> FeedsReport:
    """Write the right bytes into every file of the output folder.

    With ``everything``, all files are compared, not only those of what changed.  Raises
    ``StoreError`` and ``OutputError``; each file is then either complete or as it was before.
    """
    files.prepare(config.output)
    output = render.output_of(config, store, keep=True)
    todo = _todo(output, everything=everything)
    if not output.plans or todo.is_empty:
        return FeedsReport(unchanged=len(output.plans))
    for folder in _FOLDERS:
        files.prepare(config.output / folder)
    with Writer() as writer:
        feeds = _write_feeds(output, todo, writer, progress)
        with store.snapshot():
            pages = _write_pages(output, todo, writer)
    names = [plan.name for plan in output.plans]
    gone = sorted(set(todo.names).difference(names))
    for name in withdraw.of_feeds(config.output, gone):
        files.withdraw(config.output / name)
    # Until everything is on the disk it stays noted as stale: after a power failure, the next run
    # repairs what this one left half done.
    files.flush()
    # Written last: without this list the next run writes everything (``_todo``).
    files.publish(config.output / OPML, render.feed_list(output))
    with store.transaction():
        facts = {
            **todo.reached,
            "context": todo.context,
            "feeds": _file_states(output),
            "counted": json.dumps(pages.counts),
            "names": " ".join(names),
            "edited": json.dumps(feeds.edited),
        }
        store_output.mark_written(store, todo.stale, facts)
        entry_pages.note_paged(store, pages.new, pages.gone)
        if config.websub.hub is not None:
            pings.note(store, feeds.digests, are_all=todo.all_feeds)
    return FeedsReport(
        written=feeds.written,
        unchanged=len(output.plans) - feeds.written,
        problems=tuple(pages.problems),
    )


def remove_abandoned(config: Config) -> list[str]:
    """Remove temporary files that killed runs left, wherever a run writes; return the problems."""
    folders = [config.output, *(config.output / folder for folder in _FOLDERS)]
    others = (Path(os.path.realpath(config.file)).parent, config.store.parent, config.backup.folder)
    folders += [folder for folder in dict.fromkeys(others) if folder is not None]
    return [problem for folder in folders for problem in temporary.remove_abandoned(folder)]


def expected_files(
    config: Config, store: Store, *, progress: Progress | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file that should be in the output folder.

    Writes nothing, neither there nor to the store.
    """
    output = render.output_of(config, store, keep=False)
    for done, plan in enumerate(output.plans, 1):
        if plan.name == CHANGES:
            yield from render.feed_of_edits(output, plan, render.newest_edits(output))
        else:
            yield from render.feed(output, plan)
        if plan.has_archive:
            yield from render.archive_files(output, plan, archives(render.months_of(output, plan)))
        if progress is not None:
            progress(plan.name, done, len(output.plans))
    if output.plans:
        yield OPML, render.feed_list(output)
        yield from contents.contents(
            config, store, None, problem=lambda _: None, plans=output.plans
        )


def is_noted_right(config: Config, store: Store) -> bool:
    """Whether what a run noted of the output is what it would note now.

    Where something is to be written first, only whether it can be read.
    """
    output = render.output_of(config, store, keep=False)
    try:
        todo = _todo(output, everything=False)
        noted = (sorted(todo.names), dict(todo.counted), list(todo.edited))
    except (TypeError, ValueError):
        return False
    if todo.all_pages or todo.stale:
        return True
    if entry_pages.paged(store) != entry_pages.to_page(store, None, config.entry_pages):
        return False
    names = sorted(plan.name for plan in output.plans)
    edited = sorted({edit.key for edit in render.newest_edits(output)})
    return noted == (names, contents.category_counts(config, store), edited)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Todo:
    """What changed since the last run, what the store has ``reached``, and what the last run noted.

    ``all_feeds`` and ``all_pages`` have to be compared, whatever is ``stale``.  The last run made
    feeds called ``names``, pages of categories with so many entries (``counted``), and a feed of
    edits with the entries ``edited``.
    """

    stale: Stale
    reached: Mapping[str, str]
    context: str
    all_feeds: bool
    all_pages: bool
    names: Sequence[str]
    counted: Mapping[str, int]
    edited: Sequence[int]

    @property
    def is_empty(self) -> bool:
        return not (self.stale or self.all_feeds or self.all_pages)


def _todo(output: Output, *, everything: bool) -> _Todo:
    noted = store_output.facts(output.store)
    reached = store_output.reached(output.store)
    stale = store_output.stale(output.store)
    context = _context(output.config)
    no_list = not (output.config.output / OPML).exists()
    everything = everything or noted.get("context") != context or no_list
    changed_outside = noted.get("feeds") != _file_states(output)
    return _Todo(
        stale=stale,
        reached=reached,
        context=context,
        all_feeds=everything or changed_outside,
        all_pages=everything,
        names=noted.get("names", "").split(),
        counted=json.loads(noted.get("counted", "{}")),
        edited=json.loads(noted.get("edited", "[]")),
    )


def _context(config: Config) -> str:
    """Return a digest of everything that the output depends on besides the store."""
    parts = (
        *(config.title, config.base_url, config.entries_per_feed, config.max_per_agency),
        config.entry_pages,
        *(repr(feed) for feed in config.feeds),
        *(rule.term for rule in config.category_rules),
        *(f"{form.NAME} {form.VERSION}" for form in FORMATS),
        *((config.websub.hub,) if config.websub.hub is not None else ()),
        *(contents.VERSION, edit_entries.VERSION),
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _file_states(output: Output) -> str:
    """Return a digest of the feeds' sizes and times, which shows changes made by others."""
    found: list[tuple[str, int, int]] = []
    for plan in output.plans:
        for form in FORMATS:
            name = file_name(plan, form.NAME)
            found.append((name, *files.state_of(output.config.output / name)))
    return hashlib.sha256(repr(found).encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class _Feeds:
    """The feeds of a run: how many were written, the SHA-256 of each rendered file by its URL, and
    the entries that the feed of edits contains.
    """

    edited: Sequence[int]
    written: int = 0
    digests: dict[str, str] = field(default_factory=dict)


def _write_feeds(output: Output, todo: _Todo, writer: Writer, progress: Progress | None) -> _Feeds:
    """Write the feeds that may have changed, with their archives."""
    agencies = None if todo.all_feeds else {agency for agency, _ in todo.stale.months}
    edits = todo.all_feeds or changes.is_affected(output.store, todo.edited, todo.stale.entries)
    plans = list(affected(output.plans, agencies, edits=edits))
    # A few feeds are flushed one by one, so that each is complete whatever happens.
    durable = len(plans) <= _FEW
    folder, base_url = output.config.output, output.config.base_url
    made = _Feeds(edited=todo.edited)
    for done, plan in enumerate(plans, 1):
        if plan.name == CHANGES:
            newest = render.newest_edits(output)
            made.edited = sorted({edit.key for edit in newest})
            bodies = render.feed_of_edits(output, plan, newest)
        else:
            bodies = render.feed(output, plan)
        is_written = False
        for name, body in bodies:
            is_written |= writer.publish(folder / name, body, durable=durable)
            made.digests[urljoin(base_url, name)] = hashlib.sha256(body).hexdigest()
        made.written += is_written
        if plan.has_archive:
            stale = _affected_archives(output, plan, todo)
            for name, body in render.archive_files(output, plan, stale):
                writer.publish(folder / name, body, durable=False)
        if progress is not None:
            progress(plan.name, done, len(plans))
    return made


def _affected_archives(output: Output, plan: Plan, todo: _Todo) -> Sequence[Archive]:
    months = render.months_of(output, plan)
    if todo.all_feeds:
        return archives(months)
    changed = {m for agency, m in todo.stale.months if plan.agency_id in (None, agency)}
    folder = output.config.output
    written = {month for month in changed if (folder / archive_name(plan, month)).exists()}
    return affected_archives(months, changed, written)


@dataclass(slots=True, kw_only=True)
class _Pages:
    """The pages of a run: the entries of each category by its page's name, the entries that have a
    page now and had none, those that have none any more, and the problems.
    """

    new: Collection[int]
    gone: Collection[int]
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def _write_pages(output: Output, todo: _Todo, writer: Writer) -> _Pages:
    """Write the pages that may have changed, and withdraw those of what is gone.

    A list leads to an entry's page, or to its publisher's where it has none: so an entry that gets
    or loses a page changes the lists that it is in.
    """
    config, store, folder = output.config, output.store, output.config.output
    keys = None if todo.all_pages else todo.stale.entries
    had, has = entry_pages.paged(store, keys), entry_pages.to_page(store, keys, config.entry_pages)
    pages = _Pages(new=has - had, gone=had - has)
    months = {*todo.stale.months, *entry_pages.affected_months(store, has ^ had)}
    made = set()
    for name, content in contents.contents(
        config,
        store,
        keys,
        problem=pages.problems.append,
        plans=output.plans,
        months=None if todo.all_pages else months,
        counted=todo.counted,
    ):
        writer.publish(folder / name, content, durable=False)
        made.add(name)
    if not pages.problems:  # otherwise an old page may be the last good one of what failed
        for name in withdraw.of_entries(output, todo.stale, made):
            files.withdraw(folder / name)
        for entry_id in entry_pages.ids(store, pages.gone):
            files.withdraw(folder / page_name(entry_id))
    pages.counts = contents.category_counts(config, store)
    for name in sorted(set(todo.counted).difference(pages.counts)):
        files.withdraw(folder / name)
    return pages
