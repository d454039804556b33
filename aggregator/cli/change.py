"""Commands that change what was decided: split, merge."""

import click

from aggregator.cli.ingest import derive_and_write
from aggregator.cli.options import as_text, entry_key, load_config, open_existing, report


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


COMMANDS = (split, merge)
