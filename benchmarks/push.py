"""Measures how soon a change is with a subscriber: publisher, hub and subscriber on this machine.

    python benchmarks/push.py             20 changes: some two minutes
    python benchmarks/push.py --times 3   does it still run?

Two daemons as separate processes, and between them the tests' hub (`tests/support/hub.py`:
it fetches the topic when it is told, and distributes it signed). A digest is dropped into the
publisher's folder; the subscriber polls once in twelve hours, so that what arrives came by push.
Times are from the publisher's log event that a digest was taken in, written once it is in the
store, to the subscriber's events that the delivery is in its store, and that its feeds are written.
Between two changes is a pause in which all is quiet.

Prints a table, in milliseconds. Exit code 0 if the feed took less than a second in the median.
"""

import argparse
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import median

# Where this checkout's package is, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.end_to_end.test_websub import OLD, pair
from tests.support.daemons import Daemon, Event
from tests.support.hub import Hub

TARGET = 1000.0
PAUSE = 4.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    told: list[float] = []
    stored: list[float] = []
    published: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Hub() as hub,
        pair(Path(folder), hub) as (first, project, port),
        Daemon(project, listen=f"127.0.0.1:{port}") as second,
    ):
        second.until_published(OLD)
        hub.subscription()
        for number in range(times):
            time.sleep(PAUSE)
            here, there = first.mark, second.mark
            text = f"Bulletin {number} of the day\n\nSource: NATO\n\nIts text, of ship {number}.\n"
            first.project.write(f"digests/n{number}.txt", text, later=60 * number + 600)
            began = _time(first.until("source", since=here, id="digests", new=1))
            told.append(_time(first.until("hub", since=here)) - began)
            stored.append(_time(second.until("delivery", since=there, new=1)) - began)
            published.append(_time(second.until("feeds", since=there)) - began)
    print(f"{'milliseconds from the ingest to':<40}{'median':>8}{'max':>8}")
    for name, found in (
        ("the hub is notified of all feeds", told),
        ("in the subscriber's store", stored),
        ("in the subscriber's feeds", published),
    ):
        print(f"{name:<40}{median(found):>8.0f}{max(found):>8.0f}")
    return int(median(published) >= TARGET)


def _time(event: Event) -> float:
    """When an event was told, in milliseconds."""
    return datetime.fromisoformat(event["timestamp"]).timestamp() * 1000


if __name__ == "__main__":
    sys.exit(main())
