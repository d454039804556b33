"""Read a date by the words right beside it, or by the kind of phrase that it is.

Takes a release or a text, and a phrase of it; gives a ``Reading``, or None where these words say
nothing.  Leaves to ``by_sentence`` what only the verb can tell.
"""

from aggregator.dating.evidence.release import Release
from aggregator.dating.evidence.said import Reading
from aggregator.dating.evidence.sentences import sentence
from aggregator.dating.evidence.signs import (
    BESIDE_TODAY,
    HISTORY_AFTER,
    HISTORY_BEFORE,
    NOWADAYS,
    STATING,
)
from aggregator.dating.evidence.verbs import tense_of
from aggregator.dating.phrases import DatePhrase
from aggregator.model import Role


def beside_today(text: str, phrase: DatePhrase) -> Reading | None:
    """Read ``today (3 May 2024)``, which tells the day of writing."""
    if phrase.precision != "day":
        return None
    match = BESIDE_TODAY.search(text, max(0, phrase.start - 24), phrase.start)
    if match is None:
        return None
    role = _TODAYS.get(match["word"].lower(), "stated")
    return Reading(role=role, strength=0.9, reason=f"beside {match['word'].lower()!r}")


_TODAYS: dict[str, Role] = {"today": "stated", "yesterday": "past", "tomorrow": "future"}


def named_by_date(text: str, phrase: DatePhrase) -> Reading | None:
    """Read what is named by its date or goes on since then: ``Resolution 2231 of 20 July 2015``."""
    before = text[max(0, phrase.start - 40) : phrase.start]
    match = HISTORY_BEFORE.search(before)
    if match is not None and _begins_news(match[0], phrase):
        return Reading(role="past", strength=0.4, reason="since then")
    if match is not None:
        return Reading(role="history", strength=0.0, reason=f"after {match[0].strip()!r}")
    match = HISTORY_AFTER.match(text, phrase.end)
    if match is not None:
        return Reading(role="history", strength=0.0, reason=f"before {match[0].strip()!r}")
    return None


def _begins_news(before: str, phrase: DatePhrase) -> bool:
    """Whether "since" leads a day with its weekday: "since Monday (11 March 2024)" is of the week,
    "since 4 April 1949" is of history.
    """
    return before.casefold().startswith("since") and phrase.weekday is not None


def by_precision(release: Release, phrase: DatePhrase, weight: float) -> Reading | None:
    """Read phrases coarser than a day, and days told from today."""
    relative = phrase.relative
    if phrase.precision == "month":
        return _month(release, phrase)
    if phrase.precision == "day":
        pair = phrase.weekday is not None and "day" in phrase.missing and " " in phrase.text
        if pair and relative is None:
            return Reading(role="history", strength=0.0, reason="days of any week")
        return None
    if relative is None:
        return None
    if relative.unit in ("month", "year"):
        return Reading(role="history", strength=0.0, reason=f"a whole {relative.unit}")
    if NOWADAYS.match(release.text, phrase.end):
        return Reading(role="history", strength=0.0, reason="means nowadays")
    roles: dict[int, Role] = {-1: "past", 0: "present", 1: "future"}
    role = roles[max(-1, min(1, relative.offset))]
    return Reading(role=role, strength=0.4 * weight, reason=phrase.text.lower())


def _month(release: Release, phrase: DatePhrase) -> Reading:
    """Read a month: ahead after a verb of the future in its clause or a ``this``, else history."""
    low, _ = sentence(release.text, phrase.start, phrase.end)
    clause = release.text[low : phrase.start].rpartition(",")[2]
    tense, cue = tense_of(release.cues, clause, len(clause), len(clause))
    ahead = phrase.relative is not None and phrase.relative.offset >= 0
    if tense == "future" or (ahead and tense != "past"):
        return Reading(role="future", strength=0.1, reason=f"a month ahead: {cue}")
    return Reading(role="history", strength=0.0, reason="a whole month")


def issued(release: Release, phrase: DatePhrase) -> Reading | None:
    """Read ``issued following its meeting held … on 29th November 2023``, near the top only."""
    if phrase.start > release.head or phrase.first != phrase.last or phrase.first.day is None:
        return None
    low, _ = sentence(release.text, phrase.start, phrase.end)
    before = release.text[low : phrase.start]
    match = STATING.search(before) if len(before) < 160 else None
    if match is None:
        return None
    return Reading(role="stated", strength=0.9, reason=f"after {match[0].strip()!r}")
