"""Broken digests, configurations, stores, disks and names: clear errors, and nothing lost.

Each error is one line with the right exit code, and the store and the last feeds are unchanged.
"""

import ctypes
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import (
    CONFIG,
    FIRST,
    ONE,
    SECOND,
    Project,
    Ran,
    assert_clear_error,
    command_line,
    environment,
    make_project,
    seeds_project,
)

HUGE = 200_000_000


@pytest.fixture
def project(ran: Project) -> Project:
    """A project with four entries in its store and its feeds written."""
    return ran


def as_it_was(project: Project) -> tuple[object, object, object]:
    """Return store and feeds, to compare before and after."""
    return project.contents(), project.feeds(), project.stamps()


def once_fails_in_one_file(project: Project, *words: str) -> Ran:
    """Run once: exit code 1 and ``words`` in one line, with nothing lost and the rest ingested."""
    before = as_it_was(project)
    ran = project.run("once", "--json")
    assert_clear_error(ran, 1, "digests", *words)
    assert len(ran.complaints) == 1
    (report,) = ran.json["sources"]
    assert report["status"] == "failed"
    assert words[0] in report["error"]
    assert (report["documents"], report["new"]) == (2, 0)
    assert as_it_was(project) == before
    return ran


# A digest that cannot be read


@pytest.mark.parametrize("body", [b"", b"\n \n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc2\xa0\n"])
def test_digest_is_empty_or_blank(project: Project, body: bytes) -> None:
    """Its name says that it is a digest: its source failed, and the other files are read."""
    project.write("digests/x.txt", body)
    once_fails_in_one_file(project, "digests/x.txt: is empty")


def test_empty_file_where_any_file_may_be(project: Project) -> None:
    """It may be being written: it is named, and its source did not fail."""
    project.configure(project.config.read_text("utf-8").replace("digests/*.txt", "digests/*"))
    project.write("digests/x.txt", b"")
    before = as_it_was(project)
    ran = project.run("once", "--json")
    assert_clear_error(ran, 0, "digests/x.txt: is empty")
    (report,) = ran.json["sources"]
    assert (report["status"], report["error"], report["documents"]) == ("unchanged", None, 2)
    assert as_it_was(project) == before


def test_digest_is_missing(tmp_path: Path) -> None:
    """A path without a glob to a file that does not exist fails its source."""
    project = make_project(tmp_path / "p", config=CONFIG.replace("*.txt", "gone.txt"))
    assert_clear_error(project.run("once"), 1, "digests: ", "digests/gone.txt")


def test_digest_is_unreadable(project: Project) -> None:
    """A file that the user may not read is named."""
    project.write("digests/x.txt", ONE).chmod(0)
    before = as_it_was(project)
    ran = project.run_process("once", modes_count=True)
    assert_clear_error(ran, 1, "digests: ", "digests/x.txt", "ermission denied")
    assert as_it_was(project) == before


@pytest.mark.parametrize(
    "body",
    [
        b"\x7fELF\x02\x01\x01\0\0\0" + bytes(range(256)) * 8,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + os.urandom(2000),
        b"PK\x03\x04" + bytes(2000),
        ONE.encode() + b"\0",
        b"\x01\x02\x03\x04 " * 500,
        b"\0" * 1000,
    ],
    ids=["elf", "png", "zip", "nul", "controls", "zeros"],
)
def test_digest_is_binary(project: Project, body: bytes) -> None:
    """Bytes that are not text are reported, not guessed."""
    project.write("digests/x.txt", body)
    once_fails_in_one_file(project, "digests/x.txt", "text")


def test_text_without_a_source_line(project: Project) -> None:
    """Text without any source line is reported with file and line."""
    project.write("digests/x.txt", "Dear diary,\n\nnothing happened today.\n")
    once_fails_in_one_file(project, "digests/x.txt", "line 1")


def test_digest_is_over_the_limit(project: Project) -> None:
    """A file of 200 MB is refused by its size, before it is read."""
    with project.write("digests/x.txt", ONE).open("r+b") as file:
        file.truncate(HUGE)
    limited = (
        "import resource\n"
        "from aggregator.ingest import run\n"
        "from aggregator.output import regenerate\n"
        "resource.setrlimit(resource.RLIMIT_AS, (150_000_000 + int(open('/proc/self/statm')"
        ".read().split()[0]) * resource.getpagesize(),) * 2)\n"
        if sys.platform == "linux"
        else ""
    )
    before = as_it_was(project)
    ran = project.run_process("once", before=limited)
    assert_clear_error(ran, 1, "digests: ", "digests/x.txt", "200,000,000")
    assert as_it_was(project) == before


def test_limit_is_configured(project: Project) -> None:
    """A digest as large as ``max_document_size`` is read, and one byte more is refused."""
    size = max(len(FIRST.encode()), len(SECOND.encode()))
    project.write("config.toml", f'max_document_size = "{size}B"\n' + CONFIG)
    project.write("digests/x.txt", ONE.ljust(size, "\n"))
    assert project.run("once", "--json").json["sources"][0]["new"] == 1
    project.write("digests/x.txt", ONE.ljust(size + 1, "\n"))
    assert_clear_error(project.run("once"), 1, "digests/x.txt", "max_document_size")


@pytest.mark.parametrize("pattern", ["digests/x.txt", "digests/*.txt"])
def test_folder_in_place_of_a_digest(tmp_path: Path, pattern: str) -> None:
    """The error says that it is a folder, whether a path or a glob matched it."""
    project = make_project(tmp_path / "p", config=CONFIG.replace("digests/*.txt", pattern))
    (project.folder / "digests/x.txt").mkdir()
    assert_clear_error(project.run("once"), 1, "digests: ", "digests/x.txt", "folder")


