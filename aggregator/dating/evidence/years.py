"""The latest year that a release names: it is seldom older than that, and seldom much younger.

``latest_year`` takes the text of a release, and returns evidence of a year or nothing.
"""

import re

from aggregator.dating.phrases.phrase import is_year, partial
from aggregator.model import Evidence

_YEAR = re.compile(r"(?<![\d.,$€£/#-])(?:19[5-9]\d|20\d\d)(?![\d,/%-]|\.\d)")
# Years ahead of the release, by their names.
_AHEAD = re.compile(
    r"(?:(?:fiscal|budget|financial|school|academic|crop|model)[ -]years?|\bFY|\bby|\bthrough"
    r"|\buntil|\bto|\bfor|in early) (?:19|20)\d\d",
    re.IGNORECASE,
)


def latest_year(text: str) -> tuple[Evidence, ...]:
    """Return the latest year that ``text`` names as one of now or of the past."""
    years = [int(found[0]) for found in _YEAR.finditer(_AHEAD.sub(" ", text))]
    latest = max(filter(is_year, years), default=None)
    if latest is None:
        return ()
    year = partial(latest, None, None)
    return (
        Evidence(
            place="body",
            phrase=str(latest),
            role="history",
            first=year,
            last=year,
            strength=0.0,
            reason="the latest year that it names",
        ),
    )
