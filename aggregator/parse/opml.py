"""Reads OPML, the form in which feed readers hand subscriptions to each other (opml.org/spec2).

Takes the bytes of a file; gives what it subscribes to, in its order, and what of it could not be
read, with lines.  Addresses come out fit to be configured; whether they are subscribed to already,
and whose they are, is for others to say.

lxml reads it, not listparser: that one reads OPML as HTML, so it takes any page for an empty list,
keeps neither ``htmlUrl`` nor lines, ignores the encoding that a document declares, and copies the
whole path of folders for every feed.  No entity, attribute or DTD that a document declares for
itself reaches the parser, and libxml2's own limits stay on: no text of more than 10 MB, nothing
nested more than 256 deep.  lxml drops what follows a bare ``&`` in an address without a word, so
those are mended first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.entities import html5

from lxml import etree

from aggregator.errors import ParseError
from aggregator.model import Problem
from aggregator.normalise.addresses import redact, userinfo
from aggregator.normalise.canonical import canonical_link
from aggregator.normalise.links import web_address
from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse.charset import NotTextError, decode

MAX_BYTES = 8_000_000
MAX_ELEMENTS = 20_000
"""No reader has as many; each becomes a table in a file that people read."""

_CHUNK = 256 * 1024
_MAX_ADDRESS = 8000  # RFC 9110, section 4.1: what every recipient should at least take
_MAX_TITLE = 300
_MAX_FOLDERS = 20  # the innermost say most

_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF_16_LE = re.compile(rb"(?:[ \t\r\n]\0)*<\0")
_UTF_16_BE = re.compile(rb"(?:\0[ \t\r\n])*\0<")
_CONTROLS = bytes(sorted({*range(0x20)} - {*b"\t\n\r"}))
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]*\?>")
_ENCODING = re.compile(rb"""\s*<\?xml\b[^<>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# Of the encodings that Python knows, some are no character sets, and some take minutes.
_CHARSETS = re.compile(
    r"utf-?8|us-ascii|(?:iso-?8859|windows|cp|koi8|gb|euc|iso-2022|mac)[a-z0-9_-]*"
    r"|latin-?1|big5|shift[_-]jis|tis-620",
    re.IGNORECASE,
)
_DECLARES = re.compile(r"<!(?:ENTITY|ATTLIST)")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7});|#[xX]([0-9A-Fa-f]{1,6});|([A-Za-z][A-Za-z0-9]*;))?")
_XML_NAMES = frozenset(["amp;", "lt;", "gt;", "quot;", "apos;"])
_ATTRIBUTES = frozenset(["text", "title", "type", "xmlurl", "htmlurl", "url"])
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_FEED_SCHEME = re.compile(r"feed:(?://(?!/)(?!https?:)|(?://)?(?=https?:))", re.IGNORECASE)
_ADVICE = re.compile(r",? (?:use|try) XML_PARSE_\w+.*")  # libxml2's, to programmers


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed that somebody reads.

    ``address`` is of http or https, as given, credentials included; ``title`` is plain text on one
    line, and empty where none is given; ``home`` is the page that the feed belongs to.  ``folders``
    are the names of the folders it is in, innermost first.  ``line``, from 1, is that of the end of
    its tag.
    """

    address: str
    title: str
    home: str | None = None
    folders: tuple[str, ...] = ()
    line: int = 1


def parse(body: bytes, name: str) -> tuple[list[Subscription], list[Problem]]:
    """The subscriptions in ``body``, each address once, and what could not be read.

    OPML that is ill-formed is read as far as it can be.  Raises ``ParseError``, which names the
    file as ``name``, where it is no OPML, declares entities, or is too large.
    """
    subscriptions: dict[str, Subscription] = {}
    problems: list[Problem] = []
    for found in _outlines(_text(body, name), name):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        key = address_key(found.address)
        first = subscriptions.setdefault(key, found)
        if first is not found:
            # Readers with tags write a feed once for each of them.
            folders = tuple(dict.fromkeys(first.folders + found.folders))
            subscriptions[key] = replace(first, folders=folders[:_MAX_FOLDERS])
            reason = (
                f"{_shorten(found.title)!r} has the address of line {first.line}; it is taken once"
            )
            problems.append(_problem(found.line, reason, rejected=False))
    return list(subscriptions.values()), problems


def address_key(address: str) -> str:
    """The form in which two addresses of one feed are equal; credentials do count in it."""
    form = canonical_link(address) or address
    return form if "@" in form else form.replace("//", f"//{userinfo(address)}", 1)


def _text(body: bytes, name: str) -> str:
    """The document as XML that says nothing of its encoding and declares nothing.

    Lines keep their numbers.  Raises ``ParseError`` for what is no text, or is dangerous.
    """
    if len(body) > MAX_BYTES:
        raise ParseError(name, f"has more than {MAX_BYTES:,} bytes; import it in parts")
    try:
        text = _decoded(body)
    except NotTextError as error:
        raise ParseError(name, str(error)) from error
    if is_blank(text):
        raise ParseError(name, "is empty")
    text = _NOT_XML.sub("", text)
    if match := _DECLARES.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise ParseError(name, f"line {line}: declares entities or attributes; it is not read")
    if match := _DECLARATION.match(text):
        text = "\n" * match[0].count("\n") + text[match.end() :]
    return _REFERENCE.sub(_mended, text)


def _decoded(body: bytes) -> str:
    """``body`` by its byte order mark, by the look of UTF-16, as declared, or as text is."""
    if body.startswith(_UTF_16_MARKS):
        return decode(body)
    if _UTF_16_LE.match(body):
        return body.decode("utf-16-le", "replace")
    if _UTF_16_BE.match(body):
        return body.decode("utf-16-be", "replace")
    body = body.translate(None, _CONTROLS)
    match = _ENCODING.match(body)
    declared = match[1].decode() if match else ""
    # What declares UTF-16 in single bytes is not UTF-16, whatever wrote that.
    if _CHARSETS.fullmatch(declared):
        try:
            return body.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(body)


def _mended(match: re.Match[str]) -> str:
    """A reference as XML has it: HTML's names by number, and a bare ``&`` escaped."""
    decimal, hexadecimal, name = match.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        is_character = code <= 0x10FFFF and not _NOT_XML.match(chr(code))
        return f"&#{code};" if is_character else ""
    if name in _XML_NAMES:
        return match[0]
    if name in html5:
        return "".join(f"&#{ord(sign)};" for sign in html5[name])
    return f"&amp;{name}" if name else "&amp;"


