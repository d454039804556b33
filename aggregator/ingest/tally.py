"""Counts what was ingested from one source, for its report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from aggregator.config import Source
from aggregator.dedupe.items import NewSighting
from aggregator.ingest.jobs import HASH, ReadDocument, Unreadable
from aggregator.model import Document, How, Problem, SourceReport
from aggregator.store import Store, history
from aggregator.store import documents as store_documents
from aggregator.store.documents import KnownDocument

if TYPE_CHECKING:
    from aggregator.ingest.polling import PollResult


@dataclass(slots=True)
class Tally:
    """The counts of one source so far; ``failures``, ``remarks`` and ``problems`` are in words.

    ``remarks`` are on files that are not read, which is not a failure.
    """

    documents: int = 0
    items: int = 0
    decided: Counter[How] = field(default_factory=Counter)
    rejected: int = 0
    is_news: bool = False
    problems: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    new_by_agency: Counter[str] = field(default_factory=Counter)

    def add_unchanged(self, items: int, rejected: int = 0) -> None:
        """Count a document that is the same as before."""
        self.documents += 1
        self.items += items
        self.decided["same"] += items
        self.rejected += rejected

    def add_known(self, known: KnownDocument) -> None:
        """Count a document that was ingested before."""
        self.add_unchanged(known.items, known.rejected)

    def add(self, document: Document, read: ReadDocument, decided: Sequence[NewSighting]) -> None:
        """Count a document that was read, with what was decided of its items.

        An item without a decision counts as the same: another process stored its document first, a
        feed went back to an earlier state, or its entry was removed for good.
        """
        self.documents += 1
        self.is_news = self.is_news or read.is_ordered or bool(read.prepared or read.problems)
        self.items += len(read.prepared) + read.unchanged
        self.decided.update(sighting.decision.how for sighting in decided)
        self.decided["same"] += len(read.prepared) - len(decided) + read.unchanged
        self.rejected += sum(problem.rejected for problem in read.problems) + len(read.left_out)
        new = (s.prepared.entry for s in decided if s.decision.how == "new")
        self.new_by_agency.update(entry.agency.id for entry in new)
        self.problems += (_in_words(document, problem) for problem in read.problems)

    def add_unreadable(self, source: Source, read: Unreadable) -> None:
        """Count a document that could not be read."""
        from aggregator.ingest.unreadable import remark_on

        remark = remark_on(source, read)
        if remark is None:
            self.failures.append(read.problem)
        else:
            self.remarks.append(remark)

    def report(self, source: str, *, is_waiting: bool = False) -> SourceReport:
        """Return the report of the source with this id; ``is_waiting``: that is why it failed."""
        failed = bool(self.failures)
        failure: Literal["waiting", "failed"] = "waiting" if is_waiting else "failed"
        return SourceReport(
            id=source,
            status=failure if failed else "ok" if self.is_news else "unchanged",
            documents=self.documents,
            items=self.items,
            new=self.decided["new"],
            revised=self.decided["revision"],
            merged=self.decided["truncated"] + self.decided["near-duplicate"],
            unchanged=self.decided["same"],
            rejected=self.rejected,
            error=self.failures[0] if failed else None,
            problems=(*self.failures, *self.remarks, *self.problems),
            failures=len(self.failures),
            remarks=len(self.remarks),
            new_by_agency=dict(self.new_by_agency),
        )


def report_of_unread(result: "PollResult") -> SourceReport:
    """Return the report of a poll without a document to be read."""
    if result.page is not None:
        return report_of_page(Tally().report(result.source.id))
    tally = Tally()
    if result.error is not None:
        tally.failures.append(result.error)
    else:
        tally.add_unchanged(len(result.previous.seen) // HASH)
    return tally.report(result.source.id, is_waiting=result.turn is not None)


def remember_reports(store: Store, reports: Sequence[SourceReport], *, at: datetime) -> None:
    """Store how sources did in a run, within a transaction."""
    store_documents.remember_outcomes(store, reports, at=at)
    history.count(store, reports, at=at)


def report_of_page(report: SourceReport) -> SourceReport:
    """Return the report of a visit to an older page, whose failure is not one of its source."""
    status: Literal["ok", "unchanged"] = "ok" if report.status == "ok" else "unchanged"
    return replace(report, status=status, error=None, problems=(), failures=0)


def _in_words(document: Document, problem: Problem) -> str:
    first, last = problem.lines
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    return f"{document.name}: {lines}: {problem.words}"
