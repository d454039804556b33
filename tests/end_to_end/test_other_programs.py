"""sqlite-utils and Datasette read the store while a writer holds a transaction."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from aggregator.store import open_empty, open_store
from tests.support.project import ROOT, Project, environment, seeds_project

METADATA = ROOT / "deploy/datasette.yaml"
VIEWS = ("releases", "merges", "changes", "source_health")

needs_datasette = pytest.mark.skipif(
    importlib.util.find_spec("datasette") is None, reason="datasette is not installed"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has read the sample digests."""
    project = seeds_project(tmp_path_factory.mktemp("seeds"))
    project.ingest()
    return project


@contextmanager
def while_it_is_written(project: Project) -> Iterator[None]:
    """Hold a transaction that has written and is not committed; then roll it back."""
    with open_store(project.store) as store:
        store.conn.execute("BEGIN IMMEDIATE")
        store.execute("DELETE FROM entries_fts")
        store.execute("UPDATE entries SET title = 'not committed'")
        try:
            yield
        finally:
            store.conn.execute("ROLLBACK")


@contextmanager
def datasette(*arguments: str | Path, home: Path) -> Iterator[str]:
    """Run Datasette on a free port of this machine; yield its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "datasette", "serve", *arguments, "--port", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home),
    )
    try:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"running on (http://\S+)", line):
                yield found[1]
                return
        pytest.fail("".join(lines))
    finally:
        process.terminate()
        process.communicate(timeout=60)


def get(address: str) -> tuple[int, str]:
    try:
        with closing(urlopen(address, timeout=60)) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        with closing(error):
            return error.code, error.read().decode()


def rows_of(address: str) -> list[dict[str, Any]]:
    status, body = get(address)
    assert status == 200, body
    found: list[dict[str, Any]] = json.loads(body)["rows"]
    return found


@needs_datasette
def test_datasette_on_a_live_store(project: Project) -> None:
    """Each view has a page, search finds words, and nothing waits for the writer."""
    metadata = ("--metadata", METADATA, "--setting", "suggest_facets", "off")
    entries = project.run("entries", "--json", "--limit", "1000").json_lines
    before = project.contents()
    with (
        while_it_is_written(project),
        datasette(project.store, *metadata, home=project.folder) as address,
    ):
        base = f"{address}/aggregator"
        for view in VIEWS:
            status, page = get(f"{base}/{view}")
            assert status == 200
            assert "not committed" not in page
        found = rows_of(f"{base}/releases.json?_shape=objects&_size=1000")
        assert [row["id"] for row in found] == [entry["id"] for entry in entries]
        by_words = rows_of(f"{base}/releases.json?_shape=objects&_search=ransomware")
        assert by_words
        assert all("ransomware" in f"{row['title']} {row['text']}".lower() for row in by_words)
        of_agency = rows_of(f"{base}/releases.json?_shape=objects&agency_id=nato")
        assert {row["agency_id"] for row in of_agency} == {"nato"}
        _, page = get(f"{base}/releases")
        assert "facet_results" in page or "facet-results" in page
        assert "The phrase that decided on the date" in page
    assert project.contents() == before
    assert project.run("doctor").code in (0, 1)  # the feeds are not written
    assert project.is_sound()


@needs_datasette
def test_datasette_shows_no_secret(project: Project) -> None:
    """Tables with secrets are for nobody, and queries of one's own are not allowed."""
    with datasette(project.store, "--metadata", METADATA, home=project.folder) as address:
        for path in ("subscriptions", "deliveries", "subscriptions.json"):
            assert get(f"{address}/aggregator/{path}")[0] == 403
        assert get(f"{address}/aggregator?sql=select+secret+from+subscriptions")[0] == 403
        listed = get(f"{address}/aggregator")[1]
        assert "subscriptions" not in listed


@needs_datasette
def test_metadata_names_what_there_is() -> None:
    """What it names exists, every column of a view is described, and secrets are denied."""
    import yaml

    described = yaml.safe_load(METADATA.read_text(encoding="utf-8"))
    tables = described["databases"]["aggregator"]["tables"]
    with open_empty() as store:
        rows = store.rows("SELECT name FROM main.sqlite_master WHERE type IN ('table', 'view')")
        made = [name for (name,) in rows]
        assert set(tables) <= set(made)
        for name in made:
            table = tables.get(name, {})
            columns = {row[1] for row in store.rows(f"PRAGMA table_info({name})")}
            used = {*table.get("facets", ()), *table.get("columns", ())}
            used |= {table[key] for key in ("sort", "sort_desc", "label_column") if key in table}
            assert used <= columns
            if name in VIEWS:
                assert list(table["columns"]) == [
                    row[1] for row in store.rows(f"PRAGMA table_info({name})")
                ]
            if columns & {"secret", "token"}:
                assert table["allow"] is False


@pytest.mark.parametrize("view", VIEWS)
def test_sqlite_utils_on_a_live_store(project: Project, view: str) -> None:
    """Its command prints a view while the store is being written, and changes nothing."""
    order = "ORDER BY published DESC" if view == "releases" else ""
    sql = f"SELECT * FROM {view} {order} LIMIT 5"
    with while_it_is_written(project):
        done = subprocess.run(
            [sys.executable, "-m", "sqlite_utils", "query", project.store, sql],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(project.folder),
        )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert len(found) == min(5, len(project.rows(f"SELECT 1 FROM {view}")))
    assert "not committed" not in done.stdout
