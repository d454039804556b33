"""Find the lines of a digest that start an item.

Takes the lines; returns the ``Header``s, and a ``Doubt`` for each line that looks like a header and
was taken for text, or is read as one though it is not quite written as one
(``docs/decisions/digests.md``).  Knows the text around a line, the way in which the document writes
its headers, and the names in them.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from aggregator.normalise.agency import name_key
from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse.digest.days import is_day_line
from aggregator.parse.digest.labels import (
    GUESSES,
    INLINE,
    KnowsAgency,
    SourceLine,
    field_line,
    source_lines,
)
from aggregator.parse.digest.text import Text, is_rule
from aggregator.parse.digest.titles import (
    CAPTION,
    LIST_ITEM,
    PARAGRAPH,
    Title,
    ends_sentence,
    read_title,
    text_above,
)

# "Survey" is in credits of tables, "Geological Survey" is an agency.
_NOT_A_NAME = re.compile(
    r"[©;<>|]|https?://|www\.|\b(?:1[89]|20)\d\d\b|\b(?:calculations?|estimates?|elaboration"
    r"|(?-i:survey)|based on|adapted from|courtesy|reproduced|unpublished|ibid)\b",
    re.I,
)
_SPLIT_NAME = re.compile(r"\s*[|;]\s*")
_YEAR_BEHIND = re.compile(r"[\s,(\[–-]+(?:19|20)\d\d[)\]]?\.?$")
_MAX_NAME = 200
TEXT = "looks like a header and is taken for text:"
HEADER = "is read as the header of a release, but"
LAST_LINE = "is taken for the last line of a release, but"
_FEW_WORDS = 3
_LEAST_WORDS, _MOST_WORDS = 5, 30
# The ends of bodies: contacts, addresses, sentences, text that is cut.
_NO_TITLE = re.compile(r"[.!?…:;,*)\]#]$|[.!?][”\"’')]$|[@|/\\]|www\.|\+?\d[\d ()-]{6,}|https?:|…")
_MOST_OPENING = 100  # lines


@dataclass(frozen=True, slots=True)
class Header:
    """A source line that starts an item.  Line numbers are places in ``Text.lines``.

    ``start`` is the first line of the item: that of its title, or of the day above it.  ``body`` is
    the first line after the header; ``problem`` says why the block is rejected, if it is.
    """

    start: int
    title_line: int
    line: int
    body: int
    title: str
    name: str
    fields: dict[str, str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line about which ``headers_of`` may be wrong, what it was taken for, and why."""

    line: int
    taken: str
    reason: str


@dataclass(slots=True)
class _Manner:
    """How a document writes its headers: as the first, or as most of them are."""

    styles: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)
    has_days: bool = False
    has_days_above: bool = False
    names: Counter[str] = field(default_factory=Counter)
    known_names: int = 0


def headers_of(text: Text, knows_agency: KnowsAgency) -> tuple[list[Header], list[Doubt]]:
    """Return the headers of a document, and the doubts."""
    found = source_lines(text.lines, knows_agency)
    manner = _Manner()
    sources = {number: source for number, source in found.items() if source.style not in GUESSES}
    names = [source.name for source in sources.values() if len(source.name) <= _MAX_NAME]
    manner.names.update(map(name_key, names))
    manner.known_names = sum(map(knows_agency, set(names)))
    styles = Counter(_style(text.lines, number, source) for number, source in sources.items())
    manner.styles = {style for style, count in styles.items() if count * 2 > len(sources)}
    headers, doubts = _decide_all(text, found, manner, knows_agency)
    if not manner.has_days_above and _have_days_above(text, headers):
        manner.has_days_above = True
        headers, doubts = _decide_all(text, found, manner, knows_agency)
    with_days = sum(header.start < header.title_line for header in headers)
    if len(headers) > 1 and with_days == 1 and headers[0].start < headers[0].title_line:
        headers[0] = _without_day(headers[0])  # the day is that of the document
    return headers, sorted(doubts, key=lambda doubt: doubt.line)


def _decide_all(
    text: Text, found: dict[int, SourceLine], manner: _Manner, knows_agency: KnowsAgency
) -> tuple[list[Header], list[Doubt]]:
    headers: list[Header] = []
    doubts: list[Doubt] = []
    floor = 0  # the first line that a title may still take
    for number, source in found.items():
        if number < floor:
            continue
        if source.style in GUESSES:
            if _is_suspect(text, number, source, floor, manner, knows_agency):
                doubts.append(Doubt(number, TEXT, "it does not start with 'Source:'"))
            continue
        decision = _Decision(text, number, source, floor, manner, knows_agency)
        decided = decision.decide()
        if decided is None:
            continue
        if isinstance(decided, Doubt):
            doubts.append(decided)
            continue
        header, reason = decided
        if reason is not None:
            doubts.append(Doubt(number, HEADER, reason))
        left = _left_above(text, header.start, floor) if floor else None
        if left is not None:
            doubts.append(Doubt(left, LAST_LINE, "it may belong to the title below it"))
        headers.append(header)
        floor = header.body
    return headers, doubts


