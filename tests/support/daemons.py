"""Run the daemon as a process for tests: started, commanded, monitored, stopped.

``Daemon`` runs ``python -m aggregator run`` (or ``serve``) on a free port of loopback and reads its
log line by line, so that a test waits for an event and not for a time.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest

from tests.support import forked
from tests.support.project import OBEY_FILE_MODES, Project, command_line, environment

PATIENCE = 60.0
"""Seconds to wait for an event; far more than it takes."""

STOP = 30.0
"""Seconds that the daemon may take to stop."""

NOT_FOUND = 404

T = TypeVar("T")
Event = dict[str, Any]


class Daemon:
    """A daemon process; ``with Daemon(project) as daemon`` starts it, and always stops it.

    ``before`` and ``modes_count`` are as for ``Project.run_process``.  ``listen`` is the address
    to listen on; port 0 is any free one, and None leaves it to the configuration.
    """

    def __init__(
        self,
        project: Project,
        *,
        command: str = "run",
        listen: str | None = "127.0.0.1:0",
        env: Mapping[str, str] | None = None,
        without: tuple[str, ...] = (),
        before: str = "",
        modes_count: bool = False,
    ) -> None:
        self.project = project
        self.lines: list[str] = []
        self.events: list[Event] = []
        where = ("--listen", listen) if listen is not None else ()
        self._arguments, self._before = [command, *where], before
        self._modes_count = modes_count and os.geteuid() == 0
        given = environment(project.folder, env)
        self._env = {name: value for name, value in given.items() if name not in without}
        self._heard = threading.Condition()
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        ours, theirs = os.pipe()
        self._log = open(ours, "rb")
        with open(theirs, "wb") as log, open(os.devnull, "wb") as nowhere:
            self.process = self._start(nowhere.fileno(), log.fileno())
        self._reader.start()
        return self

    def _start(self, stdout: int, stderr: int) -> "subprocess.Popen[bytes] | forked.Forked":
        folder = self.project.folder
        if not self._modes_count:
            return forked.start(
                self._arguments,
                cwd=folder,
                env=self._env,
                stdout=stdout,
                stderr=stderr,
                before=self._before,
            )
        command = command_line(*self._arguments, before=self._before)
        return subprocess.Popen(
            [sys.executable, "-c", OBEY_FILE_MODES, *command[1:]],
            cwd=folder,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        others = self.others()
        self.process.kill()
        self.process.wait()
        for other in others:
            with suppress(ProcessLookupError):
                os.kill(other, signal.SIGKILL)
        self._reader.join(PATIENCE)
        self._log.close()

    @property
    def pid(self) -> int:
        return self.process.pid

    # the log

    def _read(self) -> None:
        for line in self._log:
            with self._heard:
                self.lines.append(line.decode().rstrip("\n"))
                with suppress(ValueError):
                    self.events.append(json.loads(line))
                self._heard.notify_all()
        with self._heard:
            self._is_over = True
            self._heard.notify_all()

    def until(self, event: str, *, since: int = 0, **fields: object) -> Event:
        """Wait for an event with these fields, after the first ``since`` events; return it."""

        def found() -> Event | None:
            return next(iter(self.logged(event, since=since, **fields)), None)

        return self.until_so(found, f"{event} {fields}")

    def until_so(self, is_so: Callable[[], T | None], what: str) -> T:
        """Wait until ``is_so``, called after each event, returns something; return that."""
        deadline = time.monotonic() + PATIENCE
        with self._heard:
            while not (found := is_so()):
                if self._is_over or time.monotonic() > deadline:
                    raise AssertionError(f"never came: {what}\n" + "\n".join(self.lines))
                self._heard.wait(0.5)
        return found

    def logged(self, event: str, *, since: int = 0, **fields: object) -> list[Event]:
        """Return the events with these fields, after the first ``since`` events."""
        return [
            logged
            for logged in self.events[since:]
            if logged["event"] == event
            and all(logged.get(name) == value for name, value in fields.items())
        ]

    def until_published(self, *titles: str) -> None:
        """Wait until all of these titles are in the combined feed."""
        wanted = [title.encode() for title in titles]
        self.until_so(lambda: holds(self.project, *wanted), f"{titles} in all.atom")

    @property
    def mark(self) -> int:
        """Return how many events there were so far."""
        return len(self.events)

    # HTTP

    @property
    def address(self) -> str:
        """Return the address of its server, without a slash at the end."""
        return f"http://{self.until('listening')['addresses'][0]}"

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (names in lower case) and body of the response."""
        return fetch(f"{self.address}{path}", headers)

    # processes

    def others(self) -> list[int]:
        """Return its running child processes, and theirs."""
        return [pid for pid in descendants(self.pid) if is_running(pid)]

    def worker(self) -> int:
        """Return its worker process, once it runs."""
        self.until_so(self._worker, "a worker")
        found = self._worker()
        assert found is not None
        return found

    def _worker(self) -> int | None:
        found = [pid for pid in self.others() if b"spawn_main" in _command(pid)]
        return found[0] if found else None

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to it."""
        os.kill(self.pid, number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop it, within the time it has; return its exit code."""
        self.tell(number)
        return self.ended(STOP)

    def ended(self, seconds: float = PATIENCE) -> int:
        """Return its exit code, once it exited and its whole log was read."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("it did not end\n" + "\n".join(self.lines)) from None
        self._reader.join(PATIENCE)
        return code

    def kill(self) -> list[int]:
        """Kill it, as the system does when memory runs out; return its child processes."""
        left = self.others()
        self.process.kill()
        self.process.wait()
        return left


def holds(project: Project, *parts: bytes) -> bool:
    """Return whether the combined feed on disk has all of these."""
    try:
        feed = (project.output / "all.atom").read_bytes()
    except FileNotFoundError:
        return False
    return all(part in feed for part in parts)


def fetch(address: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body at an address, without a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with opener.open(urllib.request.Request(address, headers=named), timeout=PATIENCE) as got:
            return got.status, {k.lower(): v for k, v in got.headers.items()}, got.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def until_gone(pids: list[int], seconds: float = PATIENCE) -> None:
    """Wait until none of these processes runs."""
    deadline = time.monotonic() + seconds
    for pid in pids:
        while is_running(pid):
            assert time.monotonic() < deadline, f"{_command(pid)!r} goes on"
            with suppress(OSError):
                _wait_for(pid, deadline - time.monotonic())


def _wait_for(pid: int, seconds: float) -> None:
    """Wait for a process that is not our child."""
    import select

    handle = os.pidfd_open(pid)
    try:
        select.select([handle], [], [], max(seconds, 0))
    finally:
        os.close(handle)


def is_running(pid: int) -> bool:
    """Return whether there is such a process that has not exited (proc_pid_stat(5))."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that this one started, and those that they did."""
    for task in Path("/proc").glob(f"{pid}/task/*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in map(int, task.read_text().split()):
                yield child
                yield from descendants(child)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@contextmanager
def no_room(*pids: int) -> Iterator[None]:
    """Make writes to files by these processes fail, as on a full disk, in the block."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="processes are looked up in /proc, which Linux has"
)
