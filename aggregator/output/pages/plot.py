"""Plots as SVG that stands within a page: no script, no style, and words for who cannot see them.

Takes numbers and the day they end with; gives markup that is well-formed as HTML and as XML.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

WEEKS = 52

_STEP, _BAR, _HEIGHT, _LEAST = 6, 4, 48, 2  # of the drawing's own units
_UP, _DOWN, _GAP, _NEWS = 14, 8, 4, 12  # of a strip: above its line, below it, and what follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Releases by week, oldest first; the last of the weeks ends with the day ``last``."""

    counts: Sequence[int]
    last: date

    @property
    def first(self) -> date:
        """The day that the first of the weeks begins with."""
        return date.fromordinal(max(1, self.last.toordinal() - 7 * len(self.counts) + 1))

    @property
    def total(self) -> int:
        """How many there are in all of the weeks."""
        return sum(self.counts)


def weekly(days: Mapping[date, int], weeks: int = WEEKS) -> Weekly | None:
    """``days`` with their numbers by week, counted back from the last of them; None for none."""
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
    """What came of a source by day, oldest first, all of one length; ``last`` is the last day."""

    well: Sequence[int]
    failed: Sequence[int]
    new: Sequence[int]
    last: date


def bars(found: Weekly, name: str, title: str, words: str) -> str:
    """A bar for each week.  ``name`` is one that no other plot of the page has.

    ``title`` and ``words`` are read out in the place of the drawing (WAI-ARIA 1.2, role ``img``;
    SVG 2, section 5.5).
    """
    width = _STEP * len(found.counts)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img"'
        f' viewBox="0 0 {width} {_HEIGHT}"'
        f' aria-labelledby="{escape(name)}-t {escape(name)}-d">'
        f'<title id="{escape(name)}-t">{escape(title)}</title>'
        f'<desc id="{escape(name)}-d">{escape(words)}</desc>'
        f'<path class="ground" d="M0 {_HEIGHT}h{width}"/>'
        f'<path class="bars" d="{_drawn(found.counts)}"/></svg>'
    )


def _drawn(counts: Sequence[int]) -> str:
    """One path for all of them, which is a tenth of the bytes.  A week with any shows."""
    most = max(counts, default=0)
    parts = []
    for number, count in enumerate(counts):
        if count:
            height = max(_LEAST, round(count * _HEIGHT / most))
            parts.append(f"M{number * _STEP + 1} {_HEIGHT}v-{height}h{_BAR}v{height}z")
    return "".join(parts) or "M0 0"


def strip(found: Daily, name: str, title: str, words: str) -> str:
    """Bars for each day: upward from a line what went well, downward what failed; and below that
    what was new.  For the rest see ``bars``.
    """
    width, news = _STEP * len(found.new), _UP + _DOWN + _GAP + _NEWS
    visits = [sum(both) for both in zip(found.well, found.failed, strict=True)]
    most = max(visits, default=0)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img"'
        f' viewBox="0 0 {width} {news + 1}"'
        f' aria-labelledby="{escape(name)}-t {escape(name)}-d">'
        f'<title id="{escape(name)}-t">{escape(title)}</title>'
        f'<desc id="{escape(name)}-d">{escape(words)}</desc>'
        f'<path class="well" d="{_row(found.well, most, _UP, -_UP)}"/>'
        f'<path class="failed" d="{_row(found.failed, most, _UP, _DOWN)}"/>'
        f'<path class="ground" d="M0 {_UP}h{width}M0 {news}.5h{width}"/>'
        f'<path class="bars" d="{_row(found.new, max(found.new, default=0), news, -_NEWS)}"/></svg>'
    )


def _row(counts: Sequence[int], most: int, ground: int, reach: int) -> str:
    """Bars from ``ground`` as far as ``reach``, which is below it if positive."""
    sign = 1 if reach > 0 else -1
    parts, at = [f"M1 {ground}"], 0
    for number, count in enumerate(counts):
        if count:
            height = sign * max(_LEAST, round(count * abs(reach) / most))
            move = f"m{_STEP * (number - at)} 0" if number > at else ""
            parts.append(f"{move}v{height}h{_BAR}v{-height}z")
            at = number
    return "".join(parts)
