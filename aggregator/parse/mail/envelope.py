"""Read the header of a mail: when it was sent, by whom, its title, and what is not a release.

Takes an ``EmailMessage``; returns an ``Envelope``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import islice
from urllib.parse import quote

from aggregator.model import Evidence, Link
from aggregator.normalise.header import read_header
from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse.mail.boilerplate import ORIGINAL
from aggregator.parse.mail.message import address_of, header, headers

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_CLOCKS = timedelta(days=1)  # how far the clocks of two computers may differ

_ID = re.compile(r"<?\s*([^\s<>]{1,300})\s*>?")
_LIST = re.compile(r"(.*?)\s*<([^<>]*)>\s*")
_TAG = re.compile(r"\[(?!embargo|update|correct|korr|corr)[^\[\]]{1,60}\]\s*", re.I)
_MARKS = re.compile(r"\s*(?:\*{2,}\s*\[?spam\]?\s*\*{2,}|\[?spam\]\s)\s*", re.IGNORECASE)
_FORWARDED = re.compile(
    r"\s*(?:re|aw|fwd?|wg|tr|rv|vs|vl|sv|antw|doorst|ref|rif|enc|res|odp|pd|vb|ynt|ilt|továbbítás"
    r"|отв|пересл|fs|απ|πρθ)\s*(?:\[\d+\])?\s*:\s*",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?:fwd?|wg|tr|rv|vb|enc|i|pd|vl|doorst)\s*:", re.I)
_ADDRESS_BEHIND = re.compile(r"\s*[\[(](?:mailto:)?([^\s\[\]()@]+@[^\s\[\]()]+)[\])]$")
_ARCHIVED = re.compile(r"\s*(\S+ at \S+)\s+\(([^()]+)\)\s*")  # as archives of lists write it
_KIND = re.compile(
    r"\s*(?:for immediate release|(?:press|news|media) (?:release|statement)|press notice"
    r"|press communiqu[eé]|(?:presse|medien)(?:mitteilung|information|meldung|erklärung)"
    r"|communiqu[eé](?: de presse)?|comunicado(?: de (?:prensa|imprensa))?"
    r"|nota (?:de prensa|de imprensa|à imprensa|stampa)|comunicato(?: stampa)?|persbericht"
    r"|pressmeddelande|pressemeddelelse|pressemelding|(?:lehdistö)?tiedote|fréttatilkynning"
    r"|tisková zpráva|tlačová správa|komunikat(?: prasowy)?|informacja prasowa"
    r"|sajtóközlemény|comunicat(?: de presă)?|δελτίο τύπου|пресс-релиз|прес-реліз"
    r"|прессъобщение|basın (?:açıklaması|bülteni)|priopćenje|sporočilo za javnost"
    r"|pressiteade|preses relīze|pranešimas spaudai)\s*(?:[:|–—]|\s-\s)\s*",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"(?:no-?reply|do-?not-?reply|info(?:rmation)?|news(?:letters?|desk|room)?|press(?:e|a)?"
    r"(?:[ -]?(?:office|team|desk|service|stelle|room))?|media(?:[ -]?(?:relations|team|office))?"
    r"|communications?|mail(?:er|ing)?|subscriptions?|alerts?|updates?|webmaster|postmaster)",
    re.IGNORECASE,
)
_OF_DESK = re.compile(rf"(.{{2,80}}?)[\s,–-]+{_DESK.pattern}(?: list)?", re.IGNORECASE)
_VIA = re.compile(r"\s+(?:via|through|par|über)\s+.*|\s*[(<].*", re.IGNORECASE)
_AWAY = re.compile(
    r"(?:auto(?:matic|matische|matisk)?[ -]?(?:reply|response|antwort|svar)\b"
    r"|out of (?:the )?office|abwesenheit|automatische antwort|réponse automatique"
    r"|respuesta automática|risposta automatica"
    r"|resposta automática|automatisch antwoord|autosvar|automatyczna odpowiedź|afwezig)",
    re.IGNORECASE,
)
_BOUNCE = re.compile(
    r"(?:undeliver(?:ed|able)|delivery (?:status notification|failure|has failed)|mail delivery"
    r"|returned mail|failure notice|unzustellbar|non remis|read(?: receipt)?:|gelesen:)",
    re.IGNORECASE,
)
_MEMBERSHIP = re.compile(
    r"(?:please )?(?:confirm|verify|activate) your (?:\w+ )?"
    r"(?:subscription|e-?mail|address|account)"
    r"|confirm [0-9a-f]{16,}|.{0,60}mailing list memberships? reminder"
    r"|.{0,60}subscription confirm(?:ation|ed)|welcome to the .{1,80} mailing list"
    r"|(?:bitte )?bestätigen sie (?:ihre|ihr)|confirmez votre (?:inscription|abonnement)"
    r"|confirme su suscripción",
    re.IGNORECASE,
)


_LABELS = {
    "from": "from von de da van från fra od lähettäjä avsender expéditeur feladó от від kimden από",
    "date": "date sent datum gesendet envoyé fecha enviado data inviato enviada verzonden skickat"
    " sendt dato lähetetty odesláno dne wysłano küldve dátum дата отправлено tarih ημερομηνία",
    "subject": "subject betreff objet asunto assunto oggetto onderwerp ämne emne aihe předmět temat"
    " tárgy subiect тема konu θέμα",
    "other": "to cc bcc an à para a aan till til kopie copie kopia komu do címzett reply-to"
    " кому kime προς importance attachments",
}
_NAMED = {word: name for name, words in _LABELS.items() for word in words.split()}
_LABELLED = re.compile(r"[\s*>]*([^\W\d_][\w-]{0,15})\s?\*?:\*?\s*(.*)")
_MOST_ABOVE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the header of a mail states.

    ``sent`` is when, in UTC, as written in ``date``; ``problem`` is what is wrong with that.
    ``name`` is the agency's, ``home`` an address of its domain, ``key`` the mail's id as an IRI.
    """

    title: str
    name: str
    home: str | None
    key: str | None
    sent: datetime | None
    date: str | None
    problem: str | None
    language: str | None
    page: Link | None
    is_answer: bool
    keywords: tuple[str, ...]


