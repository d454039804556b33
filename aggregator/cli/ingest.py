"""Commands that read sources, write feeds and serve them: once, regenerate, run, serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.options import (
    as_json,
    common,
    load_config,
    progress_bar,
    refuse_unknown,
    report,
)
from aggregator.cli.terminal import fail, print_json

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.model import Progress
    from aggregator.output.stale import Check, FeedsReport
    from aggregator.store import Store


@click.command()
@click.option("--source", "only", metavar="ID", multiple=True, help="Only this source; repeatable.")
@as_json
def once(only: tuple[str, ...], as_json: bool) -> int:
    """Read every source now, then rewrite the feeds that changed."""
    import time

    from aggregator.ingest.cluster import open_workers
    from aggregator.ingest.run import ingest
    from aggregator.model import part_of
    from aggregator.output.files import refuse_unwritable
    from aggregator.output.regenerate import regenerate, remove_abandoned
    from aggregator.status import runs
    from aggregator.status.alarms.watch import note
    from aggregator.store import open_store
    from aggregator.store.agencies import agencies_with_entries
    from aggregator.store.times import utc_now

    started = time.monotonic()
    config = load_config()
    refuse_unknown("--source", only, [source.id for source in config.sources])
    for problem in remove_abandoned(config):
        fail(problem, 0)
    problems: list[str] = []  # told after the progress bar, in whose line they would be
    try:
        with open_store(config.store) as store, progress_bar("") as progress:
            with open_workers(config, problems.append) as workers:
                reports = ingest(
                    config,
                    store,
                    now=utc_now(),
                    only=only,
                    progress=part_of(progress, 0, 60),
                    before_news=lambda: refuse_unwritable(config.output),
                    workers=workers,
                )
            problems += runs.problem_lines(reports, all_of_them=common().verbose)
            feeds = regenerate(config, store, progress=part_of(progress, 60, 98, "writing "))
            problems += feeds.problems
            note(store, config, now=utc_now(), unwritten={})
            problems += _notify(config, store, part_of(progress, 98, 100))
            names = {agency.id: agency.name for agency in agencies_with_entries(store)}
    finally:
        for line in problems:
            fail(line, 0)
    if as_json:
        print_json(runs.once_json(reports, feeds, time.monotonic() - started))
    else:
        report(*runs.once_lines(config, reports, feeds, names))
    return int(any(each.status == "failed" for each in reports))


@click.command()
@as_json
def regenerate(as_json: bool) -> None:
    """Rewrite the feeds from the store, reading no source."""
    from aggregator.output.regenerate import remove_abandoned
    from aggregator.status import runs
    from aggregator.store import open_store

    config = load_config()
    for problem in remove_abandoned(config):
        fail(problem, 0)
    with open_store(config.store) as store, progress_bar("") as progress:
        feeds = derive_and_write(config, store, progress=progress, check="files")
    for problem in feeds.problems:
        fail(problem, 0)
    if as_json:
        print_json({"feeds": runs.feeds_json(feeds)})
    else:
        report(*runs.feeds_lines(config, feeds))


def derive_and_write(
    config: Config,
    store: Store,
    *,
    progress: Progress | None = None,
    check: Check = "noted",
    reason: str | None = None,
) -> FeedsReport:
    """Derive again what changed in the store, write the feeds concerned, and notify the hub.

    ``reason`` is why dates may change, if that is not what came in.
    """
    from aggregator.ingest.cluster import open_workers
    from aggregator.ingest.derive import DERIVING, derive
    from aggregator.model import part_of
    from aggregator.output.regenerate import regenerate

    part_of(progress, 0, 100)(DERIVING, 0, 1)
    with open_workers(config, _warn) as workers:
        if reason is None:
            derive(config, store, workers)
        else:
            derive(config, store, workers, reason=reason)
    feeds = regenerate(config, store, progress=part_of(progress, 20, 98, "writing "), check=check)
    for problem in _notify(config, store, part_of(progress, 98, 100)):
        _warn(problem)
    return feeds


def _warn(line: str) -> None:
    fail(line, 0)


def _notify(config: Config, store: Store, progress: Progress) -> list[str]:
    """Tell the hub, if there is one, and the webhooks of what changed; return the problems.

    A failure is only reported: the feeds are written, and the next run tries again.
    """
    from aggregator.store.webhooks import deliverings

    found = []
    if config.websub.hub is not None:
        progress("notifying the hub", 0, 2)
        from aggregator.store.times import utc_now
        from aggregator.websub.publisher import SHORT, notify_hub, poster

        _, problems = notify_hub(config, store, poster(config, SHORT, utc_now), now=utc_now)
        told = "the hub was not notified of all feeds; the next run tries again"
        found = [f"{told}: {problem}" for problem in problems[:1]]
    if config.webhooks or deliverings(store):
        progress("sending to webhooks", 1, 2)
        found += _send_to_webhooks(config, store)
    return found


_WEBHOOK_SECONDS = 10.0


def _send_to_webhooks(config: Config, store: Store) -> list[str]:
    """Send to the webhooks what waits for them, for a few seconds at most; return what to say."""
    import time

    from aggregator.store.times import utc_now
    from aggregator.websub.webhooks import SHORT, Told, deliver, sender

    results: list[Told] = []
    end = time.monotonic() + _WEBHOOK_SECONDS
    deliver(
        config,
        store,
        sender(config, SHORT, utc_now),
        results.append,
        now=utc_now,
        is_over=lambda: time.monotonic() > end,
    )
    return [
        f"webhook {result.webhook}: {words}"
        for result in results
        if (words := result.change or result.problem) is not None
    ]


listen_option = click.option(
    "--listen", metavar="HOST:PORT", help="Where to listen, instead of what the file says."
)


@click.command()
@listen_option
def run(listen: str | None) -> None:
    """Run the daemon: read what is due, and serve the feeds.

    SIGTERM stops it; SIGHUP makes it read the configuration again.
    """
    from aggregator.daemon.supervisor import run
    from aggregator.ingest.cluster import require_dask

    _set_log_level()
    config = load_config()
    require_dask(config)
    run(config, _address(listen))


@click.command()
@listen_option
def serve(listen: str | None) -> None:
    """Serve the feeds over HTTP, reading no source."""
    import dataclasses

    from aggregator.web.run import serve_alone

    _set_log_level()
    config, address = load_config(), _address(listen)
    serve_alone(dataclasses.replace(config, listen=address or config.listen))


def _set_log_level() -> None:
    import os

    from aggregator.logs import QUIET

    if common().quiet:
        os.environ[QUIET] = "1"


def _address(listen: str | None) -> tuple[str, int] | None:
    from aggregator.config import host_and_port

    try:
        return host_and_port(listen) if listen is not None else None
    except ValueError as error:
        raise click.UsageError(f"--listen: {error}") from None


COMMANDS = (once, regenerate, run, serve)
