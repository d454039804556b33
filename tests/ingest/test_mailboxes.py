"""Mail in files: which messages of an mbox or a Maildir are read, and when."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from aggregator.config import Source, load
from aggregator.daemon.files import _matches
from aggregator.fetch.file import find
from aggregator.fetch.file import read as read_file
from aggregator.ingest import read
from aggregator.ingest.jobs import Job, ReadDocument, Rules, read_rules
from aggregator.ingest.mailboxes import documents_in
from aggregator.ingest.sandbox import KillableProcess
from aggregator.store import open_store
from tests.support.project import AGENCIES, MODIFIED, Project
from tests.support.project import document as text_document

CONFIG = (
    'title = "Mail"\n[[sources]]\nid = "eml"\nlocation = "mail/*.eml"\n'
    '[[sources]]\nid = "box"\nlocation = "*.mbox"\n'
    '[[sources]]\nid = "spool"\nlocation = "Maildir/"\nformat = "mail"\n\n' + AGENCIES
)
LINE = b"From a@b Fri May  3 10:00:00 2024\n"
TOPICS = "harbour court school bridge border treaty orchard museum".split()


def mail(number: int, html: str | None = None) -> bytes:
    """A mail that is a release of its own."""
    topic = TOPICS[number]
    built = EmailMessage()
    built["From"] = "NATO <press@nato.example>"
    built["Subject"] = f"New {topic} opens after three years"
    built["Date"] = f"Fri, {number + 3:02} May 2024 10:00:00 +0000"
    built["Message-ID"] = f"<{number}@nato.example>"
    built.set_content(f"The {topic} is open, the office said. The {topic} took three years.\n")
    if html is not None:
        built.add_alternative(html, subtype="html")
    return built.as_bytes()


def mbox(*mails: bytes) -> bytes:
    return b"".join(LINE + one + b"\n" for one in mails)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.configure(CONFIG)
    made.write("mail/one.eml", mail(0))
    made.write("press.mbox", mbox(mail(1), mail(2)))
    for folder in ("new", "cur", "tmp"):
        made.write(f"Maildir/{folder}/.keep", "")
    made.write("Maildir/new/17.host", mail(3))
    return made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the mails that are read, as they are."""
    names: list[str] = []
    original = read._mail

    def noted(job: Job, rules: Rules) -> ReadDocument:
        names.append(job.document.name)
        return original(job, rules)

    monkeypatch.setattr(read, "_mail", noted)
    return names


def names(project: Project) -> list[str]:
    return [name for (name,) in project.rows("SELECT name FROM documents ORDER BY key")]


def dates(project: Project) -> list[tuple[str, str, str]]:
    """The agency of each release, and its date with the basis."""
    return project.rows("SELECT agency, date_basis, published FROM releases ORDER BY published")


def test_mail_in_files_is_dated_by_its_header(project: Project, reads: list[str]) -> None:
    """Each message is a document of its own, and the second run reads none."""
    project.ingest()
    assert names(project) == [
        "mail/one.eml",
        "press.mbox#1@nato.example",
        "press.mbox#2@nato.example",
        "Maildir/17.host",
    ]
    assert dates(project) == [
        ("NATO", "upstream", f"2024-05-0{day}T10:00:00Z") for day in (3, 4, 5, 6)
    ]
    assert reads == names(project)
    project.ingest()
    assert len(reads) == 4


def test_spool_that_grew_has_its_new_mail_read_alone(project: Project, reads: list[str]) -> None:
    project.ingest()
    project.write("press.mbox", mbox(mail(1), mail(2), mail(4)), later=60)
    project.ingest()
    assert reads[4:] == ["press.mbox#4@nato.example"]


def test_mail_of_a_maildir_may_be_moved_and_flagged(project: Project) -> None:
    project.ingest()
    os.rename(project.folder / "Maildir/new/17.host", project.folder / "Maildir/cur/17.host:2,S")
    project.ingest()
    assert len(names(project)) == 4


