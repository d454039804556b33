"""Torture: kill the program at random points, fail its writes, and compare it with its twin.

    just torture 500 --seed 7

A round has two projects with the same inputs.  In the *twin* each command runs once, undisturbed.
In the other one commands and daemons are killed, or their writes fail, at the Nth change to a file
(``faults``), alone or beside other commands, and a good run follows.  Then both must be equal:
nothing lost, doubled, torn or left.  All is chosen by the seed and the number of the round, so that
a round can be repeated alone; only the interleaving of processes is not the same.
"""

import argparse
import ctypes
import errno
import gc
import json
import os
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from tests.support import faults
from tests.support.daemons import descendants, is_running
from tests.support.faults import Action, Fault
from tests.support.project import ROOT, Project, block, digest, make_project

PATIENCE = 60.0
"""Seconds that a process may take."""

GONE = 20.0
"""Seconds in which the processes of one that was killed have to end."""

KINDS = ("lost", "doubled", "torn", "left", "processes", "other")
"""What can be wrong."""

_PR_SET_CHILD_SUBREAPER = 36
_WORDS = (
    "harbour bridge lighthouse ferry customs pilot herring council budget minister crane winter "
    "storm vaccine border treaty airport railway fraud museum satellite reactor forest census grain"
).split()


class WrongError(Exception):
    """The program did something that it must not do; ``kind`` is one of ``KINDS``."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(problem)
        self.kind = kind


# inputs


@dataclass
class World:
    """The inputs of both projects, as they grow during a round."""

    chance: random.Random
    names: dict[str, list[str]] = field(
        default_factory=lambda: {
            "nato": ["NATO", "OTAN"],
            "europol": ["Europol"],
            "interpol": ["INTERPOL", "ICPO"],
        }
    )
    homepages: dict[str, str] = field(default_factory=dict)
    title: str = "Press releases"
    has_notices: bool = True
    documents: int = 0
    releases: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    items: list[dict[str, str]] = field(default_factory=list)

    def config(self) -> str:
        """Return the configuration."""
        lines = [f'title = "{self.title}"', 'base_url = "http://localhost:8080/"']
        lines += ["[[sources]]", 'id = "digests"', 'location = "digests/*.txt"']
        if self.has_notices:
            lines += ["[[sources]]", 'id = "notices"', 'location = "notices.json"']
            lines += ['agency = "nato"']
        for agency, (name, *aliases) in self.names.items():
            lines += ["[[agencies]]", f'id = "{agency}"', f'name = "{name}"']
            lines += [f"aliases = {aliases}"]
            if agency in self.homepages:
                lines.append(f'homepage = "{self.homepages[agency]}"')
        return "\n".join([*lines, ""])

    def reconfigure(self) -> None:
        """Change the configuration as an operator does."""
        agency = self.chance.choice(list(self.names))
        number = self.chance.randrange(1000)
        match self.chance.randrange(5):
            case 0:
                self.homepages[agency] = f"https://{agency}.example/{number}"
            case 1:
                self.names[agency][0] = f"{self.names[agency][0]} {number}"
            case 2:
                self.names[agency].append(f"Office {number}")
            case 3:
                self.title = f"Releases {number}"
            case 4:
                self.has_notices = not self.has_notices

    def news(self) -> Iterator[tuple[str, str, int]]:
        """Yield name, content and minutes of change of files that are new or changed."""
        for _ in range(self.chance.randint(1, 3)):
            self.documents += 1
            blocks = [self._block() for _ in range(self.chance.randint(2, 5))]
            yield f"digests/{self.documents:03}.txt", digest(*blocks), self.documents
        if self.has_notices and self.chance.random() < 0.5:
            self.documents += 1
            number = len(self.items)
            self.items.append(
                {
                    "id": f"https://nato.example/{number}",
                    "url": f"https://nato.example/{number}",
                    "title": self._words(4).capitalize(),
                    "content_text": self._words(20),
                    "date_published": f"2024-01-{1 + number % 28:02}T10:00:00Z",
                }
            )
            if self.chance.random() < 0.3:
                self.chance.choice(self.items)["content_text"] += f" {self._words(3)}."
            yield "notices.json", self.notices(), self.documents

    def notices(self) -> str:
        """Return the JSON Feed of notices."""
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": self.items}
        return json.dumps(feed)

    def _words(self, number: int) -> str:
        return " ".join(self.chance.choice(_WORDS) for _ in range(number))

    def _block(self) -> str:
        if not self.releases or self.chance.random() < 0.6:
            body = f"{self._words(12).capitalize()}.\n\n{self._words(15).capitalize()}."
            day = f"2023-12-{self.chance.randint(1, 28):02}"
            date = day if self.chance.random() < 0.5 else None
            agency = self.chance.choice([*self.names, "guard"])
            release = (self._words(5).capitalize(), agency, body, date)
            self.releases.append(release)
        else:  # seen again, perhaps with another text
            release = self.chance.choice(self.releases)
        title, agency, body, date = release
        match self.chance.randrange(6):
            case 0:
                body += f"\n\n{self._words(6).capitalize()}."
            case 1:
                body = body[: len(body) // 2].rpartition(" ")[0] + "…"
        name = self.chance.choice(self.names.get(agency, ["Coast Guard"]))
        return block(title, name, body, date=date)


# processes


@dataclass(slots=True)
class Process:
    """A command that runs in a fork of this process."""

    pid: int
    command: str
    fault: Fault
    errors: Path

    def ended(self) -> int:
        """Wait for it; return its exit code, negative for a signal."""
        if not wait(self.pid, PATIENCE):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise WrongError("other", f"{self.command}: did not end in {PATIENCE:.0f} s")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    @property
    def said(self) -> str:
        """Return its standard error."""
        return self.errors.read_text()


def wait(pid: int, seconds: float) -> bool:
    """Wait until a process ends; return whether it did."""
    handle = os.pidfd_open(pid)
    try:
        return bool(select.select([handle], [], [], max(seconds, 0))[0])
    finally:
        os.close(handle)


def fork(
    project: Project, fault: Fault, *args: str, errors: Path, arm: Callable[[Fault], None]
) -> int:
    """Run the command in a fork, to which ``arm`` gives the fault; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.chdir(project.folder)
        nothing = os.open(os.devnull, os.O_RDWR)
        handle = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for standard, to in ((0, nothing), (1, nothing), (2, handle)):
            os.dup2(to, standard)
        arm(fault)
        run_command(args)
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        if not fault.at:
            fault.report.write_text(str(faults.count()))
        os._exit(code)


