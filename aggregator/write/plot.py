"""Plots as SVG that stands within a page: no script, no style, and words for who cannot see them.

Takes numbers and the day they end with; gives markup that is well-formed as HTML and as XML.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

WEEKS = 52

_STEP, _BAR, _HEIGHT, _LEAST = 6, 4, 48, 2  # of the drawing's own units


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