def test_glob_matches_nothing(tmp_path: Path) -> None:
    """A glob without a match fails its source, with the glob in the error."""
    project = make_project(tmp_path / "p", config=CONFIG.replace("*.txt", "*.digest"))
    project.write("digests/a.txt", ONE)
    ran = project.run("once", "--json")
    assert_clear_error(ran, 1, "digests: ", "digests/*.digest")
    assert ran.json["sources"][0]["documents"] == 0


def test_last_digest_is_removed(project: Project) -> None:
    """When the folder is emptied, entries and feeds stay, and the source fails."""
    for path in (project.folder / "digests").iterdir():
        path.unlink()
    before = as_it_was(project)
    assert_clear_error(project.run("once"), 1, "digests/*.txt")
    assert as_it_was(project) == before


@pytest.mark.parametrize("name", ["pro[1]ject", "what?", "stars*", "!(x)"])
def test_project_folder_has_glob_characters_in_its_name(tmp_path: Path, name: str) -> None:
    """Glob characters in the path to the project are taken literally."""
    project = make_project(tmp_path / name, {"a.txt": ONE})
    ran = project.run("once", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["sources"][0]["new"] == 1


def test_link_leads_out_of_the_folder(project: Project, tmp_path: Path) -> None:
    """A link to a file elsewhere is not followed, so it cannot publish a private file."""
    secret = tmp_path / "secret.txt"
    secret.write_text(ONE)
    (project.folder / "digests/x.txt").symlink_to(secret)
    once_fails_in_one_file(project, "digests/x.txt", "link")


def test_linked_folder_leads_out_of_the_folder(tmp_path: Path) -> None:
    """A linked folder is not followed either, however deep the glob goes."""
    config = CONFIG.replace("digests/*.txt", "digests/**/*.txt")
    project = make_project(tmp_path / "p", {"a.txt": FIRST}, config=config)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/s.txt").write_text(ONE)
    (project.folder / "digests/inner").symlink_to(tmp_path / "secrets")
    ran = project.run("once")
    assert "Lighthouse" not in str(project.feeds())
    assert ran.code == 0 or "digests/inner/s.txt" in ran.err


def test_link_stays_in_the_folder(project: Project) -> None:
    """A link to another digest in the folder is read like a copy."""
    (project.folder / "digests/x.txt").symlink_to("a.txt")
    ran = project.run("once", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["sources"][0]["documents"] == 3


@pytest.mark.parametrize("target", ["x.txt", "gone.txt"], ids=["itself", "nothing"])
def test_link_leads_nowhere(project: Project, target: str) -> None:
    """A link to itself or to a missing file is reported as unreadable."""
    (project.folder / "digests/x.txt").symlink_to(target)
    once_fails_in_one_file(project, "digests/x.txt")


def test_pipe_without_a_writer_is_refused(project: Project) -> None:
    """A pipe is not a regular file, and the run does not wait for it."""
    os.mkfifo(project.folder / "digests/x.txt")
    once_fails_in_one_file(project, "digests/x.txt", "file")


def test_device_that_never_ends(tmp_path: Path) -> None:
    """A device named in the configuration is not a regular file either."""
    project = make_project(tmp_path / "p", config=CONFIG.replace("digests/*.txt", "/dev/zero"))
    assert_clear_error(project.run("once"), 1, "digests: ", "/dev/zero")


WRITES_WHILE_READ = """
import os
real = os.fstat
times = {times}
def fstat(handle):
    global times
    found = real(handle)
    if times and os.path.basename(os.readlink(f"/proc/self/fd/{{handle}}")) == "x.txt":
        times -= 1
        with open("digests/x.txt", "ab") as file:
            file.write(b"One more line.\\n")
    return found
import aggregator.fetch.file
os.fstat = fstat
"""
needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="there is no /proc")


@needs_proc
def test_digest_is_written_while_it_is_read(project: Project) -> None:
    """A file that keeps changing is left to the next run, which reads all of it."""
    project.write("digests/x.txt", ONE)
    before = as_it_was(project)
    ran = project.run_process("once", "--json", before=WRITES_WHILE_READ.format(times=1000))
    assert_clear_error(ran, 1, "digests: ", "digests/x.txt", "changed")
    assert as_it_was(project) == before
    again = project.run("once", "--json")
    assert (again.code, again.err) == (0, "")
    assert again.json["sources"][0]["new"] == 1


@needs_proc
def test_digest_changes_once_while_it_is_read(project: Project) -> None:
    """A changing file is read with all of the change or refused, never mixed."""
    project.write("digests/x.txt", ONE)
    ran = project.run_process("once", before=WRITES_WHILE_READ.format(times=1))
    if ran.code == 0:
        assert b"One more line." in project.feeds()["all.atom"]
    else:
        assert_clear_error(ran, 1, "digests/x.txt", "changed")


def test_digest_vanishes_before_it_is_read(project: Project) -> None:
    """A file that is removed after the folder was listed is named in the error."""
    project.write("digests/x.txt", ONE)
    vanishing = (
        "import os\nreal = os.open\n"
        "def vanish(path, *rest, **more):\n"
        "    if str(path).endswith('x.txt'):\n"
        "        raise FileNotFoundError(2, 'No such file or directory', path)\n"
        "    return real(path, *rest, **more)\n"
        "import aggregator.fetch.file\nos.open = vanish\n"
    )
    before = as_it_was(project)
    assert_clear_error(
        project.run_process("once", before=vanishing), 1, "digests: ", "digests/x.txt"
    )
    assert as_it_was(project) == before


def test_disk_fails_while_a_digest_is_read(project: Project) -> None:
    """A read error of the disk names the file."""
    project.write("digests/x.txt", ONE)
    failing = (
        "import os\nreal = os.open\n"
        "def fail(path, *rest, **more):\n"
        "    if str(path).endswith('x.txt'):\n"
        "        raise OSError(5, 'Input/output error', path)\n"
        "    return real(path, *rest, **more)\n"
        "import aggregator.fetch.file\nos.open = fail\n"
    )
    ran = project.run_process("once", before=failing)
    assert_clear_error(ran, 1, "digests: ", "digests/x.txt", "nput/output error")


@pytest.mark.parametrize(
    "name",
    [b"two\nlines.txt", b"\x1b[31mred.txt", b"\xff\xfe.txt", "\u202eexe.txt".encode()],
    ids=["newline", "escape", "not-utf8", "bidi"],
)
def test_file_has_a_hostile_name(project: Project, name: bytes) -> None:
    """A file name with a line end, escape or invalid bytes is printed escaped on one line."""
    (project.folder / "digests" / os.fsdecode(name)).write_bytes(b"no digest")
    ran = project.run("once", "--json")
    assert_clear_error(ran, 1, ".txt", "not a digest")
    assert len(ran.complaints) == 1
    assert ran.json["sources"][0]["error"]


@pytest.mark.parametrize(
    "line",
    [
        "Date: 0001-01-01T00:00:00+14:00",
        "Date: 9999-12-31T23:59:59-14:00",
        "Date: Mon, 01 Jan 99999999999 00:00:00 +9999",
        "Date: " + "9" * 5000,
        "Date:",
        "Link: http://[::1",
        "Link: http://example.org:99999999999/",
        "Link: javascript:alert(1)",
        "Link: " + "https://example.org/" * 5000,
        "Link: https://[v1.x]/\x01",
    ],
)
def test_header_line_makes_no_sense(tmp_path: Path, line: str) -> None:
    """An invalid ``Date:`` or ``Link:`` is ignored; the entry and the run are kept."""
    digest = ONE.replace("Source: NATO\n", f"Source: NATO\n{line}\n") + "\n" + SECOND
    project = make_project(tmp_path / "p", {"a.txt": digest})
    ran = project.run("once", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["sources"][0]["new"] == 3
    assert "all.atom" in project.feeds()
    if ran.err:
        assert_clear_error(ran, 0, "digests/a.txt", "line")


def test_digest_of_very_many_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More blocks than SQLite allows variables, terms or depth in a statement are no problem."""
    digest = "".join(f"Story {n}\n\nSource: NATO\n\nx {n}\n\n" for n in range(1_100))
    project = make_project(tmp_path / "p", {"a.txt": digest})
    connect = sqlite3.connect

    def limited(*args: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **more)
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        return connection

    monkeypatch.setattr(sqlite3, "connect", limited)
    ran = project.run("once", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["sources"][0]["new"] == 1_100


def test_source_address_is_unreachable(tmp_path: Path) -> None:
    """An unreachable address fails its source, with exit code 1."""
    config = CONFIG + '\n[[sources]]\nid = "far"\nlocation = "http://127.0.0.1:9/feed"\n'
    project = make_project(tmp_path / "p", {"a.txt": ONE}, config=config)
    ran = project.run("once", "--json")
    assert_clear_error(ran, 1, "far: ")
    assert [source["status"] for source in ran.json["sources"]] == ["ok", "failed"]


# The configuration


def test_configuration_is_missing(tmp_path: Path) -> None:
    """Without a configuration file the error names the missing file."""
    ran = Project(tmp_path).run("once")
    assert_clear_error(ran, 2, "config.toml")
    assert list(tmp_path.iterdir()) == []


def test_configuration_is_a_folder(project: Project) -> None:
    """A folder cannot be read as a configuration."""
    before = as_it_was(project)
    assert_clear_error(project.run("--config", "digests", "once"), 2, "digests")
    assert as_it_was(project) == before


def test_configuration_is_unreadable(project: Project) -> None:
    """A file that the user may not read is named."""
    project.config.chmod(0)
    ran = project.run_process("once", modes_count=True)
    assert_clear_error(ran, 2, "config.toml", "ermission denied")


SOURCE = '[[sources]]\nid = "s"\nlocation = "digests/*.txt"\n'
AGENCY = '[[agencies]]\nid = "nato"\nname = "NATO"\n'
BROKEN: dict[str, tuple[str | bytes, list[str]]] = {
    "malformed": ("title = \n", ["line 1"]),
    "unclosed table": ("[[sources]\n", ["line 1"]),
    "key twice": ('title = "a"\ntitle = "b"\n', ["line 2"]),
    "binary": (b"\x00\x01\x02\xff\xfe", ["config.toml"]),
    "not UTF-8": (b'title = "\xe9"\n', ["UTF-8"]),
    "nested deep": ("x = " + "[" * 100_000, ["config.toml"]),
    "unknown key": ("colour = 1\n", ["colour"]),
    "unknown table": ("[server]\nport = 1\n", ["server"]),
    "unknown key of a source": (SOURCE + 'intervall = "1h"\n', ["sources", "intervall"]),
    "unknown key of an agency": (AGENCY + 'alias = "x"\n', ["agencies", "alias"]),
    "unknown key of a feed": ('[[feeds]]\nid = "f"\nsearch = "x"\n', ["feeds", "search"]),
    "unknown key in two lines": ('"a\\nb" = 1\n', ["unknown key"]),
    "id in two lines": (SOURCE.replace('"s"', '"a\\nb"'), ["sources", "id"]),
    "wrong type": ("entries_per_feed = true\n", ["entries_per_feed"]),
    "wrong type in a list": (AGENCY + "aliases = [1]\n", ["agencies", "aliases"]),
    "a table that is not a list": ('[sources]\nid = "s"\n', ["sources"]),
    "a source that is not a table": ('sources = ["seeds/*.txt"]\n', ["sources"]),
    "source without id": ('[[sources]]\nlocation = "x"\n', ["sources", "id"]),
    "source without location": ('[[sources]]\nid = "s"\n', ["sources", "location"]),
    "repeated id of a source": (SOURCE + SOURCE, ["sources", "id", "'s'"]),
    "repeated id of an agency": (AGENCY + AGENCY, ["agencies", "id", "'nato'"]),
    "ids that differ in case": (AGENCY + '[[agencies]]\nid = "NATO"\n', ["agencies", "id"]),
    "repeated id of a feed": ('[[feeds]]\nid = "f"\n' * 2, ["feeds", "id", "'f'"]),
    "feed with an agency's id": (AGENCY + '[[feeds]]\nid = "nato"\n', ["feeds", "id"]),
    "alias of two agencies": (
        AGENCY + '[[agencies]]\nid = "x"\naliases = ["nato"]\n',
        ["agencies", "nato"],
    ),
    "no interval": (SOURCE + 'interval = "soon"\n', ["interval", "soon"]),
    "interval of nothing": (SOURCE + 'interval = "0s"\n', ["interval", "0s"]),
    "negative interval": (SOURCE + 'interval = "-5m"\n', ["interval", "-5m"]),
    "interval without unit": (SOURCE + 'interval = "15"\n', ["interval", "15"]),
    "interval as a number": (SOURCE + "interval = 15\n", ["interval"]),
    "unknown format": (SOURCE + 'format = "pdf"\n', ["format"]),
    "base_url of another scheme": ('base_url = "ftp://x/"\n', ["base_url", "ftp"]),
    "base_url without host": ('base_url = "http:///feeds/"\n', ["base_url"]),
    "base_url with a space": ('base_url = "http://a b/"\n', ["base_url"]),
    "base_url that is not text": ("base_url = 8080\n", ["base_url"]),
    "base_url with a query": ('base_url = "http://x/?a=1"\n', ["base_url"]),
    "base_url in brackets": ('base_url = "http://[::1/"\n', ["base_url"]),
    "location of another scheme": (SOURCE.replace("digests/*", "ftp://x/y"), ["location", "ftp"]),
    "empty location": (SOURCE.replace("digests/*.txt", ""), ["location"]),
    "homepage": (AGENCY + 'homepage = "javascript:alert(1)"\n', ["agencies", "homepage"]),
    "listen": ('listen = "everywhere"\n', ["listen", "everywhere"]),
    "port": ('listen = "127.0.0.1:99999"\n', ["listen", "99999"]),
    "no entry per feed": ("entries_per_feed = 0\n", ["entries_per_feed", "0"]),
    "entries per feed beyond bounds": (f"entries_per_feed = {10**30}\n", ["entries_per_feed"]),
    "size": ('max_document_size = "big"\n', ["max_document_size", "big"]),
    "empty title": ('title = " "\n', ["title"]),
    "empty store": ('store = ""\n', ["store"]),
    "id with a slash": (AGENCY.replace('"nato"', '"../nato"'), ["agencies", "id", "../nato"]),
    "id of the combined feed": ('[[agencies]]\nid = "all"\n', ["agencies", "id", "all"]),
    "id of a device": ('[[agencies]]\nid = "con"\n', ["agencies", "id", "con"]),
    "source of the combined feed": (SOURCE + 'agency = "all"\n', ["sources", "agency", "all"]),
    "source of a device": (SOURCE + 'agency = "con"\n', ["sources", "agency", "con"]),
    "source of a path": (SOURCE + 'agency = "../x"\n', ["sources", "agency", "../x"]),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_configuration_is_broken(
    tmp_path: Path,
    text: str | bytes,
    words: list[str],
) -> None:
    """Each mistake is exit code 2 with the file and the key or line, before anything runs."""
    project = make_project(tmp_path / "p", {"a.txt": ONE})
    project.write("config.toml", text)
    ran = project.run("check")
    assert_clear_error(ran, 2, "config.toml", *words)
    assert ran.out == ""


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    """Several mistakes get a line each, so that all can be corrected in one go."""
    text = 'base_url = "x"\n' + SOURCE + 'interval = "soon"\n' + SOURCE
    ran = make_project(tmp_path / "p", config=text).run("check")
    for word in ("base_url", "interval", "id"):
        assert_clear_error(ran, 2, "config.toml", word)
    assert len(ran.complaints) == 3


@pytest.mark.parametrize("command", [["once"], ["regenerate"], ["status"], ["show", "x"]])
def test_broken_configuration_touches_nothing(project: Project, command: list[str]) -> None:
    """With an invalid configuration no command changes store or feeds."""
    store, before = project.store_bytes(), as_it_was(project)
    project.write("config.toml", "colour = 1\n" + CONFIG)
    assert_clear_error(project.run(*command), 2, "colour")
    assert project.store_bytes() == store
    assert as_it_was(project) == before


def test_configuration_with_windows_line_ends(project: Project) -> None:
    """A byte order mark and CRLF, as Windows editors write them, are accepted."""
    project.write("config.toml", b"\xef\xbb\xbf" + CONFIG.replace("\n", "\r\n").encode())
    assert project.run("check").code == 0


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("title", 'title = "A\\u0001\\u202eB"\n'),
        ("title", 'title = "\\u200b"\n'),
        ("name", '[[agencies]]\nid = "nato"\nname = "N\\u0000A\\u001b[31mTO"\n'),
        ("name", '[[agencies]]\nid = "nato"\nname = "\\u2060"\n'),
    ],
)
def test_names_with_characters_that_xml_forbids(
    tmp_path: Path,
    key: str,
    text: str,
) -> None:
    """A title or name with forbidden characters is cleaned, or refused with its key."""
    project = make_project(tmp_path / "p", {"a.txt": ONE}, config=f"{text}\n{SOURCE}")
    ran = project.run("once")
    if ran.code == 0:
        assert not set("\x00\x01\x1b\u202e\u200b\u2060") & set(
            project.feeds()["all.atom"].decode() + project.feeds()["nato.atom"].decode()
        )
    else:
        assert_clear_error(ran, 2, "config.toml", key)


# The store


def store_is_refused(project: Project, *words: str, feeds_too: bool = True) -> None:
    """Run once: exit code 3 and ``words`` in one line; store and feeds byte for byte the same."""
    before, stamps, store = project.feeds(), project.stamps(), project.store_bytes()
    ran = project.run("once", "--json")
    assert_clear_error(ran, 3, "aggregator.db", *words)
    assert (ran.out, len(ran.complaints)) == ("", 1)
    assert project.store_bytes() == store
    assert (project.feeds(), project.stamps()) == (before, stamps)


def other_database(path: Path, *statements: str) -> None:
    """Run ``statements`` on the database at ``path``."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE recipes (name)", "INSERT INTO recipes VALUES ('soup')"],
        ["PRAGMA application_id = 252006673"],
        ["CREATE TABLE entries (key, title)", "CREATE TABLE sources (id)"],
        ["PRAGMA journal_mode = DELETE", "CREATE VIEW v AS SELECT 1"],
    ],
    ids=["tables", "application_id", "same-names", "view"],
)
def test_store_is_another_programs(project: Project, statements: list[str]) -> None:
    """A database of another program is refused and not changed."""
    project.store.unlink()
    other_database(project.store, *statements)
    project.write("digests/x.txt", ONE)
    store_is_refused(project, "another program")


