"""The structure of the package: which room holds which module, and who may import whom.

Every module is listed here with its room, every room with the rooms that it may import, and every
third-party library with the one room that imports it.  A new module, arrow or library is a change
of this table first.
"""

import ast
from dataclasses import dataclass
from functools import cache

import pytest

from tests.support.project import ROOT

PACKAGE = ROOT / "aggregator"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

GROUND = ("model", "errors", "logs", "temporary", "workers")
"""Known by every room; they import nothing of the package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One folder: the modules below it, and the rooms that these may import besides the ground.

    ``pure``: all of it, or the modules named, have no clock, disk, network or SQL.
    """

    modules: str
    imports: str = ""
    pure: bool | tuple[str, ...] = False


# From the bottom to the top: a room imports only rooms above it in this table.
ROOMS = {
    "dating": Room(
        modules=(
            "choice choice.candidate choice.choose_days choice.datings choice.likelihood "
            "choice.order choice.posterior choice.times_of_day evidence evidence.context "
            "evidence.release evidence.resolve evidence.rules evidence.signs evidence.tense "
            "evidence.years gaps "
            "languages languages.calendar_names languages.cyrillic languages.dutch "
            "languages.english languages.french languages.german languages.italian "
            "languages.known languages.language languages.nordic languages.others "
            "languages.portuguese languages.slavic languages.southern languages.spanish "
            "languages.tables phrases phrases.days phrases.numeric phrases.patterns "
            "phrases.phrase phrases.places phrases.read phrases.vocabulary stated "
            "stated.forms stated.rules stated.zones"
        ),
        pure=True,
    ),
    "dedupe": Room(
        modules=(
            "added align compare corrections decide diff document history items memory names pair "
            "related relayed relisted sketch slips stages swaps titles tokens upstream words"
        ),
        imports="dating",
        pure=True,
    ),
    "normalise": Room(
        modules=(
            "addresses agency builtin_categories canonical categories court_categories entry "
            "event_categories header html identity language_detection languages links markup "
            "markup.elements markup.formulas markup.plain markup.references markup.simple "
            "markup.substitutes markup.tokens markup.writer police_categories rules text"
        ),
        imports="dating",
        pure=True,
    ),
    "parse": Room(
        modules=(
            "charset digest digest.days digest.headers digest.labels digest.opening "
            "digest.pages digest.text digest.titles digest.wrapped discovery extension "
            "jsonfeed mail mail.boilerplate mail.envelope mail.letters mail.lines mail.mbox "
            "mail.message mail.newsletter mail.parts opml sniff syndication syndication.addresses "
            "syndication.assemble syndication.careful syndication.channel "
            "syndication.element_names syndication.encoding syndication.feedparser_rules "
            "syndication.items syndication.lines syndication.people syndication.pictures "
            "syndication.prolog syndication.quick syndication.quick.channel_elements "
            "syndication.quick.cursor syndication.quick.item_elements syndication.quick.xhtml "
            "syndication.text_constructs syndication.update_hints"
        ),
        imports="dating normalise",
        pure=True,
    ),
    "config": Room(
        modules="append checks keys requests settings values webhooks",
        imports="normalise",
    ),
    "fetch": Room(
        modules=(
            "background client complete encoding exchange file guard headers host_limiter "
            "politeness proxy resolve transport"
        ),
        imports="normalise",
    ),
    "store": Room(
        modules=(
            "agencies alarms backfill backup bad_documents categories counts dating "
            "dating_rules dating_windows deliveries documents entries entry_pages forgotten "
            "history integrity output packing pages pings related relayed renditions repair "
            "retention salvage schema schema.upgrade search selecting sightings sketches snippets "
            "stated subscriptions texts times upkeep visits webhooks"
        ),
        imports="dating dedupe normalise",
    ),
    "ingest": Room(
        modules=(
            "apply backfill batch categorise cluster deadline derive dispatch federation forget "
            "jobs lookup mailboxes merge next_polls older owners pages polling prepare preview "
            "read readers reread retention rounds run sandbox selection session tally transfer "
            "unreadable walk"
        ),
        imports="dating dedupe normalise parse config fetch store",
    ),
    "output": Room(
        modules=(
            "changes files formats formats.alarms formats.atom formats.changes formats.extension "
            "formats.jsonfeed formats.names formats.opml formats.rss pages "
            "pages.contents pages.dating pages.entry_data pages.live pages.page pages.page_data "
            "pages.page_html pages.months pages.picks pages.plot pages.search_files "
            "pages.selection pages.sides pages.status_page pages.tables pages.templating plan "
            "outside regenerate render stale versions withdraw write"
        ),
        imports="dating dedupe normalise config store",
        pure=("formats", "outside", "plan"),
    ),
    "status": Room(
        modules=(
            "alarms alarms.rules alarms.watch aliases configuration doctor doctor.derived "
            "doctor.examine doctor.recheck_merges doctor.repair doctor.report entries hubs "
            "layout listing preview runs status"
        ),
        imports="dating dedupe normalise config fetch store ingest output",
    ),
    "websub": Room(
        modules="deliveries inbox publisher steps subscriber webhooks",
        imports="normalise config fetch store ingest output",
    ),
    "web": Room(
        modules=(
            "app callbacks connections files media metrics negotiation pages paths pool "
            "response run search_query server site state"
        ),
        imports="normalise config fetch store output status websub",
    ),
    "daemon": Room(
        modules=(
            "files lock supervisor systemd timetable worker worker.cluster worker.hubs "
            "worker.maintenance "
            "worker.messages worker.thread worker.web worker_process"
        ),
        imports="config fetch store ingest output status websub web",
    ),
    "cli": Room(
        modules="begin change ingest keep look opml options program subscriptions terminal",
        imports="normalise parse config store ingest output status websub web daemon",
    ),
}

