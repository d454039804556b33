"""Read ``config.toml``, and report everything that is wrong with it at once.

Takes a path; returns a ``Config`` with defaults, durations in seconds and absolute paths, or raises
``ConfigError`` with a line for each problem, naming the key.  ``settings`` declares the keys,
``values`` reads and checks each value, ``checks`` finds what no single value shows.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli

from aggregator.config.checks import problems_across
from aggregator.config.keys import place_of, read
from aggregator.config.requests import ca_file_problem
from aggregator.config.settings import (
    BackupSettings,
    CategorySettings,
    Config,
    FetchSettings,
    SavedSearch,
    Source,
    WebSubSettings,
)
from aggregator.config.values import ALL_DAYS, ID, host_and_port
from aggregator.config.webhooks import Webhook
from aggregator.errors import ConfigError

__all__ = [
    "ALL_DAYS",
    "ID",
    "BackupSettings",
    "CategorySettings",
    "Config",
    "FetchSettings",
    "SavedSearch",
    "Source",
    "WebSubSettings",
    "Webhook",
    "host_and_port",
    "load",
]


def load(file: Path, folder: Path | None = None) -> Config:
    """Read and check the configuration in ``file``.

    Relative paths start at ``folder``, which is that of the file unless given.  Raises
    ``ConfigError`` if the file is missing, is not TOML, or has unknown keys or bad values.
    """
    folder = folder or file.absolute().parent
    problems: list[str] = []
    config = read(Config, _toml(file), "", problems, file=file, folder=folder)
    problems += problems_across(config)
    sources = tuple(
        replace(source, ca_file=folder / source.ca_file) if source.ca_file else source
        for source in config.sources
    )
    for number, source in enumerate(sources, 1):
        if source.ca_file and (problem := ca_file_problem(source.ca_file)):
            problems.append(f"{place_of('sources', number, source.id)}: ca_file: {problem}")
    if problems:
        raise ConfigError(*(f"{file}: {problem}" for problem in problems))
    backup = config.backup.folder
    return replace(
        config,
        store=folder / config.store,
        output=folder / config.output,
        sources=sources,
        backup=replace(config.backup, folder=folder / backup if backup is not None else None),
    )


def _toml(file: Path) -> dict[str, Any]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return tomli.loads(text.replace("\r\n", "\n"))
    except FileNotFoundError:
        remedy = "`aggregator init` makes one, --config FILE names another"
        raise ConfigError(f"{file}: does not exist; {remedy}") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error
    except ValueError as error:  # int() accepts no more than a few thousand digits
        raise ConfigError(f"{file}: is not TOML: a number has too many digits") from error
    except RecursionError as error:
        raise ConfigError(f"{file}: is not TOML: nested too deeply") from error
