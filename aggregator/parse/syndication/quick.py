"""The quick way to read RSS and Atom: lxml, for feeds of which it is sure.

Takes the XML of a feed in UTF-8; gives what was found of it, or None where only feedparser can say
what it means.  feedparser reads a feed as a stream of events with some hundred rules on how they
act on each other; here is what these rules come to for an element that stands where it should, and
everything else is refused (``_NotSure``): no guess is made here.  libxml2, told not to recover,
takes no document that expat does not take.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

from aggregator.parse.syndication.addresses import joined, rebased
from aggregator.parse.syndication.channel import Saying
from aggregator.parse.syndication.found import Found, Text, link_of, may_need_repair, repaired
from aggregator.parse.syndication.lines import spans
from aggregator.parse.syndication.markup import NotPlainError, inline, looks_like_html
from aggregator.parse.syndication.moments import moment
from aggregator.parse.syndication.names import (
    ATOM,
    ATOM03,
    CLOBBERING,
    IGNORED,
    MARKUP,
    PREFIXES,
    RDF,
    RSS09,
    RSS10,
    SPLIT_PREFIXES,
    UNSURE,
    XHTML,
    XML,
    name_of,
    prefix_of,
)

PLAIN, HTML, XHTML_TYPE = "text/plain", "text/html", "application/xhtml+xml"
_TYPES = {
    "text": PLAIN,
    "plain": PLAIN,
    "text/plain": PLAIN,
    "html": HTML,
    "text/html": HTML,
    "xhtml": XHTML_TYPE,
    XHTML_TYPE: XHTML_TYPE,
}
_TYPE_ALONE = ["type"]
_VERSIONS = {
    ATOM.lower(): f"{{{ATOM}}}feed",
    RSS10.lower(): f"{{{RDF}}}RDF",
    RSS09.lower(): f"{{{RDF}}}RDF",
}  # namespaces by which feedparser knows a format, and the root of that
_DECLARED = re.compile(rb"\sxmlns(?::([^\s=]+))?\s*=\s*[\"']([^\"']*)[\"']")
_BASE = re.compile(rb"[\s:]base\s*=", re.IGNORECASE)
_STRAY = re.compile(r"&(\w+);", re.ASCII)
_MAX_DEPTH = 12
_MAX_LINE = 65_535  # libxml2 counts no further

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    recover=False,
    remove_comments=True,
    remove_pis=True,
)


class _NotSure(Exception):  # noqa: N818  (not an error: the other parser's turn)
    """This feed is feedparser's to read."""


@dataclass(frozen=True, slots=True)
class Read:
    """A feed as read: what it says of itself, its first items, and the lines of all of them."""

    saying: Saying
    items: list[Found]
    lines: Sequence[tuple[int, int]]


def read(xml: bytes, address: str, max_items: int) -> Read | None:
    """A feed, its first ``max_items`` items found and the others counted.

    ``xml`` is in UTF-8 and has no document type.  None: this is not for here.
    """
    try:
        root = etree.fromstring(xml, _PARSER)
        _check_namespaces(xml, root)
        return _Reading(xml, root, address, max_items).whole()
    except (_NotSure, NotPlainError, etree.XMLSyntaxError, ValueError):
        return None


def _check_namespaces(xml: bytes, root: Any) -> None:
    """Refuse a feed in which a prefix does not mean what it usually does."""
    declared: Iterable[tuple[str | None, str]] = root.nsmap.items()
    prefixes = len(root.nsmap) - (None in root.nsmap)
    # Every look at all of a feed costs a tenth of building its tree: this is the only one.
    if xml.count(b"xmlns:") != prefixes:
        declared = [
            (prefix.decode() or None, namespace.decode())
            for prefix, namespace in _DECLARED.findall(xml)
        ]
    if root.tag == f"{{{RDF}}}RDF" and not {RSS10, RSS09} & set(root.nsmap.values()):
        raise _NotSure
    for prefix, namespace in declared:
        usual = prefix_of(namespace)
        if _VERSIONS.get(namespace.lower(), root.tag) != root.tag and root.tag != "rss":
            raise _NotSure  # of two that are declared, the first says how texts are read
        if prefix is None:
            continue
        if prefix.lower() in PREFIXES and usual != prefix.lower():
            raise _NotSure
        if usual is None and prefix.lower() in SPLIT_PREFIXES:
            raise _NotSure


