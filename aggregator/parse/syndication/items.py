"""Build an ``Item`` from what either parser found.

Takes texts, links and dates in feedparser's terms; returns an ``Item`` within its bounds.  Both
parsers end here, so that the choices (which text is the body, which link is the item's own) are
made in one place.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from aggregator.dating.stated import ANY, DateRules, read_time
from aggregator.model import Extension, Item, Link, Markup, Problem, Upstream
from aggregator.normalise.identity import feed_id, page_uuid
from aggregator.parse.extension import extension_of, from_text, related_addresses
from aggregator.parse.syndication.addresses import is_web, joined, with_absolute_addresses
from aggregator.parse.syndication.pictures import Picture, with_picture

_UNSET = frozenset(date(year, 1, 1) for year in (1, 1900, 1904, 1970))
_RELS = frozenset(("alternate", "enclosure", "related", "via"))
WINDOWS_1252 = {
    number: bytes([number]).decode("cp1252")
    for number in range(0x80, 0xA0)
    if number not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_LOW = re.compile(b"\xc2[\x80-\xbf]")
_LOW_REFERENCE = re.compile(rb"&#(?:x|0|1[2-9]\d;)")
_HAS_C1 = re.compile("[\x80-\x9f]").search

CONTENT, DESCRIPTION, SUMMARY, OTHER, CAPTION = range(5)
"""Where a text stands in its item; a lower number is rather its body.  ``OTHER`` are the summaries
of Dublin Core and iTunes, ``CAPTION`` is what a picture or another element in the item has."""

_OWN_TEXT = SUMMARY  # and what is before it: texts of which the longer one is the body
_TAG = re.compile(r"<[^<>]*>")
_MUCH_SHORTER = 4  # so much shorter than the content with its markup, a summary is no body
_IANA = "http://www.iana.org/assignments/relation/"  # RFC 4287, section 4.2.7.2

MAX_TITLE = 2_000
MAX_ID = 2_000
MAX_NAME = 400
MAX_ADDRESS = 8_000
MAX_LINKS = 50
MAX_NAMES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits of what is read: items of a document, and characters of an item's text.

    ``dates`` is what the source says of its dates.  ``is_aggregator``: it is another Aggregator,
    whose extension counts.
    """

    max_items: int
    max_item_size: int
    dates: DateRules = ANY
    is_aggregator: bool = False


class Text(NamedTuple):
    """A text with its media type, the base of its addresses, its language, and its place."""

    value: str
    type: str
    base: str
    language: str | None
    place: int = CONTENT


