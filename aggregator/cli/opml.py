"""Commands that exchange subscriptions as OPML: import, export."""

import sys
from pathlib import Path

import click

from aggregator.cli.options import load_config
from aggregator.cli.terminal import fail, print_lines


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.opml")
def import_(file: Path) -> int:
    """Subscribe to what an OPML file lists: adds sources to the configuration.

    Addresses that the configuration has already are left alone.  A folder with the name of a
    configured agency sets the agency of its sources.
    """
    from aggregator.cli.subscriptions import import_opml
    from aggregator.status.layout import count

    report = import_opml(load_config(), file)
    for problem in report.problems:
        fail(problem, 0)
    print_lines([f"{source}: added" for source in report.added])
    print(f"{count(len(report.added), 'source')} added, {report.known} known already")
    return int(bool(report.problems))


@click.command()
def export() -> None:
    """Print the sources that have an address as OPML, for any feed reader."""
    from aggregator.cli.subscriptions import export_opml

    sys.stdout.buffer.write(export_opml(load_config()))
    sys.stdout.buffer.flush()


COMMANDS = (import_, export)
