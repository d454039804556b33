"""HTML as feeds carry it, made safe and tidy, and read as plain text.

Takes HTML that may hold anything; gives ``Body``, whose ``html`` is built anew from an allow-list
and whose ``text`` is in the form that ``normalise.html`` gives to plain text, so that a release has
one fingerprint whichever way it came.  Pure.

It goes three steps.  nh3 reads the HTML as a browser would, and leaves out what acts, with what is
in it.  ``rebuild`` writes from what is left a plain form of its own: paragraphs, headings, lists,
tables, quotations, links, images.  Then nh3 looks again, with the allow-list of what may go out,
and only what it would not change by one character is given; so what is given stays as it is when
it goes through here again.

Browsers' ways with wrongly nested markup take time, and make output, that grow with the square of
the input.  So HTML of more than ``MOST_TAGS`` tags or ``MOST_CHARACTERS`` is read tag by tag
without them (``tokens.of_raw``), which differs only where the markup is wrong; what nests deeper
than ``rebuild.DEEPEST`` loses its elements and keeps its text; and HTML of more than
``MOST_INLINE`` tags keeps its blocks and loses its links and emphasis.
"""

import re
from collections.abc import Iterator
from html import escape

import nh3

from aggregator.normalise.html import Body, body_from_text
from aggregator.normalise.markup import plain, tokens
from aggregator.normalise.markup.rebuild import INLINE, REL, rebuild
from aggregator.normalise.text import clean, one_line

MOST_TAGS = 500
"""Tags, their ends included, of HTML that nh3 reads as it was found.

At worst so many take a fifth of a second, and a thousand more than half a second.
"""

MOST_CHARACTERS = 60_000
"""Characters of the same."""

MOST_INLINE = 20_000
"""Tags, their ends included, of HTML whose inline elements are kept."""

_TRIES = 3  # a link that nh3 refuses once it is absolute goes at the second

MOST_AMPERSANDS = 20_000
"""Ampersands of HTML that goes through nh3, which takes time by the square of their number."""

_ALLOWED = frozenset(
    "a abbr b blockquote br caption cite code dd del dfn dl dt em figcaption figure h1 h2 h3 h4 h5"
    " h6 hr i img ins kbd li mark ol p pre q s samp small strong sub sup table tbody td tfoot th"
    " thead tr u ul var".split()
)
_SEEN = _ALLOWED | frozenset(tokens.BOUNDARIES)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"alt", "height", "src", "title", "width"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https"}

_reader = nh3.Cleaner(
    tags=_SEEN,
    clean_content_tags=tokens.DROPPED,
    # The style of an image tells that it is not to be seen; it goes no further than `images`.
    attributes=_ATTRIBUTES | {"img": _ATTRIBUTES["img"] | {"style"}},
    url_schemes=_SCHEMES,
    url_relative="pass_through",
    link_rel=None,
)
_gate = nh3.Cleaner(
    tags=_ALLOWED,
    clean_content_tags=tokens.DROPPED,
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel=REL,
)
_EMPTY_LINE = re.compile(r"\n\s*\n")


def body_from_html(raw: str, base: str | None = None) -> Body:
    """``raw`` HTML, which may hold anything, as safe HTML and as plain text.

    Links and images are resolved against ``base``, an absolute http or https address; without it,
    or where they lead nowhere but the web, relative ones are left out and their text stays.  Links
    lose their tracking parameters and get ``rel="noopener noreferrer"``; images that only count
    readers are left out, as are scripts, styles, forms' fields, frames, objects, video and audio.
    Never raises; the same input always gives the same, and ``html`` given in again comes out the
    same.
    """
    html = _safe(raw, base)
    return Body(text=body_from_text(plain.text_of(html)).text, html=html)


def plain_from_html(raw: str) -> str:
    """``raw`` HTML of a title or a name as one line of plain text."""
    if "<" not in raw:
        return one_line(tokens.unescaped(raw))
    return one_line(plain.text_of(_safe(raw, None)))


def _safe(raw: str, base: str | None) -> str:
    """``raw`` as HTML that went through the gate unchanged."""
    made = ""
    if raw.count("&") > MOST_AMPERSANDS:
        return _paragraphs(plain.text_of(rebuild(tokens.of_raw(raw), None)))
    # UTF-8 has no lone surrogates.  All else is cleaned token by token: in NFC the `>` of a tag and
    # a stroke that follows it would be one sign.
    found = _read(raw.encode("utf-8", "ignore").decode())
    for _ in range(_TRIES):
        made = rebuild(found, base)
        if made.count("<") > MOST_INLINE:
            made = rebuild(_blocks(tokens.of_regular(made)), None)
        passed = _gate.clean(made)
        if passed == made and clean(made) == made:
            return made
        found = tokens.of_regular(_reader.clean(passed))
    return _paragraphs(plain.text_of(made))


def _read(raw: str) -> Iterator[tokens.Token]:
    if "<" not in raw:
        # What has no tag at all was text before it was called HTML: its empty lines part it.
        raw = _EMPTY_LINE.sub("<p>", raw)
    if len(raw) > MOST_CHARACTERS or raw.count("<") > MOST_TAGS:
        found = tokens.of_raw(raw)
        return _blocks(found) if raw.count("<") > MOST_INLINE else found
    return tokens.of_regular(_reader.clean(raw))


def _blocks(found: Iterator[tokens.Token]) -> Iterator[tokens.Token]:
    """What is found without its inline elements."""
    return (token for token in found if token[0].removeprefix("/") not in INLINE)


def _paragraphs(text: str) -> str:
    """Text as HTML that is nothing but paragraphs."""
    blocks = body_from_text(text).text.split("\n\n")
    return "\n".join(
        f"<p>{escape(block, quote=False)}</p>".replace("\n", "<br>\n") for block in blocks if block
    )
