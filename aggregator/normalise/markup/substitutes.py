"""Replace what is not published by what says the same: an embed by a link, a reading by brackets.

Takes the tokens of HTML; yields tokens of elements that ``writer`` knows.

- A frame, video, audio or object becomes a link to what it shows; the text in it is kept.
- A ``picture`` without a usable image gets one of its sources.
- An image for browsers without scripts is kept where the one for the others is not.
- The reading of a ``ruby`` is put in brackets.
- A formula is its text in one line (``formulas``).
- Hidden elements are left out, to their end.
"""

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

from aggregator.normalise.markup import references
from aggregator.normalise.markup.elements import BLOCKS, BOUNDARIES, ENDED_BY, LEAVES
from aggregator.normalise.markup.formulas import with_formulas
from aggregator.normalise.markup.tokens import FALLBACK, Token, attributes_of
from aggregator.normalise.text import cut, one_line

_NEEDED = re.compile(
    r"<(?:iframe|video|audio|object|embed|picture|noscript|ruby|math)\b|\shidden\b"
    r"|:\s*(?:none|hidden)\b",
    re.IGNORECASE,
)
# Of which one is in all that the pattern finds; they are found many times faster.
_TELLING = (
    *("none", "hidden", "<iframe", "<video", "<audio", "<object", "<embed", "<picture"),
    *("<noscript", "<ruby", "<math"),
)

_EMBEDS = {"iframe": "src", "video": "src", "audio": "src", "object": "data", "embed": "src"}
_MEDIA = ("video", "audio")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_MAY_HIDE = re.compile(r"hidden|:\s*none", re.IGNORECASE)
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_BREAKING = BLOCKS | LEAVES | BOUNDARIES
_LONGEST_LABEL = 100


def is_needed(html: str) -> bool:
    """Return whether HTML may have something to replace; most has not."""
    return any(map(html.lower().__contains__, _TELLING)) and _NEEDED.search(html) is not None


def substituted(tokens: Iterator[Token], base: str | None) -> Iterator[Token]:
    """Yield ``tokens`` with their substitutes; addresses are resolved against ``base``."""
    made = _Substitutes(base)
    for name, rest in with_formulas(_visible(tokens)):
        if name:
            yield from made.tag(name, rest)
        else:
            yield from made.text(rest)


def _visible(tokens: Iterator[Token]) -> Iterator[Token]:
    """Yield the tokens that are not within a hidden element."""
    hidden, depth = "", 0
    for name, rest in tokens:
        if hidden:
            if name == hidden:
                depth += 1
            elif name == f"/{hidden}":
                depth -= 1
            # The end tag of these may be left out.
            if (hidden == "p" or hidden in ENDED_BY) and name.strip("/") in _BREAKING:
                depth = 0
            if depth:
                continue
            is_end, hidden = name == f"/{hidden}", ""
            if is_end:
                continue
        if name and name[0] != "/" and name not in _VOID and _hides(rest):
            hidden, depth = name, 1
            continue
        yield name, rest


def _hides(written: str) -> bool:
    if not written or not _MAY_HIDE.search(written):
        return False
    attributes = attributes_of(written)
    return "hidden" in attributes or _HIDING.search(attributes.get("style", "")) is not None


class _Substitutes:
    """What has been seen of the element that is replaced."""

    def __init__(self, base: str | None) -> None:
        self.base = base
        self.linked = ""  # the address of the last embed
        self.needs_source = False  # in a video or audio that has named none
        self.picture: str | None = None  # a source of the open picture
        self.in_picture = False
        self.image = ""  # the last image, if no text came after it
        self.reading = ""  # of a ruby: started or written
        self.in_brackets = False  # of the feed's own, around a reading

    def text(self, text: str) -> Iterator[Token]:
        if self.in_brackets:
            return
        if text and not text.isspace():
            self.image = ""
            if self.reading == "started":
                self.reading = "written"
                text = f"({text.strip()}"
            elif self.reading:
                text = text.rstrip()
        yield "", text

    def tag(self, name: str, rest: str) -> Iterator[Token]:
        self.in_brackets = name == "rp"
        if name in ("rt", "/rt", "rp", "rb", "/ruby"):
            if self.reading == "written":
                yield "", ")"
            self.reading = "started" if name == "rt" else ""
        elif name in _EMBEDS:
            attributes = attributes_of(rest)
            address = attributes.get(_EMBEDS[name]) or attributes.get("data-src")
            self.needs_source = name in _MEDIA and not address
            yield from self._embed(address, attributes)
        elif name == "source":
            yield from self._source(attributes_of(rest))
        elif name in ("picture", "/picture"):
            if self.in_picture and self.picture:
                yield from self._image("img", f'src="{escape(self.picture)}"')
            self.in_picture, self.picture = name == "picture", None
        elif name in ("img", FALLBACK):
            yield from self._image(name, rest)
        else:
            yield name, rest

    def _embed(self, address: str | None, attributes: dict[str, str]) -> Iterator[Token]:
        href = references.web_link(address, self.base)
        if href is None or href == self.linked or not references.is_shown(href, attributes):
            return
        self.linked = href
        parts = urlsplit(href)
        label = one_line(attributes.get("title", "")) or f"{parts.netloc}{parts.path}"
        yield "", " "
        yield "a", f'href="{escape(href)}"'
        yield "", cut(label, _LONGEST_LABEL)
        yield "/a", ""
        yield "", " "

    def _source(self, attributes: dict[str, str]) -> Iterator[Token]:
        if self.in_picture:
            written = attributes.get("srcset") or attributes.get("data-srcset") or ""
            self.picture = self.picture or references.largest(written)
        elif self.needs_source:
            self.needs_source = False
            yield from self._embed(attributes.get("src"), {})

    def _image(self, name: str, rest: str) -> Iterator[Token]:
        tag = references.image(attributes_of(rest), self.base)
        if not tag and self.in_picture and self.picture:
            rest += f' data-src="{escape(self.picture)}"'
            tag = references.image(attributes_of(rest), self.base)
        if tag:
            self.picture = None
            self.in_picture = False
        if name == FALLBACK and (not tag or self.image):
            return
        if tag and tag == self.image:
            return  # after the same one for browsers without scripts
        self.image = tag if tag else self.image
        yield "img", rest
