"""The latest year that a release names: it is seldom older than that, and seldom much younger.

``latest_year`` takes the text of a release, and returns evidence of a year or nothing.
"""

import re

from aggregator.dating.phrases.phrase import is_year, partial
from aggregator.model import Evidence

# The digits come before what looks back at them, so that Python skips from digit to digit.
_YEAR = re.compile(r"(?:19[5-9]|20\d)\d(?<![\d.,$€£/#-]....)(?![\d,/%-]|\.\d)")
# What names a year that is ahead of the release, or that begins before it.
_AHEAD = re.compile(
    r"(?:(?:fiscal|budget|financial|school|academic|crop|model)[ -]years?|\bfiscal|\bFY|\bby"
    r"|\bthrough|\buntil|\bto|\bfor|in early"
    r"|\w+jahr|\bbis|d['\u2019]ici(?: à)?|horizon|exercice|\bhasta|\bpara|ejercicio|\bentro il"
    r"|esercizio|\btegen|\btot|boekjaar|\baté|exercício|\bdo(?: roku)?|\brok|\btill"
    r"|\bdo konce|\bдо|\bк|\bза|έως το|μέχρι το) ?\Z",
    re.IGNORECASE,
)


def latest_year(text: str) -> tuple[Evidence, ...]:
    """Return the latest year that ``text`` names as one of now or of the past."""
    years = [
        int(found[0])
        for found in _YEAR.finditer(text)
        if not _AHEAD.search(text, max(0, found.start() - 24), found.start())
    ]
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
