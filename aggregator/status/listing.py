"""The lines that a terminal shows of the status."""

from collections.abc import Iterable, Iterator, Sequence

from aggregator.model import Problem
from aggregator.normalise.addresses import display_address
from aggregator.status.aliases import proposal_lines
from aggregator.status.hubs import hub_lines, subscription_lines, webhook_lines
from aggregator.status.layout import CLUSTER, Json, columns, count, minute
from aggregator.status.status import (
    CONFIGURED,
    DEFAULT,
    NEVER,
    PARTIAL,
    has_failed_in_part,
)


def status_lines(status: Json, *, only_sources: bool = False) -> Iterator[str]:
    """Return alarms, sources and agencies of what ``read_status`` returned, for people.

    A source has one line.  With ``only_sources``, the lines of alarms and agencies are not there.
    """
    bad = list(_bad_lines(status["sources"]))
    if only_sources:
        yield from _source_table(status["sources"])
        if bad:
            yield from ("", *bad)
        return
    if shown := list(alarm_lines(status["alarms"])):
        yield "Alarms"
        yield from (f"  {line}" for line in shown)
        yield ""
    yield "Sources"
    yield from (f"  {line}" for line in _source_table(status["sources"]))
    if status["scheduler"] is not None:
        yield f"  {CLUSTER.format(status['scheduler'])}"
    yield from (f"  {line}" for line in hub_lines(status["hub"]))
    yield from (f"  {line}" for line in webhook_lines(status["webhooks"]))
    yield ""
    if bad:
        yield "Documents that could not be read, or not as a whole"
        yield from (f"  {line}" for line in bad)
        yield ""
    yield "Agencies"
    yield from (f"  {line}" for line in _agency_table(status["agencies"]))
    if status["alias_proposals"]:
        yield ""
        yield "Perhaps one agency; to make them one, paste into the configuration"
        yield from (f"  {line}" for line in proposal_lines(status["alias_proposals"]))


def alarm_lines(alarms: Sequence[Json]) -> Iterator[str]:
    """Return a line for each alarm: first those that last, then those that are over."""
    yield from (f"{alarm['kind']}: {alarm['words']}" for alarm in alarms if not alarm["ended_at"])
    yield from (f"over: {alarm['title']}" for alarm in alarms if alarm["ended_at"])


_SOURCE_COLUMNS = (
    *("result", "last success", "next due", "failures", "documents", "items", "entries", "remarks"),
)
_RESULTS = {None: NEVER, PARTIAL: "in part"}
_MOST_BAD = 10  # documents of a source that are shown
_MOST_MARKED = 3  # agencies with words that they are not configured; more have a sign
_AGENCY_COLUMNS = ("", "entries", "newest", "usual gap", "re-dated", "")


def _source_table(sources: Sequence[Json]) -> Iterator[str]:
    rows = [("", *_SOURCE_COLUMNS), *(_source_row(source) for source in sources)]
    yield from columns(rows, right={4, 5, 6, 7})


def _bad_lines(sources: Iterable[Json]) -> Iterator[str]:
    """Return a line for each bad document of a source, unless its only error is in its row."""
    for source in sources:
        errors = source["errors"]
        lines = [*(errors if len(errors) > 1 or source["bad_documents"] else ())]
        lines += map(bad_document_words, source["bad_documents"])
        yield from (f"{source['id']}: {line}" for line in lines[:_MOST_BAD])
        if more := lines[_MOST_BAD:]:
            yield f"{source['id']}: and {len(more):,} more; status --json has all"


def bad_document_words(bad: Json) -> str:
    """Return a bad document with its first problem, and how many there are besides."""
    first, last = bad["lines"]
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    more = f" (and {count(bad['more'], 'more problem')})" if bad["more"] else ""
    problem = Problem(lines=(first, last), reason=bad["reason"], rejected=bad["rejected"])
    return f"{bad['document']}: {lines}: {problem.words}{more}"


def _source_row(source: Json) -> tuple[str, ...]:
    return (
        source["id"],
        "failed in part"
        if has_failed_in_part(source)
        else _RESULTS.get(source["result"], source["result"]),
        minute(source["last_success"]),
        minute(source["next_due"]),
        *(str(source[name]) for name in ("failures", "documents", "items", "entries")),
        "; ".join(_remarks(source)),
    )


def _remarks(source: Json) -> Iterator[str]:
    """Return what else there is to say of a source, what matters most first."""
    yield from source["errors"][:1]
    if (more := len(source["errors"]) - 1) > 0:
        yield f"and {more:,} more"
    if source["problem"]:
        yield source["problem"]
    if source["rejected"]:
        yield f"{count(source['rejected'], 'item')} left out"
    yield from subscription_lines(source["websub"])
    if source["hint"]:
        yield source["hint"]
    yield from source["older_pages"]
    if source["why"] not in ("", CONFIGURED, DEFAULT):
        yield source["why"]
    if source["address"] is not None:
        yield f"is read from {display_address(source['address'])}"
    if source["title"]:
        yield source["title"]


def _agency_table(agencies: Sequence[Json]) -> Iterator[str]:
    number = sum(map(_is_unconfigured, agencies))
    mark = " *" if number > _MOST_MARKED else " (not configured yet)"
    rows = [_AGENCY_COLUMNS, *(_agency_row(agency, mark) for agency in agencies)]
    yield from columns(rows, right={1, 4})
    if number > _MOST_MARKED:
        yield f"* not configured yet ({number:,}): each has a feed; an [[agencies]] table names one"


def _agency_row(agency: Json, mark: str) -> tuple[str, ...]:
    return (
        agency["id"],
        str(agency["entries"]),
        minute(agency["newest"]),
        agency["usually"] or "unknown",
        str(agency["redated"]),
        agency["name"] + (mark if _is_unconfigured(agency) else ""),
    )


def _is_unconfigured(agency: Json) -> bool:
    return not agency["configured"] and not agency["relayed"]
