"""Commands that change what was decided: split, merge, forget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.ingest import derive_and_write
from aggregator.cli.options import as_text, entry_key, load_config, open_existing, report

if TYPE_CHECKING:
    from aggregator.store import Store
    from aggregator.store.forgotten import Wanted

_SHOWN = 10  # titles


@click.command()
@click.argument("entry_id", callback=as_text)
@click.argument("sighting_id", type=int)
def split(entry_id: str, sighting_id: int) -> None:
    """Undo one merge: make a sighting an entry of its own.

    It stays undone.  `aggregator show ENTRY_ID` lists the sightings with their ids.
    """
    from aggregator.ingest.merge import split
    from aggregator.store.sightings import of_entries

    config = load_config()
    with open_existing(config) as store:
        key = entry_key(store, entry_id)
        seen = [sighting.id for sighting in of_entries(store, [key])[key]]
        if sighting_id not in seen:
            raise click.UsageError(f"{sighting_id} is not a sighting of this entry; it has {seen}")
        if len(seen) == 1:
            raise click.UsageError("this entry has only one sighting: there is nothing to undo")
        with store.transaction():
            made = split(store, key, sighting_id)
        derive_and_write(config, store)
    report(f"Sighting {sighting_id} is now an entry of its own: {made}")


@click.command()
@click.argument("entry_id", callback=as_text)
@click.argument("other_id", callback=as_text)
def merge(entry_id: str, other_id: str) -> None:
    """Make one entry of two.

    ENTRY_ID stays, and `split` can undo it.
    """
    from aggregator.ingest.merge import merge

    config = load_config()
    with open_existing(config) as store:
        key, other = entry_key(store, entry_id), entry_key(store, other_id)
        if key == other:
            raise click.UsageError("both ids are of one entry")
        with store.transaction():
            merge(store, key, other)
        derive_and_write(config, store)
    report("Both are one entry now.")


@click.command()
@click.argument("what", metavar="[SOURCE|ENTRY_ID]", required=False, callback=as_text)
@click.option("--document", metavar="NAME", callback=as_text, help="What came from this document.")
@click.option("--yes", is_flag=True, help="Do it; without this, only show what would go.")
@click.option("--undo", is_flag=True, help="Put back what was taken out.")
def forget(what: str | None, document: str | None, *, yes: bool, undo: bool) -> None:
    """Take out what came from a source, a document or an entry.

    It does not come back: the entry from nowhere, the others not from the same source.  An entry
    that was seen elsewhere too stays.  Without `--yes` nothing is changed.
    """
    from aggregator.ingest import forget as work
    from aggregator.status.layout import count
    from aggregator.store.forgotten import titles
    from aggregator.store.times import utc_now

    if (what is None) == (document is None) or "" in (what, document):
        raise click.UsageError("name either a SOURCE, an ENTRY_ID, or --document NAME")
    config = load_config()
    with open_existing(config) as store:
        if undo:
            wanted = _forgotten(store, what, document)
            restored = work.undo(store, wanted)
            derive_and_write(config, store, reason=f"{wanted} was put back by hand")
            report(f"{wanted}: {count(restored, 'entry', 'entries')} put back")
            return
        wanted = _wanted(store, what, document)
        found = work.effect(store, wanted)
        if not found.sightings:
            report(f"{wanted}: has no entries; nothing was changed")
            return
        report(
            f"{wanted}: {count(found.sightings, 'sighting')};"
            f" {count(len(found.entries), 'entry', 'entries')} to take out"
            + (f", {found.stay} to keep, seen elsewhere too" if found.stay else ""),
            *(f"  {title}" for title in titles(store, found.entries[:_SHOWN])),
            *([f"  and {more:,} more"] if (more := len(found.entries) - _SHOWN) > 0 else []),
        )
        if not yes:
            report("Nothing was changed; --yes takes them out.")
            return
        work.forget(store, wanted, now=utc_now())
        derive_and_write(config, store, reason=f"{wanted} was taken out by hand")
        if wanted.kind == "source" and wanted.name in {source.id for source in config.sources}:
            report(f"{wanted.name} is still in {config.file}, so what is new there comes in.")
    report("Taken out; `aggregator forget --undo` with the same name puts it back.")


def _wanted(store: Store, what: str | None, document: str | None) -> Wanted:
    """Return what the arguments name in the store."""
    import difflib

    from aggregator.cli.options import refuse_unknown
    from aggregator.store.documents import source_states
    from aggregator.store.entries import find, id_of
    from aggregator.store.forgotten import Wanted, document_names

    if document is not None:
        refuse_unknown("--document", [document], document_names(store))
        return Wanted(kind="document", name=document)
    assert what is not None
    sources = source_states(store)
    if what in sources:
        return Wanted(kind="source", name=what)
    if not find(store, what):
        near = difflib.get_close_matches(what.lower(), sources, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise click.UsageError(f"{what!r} is neither a source nor the id of an entry{hint}")
    return Wanted(kind="entry", name=id_of(store, entry_key(store, what)))


def _forgotten(store: Store, what: str | None, document: str | None) -> Wanted:
    """Return what the arguments name of what was taken out."""
    from aggregator.store.forgotten import Wanted, all_noted

    there = all_noted(store)
    named = Wanted(kind="document", name=document) if document is not None else None
    found = [one for one in there if one == named or (what is not None and _is_named(one, what))]
    if len(found) != 1:
        listed = f"; taken out: {', '.join(map(str, there))}" if there else ""
        name = repr(document or what)
        raise click.UsageError(f"{name} was not taken out and cannot be put back{listed}")
    return found[0]


def _is_named(taken: Wanted, what: str) -> bool:
    if taken.kind == "entry":
        return taken.name == what or taken.name.removeprefix("urn:uuid:").startswith(what.lower())
    return taken.kind == "source" and taken.name == what


COMMANDS = (split, merge, forget)
