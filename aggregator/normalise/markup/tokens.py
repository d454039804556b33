"""Split HTML into start tags, end tags and text.

Takes any HTML; yields ``Token``s in time that grows with its length.  Knows nothing of how elements
nest: ``writer`` does.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5

from aggregator.normalise.markup.elements import DROPPED, RAW_TEXT
from aggregator.normalise.text import clean

FALLBACK = "noscript img"
"""The name of an image for browsers without scripts, which no tag can have."""

Token = tuple[str, str]
"""The name and the attributes as written of a start tag; ``/`` and the name of an end tag; an empty
name and the text, decoded and clean."""

# An attribute's value may contain `>`.  What is not closed extends to the end, as in browsers.
# Possessive repeats never backtrack, so that each character is read once.
_TOKEN = re.compile(
    r"""(?P<text>(?:[^<]++|<(?![a-z!?/]))++)
      | <(?P<name>/?[a-z][^\s/>]*+)
        (?P<attributes>(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))|=)*+)(?:>|\Z)
      | <!--(?:-?>|.*?(?:--!?>|\Z))
      | <[!?/][^>]*+(?:>|\Z)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>]*+)))?""")
_ENDS = {name: re.compile(f"</{name}(?=[\\s/>]|\\Z)", re.IGNORECASE) for name in DROPPED}
_IMAGE = re.compile(r"<img(\s[^<>]*+)>", re.IGNORECASE)
_UNENDED = re.compile(r"&([A-Za-z][A-Za-z0-9]*+)(?!;)(=?)")
_ENDLESS_NUMBER = re.compile(r"&#[0-9]{100,}+;?")


def tokenise(html: str, starts: list[int] | None = None) -> Iterator[Token]:
    """Yield the tokens of ``html``; comments and ``DROPPED`` elements are left out.

    Before each token, the place where it starts is appended to ``starts``.
    """
    unclosed: set[str] = set()
    at = 0
    while match := _TOKEN.match(html, at):
        at = match.end()
        text, name, attributes = match.groups()
        if starts is not None:
            starts.append(match.start())
        if text:
            yield "", clean(unescaped(text))
        elif name is None:
            continue
        elif (name := name.lower()) not in DROPPED:
            yield name, attributes
        elif name not in unclosed:
            end = _ENDS[name].search(html, at)
            if end is not None:
                if name == "noscript":
                    for picture in _IMAGE.finditer(html, at, end.start()):
                        if starts is not None:
                            starts.append(picture.start())
                        yield FALLBACK, picture[1]
                at = end.start()
            elif name in RAW_TEXT:
                return
            else:
                unclosed.add(name)  # losing its tag alone loses no text after it


def attributes_of(written: str) -> dict[str, str]:
    """Return a start tag's attributes by name, decoded; of two with one name the first."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(written):
        value = "".join(values)
        if "&" in value:
            value = unescaped(_UNENDED.sub(_reference, value))
        found.setdefault(name.lower(), value)
    return found


def _reference(found: re.Match[str]) -> str:
    """Return a reference without semicolon: ``&copy=3`` in an address is none (HTML, 13.2.5.73)."""
    return found[0] if found[1] in html5 and not found[2] else f"&amp;{found[0][1:]}"


def unescaped(text: str) -> str:
    """Return ``text`` with its character references decoded."""
    if "&" not in text:
        return text
    # Python refuses to read numbers of more than 4,300 digits.
    return unescape(_ENDLESS_NUMBER.sub("\ufffd", text))