def arm_daemon(who: str, fault: Fault) -> None:
    """Make this process a daemon of which ``who`` has the fault: itself, its worker, or both."""
    from aggregator.daemon import supervisor, worker

    supervisor._CHECK = 0.2  # as it would do every few seconds
    if who == "daemon":
        faults.arm(fault)
    else:
        parent = os.getpid() if who == "both" else 0
        worker.main = partial(faults.worker_main, fault, parent)


def run_command(args: Sequence[str]) -> NoReturn:
    """Run the command in this process."""
    from aggregator.cli import main

    sys.argv = ["aggregator", *args]
    main()
    sys.exit(0)


# a round


@dataclass(frozen=True, slots=True)
class Step:
    """What a step does in both projects: change files, and then run a command.

    ``command`` returns its arguments for a project, and ``is_done`` whether it had its effect.
    """

    what: str
    files: Sequence[tuple[str, str, int]]
    config: str
    command: Callable[[Project], list[str]]
    is_done: Callable[[Project], bool] = lambda _: False
    output_is_lost: bool = False

    def prepare(self, project: Project) -> None:
        """Change the files: each whole, since a command may be reading it."""
        for name, content, minutes in self.files:
            project.write(f"new/{Path(name).name}", content, later=60 * minutes)
            os.replace(project.folder / "new" / Path(name).name, project.folder / name)
        (project.folder / "new").mkdir(exist_ok=True)
        (project.folder / "new" / "config").write_text(self.config)
        os.replace(project.folder / "new" / "config", project.config)
        if self.output_is_lost:
            shutil.rmtree(project.output, ignore_errors=True)