def _outlines(text: str, name: str) -> Iterator[Subscription | Problem]:
    """What the outlines say, one after the other, and last what is wrong with the XML."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root: etree._Element | None = None
    count = 0
    folders: list[str] = []
    for event, element in _events(parser, text.encode()):
        tag = _local(element.tag)
        if event == "start":
            count += 1
            if count > MAX_ELEMENTS:
                reason = f"holds more than {MAX_ELEMENTS:,} outlines; import it in parts"
                raise ParseError(name, f"line {element.sourceline}: {reason}")
        if root is None:
            root = element
            if tag != "opml":
                reason = f"is no OPML: its first element is {cut(one_line(tag), 40)!r}"
                raise ParseError(name, f"line {element.sourceline}: {reason}")
        if tag != "outline":
            continue
        if event == "end":
            folders.pop()
        else:
            attributes = _attributes(element)
            title = _title(attributes)
            found = _outline(attributes, title, folders, element.sourceline or 1)
            if found is not None:
                yield found
            folders.append(title if found is None else "")
    if root is None:
        raise ParseError(name, "line 1: is no OPML, nor any XML")
    yield from _damage(parser)


def _events(parser: "etree.XMLPullParser", body: bytes) -> Iterator[tuple[str, etree._Element]]:
    try:
        for start in range(0, len(body), _CHUNK):
            parser.feed(body[start : start + _CHUNK])
            yield from parser.read_events()
        parser.close()
    except etree.XMLSyntaxError:
        pass  # it is in the parser's log, which _damage reads
    yield from parser.read_events()


def _local(name: str) -> str:
    """The name of an element or attribute without its namespace; case is often wrong."""
    return name.rpartition("}")[2].lower()


def _attributes(element: etree._Element) -> dict[str, str]:
    """The attributes that count.  lxml takes seconds to give the values of thousands."""
    attributes: dict[str, str] = {}
    for key in element.attrib:
        name = _local(key)
        if name in _ATTRIBUTES and name not in attributes:
            attributes[name] = element.get(key, "")
    return attributes


def _title(attributes: dict[str, str]) -> str:
    """``text`` is what its owner calls it, ``title`` what the feed does; both may hold HTML."""
    for name in ("text", "title"):
        title = one_line(_TAG.sub("", attributes.get(name, "")[: 10 * _MAX_TITLE]))
        if not is_blank(title):
            return cut(title, _MAX_TITLE)
    return ""


def _outline(
    attributes: dict[str, str], title: str, folders: list[str], line: int
) -> Subscription | Problem | None:
    """What an outline subscribes to, why it cannot, or None where it is a folder or a note."""
    kind = attributes.get("type", "").strip().lower()
    given = attributes.get("xmlurl")
    if given is None and kind in ("rss", "atom", "feed", "jsonfeed"):
        given = attributes.get("url", "")
    if given is None:
        if kind != "include":
            return None
        return _problem(line, f"{_shorten(title)!r} stands for another list, which is not read")
    given = given.strip()
    address = None if len(given) > _MAX_ADDRESS else web_address(_web_scheme(given))
    if address is None:
        return _problem(line, f"{_shorten(title)!r} is left out: {_fault(given)}")
    return Subscription(
        address=address,
        title=title,
        home=web_address(attributes.get("htmlurl", "")[:_MAX_ADDRESS]),
        folders=tuple(dict.fromkeys(folder for folder in reversed(folders) if folder))[
            :_MAX_FOLDERS
        ],
        line=line,
    )


def _web_scheme(address: str) -> str:
    """An address of ``feed:``, which desktop readers write, as one of http or https."""
    match = _FEED_SCHEME.match(address)
    if match is None:
        return address
    rest = address[match.end() :]
    return rest if rest[:4].lower() == "http" and "://" in rest[:8] else f"http://{rest}"


def _fault(address: str) -> str:
    """What is wrong with an address; never the address itself, which may hold a password."""
    if not address:
        return "it has no address"
    if len(address) > _MAX_ADDRESS:
        return f"its address has more than {_MAX_ADDRESS:,} characters"
    scheme, colon, _ = address.partition(":")
    if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,30}", scheme):
        if scheme.lower() in ("http", "https"):
            return "its xmlUrl is not an address"
        return f"its address is of {scheme.lower()}:, not of http: or https:"
    return "its address does not start with http:// or https://"


def _shorten(title: str) -> str:
    return cut(redact(title), 80)


def _problem(line: int, reason: str, *, rejected: bool = True) -> Problem:
    return Problem(lines=(line, line), reason=reason, rejected=rejected)


def _damage(parser: "etree.XMLPullParser") -> Iterator[Problem]:
    """The first thing that is wrong with the XML; what else is wrong often follows from it."""
    for entry in parser.feed_error_log:
        message = cut(_ADVICE.sub("", one_line(entry.message)), 120)
        reason = f"is not well-formed, and was read as far as it can be: {message!r}"
        yield _problem(max(entry.line, 1), reason, rejected=False)
        return
