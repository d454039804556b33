"""The house keeps its order: who may import whom, and which library lives where."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import ROOT

PACKAGE = ROOT / "aggregator"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

KNOW_NOBODY = ("model", "errors")
PURE = ("parse", "normalise", "dedupe", "compose", "silence", "write")
OUTSIDE = ("fetch", "store", "publish", "config")
DOORS = (
    *(
        "ingest",
        "regenerate",
        "schedule",
        "serve",
        "serving",
        "daemon",
        "worker",
        "worker_process",
        "websub",
        "present",
        "cli",
    ),
    "__main__",
)

IMPURE_LIBRARIES = {
    *("os", "pathlib", "io", "shutil", "tempfile", "glob", "fileinput", "mmap", "fcntl"),  # disk
    *("socket", "ssl", "select", "http", "ftplib", "smtplib", "asyncio", "httpx"),  # network
    *("time", "sched", "random", "secrets"),  # clocks and chance
    *("sqlite3", "sqlite_utils", "dbm", "shelve"),  # SQL and the like
    *("subprocess", "multiprocessing", "threading", "signal", "sys", "logging"),
}
IMPURE_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("open", "print", "input"),
}

HOMES = {
    "apscheduler": {"schedule", "daemon"},
    "click": {"cli", "manual"},
    "certifi": {"fetch"},
    "feedgen": {"write"},
    "feedparser": {"parse"},
    "httptools": {"fetch"},
    "httpx": {"fetch"},
    "jinja2": {"write"},
    "lxml": {"parse", "write"},  # XML in, and XML out
    "markupsafe": {"write"},
    "msgspec": {"config"},
    "multiprocessing": {"apart", "reading", "worker", "worker_process"},
    "nh3": {"normalise"},
    "prometheus_client": {"serve"},
    "sqlite3": {"store"},
    "sqlite_utils": {"store"},
    "structlog": {"daemon", "logs", "serving", "worker"},
    "uvicorn": {"serve"},
    "watchfiles": {"daemon"},
    "w3lib": {"normalise"},
}


def room(module: str) -> str:
    """The part of the house that ``module`` belongs to: ``aggregator.store.times`` to store."""
    return module.removeprefix("aggregator").removeprefix(".").partition(".")[0]


PERMITTED = {"aggregator.parse.syndication.careful": {"io"}}
"""feedparser takes bytes for the name of a file unless they come in a ``BytesIO``."""


def imports(module: str) -> Iterator[str]:
    """What ``module`` imports, anywhere in it, by full names."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by a relative name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_of(module: str) -> set[str]:
    """The rooms of this package that ``module`` imports from."""
    return {room(name) for name in imports(module) if name.split(".")[0] == "aggregator"}


def calls(path: Path) -> Iterator[str]:
    """What is called in ``path``, as written: ``datetime.now``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def in_rooms(*rooms: str) -> list[str]:
    return [module for module in MODULES if room(module) in rooms]


def test_there_are_modules_to_look_at() -> None:
    """Every room that this test speaks of is there, so that it cannot pass for want of modules."""
    there = {room(module) for module in MODULES}
    assert there >= {
        *KNOW_NOBODY,
        *PURE,
        *OUTSIDE,
        *set().union(*HOMES.values()),
        "ingest",
        "regenerate",
    }


@pytest.mark.parametrize("module", in_rooms(*KNOW_NOBODY))
def test_model_and_errors_know_nobody(module: str) -> None:
    """The types and the errors import nothing of this package."""
    assert rooms_of(module) == set()


@pytest.mark.parametrize("module", in_rooms(*PURE))
def test_pure_modules_import_pure_modules(module: str) -> None:
    """The steps in the middle know neither the edges of the house nor its doors."""
    assert rooms_of(module).isdisjoint([*OUTSIDE, *DOORS])


@pytest.mark.parametrize("module", in_rooms(*PURE))
def test_pure_modules_touch_nothing(module: str) -> None:
    """They have no clock, disk, network or SQL; ``now`` and tables come in as arguments."""
    used = {name.split(".")[0] for name in imports(module)} - PERMITTED.get(module, set())
    assert IMPURE_LIBRARIES.isdisjoint(used)
    assert "urllib.request" not in {name.rpartition(".")[0] for name in imports(module)}
    assert IMPURE_CALLS.isdisjoint(calls(MODULES[module]))


@pytest.mark.parametrize("module", in_rooms(*OUTSIDE))
def test_edges_do_not_know_the_doors(module: str) -> None:
    """Where bytes come from and go to is used by the steps' joiners, never the other way."""
    assert rooms_of(module).isdisjoint(DOORS)


def test_the_two_halves_do_not_know_each_other() -> None:
    """Sources to store and store to feeds meet at the store only."""
    assert "regenerate" not in rooms_of("aggregator.ingest.run")
    assert "ingest" not in rooms_of("aggregator.output.regenerate")


@pytest.mark.parametrize("module", in_rooms("fetch", "parse"))
def test_transport_and_format_do_not_know_each_other(module: str) -> None:
    """A digest may come by any way, and any way may bring a digest."""
    assert rooms_of(module) & {"fetch", "parse"} <= {room(module)}


@pytest.mark.parametrize(("library", "homes"), HOMES.items())
def test_a_library_lives_in_one_room(library: str, homes: set[str]) -> None:
    """Each library is imported in the room or rooms it is for, and in no other."""
    users = {
        room(module)
        for module in MODULES
        if any(name.split(".")[0] == library for name in imports(module))
    }
    assert users == homes


def test_only_the_store_speaks_sql() -> None:
    """No statement stands anywhere but in the store."""
    for module in MODULES:
        if room(module) == "store":
            continue
        for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.startswith(("SELECT ", "INSERT ", "UPDATE ", "DELETE ")), (
                    f"{module}, line {node.lineno}"
                )
