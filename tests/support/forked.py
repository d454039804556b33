"""Start the program as a process that is forked, which costs a tenth of starting Python.

One server for each process that runs tests imports the program once and forks a child for each
request: the arguments, the folder, the environment and where the output goes.  A child is a process
like any other, with memory, signals and an exit code of its own.  What Python reads when it starts
(its own variables, the locale) is the server's.
"""

import atexit
import functools
import gc
import importlib
import json
import multiprocessing.process
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_PRELOADED = (
    *("aggregator.cli", "aggregator.ingest.run", "aggregator.ingest.polling"),
    *("aggregator.ingest.read", "aggregator.ingest.walk", "aggregator.output.regenerate"),
    *("aggregator.output.write", "aggregator.daemon.supervisor", "aggregator.status.runs"),
)


class Forked:
    """A forked process, as far as ``subprocess.Popen`` is used here."""

    def __init__(self, pid: int, status: int) -> None:
        self.pid = pid
        self._status = status
        self._code: int | None = None

    def wait(self, seconds: float | None = None) -> int:
        """Return the exit code, negative for a signal; raise ``subprocess.TimeoutExpired``."""
        if self._code is None:
            if not select.select([self._status], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired("aggregator", seconds or 0)
            self._code = int(os.read(self._status, 16))
            os.close(self._status)
        return self._code

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            if self._code is None:
                os.kill(self.pid, signal.SIGKILL)


def start(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdout: int,
    stderr: int,
    before: str = "",
) -> Forked:
    """Run ``python -m aggregator`` with ``arguments``, or ``before`` and then the command."""
    server = _server()
    status, theirs = os.pipe()
    request = json.dumps([arguments, str(cwd), dict(env), before]).encode()
    socket.send_fds(server, [request], [stdout, stderr, theirs])
    os.close(theirs)
    return Forked(int(server.recv(16)), status)


@functools.cache
def _server() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.forked", str(theirs.fileno())],
        cwd=Path(__file__).parents[2],
        env={**environment, "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def _serve(requests: socket.socket) -> list[Any] | None:
    """Fork for each request; return it in the child, and None when there are no more."""
    statuses: dict[int, int] = {}
    wake, woken = socket.socketpair()
    for end in (wake, woken):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno())
    while True:
        ready, _, _ = select.select([requests, wake], [], [])
        if wake in ready:
            wake.recv(4096)
            for pid in [pid for pid in statuses if os.waitid(os.P_PID, pid, _ENDED) is not None]:
                _, status = os.waitpid(pid, 0)
                os.write(statuses[pid], b"%d" % os.waitstatus_to_exitcode(status))
                os.close(statuses.pop(pid))
        if requests in ready:
            message, files, _, _ = socket.recv_fds(requests, 1_000_000, 3)
            if not message:
                return None
            if (pid := os.fork()) == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.dup2(files[0], 1)
                os.dup2(files[1], 2)
                for file in [*files, *statuses.values()]:
                    os.close(file)
                for connection in (requests, wake, woken):
                    connection.close()
                found: list[Any] = json.loads(message)
                return found
            statuses[pid] = files.pop()
            for file in files:
                os.close(file)
            requests.send(b"%d" % pid)


_ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT


def _run(arguments: list[str], cwd: str, env: dict[str, str], before: str) -> None:
    """Be the process that was requested."""
    os.chdir(cwd)
    multiprocessing.process.ORIGINAL_DIR = cwd  # type: ignore[attr-defined]
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["aggregator", *arguments]
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    if not before:
        runpy.run_module("aggregator", run_name="__main__", alter_sys=True)
    else:
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(f"{before}\nfrom aggregator.cli import main\nmain()", vars(main))


if __name__ == "__main__":
    for _name in _PRELOADED:
        importlib.import_module(_name)
    gc.collect()
    gc.freeze()
    _request = _serve(socket.socket(fileno=int(sys.argv[1])))
    if _request is not None:
        _run(*_request)
