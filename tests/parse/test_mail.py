"""Mail: what is a digest, a list of releases, one release or none, and what hostile mail costs."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from aggregator.model import Item
from aggregator.parse.mail.boilerplate import target
from aggregator.parse.mail.letters import Letter, parse
from aggregator.parse.mail.mbox import is_complete, split
from aggregator.parse.sniff import kind_of
from tests.support.project import document

KNOWN = {"NATO", "Europol"}
SENT = datetime(2024, 5, 3, 8, 0, tzinfo=UTC)
DIGEST = """\
Harbour drill ends in fog

Source: NATO
Link: https://example.org/harbour

The crews were thanked.

Forged notes seized in three ports

Source: Europol

Officers counted until morning.
"""


def message(
    text: str | None = None, html: str | None = None, subject: str = "A title", **headers: str
) -> EmailMessage:
    """A mail of the third of May 2024; ``Date=""`` leaves a header out."""
    built = EmailMessage()
    fields = {
        "From": "Coast Guard <press@coast.example>",
        "Subject": subject,
        "Date": "Fri, 03 May 2024 10:00:00 +0200",
        "Message-ID": "<one@coast.example>",
    }
    for name, value in (fields | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        if value:
            built[name] = value
    if text is not None:
        built.set_content(text)
    if html is not None and text is not None:
        built.add_alternative(html, subtype="html")
    elif html is not None:
        built.set_content(html, subtype="html")
    return built


def letters(mails: EmailMessage | bytes) -> list[Letter]:
    body = mails if isinstance(mails, bytes) else mails.as_bytes()
    return list(parse(document(body, name="a.eml"), KNOWN.__contains__))


def items(mails: EmailMessage | bytes) -> list[Item]:
    return [item for letter in letters(mails) for item in letter.parsed.items]


def one(mails: EmailMessage | bytes) -> Item:
    (item,) = items(mails)
    return item


def reasons(mails: EmailMessage | bytes) -> list[str]:
    return [problem.reason for letter in letters(mails) for problem in letter.parsed.problems]


def titles_and_links(mails: EmailMessage | bytes) -> list[tuple[str, str | None]]:
    return [(item.title, item.link) for item in items(mails)]


DASHES = "-" * 30
HTML_DIGEST = "".join(f"<p>{block}</p>" for block in DIGEST.split("\n\n"))


@pytest.mark.parametrize(
    "built",
    [
        message(DIGEST),
        message(f"Dear all,\n\n{DIGEST}\n-- \nThe press desk\n"),
        message(html=HTML_DIGEST),
        message("Your program shows no HTML.", HTML_DIGEST),
        message(f"See below.\n\n---- Original Message ----\nFrom: A\nSubject: B\n\n{DIGEST}"),
    ],
    ids=["plain", "greeting and signature", "html", "alternative", "forwarded"],
)
def test_digest_in_a_mail_has_its_own_items(built: EmailMessage) -> None:
    """The mail bounds their dates; a greeting or signature is neither an item nor left out."""
    (letter,) = letters(built)
    assert [item.title for item in letter.parsed.items] == [
        "Harbour drill ends in fog",
        "Forged notes seized in three ports",
    ]
    assert "Officers counted until morning." in letter.parsed.items[-1].body
    assert letter.parsed.channel is None
    assert letter.sent == SENT
    assert not any(problem.rejected for problem in letter.parsed.problems)


PIER = "Harbour office opens a new pier"
RULES = "Ministers agree on ballast water"
PIER_URL, RULES_URL = "https://coast.example/news/1", "https://coast.example/news/2"
UNSUBSCRIBE = "https://lists.example/unsubscribe?u=1"
PLAIN_LISTS = {
    "address below title": (
        f"News\n\n{PIER}\n{PIER_URL}\n\nIt is open.\n\n{RULES}\n{RULES_URL}\nYes.\n"
    ),
    "address at the end": (
        f"Today's news\n\n{PIER}\n\nIt is open.\nRead more: {PIER_URL}\n\n"
        f"{RULES}\n\nYes, they do.\nRead more: {RULES_URL}\n"
    ),
    "address in brackets": f"* {PIER} <{PIER_URL}>\n  It is open.\n\n* {RULES} <{RULES_URL}>\n",
    "numbered": f"1. {PIER}\n   {PIER_URL}\n   Open.\n\n2. {RULES}\n   {RULES_URL}\n   Yes.\n",
    "dates in front": f"3 May 2024 - {PIER}\n{PIER_URL}\n\n2 May 2024: {RULES}\n{RULES_URL}\n",
    "markdown": f"## [{PIER}]({PIER_URL})\nOpen.\n\n## [{RULES}]({RULES_URL})\nYes.\n",
    "footnotes": (
        f"{PIER} [1]\nIt is open.\n\n{RULES} [2]\n\nLinks:\n[1] {PIER_URL}\n[2] {RULES_URL}\n"
    ),
    "titles alone": f"{PIER}\n{PIER_URL}\n{RULES}\n{RULES_URL}\n",
    "ruled": f"{PIER}\n{PIER_URL}\n\n-----------\n\n{RULES}\n{RULES_URL}\n\n-----------\n",
}
HTML_LISTS = {
    "linked headings": (
        f'<h2><a href="{PIER_URL}">{PIER}</a></h2><p>It is open.</p>'
        f'<h2><a href="{RULES_URL}">{RULES}</a></h2><p>Yes.</p>'
    ),
    "layout tables": (
        f'<table><tr><td><table><tr><td><a href="{PIER_URL}"><b>{PIER}</b></a><br>It is open.</td>'
        f'</tr></table></td></tr><tr><td><a href="{RULES_URL}">{RULES}</a></td><td>Yes.</td></tr>'
        "</table>"
    ),
    "headings with a link below": (
        f'<h1>News of the week</h1><h3>{PIER}</h3><p>It is open. <a href="{PIER_URL}">More</a></p>'
        f'<h3>{RULES}</h3><p>Yes.</p><p><a href="{RULES_URL}">Weiterlesen</a></p>'
    ),
    "bold lines": (
        f'<p><strong>{PIER}</strong></p><p>Open.</p><p><a href="{PIER_URL}">Read on...</a></p>'
        f'<p><strong>{RULES}</strong></p><p>Yes.</p><p><a href="{RULES_URL}">Read on...</a></p>'
    ),
    "dates in front": (
        f'<p>03/05/2024 - <a href="{PIER_URL}">{PIER}</a></p>'
        f'<p>02/05/2024 - <a href="{RULES_URL}">{RULES}</a></p>'
    ),
    "bare addresses": (
        f'<p><b>{PIER}</b><br>It is open.<br><a href="{PIER_URL}">{PIER_URL}</a></p>'
        f'<p><b>{RULES}</b><br>Yes.<br><a href="{RULES_URL}">{RULES_URL}</a></p>'
    ),
    "picture, title and label": "".join(
        f'<a href="{url}"><img src="https://coast.example/1.jpg" alt="Picture"></a>'
        f'<h2><a href="{url}">{title}</a></h2><p>Text. <a href="{url}/3">Full article</a></p>'
        for title, url in ((PIER, PIER_URL), (RULES, RULES_URL))
    ),
    "list items": (
        f'<ul><li><a href="{PIER_URL}">{PIER}</a> – it is open</li>'
        f'<li><a href="{RULES_URL}">{RULES}</a> – they do</li></ul>'
    ),
}
HTML_FRAME = (
    '<p><a href="https://lists.example/view/1">View this email in your browser</a></p>{}'
    '<p><a href="https://www.facebook.com/coast">Follow us on our social media page</a></p>'
    '<p>You are receiving this as you asked. <a href="{}">Unsubscribe from this list now</a></p>'
)


@pytest.mark.parametrize("text", PLAIN_LISTS.values(), ids=PLAIN_LISTS)
def test_plain_newsletter_lists_releases(text: str) -> None:
    top = "View in your browser: https://lists.example/view/1\n"
    framed = f"{top}\n{text}\nUnsubscribe: {UNSUBSCRIBE}\n"
    assert titles_and_links(message(framed)) == [(PIER, PIER_URL), (RULES, RULES_URL)]


@pytest.mark.parametrize("html", HTML_LISTS.values(), ids=HTML_LISTS)
def test_html_newsletter_lists_releases(html: str) -> None:
    built = message("No HTML?", HTML_FRAME.format(html, UNSUBSCRIBE))
    assert titles_and_links(built) == [(PIER, PIER_URL), (RULES, RULES_URL)]
    assert not any(word in item.body for item in items(built) for word in ("nsubscribe", "Follow"))
    assert all(item.upstream and item.upstream.is_summary for item in items(built))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"https://click.example/CL0/{PIER_URL.replace('/', '%2F')}/1/abc", PIER_URL),
        (f"https://links.example/track?type=click&&&101&&&{PIER_URL}", PIER_URL),
        (f"https://t.example/redirect?url={PIER_URL.replace('/', '%2F')}&id=2", PIER_URL),
        ("https://t.example/ls/click?upn=u001.abc", "https://t.example/ls/click?upn=u001.abc"),
        (f"https://archive.example/page?about={PIER_URL}", None),
        ("https://[broken/?u=https://a.example", None),
    ],
)
def test_redirect_is_followed_only_on_paper(address: str, expected: str | None) -> None:
    assert target(address) == (expected or address)


def test_date_in_other_forms_is_read() -> None:
    raw = b"From: a@b.example\nSubject: c\nDate: %s\n\nText.\n"
    for date in (b"2024-05-03T08:00:00Z", b"Fri, 3 May 2024 04:00:00 EDT", b"3 May 2024 08:00 GMT"):
        assert letters(raw % date)[0].sent == SENT


def test_footer_of_links_is_left_out() -> None:
    footer = (
        f'<p>Sent by the office | <a href="{UNSUBSCRIBE[:25]}">Unsubscribe</a> | '
        '<a href="https://lists.example/p">Privacy</a></p>'
    )
    assert one(message(html=f"<p>The pier is open.</p>{footer}")).body == "<p>The pier is open.</p>"


def test_one_release_has_title_agency_date_and_text_of_the_mail() -> None:
    built = message(
        "The pier is open.\n\nOn Mon, 3 May 2024, Jane Roe wrote:\n> an older mail\n\n"
        "________________________\nPress mailing list\nhttps://lists.example/press\n",
        subject="FW: [press] Press release: Pier opens",
    )
    built.add_attachment(b"P" * 20_000, maintype="application", subtype="pdf", filename="../a.pdf")
    (letter,) = letters(built)
    (item,) = letter.parsed.items
    assert (item.title, item.agency) == ("Pier opens", "Coast Guard")
    assert item.body == "The pier is open.\n\nAttachments: a.pdf (application/pdf, 20 kB)"
    assert item.upstream is not None
    assert item.upstream.id == "mid:one@coast.example"
    assert item.upstream.published == letter.sent == SENT
    assert letter.parsed.channel is not None
    assert letter.parsed.channel.title == "Coast Guard"


@pytest.mark.parametrize("desk", ["Press", "Media Relations", "News", "Press list"])
def test_press_desk_of_a_configured_agency_is_that_agency(desk: str) -> None:
    mail = {"From": f"Europol {desk} <press@europol.example>"}
    assert one(message("The pier was opened by the crew.", **mail)).agency == "Europol"
    mail = {"From": f"Elsewhere {desk} <press@elsewhere.example>"}
    assert one(message("The pier was opened by the crew.", **mail)).agency == f"Elsewhere {desk}"


def test_release_with_links_is_not_a_list() -> None:
    prose = "<p>The pier is open to all boats of the fleet, the office said.</p>" * 10
    links = "".join(
        f'<li><a href="https://coast.example/{n}">The report of the year {n}</a></li>'
        for n in range(2020, 2024)
    )
    assert one(message(html=f"{prose}<p>See also:</p><ul>{links}</ul>")).title == "A title"


def test_sections_of_a_release_are_not_a_list() -> None:
    sections = "".join(
        f'<h3>{name}</h3><p>See <a href="https://coast.example/{name}">the {name} page</a></p>'
        for name in ("Background", "Contact", "Photos")
    )
    assert one(message(html=f"<h2>Pier opens</h2><p>It is open.</p>{sections}")).title == "A title"


def test_plain_digest_of_a_mailing_list_holds_mails() -> None:
    mails = "".join(
        f"\n{DASHES}\n\nMessage: {n}\nDate: Thu, {n} Feb 2024 10:00 +0000\nFrom: NATO <a@b.c>\n"
        f"Subject: [press] Title {n}\n\nText {n}.\n"
        for n in (1, 2)
    )
    found = letters(message(f"Today's Topics:\n\n  1. Title 1\n{mails}\n{DASHES}\n\nEnd\n"))
    assert [item.title for one in found for item in one.parsed.items] == ["Title 1", "Title 2"]
    assert [one.sent.day for one in found if one.sent] == [1, 2]


FORWARDED = (
    "From: Harbour Office <h@harbour.example>\nDate: Thu, 2 May 2024 at 09:15\n"
    "Subject: Press release: Pier opens\nTo: <list@x.example>\n\n\nThe pier is open.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        f"fyi\n\n---------- Forwarded message ---------\n{FORWARDED}",
        "Begin forwarded message:\n\n" + "".join(f"> {x}\n" for x in FORWARDED.splitlines()),
        "Von: Harbour Office [mailto:h@harbour.example]\n"
        "Gesendet: Donnerstag, 2. Mai 2024 09:15\nAn: Liste\n"
        "Betreff: AW: Pier opens\n\nThe pier is open.\n",
    ],
)
def test_forwarded_release_is_that_of_its_sender(text: str) -> None:
    built = message(text, subject="Fwd: Press release: Pier opens")
    (letter,) = letters(built)
    assert [(i.title, i.agency, i.body) for i in letter.parsed.items] == [
        ("Pier opens", "Harbour Office", "The pier is open.")
    ]
    assert letter.sent is not None
    assert letter.sent.date() == datetime(2024, 5, 2).date()


def test_mail_attached_to_a_mail_is_read() -> None:
    cover = message("See below.", subject="FW: Pier")
    cover.add_attachment(message("The pier is open.", subject="Pier opens"))
    assert one(cover).title == "Pier opens"


@pytest.mark.parametrize(
    ("built", "reason"),
    [
        (message(" \n"), "has no text"),
        (message("Away.", Auto_Submitted="auto-replied"), "automatic reply"),
        (message("Weg.", subject="Automatische Antwort: Pier"), "automatic reply"),
        (message("No.", From="MAILER-DAEMON@x.example"), "report of delivery"),
        (message("-----BEGIN PGP MESSAGE-----\n\nabc\n"), "is encrypted"),
        (message("Click.", subject="Please confirm your subscription"), "about a subscription"),
        (b"Subject: a\nFrom: b@c.example\nContent-Type: multipart/encrypted\n\nabc", "encrypted"),
        (b"no header at all\n", "not a mail"),
    ],
)
def test_mail_that_is_no_release_is_one_problem(built: EmailMessage | bytes, reason: str) -> None:
    assert items(built) == []
    (found,) = reasons(built)
    assert reason in found


@pytest.mark.parametrize(
    ("date", "received", "sent"),
    [
        ("Fri, 31 Dec 9999 23:59:59 -0500", "a by b; Fri, 03 May 2024 10:00:00 +0200", SENT),
        ("Thu, 01 Jan 1970 00:00:00 +0000", "a by b; Fri, 03 May 2024 10:00:00 +0200", SENT),
        ("yesterday", "a by b; 2024-05-03 10:00:00 +02:00", SENT),
        ("", "", None),
    ],
)
def test_unusable_date_is_left_out_and_reported(
    date: str, received: str, sent: datetime | None
) -> None:
    raw = b"From: a@b.example\nSubject: c\n"
    raw += f"Date: {date}\n".encode() if date else b""
    raw += f"Received: {received}\n".encode() if received else b""
    (letter,) = letters(raw + b"\nText.\n")
    assert letter.sent == sent
    (problem,) = letter.parsed.problems
    assert not problem.rejected
    assert "date" in problem.reason.lower()


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("iso-8859-1", "Grüße".encode("latin-1")),
        ("iso-8859-1", "Grüße".encode()),
        ("us-ascii", "Grüße".encode("cp1252")),
        ("no-such-charset", "Grüße".encode()),
        ("utf-8", "Grüße".encode("cp1252")),
        ("utf-16", "Grüße".encode("utf-16")),
    ],
)
def test_text_is_read_in_the_charset_that_it_has(charset: str, body: bytes) -> None:
    head = f"From: a@b.example\nSubject: c\nContent-Type: text/plain; charset={charset}\n"
    assert one(head.encode() + b"\n" + body).body == "Grüße"


def test_flowed_and_wrapped_paragraphs_are_joined() -> None:
    head = b"From: a@b.example\nSubject: c\nContent-Type: text/plain; format=flowed\n\n"
    assert one(head + b"It flows \nover lines.\n\nNext.\n").body == "It flows over lines.\n\nNext."
    wrapped = (
        "The office said on Friday that the pier, which cost four million and\n"
        "was built in three years, is open to all of the boats in the northern\nfleet.\n"
    )
    assert "\n" not in one(message(wrapped)).body


def test_encoded_line_ends_in_a_subject_stay_in_it() -> None:
    raw = b"From: a@b.example\nSubject: =?utf-8?q?Two=0D=0Alines=0ABcc:_x?=\n\nText.\n"
    assert one(raw).title == "Two lines Bcc: x"


def test_mbox_is_split_at_its_from_lines_only() -> None:
    first = message("One.\nFrom noon on it is open.\nFrom: a field\n", subject="First one")
    second = message("Two.\nFrom here.\n", subject="Second one")
    quoted = [m.as_bytes().replace(b"\nFrom here", b"\n>From here") for m in (first, second)]
    mbox = b"".join(b"From a@b Fri May  3 10:00:00 2024\n%s\n" % part for part in quoted)
    assert [item.title for item in items(mbox)] == ["First one", "Second one"]
    assert "\nFrom here." in items(mbox)[1].body
    pieces = (mbox[at : at + 50] for at in range(0, len(mbox), 50))
    assert [p.strip() for p in split(pieces, 10_000)] == [p.strip() for p in split([mbox], 10_000)]


def test_message_without_its_last_boundary_is_not_complete() -> None:
    whole = message("a", "<p>a</p>").as_bytes()
    assert is_complete(whole)
    assert not is_complete(whole[:-20])
    assert not is_complete(whole[:40])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (message("a").as_bytes(), "mail"),
        (b"From a@b Fri May  3 10:00:00 2024\n" + message("a").as_bytes(), "mail"),
        (b"Return-Path: <>\r\nReceived: a\r\n\tby b\r\n\r\na", "mail"),
        (b"From: the sea: a view\n\nSource: NATO\n\nText.\n", "digest"),
        (b"Date: soon\nSubject: a\n\nSource: NATO\n\nText.\n", "digest"),
    ],
)
def test_mail_is_recognised_by_its_header(body: bytes, kind: str) -> None:
    assert kind_of(body, None) == kind


HEAD = b"From: a@b.example\nSubject: c\n"


def _nested(depth: int) -> bytes:
    parts = (f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    return HEAD + "".join(parts).encode() + b"\ntext\n"


BOMBS: dict[str, Callable[[], bytes]] = {
    "nested": lambda: _nested(1000),
    "nested mails": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 1000,
    "deep": lambda: _nested(400),
    "parts": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_mail_bomb_is_refused_before_it_is_parsed(bomb: Callable[[], bytes]) -> None:
    assert items(bomb()) == []
    assert len(reasons(bomb())) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 100_000 + b"\nSubject: " + b"x" * 1_000_000 + b"\n\nText.\n",
        HEAD + b"Content-Type: ;;;=\x80\nContent-Transfer-Encoding: \xff\n\nText.\n",
        HEAD + b"Content-Type: multipart/mixed\n\nText.\n",
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText.\n",
        HEAD + b"\n" + bytes(range(128, 256)) * 10,
        HEAD + b"\nText\0.\n",
        HEAD + b"Content-Type: text/plain; charset=utf\0-8\n\nText.\n",
        HEAD + b"\nFrom: a:b;<(\nSubject: ((\nDate: [\n\nText.\n",
    ],
)
def test_broken_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    item = one(raw)
    assert item.body
    assert len(item.title) <= 2000