class _Reading:
    """One feed while it is read: where in it, and the item at hand."""

    def __init__(self, xml: bytes, root: Any, address: str, max_items: int) -> None:
        self.xml = xml
        self.root = root
        self.max_items = max_items
        self.base = address
        self.language: str | None = None
        self.is_atom10 = root.tag == f"{{{ATOM}}}feed"
        self.is_atom = self.is_atom10 or root.tag == f"{{{ATOM03}}}feed"
        if not address and _BASE.search(xml):
            raise _NotSure  # without an outer base, feedparser keeps an inner one for what follows
        self.may_need_repair: bool | None = None
        self.saying = Saying()
        self.title_is_set = False
        self.has_summary = False
        self.has_content = False
        self.items: list[Found] = []
        self.elements: list[Any] = []
        self.found = Found()
        self.author_is_text = False
        self.title_depth = -1
        self.title_kept_at = 0
        self.summary_kept_at = 0

    def whole(self) -> Read:
        """All of the feed."""
        self.enter(self.root)
        if self.root.tag == "rss":
            (channel,) = self.root
            if channel.tag != "channel":
                raise _NotSure
            self.saying.language = self.language
            self.enter(channel)
            self.channel(channel, "item")
        elif self.is_atom:
            self.saying.language = self.language
            self.channel(self.root, "entry")
        elif self.root.tag == f"{{{RDF}}}RDF":
            self.rdf()
        else:
            raise _NotSure
        return Read(self.saying, self.items, _lines(self.xml, self.elements))

    def rdf(self) -> None:
        """RSS 1.0 and 0.9, where items stand beside the channel."""
        outer = self.base, self.language
        for element in self.root:
            name = name_of(element.tag)
            if name == "channel":
                self.enter(element)
                self.channel(element, "")
                self.base, self.language = outer
            elif name == "item":
                self.item(element)
            elif name in ("image", "textinput"):
                _check_image(element)
            else:
                _pass_over(element, 1)

    def enter(self, element: Any) -> None:
        """Take on the base and the language of ``element``, and see that it has no address."""
        base = language = None
        for key, value in element.items():
            local = key.rpartition("}")[2].lower()
            if local in ("href", "lastmod") and element is not self.root:
                raise _NotSure
            if local == "base" and base is None and _is_plain(key):
                base = value
            elif local == "lang" and language is None and _is_plain(key):
                language = value
            elif local in ("base", "lang"):
                raise _NotSure
        if base:
            self.base = rebased(self.base, base)
        if language is not None:
            self.language = language.replace("_", "-") or None

    def channel(self, element: Any, item: str) -> None:
        """What a feed says of itself, and the items that stand in it."""
        for child in element:
            name = name_of(child.tag)
            if name == item:
                self.item(child)
            elif name in _CHANNEL:
                _CHANNEL[name](self, child)
            elif name in MARKUP:
                _markup(self, child, 1)
            elif name in _QUIET:
                _check_quiet(child)
            elif name in _READERS:
                raise _NotSure
            else:
                _pass_over(child, 1)

    def item(self, element: Any) -> None:
        """One item or entry."""
        self.elements.append(element)
        self.title_is_set = False
        if len(self.items) >= self.max_items:
            return
        outer = self.base, self.language
        self.found = Found()
        self.title_depth = -1
        if element.keys():
            self.enter(element)
            self.found.id = element.get(f"{{{RDF}}}about") or None
        for child in element:
            read = _reader(child.tag)
            if read is not None:
                read(self, child, 1)
            elif len(child):
                _look_into(self, child, 1)
        self.items.append(self.found)
        self.has_content = False
        self.base, self.language = outer

    def text(self, element: Any, kind: str) -> Text:
        """The text of an element that is a ``kind`` where it does not say."""
        base, language = self.base, self.language
        keys = element.keys()
        if keys:
            known = _TYPES.get(element.get("type")) if keys == _TYPE_ALONE else None
            if known:
                kind = known
            else:
                kind, base, language = self.attributes_of_text(element, kind)
        if len(element):
            if kind != XHTML_TYPE or not self.is_atom:
                raise _NotSure
            return Text(self.mended(inline(element, unwraps=self.is_atom10)), kind, base, language)
        value = (element.text or "").strip()
        if kind == XHTML_TYPE:
            value = value.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")
        elif kind == PLAIN and not self.is_atom and looks_like_html(value):
            kind = HTML
        return Text(value if value.isascii() else self.repaired(value), kind, base, language)

    def mended(self, text: str) -> str:
        """``text`` without white space around it, repaired."""
        text = text.strip()
        return text if text.isascii() else self.repaired(text)

    def repaired(self, text: str) -> str:
        """``text`` with feedparser's repairs, where there is anything in the feed to repair."""
        if self.may_need_repair is None:
            self.may_need_repair = may_need_repair(self.xml)
        return repaired(text) if self.may_need_repair else text

    def attributes_of_text(self, element: Any, kind: str) -> tuple[str, str, str | None]:
        """Type, base and language that an element says of its text."""
        base, language = self.base, self.language
        attributes = _attributes(element)
        if attributes.get("mode", "xml") not in ("xml", "escaped"):
            raise _NotSure
        if "type" in attributes:
            known = _TYPES.get(attributes["type"].lower())
            if known is None:
                raise _NotSure
            kind = known
        said = attributes.get("xml:base", attributes.get("base"))
        if said:
            base = rebased(base, said)
        said = attributes.get("xml:lang", attributes.get("lang"))
        if said is not None:
            language = said.replace("_", "-") or None
        return kind, base, language

    def base_of(self, attributes: dict[str, str]) -> str:
        """The base of addresses in an element with ``attributes``."""
        said = attributes.get("xml:base", attributes.get("base"))
        return rebased(self.base, said) if said else self.base


