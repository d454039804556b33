"""Read a digest: plain text or HTML with one release after another, newest first.

Takes a document; returns its items as found, and the blocks and lines that it cannot read or is not
sure of.  An item starts with a title, an empty line and ``Source: NAME``, and ends at the next one.
People write that line in many ways, and a body may contain such a line too, as a credit below a
table or in a quotation: ``headers`` has the rules to tell them apart, and reports what is in doubt.

``text`` and ``pages`` make lines of a document, ``labels`` reads one line, ``titles`` the title
above it, ``opening`` what is above the first title, ``days`` the days that these state, and
``wrapped`` joins the lines of a body.
"""

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta

from aggregator.errors import ParseError
from aggregator.model import Document, Item, Parsed, Problem
from aggregator.normalise.header import read_header
from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse.charset import NotTextError, decode
from aggregator.parse.digest.days import day_of_name
from aggregator.parse.digest.headers import Doubt, Header, headers_of
from aggregator.parse.digest.labels import KnowsAgency
from aggregator.parse.digest.opening import Opening, read_opening
from aggregator.parse.digest.pages import is_html, read_page
from aggregator.parse.digest.text import Text, end_of_text, read_text
from aggregator.parse.digest.titles import mark_kind, without_mark
from aggregator.parse.digest.wrapped import column_of, unwrapped

_OLDEST_YEAR = 1990  # a heading with an older day is about history: "On this day in 1944"

MOST_DOUBTS = 20
"""Lines of one document that are reported as doubtful, each by itself."""


def parse(document: Document, knows_agency: KnowsAgency) -> Parsed:
    """Return the items of a digest, and the problems.

    ``knows_agency`` returns whether a name is that of a configured agency: the rules for its
    ``Source:`` lines are less strict.  Raises ``ParseError`` for bytes that are not text, for an
    empty document, and for one without items.
    """
    try:
        raw = decode(document.body)
    except NotTextError as error:
        raise ParseError(document.source, f"{document.name}: {error}") from error
    if is_blank(raw):
        raise ParseError(document.source, f"{document.name}: is empty")
    text = read_page(raw) if is_html(raw) else read_text(raw)
    headers, doubts = headers_of(text, knows_agency)
    if not headers:
        raise ParseError(document.source, f"{document.name}: {_why_none(text, doubts)}")
    return _parsed(document, text, headers, doubts)


def parse_page(document: Document, knows_agency: KnowsAgency) -> Parsed:
    """Return the items of a web page that is a digest.

    Raises ``ParseError`` for a page with fewer than two: it only credits a source.
    """
    with suppress(ParseError):
        parsed = parse(document, knows_agency)
        if len(parsed.items) > 1:
            return parsed
    problem = f"{document.name}: is a web page, and no feed was found through it"
    raise ParseError(document.source, problem)


def _why_none(text: Text, doubts: list[Doubt]) -> str:
    if not doubts:
        return "line 1: no 'Source:' line below a title, so it is not a digest"
    number = text.numbers[doubts[0].line]
    shown = cut(one_line(text.lines[doubts[0].line]), 80)
    return f"line {number}: no release found; '{shown}' is not its header: {doubts[0].reason}"


def _parsed(document: Document, text: Text, headers: list[Header], doubts: list[Doubt]) -> Parsed:
    titles = _titles(headers)
    opening = read_opening(text.lines[: headers[0].start], titles)
    problems = _opening_problems(text, opening)
    problems += _doubt_problems(text, doubts)
    ends = [header.start for header in headers[1:]] + [len(text.lines)]
    bodies = _bodies(text, headers, ends)
    items: list[Item] = []
    for header, title, end, body in zip(headers, titles, ends, bodies, strict=True):
        span = _span(text, header.start, end) or (text.numbers[header.line],) * 2
        if header.problem is not None:
            problems.append(Problem(lines=span, reason=header.problem))
            continue
        items.append(
            Item(
                position=len(items),
                lines=span,
                title=title,
                agency=header.name,
                body=body,
                date=header.fields.get("Date", opening.days.get(title)),
                link=header.fields.get("Link"),
                body_markup="text" if text.html is None else "html",
            )
        )
    day = _day(document, text, opening, items, problems)
    return Parsed(items=tuple(items), problems=tuple(problems), dated=day)


