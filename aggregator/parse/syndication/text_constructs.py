"""Tell HTML from plain text, where a feed does not say which it is.

RSS does not say whether a title is plain text.  The rule is feedparser's: HTML has an end tag or a
character reference, and all tags and references in it are those of HTML.
"""

import re
from html.entities import entitydefs

ELEMENTS = frozenset(
    "a abbr acronym address area article aside audio b big blockquote br button canvas caption"
    " center cite code col colgroup command datagrid datalist dd del details dfn dialog dir div dl"
    " dt em event-source fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i"
    " img input ins kbd keygen label legend li m map menu meter multicol nav nextid noscript ol"
    " optgroup option output p pre progress q s samp section select small sound source spacer span"
    " strike strong sub sup table tbody td textarea tfoot th thead time tr tt u ul var"
    " video".split()
)
"""The elements that make a text look like HTML."""

VOID = frozenset(
    "area base basefont br col command embed frame hr img input isindex keygen link meta param"
    " source track wbr".split()
)
_VOID_END = re.compile(rf"</(?:{'|'.join(sorted(VOID))})>")
_TELLING = re.compile(r"</\w+>|&#?\w+;")
_TAG = re.compile(r"</?(\w+)")
_REFERENCE = re.compile(r"&(\w+);")


def looks_like_html(text: str) -> bool:
    """Return whether ``text``, which may be plain, is HTML."""
    if "<" not in text and "&" not in text:
        return False
    if not _TELLING.search(text):
        return False
    return all(tag.lower() in ELEMENTS for tag in _TAG.findall(text)) and all(
        name in entitydefs for name in _REFERENCE.findall(text)
    )


def without_void_ends(html: str) -> str:
    """Return ``html`` without the end tags of void elements, such as ``</br>``."""
    return _VOID_END.sub("", html)
