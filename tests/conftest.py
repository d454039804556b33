"""Fixtures that all tests share, and the settings of Hypothesis."""

import codecs
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from aggregator.store import Store, open_store
from tests.support.project import CONFIG, Project

# The same examples in every run, so that a test fails when code changes and at no other time.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
# New examples each time, many of them: `just fuzz`.  What fails is repeated first the next time.
settings.register_profile("night", deadline=None, max_examples=10_000, print_blob=True)
settings.load_profile("project")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the usual configuration and no digest yet."""
    made = Project(tmp_path / "project")
    (made.folder / "digests").mkdir(parents=True)
    made.configure(CONFIG)
    return made


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
