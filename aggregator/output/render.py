"""Store to the bytes of feeds: their entries' elements, and archives.

Takes an ``Output``; returns names and bytes, and writes no file (``regenerate`` does).  An entry's
element is built once for each format and kept in the store; a feed is put together from those.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate, islice

from aggregator.config import Config
from aggregator.model import Link, Search, StoredEntry
from aggregator.normalise.identity import match_key
from aggregator.normalise.rules import rule
from aggregator.output import changes
from aggregator.output.formats import Format, Head, address, atom, file_name, jsonfeed, opml, rss
from aggregator.output.formats.names import page_name
from aggregator.output.plan import COMBINED, Archive, Plan, archive_name
from aggregator.output.stale import Output
from aggregator.store import entries as store_entries
from aggregator.store import pages as store_pages
from aggregator.store import renditions
from aggregator.store.selecting import Selected, month_keys, months, select

FORMATS: tuple[Format, ...] = (atom, rss, jsonfeed)
"""Every feed is written in each of these; archives in the first."""

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The required date of the last change, for a feed without entries."""

_BASE = "x-aggregator-base:/"
"""Placeholder of ``base_url`` in kept elements, which may change without them."""

_BATCH = 500
_PIECE = 100
"""The entries that a piece of an archive has."""


def feed(output: Output, plan: Plan, keys: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    """Yield a feed with the entries ``keys`` in each format.

    Nothing for an agency or a category without entries.
    """
    if not keys and (plan.agency is not None or plan.category is not None):
        return
    kept = _elements_of(output, keys, FORMATS)
    last = months_of(output, plan)[-1:] if plan.has_archive else []
    for form in FORMATS:
        head = Head(
            plan=plan,
            base_url=output.config.base_url,
            updated=max((entry.updated for entry in kept[form.NAME]), default=_NEVER),
            hub=output.config.websub.hub,
            prev_archive=archive_name(plan, last[0]) if last else None,
        )
        elements = _placed(output, plan, form, kept[form.NAME])
        yield file_name(plan, form.NAME), form.feed(head, elements)


def newest_edits(output: Output) -> list[changes.RenderedEdit]:
    """Return the entries of the feed of edits."""
    limit = output.config.entries_per_feed
    return changes.newest(output.store, limit, FORMATS, base=_base(output), keep=output.keep)


def feed_of_edits(
    output: Output, plan: Plan, edits: Sequence[changes.RenderedEdit]
) -> Iterator[tuple[str, bytes]]:
    """Yield the feed of edits in each format."""
    base_url = output.config.base_url
    head = Head(
        plan=plan,
        base_url=base_url,
        updated=max((edit.moment for edit in edits), default=_NEVER),
        hub=output.config.websub.hub,
    )
    for form in FORMATS:
        elements = [_at(base_url, edit.elements[form.NAME]) for edit in edits]
        yield file_name(plan, form.NAME), form.feed(head, elements)


def archive_files(
    output: Output, plan: Plan, archives: Iterable[Archive]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the archive documents of a feed, each in pieces: a month may have 100,000 entries."""
    for archive in archives:
        if keys := month_keys(output.store, archive.month, plan.agency_id):
            yield archive_name(plan, archive.month), _archive(output, plan, archive, keys)


def months_of(output: Output, plan: Plan) -> list[str]:
    """Return the months, as ``2024-05``, in which the entries of a feed came out, oldest first."""
    return months(output.store, plan.agency_id)


def among_feeds(output: Output, names: Collection[str], keys: Sequence[int]) -> list[int]:
    """Return those of the entries ``keys``, in their order, that are of one of the feeds ``names``.

    However many entries a feed contains and keeps of an agency: it has, or had, them all.
    """
    if COMBINED in names:
        return list(keys)
    saved = [plan.search for plan in output.plans if plan.name in names and plan.search]
    agencies = set(names) - {plan.name for plan in output.plans}
    searches = [replace(search, max_per_agency=None) for search in saved]
    searches += [Search(agencies=tuple(sorted(agencies)))] if agencies else []
    found: set[int] = set()
    for search in searches:
        reads_text = bool(search.include or search.exclude)
        entries = select(output.store, search, with_text=reads_text, among=keys)
        found.update(_chosen(search, entries, len(keys)))
    return [key for key in keys if key in found]


def items(
    output: Output, names: Sequence[str], keys: Sequence[int], most: int
) -> tuple[bytes | None, list[int]]:
    """Return a JSON Feed of the first of the entries ``keys``, and which it contains.

    As many as fit into ``most`` bytes, but at least one; None if all of them are gone.  It is
    called as the feed is, if ``names`` is one feed, else as the combined one.
    """
    plan = next((plan for plan in output.plans if [plan.name] == list(names)), None)
    plan = plan or (output.plan_of(names[0]) if len(names) == 1 else None) or output.plans[0]
    kept = _elements_of(output, keys, (jsonfeed,))[jsonfeed.NAME]
    size = list(accumulate(len(entry.body or b"") for entry in kept))
    kept = kept[: max(1, bisect_right(size, most))]
    elements = _placed(output, plan, jsonfeed, kept)
    if not elements:
        return None, [entry.key for entry in kept]
    head = Head(
        plan=plan,
        base_url=output.config.base_url,
        updated=max(entry.updated for entry in kept),
        hub=output.config.websub.hub,
    )
    return jsonfeed.feed(head, elements), [entry.key for entry in kept]


def feed_list(config: Config, plans: Iterable[Plan]) -> bytes:
    """Return the feeds ``plans`` in one OPML list, to subscribe to at once, but for categories.

    An entry is in the combined feed and in its agency's, and a reader that keeps one copy of an id
    (newsboat) shows it in one of them only.  So each folder is complete without the other.
    """
    outlines = [
        opml.Outline(
            address=address(plan, atom.NAME, config.base_url),
            title=plan.title,
            home=plan.agency.homepage if plan.agency is not None else None,
            folder=_list_folder(plan),
        )
        for plan in plans
        if plan.is_listed
    ]
    return opml.opml(config.title, outlines)


def _list_folder(plan: Plan) -> str:
    """Return the folder of a feed in the list."""
    return "Everything in one" if plan.agency is None else "By agency"


def keys_of(output: Output, plan: Plan) -> list[int]:
    """Return the entries of a feed, newest first."""
    limit = output.config.entries_per_feed
    if plan.category is not None:
        return store_pages.keys_of_category(output.store, plan.category, limit)
    if plan.search is None:
        return store_entries.newest(output.store, limit, agency=plan.agency_id)
    reads_text = bool(plan.search.include or plan.search.exclude)
    return _chosen(plan.search, select(output.store, plan.search, with_text=reads_text), limit)


def _chosen(search: Search, entries: Iterable[Selected], limit: int) -> list[int]:
    """Return the first ``limit`` of ``entries`` that pass the rules of ``search``."""
    include = [rule(word) for word in search.include]
    exclude = [rule(word) for word in search.exclude]
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    for entry in entries:
        if len(chosen) >= limit:
            break
        if search.max_per_agency is not None and taken[entry.agency] >= search.max_per_agency:
            continue
        if include or exclude:
            text = match_key(f"{entry.title}\n{entry.text}")
            if include and not any(found.search(text) for found in include):
                continue
            if any(found.search(text) for found in exclude):
                continue
        taken[entry.agency] += 1
        chosen.append(entry.key)
    return chosen


def _archive(output: Output, plan: Plan, archive: Archive, keys: Sequence[int]) -> Iterator[bytes]:
    """Yield the document of a month; a change that comes meanwhile has it written once more."""
    updated = renditions.last_update(output.store, keys) or _NEVER
    start, end = atom.archive(
        Head(plan=plan, base_url=output.config.base_url, updated=updated),
        name=archive_name(plan, archive.month),
        before=archive_name(plan, archive.before) if archive.before else None,
        after=archive_name(plan, archive.after) if archive.after else None,
    )
    yield start
    for first in range(0, len(keys), _PIECE):
        entries = _elements_of(output, keys[first : first + _PIECE], (atom,))[atom.NAME]
        yield b"\n".join((b"", *_placed(output, plan, atom, entries)))
    yield b"\n" + end


def _placed(
    output: Output, plan: Plan, form: Format, entries: Sequence[renditions.Rendition]
) -> list[bytes]:
    """Return elements as the feed has them: one of many agencies names each entry's own feed.

    Without the entries of an agency that is new since the feeds were planned: it is noted, and has
    its feed the next time.
    """
    base_url = output.config.base_url
    found = ((entry, _at(base_url, entry.body or b"")) for entry in entries)
    if plan.agency is not None:
        return [element for _, element in found]
    output.look_up({entry.agency for entry in entries})
    return [
        form.with_source(element, source, base_url, entry.updated)
        for entry, element in found
        if (source := output.plan_of(entry.agency)) is not None
    ]


def _at(base_url: str, element: bytes) -> bytes:
    return element.replace(_BASE.encode(), base_url.encode())


def _elements_of(
    output: Output, keys: Sequence[int], formats: Sequence[Format]
) -> dict[str, list[renditions.Rendition]]:
    """Return the elements of entries in each of ``formats``, built now where one is not kept.

    Those to be kept are built in the transaction that keeps them, so that no change comes between:
    a change drops what is kept and notes the feeds, but only if it is kept already.  Entries that
    another process removed are left out.
    """
    store = output.store
    kept = {
        form.NAME: renditions.load(store, form.NAME, _version(output, form), keys)
        for form in formats
    }
    missing = {name: {e.key for e in found if not e.body} for name, found in kept.items()}
    absent = sorted(set().union(*missing.values()))
    if not absent:
        return kept
    with store.transaction() if output.keep else nullcontext():
        entries = [_with_page(output, stored) for stored in store_entries.load(store, absent)]
        built = {
            form.NAME: {e.key: form.entry(e) for e in entries if e.key in missing[form.NAME]}
            for form in formats
        }
        if output.keep:
            for form in formats:
                renditions.save(store, form.NAME, _version(output, form), built[form.NAME].items())
    whole = {
        name: [replace(each, body=built[name].get(each.key, each.body)) for each in found]
        for name, found in kept.items()
    }
    return {name: [each for each in found if each.body] for name, found in whole.items()}


def wrong_elements(output: Output) -> Iterator[int]:
    """Yield the rows of the entries whose kept elements are not those that would be built now."""
    keys = store_pages.dated_keys(output.store)
    while batch := list(islice(keys, _BATCH)):
        entries = {e.key: _with_page(output, e) for e in store_entries.load(output.store, batch)}
        for form in FORMATS:
            for kept in renditions.load(output.store, form.NAME, _version(output, form), batch):
                if kept.body not in (None, form.entry(entries[kept.key])):
                    yield kept.key
    yield from changes.wrong(output.store, FORMATS, base=_base(output))


def _base(output: Output) -> str | None:
    """Return the placeholder of where pages are, or None where entries have none."""
    return None if output.config.entry_pages == "none" else _BASE


def _version(output: Output, form: Format) -> str:
    """Return what an element depends on besides its entry."""
    return form.VERSION if _base(output) else f"{form.VERSION} without pages"


def _with_page(output: Output, stored: StoredEntry) -> StoredEntry:
    """Return ``stored`` with a link to its own page, if upstream has no page for it.

    It leads to the pages of related entries likewise.
    """
    links, base = stored.entry.links, _base(output)
    if base is None:
        return stored
    if stored.related:
        related = tuple(
            other
            if other.href.startswith(("https:", "http:"))
            else replace(other, href=f"{base}{page_name(other.id)}")
            for other in stored.related
        )
        stored = replace(stored, related=related)
    if any(link.rel == "alternate" for link in links):
        return stored
    page = Link(href=f"{base}{page_name(stored.id)}", type="text/html")
    return replace(stored, entry=replace(stored.entry, links=(page, *links)))
