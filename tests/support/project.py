"""A project folder in which tests run the program, and words for digests.

``Project.run`` calls the command in this process; ``run_process`` starts ``python -m aggregator``,
for tests of signals, limits, encodings and the environment.  Files get fixed times, so that the
result of a run does not depend on the day.
"""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli import main
from aggregator.config import load
from aggregator.ingest.run import ingest
from aggregator.model import Agency, Document
from aggregator.store import open_store
from tests.support import forked

ROOT = Path(__file__).resolve().parent.parent.parent
"""The folder that holds the package."""

MODIFIED = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
"""When a file that a test writes was last changed, unless the test names another time."""

CONFIG = """\
title = "Press releases"
base_url = "http://localhost:8080/"

[[sources]]
id = "digests"
location = "digests/*.txt"

[[agencies]]
id = "nato"
name = "NATO"
aliases = ["OTAN"]
homepage = "https://www.nato.int/"

[[agencies]]
id = "europol"
name = "Europol"

[[agencies]]
id = "interpol"
name = "INTERPOL"
aliases = ["Interpol (news and events)", "ICPO"]

[[agencies]]
id = "jcs"
name = "US Joint Chiefs of Staff"
aliases = ["US Defense Joint Chiefs of Staff"]
"""

AGENCIES = CONFIG[CONFIG.index("[[agencies]]") :]

NATO = Agency(id="nato", name="NATO", homepage="https://www.nato.int/")

FIRST = """Harbour drill ends in fog

Source: NATO
Date: 2023-12-15
Link: https://example.org/harbour

Mircea Geoană thanked the crews.

  • divers
  • pilots

Forged notes seized in three ports

Source: Europol

Officers counted bank notes until morning and then…

Herring fleet comes home

Source: Coast Guard of the Northern Isles

All boats are in.
"""

SECOND = """Bridge opens to lorries

Source: OTAN
Date: 2023-12-16

The bridge is open.

Harbour drill ends in fog

Source: NATO
Date: 2023-12-15
Link: https://example.org/harbour

Mircea Geoană thanked the crews.

  • divers
  • pilots
"""

ONE = "Lighthouse lit again\n\nSource: NATO\n\nThe lamp was mended.\n"

OBEY_FILE_MODES = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, see capabilities(7)
    if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
        sys.exit("cannot drop capability")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Starts Python as root without the capabilities that override file modes."""

CANNOT_OBEY = b"cannot drop capability"


@dataclass(frozen=True, slots=True)
class Ran:
    """The result of one call of the command."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """Return the lines on stderr."""
        return self.err.splitlines()

    @property
    def json(self) -> Any:
        """Return standard output, which must be one JSON value."""
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        """Return standard output, which must be JSON Lines."""
        assert self.out == "" or self.out.endswith("\n")
        return [json.loads(line) for line in self.out.split("\n")[:-1]]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a ``config.toml`` and a folder ``digests``, in which the program runs."""

    folder: Path

    @property
    def config(self) -> Path:
        """Return the path of the configuration."""
        return self.folder / "config.toml"

    @property
    def store(self) -> Path:
        """Return the path of the store."""
        return self.folder / "aggregator.db"

    @property
    def output(self) -> Path:
        """Return the output folder."""
        return self.folder / "feeds"

    def configure(self, text: str) -> None:
        """Replace the configuration."""
        self.config.write_text(text, encoding="utf-8")

    def write(
        self, name: str, content: str | bytes, modified: datetime = MODIFIED, *, later: int = 0
    ) -> Path:
        """Write a file of the project, last changed ``later`` seconds after ``modified``."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        changed = (modified + timedelta(seconds=later)).timestamp()
        os.utime(path, (changed, changed))
        return path

    def write_digest(self, name: str, content: str | bytes, modified: datetime = MODIFIED) -> Path:
        """Write one digest into ``digests``."""
        return self.write(f"digests/{name}", content, modified)

    def copy(self, folder: Path) -> "Project":
        """Copy the whole project, with the times of its files."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, symlinks=True)
        return Project(folder)

    def run(self, *args: str, cwd: Path | None = None) -> Ran:
        """Run the command in this process, from the project's folder or from ``cwd``."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
        before = sys.argv
        sys.argv = ["aggregator", *args]
        try:
            with (
                chdir(cwd or self.folder),
                redirect_stdout(out),
                redirect_stderr(err),
                pytest.raises(SystemExit) as exit_,
            ):
                main()
        finally:
            sys.argv = before
        code = exit_.value.code
        assert isinstance(code, int)
        return Ran(code, _written(out), _written(err))

    def ingest(self) -> None:
        """Ingest all sources as ``once`` does, without writing feeds; none may fail."""
        config = load(self.config)
        with open_store(config.store) as store:
            reports = ingest(config, store, now=datetime.now(UTC))
        assert not [report for report in reports if report.error is not None]

    def run_process(
        self,
        *args: str | bytes,
        before: str = "",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        modes_count: bool = False,
    ) -> Ran:
        """Run the command as a separate process, with its output in files or pipes.

        ``before`` is Python that the process runs first, to cause a failure.  With
        ``modes_count`` file modes apply to the process even if root runs the tests.
        """
        texts = [argument for argument in args if isinstance(argument, str)]
        is_plain = env is None and not modes_count and len(texts) == len(args)
        if is_plain and sys.platform == "linux":
            return self._run_forked(texts, before, cwd or self.folder)
        command = command_line(*args, before=before)
        if modes_count and os.geteuid() == 0:
            command = [sys.executable, "-c", OBEY_FILE_MODES, *command[1:]]
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=environment(self.folder, env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.stderr.startswith(CANNOT_OBEY):
            pytest.skip("root cannot drop its power over file modes here")
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _run_forked(self, args: list[str], before: str, cwd: Path) -> Ran:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = forked.start(
                args,
                cwd=cwd,
                env=environment(self.folder),
                stdout=out.fileno(),
                stderr=err.fileno(),
                before=before,
            )
            try:
                code = process.wait(60)
            finally:
                process.kill()
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
            return Ran(code, *texts)

    def files(self) -> dict[str, bytes]:
        """Return every file of the output folder, hidden ones too, by its relative path."""
        return {
            str(path.relative_to(self.output)): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }

    def feeds(self) -> dict[str, bytes]:
        """Return every Atom feed by its name, and any temporary file that a run left."""
        return {
            name: body
            for name, body in self.files().items()
            if ("/" not in name and name.endswith(".atom")) or "/." in f"/{name}"
        }

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Return the time in nanoseconds and the inode of each file of the output folder."""
        return {
            name: (found.st_mtime_ns, found.st_ino)
            for name in self.files()
            for found in [(self.output / name).stat()]
        }

    def store_bytes(self) -> dict[str, bytes]:
        """Return the bytes of the store and of SQLite's side files."""
        return {path.name: path.read_bytes() for path in self.folder.glob(f"{self.store.name}*")}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, from a copy so that reading changes nothing."""
        with tempfile.TemporaryDirectory() as elsewhere:
            for path in self.folder.glob(f"{self.store.name}*"):
                shutil.copy2(path, elsewhere)
            connection = sqlite3.connect(Path(elsewhere) / self.store.name)
            try:
                return connection.execute(sql).fetchall()
            finally:
                connection.close()

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row that came from documents; not when sources were last polled."""
        tables = ("agencies", "documents", "entries", "links", "categories", "sightings")
        return {table: self.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}

    def is_sound(self) -> bool:
        """Return whether SQLite finds no error in the store."""
        return self.rows("PRAGMA integrity_check") == [("ok",)]


