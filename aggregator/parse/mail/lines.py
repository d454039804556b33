"""Bring the text of a mail, plain or HTML, into lines that say what they are.

Takes a text; returns ``Line``s without what the mailing system added (``boilerplate``).  HTML is
sanitised first, and tables that only lay it out are taken apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape, unescape

from aggregator.normalise.links import public_address
from aggregator.normalise.markup import body_from_html, plain
from aggregator.normalise.text import is_blank, one_line, tidy_lines
from aggregator.parse.mail.boilerplate import (
    ORIGINAL,
    footer_start,
    is_attribution,
    is_for_readers,
    is_more,
    is_rule,
    is_service,
    target,
)

_LAYOUT = re.compile(r"<(/?)(?:table|tbody|thead|tfoot|tr|td)\b[^<>]*>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"<([a-z]{1,10})\b[^<>]{0,500}?display:\s{0,5}none[^<>]{0,500}>[^<]{0,2000}</\1>", re.IGNORECASE
)
_TOKEN = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>|([^<]+)")
_HREF = re.compile(r'href="([^"]*)"')
_INLINE = frozenset(
    "a abbr b cite code del em i img ins kbd q s small strong sub sup u span".split()
)
_HEADINGS = frozenset(f"h{n}" for n in range(1, 7))
_WHOLE = _HEADINGS.union(["blockquote", "pre"])
_URL = r"https?://[^\s<>\"“”„«»`{}|\\^]+"
_URL_ONLY = re.compile(rf"(?:[^\W\d_][^:<>]{{0,30}}:\s*)?[<(\[]?\s*({_URL}?)\s*[>)\]]?")
_TITLE_AND_URL = re.compile(
    rf"(\S.{{8,300}}?)\s*(?::\s+|\s[–—-]\s|\s*[<(\[])\s*({_URL}?)\s*[>)\]]?"
)
_FOOTNOTE = re.compile(rf"\[(\d{{1,4}})\][.:]?\s+({_URL})")
_OF_FOOTNOTES = re.compile(r"(?:links|references|liens|enlaces|verweise|quellen):?", re.IGNORECASE)
_NOTED = re.compile(r"(.{8,300}?)\s*\[(\d{1,4})\]\s*")
_QUOTE = re.compile(r"^> ?")
_ARMOUR = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:\w+:.*\n)*\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its ``text``, and its ``html`` where it comes from HTML, else its ``raw`` form.

    ``href`` is set where the whole line is one link, ``links`` are all of them with their texts.
    ``is_heading``: as its element says, or all of it is bold.  ``starts``: it begins a block.
    """

    text: str
    html: str = ""
    raw: str = ""
    kind: str = "p"
    href: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    is_heading: bool = False
    starts: bool = True


