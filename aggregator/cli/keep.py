"""Commands that keep the installation sound: check, doctor, backup."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.options import (
    as_json,
    load_config,
    open_for_reading,
    progress_bar,
    report,
    require_store,
)
from aggregator.cli.terminal import fail, print_json, print_lines

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.status.doctor.report import Report


@click.command()
def check() -> None:
    """Read the configuration, and print what it resolves to."""
    from aggregator.errors import StoreError
    from aggregator.status.configuration import check_lines
    from aggregator.store import open_empty

    config = load_config()
    try:
        with open_for_reading(config) as store:
            lines = list(check_lines(config, store))
    except StoreError:  # the configuration can be checked all the same
        with open_empty() as store:
            lines = list(check_lines(config, store))
    print_lines(lines)


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended, after copying the store.")
@as_json
def doctor(repair: bool, as_json: bool) -> int:
    """Check store, search index, feeds and configuration.

    Each is checked against the others.  Also applies today's rules to every merge and every
    separation, and reports where they would decide otherwise.  Changes nothing, except with
    `--repair`: it first copies the store to a file next to it, then mends it and the feeds, and
    prints a line for each thing that it did.  Not while the daemon runs.
    """
    from aggregator.daemon.lock import is_daemon_running
    from aggregator.status.doctor.examine import examine
    from aggregator.status.doctor.report import doctor_json, doctor_lines

    config = load_config()
    repaired: list[str] = []
    if repair and os.path.exists(config.store):
        found = _repair(config, repaired, as_json=as_json)
    else:
        with open_for_reading(config) as store, progress_bar("Checking") as progress:
            found = examine(
                config,
                store,
                progress=progress,
                is_daemon_running=partial(is_daemon_running, config.store),
            )
    if as_json:
        print_json(doctor_json(found) | ({"repaired": repaired} if repair else {}))
    else:
        print_lines(doctor_lines(found))
    if found.levels["damage"]:
        return fail(f"{config.store}: is damaged", found.exit_code)
    return found.exit_code


def _repair(config: Config, repaired: list[str], *, as_json: bool) -> Report:
    """Repair, with a line in ``repaired`` for each thing that was done, printed unless JSON is."""
    from aggregator.daemon.lock import only_daemon
    from aggregator.status.doctor.repair import repair
    from aggregator.store.times import utc_now

    def done(line: str) -> None:
        repaired.append(line)
        if not as_json:
            report(f"repaired: {line}")

    with only_daemon(config.store), progress_bar("Checking") as progress:
        return repair(config, now=utc_now(), done=done, progress=progress)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def backup(file: Path) -> None:
    """Copy the store to FILE, also while the daemon runs."""
    from aggregator.store.backup import backup

    config = load_config()
    require_store(config)
    with progress_bar("Copying") as progress:
        backup(config.store, file, progress=progress)
    report(f"The store is copied to {file}")


COMMANDS = (check, doctor, backup)
