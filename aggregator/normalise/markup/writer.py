"""Write HTML from tokens, in a plain form of its own.

Takes the tokens of any HTML; returns HTML that is rightly nested, without empty elements, with text
in paragraphs, tidy white space and a line for each paragraph.  ``references`` writes the tags of
links and images.

Nothing is written before it has content: ahead of a text or an image, ``_open`` writes the start
tags of the elements around it that are not written yet.  So empty elements never appear, and an
inline element that spans several paragraphs is repeated in each.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from aggregator.normalise.markup import references
from aggregator.normalise.markup.elements import (
    BLOCKS,
    BOUNDARIES,
    CELLS,
    ENDED_BY,
    FRAMES,
    INLINE,
    ITEMS,
    LEAVES,
    LISTS,
    MISSING_CHILD,
    PARENTS,
    TABLE,
    TABLE_PARTS,
)
from aggregator.normalise.markup.tokens import Token, attributes_of

DEEPEST = 40
"""Nested blocks that are written; the text of deeper ones goes into the last of them."""

_DEEPEST_INLINE = 6
_DEEPEST_OPEN = 200  # open elements that are tracked, so that their end tags end nothing else

_STROKE = "\u0338"  # the only character that combines with a `>`
_NUMBER = re.compile(r"-?[0-9]{1,6}")
_SPAN = re.compile(r"[1-9][0-9]{0,2}")


@dataclass(slots=True)
class _Block:
    """An open block and what it interrupted: a leaf, and so many open inline elements.

    ``number`` is that of a list item, or of the next item of a list; ``expected`` is the number
    that a reader expects for the next item.  ``empty_cells`` are written when their row is.
    ``has_text`` says that the last thing written was text directly in this block.
    """

    name: str
    tag: str
    leaf: str | None
    inline: int
    is_deep: bool
    is_written: bool = False
    number: int = 1
    expected: int = 1
    empty_cells: list[str] = field(default_factory=list)
    has_text: bool = False


def write(tokens: Iterable[Token], base: str | None) -> str:
    """Return ``tokens`` as HTML; relative addresses are resolved against ``base``."""
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
    """The output, the open elements, and those that the next text needs around it."""

    def __init__(self, base: str | None) -> None:
        self.base = base
        self.out: list[str] = []
        self.blocks: list[_Block] = []
        self.shallow = 0  # how many of the blocks may be written
        self.leaf: str | None = None  # needed around the next text
        self.open_leaf: str | None = None  # written
        self.inline: list[tuple[str, str]] = []  # names and tags, needed around the next text
        self.open_inline = 0  # how many of them are written
        self.in_line = False  # whether the line has text
        self.space = False  # needed before the next text
        self.breaks = 0

    def text(self, text: str) -> None:
        """Write text with tidy white space."""
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
        self._open()
        self.out.append(escape(words, quote=False))
        self.space = text[-1].isspace()

    def start(self, name: str, attributes: str) -> None:
        """Handle a start tag."""
        if name in INLINE:
            self._start_inline(name, attributes)
        elif name == "br":
            self._break()
        elif name == "img":
            if tag := references.image(attributes_of(attributes), self.base):
                self._open()
                self.out.append(tag)
        elif name in LEAVES:
            self._start_leaf(name)
        elif name in BLOCKS:
            self._start_block(name, attributes)
        elif name == "hr":
            self._rule()
        elif name in BOUNDARIES:
            self._end_leaf()

    def end(self, name: str) -> None:
        """Handle an end tag; one without its start tag does nothing."""
        if name in INLINE:
            self._end_inline(name)
        elif name in LEAVES:
            self._end_leaf()
            self.leaf = None
        elif name in BLOCKS:
            self._end_leaf()
            self._end_block(name)
        elif name == "br":
            self._break()  # as browsers do (HTML, section 13.2.6.4.7)
        elif name in BOUNDARIES:
            self._end_leaf()

    def finish(self) -> str:
        """Close what is open, and return the HTML."""
        self._end_leaf()
        while self.blocks:
            self._close_block()
        return "".join(self.out).rstrip("\n")

    def _preformatted(self, text: str) -> None:
        text = text.replace("\xa0", " ")
        if self.open_leaf is None:
            # A browser drops the first line end of a pre, and when read again the next one.
            text = text.lstrip("\n")
        if not text or (self.open_leaf is None and text.isspace()):
            return
        self.space = False
        self._open()
        self.out.append(escape(text, quote=False))

    def _start_inline(self, name: str, attributes: str) -> None:
        tag = f"<{name}>"
        if name == "a":
            self._end_inline("a")
            tag = references.link(attributes_of(attributes), self.base)
        elif name == "abbr" and attributes:
            tag = references.abbreviation(attributes_of(attributes))
        if len(self.inline) < _DEEPEST_OPEN:
            self.inline.append((name, tag if len(self.inline) < _DEEPEST_INLINE else ""))

    def _end_inline(self, name: str) -> None:
        for index in range(len(self.inline) - 1, -1, -1):
            if self.inline[index][0] == name:
                self._close_inline(index)
                del self.inline[index]
                return

    def _close_inline(self, down_to: int) -> None:
        """Write the end tags of the open inline elements from ``down_to`` on."""
        if self.open_inline <= down_to:
            return
        for name, tag in reversed(self.inline[down_to : self.open_inline]):
            if tag:
                self.out.append(f"</{name}>")
        self.open_inline = down_to

    def _break(self) -> None:
        if self.leaf == "pre":
            self.text("\n")
        elif self.in_line:
            self.breaks += 1

    def _rule(self) -> None:
        self._end_leaf()
        if not self.blocks or self.blocks[-1].name not in FRAMES:
            self._write_blocks()
            self.out.append("<hr>\n")
            self._end_text()

    def _start_leaf(self, name: str) -> None:
        self._end_leaf()
        self._end_implied(name)
        if name in PARENTS and self._parent() not in PARENTS[name]:
            name = "p"
        if name not in PARENTS:
            self._add_missing("")
        self.leaf = name

    def _start_block(self, name: str, attributes: str) -> None:
        self._end_leaf()
        self._end_implied(name)
        self._add_missing(name)
        if name not in PARENTS or self._parent() in PARENTS[name]:
            self._push(name, attributes)

    def _add_missing(self, name: str) -> None:
        """Add the elements between the open frame and the element ``name``, or text for ``""``."""
        parent = self._parent()
        missing: list[str] = []
        while parent in MISSING_CHILD and parent not in PARENTS.get(name, ()):
            if {name, parent} <= LISTS or (name in PARENTS and name not in TABLE_PARTS):
                break
            parent = MISSING_CHILD[parent]
            missing.append(parent)
        for added in missing:
            self._push(added, "")

    def _parent(self) -> str:
        return self.blocks[-1].name if self.blocks else ""

    def _end_implied(self, name: str) -> None:
        """End the elements that the start tag ``name`` ends."""
        ended = ENDED_BY.get(name, ())
        while self.blocks and self.blocks[-1].name in ended:
            self._close_block()

    def _push(self, name: str, attributes: str) -> None:
        depth = len(self.blocks)
        # An item may be one deeper than its list, so that no list is written without its items.
        is_deep = depth > self.shallow or (depth >= DEEPEST and name not in PARENTS)
        if depth >= _DEEPEST_OPEN or (is_deep and self._parent() in FRAMES):
            return
        found = attributes_of(attributes) if attributes else {}
        block = _Block(
            name=name,
            tag=_spanning(name, found) if name in CELLS else f"<{name}>",
            leaf=self.leaf,
            inline=len(self.inline),
            is_deep=is_deep,
        )
        self.shallow += not is_deep
        if name == "ol":
            block.number = _number(found.get("start"), 1)
        elif name == "li":
            parent = self.blocks[-1]
            block.number = _number(found.get("value"), parent.number)
            parent.number = block.number + 1
        self.blocks.append(block)
        self.leaf = None

    def _end_block(self, name: str) -> None:
        """Close the innermost ``name`` and all in it, unless it is outside this cell or list."""
        limits = LISTS if name == "li" else TABLE if name in TABLE_PARTS else CELLS
        for index in range(len(self.blocks) - 1, -1, -1):
            found = self.blocks[index].name
            if found == name:
                while len(self.blocks) > index:
                    self._close_block()
                return
            if found in limits:
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
            self._end_text()
        elif block.name in CELLS:
            row, cell = self.blocks[-1], f"{block.tag}</{block.name}>\n"
            (self.out if row.is_written else row.empty_cells).append(cell)

    def _end_leaf(self) -> None:
        """End the line, the leaf around it, and the inline elements in it."""
        self._close_inline(0)
        if self.open_leaf is not None:
            self.out.append(f"</{self.open_leaf}>\n")
            self.open_leaf = None
            self._end_text()
        self.in_line = self.space = False
        self.breaks = 0

    def _end_text(self) -> None:
        """Note that a block was written last, after which text needs no line break."""
        if self.shallow:
            self.blocks[self.shallow - 1].has_text = False

    def _open(self) -> None:
        """Write the start tags that are needed around the next text or image."""
        if self.breaks > 1 and self._needed_leaf() == "p":
            self._end_leaf()
        leaf = self._needed_leaf()
        if not self.in_line:
            self._start_line(leaf)
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

    def _start_line(self, leaf: str | None) -> None:
        if self.leaf is None:
            self._add_missing("")
            leaf = self._needed_leaf()
        self._write_blocks()
        if leaf is not None:
            self.out.append(f"<{leaf}>")
            self.open_leaf = leaf
        else:
            item = self.blocks[self.shallow - 1]
            if item.has_text:
                self.out.append("<br>\n")
            item.has_text = True

    def _needed_leaf(self) -> str | None:
        """Return the leaf for text at this place: None directly in an item."""
        if self.leaf not in (None, "p"):
            return self.leaf
        parent = self.blocks[self.shallow - 1].name if self.shallow else ""
        return None if parent in ITEMS else "p"

    def _write_blocks(self) -> None:
        if not self.shallow or self.blocks[self.shallow - 1].is_written:
            return
        for index, block in enumerate(self.blocks[: self.shallow]):
            if block.is_written:
                continue
            block.is_written = True
            if block.name == "ol":
                tag = _list_tag(block, self.blocks[index + 1 : index + 2])
            elif block.name == "li" and index and self.blocks[index - 1].name == "ol":
                tag = _item_tag(block, self.blocks[index - 1])
            else:
                tag = block.tag
            self.out.append(tag if block.name in ITEMS else f"{tag}\n")
            self.out += block.empty_cells


def _without_stroke(text: str) -> str:
    """Return ``text`` without strokes at its start: NFC would join one with a tag's ``>``."""
    marks = next((n for n, sign in enumerate(text) if not unicodedata.combining(sign)), len(text))
    return text[:marks].replace(_STROKE, "") + text[marks:]


def _list_tag(block: _Block, items: list[_Block]) -> str:
    """Return an ``ol`` that starts with the number of its first item."""
    if items and items[0].name == "li":
        block.expected = items[0].number
    return "<ol>" if block.expected == 1 else f'<ol start="{block.expected}">'


def _item_tag(block: _Block, parent: _Block) -> str:
    value = "" if block.number == parent.expected else f' value="{block.number}"'
    parent.expected = block.number + 1
    return f"<li{value}>"


def _number(written: str | None, default: int) -> int:
    return int(written) if written and _NUMBER.fullmatch(written.strip()) else default


def _spanning(name: str, attributes: dict[str, str]) -> str:
    """Return the tag of a cell with the columns and rows that it spans."""
    spans = "".join(
        f' {span}="{attributes[span]}"'
        for span in ("colspan", "rowspan")
        if _SPAN.fullmatch(attributes.get(span, "1")) and attributes.get(span, "1") != "1"
    )
    return f"<{name}{spans}>"
