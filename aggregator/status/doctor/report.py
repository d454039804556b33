"""What the doctor found, as JSON and one line each."""

from collections.abc import Iterator

from aggregator.status.doctor.examine import Finding, Report
from aggregator.status.entries import short_id
from aggregator.status.layout import Json, count

CODES = {"damage": 3, "fault": 1, "note": 0}
"""The exit code that each level of a finding asks for; the highest counts."""


def exit_code(report: Report) -> int:
    """0 where all is well, 1 where something should be done, 3 where the store is damaged."""
    return max((CODES[level] for level in report.levels), default=0)


def doctor_json(report: Report) -> Json:
    """The object that ``doctor --json`` prints."""
    return {
        "sound": exit_code(report) == 0,
        "checked": {"entries": report.entries, "texts": report.texts, "feeds": report.feeds},
        "damage": report.levels["damage"],
        "faults": report.levels["fault"],
        "notes": report.levels["note"],
        "findings": [
            {
                "check": finding.check,
                "level": finding.level,
                "problem": finding.problem,
                "entry": finding.entry,
            }
            for finding in report.findings
        ],
        "not_listed": dict(report.untold),
    }


def doctor_lines(report: Report) -> Iterator[str]:
    """What was found, check by check, and what was looked at."""
    for number, finding in enumerate(report.findings):
        yield _line(finding)
        after = report.findings[number + 1 :][:1]
        more = report.untold[finding.check]
        if more and not (after and after[0].check == finding.check):
            yield f"{finding.check}: and {more:,} more like these"
    if report.levels["damage"]:
        yield "The store is damaged; nothing else was looked at."
        return
    looked = (
        f"{count(report.entries, 'entry', 'entries')}, "
        f"{count(report.texts, 'text')}, {count(report.feeds, 'feed')}"
    )
    faults = report.levels["fault"]
    verdict = "All is well" if not faults else f"{count(faults, 'fault')} found"
    yield f"{verdict}: {looked} and the configuration were looked at."


def _line(finding: Finding) -> str:
    note = "for your information: " if finding.level == "note" else ""
    which = f"{short_id(finding.entry)}: " if finding.entry else ""
    return f"{finding.check}: {note}{which}{finding.problem}"
