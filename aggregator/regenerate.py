"""Store to ``feeds/``: compose, render, publish.

Reads no source.  An entry's element is built once and kept in the store; a feed is spliced from
what is kept, and its file is replaced only when its bytes changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from aggregator import compose
from aggregator.compose import Plan
from aggregator.config import Config
from aggregator.normalise.agency import Agencies
from aggregator.publish import prepare, publish
from aggregator.store import Store, renditions
from aggregator.store import entries as store_entries
from aggregator.store.agencies import adopt_configuration, agencies_with_entries
from aggregator.write import atom

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsReport:
    """How many files were replaced and how many held the right bytes already."""

    written: int = 0
    unchanged: int = 0


def regenerate(
    config: Config,
    store: Store,
    *,
    progress: Progress | None = None,
) -> FeedsReport:
    """Have the right bytes in every feed of the store.

    Raises ``StoreError`` and ``OutputError``; the feeds that came before are then complete, and
    the others as they were.
    """
    prepare(config.output)
    adopt_configuration(store, Agencies(config.agencies))
    written = total = 0
    for name, content in contents(config, store, keep=True, progress=progress):
        written += publish(config.output / name, content)
        total += 1
    return FeedsReport(written=written, unchanged=total - written)


def contents(
    config: Config, store: Store, *, keep: bool, progress: Progress | None = None
) -> Iterator[tuple[str, bytes]]:
    """The name of every file there should be in the folder of feeds, and what it should hold.

    Writes no file.  With ``keep``, elements that had to be built are kept in the store; without,
    nothing is written there either.
    """
    agencies = agencies_with_entries(store)
    sources = {agency.id: compose.of_agency(agency) for agency in agencies}
    plans = list(compose.plan(config.title, agencies)) if agencies else []
    for done, plan in enumerate(plans, 1):
        content = _content(config, store, plan, sources, keep)
        if content is not None:
            yield f"{plan.name}.atom", content
        if progress is not None:
            progress(plan.name, done, len(plans))


def _content(
    config: Config, store: Store, plan: Plan, sources: dict[str, Plan], keep: bool
) -> bytes | None:
    """The bytes of one feed; None where it has no entry, since a feed must say when it changed."""
    keys = store_entries.newest(
        store, config.entries_per_feed, agency=plan.agency.id if plan.agency else None
    )
    if not keys:
        return None
    entries = _rendered(store, keys, keep)
    bodies = [(entry, entry.body or b"") for entry in entries]
    if plan.agency is None:
        elements = [
            atom.with_source(body, sources[entry.agency], config.base_url, entry.updated)
            for entry, body in bodies
        ]
    else:
        elements = [body for _, body in bodies]
    return atom.feed(plan, config.base_url, max(entry.updated for entry in entries), elements)


def _rendered(store: Store, keys: list[int], keep: bool) -> list[renditions.Kept]:
    """The elements of the entries, built now where none was kept."""
    entries = renditions.kept(store, atom.FORM, atom.VERSION, keys)
    missing = [entry.key for entry in entries if entry.body is None]
    if not missing:
        return entries
    built = {stored.key: atom.entry(stored) for stored in store_entries.load(store, missing)}
    if keep:
        with store.transaction():
            renditions.keep(store, atom.FORM, atom.VERSION, built.items())
    return [replace(entry, body=built.get(entry.key, entry.body)) for entry in entries]
