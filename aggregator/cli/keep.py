"""Commands that keep the installation sound: check, doctor, backup."""

from pathlib import Path

import click

from aggregator.cli.options import as_json, load_config, open_for_reading, require_store
from aggregator.cli.terminal import ProgressBar, fail, print_json, print_lines


@click.command()
def check() -> None:
    """Read the configuration, and print what it resolves to."""
    from aggregator.status.configuration import check_lines

    print_lines(check_lines(load_config()))


@click.command()
@as_json
def doctor(as_json: bool) -> int:
    """Check store, search index, feeds on disk and configuration against each other.

    Also applies today's rules to every merge and every separation, and reports where they would
    decide otherwise.  Changes nothing.
    """
    from aggregator.status.doctor.examine import examine
    from aggregator.status.doctor.report import doctor_json, doctor_lines

    config = load_config()
    with open_for_reading(config) as store, ProgressBar("Checking") as progress:
        report = examine(config, store, progress=progress)
    if as_json:
        print_json(doctor_json(report))
    else:
        print_lines(doctor_lines(report))
    if report.levels["damage"]:
        return fail(f"{config.store}: is damaged", report.exit_code)
    return report.exit_code


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def backup(file: Path) -> None:
    """Write a consistent copy of the store to FILE, also while the daemon runs."""
    from aggregator.store.backup import backup

    config = load_config()
    require_store(config)
    with ProgressBar("Copying") as progress:
        backup(config.store, file, progress=progress)
    print(f"The store is copied to {file}")


COMMANDS = (check, doctor, backup)
