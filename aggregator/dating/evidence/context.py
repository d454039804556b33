"""Complete the findings of a release by each other.

``combine`` takes the findings and returns them in the same order, with years and days filled in
from the day the release is about, and with days far from it made history.  A release without any
full date is left to the dating of whole digests.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from aggregator.dating.evidence.release import Finding
from aggregator.dating.evidence.resolve import resolve
from aggregator.model import Evidence, PartialDate

_FAR = timedelta(days=45)
_SOON = timedelta(days=7)
_ASIDE = 0.4
"""The weight of an event that a release mentions besides its own."""
_NEWS = 0.6
"""The weight from which on a weekday belongs to the week of the release's main day."""


def combine(findings: Sequence[Finding]) -> list[Finding]:
    """Fill in years and days from the release's main day, and discount what is far from it."""
    findings = _beside_today(findings)
    main = _main_day(findings)
    if main is None:
        return findings
    filled = [_filled(finding, *main) for finding in findings]
    main = _main_day(filled) or main
    return [_unless_far(finding, *main) for finding in filled]


def _beside_today(findings: Sequence[Finding]) -> list[Finding]:
    """Discount past days of which a release that tells what happened "today" names the date.

    "He was sentenced today.  He was arrested on 2 February 2024."
    """
    if not any(_is_today(finding.evidence) for finding in findings):
        return list(findings)
    return [
        replace(finding, evidence=replace(evidence, strength=min(evidence.strength, _ASIDE)))
        if (evidence := finding.evidence).role == "past"
        and evidence.weekday is None
        and evidence.first.day is not None
        else finding
        for finding in findings
    ]


def _is_today(evidence: Evidence) -> bool:
    shift = evidence.shift
    return (
        evidence.role == "present"
        and shift is not None
        and (shift.unit, shift.offset) == ("day", 0)
        and evidence.strength >= _ASIDE
    )


def _main_day(findings: Sequence[Finding]) -> tuple[Evidence, date] | None:
    """Return the evidence that the release is about: the latest of the weightiest with a full date.

    A day of the future is used only where there is no other: it may be years ahead.
    """
    dated = [
        (finding.evidence, day)
        for finding in findings
        if finding.evidence.strength > 0 and (day := finding.evidence.last.to_date()) is not None
    ]
    chosen = [pair for pair in dated if pair[0].role != "future"] or dated
    if not chosen:
        return None
    stated = [pair for pair in chosen if pair[0].role == "stated"]
    most = max(evidence.strength for evidence, _ in chosen)
    close = [pair for pair in stated or chosen if pair[0].strength >= most - 0.15]
    return max(close or stated, key=lambda pair: pair[1])


def _filled(finding: Finding, main: Evidence, near: date) -> Finding:
    """Fill in what a day's phrase leaves out, where the release's main day settles it."""
    phrase = finding.phrase
    if finding.evidence.role == "history" or phrase.precision != "day" or not phrase.missing:
        return finding
    if "day" in phrase.missing and not _is_news(main):
        return finding  # "introduced on Wednesday … a report of 18 August 2005"
    resolved = resolve(finding.evidence, near)
    if resolved is None or resolved.weekday_conflict:
        return finding
    if finding.evidence.role == "future" and main.role == "past" and not _is_news(main):
        return finding  # "arrested on 14 May 2021 … to report to prison on 1 June"
    if finding.evidence.role == "past" and main.role == "future":
        return finding  # "elected on Friday … her term ends on 30 June 2024"
    is_close = abs(resolved.last - near) <= _FAR
    if not is_close and (phrase.weekday is None or not _is_news(main)):
        return finding  # "arrested on 12 January 2023 … sentenced on 3 May" may be years apart
    first, last = (
        PartialDate(year=day.year, month=day.month, day=day.day)
        for day in (resolved.first, resolved.last)
    )
    return Finding(phrase, replace(finding.evidence, first=first, last=last))


def _is_news(main: Evidence) -> bool:
    """Whether weekdays belong to the week of a release's main day."""
    is_near = main.role == "future" or main.weekday is not None
    return main.role == "stated" or (is_near and main.strength >= _NEWS)


def _unless_far(finding: Finding, main: Evidence, near: date) -> Finding:
    """Make an event long before the release's main day history, and one well after it future.

    News is written within days of what it opens with: what lies later, and counts for less, is
    still to come, whatever the nearest verb.
    """
    evidence, last = finding.evidence, finding.evidence.last.to_date()
    if evidence.role not in ("past", "present") or last is None:
        return finding
    about = f"{near.isoformat()}, which the release is about"
    if last < near - _FAR:
        evidence = replace(evidence, role="history", strength=0.0, reason=f"long before {about}")
    elif (
        main.role in ("stated", "past")
        and main.strength > evidence.strength
        and last > near + _SOON
    ):
        evidence = replace(
            evidence,
            role="future",
            strength=min(evidence.strength, 0.2),
            reason=f"well after {about}",
        )
    return Finding(finding.phrase, evidence)
