"""Turn an item into an entry: clean text, safe HTML, links, and the evidence of its date.

Takes an item and its agency; returns the entry, and the details that could not be read.  Pure.
"""

import re
from collections.abc import Iterator, Sequence

from aggregator.dating.evidence import latest_year, read_evidence
from aggregator.dating.stated import ANY, DateRules
from aggregator.model import Agency, Entry, Evidence, Item, Link, Problem, Upstream
from aggregator.normalise.canonical import shown_link
from aggregator.normalise.header import read_header, stated_day, stated_time
from aggregator.normalise.html import body_from_text
from aggregator.normalise.language_detection import language_of
from aggregator.normalise.languages import valid_language
from aggregator.normalise.links import public_address
from aggregator.normalise.markup import body_from_html, plain_from_html
from aggregator.normalise.text import cut, is_blank, is_truncated, one_line

SUMMARY_LENGTH = 300
"""Characters of a summary, including its ellipsis."""

EVIDENCE_LENGTH = 50_000
"""Characters at the start of a text that are searched for dates; at its end, a tenth of this."""

MOST_EVIDENCE = 16
"""Date phrases that are kept of one release."""

MAX_ADDRESS = 2000
"""Characters of an address; browsers and servers reject much longer ones."""

MOST_LINKS = 50
MOST_NAMES = 50
LONGEST_NAME = 200

_RELATIONS = frozenset(["alternate", "enclosure", "related", "via"])
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


def normalise(
    item: Item,
    agency: Agency,
    *,
    base: str | None = None,
    language: str | None = None,
    day_first: bool | None = None,
    dates: DateRules = ANY,
) -> tuple[Entry, tuple[Problem, ...]]:
    """Return ``item`` as an entry of ``agency``, and the details that could not be read.

    ``base`` is the base of its relative links, and ``language`` that of its feed.  ``day_first`` is
    the order of its agency's dates such as 03/04/2024, if it is known, and ``dates`` says how its
    ``Date:`` line is read.
    """
    title = plain_from_html(item.title) if item.title_markup == "html" else one_line(item.title)
    body = (
        body_from_html(item.body, base) if item.body_markup == "html" else body_from_text(item.body)
    )
    header, links, problems = _metadata(item, dates)
    upstream = item.upstream or Upstream()
    spoken = language_of(language_tag(upstream.language or language), title, body.text)
    entry = Entry(
        agency=agency,
        title=title,
        text=body.text,
        content_html=body.html,
        summary=_summary(body.text),
        truncated=is_truncated(body.text),
        evidence=_evidence(header, title, body.text, day_first),
        language=spoken,
        links=_own_language_first(links, (spoken, language_tag(language))),
        categories=(agency.id,),
        authors=_names(upstream.authors),
        is_summary=upstream.is_summary,
        updated=upstream.updated,
    )
    return entry, problems


def _metadata(
    item: Item, dates: DateRules
) -> tuple[Evidence | None, tuple[Link, ...], tuple[Problem, ...]]:
    """Return an item's date, its links, and the problems with them."""
    if item.upstream is not None:
        return _upstream_date(item, item.upstream), _upstream_links(item.upstream), ()
    problems = []
    header = read_header(item.date, dates) if item.date is not None else None
    if item.date is not None and header is None:
        problems.append(_unreadable(item, "Date", item.date))
    link = shown_link(item.link) if item.link is not None else None
    if item.link is not None and link is None:
        problems.append(_unreadable(item, "Link", item.link))
    return header, (Link(href=link),) if link else (), tuple(problems)


def _upstream_date(item: Item, upstream: Upstream) -> Evidence | None:
    """Return the date of publication that a feed states, or else that of the last change."""
    if upstream.day is not None:
        return stated_day(upstream.day, item.date, "given by its publisher")
    if upstream.published is not None:
        return stated_time(upstream.published, item.date, "given by its publisher")
    if upstream.updated is not None:
        return stated_time(upstream.updated, item.date, "given by its publisher as its last change")
    return None


