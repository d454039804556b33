"""Read the digits after a month: a year, or something else that is counted.

Takes a match of ``DAY_FIRST``, ``MONTH_FIRST`` or ``MONTH_YEAR``; gives its year and where the
phrase ends.  Leaves to the readers what a phrase without a year may be.
"""

import re

from aggregator.dating.phrases.almanac import is_year
from aggregator.dating.phrases.patterns import DAY_FIRST, NOUN_AFTER, TIME_AFTER
from aggregator.dating.phrases.vocabulary import MONTHS


def year_of(text: str, match: re.Match[str]) -> tuple[int | None, int, bool]:
    """Read the year of a match: the year, where the phrase ends, whether it may stand.

    It may not where the digits are a year we do not take: without it the date would be wrong.
    """
    if match["tail"] is None:
        return None, _without_tail(match, match.end()), True
    written, separator, end = match["year"], match["sep"], match.end()
    head = _without_tail(match, match.start("tail"))
    if len(written) != 4 or text[end : end + 1].isalnum():
        return None, head, True
    if TIME_AFTER.match(text, end):
        return None, head, True
    counts = "," in separator and NOUN_AFTER.match(text, end) is not None
    if is_year(int(written)):
        # "On 21 November, 2023 officers": but Americans leave out the comma after the year.
        if counts and match.re is DAY_FIRST:
            return None, head, True
        return int(written), end, True
    return None, head if counts else end, counts


def _without_tail(match: re.Match[str], end: int) -> int:
    """Leave out a full stop that ends the sentence, not the month: "27 November."."""
    if match.re is DAY_FIRST and match["dot"] and match.end("dot") == end:
        name = MONTHS.get(match["month"].lower())
        return end if name is not None and name.short else end - 1
    return end
