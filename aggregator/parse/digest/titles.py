"""Read the title above a ``Source:`` line, and say what speaks against its being one.

Takes the lines and the place above the source line; returns a ``Title``, or None where there is no
text that could be one.
"""

import re
from dataclasses import dataclass, field

from aggregator.normalise.text import is_blank
from aggregator.parse.digest.days import is_day_line
from aggregator.parse.digest.labels import field_line, source_line
from aggregator.parse.digest.text import Text, is_rule

LIST_ITEM = "the line above it is an item of a list"
PARAGRAPH = "the text above it is a paragraph"
CAPTION = "the line above it is the caption of a table or a figure"
_CLEAR = "the line above it is part of a table, a figure or a list"

_BULLET = re.compile(r"\s*(?:[•·▪◦‣*+–—-]\s|\(?\d{1,3}[.)]\s)")
_MARK = re.compile(
    r"\s*(?:[^\w\s\"“”'‘«»(\[<&$€£#@]\s+|\(?(?:\d{1,3}|[a-z]|[ivx]{2,4})[.)]\s+|\[\d{1,3}\]\s*"
    r"|\d{1,3}\s*/\s*(?:\d{1,3})?\s+|\d{1,3}\s*\|\s+|(?:no|nr|n°|nº)\.?\s*\d{1,4}\s*[:.–-]\s+)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:title|headline|titel|titre|título|titolo)\s*:\s*(?=\S)", re.IGNORECASE)
_TAG = re.compile(r"</?(?:h[1-6]|p|br)\b[^<>]*>", re.IGNORECASE)
_HEADING = re.compile(r"\s*#{1,6}\s+")
_EMPHASIS = re.compile(r"\s*(\*{1,3}|_{1,3}|`|~~)(?=\S)(.+?)(?<=\S)\1\s*")
_SENTENCE_END = re.compile(r"[.!?…][”’\"')\]]*$")
_ABBREVIATION = re.compile(r"(?:\b\w\.\w|\b(?:Jr|Sr|Inc|Ltd|Co|Corp|St|No|etc|[A-Z]))\.$")
_NEXT_SENTENCE = re.compile(r"[.!?…][”’\"')\]]*\s+\S")
_CAPTION = re.compile(
    r"(?:table|figure|fig|chart|graph|map|photo|image|box|annex|tabelle|abbildung|tableau|graphique"
    r"|tabla|gráfico|tabella|grafico|tabel|figuur)\b[\s.]*[\d:IVX]",
    re.I,
)
_ROW = re.compile(r"\S(?:[ \xa0]{3,}|[ \xa0]*\t\s*)\S*\d\S*\s*$|^\s*\d[\d.,%]*\s{2,}\S")
_LETTER = re.compile(r"[^\W\d_]")
_MAX_TITLE = 400
_MAX_LINES = 3


@dataclass(slots=True)
class Title:
    """The title above a source line, from line ``top`` on.

    ``fault`` is what speaks against it; ``is_soft``: it may be a title all the
    same; ``is_clear``: nobody takes it for one.  ``day_line``
    is a line with a day alone, above the title or below it; ``fields`` are header lines between
    the title and the source line; ``mark`` is the number or bullet that ``text`` starts with.
    """

    top: int
    text: str
    fault: str | None = None
    is_soft: bool = False
    is_clear: bool = False
    is_heading: bool = False
    day_line: int | None = None
    link: str | None = None
    mark: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def text_above(lines: list[str], number: int, floor: int) -> int | None:
    """Return the last line with text from ``number`` upwards; a separator is none."""
    while number >= floor and (is_blank(lines[number]) or is_rule(lines[number])):
        number -= 1
    return number if number >= floor else None


def read_title(text: Text, number: int, floor: int) -> Title | None:
    """Return the title that ends at or above line ``number``."""
    lines = text.lines
    fields: dict[str, str] = {}
    day_below = None
    bottom = text_above(lines, number, floor)
    for _ in range(3):  # header lines may be above the source line too
        if bottom is None:
            return None
        above = text_above(lines, bottom - 1, floor)
        if above is None:
            break
        if (found := field_line(lines[bottom])) is not None and found[1]:
            fields.setdefault(*found)
        elif day_below is None and is_day_line(lines[bottom]):
            day_below = bottom
        else:
            break
        bottom = above
    if bottom is None:
        return None
    top = bottom if bottom in text.headings else _top(lines, bottom, floor)
    written = " ".join(_bare(line) for line in lines[top : bottom + 1])
    title = Title(top, written, fields=fields, day_line=day_below)
    title.is_heading = bottom in text.headings
    title.link = text.links.get(bottom)
    if day_below is None:
        above = text_above(lines, top - 1, floor)
        if above is not None and is_day_line(lines[above]):
            title.day_line = above
    mark = _MARK.match(written)
    title.mark = mark[0] if mark else ""
    if not title.is_heading:
        title.fault, title.is_soft = _fault(text, top, bottom, written, floor)
        title.is_clear = title.fault == _CLEAR
    return title