@pytest.mark.parametrize(
    "content",
    [ONE.encode() * 100, b"SQLite format 3\0" + b"\xff" * 4000, b"milk, eggs\n"],
    ids=["text", "false header", "note"],
)
def test_store_is_not_a_database(project: Project, content: bytes) -> None:
    """A file that is not a database is refused and not changed."""
    project.store.write_bytes(content)
    store_is_refused(project, "database")


def test_store_is_an_empty_file(project: Project) -> None:
    """An empty file, as ``touch`` leaves it, becomes the store."""
    project.store.write_bytes(b"")
    assert project.run("once", "--json").json["sources"][0]["new"] == 4


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA user_version = 9999",
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('aggregator', 'm999_later', '2031-01-01')",
    ],
    ids=["version", "migration"],
)
def test_store_is_newer(project: Project, statement: str) -> None:
    """A store of a later version is refused, because its tables are unknown."""
    other_database(project.store, statement)
    project.write("digests/x.txt", ONE)
    store_is_refused(project, "newer")


@pytest.mark.parametrize("command", [["entries"], ["status"], ["search", "fog"], ["regenerate"]])
def test_every_command_refuses_a_foreign_store(project: Project, command: list[str]) -> None:
    """Reading another program's database is refused like writing to it."""
    project.store.unlink()
    other_database(project.store, "CREATE TABLE recipes (name)")
    store = project.store_bytes()
    ran = project.run(*command)
    assert_clear_error(ran, 3, "aggregator.db", "another program")
    assert project.store_bytes() == store