LIBRARIES = {
    "apscheduler": "daemon",
    "certifi": "fetch",
    "click": "cli",
    "dask": "ingest",
    "distributed": "ingest",
    "feedgen": "output",
    "feedparser": "parse",
    "gcld3": "normalise",
    "httptools": "fetch",
    "httpx": "fetch",
    "idna": "normalise",
    "jinja2": "output",
    "lxml": "output parse",
    "markupsafe": "output",
    "msgspec": "ingest",
    "nh3": "normalise",
    "prometheus_client": "web",
    "sqlite3": "store",
    "tomli": "config",
    "sqlite_utils": "store",
    "structlog": "logs",
    "uvicorn": "web",
    "w3lib": "normalise",
    "watchfiles": "daemon",
}
"""The room, or ground module, in which a library is imported; lxml reads XML and writes it."""

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
PERMITTED = {
    "aggregator.parse.syndication.careful": {"io"},
    "aggregator.parse.syndication.feedparser_rules": {"io"},
    "aggregator.dedupe.memory": {"threading"},
    "aggregator.normalise.language_detection": {"threading"},
}
"""feedparser takes bytes for the name of a file unless they come in a ``BytesIO``.  A cache has a
lock, as that of ``functools`` has.  Each thread has its model of languages.
"""


def room_of(module: str) -> str:
    """The room that ``module`` belongs to: ``store`` for ``aggregator.store.times``."""
    return module.removeprefix("aggregator").removeprefix(".").partition(".")[0]


