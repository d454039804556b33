"""Decode a feed by the encoding that its server, its XML declaration or its byte order mark names.

Takes a document; returns its text.  The order is feedparser's, after RFC 3023: server, XML
declaration, byte order mark, UTF-8, then the most common others.  It is done here, and not by
feedparser, so that the text that was checked for entities is the text that is parsed: an encoding
such as UTF-7 could hide them.  A name that the bytes contradict is not taken: one of two bytes a
character for a document that starts with ``<`` in one, one of one byte for what is UTF-8.
"""

import codecs
import re

from aggregator.model import Document
from aggregator.parse.charset import BYTE_ORDER_MARKS, is_mislabelled

# `<?` and `<` in each encoding (XML 1.0, appendix F).
_PATTERNS = (
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"<\x00r\x00", "utf-16-le"),
    (b"<\x00f\x00", "utf-16-le"),
    (b"<\x00o\x00", "utf-16-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED = re.compile(rb"<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]+)[\"'][^>]*?\?>")
_WIDE = re.compile(r"(?:utf|ucs|u|iso-?10646-?ucs)[-_]?(?:16|32|2|4)|csucs4|csunicode")
# Character sets; Python also has codecs for escapes, compression and host names.
_FIT = re.compile(
    r"ascii|utf-(?:8|16|32)|utf-(?:16|32)-[lb]e|utf-8-sig|iso8859-\d+|cp\d+|koi8-[rut]|kz1048"
    r"|gb2312|gbk|gb18030|hz|big5(?:hkscs)?|euc_(?:jp|kr|jis_2004|jisx0213)|shift_jis\w*|iso2022_\w+"
    r"|johab|mac-\w+|tis-620|hp-roman8|ptcp154"
)
_MOST_BEFORE = 200  # white space before the first tag
UTF8 = frozenset(("utf-8", "utf8"))
"""The names of UTF-8 in feeds, in lower case."""


def declared(body: bytes) -> str | None:
    """Return the encoding in the XML declaration of ``body``, in lower case, or None."""
    found = _DECLARED.match(body)
    return found[1].decode("ascii").lower() if found else None


def text_of(document: Document) -> str:
    """Return the text of ``document`` without byte order mark, by the first encoding that fits.

    If none fits, it is decoded as UTF-8 with replacement characters.
    """
    return decode_xml(document.body, document.media_type, document.charset)


def decode_xml(body: bytes, media_type: str | None = None, charset: str | None = None) -> str:
    """Return the text of ``body`` likewise; the other arguments are the server's."""
    body, marked = _without_mark(body)
    narrow = body[:400].decode(marked, "ignore").encode("ascii", "replace") if marked else body
    in_declaration = declared(narrow)
    by_server = _by_server(media_type, charset, in_declaration)
    for name in (by_server, in_declaration, marked, "utf-8", "windows-1252", "iso-8859-2"):
        if name and marked and _WIDE.fullmatch(name.lower()):
            name = marked  # which has the byte order
        known = _known(name) if name else None
        if known is None or is_mislabelled(body, known):
            continue
        try:
            text = body.decode(known)
        except UnicodeDecodeError:
            continue
        starts_with_markup = body[:_MOST_BEFORE].lstrip().startswith(b"<")
        if not starts_with_markup or text[:_MOST_BEFORE].lstrip().startswith("<"):
            return text
    return body.decode("utf-8", "replace")


def _without_mark(body: bytes) -> tuple[bytes, str | None]:
    for mark, name in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :], name
    return body, next((name for start, name in _PATTERNS if body.startswith(start)), None)


def _by_server(media_type: str | None, charset: str | None, in_declaration: str | None) -> str:
    """Return the encoding by RFC 3023: text without a charset is US-ASCII, XML declares its own."""
    kind = (media_type or "").lower()
    if kind.startswith("text/"):
        return charset or "us-ascii"
    if kind in ("application/xml", "application/xml-dtd") or kind.endswith("+xml"):
        return charset or in_declaration or "utf-8"
    return in_declaration or "utf-8"


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if not _FIT.fullmatch(found):
        return None
    return "gb18030" if found == "gb2312" else found  # a superset