@pytest.mark.parametrize("whole_folder", [False, True], ids=["file", "folder"])
def test_store_is_read_only(project: Project, whole_folder: bool) -> None:
    """A read-only store is reported before any feed is written."""
    project.write("digests/x.txt", ONE)
    before, stamps, store = project.feeds(), project.stamps(), project.store_bytes()
    project.store.chmod(0o400)
    if whole_folder:
        project.folder.chmod(0o500)
    try:
        ran = project.run_process("once", modes_count=True)
    finally:
        project.folder.chmod(0o700)
    assert_clear_error(ran, 3, "aggregator.db")
    assert len(ran.complaints) == 1
    # SQLite cannot always remove the empty side files of a store that it may only read.
    left = {name: content for name, content in project.store_bytes().items() if "-" not in name}
    assert left == store
    assert (project.feeds(), project.stamps()) == (before, stamps)


@pytest.mark.parametrize("whole_folder", [False, True], ids=["file", "folder"])
def test_read_only_store_can_be_read(project: Project, whole_folder: bool) -> None:
    """Reading a read-only store returns its entries, and makes no side file."""
    store = project.store_bytes()
    project.store.chmod(0o400)
    if whole_folder:
        project.folder.chmod(0o500)
    try:
        ran = project.run_process("entries", "--json", modes_count=True)
    finally:
        project.folder.chmod(0o700)
    assert (ran.code, ran.err, len(ran.json_lines)) == (0, "", 4)
    assert project.store_bytes() == store