def make_project(
    folder: Path, digests: Mapping[str, str | bytes] | None = None, *, config: str = CONFIG
) -> Project:
    """Return a project with these digests, each a minute newer than the one before it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "digests").mkdir()
    project = Project(folder)
    project.write("config.toml", config)
    for number, (name, content) in enumerate((digests or {}).items()):
        project.write(f"digests/{name}", content, later=60 * number)
    return project


def two_digests(folder: Path) -> Project:
    """Return a project with two digests: four entries of three agencies, one seen twice."""
    return make_project(folder, {"a.txt": FIRST, "b.txt": SECOND})


def seeds_project(folder: Path) -> Project:
    """Return a project with the digests and the configuration of the repository."""
    project = Project(folder)
    project.write("config.toml", (ROOT / "config.toml").read_bytes())
    for number, path in enumerate(sorted((ROOT / "seeds").glob("*.txt"))):
        project.write(f"seeds/{path.name}", path.read_bytes(), later=3600 * number)
    return project


def command_line(*args: str | bytes, before: str = "") -> list[str | bytes]:
    """Return the command with ``args``; its process runs the Python in ``before`` first."""
    if before:
        return [sys.executable, "-c", f"{before}\nfrom aggregator.cli import main\nmain()", *args]
    return [sys.executable, "-m", "aggregator", *args]


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment with nothing of the test's environment but the path."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **(more or {}),
    }


def assert_clear_error(ran: Ran, code: int, *words: str) -> None:
    """Check the exit code, and that one printable line of stderr has all ``words``."""
    assert ran.code == code, (ran.code, ran.out, ran.err)
    assert ran.complaints, "no error line"
    for line in ran.complaints:
        assert line.startswith("aggregator: "), ran.err
        assert "Traceback" not in line
        assert "internal error" not in line
        assert line.isprintable(), ascii(line)
    assert any(all(word in line for word in words) for line in ran.complaints), ran.err


def _written(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def block(
    title: str, agency: str, body: str, *, date: str | None = None, link: str | None = None
) -> str:
    """Return one block of a digest."""
    header = [f"Source: {agency}"]
    header += [f"Date: {date}"] if date is not None else []
    header += [f"Link: {link}"] if link is not None else []
    return "\n".join([title, "", *header, "", body, ""])


def digest(*blocks: str) -> str:
    """Return a digest of these blocks, with an empty line between two."""
    return "\n".join(blocks)


def document(content: str | bytes, *, source: str = "digests", name: str = "a.txt") -> Document:
    """Return ``content`` as a retrieved document."""
    body = content if isinstance(content, bytes) else content.encode()
    return Document(source=source, name=name, body=body, sha256="0" * 64, modified=MODIFIED)
