"""Write ``dating/languages/calendar_names.py``: month and weekday names from Unicode CLDR.

Run ``python -m tools.calendar_names`` where the group ``test`` is installed, of which babel brings
CLDR.  CLDR has the names as they are written in a date, alone, and abbreviated; other forms
("in March", "on Wednesday") are added by hand in the table of a language.
"""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_cldr_version

TAGS = (
    "af ar be bg bs ca cs cy da el et eu fi ga gl he hr hu id is lb lt lv mk ms mt nb nn pl ro ru"
    " sk sl sq sr sr_Latn sv tr uk"
).split()
MODULE = Path(__file__).parent.parent / "aggregator/dating/languages/calendar_names.py"
_HEAD = f'''"""Month and weekday names of many languages, from Unicode CLDR {get_cldr_version()}.

Written by ``python -m tools.calendar_names``: change that, not this.  Each string has the forms of
one name, in lower case: in full, and after a bar its abbreviations.
"""

'''


def module() -> str:
    """Return the text of the module."""
    parts = [_HEAD]
    for name, field, numbers in (
        ("MONTHS", "months", range(1, 13)),
        ("WEEKDAYS", "days", range(7)),
    ):
        parts.append(f"{name}: dict[str, tuple[str, ...]] = {{\n")
        for tag in TAGS:
            table = getattr(Locale.parse(tag), field)
            names = ", ".join(f'"{_forms(table, number)}"' for number in numbers)
            # A name of several forms is not broken at its space.
            kept = names.replace(" ", "\0").replace(",\0", ", ")
            lines = textwrap.wrap(kept, 91)
            body = "\n        ".join(lines).replace("\0", " ")
            parts.append(f'    "{tag.replace("_", "-")}": (\n        {body},\n    ),\n')
        parts.append("}  # fmt: skip\n")
    return "".join(parts)


def _forms(table: dict[str, Any], number: int) -> str:
    """Return the forms of one name, each once."""
    uses = ("format", "stand-alone")
    full = dict.fromkeys(word for use in uses for word in _words(table[use]["wide"][number]))
    short = dict.fromkeys(
        word
        for use in uses
        for word in _words(table[use]["abbreviated"][number])
        if word.rstrip(".") not in full and len(word.rstrip(".")) > 1
    )
    return " ".join((*full, *(("|", *short) if short else ())))


def _words(name: str) -> Iterator[str]:
    """Yield a name without the article or the word for "day" before it."""
    word = re.split(r"[ -]|d\u2019", name.lower())[-1]
    if re.fullmatch(r"[^\W\d_][^\s\d]*", word) and not word.endswith("\u05f3"):
        yield word


if __name__ == "__main__":
    MODULE.write_text(module(), encoding="utf-8")
    print(f"wrote {MODULE}")
