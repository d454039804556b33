"""A project folder to try things in, and the program run there as people run it.

``Project`` is a folder with a configuration and digests; its ``run`` starts ``python -m
aggregator`` as a process of its own and gives what came of it.  Files get times that are fixed, so
that what a run makes of them is the same today and tomorrow.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli.commands import main

ROOT = Path(__file__).resolve().parent.parent.parent
NOON = 1_717_243_200
"""2024-06-01T12:00:00Z, when the first file of a project was last changed."""

AGENCIES = """
[[agencies]]
id = "nato"
name = "NATO"
aliases = ["OTAN"]
homepage = "https://www.nato.int/"

[[agencies]]
id = "europol"
name = "Europol"
"""

CONFIG = (
    """
title = "Trial"
base_url = "http://localhost:8080/"
entries_per_feed = 100

[[sources]]
id = "digests"
location = "digests/*.txt"
"""
    + AGENCIES
)

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

FORGET_WHO_WE_ARE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, see capabilities(7)
    if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
        sys.exit("cannot drop capability")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Runs Python as a root whom file modes refuse what they refuse anybody."""

CANNOT_FORGET = b"cannot drop capability"


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one run."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()

    def json(self) -> Any:
        """The one JSON value that stdout holds, and nothing else."""
        return json.loads(self.out)

    def json_lines(self) -> list[dict[str, Any]]:
        """The JSON Lines that stdout holds."""
        assert self.out == "" or self.out.endswith("\n")
        return [json.loads(line) for line in self.out.split("\n")[:-1]]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder in which the program is run."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def store(self) -> Path:
        return self.folder / "aggregator.db"

    @property
    def output(self) -> Path:
        return self.folder / "feeds"

    def write(self, name: str, content: str | bytes, *, later: int = 0) -> Path:
        """A file of the project, last changed ``later`` seconds after noon."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (NOON + later, NOON + later))
        return path

    def copy(self, folder: Path) -> "Project":
        """The whole of it elsewhere, with the times of its files."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, symlinks=True)
        return Project(folder)

    def run(
        self,
        *args: str | bytes,
        before: str = "",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        modes_count: bool = False,
    ) -> Ran:
        """Run the command with ``args``, with its output in pipes.

        ``before`` is Python that the process runs first, to make the world misbehave.  With
        ``modes_count`` it is refused by file modes even if the tests are run by root.
        """
        command = command_line(*args, before=before)
        if modes_count and os.geteuid() == 0:
            command = [sys.executable, "-c", FORGET_WHO_WE_ARE, *command[1:]]
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=environment(self.folder, env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        if done.stderr.startswith(CANNOT_FORGET):
            pytest.skip("this root may not give up its power over file modes")
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_here(
        self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], *args: str
    ) -> Ran:
        """Run the command in this very process, which takes a tenth of the time."""
        patch.chdir(self.folder)
        patch.setattr(sys, "argv", ["aggregator", *args])
        capture.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        code = exit_.value.code
        assert isinstance(code, int)
        return Ran(code, *capture.readouterr())

    def files(self) -> dict[str, bytes]:
        """Every file in the output folder, hidden ones too, by its path from there."""
        return {
            str(path.relative_to(self.output)): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }

    def feeds(self) -> dict[str, bytes]:
        """Every feed, in Atom, by its name; and whatever a run left behind that is hidden."""
        return {
            name: body
            for name, body in self.files().items()
            if ("/" not in name and name.endswith(".atom")) or "/." in f"/{name}"
        }

    def stamps(self) -> dict[str, tuple[int, int]]:
        """When each file of the feeds was written, to the nanosecond, and its inode."""
        return {
            name: (found.st_mtime_ns, found.st_ino)
            for name in self.files()
            for found in [(self.output / name).stat()]
        }

    def store_bytes(self) -> dict[str, bytes]:
        """The store's file, and whatever SQLite left beside it."""
        return {path.name: path.read_bytes() for path in self.folder.glob(f"{self.store.name}*")}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the store answers, read from a copy so that looking changes nothing."""
        with tempfile.TemporaryDirectory() as elsewhere:
            for path in self.folder.glob(f"{self.store.name}*"):
                shutil.copy2(path, elsewhere)
            connection = sqlite3.connect(Path(elsewhere) / self.store.name)
            try:
                return connection.execute(sql).fetchall()
            finally:
                connection.close()

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that the store holds of what it read; not when sources were last tried."""
        tables = ("agencies", "documents", "entries", "links", "categories", "sightings")
        return {table: self.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}

    def is_sound(self) -> bool:
        """Whether SQLite finds nothing wrong with the store."""
        return self.rows("PRAGMA integrity_check") == [("ok",)]


def make_project(
    folder: Path, digests: Mapping[str, str | bytes] | None = None, *, config: str = CONFIG
) -> Project:
    """A project whose digests are these, each a minute younger than the one before it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "digests").mkdir()
    project = Project(folder)
    project.write("config.toml", config)
    for number, (name, content) in enumerate((digests or {}).items()):
        project.write(f"digests/{name}", content, later=60 * number)
    return project


def two_digests(folder: Path) -> Project:
    """A project with two digests: four entries of three agencies, one of them seen twice."""
    return make_project(folder, {"a.txt": FIRST, "b.txt": SECOND})


def seeds_project(folder: Path) -> Project:
    """The project's own digests and its own configuration."""
    project = Project(folder)
    project.write("config.toml", (ROOT / "config.toml").read_bytes())
    for number, path in enumerate(sorted((ROOT / "seeds").glob("*.txt"))):
        project.write(f"seeds/{path.name}", path.read_bytes(), later=3600 * number)
    return project


def command_line(*args: str | bytes, before: str = "") -> list[str | bytes]:
    """The command with ``args``; with ``before``, that is run in its process first."""
    if before:
        return [sys.executable, "-c", f"{before}\nfrom aggregator.cli import main\nmain()", *args]
    return [sys.executable, "-m", "aggregator", *args]


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment with nothing of the tester's own in it but the path."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **(more or {}),
    }


def assert_told_plainly(ran: Ran, code: int, *words: str) -> None:
    """Exit code ``code``, and on stderr clear lines in which ``words`` stand together."""
    assert ran.code == code, (ran.code, ran.out, ran.err)
    assert ran.complaints, "nothing was said"
    for line in ran.complaints:
        assert line.startswith("aggregator: "), ran.err
        assert "Traceback" not in line
        assert "a fault in this program" not in line
        assert line.isprintable(), ascii(line)
    assert any(all(word in line for word in words) for line in ran.complaints), ran.err