def _is_plain(key: str) -> bool:
    return not key.startswith("{") or key.startswith(XML)


def _attributes(element: Any) -> dict[str, str]:
    """The attributes of ``element`` by their names in lower case; of XML's own with ``xml:``."""
    attributes = {}
    for key, value in element.items():
        if key.startswith(XML):
            attributes["xml:" + key[len(XML) :].lower()] = value
        elif key.startswith("{"):
            raise _NotSure  # feedparser takes it for the attribute without a namespace
        else:
            attributes[key.lower()] = value
    return attributes


def _leaf(element: Any) -> str:
    """The text of an element that holds no other."""
    if len(element):
        raise _NotSure
    return element.text or ""


# --- what stands in an item ---------------------------------------------------------------------

_Read = Callable[[_Reading, Any, int], None]


def _title(reading: _Reading, element: Any, depth: int) -> None:
    text = _place_title(reading, element, depth)
    if text:
        reading.title_depth = depth


def _media_title(reading: _Reading, element: Any, depth: int) -> None:
    """``media:title`` is a title until there is another one."""
    _place_title(reading, element, depth)


def _place_title(reading: _Reading, element: Any, depth: int) -> str:
    text = reading.text(element, PLAIN)
    if 0 <= reading.title_depth <= depth:
        return text.value
    old = reading.found.title
    if old is None or depth <= reading.title_kept_at:
        reading.found.title = text
        reading.title_kept_at = depth
    else:
        reading.found.title = text._replace(value=old.value)
    return text.value


def _description(reading: _Reading, element: Any, depth: int) -> None:
    _summary_or_content(reading, element, depth, HTML)


def _summary(reading: _Reading, element: Any, depth: int) -> None:
    _summary_or_content(reading, element, depth, PLAIN)


def _summary_or_content(reading: _Reading, element: Any, depth: int, kind: str) -> None:
    """The first is the summary; a second one is content, where there is none yet."""
    found = reading.found
    if found.summary is not None and not reading.has_content:
        _content(reading, element, depth)
        return
    text = reading.text(element, kind)
    if found.summary is None or depth <= reading.summary_kept_at:
        found.summary = text
        reading.summary_kept_at = depth
    else:
        found.summary = text._replace(value=found.summary.value)


def _content(reading: _Reading, element: Any, _depth: int) -> None:
    reading.has_content = True
    reading.found.contents.append(reading.text(element, PLAIN))


def _encoded(reading: _Reading, element: Any, _depth: int) -> None:
    reading.has_content = True
    reading.found.contents.append(reading.text(element, HTML))


def _link(reading: _Reading, element: Any, _depth: int) -> None:
    found = reading.found
    if not element.keys():
        address = _text_link(reading, element)
        found.link = (
            _STRAY.sub(r"&\1", address.replace("&amp;", "&")) if "&" in address else address
        )
        if found.link:
            found.links.append(link_of(found.link, "alternate", None, None, None))
        return
    attributes, href = _link_element(reading, element)
    rel, kind = attributes["rel"], attributes["type"]
    found.links.append(link_of(href, rel, kind, attributes.get("title"), attributes.get("length")))
    if rel == "alternate" and _TYPES.get(kind) in (HTML, XHTML_TYPE):
        found.link = href


