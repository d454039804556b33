"""A Dask cluster in the place of processes of this machine: ``[scale] scheduler``.

The only module that imports ``distributed``.  Others get ``Workers``, and do not know whose
processes these are.  A call goes out as the name of a function with bytes, together with what its
result depends on besides: the version of this program, its code, its libraries.  A process where
any of that differs refuses the call, since its results could differ too.

Raises ``ConfigError`` where Dask is not installed, and ``ClusterError``.
"""

import asyncio
import hashlib
import importlib
import logging
import os
import socket
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aggregator import __version__
from aggregator.config import Config
from aggregator.errors import ClusterError, ConfigError
from aggregator.fetch.guard import is_public
from aggregator.workers import Workers

if TYPE_CHECKING:
    from distributed import Client

_CONNECT = 10.0  # seconds for a scheduler to answer
_REPEATS = 2  # of a call that failed, as when another library fails in its process
_LIBRARIES = ("cld3-py", "feedparser", "idna", "lxml", "msgspec", "nh3", "w3lib")

_Answer = tuple[str | None, Any]  # why the call was refused, its result


@contextmanager
def open_workers(
    config: Config, warn: Callable[[str], None] = lambda _line: None
) -> Iterator[Workers]:
    """Open the processes that work beside this one: of the cluster, if one is configured.

    ``warn`` is called with a line about what is not safe.  They are ended, or left, at the end.
    """
    scheduler = config.scale.scheduler
    if scheduler is None:
        with Workers(config.workers) as workers:
            yield workers
        return
    require_dask(config)
    if (problem := _exposed(scheduler)) is not None:
        warn(problem)
    client = _connect(scheduler)
    try:
        count = _check_workers(client, scheduler)
        executor = _ClusterExecutor(client, scheduler)
        with Workers(count + 1, executor=executor, are_elsewhere=True) as workers:
            yield workers
    finally:
        client.close(timeout=1)


def require_dask(config: Config) -> None:
    """Raise ``ConfigError`` if a cluster is configured, and Dask is not installed."""
    if config.scale.scheduler is None:
        return
    try:
        import distributed  # noqa: F401
    except ImportError:
        remedy = "install it: pip install 'press-aggregator[dask]'"
        raise ConfigError(f"{config.file}: [scale]: scheduler: needs Dask; {remedy}") from None


def _connect(scheduler: str) -> "Client":
    import dask
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    # Its problems are reported by this program, in one line; results depend on no other library.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", category=VersionMismatchWarning)
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
    try:
        asyncio.run(_knock(scheduler))
        return Client(scheduler, timeout=_CONNECT, set_as_default=False, direct_to_workers=False)
    except (OSError, TimeoutError) as error:
        kind = "no Dask scheduler answers"
        if scheduler.startswith("tls:"):
            kind += ", or not with the certificates of Dask's configuration"
        raise ClusterError(f"{scheduler}: {kind} ({_reason(error)})") from error
    except (TypeError, ValueError) as error:
        reason = _reason(error)
        if scheduler.startswith("tls:"):
            reason = "tls:// needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE and those"
            reason += " of the client in the environment (docs/scale.md)"
        raise ClusterError(f"{scheduler}: {reason}") from error


async def _knock(scheduler: str) -> None:
    """Raise unless the scheduler responds: a client waits for ever for one that is silent."""
    from distributed import Security
    from distributed.comm import connect

    async with asyncio.timeout(_CONNECT):
        security = Security().get_connection_args("client")
        comm = await connect(scheduler, timeout=_CONNECT, **security)
        comm.abort()


def _reason(error: BaseException) -> str:
    """Return on one line why Dask failed: the innermost cause says most."""
    while error.__cause__ is not None and str(error.__cause__):
        error = error.__cause__
    text = " ".join(str(error).split())
    return text[:200].rstrip(".") or type(error).__name__


def _exposed(scheduler: str) -> str | None:
    """Return a warning if requests, with their secrets, go unencrypted to a public address."""
    parts = urlsplit(scheduler)
    if parts.scheme == "tls":
        return None
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except OSError:
        return None  # connecting says so
    if not any(is_public(str(address[0])) for *_, address in found):
        return None
    return f"{scheduler}: is a public address, and not encrypted: use tls://"


