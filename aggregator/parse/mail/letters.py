"""Read mail: one message, or an mbox of them.

Takes a document; yields a ``Letter`` for each message: a digest in it, the releases that it lists,
or the one release that it is, with the time at which it was sent.  Other mails (automatic replies,
reports of delivery, encrypted ones) are a problem of one line.  The library ``email`` parses;
attachments are named and never opened (``docs/decisions/mail.md``).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage

from aggregator.errors import ParseError
from aggregator.model import Channel, Document, Item, Link, Markup, Parsed, Problem, Upstream
from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse import digest
from aggregator.parse.digest.wrapped import column_of, unwrapped
from aggregator.parse.mail.boilerplate import ORIGINAL
from aggregator.parse.mail.envelope import (
    Envelope,
    forwarded,
    not_a_release,
    read_envelope,
    with_forwarded,
)
from aggregator.parse.mail.lines import Line, html_lines, html_of, plain_lines, text_of
from aggregator.parse.mail.mbox import is_mbox, split
from aggregator.parse.mail.message import LIBRARY_ERRORS, MailError, parse_message
from aggregator.parse.mail.newsletter import Listed, headline, listed
from aggregator.parse.mail.parts import LONGEST_TEXT, Parts, parts_of

__all__ = ["Letter", "parse"]

_DIGESTED = re.compile(r"^Message: \d+\n", re.MULTILINE)
_BETWEEN = re.compile(r"\n-{30,70}\n+")
_DEEPEST = 3  # mails in mails
_MOST_MAILS = 1000
_MUCH = 400
_GREETING = 10
_LONGEST_TITLE = 300
KnowsAgency = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message held, and when it was sent, in UTC.

    A digest has no channel, as any digest.
    """

    parsed: Parsed
    sent: datetime | None = None


def parse(document: Document, knows_agency: KnowsAgency) -> Iterator[Letter]:
    """Yield what each message of ``document`` holds."""
    if not is_mbox(document.body):
        yield from _letters(document, document.body, knows_agency)
        return
    line = 1
    for message in split([document.body], len(document.body)):
        yield from _letters(document, message, knows_agency, line)
        line += message.count(b"\n") + 2


def _letters(
    document: Document, raw: bytes, knows_agency: KnowsAgency, line: int = 1
) -> Iterator[Letter]:
    lines = line, line + raw.count(b"\n")
    try:
        yield from list(_read(document, parse_message(raw), knows_agency, lines, _DEEPEST))
    except MailError as error:
        yield _problem(lines, str(error))
    except LIBRARY_ERRORS as error:
        yield _problem(lines, f"cannot be read: {one_line(str(error))}")


def _read(
    document: Document,
    message: EmailMessage,
    knows_agency: KnowsAgency,
    lines: tuple[int, int],
    depth: int,
) -> Iterator[Letter]:
    if (reason := not_a_release(message)) is not None:
        yield _problem(lines, reason)
        return
    parts = parts_of(message)
    parts.mails += [parse_message(mail.encode()) for mail in _digested(parts.plain)]
    if parts.plain.lstrip().startswith("-----BEGIN PGP MESSAGE-----"):
        yield _problem(lines, "is encrypted")
        return
    is_cover = len(f"{parts.plain}{parts.html}") < _MUCH
    is_digest = message.get_content_type() == "multipart/digest" or len(parts.mails) > 1
    if parts.mails and depth > 0 and (is_cover or is_digest):
        for mail in parts.mails[:_MOST_MAILS]:
            yield from _read(document, mail, knows_agency, lines, depth - 1)
        return
    envelope = read_envelope(message, document.modified, knows_agency)
    yield _letter(document, envelope, parts, knows_agency, lines)


def _digested(text: str) -> list[str]:
    """Return the mails in a plain digest of a mailing list (RFC 1153)."""
    if _DIGESTED.search(text) is None:
        return []
    parts = [_DIGESTED.sub("", part, count=1) for part in _BETWEEN.split(text)[1:]]
    return [part for part in parts if part.lstrip().startswith(("Date:", "From:", "Subject:"))]


def _problem(lines: tuple[int, int], reason: str) -> Letter:
    problem = Problem(lines=lines, reason=reason)
    return Letter(Parsed(items=(), problems=(problem,), channel=Channel()))