def _text_link(reading: _Reading, element: Any) -> str:
    """The address in an RSS ``link``."""
    address = _leaf(element).strip()
    return reading.repaired(joined(reading.base, address)) if address else ""


def _link_element(reading: _Reading, element: Any) -> tuple[dict[str, str], str]:
    """The attributes of an Atom ``link``, and its address."""
    attributes = _attributes(element)
    href = attributes.get("href")
    if not href or "url" in attributes or "uri" in attributes:
        raise _NotSure
    _leaf(element)
    attributes["rel"] = attributes.get("rel", "alternate").lower()
    attributes["type"] = attributes.get("type", HTML).lower()
    return attributes, joined(reading.base_of(attributes), href)


def _id(reading: _Reading, element: Any, _depth: int) -> None:
    """A ``guid`` is the link too, unless it says otherwise, where there is no other yet."""
    attributes = _attributes(element) if element.keys() else {}
    value = _leaf(element).strip()
    is_link = attributes.get("ispermalink", "true") == "true"
    if value and is_link:
        value = joined(reading.base_of(attributes), value)
    found = reading.found
    found.id = reading.repaired(value)
    if is_link and found.link is None:
        found.link = found.id


def _published(reading: _Reading, element: Any, _depth: int) -> None:
    value = reading.mended(_leaf(element))
    reading.found.published = value
    reading.found.published_at = _moment(value)


def _updated(reading: _Reading, element: Any, _depth: int) -> None:
    value = reading.mended(_leaf(element))
    reading.found.updated = value
    reading.found.updated_at = _moment(value)


def _moment(value: str) -> Any:
    if not value:
        return None
    at = moment(value)
    if at is None:
        raise _NotSure
    return at


def _author(reading: _Reading, element: Any, _depth: int) -> None:
    authors = reading.found.authors
    is_text = not len(element)
    if authors and is_text != reading.author_is_text:
        raise _NotSure  # feedparser gives the first of them the name of the next
    reading.author_is_text = is_text
    if is_text:
        authors.append(_person(reading.mended(element.text or "")))
        return
    names = {"name": "", "email": ""}
    for child in element:
        name = name_of(child.tag)
        if name not in ("name", "email", "uri", "url", "homepage"):
            raise _NotSure
        value = _leaf(child).strip()  # of all texts, these two are never repaired
        if name in names:
            names[name] = value
    if not names["name"] and authors:
        raise _NotSure  # feedparser gives it the name of the author before
    authors.append(names["name"] or names["email"])


_ADDRESS = r"[A-Za-z0-9_.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,4}"
_PERSON = re.compile(
    rf"({_ADDRESS})(?: \(([^@()<>]*)\))?|([^@()<>]*[^@()<>\s]) (?:<{_ADDRESS}>|\({_ADDRESS}\))",
    re.ASCII,
)


def _person(text: str) -> str:
    """The name in an RSS ``author``, which is an e-mail address and perhaps a name, or either."""
    if "@" not in text:
        return text
    found = _PERSON.fullmatch(text) if len(text) < 200 else None
    if found is None or "&lt;" in text:
        raise _NotSure
    name = (found[2] or found[3] or "").strip()
    return name or found[1]


def _category(reading: _Reading, element: Any, _depth: int) -> None:
    if element.keys():
        attributes = _attributes(element)
        reading.found.categories.append(attributes.get("term", ""))
    reading.found.categories.append(reading.mended(_leaf(element)))


def _itunes_category(reading: _Reading, element: Any, _depth: int) -> None:
    reading.found.categories += [
        _attributes(element).get("text", ""),
        reading.mended(_leaf(element)),
    ]


def _keywords(reading: _Reading, element: Any, _depth: int) -> None:
    if not element.keys():
        words = reading.mended(_leaf(element)).split(",")
        reading.found.categories += [word.strip() for word in words]
    else:
        _leaf(element)


def _enclosure(reading: _Reading, element: Any, _depth: int) -> None:
    attributes = _attributes(element)
    address = attributes.get("url")
    if not address or len(element):
        raise _NotSure
    reading.found.links.append(
        link_of(
            address,
            "enclosure",
            attributes.get("type", "").lower(),
            attributes.get("title"),
            attributes.get("length"),
        )
    )


