"""Tell whether a document is all there, when the connection that it came by ended too early.

Takes the bytes of a body.  A length that is too long, or a last chunk that is missing, is a fault
of the server alone if the document itself says where it ends: XML and HTML by the end tag of the
root element, JSON by its last bracket.  Of any other text nobody can tell.  The time is linear in
the length of the body.
"""

import codecs
import json
import re

# Possessive repeats: no character is read twice.
_COMMENT = r"<!--(?:[^-]|-(?!->))*+-->"
_ROOT = re.compile(
    rf"(?:\s++|{_COMMENT}|<\?(?:[^?]|\?(?!>))*+\?>|<!DOCTYPE(?:[^>\[]|\[[^\]]*+\])*+>)*+"
    r"<([A-Za-z_][\w:.-]{0,100}+)[\s/>]",
    re.IGNORECASE,
)
# A comment of the server's cache may follow.
_AFTER = re.compile(rf"\s*+>(?:[\s\0]++|{_COMMENT})*+\Z")
_UNREAD = (("<![CDATA[", "]]>"), ("<!--", "-->"))


def is_complete(body: bytes) -> bool:
    """Return whether ``body``, decompressed, ends where its document does."""
    is_wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # Latin-1 keeps every byte, and markup is ASCII.
    text = body.decode("utf-16" if is_wide else "latin-1", "replace")
    text = text.removeprefix(codecs.BOM_UTF8.decode("latin-1"))
    if text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(body)
        except (ValueError, RecursionError):
            return False
        return True
    root = _ROOT.match(text)
    if root is None:
        return False
    names = {root[1], root[1].lower(), root[1].upper()}  # HTML may mix them
    end = max(text.rfind(f"</{name}") for name in names)
    if end < 0 or not _AFTER.match(text, end + 2 + len(root[1])):
        return False
    # An end tag in a text that is not markup closes nothing.
    return all(text.rfind(a, 0, end) <= text.rfind(b, 0, end) for a, b in _UNREAD)
