"""Read what stands above the first title: the heading of a digest, and its table of contents.

Takes the lines and the titles below; returns an ``Opening``: the day of the document, the days that
the contents give to its titles, and which lines are neither.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from aggregator.normalise.text import is_blank, one_line
from aggregator.parse.digest.days import day_in, is_day_line, last_day
from aggregator.parse.digest.text import is_rule
from aggregator.parse.digest.titles import ends_sentence, without_mark

_MOST_LINES = 400
_LONGEST_LINE = 120
_FIELD = re.compile(
    r"(?:from|to|cc|subject|date|sent|von|an|betreff|datum|objet|de|à|asunto)\s*:", re.I
)
_CONTENTS = re.compile(
    r"(?:table of )?contents|in this (?:issue|digest|edition)|inhalt|sommaire|índice|indice|inhoud"
    r"|today'?s releases|headlines",
    re.I,
)
_EDGE = re.compile(r"^[\W_]*(?:\d{1,3}[.)]\s*)?|[\W\d_]*$")


@dataclass(slots=True)
class Opening:
    """What the text above the first title says.

    ``day`` is that of the document; ``days`` are those of releases, as written, by title; ``rest``
    are the lines that are neither heading nor contents.
    """

    day: date | None = None
    days: dict[str, str] = field(default_factory=dict)
    rest: list[int] = field(default_factory=list)


def title_key(title: str) -> str:
    """Return the form in which the contents name a title."""
    return _EDGE.sub("", without_mark(one_line(title)).casefold())


def read_opening(lines: Sequence[str], titles: Sequence[str]) -> Opening:
    """Return what ``lines``, those above the first title, say of a document with these titles."""
    opening = Opening()
    if all(map(is_blank, lines)):
        return opening
    if len(lines) > _MOST_LINES + len(titles) * 3:
        opening.rest = [n for n, line in enumerate(lines) if not is_blank(line)]
        return opening
    by_key = {title_key(title): title for title in titles}
    days: list[date] = []
    by_heading: dict[str, str] = {}
    above: str | None = None
    day_lines = 0
    has_heading = False
    for number, line in enumerate(lines):
        if is_blank(line) or is_rule(line):
            continue
        text = one_line(line)
        found = day_in(text) if len(text) <= 300 and any(map(str.isdigit, text)) else None
        bare = text if found is None else f"{text[: found.start]} {text[found.end :]}"
        if (title := by_key.get(title_key(text)) or by_key.get(title_key(bare))) is not None:
            if found is not None:
                opening.days.setdefault(title, found.text)
            elif above is not None:
                by_heading.setdefault(title, above)
            has_heading = True
            continue
        is_heading = len(text) <= _LONGEST_LINE and not ends_sentence(text)
        day_of_line = last_day(text) if is_heading or _FIELD.match(text) else None
        if day_of_line is not None:
            days.append(day_of_line)
            above = found.text if found is not None and is_day_line(text) else None
            day_lines += above is not None
            has_heading = True
        elif _CONTENTS.search(text) and is_heading:
            has_heading = True
        else:
            opening.rest.append(number)
    if day_lines > 1:  # contents under days; one day alone is that of the document
        opening.days.update(by_heading)
    if has_heading:  # what is short beside a heading belongs to it
        opening.rest = [
            number
            for number in opening.rest
            if len(lines[number]) > _LONGEST_LINE or ends_sentence(lines[number])
        ]
    if days and not (opening.rest and len(days) > 2):
        opening.day = max(days)
    return opening
