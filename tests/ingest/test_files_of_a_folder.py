"""A folder with all kinds of files: what is read, what is a remark, and what is a failure."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.errors import FetchError
from aggregator.fetch.file import find
from aggregator.ingest.jobs import LARGE, overdue
from aggregator.model import Document
from tests.support.project import CONFIG, FIRST, SECOND, assert_clear_error, make_project

MAIL = (
    b"From: NATO <press@nato.int>\nSubject: Port opens in Riga\nMessage-ID: <1@nato.int>\n"
    b"Date: Fri, 3 May 2024 10:00:00 +0200\n\nThe port of Riga opens today, NATO said.\n"
)
ANY = CONFIG.replace("digests/*.txt", "digests/*")
DIGEST = CONFIG.replace('"digests/*.txt"', '"digests/*.txt"\nformat = "digest"')


def names(folder: Path, location: str) -> list[str]:
    return [file.name for file in find("s", location, folder)]


def test_folder_of_anything_is_read_by_content(tmp_path: Path) -> None:
    """Digests and mails are; what is neither is named, and neither fails nor hides the others."""
    project = make_project(tmp_path, {"DIGEST.TXT": FIRST, "b.md": SECOND}, config=ANY)
    for name in ("README.md", "a.txt~", "~$a.docx", "#a.txt#", "Thumbs.db", "a.txt.bak", ".a.swp"):
        project.write(f"digests/{name}", b"none of our business")
    project.write("digests/old/c.txt", b"a folder is not gone into")
    project.write("digests/mail.eml", MAIL)
    project.write("digests/photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    project.write("digests/writing.txt", b"")
    ran = project.run("once", "--json")
    assert ran.code == 0
    photo, writing = ran.complaints
    assert "digests: digests/photo.jpg" in photo
    assert photo.endswith("; only digests, mails and feeds are read")
    assert writing.endswith("digests/writing.txt: is empty")
    (report,) = ran.json["sources"]
    assert (report["status"], report["documents"], report["error"]) == ("ok", 3, None)
    (source,) = project.run("status", "--json").json["sources"]
    assert (source["result"], source["failures"], len(source["errors"])) == ("partial", 0, 2)
    assert "photo.jpg" in project.run("status").out
    tried = project.run("test", "digests")
    assert (tried.code, tried.err) == (0, "")
    assert "digests/photo.jpg" in tried.out
    for name in ("photo.jpg", "writing.txt"):
        (project.folder / "digests" / name).unlink()
    assert project.run("once").err == ""
    assert project.run("status", "--json").json["sources"][0]["errors"] == []


@pytest.mark.parametrize("location", ["digests/*", "digests/**", "digests/*.txt"])
def test_folder_with_nothing_to_read(tmp_path: Path, location: str) -> None:
    """An empty one does not fail the source, nor do a README and a folder where all is taken."""
    (tmp_path / "digests").mkdir()
    assert names(tmp_path, location) == []
    (tmp_path / "digests/README").touch()
    (tmp_path / "digests/folder").mkdir()
    if location.endswith("*"):
        assert names(tmp_path, location) == []


def test_files_that_no_pattern_matches_are_named(tmp_path: Path) -> None:
    """Case counts: of a folder with files whose names do not match, some are in the error."""
    for name in ("A.TXT", "b.eml", "c.md", "d.md", ".hidden"):
        (tmp_path / "seeds" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "seeds" / name).touch()
    expected = r"no file matches seeds/\*\.txt; seeds/ has 4 other files: A\.TXT, b\.eml, c\.md, …"
    with pytest.raises(FetchError, match=expected):
        find("s", "seeds/*.txt", tmp_path)


def test_mail_in_a_source_of_digests(tmp_path: Path) -> None:
    """The error says what the file looks like, and which key to leave out; the others are read."""
    project = make_project(tmp_path, {"a.txt": FIRST}, config=DIGEST)
    project.write("digests/mail.txt", MAIL)
    ran = project.run("once")
    assert_clear_error(
        ran, 1, "mail.txt", 'looks like a mail, and the source has format = "digest"'
    )
    assert "(failed in part)" in ran.out
    project.configure(ANY)
    assert project.run("once").code == 0


def test_size_is_said_where_reading_takes_long() -> None:
    """Of a large document, whose size may be the cause."""
    moment = datetime(2024, 5, 3, tzinfo=UTC)
    for size, says in ((LARGE, False), (LARGE + 1, True)):
        body = b"x" * size
        document = Document(source="s", name="a", body=body, sha256="", modified=moment)
        assert ("it has 400,001 bytes" in overdue(document, 10, "reading it").problem) is says
