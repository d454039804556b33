"""Validators of feeds: they return everything that violates a specification, in words.

``atom_complaints`` is for RFC 4287, ``rss_complaints`` for RSS 2.0 and the modules this program
writes in it (content, Dublin Core, Atom), ``json_feed_complaints`` for JSON Feed 1.1.  A schema in
RELAX NG describes elements and attributes; further checks are from the texts of the specifications
and from the errors and warnings of the W3C's feed validator.  Each takes the bytes of a feed and
the address it is served at.  None reads the clock: with ``now``, later times are reported.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

from lxml import etree

from aggregator.normalise.languages import registered_language

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""Characters that XML forbids, C1 controls, and controls of the direction of text."""

IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`%]|%[0-9A-Fa-f]{2})+"
)
"""RFC 3987, less its rules for hosts."""

TAG = re.compile(r"tag:([\w.-]+@)?[A-Za-z0-9.-]+,\d{4}(-\d\d){0,2}:[^\s#\[\]]+(#[^\s#]*)?")
URN_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
MEDIA_TYPE = re.compile(r"[^/\s]+/[^/\s]+")
MARKUP = re.compile(r"</?[A-Za-z]\w*[^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
REGISTERED = {"alternate", "self", "related", "via", "enclosure", "hub"}
REGISTERED |= {"current", "prev-archive", "next-archive"}  # RFC 5005
HARMLESS = {"p", "br", "ul", "ol", "li", "a", "h2", "h3", "h4", "strong", "em", "blockquote", "pre"}
HARMLESS |= {"ins", "del"}  # of the feed of changes

RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d{2}:\d{2}(?::\d{2})? (?:GMT|UT|[ECMP][SD]T|[+-]\d{4})"
)
"""RFC 822, section 5, with the four digits of a year that RSS 2.0 prefers."""

ATOM_SCHEMA = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" xmlns:a="http://www.w3.org/2005/Atom"
    ns="http://www.w3.org/2005/Atom"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="feed"><ref name="common"/>
    <interleave>
      <zeroOrMore><ref name="author"/></zeroOrMore>
      <zeroOrMore><ref name="category"/></zeroOrMore>
      <zeroOrMore><element name="contributor"><ref name="person"/></element></zeroOrMore>
      <optional><ref name="generator"/></optional>
      <optional><element name="icon"><ref name="iri"/></element></optional>
      <ref name="id"/>
      <zeroOrMore><ref name="link"/></zeroOrMore>
      <optional><element name="logo"><ref name="iri"/></element></optional>
      <optional><element name="rights"><ref name="text"/></element></optional>
      <optional><element name="subtitle"><ref name="text"/></element></optional>
      <element name="title"><ref name="text"/></element>
      <element name="updated"><ref name="date"/></element>
      <zeroOrMore><ref name="extension"/></zeroOrMore>
    </interleave>
    <zeroOrMore><ref name="entry"/></zeroOrMore>
  </element></start>
  <define name="entry"><element name="entry"><ref name="common"/>
    <interleave>
      <zeroOrMore><ref name="author"/></zeroOrMore>
      <zeroOrMore><ref name="category"/></zeroOrMore>
      <optional><ref name="content"/></optional>
      <zeroOrMore><element name="contributor"><ref name="person"/></element></zeroOrMore>
      <ref name="id"/>
      <zeroOrMore><ref name="link"/></zeroOrMore>
      <optional><element name="published"><ref name="date"/></element></optional>
      <optional><element name="rights"><ref name="text"/></element></optional>
      <optional><ref name="source"/></optional>
      <optional><element name="summary"><ref name="text"/></element></optional>
      <element name="title"><ref name="text"/></element>
      <element name="updated"><ref name="date"/></element>
      <zeroOrMore><ref name="extension"/></zeroOrMore>
    </interleave>
  </element></define>
  <define name="source"><element name="source"><ref name="common"/>
    <interleave>
      <zeroOrMore><ref name="author"/></zeroOrMore>
      <zeroOrMore><ref name="category"/></zeroOrMore>
      <optional><ref name="generator"/></optional>
      <optional><ref name="id"/></optional>
      <zeroOrMore><ref name="link"/></zeroOrMore>
      <optional><element name="rights"><ref name="text"/></element></optional>
      <optional><element name="subtitle"><ref name="text"/></element></optional>
      <optional><element name="title"><ref name="text"/></element></optional>
      <optional><element name="updated"><ref name="date"/></element></optional>
      <zeroOrMore><ref name="extension"/></zeroOrMore>
    </interleave>
  </element></define>
  <define name="author"><element name="author"><ref name="person"/></element></define>
  <define name="person"><ref name="common"/>
    <interleave>
      <element name="name"><data type="string"><param name="pattern">(.|\\s)*\\S(.|\\s)*</param>
      </data></element>
      <optional><element name="uri"><ref name="iri"/></element></optional>
      <optional><element name="email"><data type="string"><param name="pattern">.+@.+</param></data>
      </element></optional>
      <zeroOrMore><ref name="extension"/></zeroOrMore>
    </interleave>
  </define>
  <define name="category"><element name="category"><ref name="common"/>
    <attribute name="term" ns=""><data type="string"><param name="minLength">1</param></data>
    </attribute>
    <optional><attribute name="scheme" ns=""><data type="anyURI"/></attribute></optional>
    <optional><attribute name="label" ns=""/></optional>
    <empty/>
  </element></define>
  <define name="link"><element name="link"><ref name="common"/>
    <attribute name="href" ns=""><data type="anyURI"><param name="minLength">1</param></data>
    </attribute>
    <optional><attribute name="rel" ns=""><data type="string"><param name="minLength">1</param>
    </data></attribute></optional>
    <optional><attribute name="type" ns=""><ref name="mediaType"/></attribute></optional>
    <optional><attribute name="hreflang" ns=""><data type="language"/></attribute></optional>
    <optional><attribute name="title" ns=""/></optional>
    <optional><attribute name="length" ns=""><data type="nonNegativeInteger"/></attribute>
    </optional>
    <empty/>
  </element></define>
  <define name="generator"><element name="generator"><ref name="common"/>
    <optional><attribute name="uri" ns=""><data type="anyURI"/></attribute></optional>
    <optional><attribute name="version" ns=""/></optional>
    <text/>
  </element></define>
  <define name="id"><element name="id"><ref name="iri"/></element></define>
  <define name="iri"><ref name="common"/>
    <data type="anyURI"><param name="minLength">1</param></data></define>
  <define name="date"><ref name="common"/>
    <data type="dateTime"><param name="pattern">.+T.+(Z|[+\\-]\\d\\d:\\d\\d)</param></data></define>
  <define name="mediaType">
    <data type="string"><param name="pattern">[^/\\s]+/[^/\\s]+.*</param></data></define>
  <define name="text"><ref name="common"/>
    <choice>
      <group>
        <optional><attribute name="type" ns="">
          <choice><value>text</value><value>html</value></choice>
        </attribute></optional>
        <text/>
      </group>
      <group><attribute name="type" ns=""><value>xhtml</value></attribute><ref name="div"/></group>
    </choice>
  </define>
  <define name="content"><element name="content"><ref name="common"/>
    <choice>
      <group>
        <optional><attribute name="type" ns="">
          <choice><value>text</value><value>html</value></choice>
        </attribute></optional>
        <text/>
      </group>
      <group><attribute name="type" ns=""><value>xhtml</value></attribute><ref name="div"/></group>
      <group>
        <optional><attribute name="type" ns=""><ref name="mediaType"/></attribute></optional>
        <attribute name="src" ns=""><data type="anyURI"/></attribute>
        <empty/>
      </group>
    </choice>
  </element></define>
  <define name="div">
    <element name="div" ns="http://www.w3.org/1999/xhtml"><ref name="anything"/></element></define>
  <define name="extension">
    <element><anyName><except><nsName/></except></anyName><ref name="anything"/></element></define>
  <define name="anything"><zeroOrMore><choice>
    <text/>
    <attribute><anyName/></attribute>
    <element><anyName/><ref name="anything"/></element>
  </choice></zeroOrMore></define>
  <define name="common">
    <optional><attribute name="xml:base"><data type="anyURI"/></attribute></optional>
    <optional><attribute name="xml:lang"><data type="language"/></attribute></optional>
  </define>
</grammar>
"""

RSS_SCHEMA = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" xmlns:a="http://www.w3.org/2005/Atom"
    xmlns:c="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="rss">
    <attribute name="version"><value>2.0</value></attribute>
    <element name="channel">
      <interleave>
        <element name="title"><ref name="some"/></element>
        <element name="link"><ref name="iri"/></element>
        <element name="description"><ref name="some"/></element>
        <optional><element name="language"><data type="language"/></element></optional>
        <optional><element name="copyright"><text/></element></optional>
        <optional><element name="managingEditor"><ref name="email"/></element></optional>
        <optional><element name="webMaster"><ref name="email"/></element></optional>
        <optional><element name="pubDate"><ref name="some"/></element></optional>
        <optional><element name="lastBuildDate"><ref name="some"/></element></optional>
        <optional><element name="generator"><ref name="some"/></element></optional>
        <optional><element name="docs"><ref name="iri"/></element></optional>
        <optional><element name="ttl"><data type="positiveInteger"/></element></optional>
        <zeroOrMore><ref name="category"/></zeroOrMore>
        <oneOrMore><ref name="link"/></oneOrMore>
        <zeroOrMore><ref name="dublin"/></zeroOrMore>
      </interleave>
      <zeroOrMore><ref name="item"/></zeroOrMore>
    </element>
  </element></start>
  <define name="item"><element name="item">
    <interleave>
      <optional><element name="title"><ref name="some"/></element></optional>
      <optional><element name="link"><ref name="iri"/></element></optional>
      <optional><element name="description"><text/></element></optional>
      <optional><element name="author"><ref name="email"/></element></optional>
      <zeroOrMore><ref name="category"/></zeroOrMore>
      <optional><element name="comments"><ref name="iri"/></element></optional>
      <optional><element name="enclosure">
        <attribute name="url"><ref name="web"/></attribute>
        <attribute name="length"><data type="nonNegativeInteger"/></attribute>
        <attribute name="type"><ref name="mediaType"/></attribute>
        <empty/>
      </element></optional>
      <optional><element name="guid">
        <optional><attribute name="isPermaLink">
          <choice><value>true</value><value>false</value></choice>
        </attribute></optional>
        <ref name="some"/>
      </element></optional>
      <optional><element name="pubDate"><ref name="some"/></element></optional>
      <optional><element name="source"><attribute name="url"><ref name="web"/></attribute>
        <text/></element></optional>
      <optional><element name="c:encoded"><text/></element></optional>
      <optional><element name="a:updated"><data type="dateTime"/></element></optional>
      <zeroOrMore><ref name="link"/></zeroOrMore>
      <zeroOrMore><ref name="dublin"/></zeroOrMore>
    </interleave>
  </element></define>
  <define name="category"><element name="category">
    <optional><attribute name="domain"/></optional><ref name="some"/>
  </element></define>
  <define name="dublin">
    <choice>
      <element name="dc:creator"><ref name="some"/></element>
      <element name="dc:language"><data type="language"/></element>
    </choice>
  </define>
  <define name="link"><element name="a:link">
    <attribute name="href"><data type="anyURI"><param name="minLength">1</param></data></attribute>
    <optional><attribute name="rel"><ref name="some"/></attribute></optional>
    <optional><attribute name="type"><ref name="mediaType"/></attribute></optional>
    <optional><attribute name="hreflang"><data type="language"/></attribute></optional>
    <optional><attribute name="title"/></optional>
    <optional><attribute name="length"><data type="nonNegativeInteger"/></attribute></optional>
    <empty/>
  </element></define>
  <define name="some"><data type="token"><param name="minLength">1</param></data></define>
  <define name="email"><data type="string">
    <param name="pattern">\\S+@\\S+( \\(.+\\))?</param></data></define>
  <define name="iri"><data type="anyURI"><param name="minLength">1</param></data></define>
  <define name="web"><data type="anyURI"><param name="pattern">https?://.+</param></data></define>
  <define name="mediaType">
    <data type="string"><param name="pattern">[^/\\s]+/[^/\\s]+.*</param></data></define>
</grammar>
"""
_ATOM_GRAMMAR = etree.RelaxNG(etree.fromstring(ATOM_SCHEMA))
_RSS_GRAMMAR = etree.RelaxNG(etree.fromstring(RSS_SCHEMA))


def atom_complaints(body: bytes, address: str, *, now: datetime | None = None) -> Iterator[str]:
    """Return everything that is wrong with the Atom feed ``body``, which is served at ``address``.

    Not reported are ids that are not in canonical form: an id never changes (section 4.2.6).
    """
    root = etree.fromstring(body)
    yield from _xml_complaints(body, root, _ATOM_GRAMMAR)
    yield from _atom_feed_complaints(root, address)
    yield from _atom_entry_complaints(root)
    for element in root.iter():
        yield from _atom_element_complaints(element, now)


def _xml_complaints(body: bytes, root: Any, grammar: Any) -> Iterator[str]:
    if not grammar.validate(root):
        yield from (f"schema: {error.message}" for error in grammar.error_log)
    if b"<!DOCTYPE" in body[:200] or not body.startswith(b"<?xml version="):
        yield "prolog"
    for element in root.iter():
        for value in (element.text or "", *element.attrib.values()):
            if found := FORBIDDEN.search(value):
                yield f"{element.tag} holds {found[0]!a}"
        language = element.text if element.tag == f"{DC}language" else element.get(XML_LANG)
        if language and registered_language(language) is None:
            yield f"language {language} is not registered"


def _atom_feed_complaints(root: Any, address: str) -> Iterator[str]:
    selves = [link.get("href") for link in root.findall(f"{ATOM}link[@rel='self']")]
    if selves != [address]:
        yield f"self link: {selves}"
    for tag in ("id", "updated"):
        yield from _repeated(tag, (e.text for e in root.findall(f"{ATOM}entry/{ATOM}{tag}")))
    newest = max((e.text for e in root.findall(f"{ATOM}entry/{ATOM}updated")), default=None)
    if newest is not None and newest != root.findtext(f"{ATOM}updated"):
        yield f"feed updated {root.findtext(f'{ATOM}updated')}, its newest entry {newest}"


def _repeated(what: str, values: Iterator[str | None]) -> Iterator[str]:
    yield from (f"two share {what} {v}" for v, count in Counter(values).items() if count > 1)


def _atom_entry_complaints(root: Any) -> Iterator[str]:
    for entry in root.findall(f"{ATOM}entry"):
        source = entry.find(f"{ATOM}source")
        if source is not None:
            for tag in ("id", "title", "updated"):
                if not source.findtext(f"{ATOM}{tag}"):
                    yield f"source without {tag}"
        if not any(
            e.find(f"{ATOM}author") is not None for e in (entry, source, root) if e is not None
        ):
            yield "entry without author"
        if entry.find(f"{ATOM}content") is None and not entry.findall(f"{ATOM}link"):
            yield "entry with neither content nor link"
    for parent in root.iter(f"{ATOM}feed", f"{ATOM}entry", f"{ATOM}source"):
        kinds = Counter(
            (link.get("type"), link.get("hreflang"))
            for link in parent.findall(f"{ATOM}link")
            if link.get("rel", "alternate") == "alternate"
        )
        yield from (f"{n} alternate links of type {kind}" for kind, n in kinds.items() if n > 1)


def _atom_element_complaints(element: Any, now: datetime | None) -> Iterator[str]:
    tag = str(element.tag).removeprefix(ATOM)
    text = element.text or ""
    if tag == "id":
        yield from _id_complaints(text)
    elif tag in ("updated", "published"):
        yield from _rfc3339_complaints(tag, text, now)
    elif tag == "link":
        yield from _link_complaints(element)
    elif tag == "name":
        yield from _name_complaints(text)
    elif tag in ("title", "subtitle", "summary", "rights"):
        if not text.strip() and not len(element):
            yield f"{tag} is blank"
        if element.get("type", "text") == "text" and MARKUP.search(text):
            yield f"{tag} looks like markup: {text}"
    elif tag == "content" and element.get("type") == "html":
        yield from _Html.complaints(text)


def _id_complaints(text: str) -> Iterator[str]:
    if not IRI.fullmatch(text):
        yield f"id is no IRI: {text}"
    if text.startswith("urn:uuid:") and not URN_UUID.fullmatch(text):
        yield f"id is no UUID: {text}"
    if text.startswith("tag:") and not TAG.fullmatch(text):
        yield f"id is no tag: {text}"


def _link_complaints(element: Any) -> Iterator[str]:
    if not IRI.fullmatch(element.get("href", "")):
        yield f"link is no IRI: {element.get('href')}"
    if element.get("rel", "alternate") not in REGISTERED:
        yield f"link relation {element.get('rel')}"
    if not _is_canonical(element.get("href", "")):
        yield f"link is not in canonical form: {element.get('href')}"


def _name_complaints(text: str) -> Iterator[str]:
    if re.search(r"<[^<>\s]+@[^<>\s]+>", text):
        yield f"name contains an address of mail: {text}"


def _rfc3339_complaints(what: str, text: str, now: datetime | None) -> Iterator[str]:
    """RFC 3339, section 5.6, which is narrower than ISO 8601 and than ``fromisoformat``."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        yield f"{what} is not a date of RFC 3339: {text}"
        return
    yield from _moment_complaints(what, datetime.fromisoformat(text), now)


def _moment_complaints(what: str, moment: datetime, now: datetime | None) -> Iterator[str]:
    if moment <= datetime(1990, 1, 1, tzinfo=UTC):
        yield f"{what} is before the web: {moment}"
    if now is not None and moment >= now + timedelta(minutes=10):
        yield f"{what} lies ahead: {moment}"


def rss_complaints(
    body: bytes, address: str, *, titles: bool = True, now: datetime | None = None
) -> Iterator[str]:
    """Return everything that is wrong with the RSS 2.0 feed ``body``, served at ``address``.

    Titles that look like markup are reported only with ``titles``: a source may mean them, and
    RSS has no way to say that they are plain text.
    """
    root = etree.fromstring(body)
    yield from _xml_complaints(body, root, _RSS_GRAMMAR)
    selves = [
        (link.get("href"), link.get("type"))
        for link in root.findall(f"channel/{ATOM}link[@rel='self']")
    ]
    if selves != [(address, "application/rss+xml")]:
        yield f"self link: {selves}"
    yield from _repeated("guid", (guid.text for guid in root.iter("guid")))
    for item in root.iter("item"):
        yield from _rss_item_complaints(item)
    for element in root.iter():
        yield from _rss_element_complaints(element, titles=titles, now=now)


def _rss_item_complaints(item: Any) -> Iterator[str]:
    if not (item.findtext("title") or item.findtext("description")):
        yield "item with neither title nor description"
    if item.find("guid") is None:
        yield "item without guid"  # only recommended by the specification, but readers need it
    creators = [element.text for element in item.findall(f"{DC}creator")]
    if not creators and item.find("author") is None:
        yield "item without author"
    yield from _repeated("creator", iter(creators))


def _rss_element_complaints(element: Any, *, titles: bool, now: datetime | None) -> Iterator[str]:
    tag, text = str(element.tag), element.text or ""
    if tag in ("pubDate", "lastBuildDate"):
        yield from _rfc822_complaints(tag, text, now)
    elif tag == f"{ATOM}updated":
        yield from _rfc3339_complaints("atom:updated", text, now)
    elif tag == f"{ATOM}link":
        yield from _link_complaints(element)
        if not element.get("href", "").isascii():
            yield f"link is not a URI: {element.get('href')}"
    elif tag == f"{DC}creator":
        yield from _name_complaints(text)
    elif tag == "guid" and element.get("isPermaLink", "true") == "true":
        if not _is_uri(text):
            yield f"guid is not a permanent link: {text}"
    elif tag in ("link", "comments", "docs"):
        if not _is_uri(text):
            yield f"{tag} is not an address: {text}"
    elif tag in ("enclosure", "source"):
        if not _is_uri(element.get("url", "")):
            yield f"{tag} has no address: {element.get('url')}"
    elif tag == "title" and titles and MARKUP.search(text):
        yield f"title looks like markup: {text}"
    elif tag in ("description", f"{CONTENT}encoded"):
        yield from _Html.complaints(text)


def _rfc822_complaints(what: str, text: str, now: datetime | None) -> Iterator[str]:
    if not RFC822.fullmatch(text):
        yield f"{what} is not a date of RFC 822: {text}"
        return
    moment = parsedate_to_datetime(text)
    if "," in text and moment.strftime("%w") != str("SunMonTueWedThuFriSat".index(text[:3]) // 3):
        yield f"{what} has a wrong weekday: {text}"
    yield from _moment_complaints(what, moment, now)


def _is_web(text: str) -> bool:
    return re.match("https?://.", text) is not None and IRI.fullmatch(text) is not None


def _is_uri(text: str) -> bool:
    """Return whether RSS 2.0 permits an address: it knows URIs only."""
    return _is_web(text) and text.isascii() and _is_canonical(text)


def _is_canonical(address: str) -> bool:
    """Return whether an address is in the form of RFC 3986, section 6.2; others than http are."""
    found = re.match(r"(https?)://([^/?#]*)([^?#]*)", address, re.IGNORECASE)
    if found is None:
        return True
    scheme, host, path = found.groups()
    return (
        f"{scheme}{host}".islower()
        and not host.endswith((":", ":80" if scheme == "http" else ":443"))
        and path.startswith("/")
        and not re.search(r"/\.\.?(/|\Z)", path)
        and not re.search(r"%(?![0-9A-F]{2})", address)
        and not re.search(r"[\[\]]", address[found.start(3) :])
        and address.count("#") < 2
    )


Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and _is_uri(value)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(member, dict) for member in value)


def _is_tags(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(tag) for tag in value)


def _is_language(value: Any) -> bool:
    return (
        isinstance(value, str)
        and LANGUAGE.fullmatch(value) is not None
        and registered_language(value) is not None
    )


def _is_media_type(value: Any) -> bool:
    return isinstance(value, str) and MEDIA_TYPE.match(value) is not None


FEED: dict[str, Check] = {
    "version": lambda value: value == "https://jsonfeed.org/version/1.1",
    "title": _is_text,
    "home_page_url": _is_address,
    "feed_url": _is_address,
    "description": _is_text,
    "user_comment": _is_text,
    "next_url": _is_address,
    "icon": _is_address,
    "favicon": _is_address,
    "authors": _is_objects,
    "language": _is_language,
    "expired": lambda value: isinstance(value, bool),
    "hubs": _is_objects,
    "items": _is_objects,
}
ITEM: dict[str, Check] = {
    "id": _is_text,
    "url": _is_address,
    "external_url": _is_address,
    "title": _is_text,
    "content_html": lambda value: isinstance(value, str),
    "content_text": lambda value: isinstance(value, str),
    "summary": _is_text,
    "image": _is_address,
    "banner_image": _is_address,
    "date_published": _is_text,
    "date_modified": _is_text,
    "authors": _is_objects,
    "tags": _is_tags,
    "language": _is_language,
    "attachments": _is_objects,
}
AUTHOR: dict[str, Check] = {"name": _is_text, "url": _is_address, "avatar": _is_address}
HUB: dict[str, Check] = {"type": _is_text, "url": _is_address}
ATTACHMENT: dict[str, Check] = {
    "url": _is_address,
    "mime_type": _is_media_type,
    "title": _is_text,
    "size_in_bytes": _is_size,
    "duration_in_seconds": _is_number,
}


def json_feed_complaints(
    body: bytes, address: str, *, now: datetime | None = None
) -> Iterator[str]:
    """Return everything that is wrong with the JSON Feed ``body``, served at ``address``."""
    repeated: list[str] = []
    try:
        feed = json.loads(body.decode("utf-8"), object_pairs_hook=_object(repeated))
    except ValueError as error:
        yield f"not JSON in UTF-8: {error}"
        return
    yield from (f"member {name} is there twice" for name in repeated)
    yield from _object_complaints("feed", feed, FEED, ("version", "title", "items"))
    if feed.get("feed_url") != address:
        yield f"feed_url: {feed.get('feed_url')}"
    for hub in feed.get("hubs", []):
        yield from _object_complaints("hub", hub, HUB, ("type", "url"))
    items = feed.get("items", [])
    yield from _repeated("id", (item.get("id") for item in items))
    for item in items:
        yield from _item_complaints(item, now)
    yield from _string_complaints(feed)


def _object(repeated: list[str]) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(name for name, _ in pairs)
        repeated.extend(name for name, count in counts.items() if count > 1)
        return dict(pairs)

    return made


def _object_complaints(
    what: str, found: Any, members: dict[str, Check], required: tuple[str, ...]
) -> Iterator[str]:
    """Unknown members, wrong values and missing members; ``_name`` is an extension."""
    for name, value in found.items():
        if name.startswith("_"):
            if "." in name or not isinstance(value, dict):
                yield f"{what}: {name} is not an extension"
        elif name not in members:
            yield f"{what}: {name} is unknown"
        elif not members[name](value):
            yield f"{what}: {name} is {value!a}"
    yield from (f"{what} without {name}" for name in required if name not in found)


def _item_complaints(item: dict[str, Any], now: datetime | None) -> Iterator[str]:
    yield from _object_complaints("item", item, ITEM, ("id",))
    if "content_html" not in item and "content_text" not in item:
        yield "item without content"
    for name in ("date_published", "date_modified"):
        if name in item:
            yield from _rfc3339_complaints(name, str(item[name]), now)
    for author in item.get("authors", []):
        yield from _object_complaints("author", author, AUTHOR, ())
        if not author.keys() & AUTHOR.keys():
            yield "author without anything"
    for attachment in item.get("attachments", []):
        yield from _object_complaints("attachment", attachment, ATTACHMENT, ("url", "mime_type"))
    yield from _Html.complaints(str(item.get("content_html", "")))


def _string_complaints(value: Any) -> Iterator[str]:
    if isinstance(value, str) and (found := FORBIDDEN.search(value)):
        yield f"holds {found[0]!a}"
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _string_complaints(member)


class _Html(HTMLParser):
    """Collects everything in HTML other than paragraphs, lists and links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    @classmethod
    def complaints(cls, html: str) -> list[str]:
        parser = cls()
        parser.feed(html)
        parser.close()
        return parser.found + [f"{tag} is not closed" for tag in parser.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS:
            self.found.append(f"element {tag}")
        for name, value in attrs:
            if name == "href":
                # Browsers accept a stray per cent sign, and so does the W3C's validator here.
                if not re.fullmatch(r"(https?://|mailto:)[^\s\"<>]+", value or "", re.I):
                    self.found.append(f"href {value}")
            elif name not in ("start", "value", "rel", "lang", "title"):
                self.found.append(f"attribute {name}")
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # The slash of ``<br/>`` means nothing to HTML: any other element stays open.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.found.append(f"end of {tag}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"declaration {decl}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")
