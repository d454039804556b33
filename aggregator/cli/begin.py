"""Commands that begin: init."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from aggregator.cli.options import CONFIG, common, report
from aggregator.cli.terminal import PROG

_SEEDS = "seeds"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".")
def init(folder: Path) -> None:
    """Make a folder to begin with: config.toml and seeds/.

    FOLDER is the current one unless given.  Nothing that is there already is changed.
    """
    if common().config != Path(CONFIG):
        raise click.UsageError("init names its file itself; give it the FOLDER, without --config")
    file = folder / CONFIG
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(file, Path(__file__).with_name("initial.toml").read_bytes())
        (folder / _SEEDS).mkdir(exist_ok=True)
    except FileExistsError as error:
        problem = f"{error.filename}: exists already, and stays as it is"
        raise click.ClickException(problem) from None
    except OSError as error:
        problem = f"{error.filename}: cannot be made: {error.strerror or error}"
        raise click.ClickException(problem) from None
    command = PROG if folder == Path() else f"{PROG} -c {shlex.quote(str(file))}"
    report(
        f"{file} and {folder / _SEEDS} are made.",
        f"Put digests into {folder / _SEEDS}, or the addresses of feeds into {file}; then",
        f"  {command} once    reads them and writes the feeds",
        f"  {command} run     does so when they are due, and serves the feeds",
    )


def _write(file: Path, content: bytes) -> None:
    """Write a file that is not there yet.  Raises ``OSError``, and leaves no part of it."""
    with file.open("xb") as made:
        try:
            made.write(content)
            made.flush()
        except OSError as error:
            file.unlink()
            error.filename = str(file)
            raise


COMMANDS = (init,)
