"""Write the feeds and the pages that may have changed, and note what was written.

Takes what there is to write, and what of it is stale; returns how many feeds were written.  Raises
``StoreError`` and ``OutputError``; each file is then either complete or as it was before.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from aggregator.model import Progress, part_of
from aggregator.output import changes, files, render, withdraw
from aggregator.output.files import Writer
from aggregator.output.formats.names import page_name
from aggregator.output.pages import contents, search_files
from aggregator.output.plan import (
    CHANGES,
    FOLDERS,
    Archive,
    Plan,
    affected,
    affected_archives,
    archive_name,
    archives,
)
from aggregator.output.stale import (
    AGENCIES,
    LISTS,
    OPML,
    FeedsReport,
    Output,
    Todo,
    listing,
    output_of,
)
from aggregator.store import entry_pages, pings
from aggregator.store import output as store_output

_FEW = 50  # feeds that are flushed to the disk one by one


def write(output: Output, todo: Todo, progress: Progress | None) -> FeedsReport:
    """Write what may have changed, and take it off the list of what is stale."""
    config, store = output.config, output.store
    for folder in FOLDERS:
        files.prepare(config.output / folder)
    names = {plan.name for plan in output.plans}
    listed = store_output.listed_agencies(store, todo.touched)
    gone = sorted({*todo.names, *listed} - names)
    # A saved search that has the name of an agency now has no archive.
    saved = sorted((listed.keys() & names) - output.agencies.keys())
    lists = listed != listing(output.agencies.values()) or not LISTS.isdisjoint(
        todo.changed_outside
    )
    whole = _whole(output, todo) if lists or todo.everything else None
    with Writer(config.output) as writer:
        feeds = _write_feeds(output, todo, writer, part_of(progress, 0, 5, "feed ", of=10))
        with store.snapshot():
            told = part_of(progress, 5, 9, of=10)
            pages = _write_pages(output, todo, whole, feeds.chosen, writer, told)
        part_of(progress, 9, 10, of=10)("to the disk", 0, 1)
        for name in (
            *withdraw.of_feeds(config.output, gone),
            *withdraw.of_archives(config.output, saved),
        ):
            writer.withdraw(name)
        # Until everything is on the disk it stays noted as stale: after a power failure, the next
        # run repairs what this one left half done.
        files.flush()
        # Written last: without this list the next run writes everything (``stale.todo_of``).
        if whole is not None:
            writer.publish(OPML, render.feed_list(config, whole.plans))
    shared = [plan.name for plan in output.plans if plan.agency is None and plan.is_listed]
    with store.transaction():
        run = store_output.facts(store).get("run", "0")
        # What another process wrote or noted meanwhile may be newer.
        is_overtaken = run != todo.run
        states = _states(todo, writer, pages, is_overtaken)
        facts = {
            **todo.reached,
            "context": todo.context,
            "run": str(int(run) + 1),
            "counted": json.dumps(pages.counts),
            "names": " ".join(shared),
            "edited": json.dumps(feeds.edited),
            "searched": json.dumps(pages.searched),
        }
        store_output.mark_written(store, todo.stale, facts)
        if todo.everything:
            store_output.forget_files(store)
        store_output.note_files(store, states)
        if whole is not None and not is_overtaken:
            store_output.note_listed(store, listing(whole.agencies.values()))
        # With a problem nothing was withdrawn, so those pages are still there.
        gone_pages = pages.gone if not pages.problems else ()
        entry_pages.note_paged(store, pages.new, gone_pages, pages.written)
        if config.websub.hub is not None:
            pings.note(store, feeds.digests, are_all=todo.everything)
        total = len(shared) + store_output.listed_count(store)
    return FeedsReport(
        written=feeds.written,
        unchanged=max(0, total - feeds.written),
        problems=tuple(pages.problems),
    )


def _whole(output: Output, todo: Todo) -> Output:
    """Return the output with the feeds of all agencies."""
    return output if todo.everything else output_of(output.config, output.store, keep=True)


def _states(
    todo: Todo, writer: Writer, pages: "_Pages", is_overtaken: bool
) -> dict[str, store_output.FileState | None]:
    """Return the states of files to note, which are ``writer.states``, changed where needed.

    Unknown are those of pages that could not be made, and all of a run that another overtook.
    """
    states = writer.states  # no copy, since there may be 100,000
    if is_overtaken:
        for name, state in states.items():
            states[name] = state and store_output.UNKNOWN
    if not pages.problems:  # files that were changed outside and belong to no feed or page
        for name in todo.changed_outside:
            states.setdefault(name, None)
    for problem in pages.problems:
        states[problem.partition(": ")[0]] = store_output.UNKNOWN
    return states


@dataclass(slots=True, kw_only=True)
class _Feeds:
    """The feeds of a run: how many were written, the SHA-256 of each rendered file by its URL, the
    entries that the feed of edits contains, and those that each saved search found, by its name.
    """

    edited: Sequence[int]
    written: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, Sequence[int]] = field(default_factory=dict)


def _write_feeds(output: Output, todo: Todo, writer: Writer, progress: Progress) -> _Feeds:
    """Write the feeds that may have changed, with their archives."""
    outside = todo.outside
    agencies = None if todo.everything else {agency for agency, _ in todo.stale.months}
    edits = todo.everything or changes.is_affected(output.store, todo.edited, todo.stale.entries)
    stale = contents.stale_categories(output, todo.stale.entries, todo.counted)
    terms = {term for term, _ in stale}
    names = {plan.name for plan in affected(output.plans, agencies, edits=edits, categories=terms)}
    names |= outside.feeds | outside.archives.keys()
    pages = {name for name, year in outside.years if not year}
    plans = [p for p in output.plans if p.name in names or (p.is_saved and p.name in pages)]
    months: dict[str | None, set[str]] = {}
    for agency, month in todo.stale.months:
        months.setdefault(agency, set()).add(month)
        months.setdefault(None, set()).add(month)
    # A few feeds are flushed one by one, so that each is complete whatever happens.
    durable = len(plans) <= _FEW
    base_url = output.config.base_url
    made = _Feeds(edited=todo.edited)
    for done, plan in enumerate(plans, 1):
        if plan.name == CHANGES:
            newest = render.newest_edits(output)
            made.edited = sorted({edit.key for edit in newest})
            bodies = render.feed_of_edits(output, plan, newest)
        else:
            keys = render.keys_of(output, plan)
            if plan.is_saved:
                made.chosen[plan.name] = keys
            bodies = render.feed(output, plan, keys)
        is_written = False
        for name, body in bodies:
            is_written |= writer.publish(name, body, durable=durable)
            made.digests[urljoin(base_url, name)] = hashlib.sha256(body).hexdigest()
        made.written += is_written and plan.is_listed
        if plan.has_archive:
            changed = months.get(plan.agency_id, set()) | outside.archives.get(plan.name, set())
            affected_months = _affected_archives(output, plan, None if todo.everything else changed)
            for name, pieces in render.archive_files(output, plan, affected_months):
                writer.publish_pieces(name, pieces)
        progress(plan.name, done, len(plans))
    return made


def _affected_archives(
    output: Output, plan: Plan, changed: Collection[str] | None
) -> Sequence[Archive]:
    """Return the archives of a feed that changes in the months ``changed`` affect; None: all."""
    months = render.months_of(output, plan)
    if changed is None:
        return archives(months)
    folder = output.config.output
    written = {month for month in changed if (folder / archive_name(plan, month)).exists()}
    return affected_archives(months, changed, written)


@dataclass(slots=True, kw_only=True)
class _Pages:
    """The pages of a run: the entries of each category by its page's name, the entries that have a
    page now and had none, those that have none any more, the neighbours that pages name, the parts
    of the search, and the problems.
    """

    new: Collection[int]
    gone: Collection[int]
    written: dict[int, entry_pages.Neighbours] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    searched: dict[str, tuple[str, int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def _write_pages(
    output: Output,
    todo: Todo,
    whole: Output | None,
    chosen: Mapping[str, Sequence[int]],
    writer: Writer,
    progress: Progress,
) -> _Pages:
    """Write the pages that may have changed, and withdraw those of what is gone.

    ``whole`` has all agencies if the lists of these may have changed, ``chosen`` the entries of the
    saved searches whose pages may.

    A list leads to an entry's page, or to its publisher's where it has none: so an entry that gets
    or loses a page changes the lists that it is in.  So does the page of a neighbour, which is
    made again whatever changed of the entry.
    """
    config, store, outside = output.config, output.store, todo.outside
    keys = None
    counted = todo.counted
    if not todo.everything:
        found = (entry_pages.entry_of_page(store, name) for name in outside.entries)
        keys = sorted({*todo.stale.entries, *(key for key in found if key is not None)})
        counted = {name: n for name, n in counted.items() if name not in outside.categories}
    had, has = entry_pages.paged(store, keys), entry_pages.to_page(store, keys, config.entry_pages)
    pages = _Pages(new=has - had, gone=had - has)
    pages.searched = {n: part for n, part in todo.searched.items() if n not in outside.parts}
    months = {*todo.stale.months, *entry_pages.affected_months(store, has ^ had)}
    years = {*outside.years, *((agency, month[:4]) for agency, month in months)}
    beside = () if keys is None else entry_pages.naming(store, todo.stale.entries).difference(keys)
    made: set[str] = set()
    # About as many: lists have pages too, and not every entry has one.
    expected = len(has if keys is None else keys) + len(output.plans)
    for name, content in contents.contents(
        output,
        keys,
        problem=pages.problems.append,
        years=None if todo.everything else years,
        counted=counted,
        whole=whole,
        months={month for _, month in months},
        months_again=outside.months,
        chosen=chosen,
        beside=beside,
        written=pages.written,
        searched=pages.searched,
    ):
        writer.publish(name, content, durable=False)
        made.add(name)
        progress(f"page {len(made):,}", len(made), expected)
    if not pages.problems:  # otherwise an old page may be the last good one of what failed
        if whole is not None and AGENCIES not in made and store_output.is_noted(store, AGENCIES):
            writer.withdraw(AGENCIES)
        for name in withdraw.of_entries(output, todo.stale, made):
            writer.withdraw(name)
        for entry_id in entry_pages.ids(store, pages.gone):
            writer.withdraw(page_name(entry_id))
    pages.counts = contents.category_counts(config, store)
    had_search = store_output.is_noted(store, search_files.PAGE)
    for name in withdraw.of_search(
        todo.searched, pages.searched, had_search=had_search, has_search=config.static_search
    ):
        writer.withdraw(name)
    gone = sorted(set(todo.counted).difference(pages.counts))
    for name in withdraw.of_feeds(config.output, (name.removesuffix(".html") for name in gone)):
        writer.withdraw(name)
    return pages
