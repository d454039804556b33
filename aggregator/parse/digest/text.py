"""The lines of a digest as it was written, without what mail and editors did to them.

Takes decoded text; returns ``Text``.  Undone are quotation marks of mail (``> ``) and indentation
of the whole document, the rest of a quoted-printable encoding, character references, and form
feeds.  ``wrapped`` joins wrapped lines later, when it is known what is a paragraph.
"""

import re
from dataclasses import dataclass, field

from aggregator.normalise.markup.tokens import unescaped
from aggregator.normalise.text import is_blank

_QUOTED = re.compile(r"[^\S\n]*>[^\S\n]?")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TYPOGRAPHIC = re.compile(rf"(?!&(?:amp|lt|gt|quot|apos);){_REFERENCE.pattern}")
# UTF-8 beyond ASCII (RFC 3629, section 4); nobody writes this by hand.
_ENCODED = re.compile(
    r"(?:=(?:C[2-9A-F]|D[0-9A-F])(?:=[89AB][0-9A-F])|=E[0-9A-F](?:=[89AB][0-9A-F]){2}"
    r"|=F[0-4](?:=[89AB][0-9A-F]){3})+"
)
_ESCAPE = re.compile(r"=(3D|20|09|2E|5F|A0)(?![0-9A-F])")
_SOFT_END = re.compile(r"[^=\s]=$|[^=] =$|=20=$")
_MOST_LEVELS = 5
_LONGEST_ENCODED = 76  # RFC 2045, section 6.7
_RULE = re.compile(r"\s*(?:[-=_*~#•·—–+]\s*){3,}")
_SIGNATURE = re.compile(r"-- ?")
_FOOTER = re.compile(
    r"unsubscribe|mailing list|listinfo|you (?:are receiving|received) this|manage (?:your )?"
    r"(?:subscription|preferences)|abbestellen|abmelden|newsletter|désabonner|désinscri"
    r"|darse de baja|cancelar (?:la )?suscripción|disiscriver|cancellati|afmelden|uitschrijven"
    r"|wypisać|cancelar (?:a )?(?:subscrição|assinatura)|avregistrera",
    re.I,
)
_LONGEST_SIGNATURE = 10
_LONGEST_FOOTER = 12


@dataclass(slots=True)
class Text:
    """The lines of a document, and the number of each in it, from 1.

    From HTML also: where each line starts in ``html``; which lines are headings, which are rows of
    several cells; the first address that a line links to.
    """

    lines: list[str]
    numbers: list[int]
    html: str | None = None
    starts: list[int] = field(default_factory=list)
    headings: set[int] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    links: dict[int, str] = field(default_factory=dict)


def read_text(raw: str) -> Text:
    """Return the lines of ``raw``, by every line end in use, including NEL and Unicode's."""
    raw = raw.removeprefix("\ufeff")
    for end in ("\r\n", "\r", "\x85", "\u2028", "\u2029"):
        raw = raw.replace(end, "\n")
    text = Text([], [])
    for number, line in enumerate(raw.split("\n"), 1):
        for part in line.split("\f") if "\f" in line else (line,):
            text.lines.append(part)
            text.numbers.append(number)
    _unquote(text)
    text.lines = ["" if line[:1] == ">" and not line.strip("> \t") else line for line in text.lines]
    if "=" in raw:
        _decode_quoted_printable(text)
    if "&" in raw:
        # Where an ampersand stands alone, "&amp;" is what somebody wrote.
        reference = _REFERENCE if raw.count("&") == len(_REFERENCE.findall(raw)) else _TYPOGRAPHIC
        text.lines = [_unescaped(line, reference) if "&" in line else line for line in text.lines]
    return text


def is_rule(line: str) -> bool:
    """Return whether a line only separates: ``-----``, ``* * *``, ``=====``."""
    return line[:1] in " \t-=_*~#•·—–+" and _RULE.fullmatch(line) is not None


def end_of_text(lines: list[str], start: int, end: int) -> int:
    """Return the end of the body ``lines[start:end]`` without a signature or the footer of a list.

    A separator at its end belongs to neither release.
    """
    while end > start and (is_blank(lines[end - 1]) or _is_separator(lines[end - 1])):
        end -= 1
    read = 0
    for number in range(end - 1, start - 1, -1):
        line = lines[number]
        if is_blank(line):
            continue
        read += 1
        if read > _LONGEST_FOOTER:
            break
        below = lines[number + 1 : end]
        if _SIGNATURE.fullmatch(line) and read <= _LONGEST_SIGNATURE + 1:
            return end_of_text(lines, start, number)
        if is_rule(line) and any(_FOOTER.search(other) for other in below):
            return end_of_text(lines, start, number)
    return end


def _is_separator(line: str) -> bool:
    return (len(line.strip()) >= 5 and is_rule(line)) or _SIGNATURE.fullmatch(line) is not None


def _unescaped(line: str, reference: re.Pattern[str]) -> str:
    found = reference.sub(lambda match: unescaped(match[0]), line)
    return found.replace("\n", " ").replace("\r", " ")


def _unquote(text: Text) -> None:
    """Remove quotation marks or indentation that all lines of a document have."""
    for _ in range(_MOST_LEVELS):
        written = [line for line in text.lines if line]
        quoted = sum(line.lstrip()[:1] == ">" for line in written)
        if not quoted or quoted * 10 < len(written) * 8:
            break
        text.lines = [_QUOTED.sub("", line, count=1) for line in text.lines]
    if all(line[:1].isspace() for line in text.lines if line):
        written = [line for line in text.lines if not is_blank(line)]
        least = min((len(line) - len(line.lstrip()) for line in written), default=0)
        text.lines = [line[least:] for line in text.lines] if len(written) > 1 else text.lines


def _decode_quoted_printable(text: Text) -> None:
    """Decode what a mail program left of the encoding (RFC 2045, section 6.7).

    Nothing is decoded but in a document with an encoded character, or with lines that all end
    where the encoding ends them.
    """
    encoded = any("=" in line and _ENCODED.search(line) for line in text.lines)
    soft = [line for line in text.lines if line.endswith("=") and _SOFT_END.search(line)]
    if (
        not encoded
        and sum(_LONGEST_ENCODED - 6 <= len(line) <= _LONGEST_ENCODED for line in soft) < 2
    ):
        return
    lines: list[str] = []
    numbers: list[int] = []
    is_open = False
    for line, number in zip(text.lines, text.numbers, strict=True):
        ends_soft = len(line) <= _LONGEST_ENCODED and _SOFT_END.search(line) is not None
        part = line[:-1] if ends_soft else line
        if is_open:
            lines[-1] += part
        else:
            lines.append(part)
            numbers.append(number)
        is_open = ends_soft
    text.lines = [_decoded(line) if "=" in line else line for line in lines]
    text.numbers = numbers


def _decoded(line: str) -> str:
    line = _ENCODED.sub(lambda match: _from_hex(match[0]), line)
    return _ESCAPE.sub(lambda match: "\xa0" if match[1] == "A0" else _from_hex(match[0]), line)


def _from_hex(escapes: str) -> str:
    return bytes.fromhex(escapes.replace("=", "")).decode("utf-8", "replace")