def damage(path: Path, start: int, length: int) -> None:
    """Overwrite a part of a file."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


@pytest.mark.parametrize("start", [0, 100, 4096, 3 * 4096])
def test_store_is_corrupt(project: Project, start: int) -> None:
    """A store with damaged pages is reported as damaged and not changed."""
    size = project.store.stat().st_size
    damage(project.store, start, size - start if start > 100 else 60)
    project.write("digests/x.txt", ONE)
    store_is_refused(project)


def test_store_is_cut_short(project: Project) -> None:
    """A store that lacks its second half, as after a full disk, is reported as damaged."""
    os.truncate(project.store, project.store.stat().st_size // 2)
    project.write("digests/x.txt", ONE)
    store_is_refused(project)


@pytest.mark.parametrize("command", [["status"], ["entries"], ["search", "fog"], ["show", "a"]])
def test_reading_a_corrupt_store(project: Project, command: list[str]) -> None:
    """Every command that reads says that the store is damaged; none shows a traceback."""
    damage(project.store, 4096, project.store.stat().st_size - 4096)
    ran = project.run(*command)
    assert_clear_error(ran, 3, "aggregator.db")


def test_store_is_a_folder(tmp_path: Path) -> None:
    """The error says that the path of the store is a folder."""
    project = make_project(tmp_path / "p", {"a.txt": ONE})
    project.store.mkdir()
    assert_clear_error(project.run("once"), 3, "aggregator.db", "folder")
    assert not project.output.exists()


def test_folder_of_the_store_is_missing(tmp_path: Path) -> None:
    """A store in a missing folder is exit code 3, with the path."""
    project = make_project(tmp_path / "p", {"a.txt": ONE}, config='store = "a/b.db"\n' + CONFIG)
    assert_clear_error(project.run("once"), 3, "a/b.db")
    assert not project.output.exists()


IMPATIENT = """
import aggregator.store
aggregator.store.BUSY_SECONDS = 0.05
aggregator.store.open_store.__kwdefaults__["busy"] = 0.05
"""


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_store_is_locked(project: Project, lock: str) -> None:
    """While another program writes, a run ends after its timeout and changes nothing."""
    project.write("digests/x.txt", ONE)
    before = as_it_was(project)
    other = sqlite3.connect(project.store, isolation_level=None)
    try:
        other.execute(f"BEGIN {lock}")
        ran = project.run_process("once", "--json", before=IMPATIENT)
        assert_clear_error(ran, 3, "aggregator.db", "locked")
        assert (ran.out, len(ran.complaints)) == ("", 1)
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert as_it_was(project) == before
    assert project.run("once", "--json").json["sources"][0]["new"] == 1


def test_reading_while_another_writes(project: Project) -> None:
    """A command that only reads does not wait for a writer."""
    other = sqlite3.connect(project.store, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        ran = project.run_process("entries", "--json", before=IMPATIENT)
        assert len(ran.json_lines) == 4
        other.execute("ROLLBACK")
    finally:
        other.close()


def test_two_runs_at_once(tmp_path: Path) -> None:
    """Two simultaneous runs on a new store both succeed, with the result of one run."""
    project = seeds_project(tmp_path / "both")
    alone = seeds_project(tmp_path / "alone")
    assert alone.run("once").code == 0
    both = [
        subprocess.Popen(
            command_line("once"),
            cwd=project.folder,
            env=environment(project.folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    assert project.is_sound()
    assert without_updated(project.feeds()) == without_updated(alone.feeds())


def without_updated(feeds: dict[str, bytes]) -> dict[str, bytes]:
    """Return the feeds without ``updated``, which keeps the first date of an entry.

    The run that ended first may have known less about it (docs/decisions/dating.md).
    """
    return {
        name: re.sub(rb"<updated>[^<]*</updated>", b"", content) for name, content in feeds.items()
    }


def test_another_run_adds_the_same_entry_first(project: Project) -> None:
    """A run succeeds though another run adds its entry between look-up and insert."""
    project.write("digests/x.txt", ONE)
    overtaken = (
        "import os, subprocess, sys\nreal = os.open\n"
        "def overtake(path, *rest, **more):\n"
        "    if str(path).endswith('x.txt'):\n"
        "        os.open = real\n"
        "        subprocess.run([sys.executable, '-m', 'aggregator', 'once'], check=True)\n"
        "    return real(path, *rest, **more)\n"
        "import aggregator.fetch.file\nos.open = overtake\n"
    )
    ran = project.run_process("once", before=overtaken)
    assert (ran.code, ran.err) == (0, "")
    assert len(project.run("entries", "--json").json_lines) == 5
    assert project.is_sound()


# No room, no permission

LARGE = FIRST + "".join(f"\nStory {n}\n\nSource: NATO\n\n{'long ' * 1200}{n}\n" for n in range(90))
STORE_IS_FULL = """
import sqlite3
real = sqlite3.connect
def connect(*args, **more):
    connection = real(*args, **more)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    return connection
