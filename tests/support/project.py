"""A project folder to run the program in, and words for digests."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.cli.commands import main
from aggregator.model import Agency, Document

ROOT = Path(__file__).parent.parent.parent
"""The folder that holds the package."""

MODIFIED = datetime(2024, 1, 5, 9, 30, tzinfo=UTC)
"""The time of every digest that a test writes, unless it says another."""

CONFIG = """\
title = "Press releases"
base_url = "http://localhost:8080/"

[[sources]]
id = "digests"
location = "digests/*.txt"
format = "digest"

[[agencies]]
id = "nato"
name = "NATO"
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


@dataclass(frozen=True, slots=True)
class Ran:
    """What one call of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON value."""
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        """Standard output, which must be JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a ``config.toml`` and a folder ``digests``, in which the program can run."""

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "config.toml"

    @property
    def feeds(self) -> Path:
        """The folder of feeds."""
        return self.folder / "feeds"

    @property
    def store(self) -> Path:
        """The SQLite file."""
        return self.folder / "aggregator.db"

    def configure(self, text: str) -> None:
        """Replace the configuration."""
        self.config.write_text(text, encoding="utf-8")

    def write(self, name: str, content: str | bytes, modified: datetime = MODIFIED) -> Path:
        """Write one digest into ``digests``, with its own time."""
        path = self.folder / "digests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (modified.timestamp(), modified.timestamp()))
        return path

    def run(self, *arguments: str) -> Ran:
        """Run the command with this project's configuration, within this process."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
        before = sys.argv
        sys.argv = ["aggregator", "--config", str(self.config), *arguments]
        code = -1
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else -1
        finally:
            sys.argv = before
        return Ran(code, _written(out), _written(err))

    def run_process(self, *arguments: str, env: dict[str, str] | None = None) -> Ran:
        """Run the command as a process of its own, in the project's folder."""
        ran = subprocess.run(
            [sys.executable, "-m", "aggregator", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | (env or {}),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def _written(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def block(
    title: str, agency: str, body: str, *, date: str | None = None, link: str | None = None
) -> str:
    """One block of a digest, as the contract has it."""
    header = [f"Source: {agency}"]
    header += [f"Date: {date}"] if date is not None else []
    header += [f"Link: {link}"] if link is not None else []
    return "\n".join([title, "", *header, "", body, ""])


def digest(*blocks: str) -> str:
    """A digest of these blocks, an empty line between two."""
    return "\n".join(blocks)


def document(content: str | bytes, *, source: str = "digests", name: str = "a.txt") -> Document:
    """``content`` as a document that was retrieved."""
    body = content if isinstance(content, bytes) else content.encode()
    return Document(source=source, name=name, body=body, sha256="0" * 64, modified=MODIFIED)


NATO = Agency(id="nato", name="NATO", homepage="https://www.nato.int/")