def ends_sentence(line: str) -> bool:
    """Return whether a line ends like a sentence."""
    return _SENTENCE_END.search(line.rstrip()) is not None


def without_mark(title: str) -> str:
    """Return a title without the number or bullet in front of it."""
    match = _MARK.match(title)
    return _bare(title[match.end() :]) if match and match.end() < len(title) else title


def mark_kind(title: str) -> str | None:
    """Return what kind of mark a title starts with: equal for ``1.`` and ``12.``."""
    match = _MARK.match(title)
    if match is None:
        return None
    mark = re.sub(r"\d+", "1", match[0]).strip().casefold()
    return re.sub(r"^(\(?)[a-z]{1,4}(?=[.)]$)", r"\1a", mark)


def _bare(line: str) -> str:
    """Return the line of a title without the marks of Markdown and of quotation."""
    line = line.strip().lstrip("\u200b\ufeff\u2060")
    if line[:1] == ">":
        line = line.lstrip("> ")
    if line[:1] in "TtHh":
        line = _LABEL.sub("", line, count=1)
    if line[:1] == "#":
        line = _HEADING.sub("", line, count=1).rstrip("# ")
    if line[:1] in "|<":
        line = _TAG.sub("", line).strip("| ")
    if line[:1] in "*_`~" and (match := _EMPHASIS.fullmatch(line)):
        line = match[2]
    return line.strip()


def _top(lines: list[str], bottom: int, floor: int) -> int:
    """Return the first line of the title that ends at ``bottom``.

    A title may have several lines.  The line above belongs to it unless it is a list item, a day, a
    credit, or the end of a sentence: then it is the last line of the previous body.
    """
    top = bottom
    while (
        top > floor
        and not is_blank(lines[top - 1])
        and bottom - top + 1 < _MAX_LINES
        and not _SENTENCE_END.search(lines[top - 1].rstrip())
        and not _BULLET.match(lines[top - 1])
        and not is_rule(lines[top - 1])
        and not _is_marked(lines[top])
        and source_line(lines[top - 1]) is None
        and not is_day_line(lines[top - 1])
        and sum(map(len, lines[top - 1 : bottom + 1])) <= _MAX_TITLE
    ):
        top -= 1
    return top


def _is_marked(line: str) -> bool:
    """Return whether a line is marked as a heading, so that no line above belongs to it."""
    return (line[:1] == "#" and _HEADING.match(line) is not None) or _BULLET.match(line) is not None


def _fault(text: Text, top: int, bottom: int, title: str, floor: int) -> tuple[str | None, bool]:
    """Return what speaks against a title, and whether it may be one all the same."""
    lines = text.lines
    if len(title) > _MAX_TITLE:
        return PARAGRAPH, False
    if not text.rows.isdisjoint(range(top, bottom + 1)):
        return _CLEAR, False
    if any(_ROW.search(line) for line in lines[top : bottom + 1]):
        return _CLEAR, False
    if not _LETTER.search(title):
        return "the line above it has no letters", False
    if _is_laid_out(lines, top, floor):
        return "the line above it is indented like a list or a table", False
    if _CAPTION.match(title):
        return CAPTION, False
    if source_line(title) is not None:
        return "the line above it is a source line too", False
    if _BULLET.match(lines[top]):
        if top > floor and _BULLET.match(lines[top - 1]):
            return _CLEAR, False
        above = text_above(lines, top - 1, floor)
        return LIST_ITEM, above is None or _BULLET.match(lines[above]) is None
    if title.endswith(";") or title.endswith(","):
        return "the line above it does not end like a title", True
    if title.endswith(":"):
        return "the line above it ends in a colon", True
    if title.endswith(".") and not _ABBREVIATION.search(title):
        is_one = len(title) <= _MAX_TITLE // 2 and not _NEXT_SENTENCE.search(title)
        return (
            "the line above it is a sentence" if is_one else "the text above it is a paragraph",
            is_one,
        )
    return None, False


def _is_laid_out(lines: list[str], number: int, floor: int) -> bool:
    """Return whether a line is indented like a table row or a continued list item.

    A title may be indented too, but has an empty line above and no columns.
    """
    line = lines[number]
    if not line[:1].isspace():
        return False
    text = line.strip()
    return "  " in text or "\t" in text or (number > floor and not is_blank(lines[number - 1]))
