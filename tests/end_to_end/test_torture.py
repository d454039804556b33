"""Kill the program at random points, fail its writes, and compare it with an undisturbed run.

Thirty rounds; ``just torture 500 --seed 7`` does more (``tests/support/torture.py``).
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.faults import COMPILER
from tests.support.project import ROOT, Project, two_digests
from tests.support.torture import Round, WrongError

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or COMPILER is None,
        reason="faults at the Nth change to a file need Linux and a C compiler (package gcc)",
    ),
    pytest.mark.slow,
]

FEWER = 15
"""Rounds of one test, so that tests run side by side."""


@pytest.mark.parametrize("first", [1, 1 + FEWER])
def test_killed_and_failing_commands_lose_nothing(first: int) -> None:
    """Nothing is lost, doubled, torn or left, and the line that repeats a round is printed."""
    command = [sys.executable, "-m", "tests.support.torture", str(FEWER), "--first", str(first)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{FEWER} rounds" in ran.stdout


def _sql(statement: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        import sqlite3

        with sqlite3.connect(project.store) as connection:
            connection.execute(statement)
        connection.close()

    return change


HARM: dict[str, tuple[str, Callable[[Project], object]]] = {
    "an entry has another text": ("torn", _sql("UPDATE entries SET text = 'x' WHERE key = 1")),
    "an entry has another id": ("lost", _sql("UPDATE entries SET id = 'urn:x' WHERE key = 1")),
    "a reference is broken": ("torn", _sql("UPDATE sightings SET entry = 99 WHERE id = 5")),
    "a page is gone": ("lost", lambda project: (project.output / "index.html").unlink()),
    "a feed is cut": ("torn", lambda project: (project.output / "all.atom").write_bytes(b"<")),
    "a file is left": ("left", lambda project: (project.output / ".all.atom.x").write_bytes(b"")),
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_to_a_project_is_noticed(harm: str, tmp_path: Path, both: Project) -> None:
    """The comparison notices each kind of harm."""
    played = Round(tmp_path / "round", 1, 1, Counter())
    both.copy(played.twin.folder)
    both.copy(played.project.folder)
    played._compare()
    kind, change = HARM[harm]
    change(played.project)
    with pytest.raises(WrongError) as wrong:
        played._compare()
    assert wrong.value.kind == kind


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after a run."""
    project = two_digests(tmp_path_factory.mktemp("both") / "p")
    assert project.run("once").code == 0
    return project
