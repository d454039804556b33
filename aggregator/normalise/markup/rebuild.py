"""A plain form of HTML, written anew from its tokens.

Takes the tokens of any HTML; gives HTML that is all written here: elements in right nesting, none
of them empty, text in paragraphs, white space tidy, a line for each paragraph.  It leaves to the
caller that nothing but web addresses are linked, by way of ``references``.

Nothing is written before there is something in it: ``_place`` opens, just ahead of a text or an
image, the elements around it that are wanted and not yet open.  So elements without content never
show, and inline elements that reach over several paragraphs are opened in each.

Elements are of four kinds.  *Leaves* (p, h2, pre) hold text; *frames* (ul, table, tr) hold only
frames and items; *items* (li, td) hold text without a leaf, in which paragraphs are lines; and a
blockquote holds leaves, as the whole does.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from aggregator.normalise.markup import references
from aggregator.normalise.markup.tokens import BOUNDARIES, Token, attributes_of

REL = references.REL

DEEPEST = 40
"""Blocks within each other that are written; what is deeper goes into the last of them."""

_DEEPEST_INLINE = 6
_DEEPEST_KNOWN = 200  # so many are kept in mind, that their end tags end nothing else

INLINE = frozenset(
    "a abbr b cite code del dfn em i ins kbd mark q s samp small strong sub sup u var".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 pre".split())
_LEAVES = _HEADINGS | {"p", "caption", "dt", "figcaption"}
_ITEMS = frozenset("dd figure li td th".split())
_LISTS = frozenset({"ol", "ul"})
_GROUPS = frozenset({"tbody", "tfoot", "thead"})
_FRAMES = frozenset({"dl", "ol", "table", "tr", "ul"}) | _GROUPS
_BLOCKS = _ITEMS | _FRAMES | {"blockquote"}

_PARENTS = {
    "li": _LISTS,
    "dd": {"dl"},
    "dt": {"dl"},
    "figcaption": {"figure"},
    "caption": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "thead": {"table"},
    "tr": _GROUPS,
    "td": {"tr"},
    "th": {"tr"},
}
_CHILD = {
    **{"ul": "li", "ol": "li", "dl": "dd", "table": "tbody", "tr": "td"},
    **dict.fromkeys(_GROUPS, "tr"),
}
"""What a frame gets to hold what it may not hold itself."""

_ENDED_BY = {
    "li": {"li"},
    "dd": {"dd"},
    "dt": {"dd"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"td", "th", "tr"},
    **dict.fromkeys(_GROUPS, {"td", "th", "tr"} | _GROUPS),
}
"""Elements that end where another begins, their own end tag or not (HTML, section 13.1.2.4)."""

_STROKE = "\u0338"  # the only sign that makes another of a `>`
_NUMBER = re.compile(r"-?[0-9]{1,6}")
_SPAN = re.compile(r"[1-9][0-9]{0,2}")


@dataclass(slots=True)
class _Block:
    """An open element that is no leaf, whether it is written yet, and what it interrupted.

    ``number`` is that of a list item, in a list that of the next one to come, and ``shown`` what a
    reader will take the next to be.  ``held`` are empty cells to write once their row is.
    ``parts`` says that text directly in it was the last thing written.
    """

    name: str
    tag: str
    leaf: str | None
    inline: int
    is_deep: bool
    is_written: bool = False
    number: int = 1
    shown: int = 1
    held: list[str] = field(default_factory=list)
    parts: bool = False


def rebuild(tokens: Iterable[Token], base: str | None) -> str:
    """``tokens`` as HTML; relative addresses are resolved against ``base``."""
    writer = _Writer(base)
    for name, rest in tokens:
        if not name:
            writer.text(rest)
        elif name[0] == "/":
            writer.end(name[1:])
        else:
            writer.start(name, rest)
    return writer.finish()


class _Writer:
    """What is written, what is open, and what is wanted around the next text."""

    def __init__(self, base: str | None) -> None:
        self.base = base
        self.out: list[str] = []
        self.blocks: list[_Block] = []
        self.shallow = 0  # how many of them are not too deep
        self.leaf: str | None = None  # wanted
        self.open_leaf: str | None = None  # written
        self.inline: list[tuple[str, str]] = []  # wanted: names and tags
        self.open_inline = 0  # how many of them are written
        self.in_line = False  # whether a line has begun
        self.space = False  # wanted between the last text and the next
        self.breaks = 0

    def text(self, text: str) -> None:
        """Write text, its white space tidied."""
        if _STROKE in text:
            text = _without_stroke(text)
        if self.leaf == "pre":
            self._preformatted(text)
            return
        words = " ".join(text.split())
        if not words:
            self.space = self.space or bool(text)
            return
        if text[0].isspace():
            self.space = True
        self._place()
        self.out.append(escape(words, quote=False))
        self.space = text[-1].isspace()

    def start(self, name: str, attributes: str) -> None:
        """Take note of a start tag."""
        if name in INLINE:
            self._start_inline(name, attributes)
        elif name == "br":
            self._break()
        elif name == "img":
            if tag := references.image(attributes_of(attributes), self.base):
                self._place()
                self.out.append(tag)
        elif name in _LEAVES:
            self._start_leaf(name)
        elif name in _BLOCKS:
            self._start_block(name, attributes)
        elif name == "hr":
            self._rule()
        elif name in BOUNDARIES:
            self._end_line()

    def end(self, name: str) -> None:
        """Take note of an end tag; one that ends nothing does nothing."""
        if name in INLINE:
            self._end_inline(name)
        elif name in _LEAVES:
            self._end_line()
            self.leaf = None
        elif name in _BLOCKS:
            self._end_line()
            self._end_block(name)
        elif name in BOUNDARIES:
            self._end_line()

    def finish(self) -> str:
        """Close what is open, and give it all."""
        self._end_line()
        while self.blocks:
            self._close_block()
        return "".join(self.out).rstrip("\n")

    def _preformatted(self, text: str) -> None:
        text = text.replace("\xa0", " ")
        if self.open_leaf is None:
            # A browser leaves out the first line end of a pre, and then the next time the next.
            text = text.lstrip("\n")
        if not text or (self.open_leaf is None and text.isspace()):
            return
        self.space = False
        self._place()
        self.out.append(escape(text, quote=False))

    def _start_inline(self, name: str, attributes: str) -> None:
        tag = f"<{name}>"
        if name == "a":
            self._end_inline("a")
            tag = references.link(attributes_of(attributes), self.base)
        elif name == "abbr" and attributes:
            tag = references.abbreviation(attributes_of(attributes))
        if len(self.inline) < _DEEPEST_KNOWN:
            self.inline.append((name, tag if len(self.inline) < _DEEPEST_INLINE else ""))

    def _end_inline(self, name: str) -> None:
        for index in range(len(self.inline) - 1, -1, -1):
            if self.inline[index][0] == name:
                self._close_inline(index)
                del self.inline[index]
                return

    def _close_inline(self, down_to: int) -> None:
        """Close what is written of the inline elements from ``down_to`` on."""
        for name, tag in reversed(self.inline[down_to : self.open_inline]):
            if tag:
                self.out.append(f"</{name}>")
        self.open_inline = min(self.open_inline, down_to)

    def _break(self) -> None:
        if self.leaf == "pre":
            self.text("\n")
        elif self.in_line:
            self.breaks += 1

    def _rule(self) -> None:
        self._end_line()
        if not self.blocks or self.blocks[-1].name not in _FRAMES:
            self._open_blocks()
            self.out.append("<hr>\n")
            self._part()

    def _start_leaf(self, name: str) -> None:
        self._end_line()
        self._end_implied(name)
        if name in _PARENTS and self._within() not in _PARENTS[name]:
            name = "p"
        if name not in _PARENTS:
            self._fill_frames()
        self.leaf = name

    def _start_block(self, name: str, attributes: str) -> None:
        self._end_line()
        self._end_implied(name)
        for missing in self._missing(name):
            self._push(missing, "")
        if name not in _PARENTS or self._within() in _PARENTS[name]:
            self._push(name, attributes)

    def _missing(self, name: str) -> list[str]:
        """The elements that must be opened for ``name`` to stand where it does."""
        missing: list[str] = []
        within = self._within()
        while within in _CHILD and within not in _PARENTS.get(name, ()):
            if {name, within} <= _LISTS or (name in _PARENTS and name not in _TABLE):
                break
            within = _CHILD[within]
            missing.append(within)
        return missing

    def _fill_frames(self) -> None:
        """Open the item that text needs within a list or table."""
        for missing in self._missing(""):
            self._push(missing, "")

    def _within(self) -> str:
        return self.blocks[-1].name if self.blocks else ""

    def _end_implied(self, name: str) -> None:
        """End the elements that a start tag ends."""
        ended = _ENDED_BY.get(name, ())
        while self.blocks and self.blocks[-1].name in ended:
            self._close_block()

    def _push(self, name: str, attributes: str) -> None:
        is_deep = self._is_too_deep(name)
        if len(self.blocks) >= _DEEPEST_KNOWN or (is_deep and self._within() in _FRAMES):
            return
        found = attributes_of(attributes) if attributes else {}
        block = _Block(
            name=name,
            tag=_spanning(name, found) if name in ("td", "th") else f"<{name}>",
            leaf=self.leaf,
            inline=len(self.inline),
            is_deep=is_deep,
        )
        self.shallow += not is_deep
        if name == "ol":
            block.number = _number(found.get("start"), 1)
        elif name == "li":
            above = self.blocks[-1]
            block.number = _number(found.get("value"), above.number)
            above.number = block.number + 1
        self.blocks.append(block)
        self.leaf = None

    def _is_too_deep(self, name: str) -> bool:
        """Whether a block may not be written; a list that is written may have its items."""
        depth = len(self.blocks)
        return depth > self.shallow or (depth >= DEEPEST and name not in _PARENTS)

    def _end_block(self, name: str) -> None:
        """Close the innermost ``name``, and all in it, unless it is outside the cell or list."""
        around = _LISTS if name == "li" else {"table"} if name in _TABLE else {"td", "th"}
        for index in range(len(self.blocks) - 1, -1, -1):
            found = self.blocks[index].name
            if found == name:
                while len(self.blocks) > index:
                    self._close_block()
                return
            if found in around:
                return

    def _close_block(self) -> None:
        block = self.blocks.pop()
        self._close_inline(block.inline)
        del self.inline[block.inline :]
        self.leaf = block.leaf
        if block.is_deep:
            return
        self.shallow -= 1
        if block.is_written:
            self.out.append(f"</{block.name}>\n")
            self._part()
        elif block.name in ("td", "th") and self.blocks[-1].is_written:
            self.out.append(f"{block.tag}</{block.name}>\n")
        elif block.name in ("td", "th"):
            self.blocks[-1].held.append(f"{block.tag}</{block.name}>\n")

    def _end_line(self) -> None:
        """End the line, the leaf around it, and what is open in it."""
        self._close_inline(0)
        if self.open_leaf is not None:
            self.out.append(f"</{self.open_leaf}>\n")
            self.open_leaf = None
            self._part()
        self.in_line = self.space = False
        self.breaks = 0

    def _part(self) -> None:
        """What was written last parts lines already."""
        if self.shallow:
            self.blocks[self.shallow - 1].parts = False

    def _place(self) -> None:
        """Open all that is wanted around what comes next."""
        if self.breaks > 1 and self._leaf_here() == "p":
            self._end_line()
        leaf = self._leaf_here()
        if not self.in_line:
            self._begin_line(leaf)
        elif self.breaks:
            self.out.append("<br>\n")
        elif self.space:
            self.out.append(" ")
        self.in_line = True
        self.space = False
        self.breaks = 0
        while self.open_inline < len(self.inline):
            self.out.append(self.inline[self.open_inline][1])
            self.open_inline += 1

    def _begin_line(self, leaf: str | None) -> None:
        if self.leaf is None:
            self._fill_frames()
            leaf = self._leaf_here()
        self._open_blocks()
        if leaf is not None:
            self.out.append(f"<{leaf}>")
            self.open_leaf = leaf
        else:
            item = self.blocks[self.shallow - 1]
            if item.parts:
                self.out.append("<br>\n")
            item.parts = True

    def _leaf_here(self) -> str | None:
        """The leaf that text goes into here: none directly in an item."""
        if self.leaf not in (None, "p"):
            return self.leaf
        holder = self.blocks[self.shallow - 1].name if self.shallow else ""
        return None if holder in _ITEMS else "p"

    def _open_blocks(self) -> None:
        if not self.shallow or self.blocks[self.shallow - 1].is_written:
            return
        for index, block in enumerate(self.blocks[: self.shallow]):
            if block.is_written:
                continue
            block.is_written = True
            above = self.blocks[index - 1] if index else None
            if block.name == "ol":
                self.out.append(_list_tag(block, self.blocks[index + 1 : index + 2]))
            elif block.name == "li" and above is not None and above.name == "ol":
                self.out.append(_item_tag(block, above))
            else:
                self.out.append(block.tag)
            if block.name not in _ITEMS:
                self.out.append("\n")
            self.out += block.held


def _without_stroke(text: str) -> str:
    """``text`` without a stroke through what is before it: in NFC a tag's ``>`` would take it."""
    marks = next((n for n, sign in enumerate(text) if not unicodedata.combining(sign)), len(text))
    return text[:marks].replace(_STROKE, "") + text[marks:]


_TABLE = _GROUPS | {"tr", "td", "th", "caption"}


def _list_tag(block: _Block, following: list[_Block]) -> str:
    """An ``ol`` that begins with the number of its first item."""
    if following and following[0].name == "li":
        block.shown = following[0].number
    return "<ol>" if block.shown == 1 else f'<ol start="{block.shown}">'


def _item_tag(block: _Block, above: _Block) -> str:
    value = "" if block.number == above.shown else f' value="{block.number}"'
    above.shown = block.number + 1
    return f"<li{value}>"


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and _NUMBER.fullmatch(written.strip()) else otherwise


def _spanning(name: str, attributes: dict[str, str]) -> str:
    """A cell's tag, with the columns and rows that it spans."""
    spans = "".join(
        f' {span}="{attributes[span]}"'
        for span in ("colspan", "rowspan")
        if _SPAN.fullmatch(attributes.get(span, "1")) and attributes.get(span, "1") != "1"
    )
    return f"<{name}{spans}>"
