"""Sanitise the HTML of feeds, and extract its plain text.

Takes HTML that may contain anything; returns a ``Body`` whose ``html`` is written from an
allow-list and whose ``text`` has the same form as a digest's text, so that a release has one
fingerprint in both.  Pure; never raises.

``tokens`` splits the HTML into tags and text, ``writer`` writes a plain form of it (paragraphs,
headings, lists, tables, quotations, links, images), and nh3 has the last word: only HTML that nh3
would not change by a single character is returned.  HTML of nothing but text, emphasis and links in
paragraphs and lists is read by ``simple`` instead, in a third of the time and with the same result;
where it has links nh3 has the last word on it too.  Because the
output is a fixed point of nh3 and of this module, sanitising it again returns it unchanged.

Every step is linear in the input.  A browser's algorithm is not: on wrongly nested inline elements
its time and its output grow with the square of the input (HTML, section 13.2.6.4), so no browser's
parser reads the input (``docs/decisions/html.md``).
"""

import re
from collections.abc import Iterator
from html import escape

import nh3

from aggregator.normalise.html import Body, tidy_text
from aggregator.normalise.markup import plain
from aggregator.normalise.markup.elements import ALLOWED, INLINE
from aggregator.normalise.markup.references import REL
from aggregator.normalise.markup.simple import simple_body
from aggregator.normalise.markup.substitutes import is_needed, substituted
from aggregator.normalise.markup.tokens import Token, tokenise, unescaped
from aggregator.normalise.markup.writer import write
from aggregator.normalise.text import clean, one_line

MOST_INLINE = 20_000
"""Tags, including end tags, of HTML whose links and emphasis are kept."""

MOST_AMPERSANDS = 20_000
"""Ampersands of HTML that is passed to nh3, whose time grows with the square of their number."""

_TRIES = 3  # nh3 refuses few links, and those are left out at the second try

_final_check = nh3.Cleaner(
    tags=ALLOWED,
    attributes={
        "a": {"href", "title"},
        "abbr": {"title"},
        "img": {"alt", "height", "src", "title", "width"},
        "li": {"value"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
    link_rel=REL,
)
# What HTML has and plain text has not: a start tag, an end tag, a comment.
_MARKUP = re.compile(r"<(?:[a-z][a-z0-9:-]*(?:[\s/>]|\Z)|/[a-z]|[!?])", re.IGNORECASE)
# In `a <b and c` the sign does not start a tag: words follow, no value, and no `>` before the next
# tag.
_LESS_THAN = re.compile(
    r"""<(?=[a-z][a-z0-9]*+\s++(?:[^\s<>="'/][^<>="']*+<
        |[^\s<>="'/]++\s++[^\s<>="'][^<>="']*+\Z))""",
    re.IGNORECASE | re.VERBOSE,
)
_EMPTY_LINE = re.compile(r"\n\s*\n")


def body_from_html(raw: str, base: str | None = None) -> Body:
    """Return ``raw`` as safe HTML and as plain text.

    Links and images are resolved against ``base``, an absolute http or https address; without it
    relative ones are removed, and so is what leads anywhere but to the web, to a mail address or
    to a telephone.  The text of a link stays.  Links lose their tracking parameters and get
    ``rel="noopener noreferrer"``.  Frames, objects, video and audio become links.  Tracking pixels,
    scripts, styles, form controls and hidden elements are removed.
    """
    body = simple_body(raw, base)
    if body is not None and ("<a " not in body.html or _final_check.clean(body.html) == body.html):
        return body
    html = _sanitised(raw, base)
    return Body(text=tidy_text(plain.text_of(html)), html=html)


def plain_from_html(raw: str) -> str:
    """Return ``raw``, the HTML of a title or a name, as one line of plain text."""
    if "<" not in raw:
        return one_line(unescaped(raw))
    return one_line(plain.text_of(_sanitised(raw, None)))


def _sanitised(raw: str, base: str | None) -> str:
    """Return HTML that nh3 and ``clean`` leave unchanged."""
    raw = _LESS_THAN.sub("&lt;", raw)
    if raw.count("&") > MOST_AMPERSANDS:
        return _paragraphs(plain.text_of(write(substituted(tokenise(raw), None), None)))
    if not _MARKUP.search(raw):
        # Without a tag it was plain text before it was declared HTML: empty lines end paragraphs.
        raw = _EMPTY_LINE.sub("<p>", raw.replace("<", "&lt;"))
    found = tokenise(raw)
    if is_needed(raw):
        found = substituted(found, base)
    if raw.count("<") > MOST_INLINE:
        found = _without_inline(found)
    written = ""
    for _ in range(_TRIES):
        written = write(found, base)
        if written.count("<") > MOST_INLINE:
            written = write(_without_inline(tokenise(written)), None)
        passed = _final_check.clean(written)
        # NFC could join the `>` of a tag and a combining stroke after it into one character.
        if passed == written and clean(written) == written:
            return written
        found = tokenise(passed)
    return _paragraphs(plain.text_of(written))


def _without_inline(tokens: Iterator[Token]) -> Iterator[Token]:
    return (token for token in tokens if token[0].removeprefix("/") not in INLINE)


def _paragraphs(text: str) -> str:
    """Return ``text`` as HTML of paragraphs alone."""
    blocks = tidy_text(text).split("\n\n")
    return "\n".join(
        f"<p>{escape(block, quote=False)}</p>".replace("\n", "<br>\n") for block in blocks if block
    )