def _titles(headers: list[Header]) -> list[str]:
    """Return the titles, without the numbers or bullets that most of them have."""
    kinds = Counter(mark_kind(header.title) for header in headers)
    kind, count = kinds.most_common(1)[0]
    if kind is None or count < 2 or count * 2 <= len(headers):
        return [header.title for header in headers]
    return [
        without_mark(header.title) if mark_kind(header.title) == kind else header.title
        for header in headers
    ]


def _bodies(text: Text, headers: list[Header], ends: list[int]) -> list[str]:
    """Return the bodies: as text with wrapped lines joined, or as HTML."""
    spans = [
        (header.body, end_of_text(text.lines, header.body, end))
        for header, end in zip(headers, ends, strict=True)
    ]
    if text.html is not None:
        return [_markup(text, text.html, first, end) for first, end in spans]
    bodies = [text.lines[first:end] for first, end in spans]
    column = column_of(bodies)
    return ["\n".join(_without_blank_ends(unwrapped(body, column))) for body in bodies]


def _markup(text: Text, html: str, first: int, end: int) -> str:
    """Return the HTML of lines, from the first with text to that of the next item."""
    written = [n for n in range(first, end) if text.lines[n]]
    if not written:
        return ""
    after = next((n for n in range(end, len(text.lines)) if text.lines[n]), None)
    return html[text.starts[written[0]] : None if after is None else text.starts[after]].strip()


def _without_blank_ends(lines: list[str]) -> list[str]:
    written = [number for number, line in enumerate(lines) if not is_blank(line)]
    return lines[written[0] : written[-1] + 1] if written else []


def _opening_problems(text: Text, opening: Opening) -> list[Problem]:
    if not opening.rest:
        return []
    lines = _span(text, opening.rest[0], opening.rest[-1] + 1)
    assert lines is not None
    return [Problem(lines=lines, reason="text above the first title, without a 'Source:' line")]


def _doubt_problems(text: Text, doubts: list[Doubt]) -> list[Problem]:
    problems = []
    for doubt in doubts[:MOST_DOUBTS]:
        number = text.numbers[doubt.line]
        shown = cut(one_line(text.lines[doubt.line]), 80)
        reason = f"'{shown}' {doubt.taken} {doubt.reason}"
        problems.append(Problem(lines=(number, number), reason=reason, rejected=False))
    if more := doubts[MOST_DOUBTS:]:
        lines = (text.numbers[more[0].line], text.numbers[more[-1].line])
        reason = f"{len(more):,} more lines look like headers and are doubtful"
        problems.append(Problem(lines=lines, reason=reason, rejected=False))
    return problems


def _day(
    document: Document, text: Text, opening: Opening, items: list[Item], problems: list[Problem]
) -> date | None:
    """Return the day of the document: nothing in it came out later.

    A day that lies after the document was received, or before a day that a release states, is not
    that of the document; neither is one of history.
    """
    day = opening.day or (None if document.address else day_of_name(document.name))
    if day is None or day.year < _OLDEST_YEAR or day > document.modified.date():
        return None
    latest = max((stated for item in items if (stated := _stated(item)) is not None), default=day)
    if latest > day + timedelta(days=1):
        reason = f"the document says that it is of {day}, but a release in it is of {latest}"
        first = text.numbers[0]
        problems.append(Problem(lines=(first, first), reason=reason, rejected=False))
        return None
    return day


def _stated(item: Item) -> date | None:
    """Return the day that the header of an item states."""
    evidence = read_header(item.date) if item.date else None
    if evidence is None:
        return None
    day = evidence.last
    return date(day.year or 1, day.month or 1, day.day or 1)


def _span(text: Text, start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last line, as numbered, of the text between two lines, or None."""
    last = end - 1
    while last >= start and is_blank(text.lines[last]):
        last -= 1
    if last < start:
        return None
    first = next(number for number in range(start, end) if not is_blank(text.lines[number]))
    return text.numbers[first], text.numbers[last]


__all__ = ["MOST_DOUBTS", "KnowsAgency", "parse", "parse_page"]
