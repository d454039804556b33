"""Read what the date phrases of a release say about the day the release itself came out.

``read_evidence`` takes a title and a text and returns one ``Evidence`` for each date phrase, title
first, in order; ``resolve`` returns the real days of one.  A phrase is judged by its own release
alone, by the tense of its sentence, its place, the title and the other dates; ``choice`` compares
releases and chooses the date.

The roles, and what each says of the release's day R against the phrase's first and last day:

- ``stated``: R is that day.  A dateline (``BRUSSELS, 3 May 2024 —``, or a date alone on the first
  lines), ``issued on …``, ``Published: …``, ``today (3 May 2024)``.
- ``past``: R is on or after the last day, and usually within three days.  The verb is in the past.
- ``present``: R is that day or close to it: ``is meeting today``, ``this week``, or no verb
  that decides.
- ``future``: R is on or before the first day: ``will visit``, ``to meet``, a media advisory's
  schedule.
- ``history``: says nothing of R: whole months, deadlines long past, treaties, ``every Monday``, and
  days too far from those the release is about.

``strength``, from 0 to 1, is the weight when a day is chosen: 1 a full dateline; about 0.8 the
first paragraph's or the title's own event; about 0.4 a later one; 0.2 a day mentioned in passing; 0
history.  A phrase without a year counts somewhat less, one that is only a weekday half.

A missing year is filled in from the days of the same release that have one, and a bare weekday from
the day it must mean next to them; ``phrase`` keeps what was written.

The words are in ``languages``, the patterns made of them in ``signs``, the rules in ``rules``.
"""

from aggregator.dating.evidence.context import combine
from aggregator.dating.evidence.release import Finding, release_of
from aggregator.dating.evidence.resolve import Resolved, resolve
from aggregator.dating.evidence.rules import judge_body, judge_title
from aggregator.dating.evidence.years import latest_year
from aggregator.dating.languages.known import SAMPLE, language_of
from aggregator.dating.phrases import day_order, find_dates
from aggregator.model import Evidence

__all__ = ["Resolved", "latest_year", "read_evidence", "resolve"]

_LONGEST_TITLE = 1_000
"""Characters of a title that are read.  Each of its dates is judged against all of it, so a hostile
title of 200 kB full of dates would take minutes, and no office writes one of this length."""


def read_evidence(title: str, text: str, *, day_first: bool | None = None) -> tuple[Evidence, ...]:
    """Return the evidence of every date phrase of a release, title first, in order.

    ``day_first`` is the order of dates such as 03/04/2024, if it is known from other releases; the
    release's own dates are heard first.
    """
    title = title[:_LONGEST_TITLE]
    language = language_of(f"{title}\n{text[:SAMPLE]}".lower())
    if "/" in text and (own := day_order(text)) is not None:
        day_first = own
    in_title = find_dates(title, language, day_first)
    in_text = find_dates(text, language, day_first)
    if not in_title and not in_text:
        return ()
    release = release_of(title, text, language)
    findings = [Finding.of(phrase, "title", judge_title(release, phrase)) for phrase in in_title]
    findings += [Finding.of(phrase, "body", judge_body(release, phrase)) for phrase in in_text]
    return tuple(finding.evidence for finding in combine(findings))
