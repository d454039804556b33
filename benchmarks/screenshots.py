"""Pictures of the pages, for the documentation, by Chromium: ``python -m benchmarks.screenshots``.

Reads the seeds and two made-up digests, of which the later edits what the earlier says, into a
store in a temporary folder; writes the pages there, and the pictures into ``docs/screenshots``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from aggregator import pages
from aggregator.config import load
from aggregator.ingest import ingest
from aggregator.store import open_store

ROOT = Path(__file__).parent.parent
PICTURES = (
    ("index", 1280, 3300, False),
    ("index", 360, 1100, False),
    ("index", 1280, 1100, True),
    ("agency", 768, 1100, False),
    ("entry", 768, 1400, False),
    ("entry", 360, 1100, True),
)
"""The page, its width and height, and whether it is dark."""

_EARLIER = """Lighthouse keepers meet in the old port

Source: Coast Guard of the Northern Isles
Date: 2024-06-06

The keepers of 14 lighthouses met in the old port to see the new lamp. They heard how it \
was paid for, and voted on who is to wind the clock. The lamp, which was made in the yard \
next door, can be seen from every boat in the bay, and its makers promised that it would \
never fail. Admission was free for everybody who could name the lights of the bay by \
heart.
"""
_LATER = _EARLIER.replace("promised that it would", "hope that it will")
_TIMES = (datetime(2024, 6, 6, 12, tzinfo=UTC), datetime(2024, 6, 7, 12, tzinfo=UTC))


def made(folder: Path) -> dict[str, str]:
    """Addresses of the index, of an agency's page, and of that of an entry that was edited."""
    config = shutil.copy(ROOT / "config.toml", folder)
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    for name, text, time in zip("ab", (_EARLIER, _LATER), _TIMES, strict=True):
        path = folder / "seeds" / f"made-up-{name}.txt"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (time.timestamp(), time.timestamp()))
    settings = load(Path(config))
    edited = settings.output
    with open_store(settings.store) as store:
        ingest(settings, store, now=_TIMES[1])
        for name, content in pages.contents(settings, store, None, problem=sys.exit):
            path = settings.output / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if b"<ins>" in content:
                edited = path
    return {
        "index": (settings.output / "index.html").as_uri(),
        "agency": (settings.output / "nato.html").as_uri(),
        "entry": edited.as_uri(),
    }


def take(address: str, picture: Path, size: tuple[int, int], *, is_dark: bool) -> None:
    """Have Chromium draw the page at ``address`` into ``picture``."""
    subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--window-size={size[0]},{size[1]}",
            f"--screenshot={picture}",
            *(["--blink-settings=preferredColorScheme=0"] if is_dark else []),
            address,
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )


def main() -> None:
    """Take them all."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shown = made(Path(folder))
        for name, width, height, is_dark in PICTURES:
            picture = pictures / f"{name}-{width}{'-dark' * is_dark}.png"
            take(shown[name], picture, (width, height), is_dark=is_dark)
    for picture in sorted(pictures.glob("*.png")):
        print(picture.name, f"{picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
