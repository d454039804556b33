"""Commands that exchange subscriptions as OPML: import, export."""

import sys
from pathlib import Path

import click

from aggregator.cli.begin import config_or_offer
from aggregator.cli.options import command_line, load_config, report
from aggregator.cli.terminal import fail


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE.opml")
def import_(file: Path) -> int:
    """Add the subscriptions of an OPML file (- is standard input).

    Addresses that the configuration has already are left alone.  A folder with the name of a
    configured agency sets the agency of its sources, any other one is a tag of them.
    """
    from aggregator.cli.subscriptions import import_opml
    from aggregator.status.layout import count

    imported = import_opml(config_or_offer(), file)
    for problem in imported.problems:
        fail(problem, 0)
    report(*(f"{source}: added" for source in imported.added))
    if imported.warning is not None:
        fail(imported.warning, 0)
    report(f"{count(len(imported.added), 'source')} added, {imported.known} known already")
    if imported.added:
        report(f"Next: {command_line()} once")
    return int(not imported.is_whole)


@click.command()
def export() -> None:
    """Print the sources that have an address as OPML."""
    from aggregator.cli.subscriptions import export_opml

    sys.stdout.buffer.write(export_opml(load_config()))
    sys.stdout.buffer.flush()


COMMANDS = (import_, export)
