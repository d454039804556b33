"""Commands that begin: init, add, test."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.options import (
    CONFIG,
    as_json,
    as_text,
    command_line,
    common,
    load_config,
    open_for_reading,
    report,
)
from aggregator.cli.terminal import fail, print_json, print_lines

if TYPE_CHECKING:
    from aggregator.config import Config, Source
    from aggregator.ingest.preview import Preview

_SEEDS = "seeds"
_NO_ADDRESS = "is not an http or https address"
# Of these only .md is a top-level domain too, so it is not among them.
_FILE_SUFFIXES = frozenset(
    ".txt .eml .mbox .xml .rss .atom .rdf .json .html .htm .opml .toml".split()
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".")
def init(folder: Path) -> None:
    """Make a folder to begin with: config.toml and seeds/.

    FOLDER is the current one unless given.  Nothing that is there already is changed.
    """
    if common().config != Path(CONFIG):
        raise click.UsageError("init names its file itself; give it the FOLDER, without --config")
    file = _make(folder)
    command = command_line(file)
    report(
        f"{file} and {folder / _SEEDS} are made.",
        f"Put digests or mails into {folder / _SEEDS}, or add the addresses of feeds; then",
        f"  {command} add URL   finds the feed of a site and adds it",
        f"  {command} once      reads everything and writes the feeds",
        f"  {command} run       does so when it is due, and serves the feeds",
    )


allow_private_option = click.option(
    "--allow-private", is_flag=True, help="Let it be at a private or loopback address."
)


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@allow_private_option
def add(urls: tuple[str, ...], allow_private: bool) -> int:
    """Find the feed at an address and add it to the configuration.

    An address may be of a feed, a digest, or a page that names its feed.  What is found is shown:
    its title, its newest items with their dates, and how often it publishes.
    """
    from aggregator.cli.subscriptions import add_source
    from aggregator.status.preview import preview_lines

    config = config_or_offer()
    code = 0
    for place, url in enumerate(urls):
        if place:
            report("")
        if not _is_address(_as_address(url)):
            code = max(code, _refuse_to_add(url))
            continue
        found = _preview(config, url, allow_private=allow_private)
        if not common().quiet:
            print_lines(preview_lines(found))
        if found.error is not None:
            code = max(code, fail(f"{found.error}; nothing is added", 1))
            continue
        config, lines = add_source(config, found)
        report("", *lines)
    return code


@click.command("test")
@click.argument("what", metavar="URL|FILE", callback=as_text)
@allow_private_option
@as_json
def test_(what: str, allow_private: bool, as_json: bool) -> int:
    """Say how a source is read, step by step, and store nothing.

    Also says what would be new.  A source of the configuration is tried with its own settings; it
    may be named by its id.
    """
    from aggregator.status.preview import preview_json, preview_lines

    config = config_or_offer()
    found = _preview(config, what, allow_private=allow_private)
    if as_json:
        print_json(preview_json(found))
    else:
        print_lines(preview_lines(found))
        if found.error is not None:
            fail(found.error, 0)
    return int(found.error is not None)


def config_or_offer() -> Config:
    """Return the configuration; where there is none, offer on a terminal to make one."""
    file = common().config
    can_ask = file == Path(CONFIG) and not file.exists() and sys.stdin.isatty()
    question = f"There is no {CONFIG} here.  Make one, with a folder {_SEEDS}?"
    if can_ask and click.confirm(question, err=True):
        _make(Path())
    return load_config()


def _preview(config: Config, what: str, *, allow_private: bool) -> Preview:
    from aggregator.ingest.preview import preview
    from aggregator.store.times import utc_now

    source = _source(config, what)
    if allow_private:
        source = replace(source, allow_private=True)
    with open_for_reading(config) as store:
        return preview(config, store, source, now=utc_now())


def _source(config: Config, what: str) -> Source:
    """Return the configured source with this id or address, or a new one."""
    from aggregator.cli.subscriptions import free_id
    from aggregator.config import Source
    from aggregator.parse.opml import address_key

    address = _as_address(what)
    is_address = _is_address(address)
    for source in config.sources:
        same = (
            is_address and source.is_remote and address_key(source.location) == address_key(address)
        )
        if source.id == what or same or source.location == what:
            return source
    if "://" in what and not is_address:
        raise click.UsageError(f"{what}: {_NO_ADDRESS}")
    if is_address:
        taken = {source.id.casefold() for source in config.sources}
        return Source(id=free_id(address, "", taken), location=address)
    path = Path(what).expanduser()
    if not set("*?[") & set(what) and not os.path.lexists(path):
        hint = "" if _names_file(what) else ", and no source of the configuration has this id"
        raise click.ClickException(f"{what}: no such file{hint}")
    return Source(id="tried", location=str(path.absolute()))


def _as_address(what: str) -> str:
    """Return an address that was typed without its scheme as one with it."""
    host, _, _ = what.partition("/")
    looks_so = not _names_file(what) and "." in host and not set(":*@") & set(host)
    return f"https://{what}" if looks_so and not Path(what).exists() else what


def _names_file(what: str) -> bool:
    """Return whether a text without a scheme is the name of a file, there or not, and no host."""
    host, slash, _ = what.partition("/")
    if "://" in what:
        return False
    suffix = os.path.splitext(host)[1].lower()
    return suffix in _FILE_SUFFIXES or "\\" in what or bool(slash and "." not in host.strip(".~"))


def _refuse_to_add(what: str) -> int:
    """Say why what was given cannot be added; return the exit code."""
    if "://" not in what and os.path.lexists(Path(what or "?").expanduser()):
        return fail(f"{what}: {_NO_ADDRESS}; a file is added as a [[sources]] table", 2)
    no_file = "no such file, and not" if _names_file(what) else "is not"
    return fail(f"{what or 'the address'}: {no_file} {_NO_ADDRESS.removeprefix('is not ')}", 2)


def _is_address(address: str) -> bool:
    from aggregator.normalise.links import web_address

    return web_address(address) is not None


def _make(folder: Path) -> Path:
    """Make a configuration and a folder for digests; return the file."""
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
    return file


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


COMMANDS = (init, add, test_)
