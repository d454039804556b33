"""Newsboat, a widely used feed reader, accepts the feeds and shows what the store holds.

Each test has newsboat fetch the feeds into a new home folder, from disk or from a server on
loopback, and reads its cache.
"""

import functools
import http.server
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from aggregator.output.formats.names import page_name
from tests.support.project import FIRST, ONE, Project, environment, make_project, seeds_project

NEWSBOAT = shutil.which("newsboat")
pytestmark = pytest.mark.skipif(NEWSBOAT is None, reason="newsboat is not installed")

MARKED_UP = """<b>Bold</b> & brash: R&amp;D “Łódź” 🕊

Source: Müller & Söhne

Text with <i>signs</i> & letters.

  • one
  • two
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with the seeds, and a digest with odd characters in title and agency."""
    project = seeds_project(tmp_path_factory.mktemp("newsboat") / "project")
    text = project.config.read_text()
    project.write("config.toml", text.replace("entries_per_feed = 50", "entries_per_feed = 999"))
    project.write("seeds/x.txt", MARKED_UP)
    assert project.run("once").code == 0
    return project


@pytest.fixture(scope="module")
def entries(project: Project) -> dict[str, dict[str, Any]]:
    """Return the entries of the store by id."""
    found = project.run("entries", "--json", "--limit", "999").json_lines
    return {entry["id"]: entry for entry in found}


def reload(home: Path, addresses: Iterable[str], *, times: int = 1) -> dict[str, Any]:
    """Have newsboat fetch ``addresses``; return the feeds and items in its cache."""
    home.mkdir(exist_ok=True)
    (home / "urls").write_text("".join(f"{address}\n" for address in addresses))
    (home / "config").write_text("auto-reload no\nmax-items 0\nignore-mode display\n")
    for _ in range(times):
        done = subprocess.run(
            [
                str(NEWSBOAT),
                *("-C", str(home / "config")),
                *("-u", str(home / "urls")),
                *("-c", str(home / "cache.db")),
                *("-d", str(home / "log"), "-l", "2"),
                *("-x", "reload"),
            ],
            cwd=home,
            env=environment(home, {"TERM": "dumb", "no_proxy": "*"}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
    return _cache(home / "cache.db")


def _cache(path: Path) -> dict[str, Any]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        return {
            "feeds": [dict(row) for row in connection.execute("SELECT * FROM rss_feed")],
            "items": [dict(row) for row in connection.execute("SELECT * FROM rss_item")],
        }
    finally:
        connection.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the files of ``folder`` while the block runs; yield the address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        # RUF012: the standard library declares it as an instance variable.
        extensions_map = {".atom": "application/atom+xml"}  # noqa: RUF012

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=os.fspath(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def assert_shown(item: dict[str, Any], entry: dict[str, Any], names: dict[str, str]) -> None:
    """Check that newsboat's item is equal to the entry in the store."""
    # Newsboat parses every title as HTML, so it unescapes entities in it.
    assert item["title"] in (entry["title"], unescape(entry["title"]))
    assert item["author"] == names[entry["agency"]]
    assert item["content"].strip() == entry["content_html"]
    assert item["pubDate"] == datetime.fromisoformat(entry["published"]).timestamp()
    alternates = [link["href"] for link in entry["links"] if link["rel"] == "alternate"]
    assert item["url"] == next(iter(alternates), f"http://localhost:8080/{page_name(entry['id'])}")
    assert item["unread"] == 1
    assert item["deleted"] == 0


def names_of(project: Project) -> dict[str, str]:
    return dict(project.rows("SELECT id, name FROM agencies"))


def test_newsboat_reads_the_combined_feed(
    project: Project, entries: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Read from disk, every entry occurs once, with title, author, text, time and link."""
    kept = reload(tmp_path / "home", [f"file://{project.output}/all.atom"])
    assert [feed["title"] for feed in kept["feeds"]] == ["Agency press releases"]
    items = {item["guid"]: item for item in kept["items"]}
    assert len(items) == len(kept["items"])
    assert set(items) == set(entries)
    for entry_id, item in items.items():
        assert_shown(item, entries[entry_id], names_of(project))


def test_newsboat_reads_the_feed_of_each_agency(
    project: Project, entries: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Over loopback, each agency's feed has its name and exactly its entries."""
    agencies = {entry["agency"] for entry in entries.values()}
    with served(project.output) as address:
        urls = {agency: f"{address}{agency}.atom" for agency in sorted(agencies)}
        kept = reload(tmp_path / "home", urls.values())
    titles = {feed["rssurl"]: feed["title"] for feed in kept["feeds"]}
    assert titles == {url: names_of(project)[agency] for agency, url in urls.items()}
    for agency, url in urls.items():
        guids = {item["guid"] for item in kept["items"] if item["feedurl"] == url}
        assert guids == {id_ for id_, entry in entries.items() if entry["agency"] == agency}
    for item in kept["items"]:
        assert_shown(item, entries[item["guid"]], names_of(project))


def test_newsboat_reads_an_entry_of_two_feeds_once(
    project: Project, entries: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """An entry has one id in all feeds, so that a subscriber of all reads it once."""
    urls = [f"file://{project.output}/{name}" for name in project.feeds()]
    kept = reload(tmp_path / "home", urls)
    assert len(kept["feeds"]) == len(urls)
    assert {item["guid"] for item in kept["items"]} == set(entries)


def test_newsboat_finds_nothing_new(project: Project, tmp_path: Path) -> None:
    """Reloading unchanged or regenerated feeds adds no item."""
    copy = project.copy(tmp_path / "copy")
    with served(copy.output) as address:
        once = reload(tmp_path / "home", [f"{address}all.atom"], times=3)
        copy.store.unlink()
        (copy.output / "all.atom").unlink()
        assert copy.run("once").code == 0
        again = reload(tmp_path / "home", [f"{address}all.atom"])
    assert again["items"] == once["items"]


def test_newsboat_finds_what_is_new(tmp_path: Path) -> None:
    """After a run with one more digest, exactly its entry is new to a subscriber."""
    project = make_project(tmp_path / "p", {"a.txt": FIRST})
    assert project.run("once").code == 0
    url = [f"file://{project.output}/all.atom"]
    before = {item["guid"] for item in reload(tmp_path / "home", url)["items"]}
    project.write("digests/c.txt", ONE, later=600)
    assert project.run("once").code == 0
    after = {item["guid"]: item["title"] for item in reload(tmp_path / "home", url)["items"]}
    assert set(after) > before
    assert [after[guid] for guid in set(after) - before] == ["Lighthouse lit again"]
