"""The findings of ``doctor``: kept by check, as JSON, and one line each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from aggregator.status.entries import short_id
from aggregator.status.layout import Json, count, fields

Level = Literal["damage", "fault", "note"]

MENDS = "'aggregator doctor --repair' mends it"
SAVES = "'aggregator doctor --repair' saves what can be read of it; a backup has everything"
REGENERATE = "run 'aggregator regenerate'"
ONCE = "run 'aggregator once'"
"""What a finding advises.  All but the last are also done by ``repair``."""

MOST_LISTED = 20
"""Findings of one check that are listed; the others are counted."""

_CODES = {"damage": 3, "fault": 1, "note": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not fit, in a line that says what to do.

    Of a store with ``damage`` nothing else is examined; a ``fault`` is smaller; a ``note`` is
    intended by the program and may be of interest.  ``entry`` is the id of the entry concerned.
    ``repair``: ``doctor --repair`` mends it.
    """

    check: str
    level: Level
    problem: str
    entry: str | None = None
    repair: bool = False


def fault(
    check: str,
    problem: str,
    advice: str | None = MENDS,
    *,
    level: Level = "fault",
    entry: str | None = None,
) -> Finding:
    """Return a finding that ends with an advice."""
    return Finding(
        check=check,
        level=level,
        problem=f"{problem}; {advice}" if advice else problem,
        entry=entry,
        repair=advice in (MENDS, SAVES, REGENERATE),
    )


def listed(names: Iterable[str]) -> str:
    """Return names in a line."""
    return ", ".join(sorted(names)) or "none"


@dataclass(slots=True)
class Report:
    """What was examined, and what was found: at most ``MOST_LISTED`` findings of each check.

    ``levels`` and ``checks`` count all findings; ``to_repair`` are the checks with some that
    ``repair`` mends.
    """

    entries: int = 0
    texts: int = 0
    feeds: int = 0
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    levels: Counter[Level] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    to_repair: set[str] = field(default_factory=set)

    def add(self, found: Iterable[Finding]) -> None:
        """Take the findings of a check."""
        for finding in found:
            self.levels[finding.level] += 1
            self.checks[finding.check] += 1
            if finding.repair:
                self.to_repair.add(finding.check)
            listed = self.findings.setdefault(finding.check, [])
            if len(listed) < MOST_LISTED:
                listed.append(finding)

    @property
    def exit_code(self) -> int:
        """0 where all is well, 1 where something should be done, 3 where the store is damaged."""
        return max((_CODES[level] for level in self.levels), default=0)

    @property
    def unlisted(self) -> dict[str, int]:
        """How many findings of a check are only counted, where some are."""
        left = {check: self.checks[check] - len(listed) for check, listed in self.findings.items()}
        return {check: number for check, number in left.items() if number}


def doctor_json(report: Report) -> Json:
    """Return the object that ``doctor --json`` prints."""
    return {
        "sound": report.exit_code == 0,
        "checked": fields(report, "entries", "texts", "feeds"),
        "damage": report.levels["damage"],
        "faults": report.levels["fault"],
        "notes": report.levels["note"],
        "findings": [
            fields(finding, "check", "level", "problem", "entry", "repair")
            for listed in report.findings.values()
            for finding in listed
        ],
        "not_listed": report.unlisted,
    }


def doctor_lines(report: Report) -> Iterator[str]:
    """Return the findings check by check, and what was examined."""
    for check, listed in report.findings.items():
        yield from map(_line, listed)
        if more := report.unlisted.get(check):
            yield f"{check}: and {more:,} more like these"
    if report.levels["damage"]:
        yield "The store is damaged; nothing else was examined."
        return
    examined = (
        f"{count(report.entries, 'entry', 'entries')}, {count(report.texts, 'text')}, "
        f"{count(report.feeds, 'feed')}"
    )
    faults = report.levels["fault"]
    verdict = "All is well" if not faults else f"{count(faults, 'fault')} found"
    yield f"{verdict}: {examined} and the configuration were examined."


def _line(finding: Finding) -> str:
    note = "for your information: " if finding.level == "note" else ""
    which = f"{short_id(finding.entry)}: " if finding.entry else ""
    return f"{finding.check}: {note}{which}{finding.problem}"
