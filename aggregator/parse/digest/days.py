"""Find the days that a document states of itself, and of the releases in it.

``day_in`` reads a line, ``day_of_name`` the name of a file, ``last_day`` a heading: "Press digest,
15 December 2023", "Week of 11 December".  Only complete days count.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from aggregator.dating.phrases import find_dates
from aggregator.normalise.text import is_blank, one_line

_NUMERIC = re.compile(
    r"(?<![\d.])(?:(?P<year>(?:19|20)\d\d)(?P<between>[-./ _]?)(?P<month>\d\d)(?P=between)"
    r"(?P<day>\d\d)"
    r"|(?P<first>\d{1,2})(?P<dot>[-./_])(?P<second>\d{1,2})(?P=dot)(?P<last>(?:19|20)\d\d))(?!\d)"
)
_WEEK_NUMBER = re.compile(
    r"(?:\b(?P<year>(?:19|20)\d\d)[-_ ]?[Ww](?:eek)?[-_ ]?(?P<week>\d\d?)"
    r"|\b(?:week|woche|kw|semaine|semana|settimana)[-_ ]?(?P<week2>\d\d?)"
    r"\W{1,3}(?P<year2>(?:19|20)\d\d))(?!\d)",
    re.IGNORECASE,
)
_MONTH_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.](0[1-9]|1[0-2])(?!\d)")
_WEEK_OF = re.compile(
    r"\b(?:week|woche|semaine|semana|settimana|vecka|uge|tydzień)\b", re.IGNORECASE
)
_LABEL = re.compile(
    r"(?:date|datum|fecha|published(?: on)?|released?|updated|posted(?: on)?"
    r"|le|am|vom|on|of|the|du|den|op)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[^\W\d_][\w.'’-]{1,28},")
_LETTER = re.compile(r"[^\W\d_]")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A complete day, as written at ``start`` to ``end`` of a line."""

    text: str
    start: int
    end: int
    day: date


def day_in(line: str) -> FoundDay | None:
    """Return the one complete day in a line, or the last of a range; None if there are several."""
    if not _has_digits(line):
        return None
    found = [p for p in find_dates(line) if p.precision == "day" and not p.missing]
    if len(found) == 1:
        (phrase,) = found
        last = phrase.last
        whole = date(last.year or 1, last.month or 1, last.day or 1)
        return FoundDay(phrase.text, phrase.start, phrase.end, whole)
    if found:
        return None
    numeric = [(m, day) for m in _NUMERIC.finditer(line) if (day := _numeric(m)) is not None]
    if len(numeric) != 1:
        return None
    match, day = numeric[0]
    return FoundDay(day.isoformat(), match.start(), match.end(), day)


def _has_digits(line: str) -> bool:
    """Return whether a line has the digits of a complete day, which has a year too."""
    digits = _DIGITS.findall(line)
    return len(digits) > 1 or (len(digits) == 1 and len(digits[0]) == len("20231215"))


def is_day_line(line: str) -> bool:
    """Return whether a line is a day and nothing else, but for a weekday, a label or a place."""
    if len(line) > 80 or (line.isprintable() and not _has_digits(line)):
        return False
    found = day_in(text := one_line(line).strip("*_#` "))
    if found is None:
        return False
    before, after = text[: found.start].strip(), text[found.end :].strip()
    if _LETTER.search(after):
        return False
    bare = _LABEL.sub("", before).strip(" :,.-–—[(|")
    return is_blank(bare) or _PLACE.fullmatch(before) is not None


def last_day(line: str) -> date | None:
    """Return the last day that a heading is about."""
    if len(line) > 200 or not any(map(str.isdigit, line)):
        return None
    if (week := _week_number(line)) is not None:
        return week
    found = day_in(line)
    if found is None:
        return None
    is_week = _WEEK_OF.search(line[: found.start]) and found.text == line[found.start : found.end]
    starts_week = is_week and not _is_range(found.text)
    return found.day + timedelta(days=6) if starts_week else found.day


def day_of_name(name: str) -> date | None:
    """Return the last day that the name of a file states, or None."""
    stem = name.replace("\\", "/").rpartition("#")[0] or name
    stem = re.sub(r"\.[a-z]{1,5}$", "", "/".join(stem.replace("\\", "/").split("/")[-4:]))
    for part in (stem.rpartition("/")[2], stem.replace("/", "-")):
        days = {day for match in _NUMERIC.finditer(part) if (day := _numeric(match)) is not None}
        if days:
            return max(days)
        if (week := _week_number(part)) is not None:
            return week
        words = re.sub(r"[-_.]+", " ", part)
        if (found := day_in(words)) is not None:
            return found.day
        if match := _MONTH_NAME.search(part):
            year, month = int(match[1]), int(match[2])
            return date(year, month, monthrange(year, month)[1])
    return None


def _numeric(match: re.Match[str]) -> date | None:
    """Return a day in digits; of day and month, the order must be known: dots put days first."""
    if match["year"]:
        return _date(int(match["year"]), int(match["month"]), int(match["day"]))
    first, second, year = int(match["first"]), int(match["second"]), int(match["last"])
    if match["dot"] == "." or first > 12 or first == second:
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 else None


def _week_number(text: str) -> date | None:
    match = _WEEK_NUMBER.search(text)
    if match is None:
        return None
    try:
        return date.fromisocalendar(
            int(match["year"] or match["year2"]), int(match["week"] or match["week2"]), 7
        )
    except ValueError:
        return None


def _is_range(text: str) -> bool:
    return re.search(r"\d\s*(?:[-–—]|to|bis|au|al|a)\s*\d?", text) is not None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
