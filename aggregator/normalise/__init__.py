"""Item to entry: clean text, one agency, safe HTML, and the day the release states.

Pure: agencies come in as a table, and nothing here knows the time.  ``normalise`` is the whole of
it; the modules beside this one are its steps.
"""

from aggregator.model import Agency, Entry, Evidence, Item, Link, Problem
from aggregator.normalise.evidence import read_evidence
from aggregator.normalise.header import read_header
from aggregator.normalise.html import body_from_text
from aggregator.normalise.links import web_address
from aggregator.normalise.text import cut, is_truncated, one_line

SUMMARY_LENGTH = 300
"""Characters of a summary, its ellipsis included."""

EVIDENCE_LENGTH = 50_000
"""Characters from the beginning of a text in which dates are looked for; at its end a tenth."""

MOST_EVIDENCE = 16
"""Date phrases of one release that are kept."""


def normalise(item: Item, agency: Agency) -> tuple[Entry, tuple[Problem, ...]]:
    """``item`` as an entry of ``agency``, and the details of it that could not be read."""
    title = one_line(item.title)
    body = body_from_text(item.body)
    problems = []
    header = read_header(item.date) if item.date is not None else None
    if item.date is not None and header is None:
        problems.append(_unreadable(item, "Date", item.date))
    link = web_address(item.link) if item.link is not None else None
    if item.link is not None and link is None:
        problems.append(_unreadable(item, "Link", item.link))
    entry = Entry(
        agency=agency,
        title=title,
        text=body.text,
        content_html=body.html,
        summary=_summary(body.text),
        truncated=is_truncated(body.text),
        evidence=((header,) if header else ()) + _evidence(title, body.text),
        links=(Link(href=link),) if link else (),
        categories=(agency.id,),
    )
    return entry, tuple(problems)


def _evidence(title: str, text: str) -> tuple[Evidence, ...]:
    """The strongest of what a release says of its date, in the order in which it says so.

    What is history says nothing, nor does what stands in the middle of a very long text.
    """
    if len(text) > EVIDENCE_LENGTH:
        text = f"{text[:EVIDENCE_LENGTH]}\n\n{text[-EVIDENCE_LENGTH // 10 :]}"
    found = [evidence for evidence in read_evidence(title, text) if evidence.role != "history"]
    if len(found) > MOST_EVIDENCE:
        weakest_last = sorted(range(len(found)), key=lambda n: (-found[n].strength, n))
        found = [found[n] for n in sorted(weakest_last[:MOST_EVIDENCE])]
    return tuple(found)


def _summary(text: str) -> str:
    # Tidy text has single spaces and at most two line ends together: twice the length is enough.
    return cut(" ".join(text[: 2 * SUMMARY_LENGTH].split()), SUMMARY_LENGTH)


def _unreadable(item: Item, field: str, value: str) -> Problem:
    kind = "date" if field == "Date" else "http or https address"
    reason = f"'{field}: {cut(one_line(value), 80)}' is no {kind} and is left out"
    return Problem(lines=item.lines, reason=reason, rejected=False)
