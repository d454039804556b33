"""Draw plots as inline SVG: without script or style, with a title and a description.

Takes numbers and their last day; returns markup that is well-formed as HTML and as XML.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from aggregator.dating.languages.english import ENGLISH_MONTHS

WEEKS = 52

_STEP, _BAR, _HEIGHT, _LEAST = 6, 4, 48, 2  # in units of the drawing
_TICK, _BELOW, _ROOM, _NAME = 4, 14, 18, 20  # marks of months, their names, the room of both
_UP, _DOWN, _GAP, _NEWS = 14, 8, 4, 12  # of a strip: above its line, below it, gap, new entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Releases by week, oldest first; the last week ends on ``last``."""

    counts: Sequence[int]
    last: date

    @property
    def first(self) -> date:
        """The first day of the first week."""
        return date.fromordinal(max(1, self.last.toordinal() - 7 * len(self.counts) + 1))

    @property
    def total(self) -> int:
        """The sum of all weeks."""
        return sum(self.counts)


def weekly(days: Mapping[date, int], weeks: int = WEEKS) -> Weekly | None:
    """Return the numbers of ``days`` by week, back from the last day, or None without days."""
    if not days:
        return None
    last = max(days)
    counts = [0] * weeks
    for day, number in days.items():
        week = (last - day) // timedelta(weeks=1)
        if week < weeks:
            counts[weeks - 1 - week] += number
    return Weekly(counts=counts, last=last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """Visits of a source and its new entries by day, oldest first, until ``last``."""

    successful: Sequence[int]
    failed: Sequence[int]
    new: Sequence[int]
    last: date


def bars(found: Weekly, name: str, title: str, words: str) -> str:
    """Return a bar for each week, and a mark for each month.  ``name`` is unique in the page.

    Screen readers read ``title`` and ``words`` instead of the drawing (WAI-ARIA 1.2, role ``img``;
    SVG 2, section 5.5).
    """
    drawn = f'<path class="bars" d="{_bars_path(found.counts)}"/>'
    steps = len(found.counts)
    marks, names = _month_marks(found)
    ground = f'<path class="ground" d="M0 {_HEIGHT}h{_STEP * steps}{marks}"/>'
    return _svg(steps, _HEIGHT + _ROOM, name, title, words, ground + drawn + names)


def _month_marks(found: Weekly) -> tuple[str, str]:
    """Return a path with a mark for the first day of each month, and the names of the months.

    The name of the last month is left out if it does not fit.
    """
    width = _STEP * len(found.counts)
    path, names = [], []
    first, last = (12 * day.year + day.month - 1 for day in (found.first, found.last))
    for number in range(first + 1, last + 1):
        month = date(number // 12, number % 12 + 1, 1)
        at = round((month - found.first).days * _STEP / 7)
        path.append(f"M{at} {_HEIGHT}v{_TICK}")
        if at + _NAME <= width:
            words = ENGLISH_MONTHS[number % 12][:3]
            names.append(f'<text x="{at}" y="{_HEIGHT + _BELOW}">{words}</text>')
    return "".join(path), "".join(names)


def _bars_path(counts: Sequence[int]) -> str:
    """Return one path for all bars, a tenth of the bytes.  Every week with releases is visible."""
    most = max(counts, default=0)
    parts = []
    for number, count in enumerate(counts):
        if count:
            height = max(_LEAST, round(count * _HEIGHT / most))
            parts.append(f"M{number * _STEP + 1} {_HEIGHT}v-{height}h{_BAR}v{height}z")
    return "".join(parts) or "M0 0"


def strip(found: Daily, name: str, title: str, words: str) -> str:
    """Return bars for each day: successful visits above a line, failed ones below it, and new
    entries at the bottom.  For the other arguments see ``bars``.
    """
    width, news = _STEP * len(found.new), _UP + _DOWN + _GAP + _NEWS
    visits = [sum(both) for both in zip(found.successful, found.failed, strict=True)]
    most = max(visits, default=0)
    drawn = (
        f'<path class="well" d="{_row(found.successful, most, _UP, -_UP)}"/>'
        f'<path class="failed" d="{_row(found.failed, most, _UP, _DOWN)}"/>'
        f'<path class="ground" d="M0 {_UP}h{width}M0 {news}.5h{width}"/>'
        f'<path class="bars" d="{_row(found.new, max(found.new, default=0), news, -_NEWS)}"/>'
    )
    return _svg(len(found.new), news + 1, name, title, words, drawn)


def _svg(steps: int, height: int, name: str, title: str, words: str, drawn: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img"'
        f' viewBox="0 0 {_STEP * steps} {height}"'
        f' aria-labelledby="{escape(name)}-t {escape(name)}-d">'
        f'<title id="{escape(name)}-t">{escape(title)}</title>'
        f'<desc id="{escape(name)}-d">{escape(words)}</desc>{drawn}</svg>'
    )


def _row(counts: Sequence[int], most: int, ground: int, reach: int) -> str:
    """Return bars from ``ground`` over at most ``reach``, downward if positive."""
    sign = 1 if reach > 0 else -1
    parts, at = [f"M1 {ground}"], 0
    for number, count in enumerate(counts):
        if count:
            height = sign * max(_LEAST, round(count * abs(reach) / most))
            move = f"m{_STEP * (number - at)} 0" if number > at else ""
            parts.append(f"{move}v{height}h{_BAR}v{-height}z")
            at = number
    return "".join(parts)
