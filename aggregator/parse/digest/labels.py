"""Read one line as a ``Source:`` line, or as a ``Date:`` or ``Link:`` line, however it is written.

Takes a line; returns a ``SourceLine`` or a field, or None.  Whether the line starts an item is
decided in ``headers``, which sees the lines around it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal
from unicodedata import normalize

from aggregator.normalise.header import read_header
from aggregator.normalise.text import is_blank, one_line
from aggregator.parse.digest.days import day_in

Label = Literal["Date", "Link"]
KnowsAgency = Callable[[str], bool]

GUESS, INLINE = "?", "?inline"
GUESSES = frozenset({GUESS, INLINE})
"""Styles of lines that are no source lines and were perhaps meant as one."""

_BLANK = "\\s\u200b-\u200f\u2060\ufeff\xad"
_LEAD = r"[\W_]{0,20}?"
_LABELS = (
    "sources?|quellen?|fontes?|fonti|fuentes?|bron|bronnen|źródł[oa]|källa|källor|kilder?"
    "|lähde|lähteet|zdroje?|forrás|sursa|surse|izvor|vir|šaltinis|avots|allikas|kaynak"
    "|πηγή|источник|джерело|issued by|published by|publisher|issuer|agency|herausgeber"
)
_COLON = "[:：﹕︓∶꞉]"
_SEPARATOR = rf"{_COLON}|\t|[^\S\n]+[-–—―−=~>→|]+(?=[^\S\n])|[=|]"
_ANY = re.compile(
    rf"(?P<lead>{_LEAD})(?P<label>{_LABELS})(?P<marks>[*_`~\"”\])]*)[^\S\n]*?"
    rf"(?P<separator>{_SEPARATOR}|[^\S\n]*$)(?P<name>.*)",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"[\W_]{0,9}(?:source|quelle|fuente|fonte|bron)[\W_]+(?P<name>[^\W_].{0,98})", re.IGNORECASE
)
_GUESS = re.compile(
    rf"{_LEAD}(?P<label>[^\W\d_][^:：]{{0,30}}?|\$[^:：]{{1,30}}?)[^\S\n]*(?P<end>[:：;.]{{1,2}})"
    r"[^\S\n]*(?P<name>\S.{0,98})"
)
_INLINE = re.compile(r".{3,200}?\bsource[^\S\n]?[:：][^\S\n]*(?P<name>\S.{0,98})", re.IGNORECASE)
_OTHER_LABELS = frozenset(
    "from by office organisation organization ministry department press von par da por de src"
    " origin author courtesy émetteur absender autor auteur herkunft origine origen".split()
)
_BY = re.compile(r"(?:by|via|from|von|par|por|da|door|od)\s+(?=\S)", re.IGNORECASE)
_WORD = re.compile(r"source|quelle|fuente|fonte|bron", re.IGNORECASE)
_STOP = re.compile(r"[:：;.]")
_LONGEST_LABEL = 60
_LONGEST_LINE = 400
_LONGEST_GUESS = 200
_LONGEST_NAME_ALONE = 60
_LIKE_SOURCE = 0.75
_EXACT = re.compile(r"Source[^\S\n]?:(.*)")
_FIELD = re.compile(r"(Date|Link)[^\S\n]?:(.*)")
_ANY_FIELD = re.compile(
    rf"{_LEAD}(date|datum|fecha|published(?: on)?|released?|dated|link|url|web(?:site)?|lien"
    r"|enlace)"
    rf"[*_`]*[^\S\n]*(?:{_COLON}|[^\S\n][-–—=]+(?=[^\S\n]))[*_`\s]*(.*)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;|/(–—-]+(?:dated?|du|vom|am|of|on|del?|le)\s*:?\s*$", re.IGNORECASE)
_TAG = re.compile(r"</?(?:b|strong|i|em|u|span|font|p|br)\b[^<>]*>", re.IGNORECASE)
_LINKS = frozenset("link url web website lien enlace".split())
_TARGET = re.compile(r"\[([^\]]+)\]\([^)\s]*\)|\s*[<(\[]\s*(?:https?://|www\.)[^>)\]]*[>)\]]")
_ADDRESS = re.compile(r"<?((?:https?://|www\.)[^\s>]+)>?")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line that may name the agency of an item.

    ``name`` and ``day`` are what it says; ``written`` is the name with the day.  ``style`` is how
    it is written: equal for lines of one hand.  ``is_exact``: as documented; ``is_plain``: but for
    case, spaces and marks.
    """

    name: str
    day: str | None
    written: str
    style: str
    is_exact: bool
    is_plain: bool


def source_line(line: str) -> SourceLine | None:
    """Return ``line`` as a source line, or None if it does not look like one."""
    if match := _EXACT.fullmatch(line):
        written = match[1].strip()
        name, day = _without_day(_name(written))
        return SourceLine(name, day, written, "Source:", is_exact=True, is_plain=True)
    if len(line) > _LONGEST_LINE:
        return None
    match = _ANY.match(_TAG.sub("", line) if "<" in line else line)
    if match is None:
        return None
    label = match["label"]
    written = match["name"].strip()
    separator = match["separator"].strip() or "tab"
    marks = re.sub(rf"[{_BLANK}]", "", match["lead"])
    indent = len(match["lead"]) - len(match["lead"].lstrip(" \t"))
    style = f"{marks}{label}{match['marks']}{separator}{min(indent, 2)}"
    is_plain = (
        label.casefold() == "source"
        and (re.fullmatch(_COLON, separator) is not None)
        and indent <= 1
        and "\t" not in match["lead"]
    )
    name, day = _without_day(_name(written))
    return SourceLine(name, day, written, style, is_exact=False, is_plain=is_plain)


