"""Chromium without a window: what a page becomes in it, and what it says of it."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def shown(
    address: str, profile: Path, *options: str, milliseconds: int | None = None
) -> tuple[str, str]:
    """Return the page at ``address`` as Chromium shows it, and its messages.

    ``milliseconds`` pass for the page, in less time than that, before it is read.
    """
    assert CHROMIUM is not None
    budget = [] if milliseconds is None else [f"--virtual-time-budget={milliseconds}"]
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *(f"--user-data-dir={profile}", "--enable-logging=stderr", *options, *budget),
            *("--dump-dom", address),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=600,
        check=True,
    )
    return done.stdout.decode(), done.stderr.decode(errors="replace")
