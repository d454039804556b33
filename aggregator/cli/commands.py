"""The command ``aggregator``: the door for people and scripts.

Reads arguments, calls one step, prints.  Only click is imported here; each command imports what it
needs when it is called, so that ``--help`` answers at once.  Errors leave on stderr, one line each,
and never as a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator import __version__
from aggregator.cli.terminal import PROG, drop_output, fail, fail_with, print_json, print_lines

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.config import Config
    from aggregator.store import Store

USAGE = 2


def main() -> None:
    """Run the command and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter is no reason to fail.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(_run())


def _run() -> int:
    try:
        result = cli.main(prog_name=PROG, standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return USAGE
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else PROG
        return fail(f"{error.format_message()} (see '{where} --help')", USAGE)
    except click.ClickException as error:
        return fail(error.format_message(), USAGE)
    except (click.Abort, KeyboardInterrupt):
        return fail("stopped", 130)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        drop_output()
        return 0
    except Exception as error:
        return fail_with(error)


def _as_text(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """An argument as text: bytes that are none are shown as such."""
    return value.encode("utf-8", "replace").decode() if value is not None else None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    default="config.toml",
    show_default=True,
    help="The configuration; relative paths in it start from its folder.",
)
@click.version_option(__version__, prog_name=PROG)
@click.pass_context
def cli(context: click.Context, config_file: str) -> None:
    """Turn press releases into feeds."""
    context.obj = config_file


def _config() -> Config:
    from aggregator.config import load

    return load(Path(click.get_current_context().find_root().obj))


def _store_for_reading(config: Config) -> Store:
    """The store, or an empty one where no run has made it yet."""
    from aggregator.store import open_empty, open_store

    return open_store(config.store) if os.path.exists(config.store) else open_empty()


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
agency_option = click.option(
    "--agency", metavar="ID", callback=_as_text, help="Only entries of this agency."
)
_MOST = 1_000_000_000


@cli.command()
@click.option("--source", "only", metavar="ID", multiple=True, help="Only this source; repeatable.")
@as_json
def once(only: tuple[str, ...], as_json: bool) -> int:
    """Ingest every source now, then rewrite the feeds that changed."""
    import time

    from aggregator.ingest.run import ingest
    from aggregator.output.files import refuse_unwritable
    from aggregator.output.regenerate import regenerate
    from aggregator.status import runs
    from aggregator.status.alarms.watch import note
    from aggregator.store import open_store
    from aggregator.store.agencies import agencies_with_entries

    started = time.monotonic()
    config = _config()
    _refuse_unknown("--source", only, [source.id for source in config.sources])
    with open_store(config.store) as store:
        with _Progress("Reading") as progress:
            reports = ingest(
                config,
                store,
                now=_now(),
                only=only,
                progress=progress,
                before_news=lambda: refuse_unwritable(config.output),
            )
        for line in runs.problem_lines(reports):
            fail(line, 0)
        feeds = regenerate(config, store)
        for problem in feeds.problems:
            fail(problem, 0)
        note(store, config, now=_now(), unwritten={})
        _tell_hub(config, store)
        names = {agency.id: agency.name for agency in agencies_with_entries(store)}
    if as_json:
        print_json(runs.once_json(reports, feeds, time.monotonic() - started))
    else:
        print_lines(runs.once_lines(config, reports, feeds, names))
    return int(any(report.status == "failed" for report in reports))


@cli.command()
@as_json
def regenerate(as_json: bool) -> None:
    """Rewrite the feeds from the store, ingesting nothing."""
    from aggregator.ingest.derive import derive
    from aggregator.output.regenerate import regenerate
    from aggregator.status import runs
    from aggregator.store import open_store

    config = _config()
    with open_store(config.store) as store, _Progress("Writing") as progress:
        derive(config, store)
        feeds = regenerate(config, store, progress=progress, everything=True)
        _tell_hub(config, store)
    if as_json:
        print_json({"feeds": runs.feeds_json(feeds)})
    else:
        print_lines(runs.feeds_lines(config, feeds))


@cli.command()
def check() -> None:
    """Read the configuration, and print what it resolves to."""
    from aggregator.status.status import check_lines

    print_lines(check_lines(_config()))


@cli.command()
@as_json
def status(as_json: bool) -> None:
    """Say how each source and each agency is doing."""
    from aggregator.output.pages.contents import by_week
    from aggregator.status.alarms.watch import alarms
    from aggregator.status.hubs import hubs
    from aggregator.status.status import status_json, status_lines
    from aggregator.store.agencies import agency_states
    from aggregator.store.documents import source_states
    from aggregator.store.history import history
    from aggregator.store.visits import visits

    config, now = _config(), _now()
    with _store_for_reading(config) as store:
        states, visited, agencies = source_states(store), visits(store), agency_states(store)
        troubles, known = alarms(store, config, now=now), hubs(store)
        days, weeks = history(store, now=now), by_week(store, [s.agency.id for s in agencies])
    if as_json:
        print_json(
            status_json(
                *(config, states, visited, agencies, troubles, known), history=days, weeks=weeks
            )
        )
    else:
        print_lines(status_lines(config, states, visited, agencies, troubles, known))


@cli.command()
@agency_option
@click.option("--source", metavar="ID", callback=_as_text, help="Only entries seen in this source.")
@click.option("--since", metavar="DATE", help="Only entries from this day or time on.")
@click.option("--limit", metavar="N", type=click.IntRange(1, _MOST), default=50, show_default=True)
@as_json
def entries(
    agency: str | None, source: str | None, since: str | None, limit: int, as_json: bool
) -> None:
    """List entries, newest first."""
    from aggregator.store.entries import newest

    config = _config()
    _refuse_unknown("--source", [source] if source else [], [s.id for s in config.sources])
    start = _time(since) if since else None
    with _store_for_reading(config) as store:
        _refuse_unknown_agency(config, store, agency)
        keys = newest(store, limit, agency=agency, source=source, since=start)
        _print_entries(store, keys, as_json)


@cli.command()
@click.argument("query", callback=_as_text)
@agency_option
@click.option("--limit", metavar="N", type=click.IntRange(1, _MOST), default=20, show_default=True)
@as_json
def search(query: str, agency: str | None, limit: int, as_json: bool) -> None:
    """Find entries by their words, best first; case and accents do not count.

    Words are all looked for; OR, NOT, "a phrase", brackets and begin* do what one expects.
    """
    from aggregator.store.search import match_expression
    from aggregator.store.search import search as find

    config = _config()
    if not match_expression(query):
        raise click.UsageError(f"there is no word to search for in {query!r}")
    with _store_for_reading(config) as store:
        _refuse_unknown_agency(config, store, agency)
        _print_entries(store, find(store, query, limit, agency=agency), as_json)


@cli.command()
@click.argument("entry_id", callback=_as_text)
@click.option("--diff", is_flag=True, help="Show what changed from each of its texts to the next.")
@as_json
def show(entry_id: str, diff: bool, as_json: bool) -> None:
    """Show one entry with its dating, its texts, where it was seen, and why it was merged.

    ENTRY_ID is the whole id or the beginning of its UUID.
    """
    from aggregator.status import entries as present
    from aggregator.store.entries import load, past_datings
    from aggregator.store.sightings import of_entries
    from aggregator.store.texts import revisions

    with _store_for_reading(_config()) as store:
        key = _entry(store, entry_id)
        (stored,) = load(store, [key])
        seen, texts = of_entries(store, [key])[key], revisions(store, key)
        before = past_datings(store, key)
    if as_json:
        print_json(present.entry_in_full_json(stored, seen, texts))
    elif diff:
        print_lines(present.diff_lines(texts))
    else:
        print_lines(present.entry_lines(stored, seen, texts, before))


@cli.command()
@click.argument("entry_id", callback=_as_text)
@click.argument("sighting_id", type=int)
def split(entry_id: str, sighting_id: int) -> None:
    """Undo one merge: take a sighting out of an entry and make it one of its own.

    It stays undone.  `aggregator show ENTRY_ID` lists the sightings with their ids.
    """
    from aggregator.ingest.merge import split
    from aggregator.store.sightings import of_entries

    config = _config()
    with _store_for_writing(config) as store:
        key = _entry(store, entry_id)
        seen = [sighting.id for sighting in of_entries(store, [key])[key]]
        if sighting_id not in seen:
            raise click.UsageError(f"{sighting_id} is no sighting of this entry; it has {seen}")
        if len(seen) == 1:
            raise click.UsageError("this entry has one sighting only: there is nothing to undo")
        with store.transaction():
            made = split(store, key, sighting_id)
        _after_change(config, store)
    print(f"Sighting {sighting_id} is an entry of its own now: {made}")


@cli.command()
@click.argument("entry_id", callback=_as_text)
@click.argument("other_id", callback=_as_text)
def merge(entry_id: str, other_id: str) -> None:
    """Make one entry of two; ENTRY_ID stays, and `split` can undo it."""
    from aggregator.ingest.merge import merge

    config = _config()
    with _store_for_writing(config) as store:
        key, other = _entry(store, entry_id), _entry(store, other_id)
        if key == other:
            raise click.UsageError("both ids are of one entry")
        with store.transaction():
            merge(store, key, other)
        _after_change(config, store)
    print("Both are one entry now.")


listen_option = click.option(
    "--listen", metavar="HOST:PORT", help="Where to listen, instead of what the file says."
)


@cli.command()
@listen_option
def run(listen: str | None) -> None:
    """Run the daemon: read every source when it is due, and serve the feeds.

    SIGTERM stops it, SIGHUP has it read the configuration again.
    """
    from aggregator.daemon.supervisor import run

    run(_config_listening(listen))


@cli.command()
@listen_option
def serve(listen: str | None) -> None:
    """Serve the feeds over HTTP, reading no source."""
    from aggregator.web.run import serve_alone

    serve_alone(_config_listening(listen))


def _config_listening(listen: str | None) -> Config:
    import dataclasses

    from aggregator.config import host_and_port

    config = _config()
    if listen is None:
        return config
    try:
        return dataclasses.replace(config, listen=host_and_port(listen))
    except ValueError as error:
        raise click.UsageError(f"--listen: {error}") from None


@cli.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def backup(file: Path) -> None:
    """Write a consistent copy of the store to FILE, also while the daemon runs."""
    from aggregator.store.backup import backup

    config = _config()
    if not os.path.exists(config.store):
        raise click.UsageError(f"there is no store yet at {config.store}: run `{PROG} once`")
    with _Progress("Copying") as progress:
        backup(config.store, file, progress=lambda done, of: progress("the store", done, of))
    print(f"The store is copied to {file}")


@cli.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.opml")
def import_(file: Path) -> int:
    """Subscribe to what an OPML file lists: adds sources to the configuration.

    What the configuration reads already is left alone.  Folders become agencies where they have
    the name of one that is configured.
    """
    from aggregator.cli.opml import import_opml

    report = import_opml(_config(), file)
    for problem in report.problems:
        fail(problem, 0)
    print_lines([f"{source}: added" for source in report.added])
    print(f"{len(report.added)} sources added, {report.known} known already")
    return int(bool(report.problems))


@cli.command()
def export() -> None:
    """Print the sources that have an address as OPML, for any feed reader."""
    from aggregator.cli.opml import export_opml

    sys.stdout.buffer.write(export_opml(_config()))
    sys.stdout.buffer.flush()


@cli.command()
@as_json
def doctor(as_json: bool) -> int:
    """Check store, search index, feeds on disk and configuration against each other.

    Also decides again, by today's rules, what was merged and what was kept apart, and says where
    they differ.  Changes nothing.
    """
    from aggregator.status.doctor.examine import examine
    from aggregator.status.doctor.report import doctor_json, doctor_lines, exit_code
    from aggregator.store import open_empty, open_for_reading

    config = _config()
    opened = open_for_reading(config.store) if os.path.exists(config.store) else open_empty()
    with opened as store, _Progress("Checking") as progress:
        report = examine(config, store, progress=progress)
    if as_json:
        print_json(doctor_json(report))
    else:
        print_lines(doctor_lines(report))
    code = exit_code(report)
    return code if code < 3 else fail(f"{config.store}: is damaged", code)


def _after_change(config: Config, store: Store) -> None:
    """Derive again what a change by hand concerns, and rewrite the feeds that it shows in."""
    from aggregator.ingest.derive import derive
    from aggregator.output.regenerate import regenerate

    derive(config, store)
    regenerate(config, store)
    _tell_hub(config, store)


def _tell_hub(config: Config, store: Store) -> None:
    """Tell the hub, if there is one, which feeds changed; what it does not hear stays to be told.

    That is said and is no failure: the feeds are written.
    """
    if config.websub.hub is None:
        return
    from aggregator.websub.publisher import SHORT, poster, tell

    now = _now()
    _, problems = tell(config, store, poster(config, SHORT, now), now=now)
    if problems:
        fail(f"the hub could not be told of all feeds; the next run tries again: {problems[0]}", 0)


def _store_for_writing(config: Config) -> Store:
    from aggregator.store import open_store

    if not os.path.exists(config.store):
        raise click.UsageError(f"there is no store yet at {config.store}: run `{PROG} once`")
    return open_store(config.store)


def _entry(store: Store, entry_id: str) -> int:
    """The row of the one entry that ``entry_id`` means."""
    from aggregator.store.entries import find

    keys = find(store, entry_id)
    if len(keys) != 1:
        many = f"is the beginning of {len(keys)} ids" if keys else "is no entry's id"
        raise click.UsageError(f"{entry_id!r} {many}")
    return keys[0]


def _print_entries(store: Store, keys: list[int], as_json: bool) -> None:
    from aggregator.status.entries import entry_json, entry_line
    from aggregator.store.entries import load
    from aggregator.store.sightings import of_entries
    from aggregator.store.texts import revision_counts

    for start in range(0, len(keys), 200):
        batch = keys[start : start + 200]
        stored = load(store, batch)
        if as_json:
            seen, counts = of_entries(store, batch), revision_counts(store, batch)
            for entry in stored:
                print_json(entry_json(entry, seen[entry.key], counts.get(entry.key, 1)))
        else:
            print_lines(entry_line(entry) for entry in stored)


def _refuse_unknown(option: str, given: Iterable[str], known: list[str]) -> None:
    import difflib

    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"{option}: there is no {name!r}{hint}")


def _refuse_unknown_agency(config: Config, store: Store, agency: str | None) -> None:
    from aggregator.store.agencies import agency_states

    if agency is not None and agency not in {known.id for known in config.agencies}:
        _refuse_unknown("--agency", [agency], [s.agency.id for s in agency_states(store)])


def _time(text: str) -> datetime:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.UsageError(
            f"--since: {text!r} is not a date: write 2023-12-15 or 2023-12-15T12:00:00Z"
        ) from None


def _now() -> datetime:
    from aggregator.store.times import utc_now

    return utc_now()


class _Progress:
    """A progress bar on stderr where that is a terminal, and nothing elsewhere."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None
        self._of = ""

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self._show if sys.stderr.isatty() else _say_nothing

    def _show(self, name: str, done: int, total: int) -> None:
        if self._bar is None or self._of != name:
            self.__exit__()
            self._of = name
            self._bar = click.progressbar(
                length=total, label=f"{self._label} {name}", file=sys.stderr
            )
        self._bar.update(done - self._bar.pos)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None


def _say_nothing(_name: str, _done: int, _total: int) -> None:
    """The progress of work that nobody watches."""
