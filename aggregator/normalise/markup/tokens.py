"""HTML as a run of tags and texts.

Takes HTML; gives ``Token``s: a name and the attributes as written for a start tag, ``/`` and the
name for an end tag, and no name for text, which is decoded and clean.  ``of_regular`` reads what
nh3 wrote; ``of_raw`` reads anything, in time that grows with its length, and knows nothing of how
elements nest: that is left to ``rebuild``.
"""

import re
from collections.abc import Iterator
from html import unescape

from aggregator.normalise.text import clean

Token = tuple[str, str]

BOUNDARIES = frozenset(
    "address article aside body button center details dialog dir div fieldset footer form"
    " header hgroup html legend main menu nav section summary".split()
)
"""Elements that only part what is in them from what is around them."""

DROPPED = frozenset(
    "applet audio canvas datalist iframe math noembed noframes noscript object script select style"
    " svg template textarea title video xmp".split()
)
"""Elements that go with what is in them."""

# How nh3 writes: lower case, double quotes, and no `<`, `>` or `"` but those of its tags.
_REGULAR = re.compile(r'<(/?[a-z][a-z0-9]*)((?: [^\s"=<>/]+="[^"]*")*)>|([^<]+)')

# An attribute's value may hold `>`.  What is not closed goes on to the end, as it does in browsers,
# and possessive repeats never go back, so that each character is read once.
_RAW = re.compile(
    r"""<!--.*?(?:-->|\Z)
      | <(?P<name>/?[a-z][^\s/>]*+)
        (?P<attributes>(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))|=)*+)(?:>|\Z)
      | <[!?/][^>]*+(?:>|\Z)
      | (?P<text>(?:[^<]++|<(?![a-z!?/]))++)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>]*+)))?""")
_ENDS = {name: re.compile(f"</{name}(?=[\\s/>]|\\Z)", re.IGNORECASE) for name in DROPPED}
_ENDLESS_NUMBER = re.compile(r"&#[0-9]{100,}+;?")


def of_regular(html: str) -> Iterator[Token]:
    """The tokens of HTML as nh3 writes it."""
    for match in _REGULAR.finditer(html):
        name, attributes, text = match.groups()
        if text is None:
            yield name, attributes
        else:
            yield "", _text(text)


def of_raw(html: str) -> Iterator[Token]:
    """The tokens of any HTML; comments and ``DROPPED`` elements are left out."""
    at = 0
    while match := _RAW.match(html, at):
        at = match.end()
        name = match["name"]
        if name is None:
            if match["text"]:
                yield "", clean(unescaped(match["text"]))
        elif (name := name.lower()) not in DROPPED:
            yield name, match["attributes"]
        else:
            end = _ENDS[name].search(html, at)
            at = end.start() if end else len(html)


def attributes_of(written: str) -> dict[str, str]:
    """A start tag's attributes by their names, decoded; of two by one name the first."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(written):
        found.setdefault(name.lower(), unescaped("".join(values)))
    return found


def unescaped(text: str) -> str:
    """``text`` with its character references decoded."""
    if "&" not in text:
        return text
    # Python does not read numbers of more than 4,300 digits.
    return unescape(_ENDLESS_NUMBER.sub("\ufffd", text))


def _text(written: str) -> str:
    if "&" in written:
        for reference, sign in _REFERENCES:
            written = written.replace(reference, sign)
    return clean(written)


_REFERENCES = (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))
"""All that nh3 writes, the ampersand last."""