def _upstream_links(upstream: Upstream) -> tuple[Link, ...]:
    found: dict[tuple[str, str], Link] = {}
    for link in upstream.links:
        if link.rel not in _RELATIONS:
            continue
        written = link.href.strip().replace(" ", "%20")  # as browsers send it
        href = shown_link(written) if link.rel != "enclosure" else public_address(written)
        if href is None or len(href) > MAX_ADDRESS or len(found) >= MOST_LINKS:
            continue
        title = cut(one_line(link.title), SUMMARY_LENGTH) if link.title else None
        kind = link.type.strip().lower() if link.type else None
        found.setdefault(
            (link.rel, href),
            Link(
                href=href,
                rel=link.rel,
                type=kind if kind and _MEDIA_TYPE.fullmatch(kind) else None,
                title=title or None,
                length=link.length if link.length and 0 < link.length < 2**53 else None,
                hreflang=valid_language(link.hreflang[:35]) if link.hreflang else None,
            ),
        )
    return tuple(found.values())


def _own_language_first(
    links: tuple[Link, ...], languages: tuple[str | None, ...]
) -> tuple[Link, ...]:
    """Return links with the page in the first of ``languages`` before those in others.

    The first page is that which readers open; a page that does not say its language stays before.
    """
    pages = [link for link in links if link.rel == "alternate"]
    if len({link.hreflang for link in pages}) < 2:
        return links
    for wanted in filter(None, languages):
        main = wanted.partition("-")[0]
        for page in pages:
            if page.hreflang is not None and page.hreflang.partition("-")[0] == main:
                return (page, *(link for link in links if link is not page))
    return links


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of people: clean, each once, limited in number and length."""
    tidy = (cut(plain_from_html(name), LONGEST_NAME) for name in names[:MOST_NAMES])
    return tuple(dict.fromkeys(name for name in tidy if not is_blank(name)))


def upstream_terms(upstream: Upstream) -> tuple[str, ...]:
    """Return the categories of an item in its feed, cleaned."""
    tidy = (cut(one_line(term), LONGEST_NAME) for term in upstream.categories[:MOST_NAMES])
    return tuple(dict.fromkeys(term for term in tidy if not is_blank(term)))


def language_tag(text: str | None) -> str | None:
    """Return ``text`` as a language tag in the case of RFC 5646, section 2.1.1, or None."""
    if text is None or not _LANGUAGE.fullmatch(tag := text.strip().replace("_", "-")):
        return None
    first, *rest = tag.lower().split("-")
    return "-".join([first, *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part


def _evidence(
    header: Evidence | None, title: str, text: str, day_first: bool | None
) -> tuple[Evidence, ...]:
    """Return the evidence of a date; the text is not searched where the time is stated."""
    if header is None:
        return evidence_of_text(title, text, day_first)
    if header.moment is not None:
        return (header,)
    return (header, *evidence_of_text(title, text, day_first))


def evidence_of_text(title: str, text: str, day_first: bool | None = None) -> tuple[Evidence, ...]:
    """Return the strongest evidence in the text, in its order.

    History is not evidence, and the middle of a very long text is not searched.
    """
    if len(text) > EVIDENCE_LENGTH:
        text = f"{text[:EVIDENCE_LENGTH]}\n\n{text[-EVIDENCE_LENGTH // 10 :]}"
    found = [
        *_telling(read_evidence(title, text, day_first=day_first)),
        *latest_year(f"{title}\n{text}"),
    ]
    if len(found) > MOST_EVIDENCE:
        weakest_last = sorted(range(len(found)), key=lambda n: (-found[n].strength, n))
        found = [found[n] for n in sorted(weakest_last[:MOST_EVIDENCE])]
    return tuple(found)


def _telling(found: Sequence[Evidence]) -> Iterator[Evidence]:
    """Yield the evidence without history, of which only the latest day or month says anything."""
    past = [one for one in found if one.role == "history" and one.last.year and one.last.month]
    latest = max(past, key=lambda e: (e.last.year, e.last.month, e.last.day or 0), default=None)
    for one in found:
        if one.role != "history" or one is latest:
            yield one


def _summary(text: str) -> str:
    # Twice the length is enough: tidy text has at most two white space characters together.
    return cut(" ".join(text[: 2 * SUMMARY_LENGTH].split()), SUMMARY_LENGTH)


def _unreadable(item: Item, field: str, value: str) -> Problem:
    kind = "a date" if field == "Date" else "an http or https address"
    reason = f"'{field}: {cut(one_line(value), 80)}' is not {kind} and is left out"
    return Problem(lines=item.lines, reason=reason, rejected=False)