class Round:
    """One round: a few steps from a project that is empty or has a few documents."""

    def __init__(self, folder: Path, seed: int, number: int, counts: Counter[str]) -> None:
        self.chance = random.Random(f"{seed}:{number}")
        self.counts = counts
        self.trace: list[str] = []
        self._folder = folder
        self._world = World(random.Random(self.chance.random()))
        self._files = 0
        self._has_daemon = number % 6 == 0
        self._is_exact = True  # as long as nobody else dates entries before all documents are there
        self.twin = make_project(folder / "twin", config=self._world.config())
        self.project = make_project(folder / "project", config=self._world.config())
        for project in (self.twin, self.project):
            project.write("notices.json", self._world.notices())

    def run(self) -> None:
        """Run every step, and compare after each.  Raises ``WrongError``."""
        step = self._news()
        if self.chance.random() < 0.75:
            step.prepare(self.twin)
            self._good(self.twin, "once")
            self.twin.copy(self.project.folder)
            step = self._choose()
        for _ in range(self.chance.randint(1, 3)):
            self.trace.append(step.what)
            total = self._undisturbed(step)
            if self._has_daemon and step.command(self.twin) == ["once"]:
                self._has_daemon = False
                self._disturb_daemon(step, total)
            else:
                self._disturb(step, total)
            self._compare()
            step = self._choose()
        self._compare_doctors()

    # What a step does.

    def _choose(self) -> Step:
        has_entries = self.twin.store.exists()
        kinds: list[Callable[[], Step | None]] = [
            *(5 * [self._news]),
            *(3 * [self._configuration]),
            *(2 * [self._both]),
            self._backup,
        ]
        if has_entries:
            kinds += 2 * [self._split, self._merge] + [self._lost_output]
        return self.chance.choice(kinds)() or self._news()

    def _news(self) -> Step:
        return self._step("news", list(self._world.news()))

    def _configuration(self) -> Step:
        self._world.reconfigure()
        return self._step("configuration", [])

    def _both(self) -> Step:
        self._world.reconfigure()
        return self._step("news and configuration", list(self._world.news()))

    def _lost_output(self) -> Step:
        return self._step("output lost", [], output_is_lost=True)

    def _backup(self) -> Step:
        files = list(self._world.news())
        return self._step("backup", files, command=lambda _: ["backup", "copy.db"])

    def _split(self) -> Step | None:
        """Split an entry that was seen more than once."""
        found = rows(self.twin.store, _SEEN + " ORDER BY 1, 2, 3")
        seen = Counter(id_ for id_, *_ in found)
        places = [place for place in found if seen[place[0]] > 1]
        if not places:
            return None
        id_, name, position, _ = self.chance.choice(places)
        entries = len(seen)

        def command(project: Project) -> list[str]:
            ((key,),) = rows(
                project.store,
                "SELECT s.id FROM sightings s JOIN documents d ON d.key = s.document"
                f" WHERE d.name = '{name}' AND s.position = {position} ORDER BY d.key DESC LIMIT 1",
            )
            return ["split", id_, str(key)]

        return self._step(
            "split", [], command=command, is_done=lambda project: self._entries(project) > entries
        )

    def _merge(self) -> Step | None:
        """Merge two entries of one agency."""
        found = rows(self.twin.store, "SELECT id, agency FROM entries ORDER BY 1")
        pairs = [(a, b) for a, whose in found for b, other in found if a != b and whose == other]
        if not pairs:
            return None
        pair = self.chance.choice(pairs)
        return self._step(
            "merge",
            [],
            command=lambda _: ["merge", *pair],
            is_done=lambda project: self._entries(project) < len(found),
        )

    def _step(self, what: str, files: list[tuple[str, str, int]], **more: Any) -> Step:
        more.setdefault("command", lambda _: ["once"])
        return Step(what, files, self._world.config(), **more)

    def _entries(self, project: Project) -> int:
        ((number,),) = rows(project.store, "SELECT count(*) FROM entries")
        return int(number)

    # How it is disturbed.

    def _undisturbed(self, step: Step) -> int:
        """Run the step in the twin; return how many events it had."""
        step.prepare(self.twin)
        args = step.command(self.twin)
        if args[0] == "backup":
            self._good(self.twin, "once")
        return self._good(self.twin, *args)

    def _good(self, project: Project, *args: str) -> int:
        """Run a command that has to succeed; return how many events it had."""
        process = self._start(project, Fault(self._file()), *args)
        code = process.ended()
        if code or process.said:
            raise WrongError("other", f"{process.command}: exit {code}: {process.said}")
        return int(process.fault.happened)

    def _disturb(self, step: Step, total: int) -> None:
        """Run the step with faults, and then without."""
        project = self.project
        step.prepare(project)
        args = step.command(self.twin if not project.store.exists() else project)
        if args[0] == "backup":
            self._attempt(step, self._fault(total), "once")
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            if step.is_done(project):
                break
            self._attempt(step, self._fault(total), *args)
            for copy in project.folder.glob("copy.db"):
                self._check_sqlite(copy)
        if self._is_made() and self.chance.random() < 0.25:
            self._is_exact &= not step.files
            self._end(self._start(project, self._fault(total), "doctor", "--repair"))
            for copy in project.folder.glob("*.before-repair-*"):
                self._check_sqlite(copy)
                copy.unlink()
        if args[0] not in ("once", "backup") and not step.is_done(project):
            self._good(project, *args)
        self._good(project, "once")
        if args[0] == "backup":
            self._good(project, *args)

    def _fault(self, total: int) -> Fault:
        at = self.chance.randint(1, max(total, 1))
        action = self.chance.choice((Action.KILL, Action.KILL, Action.TEAR, *_FAILING))
        error = self.chance.choice((errno.EIO, errno.ENOSPC))
        return Fault(self._file(), at, action, error)

    def _attempt(self, step: Step, fault: Fault, *args: str) -> None:
        """Run a command with a fault, perhaps beside another one."""
        beside = self.chance.choice((None, None, "once", "regenerate", "backup", "status"))
        others = []
        if beside is not None and self._is_made():
            self._is_exact &= not (step.files and beside in ("once", "regenerate"))
            more = ("other.db",) if beside == "backup" else ()
            is_good = beside in ("backup", "status") or self.chance.random() < 0.5
            other = Fault(self._file()) if is_good else self._fault(fault.at)
            others.append(self._start(self.project, other, beside, *more))
        try:
            self._end(self._start(self.project, fault, *args))
        finally:
            for process in others:
                self._end(process)
            for copy in self.project.folder.glob("other.db"):
                self._check_sqlite(copy)
                copy.unlink()
            self._until_alone()

    def _is_made(self) -> bool:
        """Return whether the project has a store that another command can read."""
        store = self.project.store
        return store.exists() and bool(rows(store, "SELECT 1 FROM sqlite_master LIMIT 1"))

    def _end(self, process: Process) -> None:
        """Wait for a process with a fault, and check how it ended."""
        code, fault = process.ended(), process.fault
        has_happened = bool(fault.at and fault.happened)
        happened = (fault.happened or "not reached") if fault.at else "undisturbed"
        self.trace.append(f"{process.command}: {happened}, exit {code}")
        if has_happened:
            self.counts["kills" if fault.is_kill else "errors"] += 1
        if has_happened and fault.is_kill:
            if code != -signal.SIGKILL:
                raise WrongError("other", f"{process.command}: outlived its kill, exit {code}")
            return
        if code < 0 or "Traceback" in process.said or "internal error" in process.said:
            raise WrongError("other", f"{process.command}: exit {code}: {process.said}")
        is_finding = code == 1 and process.command.startswith("doctor")  # a source was never read
        if code and not has_happened and not is_finding:
            raise WrongError("other", f"{process.command} undisturbed: exit {code}: {process.said}")

    def _disturb_daemon(self, step: Step, total: int) -> None:
        """Have the daemon do the step, kill it, its worker or both, and run `once`."""
        project, self._is_exact = self.project, False
        who = self.chance.choice(("daemon", "worker", "both"))
        at = self.chance.randint(1, 12 if who == "daemon" else max(total, 1))
        action = self.chance.choice((Action.KILL, Action.TEAR))
        if who == "worker" and self.chance.random() < 0.3:
            action = Action.FAIL
        is_running_before = self.chance.random() < 0.5
        beside = self.chance.choice((None, "once", "backup", "status"))
        if not is_running_before:
            step.prepare(project)
        daemon = self._start(
            project,
            Fault(self._file(), at, action, self.chance.choice((errno.EIO, errno.ENOSPC))),
            *("run", "--listen", "127.0.0.1:0"),
            arm=partial(arm_daemon, who),
        )
        try:
            if is_running_before:
                self._until(daemon, lambda: '"listening"' in daemon.said)
                step.prepare(project)
                with suppress(ProcessLookupError):
                    os.kill(daemon.pid, signal.SIGHUP)
            if beside is not None and self._is_made():
                more = ("other.db",) if beside == "backup" else ()
                self._end(self._start(project, Fault(self._file()), beside, *more))
                (project.folder / "other.db").unlink(missing_ok=True)
            self._until(daemon, lambda: bool(daemon.fault.happened) or self._is_published())
            if daemon.fault.happened and who == "worker":
                self._until(daemon, self._is_published)
                if wait(daemon.pid, 0):
                    raise WrongError("other", f"the daemon ended with its worker: {daemon.said}")
                if self.chance.random() < 0.5:
                    os.kill(daemon.pid, signal.SIGTERM)
                    if code := daemon.ended():
                        raise WrongError("other", f"run: exit {code}: {daemon.said}")
        finally:
            happened = daemon.fault.happened
            with suppress(ChildProcessError, ProcessLookupError):
                if not wait(daemon.pid, 0 if not happened or who == "worker" else GONE):
                    os.kill(daemon.pid, signal.SIGKILL)
                    happened = f"{happened}; killed when done"
                os.waitpid(daemon.pid, 0)
        self.counts["errors" if action == Action.FAIL else "kills"] += 1
        self.trace.append(f"run, {who}: {happened}, beside {beside}")
        if "internal error" in daemon.said or "Traceback" in daemon.said:
            raise WrongError("other", f"run: {daemon.said}")
        self._until_alone()
        self._good(project, "once")

    def _until(self, process: Process, is_so: Callable[[], bool]) -> None:
        """Wait until ``is_so``, or the process ended."""
        deadline = time.monotonic() + PATIENCE
        while not is_so() and not wait(process.pid, 0.05):
            if time.monotonic() > deadline:
                raise WrongError("other", f"{process.command}: never came: {process.said}")

    def _is_published(self) -> bool:
        """Return whether the combined feed has the twin's entries, and the list its feeds."""
        found = []
        for project in (self.project, self.twin):
            feed, listed = (project.output / name for name in ("all.atom", "feeds.opml"))
            if not (feed.exists() and listed.exists()):
                return False
            found.append((set(re.findall(b"<id>[^<]*", feed.read_bytes())), listed.read_bytes()))
        return found[0] == found[1]

    def _start(
        self,
        project: Project,
        fault: Fault,
        *args: str,
        arm: Callable[[Fault], None] = faults.arm,
    ) -> Process:
        errors = self._file()
        errors.touch()
        pid = fork(project, fault, *args, errors=errors, arm=arm)
        return Process(pid, " ".join(args), fault, errors)

    def _file(self) -> Path:
        self._files += 1
        return self._folder / f"{self._files}.txt"

    def _until_alone(self) -> None:
        """Wait until no process is left of those that ended."""
        deadline = time.monotonic() + GONE
        while children := [pid for pid in descendants(os.getpid()) if is_running(pid)]:
            with suppress(ProcessLookupError):
                if wait(children[0], deadline - time.monotonic()):
                    continue
                said = Path(f"/proc/{children[0]}/cmdline").read_bytes()
                for pid in children:
                    os.kill(pid, signal.SIGKILL)
                raise WrongError("processes", f"still running: {said!r}")
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    # What must be so afterwards.

    def _compare(self) -> None:
        """Compare the project with its twin."""
        self._check_sqlite(self.project.store)
        for query in (_SEEN, _texts(with_updated=self._is_exact)):
            here, there = (Counter(rows(p.store, query)) for p in (self.project, self.twin))
            is_whole = {row[0] for row in here} == {row[0] for row in there}
            for kind, missing in (("lost", there - here), ("doubled", here - there)):
                if missing:
                    kind = "torn" if is_whole else kind
                    raise WrongError(kind, f"{kind}: {sorted(missing, key=repr)[:3]}")
        mine, twins = files(self.project), files(self.twin)
        if left := sorted(mine.keys() - twins.keys()):
            raise WrongError("left", f"left: {left}")
        if gone := sorted(twins.keys() - mine.keys()):
            raise WrongError("lost", f"not there: {gone}")
        if torn := [name for name in twins if self._is_exact and mine[name] != twins[name]]:
            raise WrongError("torn", f"not as the twin's: {torn}")

    def _compare_doctors(self) -> None:
        """Compare what `doctor` says of the two; it compares the feeds with the store as well."""
        said = [self._doctor(project) for project in (self.project, self.twin)]
        if said[0] != said[1]:
            raise WrongError("other", f"doctor: {said[0]}\ntwin's: {said[1]}")

    def _doctor(self, project: Project) -> tuple[int, list[str]]:
        ran = project.run("doctor")
        lines = (ran.out + ran.err).splitlines()
        return ran.code, [line for line in lines if "for your information" not in line]

    def _check_sqlite(self, store: Path) -> None:
        for check, well in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            if (found := rows(store, f"PRAGMA {check}")) != well:
                raise WrongError("torn", f"{store.name}: {check}: {found[:5]}")