sqlite3.connect = connect
"""
FEEDS_ARE_FULL = """
import errno, os
def fsync(handle):
    raise OSError(errno.ENOSPC, "No space left on device")
import aggregator.output.files
os.fsync = fsync
"""


def test_disk_is_full_for_the_store(project: Project) -> None:
    """A document that does not fit is rolled back completely."""
    project.write("digests/x.txt", LARGE)
    before = as_it_was(project)
    ran = project.run_process("once", "--json", before=STORE_IS_FULL)
    assert_clear_error(ran, 3, "aggregator.db", "full")
    assert (ran.out, len(ran.complaints)) == ("", 1)
    assert as_it_was(project) == before
    assert project.is_sound()
    assert project.run("once", "--json").json["sources"][0]["new"] == 90


def test_disk_is_full_for_the_feeds(project: Project) -> None:
    """A feed that does not fit leaves the previous feed whole, and no temporary file."""
    project.configure("entries_per_feed = 100\n" + CONFIG)
    project.write("digests/x.txt", LARGE)
    before, stamps = project.feeds(), project.stamps()
    ran = project.run_process("once", "--json", before=FEEDS_ARE_FULL)
    assert_clear_error(ran, 3, "feeds", ".atom", "No space left")
    assert (ran.out, len(ran.complaints)) == ("", 1)
    assert (project.feeds(), project.stamps()) == (before, stamps)
    assert project.is_sound()
    assert project.run("once").code == 0
    assert b"Story 89" in project.feeds()["all.atom"]


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Return a disk of ``kilobytes``, where the tests may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    mount = getattr(libc, "mount", None)
    if mount is None or mount(
        b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={request.param}k".encode()
    ):
        pytest.skip("a small disk cannot be mounted here: it takes root and Linux")
    try:
        yield folder
    finally:
        libc.umount2(os.fsencode(folder), 2)  # MNT_DETACH: also if a file on it is still open


@pytest.mark.parametrize("small_disk", [1000], indirect=True)
def test_disk_is_really_full_for_the_store(small_disk: Path, tmp_path: Path) -> None:
    """On a full disk the run ends with an error, and feeds on another disk are unchanged."""
    config = f'store = "{small_disk}/aggregator.db"\n' + CONFIG
    project = make_project(tmp_path / "p", {"a.txt": FIRST}, config=config)
    assert project.run("once").code == 0
    before = project.feeds(), project.stamps()
    entries = project.run("entries", "--json").out
    project.write("digests/x.txt", LARGE)
    ran = project.run("once", "--json")
    assert_clear_error(ran, 3, "aggregator.db", "full")
    assert (project.feeds(), project.stamps()) == before
    assert project.run("entries", "--json").out == entries


@pytest.mark.parametrize("small_disk", [300], indirect=True)
def test_disk_is_really_full_for_the_feeds(small_disk: Path, tmp_path: Path) -> None:
    """On a full disk the previous feeds stay whole, without temporary files."""
    config = f'output = "{small_disk}/feeds"\n' + CONFIG
    project = make_project(tmp_path / "p", {"a.txt": FIRST}, config=config)
    assert project.run("once").code == 0
    feeds = Project(small_disk)
    before = feeds.feeds(), feeds.stamps()
    project.write("digests/x.txt", LARGE)
    assert_clear_error(project.run("once"), 3, "all.atom", "No space left")
    assert (feeds.feeds(), feeds.stamps()) == before


def test_feeds_are_read_only(project: Project) -> None:
    """Where feeds cannot be written, all stays, and the next run writes them."""
    project.write("digests/x.txt", ONE)
    before = as_it_was(project)
    project.output.chmod(0o500)
    try:
        ran = project.run_process("once", "--json", modes_count=True)
    finally:
        project.output.chmod(0o700)
    assert_clear_error(ran, 3, "feeds", "ermission denied")
    assert (ran.out, len(ran.complaints)) == ("", 1)
    assert as_it_was(project) == before
    assert project.run("once").code == 0
    assert b"Lighthouse" in project.feeds()["all.atom"]


def test_nothing_to_write_into_read_only_feeds(project: Project) -> None:
    """Feeds that are up to date need no write permission."""
    project.output.chmod(0o500)
    try:
        ran = project.run_process("once", modes_count=True)
    finally:
        project.output.chmod(0o700)
    assert (ran.code, ran.err) == (0, "")


def test_file_in_the_place_of_the_feeds(tmp_path: Path) -> None:
    """A file in place of the output folder is named in the error, and kept."""
    project = make_project(tmp_path / "p", {"a.txt": ONE})
    project.output.write_text("mine")
    assert_clear_error(project.run("once"), 3, "feeds", "file")
    assert project.output.read_text() == "mine"


def test_folder_in_the_place_of_a_feed(project: Project) -> None:
    """A folder named like a feed fails the output, with its name in the error."""
    project.write("digests/x.txt", ONE)
    (project.output / "all.atom").unlink()
    (project.output / "all.atom").mkdir()
    assert_clear_error(project.run("once"), 3, "all.atom")


def test_feeds_cannot_be_made(tmp_path: Path) -> None:
    """An output folder that cannot be created is named with the reason."""
    project = make_project(tmp_path / "p", {"a.txt": ONE}, config='output = "a/b"\n' + CONFIG)
    (project.folder / "a").write_text("mine")
    assert_clear_error(project.run("once"), 3, "a/b")


# Agencies with hostile names

HOSTILE = {
    "a path": "../../etc/passwd",
    "an absolute path": "/etc/passwd",
    "a slash": "NATO/",
    "backslashes": "..\\..\\boot.ini",
    "a device": "con",
    "another device": "LPT1",
    "a device with an ending": "nul.atom",
    "dotted capital I": "İstanbul",
    "punctuation": "!!!",
    "more punctuation": "?!",
    "dots": "...",
    "one dot": ".",
    "the combined feed": "all",
    "the index": "index",
    "the archive": "archive",
    "a hidden file": ".htaccess",
    "an emoji": "🕊",
    "Greek": "Ευρωπόλ",
    "Cyrillic look-alike": "NАTO",
    "right to left": "שלום",
    "an option": "--help",
    "a stream": "feed.atom:secret",
    "percent": "%2e%2e%2f",
    "shell": "$(reboot) `x` *",
    "bidi": "\u202eyvan",
    "ending": "europol.atom",
    "190 characters": "Long " * 38,
}


def release_by(name: str) -> str:
    return f"Some news\n\nSource: {name}\n\nSome text.\n"


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_agency_gets_a_safe_file(tmp_path: Path, name: str) -> None:
    """Its feed is in the output folder, under a name that every file system accepts."""
    project = make_project(tmp_path / "deep" / "deeper" / "p")
    project.write("digests/x.txt", release_by(name))
    ran = project.run("once")
    assert (ran.code, ran.err) == (0, "")
    (feed,) = set(project.feeds()) - {"all.atom", "changes.atom"}
    stem = feed.removesuffix(".atom")
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_"), feed
    assert 0 < len(stem) <= 100
    assert stem[0].isalnum()
    reserved = {"all", "index", "archive", "entries", "con", "prn", "aux", "nul", "lpt1", "com1"}
    assert stem not in reserved
    made = {path.name for path in project.folder.iterdir()}
    assert made <= {"config.toml", "digests", "feeds", "aggregator.db"}
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]


def test_hostile_agencies_do_not_collide(tmp_path: Path) -> None:
    """Each of them has its own feed, also on a file system that ignores case."""
    digest = "".join(
        f"News {n}\n\nSource: {name}\n\nText {n}.\n\n" for n, name in enumerate(HOSTILE.values())
    )
    project = make_project(tmp_path / "p", {"a.txt": digest + ONE})
    assert project.run("once").code == 0
    names = {name.casefold() for name in project.feeds()}
    assert len(names) == len(HOSTILE) + 3  # NATO itself, all of them, and what changed
    entries = project.run("entries", "--json").json_lines
    assert len({entry["agency"] for entry in entries}) == len(HOSTILE) + 1


def test_hostile_agencies_keep_their_files(tmp_path: Path) -> None:
    """A name gets the same file in every store, whichever names were read before."""
    names = list(HOSTILE.values())
    blocks = [f"News {n}\n\nSource: {name}\n\nText.\n\n" for n, name in enumerate(names)]
    there = make_project(tmp_path / "there", {"a.txt": "".join(blocks)})
    back = make_project(tmp_path / "back", {"a.txt": "".join(blocks[::-1])})
    assert there.run("once").code == back.run("once").code == 0
    ids = [
        {entry["title"]: entry["agency"] for entry in project.run("entries", "--json").json_lines}
        for project in (there, back)
    ]
    assert ids[0] == ids[1]
    assert set(there.feeds()) == set(back.feeds())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Border-Guard", "Border_Guard"),
        ("NATO", "NATO/"),
        ("ıstanbul", "istanbul"),
        ("Straße", "Strase"),
        ("🕊", "☮"),
    ],
    ids=lambda name: ascii(name),
)
def test_names_that_would_collide(
    tmp_path: Path,
    one: str,
    other: str,
) -> None:
    """Names of two agencies do not share a file."""
    digest = f"News\n\nSource: {one}\n\nText.\n\nMore news\n\nSource: {other}\n\nMore text.\n"
    project = make_project(tmp_path / "p", {"a.txt": digest})
    assert project.run("once").code == 0
    assert len({name.casefold() for name in project.feeds()}) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Border Guard", "Border-Guard"),
        ("NATO", "NATO."),
        ("Müller", "Muller"),
        ("İstanbul", "Istanbul"),
    ],
    ids=lambda name: ascii(name),
)
def test_names_of_one_agency(tmp_path: Path, one: str, other: str) -> None:
    """Two ways to write a name are one agency, with one feed."""
    digest = f"News\n\nSource: {one}\n\nText.\n\nMore news\n\nSource: {other}\n\nMore text.\n"
    project = make_project(tmp_path / "p", {"a.txt": digest})
    assert project.run("once").code == 0
    assert len(project.feeds()) == 3


def test_name_made_to_collide(tmp_path: Path) -> None:
    """A name equal to the id made for another name gets a separate file."""
    project = make_project(tmp_path / "p", {"a.txt": release_by("!!!")})
    assert project.run("once").code == 0
    (feed,) = set(project.feeds()) - {"all.atom", "changes.atom"}
    project.write("digests/b.txt", release_by(feed.removesuffix(".atom")))
    assert project.run("once").code == 0
    assert len(project.feeds()) == 4


def test_name_that_differs_from_an_id_in_case_only(tmp_path: Path) -> None:
    """A name that is a configured id in another case is that agency's, so no feeds collide."""
    config = CONFIG + '\n[[agencies]]\nid = "Coast-Guard"\nname = "The guard"\n'
    digest = "News\n\nSource: The guard\n\nText.\n\nMore\n\nSource: coast guard\n\nMore text.\n"
    project = make_project(tmp_path / "p", {"a.txt": digest}, config=config)
    assert project.run("once").code == 0
    names = set(project.feeds())
    assert names == {"all.atom", "changes.atom", "Coast-Guard.atom"}


