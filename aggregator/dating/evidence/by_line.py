"""Read a date by the line it stands on: a dateline, after a label, or alone.

Takes a release and a phrase of its text; gives a ``Reading``, or None where the line says nothing.
Leaves to ``by_words`` and ``by_sentence`` dates within prose.
"""

import re

from aggregator.dating.evidence.release import Release
from aggregator.dating.evidence.said import Reading
from aggregator.dating.evidence.signs import (
    DATELINE_ENDS,
    EVENT_LABEL,
    EVENT_LINES,
    LABEL,
    LOUD_DATELINE_ENDS,
    PLACE,
)
from aggregator.dating.phrases import DatePhrase


def dateline(release: Release, phrase: DatePhrase) -> Reading | None:
    """Read a date that stands as a line, after a label, or after a place at the top."""
    text = release.text
    if phrase.first != phrase.last or phrase.first.month is None:
        return None
    low = text.rfind("\n", max(0, phrase.start - 200), phrase.start) + 1
    low = low or max(0, phrase.start - 200)
    before, after = text[low : phrase.start], text[phrase.end : phrase.end + 200]
    if len(before) > 100:
        return None
    if EVENT_LABEL.search("\n" + before):
        return Reading(role="future", strength=0.8, reason="after a label: when")
    if before.strip() and LABEL.search("\n" + before):
        if EVENT_LINES.search(after):
            return Reading(role="future", strength=0.8, reason="date of an event with its hours")
        return Reading(role="stated", strength=0.95, reason=f"after a label: {before.strip()}")
    rest = after.split("\n", 1)[0].strip(" \t\u00a0.,:;)\u2013\u2014-")
    if not before.strip(" \t\u00a0\u2022(*-") and not rest:
        return _alone(release, phrase, after)
    top = phrase.start <= release.head
    if top and _is_place(before) and _ends_dateline(before, after):
        return Reading(role="stated", strength=1.0, reason="dateline")
    if not rest and _is_place(before) and not text[phrase.end :].strip(" \n.)"):
        return Reading(role="stated", strength=0.8, reason="place and date at the end")
    return None


def _ends_dateline(before: str, after: str) -> bool:
    if DATELINE_ENDS.match(after):
        return True
    return before.isupper() and LOUD_DATELINE_ENDS.match(after) is not None


def _alone(release: Release, phrase: DatePhrase, after: str) -> Reading:
    """Read a date alone on its line: at the top a dateline, above hours a schedule."""
    if EVENT_LINES.match(after.lstrip(" \t\u00a0:").replace("\n\n", "\n", 1)):
        return Reading(role="future", strength=0.6, reason="a schedule's day")
    above = release.text[: phrase.start]
    if phrase.start <= release.head and above.count("\n") < 12:
        weight = 0.6 if phrase.precision == "month" else 1.0
        return Reading(role="stated", strength=weight, reason="date alone at the top")
    if release.advisory:
        return Reading(role="future", strength=0.6, reason="a media advisory's schedule")
    if not release.text[phrase.end :].strip(" \n\u00a0.)"):
        return Reading(role="stated", strength=0.7, reason="date alone at the end")
    return Reading(role="present", strength=0.3, reason="date alone on a line")


def _is_place(before: str) -> bool:
    """Say whether what stands before a date is a place ("THE HAGUE, "), or nothing."""
    words = re.findall(r"[^\W\d_][\w.'\u2019-]*", before)
    if not before.strip():
        return True
    if len(before) > 60 or not PLACE.fullmatch(before.lstrip()):
        return False
    small = {"de", "of", "am", "la", "le", "on", "den", "the"}
    return all(word[0].isupper() or word in small for word in words)