def read_envelope(
    message: EmailMessage, received: datetime, knows_agency: Callable[[str], bool]
) -> Envelope:
    """Return what the header states; ``received`` is the latest time that it can be of."""
    date, sent, problem = _sent(message, received + _CLOCKS)
    name, home = _sender(message, knows_agency)
    subject = header(message, "subject")
    return Envelope(
        title=_title(subject),
        name=name,
        home=home,
        key=_key(message),
        sent=min(sent, received) if sent is not None else None,
        date=date,
        problem=problem,
        language=header(message, "content-language").partition(",")[0].strip() or None,
        page=_page(header(message, "archived-at")),
        is_answer=bool(header(message, "in-reply-to")) and not _FORWARD.match(subject),
        keywords=tuple(word.strip() for word in header(message, "keywords").split(",") if word),
    )


def forwarded(lines: Sequence[str]) -> tuple[int, dict[str, str]] | None:
    """Return where a mail that is forwarded within a text begins, and its header, or None."""
    above = 0
    for number, line in enumerate(lines):
        is_start = ORIGINAL.match(line.strip()) is not None
        fields: dict[str, str] = {}
        end, stop = number + is_start, min(len(lines), number + 12)
        while end < stop and (found := _LABELLED.fullmatch(lines[end].strip())):
            if (name := _NAMED.get(found[1].lower())) is None:
                break
            fields.setdefault(name, found[2].strip())
            end += 1
        if "from" in fields and ("subject" in fields or "date" in fields):
            return end, fields
        above += len(line)
        if above > _MOST_ABOVE:
            break
    return None


def with_forwarded(
    envelope: Envelope, fields: dict[str, str], knows_agency: Callable[[str], bool]
) -> Envelope:
    """Return the envelope of a forwarded mail, whose header is ``fields``."""
    author = _ADDRESS_BEHIND.sub(r" <\1>", one_line(fields["from"]))
    name, home = _named(author, (), knows_agency)
    evidence = read_header(fields.get("date", ""))
    sent = envelope.sent
    if evidence is not None and (moment := _moment(evidence)) and moment >= _EARLIEST:
        sent = moment if sent is None else min(moment, sent)
    return replace(
        envelope,
        title=_title(fields.get("subject", "")) or envelope.title,
        name=name or envelope.name,
        home=home or envelope.home,
        sent=sent,
    )