@dataclass(slots=True)
class FoundItem:
    """One item as a parser found it, in feedparser's terms.

    ``link`` is its own address, and ``permalink`` an id that is its address where there is no
    other; ``links`` are all its link elements, with enclosures, and ``pictures`` those of other
    elements.  ``source_id`` is the id of the feed in which it was first, and ``extension`` JSON
    as found.
    """

    title: Text | None = None
    texts: list[Text] = field(default_factory=list)
    id: str | None = None
    link: str | None = None
    permalink: str | None = None
    links: list[Link] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    published: str | None = None
    updated: str | None = None
    authors: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    language: str | None = None
    publisher: str | None = None
    source_id: str | None = None
    extension: dict[str, Any] | str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The same for all items of a feed: its address, page and language, how dates are read, and the
    limits; ``id`` and ``title`` are its own.
    """

    address: str
    home: str | None
    language: str | None
    dates: DateRules
    bounds: Bounds
    id: str | None = None
    title: str = ""


def may_need_repair(xml: bytes) -> bool:
    """Return whether a text in ``xml``, a feed in UTF-8, may need ``repaired``.

    Both repairs concern characters from U+0080 to U+00BF, literal or as references.
    """
    return _LOW.search(xml) is not None or _LOW_REFERENCE.search(xml) is not None


def repaired(text: str) -> str:
    """Return ``text`` with feedparser's two repairs.

    They correct UTF-8 that was decoded as Latin-1, and Windows-1252 characters that were encoded
    with the numbers of control characters.
    """
    if text.isascii():
        return text
    try:  # noqa: SIM105  (`suppress` would double the time)
        text = text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        pass
    return text.translate(WINDOWS_1252) if _HAS_C1(text) else text


def item_of(
    found: FoundItem, position: int, lines: tuple[int, int], context: Context
) -> tuple[Item, Problem | None]:
    """Return the item that was ``found``, and the problem where it was cut."""
    text = _text(found.texts)
    title = found.title
    extension = _extension(found, context) if context.bounds.is_aggregator else None
    if extension is not None:
        title = None if extension.is_untitled else title
        found.link = _first_page(found) or found.link
    links = _links(found, context.address or context.home or "")
    page = links[0].href if links and links[0].rel == "alternate" else None
    base = page or context.home if text and text.base == context.address else None
    body, cut = _body(text, base, context.bounds.max_item_size)
    published, updated = _time(found.published, context), _time(found.updated, context)
    if extension is not None:
        links = _own_links(links, found)
        page = links[0].href if links and links[0].rel == "alternate" else None
    if found.pictures:
        links = with_picture(links, found.pictures, body, MAX_ADDRESS)
    made = Item(
        position=position,
        lines=lines,
        title=title.value[:MAX_TITLE] if title else "",
        agency="",
        body=body,
        date=_written(found, published, updated),
        link=page,
        title_markup=_markup(title),
        body_markup=_markup(text),
        upstream=Upstream(
            id=found.id if found.id and len(found.id) <= MAX_ID else None,
            links=links,
            published=published if isinstance(published, datetime) else None,
            updated=updated if isinstance(updated, datetime) else None,
            day=_day(published or updated),
            authors=_names(found.authors),
            categories=_names(found.categories),
            language=found.language
            or (text.language if text else None)
            or (title.language if title else None)
            or context.language,
            publisher=found.publisher[:MAX_NAME] if found.publisher else None,
            is_summary=not any(one.place == CONTENT and one.value for one in found.texts),
        ),
        extension=extension,
    )
    return made, Problem(lines=lines, reason=cut, rejected=False) if cut else None


def _extension(found: FoundItem, context: Context) -> Extension:
    """Return what another Aggregator states of an entry.

    Where it does not name the agency, that is the category whose feed's id is the one of the entry
    (``output.plan``).
    """
    extension = extension_of(_json(found))
    if extension.agency is not None:
        return extension
    named = {found.source_id: found.publisher or "", context.id: context.title}
    for term in found.categories[:MAX_NAMES]:
        if (name := named.get(feed_id(term))) is not None:
            return replace(extension, agency=term.casefold(), names=((term.casefold(), name),))
    return extension


def _first_page(found: FoundItem) -> str | None:
    """Return the first page of an Atom entry: in the feed of an Aggregator its own comes first."""
    if isinstance(found.extension, dict):
        return None
    return next((link.href for link in found.links if link.rel == "alternate"), None)


def _own_links(links: tuple[Link, ...], found: FoundItem) -> tuple[Link, ...]:
    """Return links without those that another Aggregator made: its page, and its relations."""
    related = related_addresses(_json(found))
    page = f"/entries/{page_uuid(found.id)}.html" if found.id else None
    return tuple(
        link
        for link in links
        if not (link.rel == "related" and link.href in related)
        if not (page and link.rel == "alternate" and link.href.endswith(page))
    )


def _json(found: FoundItem) -> object:
    return from_text(found.extension) if isinstance(found.extension, str) else found.extension


def _text(texts: list[Text]) -> Text | None:
    """Return the text that is the body: the item's own before those of others and of pictures."""
    if len(texts) == 1:
        return texts[0]
    found = sorted((text for text in texts if text.value), key=lambda text: text.place)
    if not found:
        return texts[0] if texts else None
    best = found[0]
    if best.place == CAPTION:
        return best
    last = _OWN_TEXT if best.place <= _OWN_TEXT else best.place
    for other in found[1:]:
        if other.place <= last and _is_longer(other.value, best.value):
            best = other
    return best


