"""Documents that could not be read, or not as a whole: all are named, until they are read whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator.store import open_store
from tests.support.loopback import Loopback, Reply
from tests.support.misbehaving import prose
from tests.support.older import undo
from tests.support.project import CONFIG, Project, block, digest, make_project


def source(project: Project, *arguments: str) -> dict[str, Any]:
    """The only source, as ``status --json`` has it."""
    (found,) = project.run("status", "--json", *arguments).json["sources"]
    assert isinstance(found, dict)
    return found


def item(title: str) -> str:
    """An item of an RSS feed."""
    return (
        f"<item><guid>{title}</guid><title>{title}</title>"
        f"<description>{prose(title)}</description></item>"
    )


def test_all_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """JSON has all of them; the terminal ten, and how many there are besides."""
    project = make_project(tmp_path, {f"{n:02}.txt": "no digest" for n in range(12)})
    project.write_digest("good.txt", digest(block("Pier opens", "NATO", "A pier opens today.")))
    assert project.run("once").code == 1
    found = source(project)
    assert found["result"] == "failed"
    assert len(found["errors"]) == 12
    assert found["errors"][0] == found["error"]
    assert all(any(f"{n:02}.txt" in line for line in found["errors"]) for n in range(12))
    for shown in (project.run("status").out, project.run("status", "--failing").out):
        assert all(f"digests: digests/{n:02}.txt" in shown for n in range(10))
        assert "digests: and 2 more; status --json has all" in shown
        assert "; and 11 more" in shown
    for n in range(12):
        (project.folder / f"digests/{n:02}.txt").unlink()
    assert project.run("once").code == 0
    assert source(project)["errors"] == []


def test_files_that_are_not_whole_are_all_named(tmp_path: Path) -> None:
    """Each with its line and reason, whether it was read last or not, until it is mended."""
    bad = "A text without a title\n\n" + digest(block("Pier opens", "NATO", "A pier opens today."))
    project = make_project(
        tmp_path,
        {
            "a.txt": bad.replace("Pier", "Port"),
            "b.txt": bad.replace("Pier", "Road"),
            "c.txt": digest(block("Bridge opens", "NATO", "A bridge opens today.")),
        },
    )
    for _ in range(2):
        assert project.run("once").code == 0
        found = source(project)
        assert found["result"] == "partial"
        names = {bad["document"] for bad in found["bad_documents"]}
        assert names == {"digests/a.txt", "digests/b.txt"}
    shown = project.run("status").out
    assert "in part" in shown
    assert "digests: digests/a.txt: line 1: text above the first title" in shown
    project.write_digest("a.txt", bad.replace("Pier", "Port").partition("\n\n")[2])
    assert project.run("once").code == 0
    (left,) = source(project)["bad_documents"]
    assert left["document"] == "digests/b.txt"
    project.write_digest("b.txt", bad.replace("Pier", "Road").partition("\n\n")[2])
    assert project.run("once").code == 0
    assert source(project)["result"] in ("ok", "unchanged")


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A web server."""
    with Loopback() as running:
        yield running


def test_feed_that_is_cut_is_not_unchanged(tmp_path: Path, server: Loopback) -> None:
    """Neither when it is read nor when it is the same again; whole again, it is as before."""
    project = Project(tmp_path)
    address = server.url("/feed")
    project.configure(
        '[[sources]]\nid = "news"\nallow_private = true\ninterval = "1m"\n'
        f'location = "{address}"\n[fetch]\ndelay = "0s"\n'
    )
    whole = f'<rss version="2.0"><channel><title>N</title>{item("One")}</channel></rss>'
    cut = whole.replace("</channel></rss>", "<item><title>Tw")

    def poll(body: str) -> tuple[str, str]:
        server.at("/feed", Reply(200, body.encode(), {"Content-Type": "text/xml"}))
        ran = project.run("once", "--json")
        assert ran.code == 0, ran.err
        (report,) = ran.json["sources"]
        return report["status"], source(project)["result"]

    assert poll(whole) == ("ok", "ok")
    assert poll(whole) == ("unchanged", "unchanged")
    assert poll(cut) == ("ok", "partial")
    assert poll(cut) == ("unchanged", "partial")
    (bad,) = source(project)["bad_documents"]
    assert "ends in the middle of this item" in bad["reason"]
    assert poll(whole + " ") == ("unchanged", "unchanged")
    assert source(project)["bad_documents"] == []


def with_an_item_left_out(folder: Path) -> Project:
    """A project whose rules leave out one of the two items of its digest, after a run."""
    config = CONFIG.replace('id = "digests"', 'id = "digests"\nexclude = ["pier"]')
    both = digest(block("Pier opens", "NATO", "A text."), block("Road opens", "NATO", "A text."))
    project = make_project(folder, {"a.txt": both}, config=config)
    assert project.run("once").code == 0
    return project


def test_what_the_rules_leave_out_is_not_bad(tmp_path: Path) -> None:
    """It is counted, and does not make a document bad."""
    project = with_an_item_left_out(tmp_path)
    found = source(project)
    assert (found["result"], found["rejected"]) == ("ok", 1)
    assert (found["bad_documents"], found["problem"]) == ([], None)


def test_store_of_the_version_before_bad_documents_were_found(tmp_path: Path) -> None:
    """What the rules left out is told from what could not be read by its reason."""
    project = with_an_item_left_out(tmp_path)
    with open_store(project.store) as store, store.transaction():
        store.execute("UPDATE problems SET rejected = 1")
        undo(store.conn, "m018_bad_documents")
    assert project.run("once").code == 0
    assert source(project)["bad_documents"] == []
    assert project.rows("SELECT rejected FROM problems") == [(2,)]
