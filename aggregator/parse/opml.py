"""Read OPML, the exchange format for subscriptions (opml.org/spec2).

Takes the bytes of a file; returns its subscriptions in order, and the problems with their lines.

It is read with lxml, not listparser, which accepts any HTML page as an empty list, keeps neither
``htmlUrl`` nor lines, ignores the declared encoding, and copies the whole path of folders for every
feed.  Documents that declare entities or attributes are rejected.  With ``MAX_BYTES`` and without
entities, libxml2 needs none of its limits but one: 2,048 nested elements.  lxml silently drops what
follows a bare ``&`` in an address, so those are escaped first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.entities import html5
from itertools import islice

from lxml import etree

from aggregator.errors import ParseError
from aggregator.model import Problem
from aggregator.normalise.addresses import redact, userinfo
from aggregator.normalise.canonical import canonical_link
from aggregator.normalise.links import web_address
from aggregator.normalise.text import cut, is_blank, one_line
from aggregator.parse.syndication.encoding import decode_xml

MAX_BYTES = 8_000_000
MAX_ELEMENTS = 20_000
"""More than any reader has; each becomes a table in the configuration."""

_CHUNK = 256 * 1024
_MAX_ADDRESS = 8000  # RFC 9110, section 4.1: what every recipient should at least take
_MAX_TITLE = 300
_MAX_FOLDERS = 20  # innermost first

_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]*\?>")
_DECLARES = re.compile(r"<!(?:ENTITY|ATTLIST)")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7});|#[xX]([0-9A-Fa-f]{1,6});|([A-Za-z][A-Za-z0-9]*;))?")
_XML_NAMES = frozenset(["amp;", "lt;", "gt;", "quot;", "apos;"])
_ATTRIBUTES = frozenset(["text", "title", "type", "xmlurl", "htmlurl", "url", "category"])
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_FEED_SCHEME = re.compile(r"feed:(?://(?!/)(?!https?:)|(?://)?(?=https?:))", re.IGNORECASE)
_ADVICE = re.compile(r",? (?:use|try) XML_PARSE_\w+.*")  # libxml2's, for programmers


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of a list.

    ``address`` is an http or https address as given, including credentials; ``title`` is plain text
    on one line, or empty; ``home`` is the web page of the feed.  ``folders`` are the names of its
    folders, innermost first, and ``categories`` its own.  ``line``, from 1, is that of the end of
    its tag.
    """

    address: str
    title: str
    home: str | None = None
    folders: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    line: int = 1