def _is_longer(text: str, than: str) -> bool:
    """Return whether ``text`` says clearly more; pictures alone are not replaced by words."""
    if len(text) * _MUCH_SHORTER < len(than):
        return False
    length = len("".join(_TAG.sub("", than).split()))
    if not length and "<img" in than:
        return False
    return len("".join(_TAG.sub("", text).split())) > max(length + 20, length * 1.2)


def _body(text: Text | None, base: str | None, limit: int) -> tuple[str, str | None]:
    """Return ``text`` as the body, and the reason for a problem where it was cut.

    ``base`` is that of its addresses where the feed sets none.
    """
    if text is None:
        return "", None
    value = text.value
    reason = None
    if len(value) > limit:
        reason = f"its text has {len(value):,} characters, and was cut at {limit:,}"
        value = cut_markup(value, limit)
    if text.type == "text/plain":
        return value, reason
    return with_absolute_addresses(value, base or text.base), reason


def cut_markup(html: str, limit: int) -> str:
    """Return the start of ``html``, not cut within a tag."""
    start = html[:limit]
    tag = start.rfind("<")
    return start[:tag] if tag > start.rfind(">") and limit - tag < 1_000 else start


def _markup(text: Text | None) -> Markup:
    return "text" if text is None or text.type == "text/plain" else "html"


def _time(written: str | None, context: Context) -> date | None:
    return read_time(written, context.dates) if written else None


def _written(found: FoundItem, published: date | None, updated: date | None) -> str | None:
    """Return the date as written: of publication, or of the change if that cannot be read."""
    written = found.published if published or not updated else found.updated
    return written or found.updated or None


def _day(stated: date | None) -> date | None:
    """Return the day where there is no time; one that databases have for none is left out."""
    return None if isinstance(stated, datetime) or stated in _UNSET else stated


def _links(found: FoundItem, address: str) -> tuple[Link, ...]:
    """Return the item's own link and then the others, each once; all absolute http or https."""
    own = _own(found.link, address) or _own(found.permalink, address)
    if own and len(found.links) == 1:
        link = found.links[0]
        if link.href == own and link.rel == "alternate":
            return (link,)
    links: dict[tuple[str, str], Link] = {}
    if own:
        links[own, "alternate"] = Link(href=own)
    for link in found.links:
        whole = _absolute(link, address)
        if whole is None or len(links) >= MAX_LINKS:
            continue
        key = (whole.href, whole.rel)
        if key not in links or (key[0] == own and links[key].type is None):
            links[key] = whole
    return tuple(links.values())


def _own(link: str | None, address: str) -> str | None:
    if not link:
        return None
    whole = link if is_web(link) else joined(address, link)
    return whole if is_web(whole) and len(whole) <= MAX_ADDRESS else None


def _absolute(link: Link, address: str) -> Link | None:
    href = link.href if is_web(link.href) else joined(address, link.href)
    if link.rel not in _RELS or not link.href or not is_web(href) or len(href) > MAX_ADDRESS:
        return None
    if href == link.href:
        return link
    return replace(link, href=href)


def relation_of(rel: str | None) -> str:
    """Return the name of a link relation as written, which may be an IRI."""
    return (rel or "").strip().lower().removeprefix(_IANA) or "alternate"


def link_of(
    href: str,
    rel: str,
    kind: str | None,
    title: str | None,
    length: str | None,
    hreflang: str | None = None,
) -> Link:
    """Return a link as found; ``text/html`` is feedparser's default, and means nothing."""
    return Link(
        href=href,
        rel=rel,
        type=None if not kind or kind == "text/html" else kind,
        title=title or None,
        length=_bytes(length),
        hreflang=hreflang or None,
    )


def _bytes(length: str | None) -> int | None:
    if length and length.isascii() and length.isdigit() and len(length) < 16:
        return int(length)
    return None


def _names(names: list[str]) -> tuple[str, ...]:
    """Return each name once, in order, without overlong ones."""
    if not names:
        return ()
    if len(names) == 1:
        return (names[0],) if 0 < len(names[0]) <= MAX_NAME else ()
    unique = dict.fromkeys(name for name in names if name and len(name) <= MAX_NAME)
    return tuple(unique)[:MAX_NAMES]