def _is_suspect(
    text: Text,
    number: int,
    source: SourceLine,
    floor: int,
    manner: _Manner,
    knows_agency: KnowsAgency,
) -> bool:
    """Return whether a line that is no source line was probably meant as one."""
    name = source.name
    if not (source.is_plain or knows_agency(name) or manner.names[name_key(name)]):
        return False
    if source.style == INLINE:
        return True
    title = read_title(text, number - 1, floor)
    return title is not None and (title.fault is None or title.is_heading)


def _have_days_above(text: Text, headers: list[Header]) -> bool:
    """Return whether most titles have a day above them that is not the end of the text above."""
    lines = text.lines
    above = [text_above(lines, header.title_line - 1, 0) for header in headers]
    days = sum(number is not None and is_day_line(lines[number]) for number in above)
    last = text_above(lines, len(lines) - 1, 0)
    return days * 2 > len(headers) and (last is None or not is_day_line(lines[last]))


def _without_day(header: Header) -> Header:
    fields = {label: value for label, value in header.fields.items() if label != "Date"}
    return replace(header, start=header.title_line, fields=fields)


def _left_above(text: Text, start: int, floor: int) -> int | None:
    """Return the last line of the body above a title, if it could be a title itself."""
    lines = text.lines
    number = text_above(lines, start - 1, floor)
    if number is None or number == start - 1 or number <= floor:
        return None
    line = lines[number].strip()
    is_alone = is_blank(lines[number - 1])
    words = len(line.split())
    if not is_alone or not _LEAST_WORDS <= words <= _MOST_WORDS or _NO_TITLE.search(line):
        return None
    if not (line[:1].isupper() or line[:1] in '“"‘«' or number in text.headings):
        return None
    title = read_title(text, number, floor)
    return number if title is not None and title.fault is None else None


def _style(lines: list[str], number: int, source: SourceLine) -> str:
    above = number > 0 and not is_blank(lines[number - 1])
    return f"{source.style}{'' if above else '^'}{'_' if _is_free_below(lines, number) else ''}"


def _is_free_below(lines: list[str], number: int) -> bool:
    below = lines[number + 1] if number + 1 < len(lines) else ""
    return is_blank(below) or is_rule(below) or field_line(below) is not None


def _fields(text: Text, start: int) -> tuple[int, dict[str, str]]:
    """Return the line after the ``Date:`` and ``Link:`` lines from ``start`` on, and the values."""
    fields: dict[str, str] = {}
    lines = text.lines
    body = number = start
    while number < len(lines):
        found = field_line(lines[number]) if lines[number] else None
        if found and found[0] not in fields:
            label, value = found
            fields[label] = text.links.get(number, value) if label == "Link" else value
            body = number + 1
        elif number == start and is_rule(lines[number]):
            body = number + 1
        elif not is_blank(lines[number]):
            break
        number += 1
    return body, fields


def _is_opening(lines: list[str], end: int) -> bool:
    """Return whether nothing above line ``end`` is a body: at most a heading, and contents."""
    number = text_above(lines, end - 1, 0)
    for _ in range(_MOST_OPENING):
        if number is None:
            return True
        if ends_sentence(lines[number]) or len(lines[number]) > _MAX_NAME:
            return False
        number = text_above(lines, number - 1, 0)
    return False