def _check_workers(client: "Client", scheduler: str) -> int:
    """Return how many calls the workers do at the same time; raise if one cannot do them right."""
    try:
        threads = client.nthreads()
        found = client.run(check_process, environment(), on_error="return")
    except Exception as error:
        raise ClusterError(f"{scheduler}: {_reason(error)}") from error
    if not threads:
        start = f"DASK_DISTRIBUTED__WORKER__DAEMON=False dask worker {scheduler}"
        raise ClusterError(f"{scheduler}: has no workers; start one: {start}")
    for worker, problem in sorted(found.items()):
        if isinstance(problem, ModuleNotFoundError):
            problem = "has no press-aggregator installed"
        if problem is not None:
            raise ClusterError(f"{scheduler}: worker {worker}: {problem}")
    return int(sum(threads.values()))


@cache
def environment() -> dict[str, str]:
    """Return all that the result of a call depends on besides its arguments, by name."""
    from importlib import metadata

    libraries = {name: metadata.version(name) for name in _LIBRARIES}
    folder = os.path.dirname(os.path.dirname(__file__))
    code = hashlib.blake2b(digest_size=8)
    for path, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".py"):
                file = os.path.join(path, name)
                code.update(os.path.relpath(file, folder).encode())
                with open(file, "rb") as content:
                    code.update(content.read())
    return {
        "press-aggregator": __version__,
        **libraries,
        "Unicode": unicodedata.unidata_version,
        "code": code.hexdigest(),
    }


def check_process(expected: Mapping[str, str]) -> str | None:
    """Return why this process cannot do the work of one with this ``environment``, or None."""
    from multiprocessing import current_process

    own = environment()
    for name in own.keys() | expected.keys():
        if name != "code" and own.get(name) != expected.get(name):
            return f"has {name} {own.get(name)}, not {expected.get(name)}"
    if own["code"] != expected["code"]:
        return f"has other code than this press-aggregator {__version__}"
    if current_process().daemon:
        return (
            "may not start processes, which documents that crash a parser need;"
            " start it with DASK_DISTRIBUTED__WORKER__DAEMON=False"
        )
    return None


def call_checked(expected: Mapping[str, str], name: str, *args: bytes | None) -> _Answer:
    """Call the function ``name``, as ``module:function``, in a worker, if it is as ``expected``."""
    problem = check_process(expected)
    if problem is not None:
        from distributed import get_worker

        return f"worker {get_worker().address}: {problem}", None
    module, _, function = name.partition(":")
    return None, getattr(importlib.import_module(module), function)(*args)


class _ClusterExecutor(Executor):
    """Calls functions in the workers; once the scheduler is lost, every call fails at once."""

    def __init__(self, client: "Client", scheduler: str) -> None:
        self._executor = client.get_executor(pure=False, retries=_REPEATS)
        self._scheduler = scheduler
        self._lock = threading.Lock()
        self._problem: str | None = None

    def submit(self, call: Callable[..., Any], /, *args: Any, **_: object) -> "Future[Any]":
        """Call a function that can be imported by name, with bytes."""
        outer: Future[Any] = Future()
        name = f"{call.__module__}:{call.__qualname__}"

        def pass_on(inner: "Future[_Answer]") -> None:
            if not outer.set_running_or_notify_cancel():
                return
            if inner.cancelled():
                self._fail(outer, "the connection to it was lost; what was stored stays")
            elif (error := inner.exception()) is not None:
                outer.set_exception(error)
            else:
                refusal, result = inner.result()
                if refusal is not None:
                    self._fail(outer, refusal)
                else:
                    outer.set_result(result)

        if self._problem is not None:
            self._fail(outer, self._problem)
            return outer
        try:
            inner = self._executor.submit(call_checked, environment(), name, *args)
        except Exception as error:  # a client that is closed has an error of its own
            self._fail(outer, _reason(error))
            return outer
        outer.add_done_callback(lambda done: inner.cancel() if done.cancelled() else None)
        inner.add_done_callback(pass_on)
        return outer

    def _fail(self, future: "Future[Any]", problem: str) -> None:
        with self._lock:
            self._problem = self._problem or problem
        future.set_exception(ClusterError(f"{self._scheduler}: {self._problem}"))
