"""Fixtures that all tests share, and the settings of Hypothesis."""

import codecs
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from aggregator.store import Store, open_empty, open_store
from aggregator.store.schema import upgrade
from tests.support.project import CONFIG, Project, two_digests
from tests.support.sound import make_sound

# The same examples in every run, so that a test fails when code changes and at no other time.
settings.register_profile(
    "project", deadline=None, derandomize=True, database=None, max_examples=60
)
# New examples each time, many of them: `just fuzz`.  What fails is repeated first the next time.
settings.register_profile("night", deadline=None, max_examples=10_000, print_blob=True)
settings.load_profile("project")


def pytest_xdist_auto_num_workers() -> int | None:
    """One worker more than there are processors: daemons, servers and browsers make tests wait."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return 1 + (os.cpu_count() or 1)


@pytest.fixture(scope="session", autouse=True)
def _cheap_stores_and_files() -> Iterator[None]:
    """Copy the schema into each new store, and do not wait for the disk.

    Running the statements of the schema is most of what a small store costs.  A store that is not
    new is migrated as ever, and so is one of another thread or process.
    """
    migrate = upgrade.migrate

    def copied(connection: sqlite3.Connection) -> None:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables or threading.current_thread() is not threading.main_thread():
            migrate(connection)
        else:
            upgrade._set_wal(connection)
            empty.conn.backup(connection)

    with open_empty() as empty, pytest.MonkeyPatch.context() as patch:
        patch.setattr("aggregator.store.migrate", copied)
        patch.setattr("os.fsync", lambda _file: None)
        patch.setattr("os.sync", lambda: None)
        yield


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the usual configuration and no digest yet."""
    made = Project(tmp_path / "project")
    (made.folder / "digests").mkdir(parents=True)
    made.configure(CONFIG)
    return made


@pytest.fixture(scope="session")
def sound_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which the doctor finds nothing; tests copy it."""
    return make_sound(tmp_path_factory.mktemp("sound") / "project")


@pytest.fixture(scope="session")
def _ran_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = two_digests(tmp_path_factory.mktemp("ran") / "project")
    assert made.run("once").code == 0
    return made


@pytest.fixture
def ran(_ran_once: Project, tmp_path: Path) -> Project:
    """A copy of a project after a run over two digests, which made four entries."""
    return _ran_once.copy(tmp_path / "project")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store, in a file."""
    with open_store(tmp_path / "store.db") as opened:
        yield opened


_NOBODY = 65534


@pytest.fixture
def ordinary_user() -> Iterator[Path]:
    """A folder of an ordinary user, and this test running as that user.

    Permissions do not apply to root, as which tests often run.
    """
    codecs.lookup("utf-8-sig")  # it is loaded lazily, from where that user cannot read
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        is_administrator = hasattr(os, "geteuid") and os.geteuid() == 0
        if is_administrator:
            os.chown(folder, _NOBODY, _NOBODY)
            os.seteuid(_NOBODY)
        try:
            yield folder
        finally:
            if is_administrator:
                os.seteuid(0)
            for found in [folder, *folder.rglob("*")]:
                if found.is_dir():
                    found.chmod(0o700)