class _Decision:
    """What one source line is."""

    def __init__(
        self,
        text: Text,
        number: int,
        source: SourceLine,
        floor: int,
        manner: _Manner,
        knows_agency: KnowsAgency,
    ) -> None:
        self.text, self.number, self.source, self.manner = text, number, source, manner
        self.name = source.name
        self.next = number + 1
        self.floor = floor
        self._knows = knows_agency
        if is_blank(self.name):
            self._read_name_below()
        self.is_known = knows_agency(self.name) or self._is_known_in_part()
        self.style = _style(text.lines, number, source)
        self.is_free = _is_free_below(text.lines, self.next - 1)
        self.has_gap = number == 0 or is_blank(text.lines[number - 1])

    def decide(self) -> tuple[Header, str | None] | Doubt | None:
        """Return the header and the doubt about it, or why it is text; None for a clear credit."""
        lines, floor = self.text.lines, self.floor
        title = read_title(self.text, self.number - 1, floor)
        first = floor == 0 and (title is None or _is_opening(lines, title.top))
        if title is None:
            if floor:
                return self._text("there is no title above it")
            problem = f"'Source: {cut(one_line(self.source.written), 80)}' has no title above it"
            return self._header(None, problem), None
        if first:
            self._learn(title)
        if len(self.name) > _MAX_NAME:
            return self._text("its name is too long")
        reason = None if first else self._fault(title)
        if reason is not None and reason.startswith("!"):
            return None if self._is_credit(title) else self._text(reason[1:])
        if is_blank(self.name):
            return self._header(title, "'Source:' names no agency"), None
        if floor == 0 and not first:
            self._learn(title)
        return self._header(title), reason

    def _learn(self, title: Title) -> None:
        """Take the first header of a document as the pattern of the others."""
        self.manner.styles.add(self.style)
        self.manner.faults.add(title.fault or "")
        self.manner.has_days |= self.source.day is not None

    def _fault(self, title: Title) -> str | None:
        """Return why a line may not be a header; with ``!``, why it is not taken for one."""
        in_style = (
            self.source.is_exact and self.has_gap and self.is_free
        ) or self.style in self.manner.styles
        repeated = self.manner.names[name_key(self.name)] > 1
        if "(" in self.source.style[:4]:
            return "!it is in brackets"
        if self.source.is_exact and self.has_gap and _fields(self.text, self.next)[1]:
            return None  # no credit has a date or a link line below it
        if title.is_heading:
            return None if in_style or self.is_known else "it is not written like the other headers"
        is_listed = title.fault == LIST_ITEM and LIST_ITEM in self.manner.faults
        if title.fault is not None and not (title.is_soft or is_listed):
            return f"!{title.fault}"
        if not self.is_known and _NOT_A_NAME.search(self.name):
            if not (repeated and in_style and title.fault is None):
                return "!its name looks like a credit"
            return "its name looks like a credit"
        if title.fault is not None:
            return self._soft_fault(title, in_style=in_style)
        if in_style:
            return self._unlike_others(title, repeated=repeated)
        if self.is_known or repeated:
            return self._how()
        if self.source.is_plain and self.has_gap and self.is_free:
            return self._how()
        return f"!{self._how()}, and its agency is not configured"

    def _soft_fault(self, title: Title, *, in_style: bool) -> str | None:
        assert title.fault is not None
        if in_style and title.fault in self.manner.faults:
            return None
        if self.is_known and self.has_gap and self.is_free and (in_style or self.source.is_plain):
            return title.fault
        return f"!{title.fault}"

    def _unlike_others(self, title: Title, *, repeated: bool) -> str | None:
        """Return why a line that is written like a header may be a credit all the same."""
        if self.is_known or repeated:
            return None
        if self.source.day is not None and not self.manner.has_days:
            return "it has a date, unlike the other headers"
        few_words = len(title.text.split()) <= _FEW_WORDS
        if few_words and self.manner.known_names >= 2:
            return "its agency is named once and not configured, as in the credit of a table"
        return None

    def _how(self) -> str:
        if not self.has_gap:
            return "no empty line is above it"
        if not self.is_free:
            return "no empty line is below it"
        return "it is not written like the other headers"

    def _read_name_below(self) -> None:
        """Take the name from the next line, where a label stands alone."""
        lines = self.text.lines
        for number in range(self.number + 1, min(self.number + 3, len(lines))):
            name = lines[number].strip(" \t\xa0*_")
            if not is_blank(name):
                if self._knows(name):
                    self.name, self.next = name, number + 1
                return

    def _is_known_in_part(self) -> bool:
        """Return whether an agency is known by the name without a year, or by a part of it."""
        name = _YEAR_BEHIND.sub("", self.name)
        if name != self.name and not is_blank(name) and self._knows(name):
            self.name = name
            return True
        parts = _SPLIT_NAME.split(self.name) if len(self.name) <= _MAX_NAME else []
        return len(parts) > 1 and any(self._knows(part) for part in parts)

    def _header(self, title: Title | None, problem: str | None = None) -> Header:
        body, fields = _fields(self.text, self.next)
        if self.source.day is not None:
            fields.setdefault("Date", self.source.day)
        if title is None:
            return Header(
                self.number, self.number, self.number, body, "", self.name, fields, problem
            )
        for label, value in title.fields.items():
            fields.setdefault(label, value)
        start = title.top
        if title.day_line is not None and (start < title.day_line or self._has_day_above(title)):
            fields.setdefault("Date", self.text.lines[title.day_line].strip(" \t\xa0*_#"))
            start = min(start, title.day_line)
        if title.link is not None:
            fields.setdefault("Link", title.link)
        return Header(start, title.top, self.number, body, title.text, self.name, fields, problem)

    def _has_day_above(self, title: Title) -> bool:
        """Return whether the day above a title is the title's, and does not end the body above."""
        assert title.day_line is not None
        return self.manner.has_days_above or title.day_line == title.top - 1

    def _is_credit(self, title: Title) -> bool:
        """Return whether a line is a credit beyond doubt: by what is above it, and its name."""
        is_named_like_one = not self.is_known and _NOT_A_NAME.search(self.name) is not None
        return title.is_clear or (title.fault in (CAPTION, PARAGRAPH) and is_named_like_one)

    def _text(self, why: str) -> Doubt:
        return Doubt(self.number, TEXT, why)