def not_a_release(message: EmailMessage) -> str | None:
    """Return why a mail is not a release, as its header shows, or None."""
    subject = header(message, "subject")
    kind = message.get_content_type()
    smime = str(message.get_param("smime-type", "")).lower()
    if kind == "multipart/encrypted" or (kind.endswith("pkcs7-mime") and smime != "signed-data"):
        return "is encrypted"
    if kind.endswith("pkcs7-mime"):
        return "is signed in a form that hides its text (S/MIME)"
    sender = address_of(header(message, "from"))[1].partition("@")[0].lower()
    if kind == "multipart/report" or header(message, "x-failed-recipients"):
        return "is a report of delivery, not a release"
    if sender == "mailer-daemon" or _BOUNCE.match(subject):
        return "is a report of delivery, not a release"
    automatic = header(message, "auto-submitted").lower().startswith("auto-replied")
    precedence = header(message, "precedence").lower() in ("auto_reply", "auto-reply")
    said = any(header(message, f"x-{name}") for name in ("autoreply", "autorespond"))
    if automatic or precedence or said or _AWAY.match(subject):
        return "is an automatic reply, not a release"
    if kind == "text/calendar":
        return "is an entry for a calendar, not a release"
    if _MEMBERSHIP.match(subject):
        return "is about a subscription, not a release"
    return None


def _sent(
    message: EmailMessage, latest: datetime
) -> tuple[str | None, datetime | None, str | None]:
    """Return the date as written, the time that it means, and what is wrong with the header's."""
    problem = "has no date"
    for date, written in _dates(message):
        evidence = read_header(date)
        if evidence is None:
            fault = "is not a date"
        else:
            moment = _moment(evidence)
            if moment is not None and _EARLIEST <= moment <= latest:
                return date, moment, None if written == "Date" else problem
            fault = "is later than the mail was here" if moment and moment > latest else "is unset"
        if written == "Date":
            problem = f"'Date: {cut(date, 60)}' {fault} and is left out"
    return None, None, problem


def _moment(evidence: Evidence) -> datetime | None:
    day = evidence.first.to_date()
    if evidence.moment is not None or day is None:
        return evidence.moment
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _dates(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for name in ("Date", "Resent-Date", "Delivery-Date"):
        if value := header(message, name.lower()):
            yield value, name
    for value in islice(headers(message, "received"), 10):
        yield value.rpartition(";")[2].strip(), "Received"


def _title(subject: str) -> str:
    """Return the title in a subject: without marks of lists, of forwarding, and of its kind."""
    title = before = subject
    for mark in (_MARKS, _TAG, _FORWARDED, _TAG, _FORWARDED, _KIND):
        while (found := mark.match(title)) and not is_blank(title[found.end() :]):
            title = title[found.end() :]
            if mark is _KIND:
                break
    return title.strip() or before


def _sender(message: EmailMessage, knows_agency: Callable[[str], bool]) -> tuple[str, str | None]:
    """Return the name of the agency, and the address of its domain."""
    written = next((str(value) for name, value in message.raw_items() if name == "From"), "")
    archived = _ARCHIVED.fullmatch(written)
    author = f"{archived[2]} <{archived[1].replace(' at ', '@')}>" if archived else ""
    listed = _LIST.fullmatch(header(message, "list-id"))
    others = [header(message, "organization"), listed[1] if listed else ""]
    return _named(author or header(message, "from"), others, knows_agency)


def _named(
    author: str, others: Sequence[str], knows_agency: Callable[[str], bool]
) -> tuple[str, str | None]:
    """Return the name in ``author``, else one of ``others``, and the address of its domain."""
    shown, address = address_of(author)
    domain = address.rpartition("@")[2].strip(".").lower()
    names = [_VIA.sub("", shown), *others]
    names = [name for each in names if not is_blank(name := one_line(each.strip("'\" ")))]
    of_desks = [match[1] for name in names if (match := _OF_DESK.fullmatch(name)) is not None]
    known = [name for name in (shown, *names, *of_desks) if knows_agency(name)]
    telling = [name for name in names if not _DESK.fullmatch(name) and "@" not in name]
    home = f"https://{domain}/" if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain) else None
    return next(iter(known + telling), domain or address), home


def _key(message: EmailMessage) -> str | None:
    """Return the Message-ID as an IRI (RFC 2392)."""
    found = _ID.fullmatch(header(message, "message-id"))
    return f"mid:{quote(found[1], safe='@!$&*+=.-_~')}" if found else None


def _page(address: str) -> Link | None:
    """Return the page of a mail in the archive of its list (RFC 5064)."""
    href = address.strip("<> ")
    return Link(href=href) if href.startswith(("http://", "https://")) else None