_OF_SOURCE = frozenset(
    "id updated published link author category generator icon logo contributor".split()
)
_PEOPLE = frozenset(("author", "contributor"))


def _source(reading: _Reading, element: Any, depth: int) -> None:
    """RSS ``source``, and ``atom:source`` with the elements of the feed it came from."""
    reading.title_depth = -1
    reading.found.publisher = reading.mended(element.text or "")
    if not len(element):
        return
    title = None
    for child in element:
        name = name_of(child.tag)
        if name == "title" and title is None:
            title = reading.text(child, PLAIN).value
            reading.title_depth = depth + 1 if title else -1
        elif name in MARKUP:
            _markup(reading, child, depth)
        elif name not in _OF_SOURCE or (len(child) and name not in _PEOPLE):
            raise _NotSure
        else:
            _check_quiet(child)
        if child.tail and not child.tail.isspace():
            raise _NotSure
    if reading.found.publisher:
        raise _NotSure
    reading.found.publisher = title


def _language(reading: _Reading, element: Any, _depth: int) -> None:
    reading.found.language = reading.mended(_leaf(element))


def _image(reading: _Reading, element: Any, _depth: int) -> None:
    _leaf(element)
    reading.title_depth = -1


def _markup(_reading: _Reading, element: Any, _depth: int) -> None:
    """A text that is not kept, and in which elements mean nothing."""
    for inner in element.iterdescendants():
        tag = inner.tag
        if not tag.startswith(XHTML) or tag.removeprefix(XHTML) in ("body", "svg", "math"):
            raise _NotSure


def _foreign(reading: _Reading, element: Any, depth: int) -> None:
    """An element of a namespace that feedparser does not know."""
    _check_foreign(element)
    if len(element):
        _look_into(reading, element, depth)


def _check_foreign(element: Any) -> None:
    if element.prefix is None and element.tag.rpartition("}")[2].lower() in _KNOWN:
        raise _NotSure  # feedparser takes it for an element of RSS


