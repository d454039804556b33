"""Read each phrase of a release by itself.

Takes a ``Release`` and a phrase of its title or its text; gives what the phrase ``Said``.  Leaves
to ``by_line``, ``by_words`` and ``by_sentence`` the signs they look at, and to ``joining`` what the
phrases say together.
"""

from aggregator.dating.evidence.by_line import dateline
from aggregator.dating.evidence.by_sentence import by_sentence
from aggregator.dating.evidence.by_words import beside_today, by_precision, issued, named_by_date
from aggregator.dating.evidence.release import Release
from aggregator.dating.evidence.said import Reading, Said
from aggregator.dating.evidence.verbs import tense_of
from aggregator.dating.phrases import DatePhrase
from aggregator.model import Place


def read_title(release: Release, phrase: DatePhrase) -> Said:
    """Read a phrase of the title: with its verb, or as the date of what has that title."""
    reading = named_by_date(release.title, phrase) or by_precision(release, phrase, 0.6)
    if reading is None:
        tense, cue = tense_of(release.cues, release.title, phrase.start, phrase.end)
        if tense is not None:
            reading = Reading(role=tense, strength=0.7, reason=f"title: {cue}")
        elif release.advisory:
            reading = Reading(role="future", strength=0.7, reason="title of a media advisory")
        elif phrase.first == phrase.last:
            reading = Reading(role="stated", strength=0.6, reason="date in a title without verb")
        else:
            reading = Reading(role="present", strength=0.4, reason="days in a title without verb")
    return _said(phrase, "title", reading)


def read_body(release: Release, phrase: DatePhrase) -> Said:
    """Read a phrase of the body: by its line, by what stands beside it, by its sentence."""
    reading = (
        dateline(release, phrase)
        or beside_today(release.text, phrase)
        or named_by_date(release.text, phrase)
        or by_precision(release, phrase, 1.0 if phrase.start < release.head else 0.5)
        or issued(release, phrase)
        or by_sentence(release, phrase)
    )
    return _said(phrase, "body", reading)


def _said(phrase: DatePhrase, place: Place, reading: Reading) -> Said:
    """Build the evidence; what is missing takes from its weight."""
    weight = 1.0
    if phrase.precision == "day" and "day" in phrase.missing:
        weight = 0.5
    elif phrase.precision == "day" and "year" in phrase.missing:
        weight = 0.9
    return Said(
        phrase=phrase,
        place=place,
        role=reading.role,
        first=phrase.first,
        last=phrase.last,
        weekday=phrase.weekday,
        shift=phrase.relative,
        strength=round(reading.strength * weight, 3),
        reason=reading.reason,
    )
