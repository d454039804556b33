"""A project in which the doctor finds nothing, and what damages and examines it."""

import sqlite3
from datetime import timedelta
from pathlib import Path

from tests.support.project import MODIFIED, Project, Ran, block, digest, make_project

HARBOUR = (
    "The standing maritime group finished its harbour drill on Friday after eleven days of work"
    " in dense fog off the northern coast. Divers from four nations searched the sea bed for old"
    " mines and found thirty-one of them, while pilots brought tankers past the site by night."
    " The commander thanked the crews and the fishermen who had stayed in port, and said that the"
    " drill will be held again in the spring of next year."
)
NOTES = (
    "Officers in three ports seized forged bank notes worth two million euros that were hidden in"
    " crates of frozen fish. Five suspects were arrested at dawn, among them the owner of a print"
    " shop, and presses, plates and paper were taken away for examination by specialists who had"
    " followed the trail of the ink for nine months."
)
BRIDGE = (
    "A bridge that engineers of two armies built within nine hours was opened to lorries of the"
    " relief convoy. It carries sixty tonnes and stays in place until the old crossing has been"
    " mended, which the mayor of the town expects to take until the first snow."
)
TITLES = ("Harbour drill ends in fog", "Forged notes seized", "Bridge opens to lorries")
EDITED = HARBOUR.replace("eleven days", "twelve days").replace("thanked", "praised")
LATER = MODIFIED + timedelta(days=2)


def make_sound(folder: Path) -> Project:
    """Make three entries of two agencies, one with two texts and one that a third carried."""
    harbour, notes, bridge = TITLES
    project = make_project(folder)
    project.write_digest(
        "a.txt",
        digest(block(harbour, "NATO", HARBOUR, date="2024-01-04"), block(notes, "Europol", NOTES)),
    )
    project.write_digest(
        "b.txt",
        digest(
            block(bridge, "NATO", BRIDGE),
            block(harbour, "NATO", EDITED, date="2024-01-04"),
            block(notes, "INTERPOL", NOTES),
        ),
        LATER,
    )
    assert project.run("once").code == 0
    return project


def plant(project: Project, *statements: str) -> None:
    """Change the store in a way that the program would not."""
    connection = sqlite3.connect(project.store)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file below ``folder`` with its time, hidden ones too, but no lock."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def examined(project: Project, *options: str) -> Ran:
    """Run the doctor, which must change nothing."""
    before = everything(project.folder)
    ran = project.run("doctor", *options)
    assert everything(project.folder) == before
    return ran


def assert_mends(project: Project, *options: str) -> Ran:
    """Repair, once: nothing is found any more, and nothing is left to do for a second time."""
    first = project.run("doctor", "--repair")
    assert (first.code, first.err) == (0, ""), first.out + first.err
    assert "repaired: " in first.out
    before = everything(project.folder)
    second = project.run("doctor", "--repair")
    assert (second.code, "repaired: " in second.out) == (0, False), second.out
    assert everything(project.folder) == before
    return first
