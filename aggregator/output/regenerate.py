"""Store to ``feeds/``: plan what to write, render it, write it.

Reads no source.  The cost follows what changed: an entry that came in costs its feeds, its archive
and its pages.  The store has to be derived (``ingest.derive``) before; words that another run has
yet to index are indexed here, since saved searches look them up.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from aggregator import temporary
from aggregator.config import Config
from aggregator.model import Progress
from aggregator.output import files
from aggregator.output.plan import CHANGES, FOLDERS, archives
from aggregator.output.stale import OPML, Check, FeedsReport, Todo, listing, output_of, todo_of
from aggregator.store import Store, entry_pages
from aggregator.store.output import listed_agencies, listed_count
from aggregator.store.search import index_added, is_indexed


def regenerate(
    config: Config, store: Store, *, progress: Progress | None = None, check: Check = "files"
) -> FeedsReport:
    """Write the right bytes into every file of the output folder.

    ``check`` says how changes by others are looked for.  Raises ``StoreError`` and
    ``OutputError``; each file is then either complete or as it was before.
    """
    files.prepare(config.output)
    todo = _indexed_todo(config, store, check)
    if todo.is_empty:
        return FeedsReport(unchanged=len(todo.names) + listed_count(store))
    output = output_of(config, store, keep=True, touched=todo.touched)
    if not output.plans:
        return FeedsReport()
    from aggregator.output.write import write

    return write(output, todo, progress)


def _indexed_todo(config: Config, store: Store, check: Check) -> Todo:
    """Return what is to be written, at a moment when the words of all entries are indexed.

    ``once`` commits some hundred entries before it indexes them.  Without their words they would
    be noted as written while the saved searches lack them.
    """
    with store.snapshot():
        if is_indexed(store):
            return todo_of(config, store, check)
    with store.transaction():
        index_added(store)
        return todo_of(config, store, check)


def remove_abandoned(config: Config) -> list[str]:
    """Remove temporary files that killed runs left, wherever a run writes; return the problems."""
    folders = [config.output, *(config.output / folder for folder in FOLDERS)]
    others = (Path(os.path.realpath(config.file)).parent, config.store.parent, config.backup.folder)
    folders += [folder for folder in dict.fromkeys(others) if folder is not None]
    return [problem for folder in folders for problem in temporary.remove_abandoned(folder)]


def expected_files(
    config: Config, store: Store, *, progress: Progress | None = None
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the name and the content, in pieces, of every file that should be in the output folder.

    Writes nothing, neither there nor to the store.
    """
    from aggregator.output import render
    from aggregator.output.pages import contents

    output = output_of(config, store, keep=False)
    chosen: dict[str, Sequence[int]] = {}
    for done, plan in enumerate(output.plans, 1):
        if plan.name == CHANGES:
            bodies = render.feed_of_edits(output, plan, render.newest_edits(output))
        else:
            keys = render.keys_of(output, plan)
            if plan.is_saved:
                chosen[plan.name] = keys
            bodies = render.feed(output, plan, keys)
        yield from ((name, (body,)) for name, body in bodies)
        if plan.has_archive:
            yield from render.archive_files(output, plan, archives(render.months_of(output, plan)))
        if progress is not None:
            progress(f"feed {plan.name}", done, len(output.plans))
    if output.plans:
        yield OPML, (render.feed_list(output.config, output.plans),)
        for name, page in contents.contents(output, None, problem=lambda _: None, chosen=chosen):
            yield name, (page,)


def looked_at(config: Config, store: Store) -> Callable[[str], bool]:
    """Return a function that says whether the command ``regenerate`` would look into a file.

    It does not where the file has the size and time that were noted, and nothing changed.
    """
    try:
        todo = todo_of(config, store, "files")
    except (TypeError, ValueError):
        return lambda _: False
    outside = set(todo.changed_outside)
    return lambda name: todo.everything or bool(todo.stale) or name in outside


def is_noted_right(config: Config, store: Store) -> bool:
    """Whether what a run noted of the output is what it would note now.

    Where something is to be written first, only whether it can be read.
    """
    from aggregator.output import render
    from aggregator.output.pages import contents

    output = output_of(config, store, keep=False)
    try:
        todo = todo_of(config, store, "noted")
        noted = (sorted(todo.names), dict(todo.counted), list(todo.edited))
        listed = listed_agencies(store)
    except (TypeError, ValueError):
        return False
    if todo.everything or todo.stale:
        return True
    if entry_pages.paged(store) != entry_pages.to_page(store, None, config.entry_pages):
        return False
    if not entry_pages.are_noted_right(store):
        return False
    names = sorted(plan.name for plan in output.plans if plan.agency is None and plan.is_listed)
    edited = sorted({edit.key for edit in render.newest_edits(output)})
    return listed == listing(output.agencies.values()) and noted == (
        *(names, contents.category_counts(config, store), edited),
    )
