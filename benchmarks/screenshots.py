"""Pictures of the pages, for the documentation, by Chromium: ``python -m benchmarks.screenshots``.

Reads the seeds and two made-up digests, of which the later edits what the earlier says, into a
store in a temporary folder, and has it remember five weeks of made-up visits to sources that nobody
asks; writes the pages there, and the pictures into ``docs/screenshots``.  Search and status are as
the daemon would answer.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from aggregator.config import Config, load
from aggregator.ingest.run import ingest
from aggregator.model import SourceReport, Visit
from aggregator.output.pages import contents
from aggregator.output.stale import output_of
from aggregator.status.alarms import watch
from aggregator.store import Store, documents, history, open_store, visits
from aggregator.web import ServedSite, State
from aggregator.web import pages as live
from aggregator.web.metrics import Metrics
from aggregator.web.search_query import PAGE_SIZE, StatusQuery, parse

ROOT = Path(__file__).parent.parent
PICTURES = (
    ("index", 1280, 3300, False),
    ("index", 360, 1100, False),
    ("index", 1280, 1100, True),
    ("agency", 768, 1100, False),
    ("entry", 768, 1400, False),
    ("entry", 360, 1100, True),
    ("changes", 1280, 1400, False),
    ("search", 1280, 1100, False),
    ("search", 360, 1100, True),
    ("status", 1280, 1500, False),
    ("status", 768, 1300, True),
    ("status", 360, 1300, False),
)
"""The page, its width and height, and whether it is dark."""

_EARLIER = """Lighthouse keepers meet in the old port

Source: Coast Guard of the Northern Isles
Date: 2024-06-06

The keepers of 14 lighthouses met in the old port to see the new lamp. They heard how it \
was paid for, and voted on who is to wind the clock. The lamp, which was made in the yard \
next door, can be seen from every boat in the bay, and its makers promised that it would \
never fail. Admission was free for everybody who could name the lights of the bay by \
heart.
"""
_LATER = _EARLIER.replace("promised that it would", "hope that it will")
_TIMES = (datetime(2024, 6, 6, 12, tzinfo=UTC), datetime(2024, 6, 7, 12, tzinfo=UTC))

_ASKED = b"q=minister+OR+ministers+-defence&until=2024-06-30"
_NOW = datetime(2024, 6, 10, 15, 30, tzinfo=UTC)
_WEEKS = 5
_PAUSE = timedelta(hours=6)
_NOTHING = "https://{}.example/news: responded with 503: the server is overloaded or closed"
_SOURCES = {
    # Of each source: how many are new in the visits of a week, and in which visits it fails.
    "coast-guard": ((0, 0, 1, 0), range(0)),
    "fisheries-board": ((2, 0, 0, 1, 0, 0, 0), range(122, 140)),
    "lighthouse-service": ((0, 3, 0, 0, 1, 0, 0, 0, 0, 0, 0), range(30, 140, 31)),
    "port-authority": ((1, 0, 4, 0, 0), range(60, 66)),
    "seeds": ((0,), range(0)),
    "weather-office": ((3, 2, 4, 3, 5, 2), range(0)),
}


def made(folder: Path) -> dict[str, str]:
    """Addresses of the index, of an agency's page, and of that of an entry that was edited."""
    config = shutil.copy(ROOT / "config.toml", folder)
    with open(config, "a", encoding="utf-8") as file:
        for source in sorted(_SOURCES.keys() - {"seeds"}):
            file.write(
                f'\n[[sources]]\nid = "{source}"\nlocation = "https://{source}.example/news"\n'
            )
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    for name, text, time in zip("ab", (_EARLIER, _LATER), _TIMES, strict=True):
        path = folder / "seeds" / f"made-up-{name}.txt"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (time.timestamp(), time.timestamp()))
    settings = load(Path(config))
    edited = settings.output
    with open_store(settings.store) as store:
        ingest(settings, store, now=_TIMES[1], only=["seeds"])
        _remember_weeks(settings, store)
        for name, content in contents.contents(output_of(settings, store), None, problem=sys.exit):
            path = settings.output / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if b"<ins>" in content:
                edited = path
    for name, answer in _answers(settings):
        (settings.output / name).write_bytes(answer)
    return {
        "search": (settings.output / "search.html").as_uri(),
        "status": (settings.output / "status.html").as_uri(),
        "index": (settings.output / "index.html").as_uri(),
        "agency": (settings.output / "nato.html").as_uri(),
        "entry": edited.as_uri(),
        "changes": f"{edited.as_uri()}#changes",
    }


def _remember_weeks(config: Config, store: Store) -> None:
    """Have the store know of visits every six hours, of which some failed."""
    with store.transaction():
        documents.remember_sources(store, [(s.id, s.location) for s in config.sources])
    visited = int(timedelta(weeks=_WEEKS) / _PAUSE)
    for number in range(visited):
        now = _NOW - (visited - 1 - number) * _PAUSE
        with store.transaction():
            for source, (news, bad) in _SOURCES.items():
                error = _NOTHING.format(source) if number in bad else None
                _remember(store, source, now, error, news[number % len(news)])
        watch.note(store, config, now=now)


def _remember(store: Store, source: str, now: datetime, error: str | None, new: int) -> None:
    status: Literal["ok", "failed"] = "failed" if error else "ok"
    report = SourceReport(id=source, status=status, new=0 if error else new, error=error)
    documents.remember_outcomes(store, [report], at=now)
    history.count(store, [report], at=now)
    why = "every 6 h: it is asked less while it fails" if error else "every 6 h: it has news daily"
    visit = Visit(due=now + _PAUSE, interval=21_600, why=why)
    visits.remember(store, {source: visits.Remembered(asked="", visit=visit)})


def _answers(config: Config) -> Iterator[tuple[str, bytes]]:
    """The pages that only the daemon has, as files."""
    state = State(config, Metrics(), now=lambda: _NOW)
    site = ServedSite(
        output=config.output, base_url=config.base_url, title=config.title, state=state
    )
    yield "status.html", live.status(site, StatusQuery(), _NOW, as_json=False).body
    yield "search.html", live.search(site, parse(_ASKED, PAGE_SIZE), as_json=False).body


def take(address: str, picture: Path, size: tuple[int, int], *, is_dark: bool) -> None:
    """Have Chromium draw the page at ``address`` into ``picture``."""
    subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--window-size={size[0]},{size[1]}",
            f"--screenshot={picture}",
            *(["--blink-settings=preferredColorScheme=0"] if is_dark else []),
            address,
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )


def main() -> None:
    """Take them all."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shown = made(Path(folder))
        for name, width, height, is_dark in PICTURES:
            picture = pictures / f"{name}-{width}{'-dark' * is_dark}.png"
            take(shown[name], picture, (width, height), is_dark=is_dark)
    for picture in sorted(pictures.glob("*.png")):
        print(picture.name, f"{picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