def _letter(
    document: Document,
    envelope: Envelope,
    parts: Parts,
    knows_agency: KnowsAgency,
    lines: tuple[int, int],
) -> Letter:
    plain = plain_lines(parts.plain, is_answer=envelope.is_answer)
    html = html_lines(parts.html, is_answer=envelope.is_answer) if parts.html else []
    for lines_of in (plain, html):
        if not envelope.is_answer and (inner := forwarded([one.text for one in lines_of])):
            envelope = with_forwarded(envelope, inner[1], knows_agency)
            del lines_of[: inner[0]]
    parsed = _digest(document, (text_of(plain), html_of(html)), knows_agency)
    if parsed is None:
        channel = Channel(title=envelope.name, home=envelope.home, language=envelope.language)
        parsed = Parsed(items=_listed(html, lines) or _listed(plain, lines), channel=channel)
        if not parsed.items:
            parsed = _release(parsed, envelope, (plain, html), parts.note, lines)
    notes = [envelope.problem] if envelope.problem is not None else []
    if parts.is_cut:
        notes.append(f"its text is cut after {LONGEST_TEXT:,} characters")
    details = [Problem(lines=(lines[0],) * 2, reason=note, rejected=False) for note in notes]
    parsed = replace(parsed, problems=(*parsed.problems, *details))
    return Letter(parsed, envelope.sent)


def _digest(document: Document, texts: Sequence[str], knows_agency: KnowsAgency) -> Parsed | None:
    """Return the digest in one of the texts of a mail, or None."""
    for text in texts:
        inner = replace(document, body=text.encode("utf-8", "replace"))
        try:
            parsed = digest.parse(inner, knows_agency)
        except ParseError:
            continue
        if parsed.items and (len(parsed.items) > 1 or _is_at_top(text, parsed.items[0])):
            first = parsed.items[0].lines[0]
            return replace(
                parsed, problems=tuple(_of_mail(problem, first) for problem in parsed.problems)
            )
    return None


def _of_mail(problem: Problem, first: int) -> Problem:
    """Return a problem of a digest; a few lines above its first title are a greeting."""
    is_greeting = problem.lines[1] < min(first, _GREETING)
    return replace(problem, rejected=False) if is_greeting else problem


def _is_at_top(text: str, item: Item) -> bool:
    """Return whether hardly any text is above an item: a credit may be at the end of a release."""
    above = "\n".join(text.split("\n")[: item.lines[0] - 1])
    return len(above) < min(_MUCH, len(text) / 2)


def _listed(lines: Sequence[Line], place: tuple[int, int]) -> tuple[Item, ...]:
    return tuple(_item(one, number, place) for number, one in enumerate(listed(lines)))


def _item(one: Listed, number: int, place: tuple[int, int]) -> Item:
    body, markup = _body(one.lines)
    return Item(
        position=number,
        lines=place,
        title=one.title,
        agency="",
        body=body,
        body_markup=markup,
        link=one.href,
        upstream=Upstream(links=(Link(href=one.href),), is_summary=True),
    )


def _body(lines: Sequence[Line], note: str = "") -> tuple[str, Markup]:
    """Return lines, and the note of the attachments below them, as the body of an item."""
    if any(line.html for line in lines):
        return html_of([*lines, Line(text=note)] if note else lines), "html"
    rows = text_of(lines).split("\n")
    text = "\n".join(unwrapped(rows, column_of([rows])))
    return f"{text}\n\n{note}".strip(), "text"


def _release(
    parsed: Parsed,
    envelope: Envelope,
    texts: tuple[Sequence[Line], Sequence[Line]],
    note: str,
    lines: tuple[int, int],
) -> Parsed:
    """Return the one release that a mail is, or the problem that it has no text."""
    plain, html = ([line for line in text if not ORIGINAL.match(line.text)] for text in texts)
    is_shown = len(text_of(html)) * 2 >= len(text_of(plain))
    text = html if html and is_shown else plain
    text = [
        line
        for number, line in enumerate(text)
        if number > 3 or one_line(line.text).casefold() != envelope.title.casefold()
    ]
    if is_blank(text_of(text)) and not note:
        reason = f"'{cut(envelope.title, 80)}' has no text" if envelope.title else "has no text"
        return replace(parsed, problems=(Problem(lines=lines, reason=reason),))
    title, page = envelope.title, envelope.page
    if (head := headline(text)) is not None and head.href is not None:
        page = page or Link(href=head.href)
        if one_line(head.text).casefold() in title.casefold():
            title, text = one_line(head.text), [line for line in text if line is not head]
    if is_blank(title) and text and len(text[0].text) <= _LONGEST_TITLE:
        title, text = one_line(text[0].text), text[1:]
    body, markup = _body(text, note)
    item = Item(
        position=0,
        lines=lines,
        title=title,
        agency=envelope.name,
        body=body,
        body_markup=markup,
        date=envelope.date,
        link=page.href if page else None,
        upstream=Upstream(
            id=envelope.key,
            links=(page,) if page else (),
            published=envelope.sent,
            categories=envelope.keywords,
            language=envelope.language,
        ),
    )
    return replace(parsed, items=(item,))
