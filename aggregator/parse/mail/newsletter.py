"""Find the releases that a newsletter lists: a title, a link and a teaser, again and again.

Takes the lines of a mail; returns a ``Listed`` for each release, and none for a mail that is not
such a list.  What makes a title is its place, not its words: a heading or a line that is all link;
in plain text, the lines above an address, or the first of those that end in one.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from aggregator.normalise.header import read_header
from aggregator.parse.mail.boilerplate import is_more
from aggregator.parse.mail.lines import Line, is_label

_LONGEST_TITLE = 300
_SENTENCE_END = re.compile(r"[.!;,:][”’\"')\]]*$")
_BULLET = re.compile(r"^\s*(?:[•·▪◦‣*+–—»>-]\s+|\(?\d{1,3}[.)]\s+)")
_WORD = re.compile(r"\w+")
_DATED = re.compile(r"\d\W*$")  # a date ends in digits
_DATED_TITLE = re.compile(r"(.{0,30}?\d)\s*(?:[–—:|]|\s-)\s+(\S.*)")
_ARROWS = " .>»→›"
_BEHIND_TITLE = re.compile(r"\s*(?:[–—:|(,.-]|\d|$)")


@dataclass(slots=True)
class Listed:
    """A release in a list: its title, its address, and the lines below."""

    title: str
    href: str
    position: int
    lines: list[Line] = field(default_factory=list)


def listed(lines: Sequence[Line]) -> list[Listed]:
    """Return the releases that ``lines`` list, or none: at least two make a list."""
    lines = _with_titles(lines)
    repeated = Counter(line.text for line in lines if line.href)
    titles = {
        number: line.href
        for number, line in enumerate(lines)
        if line.href and repeated[line.text] == 1 and _can_be_title(line)
    }
    labels = Counter(label for line in lines for _, label in line.links[-1:])
    titles |= _headings_above_links(
        lines, titles, lambda label: is_more(label) or labels[label] > 1
    )
    found: list[Listed] = []
    current: Listed | None = None
    for number, line in enumerate(lines):
        href = titles.get(number)
        if href is not None and (current is None or current.href != href):
            current = _listed(line, href, number)
            found.append(current)
        elif line.is_heading and href is None and not line.links and _ends_list(line, current):
            current = None  # the heading of a section
        elif current is not None and not is_label(line) and line.text and href is None:
            current.lines.append(_without_label(line))
    return found if _is_list(lines, found) else []


def _listed(line: Line, href: str, number: int) -> Listed:
    """Return the release of a title, without its bullet; a date before it goes below it."""
    title = _BULLET.sub("", line.text).strip()
    dated = _DATED_TITLE.fullmatch(title)
    if dated is None or read_header(dated[1]) is None:
        return Listed(title, href, number)
    return Listed(dated[2], href, number, [Line(text=dated[1])])


def _ends_list(line: Line, current: Listed | None) -> bool:
    return current is None or line.kind.startswith("h") or bool(current.lines)


def headline(lines: Sequence[Line]) -> Line | None:
    """Return the linked title at the top of a mail that is one release, or None."""
    titles = [line for line in lines if line.href and _can_be_title(line) and len(line.text) >= 20]
    return titles[0] if len(titles) == 1 and titles[0] in lines[:2] else None


def _can_be_title(line: Line) -> bool:
    words = _WORD.findall(line.text)
    is_telling = len(words) >= 3 or (len(line.text) >= 12 and len(words) >= 2) or line.is_heading
    if not line.text.isascii() and len(line.text) >= 6 and max(map(ord, line.text)) > 0x0E00:
        is_telling = True  # scripts without spaces, or with several letters in one
    return is_telling and len(line.text) <= _LONGEST_TITLE and not is_more(line.text)


def _headings_above_links(
    lines: Sequence[Line], titles: dict[int, str], is_label: Callable[[str], bool]
) -> dict[int, str]:
    """Return the headings without a link of their own whose text ends in one, if most do.

    The text of that link says nothing of its target: ``is_label``.
    """
    found: dict[int, str] = {}
    heading: int | None = None
    last: Line | None = None
    count = 0
    for number, line in enumerate([*lines, Line(text="", is_heading=True)]):
        if line.is_heading or number in titles:
            if heading is not None and last is not None:
                count += 1
                if (href := _link_at_end(last, is_label)) is not None:
                    found[heading] = href
            is_bare = number not in titles and line.text and _can_be_title(line)
            heading, last = (number if is_bare else None), None
        elif (line.text or line.href) and not (last and _link_at_end(last, is_label)):
            last = line
    return found if len(found) >= 2 and len(found) * 3 >= count * 2 else {}


def _link_at_end(line: Line, is_label: Callable[[str], bool]) -> str | None:
    """Return the address of the link that ends a line, if its text is short and ``is_label``."""
    if not line.links:
        return line.href
    href, label = line.links[-1]
    is_last = line.text.rstrip(_ARROWS).endswith(label.rstrip(_ARROWS))
    return href if is_last and len(label) <= 60 and is_label(label) else None


def _without_label(line: Line) -> Line:
    """Return a teaser without the "Read more" at its end."""
    if line.links and line.html and is_more(line.links[-1][1]):
        text = line.text.rstrip(_ARROWS).removesuffix(line.links[-1][1].rstrip(_ARROWS))
        start = line.html.rfind("<a ")
        html = line.html[:start] + re.sub(r"^<a [^>]*>.*?</a>", "", line.html[start:])
        return replace(line, text=text.rstrip(), html=html.rstrip(), links=line.links[:-1])
    return line


def _is_list(lines: Sequence[Line], found: Sequence[Listed]) -> bool:
    """Return whether a mail is a list of releases, and not one with links at its end."""
    if len(found) < 2:
        return False
    above = sum(len(line.text) for line in lines[: found[0].position])
    total = sum(len(line.text) for line in lines)
    return above * 2 < total


def _with_titles(lines: Sequence[Line]) -> list[Line]:
    """Return lines in which a title and its address are one line.

    In plain text these are two lines; in HTML, a list item may have its teaser behind the link.
    """
    if any(line.html for line in lines):
        return [part for line in lines for part in _split(line)]
    bare = [n for n, line in enumerate(lines) if line.href and not line.text]
    if len(bare) < 2:
        return list(lines)
    above = {n: _block_above(lines, n) for n in bare}
    directly = [n for n, (start, end) in above.items() if _is_title(lines[start:end])]
    if len(directly) * 3 >= len(bare) * 2:
        return _joined(lines, {n: above[n] for n in directly})
    return _joined(lines, _first_of_blocks(lines, bare))


def _split(line: Line) -> list[Line]:
    """Return a line that begins with the link of its title as that title and the rest."""
    if line.href or not line.links or line.kind == "table":
        return [line]
    href, label = line.links[0]
    before = line.text.removesuffix(label)
    if len(before) <= 40 and _DATED.search(before) and len(_WORD.findall(label)) >= 3:
        title = replace(line, text=label, href=href)
        return [title, Line(text=before.strip(" –—:|,-"), starts=False)]
    rest = line.text.removeprefix(label)
    is_title = rest != line.text and _BEHIND_TITLE.match(rest) and len(_WORD.findall(label)) >= 4
    if not is_title or not (line.kind == "li" or line.is_heading or rest[:1].isspace()):
        return [line]
    title = replace(line, text=label, href=href, links=line.links[:1], html=f"<b>{label}</b>")
    text = rest.strip(" –—:|,.-")
    return [title, Line(text=text, starts=False)] if text else [title]


def _block_above(lines: Sequence[Line], number: int) -> tuple[int, int]:
    """Return where the block above an address starts and ends."""
    start = number
    while start > 0 and number - start < 4:
        if lines[start - 1].href or (start < number and lines[start].starts):
            break
        start -= 1
    return start, number


def _is_title(block: Sequence[Line]) -> bool:
    text = " ".join(line.text.strip() for line in block)
    return 0 < len(block) <= 3 and len(text) <= 250 and not _SENTENCE_END.search(text)


def _first_of_blocks(lines: Sequence[Line], bare: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the titles of texts that end in an address: the first block, or the first line."""
    found: dict[int, tuple[int, int]] = {}
    blocks = [
        [n for n in range(above, below) if n == above or lines[n].starts]
        for above, below in pairwise([0, *(number + 1 for number in bare)])
    ]
    usual = sorted(len(starts) for starts in blocks[1:])[(len(blocks) - 1) // 2]
    start = blocks[0][-usual:][0]  # above it is what opens the mail
    for number in bare:
        end = start + 1
        while end < number and not lines[end].starts:
            end += 1
        if end == number:
            end = start + 1
        if start < number and _is_title(lines[start:end]):
            found[number] = start, end
        start = number + 1
    return found


def _joined(lines: Sequence[Line], titles: dict[int, tuple[int, int]]) -> list[Line]:
    """Return lines with each title in one line that has the address ``titles`` has it for."""
    hrefs = {start: (number, end) for number, (start, end) in titles.items()}
    joined: list[Line] = []
    skipped = 0
    for number, line in enumerate(lines):
        if number < skipped or number in titles:
            continue
        if number in hrefs:
            at, skipped = hrefs[number]
            text = " ".join(part.text.strip() for part in lines[number:skipped])
            joined.append(replace(line, text=text, href=lines[at].href))
        else:
            joined.append(line)
    return joined
