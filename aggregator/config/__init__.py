"""Read ``config.toml``, and report everything that is wrong with it at once.

Takes a path; returns a ``Config`` with defaults, durations in seconds and absolute paths, or raises
``ConfigError`` with a line for each problem, naming the key.  ``settings`` declares the keys,
``values`` reads and checks each value, ``checks`` finds what no single value shows.
"""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from aggregator.config.checks import problems_across
from aggregator.config.keys import read
from aggregator.config.settings import (
    BackupSettings,
    CategorySettings,
    Config,
    FetchSettings,
    SavedSearch,
    Source,
    WebSubSettings,
)
from aggregator.config.values import ID, host_and_port
from aggregator.errors import ConfigError

__all__ = [
    "ID",
    "BackupSettings",
    "CategorySettings",
    "Config",
    "FetchSettings",
    "SavedSearch",
    "Source",
    "WebSubSettings",
    "host_and_port",
    "load",
]


def load(file: Path) -> Config:
    """Read and check the configuration in ``file``.

    Raises ``ConfigError`` if the file is missing, is not TOML, or has unknown keys or bad values.
    """
    folder = file.absolute().parent
    problems: list[str] = []
    config = read(Config, _toml(file), "", problems, file=file, folder=folder)
    problems += problems_across(config)
    if problems:
        raise ConfigError(*(f"{file}: {problem}" for problem in problems))
    backup = config.backup.folder
    return replace(
        config,
        store=folder / config.store,
        output=folder / config.output,
        backup=replace(config.backup, folder=folder / backup if backup is not None else None),
    )


def _toml(file: Path) -> dict[str, Any]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n"))
    except FileNotFoundError:
        raise ConfigError(
            f"{file}: there is no such file; name another with --config FILE"
        ) from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error
    except ValueError as error:  # int() accepts no more than a few thousand digits
        raise ConfigError(f"{file}: is not TOML: a number has too many digits") from error
    except RecursionError as error:
        raise ConfigError(f"{file}: is not TOML: nested too deeply") from error