def plain_lines(text: str, *, is_answer: bool = False) -> list[Line]:
    """Return the lines of a plain text; ``is_answer``: what it quotes is left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if armour := _ARMOUR.match(text.lstrip()):
        text = text.lstrip()[armour.end() :].partition("\n-----BEGIN PGP SIGNATURE")[0]
        text = re.sub(r"(?m)^- ", "", text)
    rows = _unquoted(text.split("\n"), is_answer=is_answer)
    rows = _with_footnotes(rows)
    rows = rows[: footer_start(rows)]
    lines: list[Line] = []
    starts = True
    for row in rows:
        if is_blank(row) or is_rule(row):
            starts = True
            continue
        line = _plain_line(row.rstrip(), starts=starts)
        shown = line.text or row.partition("http")[0]
        if not is_for_readers(shown) and not (line.href and is_service(line.href)):
            lines.append(line)
            starts = False
    return lines


def _unquoted(rows: list[str], *, is_answer: bool) -> list[str]:
    """Return the lines without the quoted mail: that of an answer, or marked with ``>``."""
    end = next((n for n, row in enumerate(rows) if ORIGINAL.match(row.strip())), len(rows))
    below = [] if is_answer else rows[end:]  # some programs quote what they forward
    rows = rows[:end] + [_QUOTE.sub("", row) for row in below]
    if all(row.startswith(">") for row in rows if row.strip()):
        return [row.lstrip("> ") for row in rows]
    return [row for row in rows if not row.startswith(">") and not is_attribution(row)]


def _with_footnotes(rows: list[str]) -> list[str]:
    """Return the rows with the addresses of footnotes in the rows that end in their numbers."""
    notes = {found[1]: found[2] for row in rows if (found := _FOOTNOTE.fullmatch(row.strip()))}
    if not notes:
        return rows
    return [
        f"{found[1]} <{notes[found[2]]}>"
        if (found := _NOTED.fullmatch(row)) and found[2] in notes
        else row
        for row in rows
        if not _FOOTNOTE.fullmatch(row.strip()) and not _OF_FOOTNOTES.fullmatch(row.strip())
    ]


def _plain_line(row: str, *, starts: bool) -> Line:
    text = row.strip()
    if "://" not in text or len(text) > 4000:
        return Line(text=row, starts=starts)
    if only := _URL_ONLY.fullmatch(text):
        href = _address(only[1])
        links = ((href, ""),) if href else ()
        return Line(text="", raw=row, href=href, links=links, starts=starts)
    if (both := _TITLE_AND_URL.fullmatch(text)) and (href := _address(both[2])):
        title = both[1].strip("#* ")
        title = title[1:-1] if title.startswith("[") and title.endswith("]") else title
        links = ((href, title),)
        return Line(text=title, raw=row, href=href, links=links, starts=starts)
    return Line(text=row, starts=starts)


def _address(text: str) -> str | None:
    return public_address(target(text.rstrip(".,;:!?")))


def html_lines(raw: str, *, is_answer: bool = False) -> list[Line]:
    """Return the lines of HTML; ``is_answer``: what it quotes is left out."""
    raw = _HIDDEN.sub("", raw)
    if "<th" not in raw.lower().replace("<thead", ""):
        raw = _LAYOUT.sub(r"<\1div>", raw)
    lines = list(_read_html(body_from_html(raw).html))
    if is_answer:
        lines = [line for line in lines if line.kind != "blockquote"]
    lines = lines[: footer_start([line.text for line in lines])]
    return [line for line in lines if not _is_boilerplate(line)]


def _is_boilerplate(line: Line) -> bool:
    if is_rule(line.text):
        return True
    linked = sum(len(text) for _, text in line.links)
    if linked * 3 > len(line.text) and (
        all(is_service(href) for href, _ in line.links)
        or any(is_for_readers(text) for _, text in line.links)
    ):
        return True
    return all(
        is_for_readers(part, is_link=bool(line.links)) for part in re.split(r"\s[|·•]\s", line.text)
    )


@dataclass(slots=True)
class _Open:
    """The line that is being read."""

    html: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    bold: int = 0

    def line(self, kind: str, *, starts: bool) -> Line | None:
        text = one_line("".join(self.text))
        html = "".join(self.html).strip()
        if not text and "<img" not in html:
            return None
        linked = sum(len(label) for _, label in self.links)
        hrefs = {href for href, _ in self.links}
        is_link = len(hrefs) == 1 and linked >= len(text) - 2 and bool(text)
        return Line(
            text=text,
            html=html,
            kind=kind,
            href=hrefs.pop() if is_link else None,
            links=tuple(self.links),
            is_heading=kind in _HEADINGS or (0 < len(text) <= 300 and self.bold >= len(text) - 1),
            starts=starts,
        )


def _read_html(html: str) -> Iterator[Line]:
    """Yield the lines of HTML in the form that the sanitiser writes."""
    html, tables = _without_tables(html)
    block: list[str] = ["p"]
    inline: list[tuple[str, str]] = []
    line, starts, linked = _Open(), True, 0

    def end() -> Iterator[Line]:
        nonlocal line, starts
        line.html += [f"</{name}>" for name, _ in reversed(inline)]
        if (found := line.line(block[-1], starts=starts)) is not None:
            yield found
            starts = False
        line = _Open(html=[f"<{name}{rest}>" for name, rest in inline])

    for token in _TOKEN.finditer(html):
        closing, name, rest, text = token.groups()
        if text is not None:
            shown = unescape(text)
            line.html.append(text)
            line.text.append(shown)
            size = len(one_line(shown))
            names = [name for name, _ in inline]
            if "strong" in names or "b" in names:
                line.bold += size
            if "a" in names and (href := _HREF.search(inline[names.index("a")][1])):
                address = target(unescape(href[1]))
                label = one_line(shown)
                if line.links and line.links[-1][0] == address and linked == len(line.links):
                    label = one_line(f"{line.links.pop()[1]} {label}")
                if label:
                    line.links.append((address, label))
                linked = len(line.links)
        elif name in _INLINE:
            if name == "img":
                line.html.append(token[0])
            elif not closing:
                inline.append((name, rest))
                line.html.append(token[0])
            elif inline and inline[-1][0] == name:
                inline.pop()
                line.html.append(token[0])
        elif name == "table":
            yield from end()
            yield Line(text=tables[int(rest)][0], html=tables[int(rest)][1], kind="table")
            starts = True
        else:
            yield from end()
            if name != "br":
                starts = True
                if closing and len(block) > 1:
                    block.pop()
                elif not closing and name != "hr":
                    inside_quote = "blockquote" in block and name == "p"
                    block.append("blockquote" if inside_quote else name)
    yield from end()


def _without_tables(html: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the HTML with ``<tableN>`` in place of its tables, and their texts and HTML."""
    tables: list[tuple[str, str]] = []
    kept: list[str] = []
    depth = start = 0
    for tag in re.finditer(r"<(/?)table>", html):
        if not tag[1]:
            if depth == 0:
                kept.append(html[start : tag.start()])
                start = tag.start()
            depth += 1
        elif depth == 1:
            whole = html[start : tag.end()]
            kept.append(f"<table {len(tables)}>")
            tables.append(("\n".join(tidy_lines(plain.text_of(whole))).strip(), whole))
            start, depth = tag.end(), 0
        else:
            depth = max(depth - 1, 0)
    return "".join(kept) + html[start:], tables


def html_of(lines: Sequence[Line]) -> str:
    """Return lines of HTML as HTML again."""
    written: list[str] = []
    for line in lines:
        inside = line.html or escape(line.text, quote=False)
        if line.kind == "table":
            written.append(inside)
        elif line.kind == "li":
            written.append(f"<ul><li>{inside}</li></ul>")
        elif line.kind in _WHOLE:
            written.append(f"<{line.kind}>{inside}</{line.kind}>")
        elif not line.starts and written and written[-1].endswith("</p>"):
            written[-1] = written[-1][: -len("</p>")] + f"<br>{inside}</p>"
        else:
            written.append(f"<p>{inside}</p>")
    return "\n".join(written).replace("</ul>\n<ul>", "\n")


def text_of(lines: Sequence[Line]) -> str:
    """Return lines as plain text, with an empty line between blocks."""
    written: list[str] = []
    for line in lines:
        if written and line.starts:
            written.append("")
        written.append(line.raw or line.text or line.href or "")
    return "\n".join(written)


def is_label(line: Line) -> bool:
    """Return whether a line is a link that says nothing of its target."""
    return line.href is not None and (not line.text or is_more(line.text))
