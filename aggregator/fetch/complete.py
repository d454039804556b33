"""Tell whether a document is all there, when the connection that it came by ended too early.

Takes the bytes of a body.  A length that is too long, or a last chunk that is missing, is a fault
of the server alone if the document itself says where it ends: XML and HTML by the end tag of the
root element, JSON by its last bracket.  Of any other text nobody can tell.
"""

import json
import re

_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>\s*)*"
    rb"<([A-Za-z_][\w:.-]{0,100})(?=[\s/>])",
    re.DOTALL | re.IGNORECASE,
)
_AFTER = re.compile(rb"(?:\s|\0|<!--(?:(?!-->).)*-->)*\Z", re.DOTALL)
_LONGEST_TAIL = 4096  # bytes behind the end tag


def is_complete(body: bytes) -> bool:
    """Return whether ``body``, decompressed, ends where its document does."""
    text = body.strip()
    if text[:1] in (b"{", b"["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return False
        return True
    root = _ROOT.match(body)
    if root is None:
        return False
    tail = body[-_LONGEST_TAIL:]
    end = tail.lower().rfind(b"</" + root[1].lower())
    closed = re.compile(rb"</[^\s>]*\s*>").match(tail, end) if end >= 0 else None
    return closed is not None and _AFTER.match(tail, closed.end()) is not None
