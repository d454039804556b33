"""Print month and weekday names from Unicode CLDR, for ``dating/languages/names_only.py``.

Takes language tags; prints a ``Language`` for each, with the full names as they are written in a
date and alone.  Run ``python -m tools.calendar_names pl sv`` where babel is installed besides.
CLDR has the weekdays in one case only: other forms are added to the table by hand.
"""

import sys
import textwrap
from importlib import import_module
from typing import Any


def main(tags: list[str]) -> None:
    """Print one table for each of ``tags``."""
    try:
        # By name, since babel is not a dependency of this project.
        locale_of = import_module("babel").Locale.parse
    except ModuleNotFoundError as error:
        sys.exit(f"This reads CLDR by {error.name}, which is not installed.")
    for tag in tags:
        locale = locale_of(tag)
        is_capital = locale.months["format"]["wide"][1][0].isupper()
        print(f'    Language(\n        tag="{tag}",{" capitals=True," if is_capital else ""}')
        _print_field("months", [_forms(locale.months, number) for number in range(1, 13)], ",")
        _print_field("weekdays", [_forms(locale.days, number) for number in range(7)], ",\n    ),")


def _forms(names: dict[str, Any], number: int) -> str:
    """Return the forms of one name in full, each once."""
    forms = [names[use]["wide"][number].lower() for use in ("format", "stand-alone")]
    return " ".join(dict.fromkeys(forms))


def _print_field(field: str, names: list[str], end: str) -> None:
    """Print a field as a tuple, filled up to lines of 100 characters."""
    listed = ", ".join(f'"{name}"' for name in names)
    # A name of two forms is not broken at its space.
    lines = textwrap.wrap(listed.replace(" ", "\0").replace(",\0", ", "), 88 - len(field))
    text = f"\n{' ' * (len(field) + 10)}".join(lines).replace("\0", " ")
    print(f"        {field}=({text}){end}")


if __name__ == "__main__":
    main(sys.argv[1:])