_FAILING = (Action.FAIL, Action.FAIL_ON)
_SEEN = (
    "SELECT e.id, d.name, s.position, d.sha256 FROM sightings s"
    " JOIN entries e ON e.key = s.entry JOIN documents d ON d.key = s.document"
)


def _texts(*, with_updated: bool) -> str:
    """Return a query for what readers see of entries."""
    return (
        "SELECT e.id, e.agency, e.title, e.text, e.fingerprint, substr(e.published, 1, 10),"
        f" {'e.published, e.updated' if with_updated else 'NULL'}, e.changed,"
        " (SELECT count(*) FROM revisions r WHERE r.entry = e.key) FROM entries e"
    )


def rows(store: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on a store that no process has open."""
    how = "mode=rw" if store.name == "aggregator.db" else "immutable=1"
    with closing(sqlite3.connect(f"file:{store}?{how}", uri=True)) as connection:
        return connection.execute(query).fetchall()


def files(project: Project) -> dict[str, bytes]:
    """Return every file that has to be as the twin's: neither stores, nor the feed of alarms."""
    found = {str(path.relative_to(project.folder)): path for path in project.folder.rglob("*")}
    return {
        name: b"" if name.endswith(".db") else path.read_bytes()
        for name, path in sorted(found.items())
        if path.is_file() and not re.search(r"(^|/)_health|\.db\.lock$", name)
    }


# the command


def main(args: Sequence[str]) -> int:
    """Run rounds; return whether anything was wrong."""
    parser = argparse.ArgumentParser(prog="torture", description="Kill, repeat and compare.")
    parser.add_argument("rounds", type=int, nargs="?", default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="the number of the first round")
    parser.add_argument("--kills", type=int, help="stop after so many kills")
    parser.add_argument("--keep", type=Path, help="keep the projects of failed rounds here")
    given = parser.parse_args(args)
    if not os.environ.get("LD_PRELOAD", "").endswith("faults.so"):
        with tempfile.TemporaryDirectory(prefix="torture-") as made:
            command = [sys.executable, "-m", "tests.support.torture", *args]
            return subprocess.run(
                command, env=faults.preloaded(Path(made)), cwd=ROOT, check=False
            ).returncode
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    sys.modules["__main__"] = types.ModuleType("__main__")  # spawned processes import it again
    os.environ["AGGREGATOR_DEBUG"] = "1"
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="torture-") as scratch:
        _warm_up(Path(scratch))
        gc.freeze()
        for number in range(given.first, given.first + given.rounds):
            folder = Path(scratch) / str(number)
            played = Round(folder, given.seed, number, counts)
            counts["rounds"] += 1
            try:
                played.run()
            except WrongError as error:
                counts[error.kind] += 1
                trace = "\n  ".join(played.trace)
                print(f"round {number} of seed {given.seed}: {error}\n  {trace}")
                print(f"  again: just torture 1 --seed {given.seed} --first {number}", flush=True)
                if given.keep:
                    shutil.copytree(folder, given.keep / str(number), dirs_exist_ok=True)
            shutil.rmtree(folder)
            if given.kills and counts["kills"] >= given.kills:
                break
    wrong = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
    print(f"{counts['rounds']} rounds, {counts['kills']} kills, {counts['errors']} errors: {wrong}")
    return int(any(counts[kind] for kind in KINDS))


def _warm_up(folder: Path) -> None:
    """Import in this process what its forks need."""
    import aggregator.daemon.supervisor
    import aggregator.ingest.merge  # noqa: F401

    project = make_project(folder / "first", {"a.txt": block("Ship", "NATO", "It sails.")})
    for args in (["once"], ["regenerate"], ["backup", "copy.db"], ["status"], ["doctor"]):
        project.run(*args)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
