"""Common options, the configuration, the store, and arguments that are checked, for all commands.

Every problem with an argument is a ``click.UsageError``, which ends in exit code 2.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.terminal import PROG, ProgressBar, print_lines

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store import Store


CONFIG = "config.toml"
"""The configuration that is read unless another is named."""


@dataclass(slots=True)
class Common:
    """The options that every command takes, before its name or after it."""

    config: Path = Path(CONFIG)
    quiet: bool = False
    verbose: bool = False


def common() -> Common:
    """Return the options of the running command, or else their defaults."""
    context = click.get_current_context(silent=True)
    return context.find_root().ensure_object(Common) if context is not None else Common()


def common_options() -> list[click.Parameter]:
    """Return the options that every command takes; the last one given counts."""

    def keep(_context: click.Context, option: click.Parameter, value: object) -> None:
        if value:
            assert option.name is not None
            setattr(common(), option.name, value)

    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=keep, **more)

    return [
        option(
            *("-c", "--config"),
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=f"The configuration, by default {CONFIG}; relative paths in it start from its"
            " folder.",
        ),
        option("-q", "--quiet", is_flag=True, help="Report only what went wrong."),
        option(
            *("-v", "--verbose"),
            is_flag=True,
            help="Report every problem, and where an internal error happened.",
        ),
    ]


def progress_bar(label: str) -> ProgressBar:
    """Return a progress bar, which `--quiet` hides."""
    return ProgressBar(label, quiet=common().quiet)


def command_line(file: Path | None = None) -> str:
    """Return how to run the program on a configuration, by default on the same one."""
    file = file or common().config
    return PROG if file == Path(CONFIG) else f"{PROG} -c {shlex.quote(str(file))}"


def report(*lines: str) -> None:
    """Print what was done, for people, unless `--quiet` was given."""
    if not common().quiet:
        print_lines(lines)


def as_text(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Return an argument as text; bytes that are not UTF-8 are replaced."""
    return value.encode("utf-8", "replace").decode() if value is not None else None


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
agency_option = click.option(
    "--agency", metavar="ID", callback=as_text, help="Only entries of this agency."
)


def load_config() -> Config:
    """Read the configuration that ``--config`` names.  Raises ``ConfigError``."""
    from aggregator.config import load

    return load(common().config)


def open_for_reading(config: Config) -> AbstractContextManager[Store]:
    """Open the store for reading only, or an empty one where no run has made it yet."""
    from aggregator.store import open_for_reading

    return open_for_reading(config.store)


def open_existing(config: Config) -> Store:
    """Open the store for writing."""
    from aggregator.store import open_store

    require_store(config)
    return open_store(config.store)


def require_store(config: Config) -> None:
    """Raise unless a run has made the store."""
    if not os.path.exists(config.store):
        raise click.UsageError(f"there is no store yet at {config.store}: run `{PROG} once`")


def entry_key(store: Store, entry_id: str) -> int:
    """Return the row of the one entry that ``entry_id`` names."""
    from aggregator.store.entries import find

    if not entry_id.strip():
        raise click.UsageError("the id of an entry is empty")
    keys = find(store, entry_id)
    if len(keys) != 1:
        wrong = "is the beginning of several ids: give more of it"
        raise click.UsageError(f"{entry_id!r} {wrong if keys else 'is not the id of an entry'}")
    return keys[0]


def refuse_unknown(option: str, given: Iterable[str], known: list[str]) -> None:
    """Raise for the first of ``given`` that is not ``known``, and suggest a similar one."""
    import difflib

    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"{option}: there is no {name!r}{hint}")


def refuse_unknown_agency(config: Config, store: Store, agency: str | None) -> None:
    """Raise if ``agency`` is neither configured nor in the store."""
    from aggregator.store.agencies import all_agencies

    if agency is not None and agency not in {known.id for known in config.agencies}:
        refuse_unknown("--agency", [agency], [one.id for one in all_agencies(store)])
