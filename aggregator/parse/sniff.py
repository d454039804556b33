"""Recognise the format of a body from its content.

Takes the bytes and the server's media type; returns a kind.  Servers send feeds with any media
type, so it is only used where the content is ambiguous.
"""

import re
from typing import Literal

from aggregator.parse.charset import NotTextError, decode

Kind = Literal["digest", "mail", "xml", "json", "html", "empty", "binary"]
"""``xml`` may be a feed, ``html`` is a page that may link to one."""

_HEAD = 64 * 1024
_PATTERNS = (
    # XML without a byte order mark (XML 1.0, appendix F): `<?`, or `<` and a letter.
    (re.compile(rb"\s*\x00<\x00[?!A-Za-z]"), "utf-16-be"),
    (re.compile(rb"\s*<\x00[?!A-Za-z]\x00"), "utf-16-le"),
    (re.compile(rb"\x00\x00\x00<"), "utf-32-be"),
    (re.compile(rb"<\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_BEFORE_ROOT = re.compile(r"[\s\ufeff]+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)", re.IGNORECASE)
_FEED = re.compile(r"<(?:[\w.-]+:)?(rss|feed|rdf|channel)[\s>/]", re.IGNORECASE)
# After other text, a feed starts at its tag; in an attribute a tag is only mentioned.
_FEED_BEHIND = re.compile(r"(?:^|[\s>])" + _FEED.pattern, re.IGNORECASE)
_PAGE = re.compile(
    r"<(?:html|head|body|title|meta|link|script|style|div|p|h[1-6]|table|main|span|br|center|a"
    r"|article|section|header|hr|ul|ol|dl|pre|strong|em|b|i|font)"
    r"[\s>/]",
    re.IGNORECASE,
)
_JSON = re.compile(r"[\s\ufeff]*[{\[]\s*[\"{}\]\[]")
_SOURCE = re.compile(r"^Source[^\S\n]?:", re.MULTILINE)
_FIELDS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:\d{1,9}[ \t]*\r?\n)?(?:From [^\n]*\n)?"
    rb"((?:[!-9;-~]{1,100}+:[^\n]*(?:\n|\Z)(?:[ \t]++[^\s][^\n]*(?:\n|\Z))*+)++)"
)
_FIELD_NAME = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_OF_MAIL = frozenset(
    b"from received message-id return-path mime-version delivered-to dkim-signature".split()
)
_OF_MAIL_TOO = _OF_MAIL.union(b"date subject to sender reply-to content-type list-id".split())
_JUNK = 2_000  # characters of error messages that may precede a feed


def kind_of(body: bytes, media_type: str | None) -> Kind:
    """Return the kind of ``body``; ``media_type`` is the server's, without parameters."""
    if _is_mail(body, media_type):
        return "mail"
    text = _text(body)
    if text is None:
        return "binary"
    start = _root(text)
    rest = text[start : start + _JUNK]
    if not rest.strip("\ufeff \t\r\n\0"):
        return "empty" if not text.strip("\ufeff \t\r\n\0") else "xml"
    if rest.startswith("<"):
        return _marked_up(text, start, media_type)
    if _JSON.match(rest):
        return "json" if not _SOURCE.search(text) or _names(media_type, "json") else "digest"
    if _SOURCE.search(text):
        return "digest"
    if _FEED.search(rest):
        return "xml"  # after a message of the software that generated it
    if _PAGE.search(rest):
        return "html"
    return _by_name(media_type)


def root_name(body: bytes) -> str | None:
    """Return the name of a feed's root element in lower case, without prefix, if there is one."""
    found = _FEED.search(_text(body) or "")
    return found[1].lower() if found else None


def _is_mail(body: bytes, media_type: str | None) -> bool:
    """Return whether ``body`` starts with the header of a mail, of which two fields are telling."""
    found = _FIELDS.match(body[:_HEAD])
    if found is None:
        return False
    names = {name.lower() for name in _FIELD_NAME.findall(found[1])}
    is_named = _names(media_type, "rfc822") or _names(media_type, "mbox")
    return is_named or (bool(names & _OF_MAIL) and len(names & _OF_MAIL_TOO) >= 2)


def _text(body: bytes) -> str | None:
    """Return the start of ``body`` as text, or None for binary data."""
    head = body[:_HEAD]
    for pattern, encoding in _PATTERNS:
        if pattern.match(head):
            return head.decode(encoding, "replace")
    try:
        return decode(head)
    except NotTextError:
        # A feed with a stray NUL is broken, but not binary.
        text = head.replace(b"\0", b"").decode("utf-8", "replace")
        return text if _FEED.search(text[:_JUNK]) else None


def _root(text: str) -> int:
    """Return the end of declarations, comments and processing instructions at the top."""
    at = 0
    while found := _BEFORE_ROOT.match(text, at):
        at = found.end()
    return at


def _marked_up(text: str, start: int, media_type: str | None) -> Kind:
    doctype = _DOCTYPE.match(text, start)
    if doctype:
        is_page = doctype[1].lower() == "html" and not _feed_behind(text, start)
        return "html" if is_page else "xml"
    if _FEED.match(text, start):
        return "xml"
    if media_type is None and _SOURCE.search(text):
        return "digest"  # a file whose first title has markup
    if _PAGE.match(text, start):
        # An error message in HTML may precede the feed.
        return "xml" if _feed_behind(text, start) else "html"
    return "html" if _names(media_type, "html") else "xml"


def _feed_behind(text: str, start: int) -> bool:
    return _FEED_BEHIND.search(text, start, start + _JUNK) is not None


def _by_name(media_type: str | None) -> Kind:
    """Return the kind by media type, or ``digest``, whose errors are the clearest."""
    if _names(media_type, "html"):
        return "html"
    if _names(media_type, "json"):
        return "json"
    return "xml" if _names(media_type, "xml") else "digest"


def _names(media_type: str | None, kind: str) -> bool:
    return media_type is not None and kind in media_type.lower()