def _guess(line: str) -> tuple[str, bool] | None:
    """Return the name in a line that may have been meant as a source line, or None.

    Also whether it looks like one by its label: ``Souce: NATO``, ``Source NATO``.
    """
    line = line.strip() if line.isascii() else normalize("NFKC", line.strip())
    if line.endswith(("!", "?")):
        return None
    has_label = _WORD.search(line, 0, _LONGEST_LABEL) is not None
    if has_label and (match := _BARE.fullmatch(line)):
        return match["name"], not line.endswith(".") and len(line) <= 60
    if "ource" in line.lower() and (match := _INLINE.fullmatch(line)):
        return None if line.endswith(".") else (match["name"].rstrip(")] "), True)
    if _STOP.search(line, 0, _LONGEST_LABEL) is not None and (match := _GUESS.fullmatch(line)):
        label = re.sub(r"[\W_]", "", match["label"].replace("$", "s")).casefold()
        if _is_like_source(label) or label in _OTHER_LABELS:
            return match["name"], True
        if match["end"] in ":：":
            return match["name"], False
    name = _BY.sub("", line.strip('@|#*_~<>[]{}()-–—•→"“” '), count=1)
    is_name = 0 < len(name) <= _LONGEST_NAME_ALONE and not line.endswith(".")
    return (name, False) if is_name else None


def _is_like_source(label: str) -> bool:
    """Return whether a label is ``source`` with a slip, or starts with it."""
    if label.startswith("source"):
        return True
    is_near = 4 <= len(label) <= 8
    return is_near and SequenceMatcher(None, label, "source").ratio() > _LIKE_SOURCE


def source_lines(lines: list[str], knows_agency: KnowsAgency) -> dict[int, SourceLine]:
    """Return the lines that are source lines, or were perhaps meant as one, by their place."""
    found = {}
    for number, line in enumerate(lines):
        source = source_line(line) if line else None
        if source is None and 0 < len(line) <= _LONGEST_GUESS and _is_alone(lines, number):
            source = _guessed(line, knows_agency)
        if source is not None:
            found[number] = source
    return found


def _guessed(line: str, knows_agency: KnowsAgency) -> SourceLine | None:
    """Return what may have been meant as a source line; it is only reported, or ``Source NATO``."""
    found = _guess(line)
    if found is None:
        return None
    name, is_likely = found
    style = GUESS
    start, _, rest = line.strip().partition(name)
    if start.strip().casefold() == "source" and not rest and knows_agency(name):
        style = "bare"
    elif not line.lstrip(" (").casefold().startswith("source") and "source" in start.casefold():
        style = INLINE
    return SourceLine(name, None, name, style, is_exact=False, is_plain=is_likely)


def _is_alone(lines: list[str], number: int) -> bool:
    """Return whether a line has no text next to it."""
    above = lines[number - 1] if number else ""
    below = lines[number + 1] if number + 1 < len(lines) else ""
    return is_blank(above) and is_blank(below)


def _name(written: str) -> str:
    """Return a name without Markdown, and without the address behind it."""
    if is_blank(written):
        return ""
    name = _TARGET.sub(lambda match: match[1] or "", written).strip(" |")
    if name[:1] in "*_`\"“”'‘«[" or name[-1:] in "*_`\"“”'’»]":
        name = re.sub(r"^[*_`\"“”'‘«\[\s]+|[*_`\"“”'’»\]\s]+$", "", name)
    return name.strip() or written


def _without_day(name: str) -> tuple[str, str | None]:
    """Return a name and the day behind or before it: ``NATO, 8 March 2024``."""
    found = day_in(name) if len(name) <= 200 and any(map(str.isdigit, name)) else None
    if found is None:
        return name, None
    before, after = name[: found.start], name[found.end :]
    rest = before if is_blank(after.strip(")]. ")) else after if is_blank(before) else ""
    rest = _BETWEEN.sub("", rest).strip(" \t\xa0,;:|/([-–—•·")
    return (rest, found.text) if not is_blank(rest) else (name, None)


def field_line(line: str) -> tuple[Label, str] | None:
    """Return the field that a line below a source line states, and its value.

    A field that is not written as documented is one only where its value is a date or an address.
    """
    if match := _FIELD.fullmatch(line):
        return ("Date" if match[1] == "Date" else "Link"), match[2].strip()
    if len(line) > 2000 or (match := _ANY_FIELD.match(line)) is None:
        return None
    value = one_line(match[2]).strip("*_` ")
    if match[1].lower() in _LINKS:
        address = _ADDRESS.fullmatch(value)
        return ("Link", address[1]) if address else None
    return ("Date", value) if len(value) <= 100 and read_header(value) is not None else None