@cache
def nodes(module: str) -> list[ast.AST]:
    """All that ``module`` is made of."""
    return list(ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


@cache
def imports(module: str) -> frozenset[str]:
    """The full names that ``module`` imports, anywhere in it."""
    found = set[str]()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by a relative name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def imported_rooms(module: str) -> set[str]:
    """The rooms of this package, besides its own, that ``module`` imports from."""
    found = {room_of(name) for name in imports(module) if name.split(".")[0] == "aggregator"}
    return found - {room_of(module), *GROUND, "__version__"}


def imported_modules(module: str) -> set[str]:
    """The modules of this package that ``module`` imports, or imports names from."""
    names = (name if name in MODULES else name.rpartition(".")[0] for name in imports(module))
    return {name for name in names if name in MODULES and name != module}


def pure_modules() -> list[str]:
    found = []
    for name, room in ROOMS.items():
        prefixes = [name] if room.pure is True else [f"{name}.{part}" for part in room.pure or ()]
        for prefix in prefixes:
            below = f"aggregator.{prefix}"
            inside = [m for m in MODULES if m == below or m.startswith(f"{below}.")]
            assert inside, f"{below} does not exist"
            found += inside
    return found


def test_top_of_the_package_holds_rooms_and_ground_only() -> None:
    found = {path.name for path in PACKAGE.iterdir() if not path.name.startswith("__")}
    assert found == {
        *ROOMS,
        "model",
        "errors.py",
        "logs.py",
        "temporary.py",
        "workers.py",
        "py.typed",
    }


@pytest.mark.parametrize("name", ROOMS)
def test_every_module_of_a_room_is_listed(name: str) -> None:
    """A module that is not listed has no place; a listed one that is missing has lost it."""
    found = {
        module.removeprefix(f"aggregator.{name}.")
        for module in MODULES
        if module.startswith(f"aggregator.{name}.")
    }
    assert found == set(ROOMS[name].modules.split())


def test_rooms_import_only_rooms_listed_before_them() -> None:
    """The table itself goes one way, so that there can be no circle."""
    order = list(ROOMS)
    for name, room in ROOMS.items():
        assert set(room.imports.split()) <= set(order[: order.index(name)]), name


@pytest.mark.parametrize("module", [m for m in MODULES if room_of(m) in GROUND])
def test_ground_imports_nothing_of_the_package(module: str) -> None:
    package = {name for name in imports(module) if name.split(".")[0] == "aggregator"}
    assert {room_of(name) for name in package} <= {room_of(module)}


@pytest.mark.parametrize("name", ROOMS)
def test_room_imports_only_the_rooms_it_may(name: str) -> None:
    """Every arrow of the table is used as well, so that it tells how things are."""
    used = set[str]()
    for module in MODULES:
        if room_of(module) == name:
            rooms = imported_rooms(module)
            assert rooms <= set(ROOMS[name].imports.split()), module
            used |= rooms
    assert used == set(ROOMS[name].imports.split())


def test_modules_of_a_room_import_each_other_one_way() -> None:
    """No two modules need each other, however long the way round."""
    edges = {module: imported_modules(module) for module in MODULES}
    left = dict(edges)
    while free := [m for m, targets in left.items() if not targets & left.keys()]:
        for module in free:
            del left[module]
    assert left == {}


@pytest.mark.parametrize("module", pure_modules())
def test_pure_module_touches_nothing_outside(module: str) -> None:
    """It has no clock, disk, network or SQL; ``now`` and tables are arguments."""
    used = {name.split(".")[0] for name in imports(module)} - PERMITTED.get(module, set())
    assert IMPURE_LIBRARIES.isdisjoint(used)
    assert "urllib.request" not in {name.rpartition(".")[0] for name in imports(module)}
    calls = (node.func for node in nodes(module) if isinstance(node, ast.Call))
    assert IMPURE_CALLS.isdisjoint(ast.unparse(function) for function in calls)


@pytest.mark.parametrize("module", [m for m in MODULES if room_of(m) in ("fetch", "parse")])
def test_transport_and_format_do_not_know_each_other(module: str) -> None:
    """A digest may come over any transport, and a transport may bring any format."""
    assert {"fetch", "parse"}.isdisjoint(imported_rooms(module))


@pytest.mark.parametrize(("library", "home"), LIBRARIES.items())
def test_library_is_imported_in_one_room(library: str, home: str) -> None:
    users = {
        room_of(module)
        for module in MODULES
        if any(name.split(".")[0] == library for name in imports(module))
    }
    assert users == set(home.split())


def test_daemon_starts_without_what_its_worker_imports() -> None:
    """Half of the time and a third of the memory of its start were spent on it."""
    found = set[str]()
    waiting = {"aggregator.daemon.supervisor"}
    while waiting:
        module = waiting.pop()
        found.add(module)
        body = ast.parse(MODULES[module].read_text(encoding="utf-8")).body
        names = {
            f"{node.module}.{alias.name}"
            for node in body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        names |= {name.rpartition(".")[0] for name in names}
        waiting |= (names & MODULES.keys()) - found
    assert "aggregator.daemon.worker" in found
    assert found.isdisjoint({"aggregator.ingest.run", "aggregator.output.regenerate"})
    assert not [name for name in found if name.startswith("aggregator.dating.phrases")]


def test_sql_is_written_in_the_store_only() -> None:
    """No statement is written anywhere else."""
    for module in MODULES:
        if room_of(module) == "store":
            continue
        for node in nodes(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.startswith(("SELECT ", "INSERT ", "UPDATE ", "DELETE ")), (
                    f"{module}, line {node.lineno}"
                )
