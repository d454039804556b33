"""Watches the files of local sources, so that they are read soon after they were written."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from watchfiles import awatch

from aggregator.config import Config
from aggregator.logs import Troubles

_SETTLED = 1.0  # seconds in which a file must not change before it counts as complete
_RETRY = 30.0


class FileWatcher:
    """Calls ``on_change`` with the id of a source, once its changed files are complete."""

    def __init__(
        self, config: Config, on_change: Callable[[str], None], troubles: Troubles
    ) -> None:
        self._on_change = on_change
        self._troubles = troubles
        self._interrupted = asyncio.Event()
        self._is_stopping = False
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Watch the files of ``config`` from now on."""
        self._patterns = {
            source.id: str(config.folder / Path(source.location).expanduser())
            for source in config.sources
            if not source.is_remote
        }
        self._interrupted.set()

    def stop(self) -> None:
        """Let ``run`` return."""
        self._is_stopping = True
        self._interrupted.set()

    async def run(self) -> None:
        """Watch until stopped."""
        has_missed = False  # changes while nothing was watched
        while not self._is_stopping:
            self._interrupted.clear()
            folders = sorted({str(found) for found in self._folders() if found.is_dir()})
            try:
                if folders:
                    await self._watch(folders, has_missed=has_missed)
                    has_missed = True
                    continue
            except (OSError, RuntimeError) as error:
                self._troubles.begin("watching files", str(error))
            await self._pause(_RETRY)

    async def _watch(self, folders: list[str], *, has_missed: bool) -> None:
        """Watch ``folders`` until one of them is gone, or the configuration changes."""
        async for changes in awatch(
            *folders,
            stop_event=self._interrupted,
            step=200,
            rust_timeout=2000,
            yield_on_timeout=True,
            raise_interrupt=False,
        ):
            if has_missed:
                has_missed = False
                for name in self._patterns:
                    self._on_change(name)
            await self._report({path for _, path in changes})
            if not all(os.path.isdir(folder) for folder in folders):
                break

    def _folders(self) -> list[Path]:
        """The folders in which files of sources may be."""
        found = []
        for pattern in self._patterns.values():
            folder = Path(pattern)
            while any(sign in str(folder) for sign in "*?["):
                folder = folder.parent
            found.append(folder if folder.is_dir() else folder.parent)
        return found

    async def _report(self, paths: set[str]) -> None:
        """Call back for the sources of ``paths``, once none of these changes any more."""
        changed = {
            name: {path for path in paths if _matches(path, pattern)}
            for name, pattern in self._patterns.items()
        }
        watched = set().union(*changed.values())
        before = None
        while watched and before != (before := _states(watched)):
            await asyncio.sleep(_SETTLED)
        for name, found in changed.items():
            if found and not self._is_stopping:
                self._on_change(name)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._interrupted.wait(), seconds)


def _matches(path: str, pattern: str) -> bool:
    folder, name = os.path.split(path)
    if name.startswith("."):
        return False
    is_mail = os.path.basename(folder) in ("new", "cur") and name not in ("new", "cur")
    return any(
        found == pattern or fnmatch(found, pattern)
        for found in ([path, os.path.dirname(folder)] if is_mail else [path])
    )


def _states(paths: set[str]) -> dict[str, tuple[int, int]]:
    """Size and time of change of each path that exists."""
    found = {}
    for path in paths:
        with suppress(OSError):
            status = os.stat(path)
            found[path] = status.st_size, status.st_mtime_ns
    return found
