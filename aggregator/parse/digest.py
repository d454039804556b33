"""Read a digest: plain text with one release after another, newest first.

Takes a document; returns its items as found, and the blocks that it cannot read.  An item starts
with a title, an empty line and ``Source: NAME``, and ends at the next one.  A body may contain such
a line too, as a credit below a table or in a quotation: ``_header`` has the rules to tell them
apart, and in doubt the line is text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aggregator.errors import ParseError
from aggregator.model import Document, Item, Parsed, Problem
from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse.charset import NotTextError, decode

KnowsAgency = Callable[[str], bool]

_SOURCE = re.compile(r"Source[^\S\n]?:(.*)")
_FIELD = re.compile(r"(Date|Link)[^\S\n]?:(.*)")
_BULLET = re.compile(r"\s*(?:[•·▪◦‣*+–—-]\s|\(?\d{1,3}[.)]\s)")
_SENTENCE_END = re.compile(r"[.!?…][”’\"')\]]*$")
_ABBREVIATION = re.compile(r"(?:\b\w\.\w|\b(?:Jr|Sr|Inc|Ltd|Co|Corp|St|No|etc|[A-Z]))\.$")
_NEXT_SENTENCE = re.compile(r"[.!?…][”’\"')\]]*\s+\S")
_CAPTION = re.compile(
    r"(?:table|figure|fig|chart|graph|map|photo|image|box|annex)\b[\s.]*[\d:IVX]", re.I
)
# "Survey" is in credits of tables, "Geological Survey" is an agency.
_NOT_A_NAME = re.compile(
    r"[©;<>|]|https?://|www\.|\b(?:1[89]|20)\d\d\b|\b(?:calculations?|estimates?|elaboration"
    r"|(?-i:survey)|based on|adapted from|courtesy|reproduced|unpublished|ibid)\b",
    re.I,
)
_MAX_TITLE = 400
_MAX_NAME = 200
_MAX_TITLE_LINES = 3


@dataclass(frozen=True, slots=True)
class _Header:
    """A ``Source:`` line that starts an item.  Line numbers count from 0; ``body`` is the first
    line after the header; ``problem`` says why the block is rejected, if it is.
    """

    title_line: int
    line: int
    body: int
    title: str
    name: str
    fields: dict[str, str]
    problem: str | None


def parse(document: Document, knows_agency: KnowsAgency) -> Parsed:
    """Return the items of a digest, and the problems.

    ``knows_agency`` returns whether a name is that of a configured agency: the rules for its
    ``Source:`` lines are less strict.  Raises ``ParseError`` for bytes that are not text, for an
    empty document, and for one without items.
    """
    try:
        text = decode(document.body)
    except NotTextError as error:
        raise ParseError(document.source, f"{document.name}: {error}") from error
    if is_blank(text):
        raise ParseError(document.source, f"{document.name}: is empty")
    lines = _lines(text)
    headers = list(_headers(lines, knows_agency))
    if not headers:
        raise ParseError(
            document.source,
            f"{document.name}: line 1: no 'Source:' line below a title, so it is not a digest",
        )
    return _parsed(lines, headers)


def _lines(text: str) -> list[str]:
    """Return the lines, by every line end in use, including NEL and the Unicode separators."""
    text = text.removeprefix("\ufeff")
    for end in ("\r\n", "\r", "\x85", "\u2028", "\u2029"):
        text = text.replace(end, "\n")
    return text.split("\n")


def _headers(lines: list[str], knows_agency: KnowsAgency) -> Iterator[_Header]:
    floor = 0  # the first line that a title may still take
    for number, line in enumerate(lines):
        if line.startswith("Source") and number >= floor and (match := _SOURCE.fullmatch(line)):
            header = _header(lines, number, match[1].strip(), floor, knows_agency)
            if header is not None:
                yield header
                floor = header.body


def _header(
    lines: list[str], number: int, name: str, floor: int, knows_agency: KnowsAgency
) -> _Header | None:
    """Return the header of the ``Source:`` line ``number``, or None where it is only text.

    A header is followed by an empty line or a header field and preceded by an empty line; the block
    above can be a title, and the name can be that of an agency.  The last two rules are stricter
    for names that are not configured, and hardly apply at the top of a document, where there is no
    body that the line could belong to.
    """
    if not _is_free_below(lines, number):
        return None
    body, fields = _fields(lines, number + 1)
    above = _last_text_line(lines, number - 1, floor)
    if above is None and floor == 0:
        problem = f"'Source: {cut(one_line(name), 80)}' has no title above it"
        return _Header(number, number, body, "", name, fields, problem)
    if above is None or above == number - 1 or len(name) > _MAX_NAME:
        return None
    top = _title_top(lines, above, floor)
    title = " ".join(line.strip() for line in lines[top : above + 1])
    known = knows_agency(name)
    first = floor == 0 and _last_text_line(lines, top - 1, floor) is None
    if not first and not _can_be_title(lines, top, title, floor, known=known):
        return None
    if is_blank(name):
        return _Header(top, number, body, title, name, fields, "'Source:' names no agency")
    if not (known or first) and _NOT_A_NAME.search(name):
        return None
    return _Header(top, number, body, title, name, fields, None)


def _is_free_below(lines: list[str], number: int) -> bool:
    below = lines[number + 1] if number + 1 < len(lines) else ""
    return is_blank(below) or _FIELD.fullmatch(below) is not None


def _fields(lines: list[str], start: int) -> tuple[int, dict[str, str]]:
    """Return the line after the ``Date:`` and ``Link:`` lines from ``start`` on, and the values."""
    fields: dict[str, str] = {}
    body = number = start
    while number < len(lines):
        match = _FIELD.fullmatch(lines[number])
        if match and match[1] not in fields:
            fields[match[1]] = match[2].strip()
            body = number + 1
        elif not is_blank(lines[number]):
            break
        number += 1
    return body, fields


def _last_text_line(lines: list[str], number: int, floor: int) -> int | None:
    while number >= floor and is_blank(lines[number]):
        number -= 1
    return number if number >= floor else None


def _title_top(lines: list[str], bottom: int, floor: int) -> int:
    """Return the first line of the title that ends at ``bottom``.

    A title may have several lines.  The line above belongs to it unless it is a list item, a
    credit, or the end of a sentence: then it is the last line of the previous body.
    """
    top = bottom
    while (
        top > floor
        and not is_blank(lines[top - 1])
        and bottom - top + 1 < _MAX_TITLE_LINES
        and not _SENTENCE_END.search(lines[top - 1].rstrip())
        and not _BULLET.match(lines[top - 1])
        and not _SOURCE.match(lines[top - 1])
        and sum(map(len, lines[top - 1 : bottom + 1])) <= _MAX_TITLE
    ):
        top -= 1
    return top


def _can_be_title(lines: list[str], top: int, title: str, floor: int, *, known: bool) -> bool:
    if len(title) > _MAX_TITLE and not known:
        return False
    if _BULLET.match(lines[top]) or _is_laid_out(lines, top, floor):
        return False
    if title.endswith((":", ";", ",")) or _CAPTION.match(title) or _SOURCE.match(title):
        return False
    is_sentence = title.endswith(".") and not _ABBREVIATION.search(title)
    if not is_sentence:
        return True
    return known and len(title) <= _MAX_TITLE // 2 and not _NEXT_SENTENCE.search(title)


def _is_laid_out(lines: list[str], number: int, floor: int) -> bool:
    """Return whether a line is indented like a table row or a continued list item.

    A title may be indented too, but has an empty line above and no columns.
    """
    line = lines[number]
    if not line[:1].isspace():
        return False
    text = line.strip()
    return "  " in text or "\t" in text or (number > floor and not is_blank(lines[number - 1]))


def _parsed(lines: list[str], headers: list[_Header]) -> Parsed:
    items: list[Item] = []
    problems: list[Problem] = []
    opening = _span(lines, 0, headers[0].title_line)
    if opening is not None:
        reason = "text above the first title, without a 'Source:' line"
        problems.append(Problem(lines=opening, reason=reason))
    for index, header in enumerate(headers):
        end = headers[index + 1].title_line if index + 1 < len(headers) else len(lines)
        span = _span(lines, header.title_line, end) or (header.line + 1, header.line + 1)
        if header.problem is not None:
            problems.append(Problem(lines=span, reason=header.problem))
            continue
        items.append(
            Item(
                position=len(items),
                lines=span,
                title=header.title,
                agency=header.name,
                body="\n".join(lines[header.body : end]).strip("\n"),
                date=header.fields.get("Date"),
                link=header.fields.get("Link"),
            )
        )
    return Parsed(items=tuple(items), problems=tuple(problems))


def _span(lines: list[str], start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last line, from 1, of the text between two lines, or None."""
    last = _last_text_line(lines, end - 1, start)
    if last is None:
        return None
    first = next(number for number in range(start, end) if not is_blank(lines[number]))
    return first + 1, last + 1