def test_agency_of_a_source_differs_in_case_only(tmp_path: Path) -> None:
    """An agency named by a source does not differ from a configured one in case only."""
    config = CONFIG.replace("*.txt", "a.txt") + (
        '\n[[sources]]\nid = "b"\nlocation = "digests/b.txt"\nagency = "Nato"\n'
    )
    project = make_project(tmp_path / "p", {"a.txt": ONE, "b.txt": SECOND}, config=config)
    ran = project.run("once")
    if ran.code == 0:
        names = set(project.feeds())
        assert len({name.casefold() for name in names}) == len(names)
    else:
        assert_clear_error(ran, 2, "agency", "Nato")


@pytest.mark.parametrize("name", ["\u200b\u2060", "\u202e", "\ufeff", "\x01\x02"], ids=ascii)
def test_name_without_a_visible_letter(tmp_path: Path, name: str) -> None:
    """A name that is empty once cleaned costs at most its own block."""
    digest = f"Some news\n\nSource: {name}\n\nSome long text, {'long ' * 50}.\n"
    project = make_project(tmp_path / "p", {"a.txt": digest, "b.txt": ONE})
    ran = project.run("once")
    assert "nato.atom" in project.feeds(), ran.err
    if ran.err:
        assert_clear_error(ran, ran.code, "digests/a.txt")
    else:
        assert ran.code == 0
        assert len(project.feeds()) == 4


