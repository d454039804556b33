"""Find the texts of a mail, and name its attachments.

Takes an ``EmailMessage``; returns ``Parts``.  Attachments are named and never decoded.
"""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage

from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse.charset import NotTextError, decode, is_mislabelled

LONGEST_TEXT = 2_000_000
"""Characters of a text that are read."""

_MOST_NAMED = 20
_SIGNATURES = re.compile(r"application/(?:x-)?(?:pkcs7-signature|pgp-(?:signature|keys))")
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(?:!doctype html|html|body|table|div)\b", re.IGNORECASE)


@dataclass(slots=True)
class Parts:
    """The texts of a mail, the mails within it, and its attachments in words."""

    plain: str = ""
    html: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    is_cut: bool = False

    @property
    def note(self) -> str:
        """One line that names the attachments, or an empty text."""
        if not self.attachments:
            return ""
        more = len(self.attachments) - _MOST_NAMED
        rest = f", and {more:,} more" if more > 0 else ""
        return "Attachments: " + ", ".join(self.attachments[:_MOST_NAMED]) + rest


def parts_of(message: EmailMessage) -> Parts:
    """Return the texts, mails and attachments of ``message``."""
    found = Parts()
    waiting = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if kind == "message/rfc822":
            found.mails += [mail for mail in _children(part) if mail.keys()]
        elif part.is_multipart():
            waiting += reversed(_children(part))
        elif kind in ("text/plain", "text/html") and not _is_attachment(part, message):
            _add_text(found, part, kind)
        elif not _SIGNATURES.fullmatch(kind) and not _is_picture_of_text(part, kind):
            found.attachments.append(_named(part, kind))
    found.is_cut = max(len(found.plain), len(found.html)) > LONGEST_TEXT
    found.plain, found.html = found.plain[:LONGEST_TEXT], found.html[:LONGEST_TEXT]
    if not found.html and _PAGE.match(found.plain):
        found.plain, found.html = "", found.plain
    return found


def _children(part: EmailMessage) -> list[EmailMessage]:
    payload = part.get_payload()
    return [p for p in payload if isinstance(p, EmailMessage)] if isinstance(payload, list) else []


def _is_attachment(part: EmailMessage, message: EmailMessage) -> bool:
    if part is message:
        return False
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _is_picture_of_text(part: EmailMessage, kind: str) -> bool:
    is_attached = part.get_content_disposition() == "attachment"
    return kind.startswith("image/") and "content-id" in part and not is_attached


def _add_text(found: Parts, part: EmailMessage, kind: str) -> None:
    text = _text(part)
    if is_blank(text):
        return
    if kind == "text/html":
        found.html = f"{found.html}\n{text}" if found.html else text
    else:
        if str(part.get_param("format", "")).lower() == "flowed":
            text = _unflowed(text, str(part.get_param("delsp", "")).lower() == "yes")
        found.plain = f"{found.plain}\n\n{text}" if found.plain else text


def _text(part: EmailMessage) -> str:
    """Return a text in its charset; a wrong or unknown one is replaced by what the bytes are."""
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        return ""
    charset = part.get_content_charset() or _declared(body)
    if charset is not None and not is_mislabelled(body, charset):
        if charset in ("iso-8859-1", "latin-1", "us-ascii"):
            charset = "cp1252"  # as browsers do
        try:
            return body.decode(charset)
        except (LookupError, ValueError):
            pass  # unknown, not that of these bytes, or no name at all
    try:
        return decode(body)
    except NotTextError:
        return body.replace(b"\0", b"").decode("utf-8", "replace")


def _declared(body: bytes) -> str | None:
    found = _META_CHARSET.search(body[:2000])
    return found[1].decode("ascii", "replace").lower() if found else None


def _unflowed(text: str, delete_space: bool) -> str:
    """Join the lines of a ``format=flowed`` text (RFC 3676); quoted ones stay as they are."""
    lines: list[str] = []
    is_open = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.startswith(">"):
            line = line.removeprefix(" ")
        if is_open and not line.startswith(">") and line.strip() and line != "-- ":
            lines[-1] = (lines[-1][:-1] if delete_space else lines[-1]) + line
        else:
            lines.append(line)
        is_open = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(lines)


def _named(part: EmailMessage, kind: str) -> str:
    name = one_line(part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    payload = part.get_payload()
    length = len(payload) if isinstance(payload, str) else 0
    if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64":
        length = length * 3 // 4
    return f"{cut(name, 100) or 'unnamed'} ({kind}, {_size(length)})"


def _size(length: int) -> str:
    if length < 1000:
        return f"{length} B"
    return f"{length / 1000:.0f} kB" if length < 1_000_000 else f"{length / 1_000_000:.1f} MB"