def test_mail_that_is_moved_while_it_is_read(project: Project) -> None:
    """Between the listing of the folder and the reading, another program took notice of it."""
    (file,) = find("spool", "Maildir/", project.folder)
    os.rename(project.folder / "Maildir/new/17.host", project.folder / "Maildir/cur/17.host:2,S")
    document = read_file("spool", file, 100_000, MODIFIED)
    assert (document.name, document.body) == ("Maildir/17.host", mail(3))


def test_torn_last_mail_does_no_damage_to_the_whole_one(project: Project) -> None:
    """It is read when it is complete, or as far as it goes where it can be no torn one."""
    torn = mbox(mail(1), mail(5, "<p>The treaty is open, the office said.</p>"))
    project.write("press.mbox", torn[:-60])
    project.write("other.mbox", mbox(mail(6))[:-40])
    project.ingest()
    before = project.rows("SELECT title FROM entries")
    project.write("press.mbox", torn, later=60)
    project.write("other.mbox", mbox(mail(6)), later=60)
    project.ingest()
    after = project.rows("SELECT title FROM entries")
    assert len(after) == len(set(after)) == len(before)


def test_mbox_may_be_larger_than_a_document(project: Project) -> None:
    path = project.write("large.mbox", mbox(*(mail(number) for number in range(8))))
    source = Source(id="box", location="large.mbox")
    (file,) = find("box", "large.mbox", project.folder)
    limit = path.stat().st_size // 2
    now = datetime.now(UTC)
    with open_store(project.store) as store:
        found = list(documents_in(store, source, file, {}, limit, now))
    assert [document.name for document, _ in found] == [
        f"large.mbox#{number}@nato.example" for number in range(8)
    ]


def test_last_mail_is_waited_for_while_the_file_changes(project: Project) -> None:
    project.write("torn.mbox", mbox(mail(1), mail(2, "<p>It is open.</p>"))[:-60])
    source = Source(id="box", location="torn.mbox")
    (file,) = find("box", "torn.mbox", project.folder)
    with open_store(project.store) as store:
        counts = [
            len(list(documents_in(store, source, file, {}, 100_000, MODIFIED + waited)))
            for waited in (timedelta(seconds=5), timedelta(hours=1))
        ]
    assert counts == [1, 2]


def test_torn_mail_is_no_digest(project: Project) -> None:
    """A message of an mbox is a mail even where its header does not show it: no failed source."""
    project.write("press.mbox", mbox(mail(1)) + LINE + b"Subject: Harbour\nFro")
    project.run("once")
    status = {one["id"]: one["status"] for one in project.run("once", "--json").json["sources"]}
    assert status["box"] == "unchanged"


def test_mbox_over_http_is_one_document(project: Project) -> None:
    """Its items are limited as those of a feed, and known ones are recognised by their hash."""
    config = load(project.config)
    rules = replace(read_rules(config), max_items=2)
    document = replace(
        text_document(mbox(*(mail(number) for number in range(3)))),
        address="https://lists.example/may.mbox",
        media_type="application/mbox",
    )
    source = Source(id="list", location="https://lists.example/may.mbox")
    first = read.read(Job(source, document), rules, KillableProcess())
    assert isinstance(first, ReadDocument)
    assert [p.ids[0] for p in first.prepared] == ["mid:0@nato.example", "mid:1@nato.example"]
    assert [p.entry.agency.id for p in first.prepared] == ["nato", "nato"]
    assert [problem.reason for problem in first.problems] == [
        "1 of 3 items are more than max_items allows"
    ]
    assert first.modified == datetime(2024, 5, 5, 10, tzinfo=UTC)
    again = read.read(Job(source, document, first.seen), rules, KillableProcess())
    assert isinstance(again, ReadDocument)
    assert (again.prepared, again.unchanged) == ([], 3)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("new/17.host", True), ("cur/17.host:2,S", True), ("tmp/17.host", False), ("new", False)],
)
def test_change_in_a_maildir_is_one_of_its_source(path: str, expected: bool) -> None:
    assert _matches(f"/press/Maildir/{path}", "/press/Maildir") is expected
