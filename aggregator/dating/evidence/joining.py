"""Let the days of a release help each other.

Takes what each phrase said by itself; gives the same, in the same order, with years and days filled
in from the day the release is about, and with what lies far from it put aside.  Leaves to the
dating of whole digests what a release without any full date means.
"""

from dataclasses import replace
from datetime import date, timedelta

from aggregator.dating.evidence.resolving import full_day, resolve
from aggregator.dating.evidence.said import Said
from aggregator.model import PartialDate

_FAR = timedelta(days=45)
_SOON = timedelta(days=7)


def joined(read: tuple[Said, ...]) -> tuple[Said, ...]:
    """Let the days of a release help each other: years, weekdays, and what is far from the rest."""
    anchor = _anchor(read)
    if anchor is None:
        return read
    near = full_day(anchor.last)
    filled = tuple(_filled(evidence, near) for evidence in read)
    anchor = _anchor(filled) or anchor
    return tuple(_unless_far(evidence, anchor) for evidence in filled)


def _anchor(read: tuple[Said, ...]) -> Said | None:
    """Give the evidence the release is about: the latest of the weightiest with a full date.

    A day of the future serves only where there is no other: it may be years ahead.
    """
    dated = [e for e in read if e.strength > 0 and e.last.year and e.last.month and e.last.day]
    chosen = [e for e in dated if e.role != "future"] or dated
    if not chosen:
        return None
    stated = [e for e in chosen if e.role == "stated"]
    most = max(e.strength for e in chosen)
    close = [e for e in stated or chosen if e.strength >= most - 0.15]
    return max(close or stated, key=lambda e: full_day(e.last))


def _filled(evidence: Said, near: date) -> Said:
    """Fill in what a day's phrase leaves out, where the release's main day settles it."""
    phrase = evidence.phrase
    if evidence.role == "history" or phrase.precision != "day" or not phrase.missing:
        return evidence
    resolved = resolve(evidence, near)
    if resolved is None or resolved.weekday_conflict:
        return evidence
    if phrase.weekday is None and abs(resolved.last - near) > _FAR:
        return evidence  # "arrested on 12 January 2023 … sentenced on 3 May" may be years apart
    return replace(evidence, first=_whole(resolved.first), last=_whole(resolved.last))


def _unless_far(evidence: Said, anchor: Said) -> Said:
    """Take an event long before the release's main day for history, and one well after for ahead.

    News is written within days of what it opens with: what lies later, and counts for less, is
    still to come, whatever the nearest verb.
    """
    last, near = evidence.last, full_day(anchor.last)
    if evidence.role not in ("past", "present") or not (last.year and last.month and last.day):
        return evidence
    if full_day(last) < near - _FAR:
        reason = f"long before {near.isoformat()}, which the release is about"
        return replace(evidence, role="history", strength=0.0, reason=reason)
    is_news = anchor.role in ("stated", "past") and anchor.strength > evidence.strength
    if is_news and full_day(last) > near + _SOON:
        reason = f"well after {near.isoformat()}, which the release is about"
        return replace(evidence, role="future", strength=min(evidence.strength, 0.2), reason=reason)
    return evidence


def _whole(day: date) -> PartialDate:
    """Give a day as a full date."""
    return PartialDate(year=day.year, month=day.month, day=day.day)