def test_name_of_ten_thousand_characters(tmp_path: Path) -> None:
    """A very long name gets a short file name, or its block is reported as rejected."""
    digest = f"Some news\n\nSource: {'A' * 10_000}\n\nSome text.\n"
    project = make_project(tmp_path / "p", {"a.txt": digest, "b.txt": ONE})
    ran = project.run("once")
    names = set(project.feeds()) - {"all.atom", "changes.atom", "nato.atom"}
    if names:
        assert all(len(name) <= 105 for name in names)
        assert (ran.code, ran.err) == (0, "")
    else:
        assert_clear_error(ran, ran.code, "digests/a.txt", "line")
        assert max(len(line) for line in ran.complaints) < 500
    assert b"Lighthouse" in project.feeds()["all.atom"]


def test_name_of_ten_thousand_characters_between_others(tmp_path: Path) -> None:
    """Between good blocks it costs none of them, and its text is kept."""
    middle = f"Some news\n\nSource: {'A' * 10_000}\n\nSome text.\n\n"
    project = make_project(tmp_path / "p", {"a.txt": f"{SECOND}\n{middle}{ONE}"})
    ran = project.run("once", "--json")
    (report,) = ran.json["sources"]
    assert report["new"] >= 3
    assert b"Some text." in project.feeds()["all.atom"] or report["rejected"] == 1