def parse(body: bytes, name: str) -> tuple[list[Subscription], list[Problem]]:
    """Return the subscriptions in ``body``, each address once, and the problems.

    Malformed OPML is read as far as possible.  Raises ``ParseError`` with the file's ``name`` for a
    file that is not OPML, declares entities, or is too large.
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
            # Readers with tags write a feed once for each tag.
            folders = tuple(dict.fromkeys(first.folders + found.folders))
            categories = tuple(dict.fromkeys(first.categories + found.categories))
            subscriptions[key] = replace(
                first, folders=folders[:_MAX_FOLDERS], categories=categories[:_MAX_FOLDERS]
            )
            reason = (
                f"{_shorten(found.title)!r} has the address of line {first.line}; it is taken once"
            )
            problems.append(_problem(found.line, reason, rejected=False))
    return list(subscriptions.values()), problems


def address_key(address: str) -> str:
    """Return the form in which two addresses of one feed are equal, including credentials."""
    form = canonical_link(address) or address
    return form if "@" in form else form.replace("//", f"//{userinfo(address)}", 1)


def _text(body: bytes, name: str) -> str:
    """Return the document without XML declaration, with unchanged line numbers.

    Raises ``ParseError`` for data that is not text, or is dangerous.
    """
    if len(body) > MAX_BYTES:
        raise ParseError(name, f"has more than {MAX_BYTES:,} bytes; import it in parts")
    text = decode_xml(body)
    if is_blank(text):
        raise ParseError(name, "is empty")
    text = _NOT_XML.sub("", text)
    if match := _DECLARES.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise ParseError(name, f"line {line}: declares entities or attributes; rejected")
    if match := _DECLARATION.match(text):
        text = "\n" * match[0].count("\n") + text[match.end() :]
    return _REFERENCE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    """Return a reference valid in XML: HTML's names by number, and a bare ``&`` escaped."""
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
    """Yield the subscriptions and problems of the outlines, and then that of the XML."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,
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
                reason = f"is not OPML: its first element is {cut(one_line(tag), 40)!r}"
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
        raise ParseError(name, "line 1: is not OPML, and not XML")
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
    """Return the name of an element or attribute in lower case, without its namespace."""
    return name.rpartition("}")[2].lower()


def _attributes(element: etree._Element) -> dict[str, str]:
    """Return the known attributes; to read all values takes lxml seconds if there are thousands."""
    attributes: dict[str, str] = {}
    for key in element.attrib:
        name = _local(key)
        if name in _ATTRIBUTES and name not in attributes:
            attributes[name] = element.get(key, "")
    return attributes


def _title(attributes: dict[str, str]) -> str:
    """Return the title: ``text`` is the owner's, ``title`` the feed's; both may contain HTML."""
    for name in ("text", "title"):
        title = one_line(_TAG.sub("", attributes.get(name, "")[: 10 * _MAX_TITLE]))
        if not is_blank(title):
            return cut(title, _MAX_TITLE)
    return ""


def _outline(
    attributes: dict[str, str], title: str, folders: list[str], line: int
) -> Subscription | Problem | None:
    """Return an outline's subscription or problem, or None for a folder or a note."""
    kind = attributes.get("type", "").strip().lower()
    given = attributes.get("xmlurl")
    if given is None and kind in ("rss", "atom", "feed", "jsonfeed"):
        given = attributes.get("url", "")
    if given is None:
        if kind != "include":
            return None
        return _problem(line, f"{_shorten(title)!r} includes another list, which is not read")
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
        categories=tuple(_categories(attributes.get("category", "")[:_MAX_ADDRESS])),
        line=line,
    )


def _categories(listed: str) -> Iterator[str]:
    """Yield the first categories of a list: tags, and paths that begin with a slash."""
    found = (one_line(one.strip().strip("/")) for one in listed.split(","))
    for category in islice(dict.fromkeys(found), _MAX_FOLDERS):
        if not is_blank(category):
            yield cut(category, _MAX_TITLE)


def _web_scheme(address: str) -> str:
    """Return a ``feed:`` address, which desktop readers write, as an http or https address."""
    match = _FEED_SCHEME.match(address)
    if match is None:
        return address
    rest = address[match.end() :]
    return rest if rest[:4].lower() == "http" and "://" in rest[:8] else f"http://{rest}"


def _fault(address: str) -> str:
    """Return what is wrong with an address, without the address: it may contain a password."""
    if not address:
        return "it has no address"
    if len(address) > _MAX_ADDRESS:
        return f"its address has more than {_MAX_ADDRESS:,} characters"
    scheme, colon, _ = address.partition(":")
    if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,30}", scheme):
        if scheme.lower() in ("http", "https"):
            return "its xmlUrl is not an address"
        return f"its address has the scheme {scheme.lower()}:, not http: or https:"
    return "its address does not start with http:// or https://"


def _shorten(title: str) -> str:
    return cut(redact(title), 80)


def _problem(line: int, reason: str, *, rejected: bool = True) -> Problem:
    return Problem(lines=(line, line), reason=reason, rejected=rejected)


def _damage(parser: "etree.XMLPullParser") -> Iterator[Problem]:
    """Yield the first error of the XML; the others often follow from it."""
    for entry in parser.feed_error_log:
        message = cut(_ADVICE.sub("", one_line(entry.message)), 120)
        reason = f"is not well-formed, and was read as far as possible: {message!r}"
        yield _problem(max(entry.line, 1), reason, rejected=False)
        return