def _look_into(reading: _Reading, element: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise _NotSure
    if any(key.rpartition("}")[2].lower() in ("base", "lang") for key, _ in element.items()):
        raise _NotSure
    for child in element:
        read = _reader(child.tag)
        if read is not None:
            if read not in _NESTED:
                raise _NotSure
            read(reading, child, depth + 1)
        elif len(child):
            _look_into(reading, child, depth + 1)


def _refuse(_reading: _Reading, _element: Any, _depth: int) -> None:
    raise _NotSure


_READERS: dict[str, _Read] = {
    **dict.fromkeys(("title", "dc_title"), _title),
    "media_title": _media_title,
    **dict.fromkeys(("description", "dc_description", "media_description"), _description),
    **dict.fromkeys(("summary", "itunes_summary"), _summary),
    "content": _content,
    "content_encoded": _encoded,
    "link": _link,
    **dict.fromkeys(("guid", "id"), _id),
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms_issued"), _published),
    **dict.fromkeys(
        ("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), _updated
    ),
    **dict.fromkeys(
        ("author", "managingeditor", "dc_author", "dc_creator", "itunes_author"), _author
    ),
    **dict.fromkeys(("category", "keywords", "dc_subject", "media_category"), _category),
    "itunes_category": _itunes_category,
    **dict.fromkeys(("itunes_keywords", "media_keywords"), _keywords),
    "enclosure": _enclosure,
    "source": _source,
    **dict.fromkeys(("language", "dc_language"), _language),
    "image": _image,
    "tags": _refuse,
    **dict.fromkeys(MARKUP, _markup),
}
_KNOWN = frozenset(_READERS) | IGNORED | UNSURE | CLOBBERING
_NESTED = (
    _foreign,
    _media_title,
    _title,
    _description,
    _category,
    _keywords,
    _markup,
)


@lru_cache(maxsize=4096)
def _reader(tag: str) -> _Read | None:
    """What reads an element; None where only the elements in it could matter."""
    name = name_of(tag)
    if name is None:
        return _foreign
    if name in UNSURE or name in CLOBBERING:
        return _refuse
    return _READERS.get(name)


def _lines(xml: bytes, items: list[Any]) -> Sequence[tuple[int, int]]:
    """First and last line of each item; an item ends where the next one begins."""
    starts = [element.sourceline for element in items]
    if not starts or starts[-1] >= _MAX_LINE:
        return spans(xml, len(items))
    ends = [
        max(start, following - (element.tail or "").count("\n"))
        for element, start, following in zip(items, starts, starts[1:], strict=False)
    ]
    last = starts[-1] + "".join(items[-1].itertext()).count("\n")
    return list(zip(starts, [*ends, last], strict=True))


# --- what a feed says of itself -----------------------------------------------------------------


def _channel_title(reading: _Reading, element: Any) -> None:
    text = reading.text(element, PLAIN)
    if not reading.title_is_set:
        reading.saying.title = text
    reading.title_is_set = bool(text.value)


def _channel_link(reading: _Reading, element: Any) -> None:
    saying = reading.saying
    if not element.keys():
        saying.home = _STRAY.sub(r"&\1", _text_link(reading, element))
        return
    attributes, href = _link_element(reading, element)
    saying.links.append((attributes["rel"], href))
    if attributes["rel"] == "alternate" and _TYPES.get(attributes["type"]) in (HTML, XHTML_TYPE):
        saying.home = href


def _channel_id(reading: _Reading, element: Any) -> None:
    """An id is the feed's page too, where nothing else is yet."""
    attributes = _attributes(element)
    value = _leaf(element).strip()
    if attributes.get("ispermalink", "true") == "true" and reading.saying.home is None:
        reading.saying.home = (
            reading.repaired(joined(reading.base_of(attributes), value)) if value else ""
        )


def _channel_language(reading: _Reading, element: Any) -> None:
    reading.saying.language = reading.mended(_leaf(element))


def _channel_summary(reading: _Reading, element: Any) -> None:
    """Twice a summary makes the second one content, and that tells on the first item."""
    reading.text(element, PLAIN)
    if reading.has_summary and not reading.has_content:
        reading.has_content = True
    else:
        reading.has_summary = True


def _channel_description(reading: _Reading, element: Any) -> None:
    reading.text(element, PLAIN)
    if reading.has_summary:
        reading.has_content = True


def _channel_image(reading: _Reading, element: Any) -> None:
    _check_image(element)
    reading.title_is_set = False


def _check_image(element: Any) -> None:
    """An ``image`` or ``textInput`` may hold the elements of its own, and these only text."""
    for child in element:
        name = name_of(child.tag)
        if name not in ("title", "link", "description", "name", "url", "width", "height"):
            raise _NotSure
        if len(child) or child.keys():
            raise _NotSure


def _say(key: str) -> Callable[[_Reading, Any], None]:
    def read(reading: _Reading, element: Any) -> None:
        said = "" if element.keys() else reading.mended(_leaf(element))
        setattr(reading.saying, key, said)

    return read


def _skip(key: str) -> Callable[[_Reading, Any], None]:
    def read(reading: _Reading, element: Any) -> None:
        setattr(reading.saying, key, [_leaf(child) for child in element])

    return read


def _pass_over(element: Any, depth: int) -> None:
    """What means nothing to this program, nor anything in it."""
    read = _reader(element.tag)
    if read is _foreign:
        _check_foreign(element)
    elif read is not None or depth > _MAX_DEPTH:
        raise _NotSure
    for child in element:
        _pass_over(child, depth + 1)


def _contents(_reading: _Reading, element: Any) -> None:
    """A table of contents, such as RSS 1.0 has."""
    for child in element:
        _pass_over(child, 1)


_CHANNEL: dict[str, Callable[[_Reading, Any], None]] = {
    "title": _channel_title,
    "dc_title": _channel_title,
    "link": _channel_link,
    "guid": _channel_id,
    "id": _channel_id,
    "language": _channel_language,
    "dc_language": _channel_language,
    "summary": _channel_summary,
    "itunes_summary": _channel_summary,
    "description": _channel_description,
    "dc_description": _channel_description,
    "image": _channel_image,
    "textinput": _channel_image,
    "ttl": _say("ttl"),
    "sy_updateperiod": _say("update_period"),
    "sy_updatefrequency": _say("update_frequency"),
    "skiphours": _skip("hours"),
    "skipdays": _skip("days"),
    "items": _contents,
}
_QUIET = frozenset(
    name
    for name, read in _READERS.items()
    if read in (_published, _updated, _author, _category, _itunes_category, _keywords)
)
_IN_QUIET = frozenset("name email uri url homepage itunes_category".split())


def _check_quiet(element: Any) -> None:
    """What is kept of items only may hold elements of its own, and these only text."""
    for child in element:
        if name_of(child.tag) not in _IN_QUIET:
            raise _NotSure
        _check_quiet(child)
