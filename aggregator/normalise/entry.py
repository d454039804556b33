"""Item to entry: clean text, one agency, safe HTML, and the day the release states.

Pure: agencies come in as a table, and nothing here knows the time.  ``normalise`` is the whole of
it; the modules beside this one are its steps.
"""

import re

from aggregator.dating.evidence import read_evidence
from aggregator.model import Agency, Entry, Evidence, Item, Link, Problem, Upstream
from aggregator.normalise.canonical import shown_link
from aggregator.normalise.header import given, read_header
from aggregator.normalise.html import body_from_text
from aggregator.normalise.links import public_address
from aggregator.normalise.markup import body_from_html, plain_from_html
from aggregator.normalise.text import cut, is_blank, is_truncated, one_line

SUMMARY_LENGTH = 300
"""Characters of a summary, its ellipsis included."""

EVIDENCE_LENGTH = 50_000
"""Characters from the beginning of a text in which dates are looked for; at its end a tenth."""

MOST_EVIDENCE = 16
"""Date phrases of one release that are kept."""

MAX_ADDRESS = 2000
"""Characters of an address; what is longer is no page that anybody could open."""

MOST_LINKS = 50
MOST_NAMES = 50
LONGEST_NAME = 200

_RELATIONS = frozenset(["alternate", "enclosure", "related", "via"])
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


def normalise(
    item: Item, agency: Agency, *, base: str | None = None, language: str | None = None
) -> tuple[Entry, tuple[Problem, ...]]:
    """``item`` as an entry of ``agency``, and the details of it that could not be read.

    ``base`` is the address to which its relative links are relative, ``language`` that of its
    feed, where known.
    """
    title = plain_from_html(item.title) if item.title_markup == "html" else one_line(item.title)
    body = (
        body_from_html(item.body, base) if item.body_markup == "html" else body_from_text(item.body)
    )
    header, links, problems = _data(item)
    upstream = item.upstream or Upstream()
    entry = Entry(
        agency=agency,
        title=title,
        text=body.text,
        content_html=body.html,
        summary=_summary(body.text),
        truncated=is_truncated(body.text),
        evidence=_evidence(header, title, body.text),
        language=language_tag(upstream.language or language),
        links=links,
        categories=(agency.id,),
        authors=_names(upstream.authors),
        is_summary=upstream.is_summary,
        updated=upstream.updated,
    )
    return entry, problems


def _data(item: Item) -> tuple[Evidence | None, tuple[Link, ...], tuple[Problem, ...]]:
    """What an item says as data: its date, its links, and what of them could not be read."""
    if item.upstream is not None:
        return _upstream_date(item, item.upstream), _upstream_links(item.upstream), ()
    problems = []
    header = read_header(item.date) if item.date is not None else None
    if item.date is not None and header is None:
        problems.append(_unreadable(item, "Date", item.date))
    link = shown_link(item.link) if item.link is not None else None
    if item.link is not None and link is None:
        problems.append(_unreadable(item, "Link", item.link))
    return header, (Link(href=link),) if link else (), tuple(problems)


def _upstream_date(item: Item, upstream: Upstream) -> Evidence | None:
    """When a feed says that an item came out; else when it last changed it."""
    if upstream.published is not None:
        return given(upstream.published, item.date, "given by its publisher")
    if upstream.updated is not None:
        return given(upstream.updated, item.date, "given by its publisher as its last change")
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
            ),
        )
    return tuple(found.values())


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of people as a feed gives them: clean, each once, not too many and none too long."""
    tidy = (cut(plain_from_html(name), LONGEST_NAME) for name in names[:MOST_NAMES])
    return tuple(dict.fromkeys(name for name in tidy if not is_blank(name)))


def upstream_terms(upstream: Upstream) -> tuple[str, ...]:
    """The categories that a feed gave to an item, fit to be shown."""
    tidy = (cut(one_line(term), LONGEST_NAME) for term in upstream.categories[:MOST_NAMES])
    return tuple(dict.fromkeys(term for term in tidy if not is_blank(term)))


def language_tag(text: str | None) -> str | None:
    """``text`` as a language tag in the case that RFC 5646, section 2.1.1, asks for.

    None where it is none.
    """
    if text is None or not _LANGUAGE.fullmatch(tag := text.strip().replace("_", "-")):
        return None
    first, *rest = tag.lower().split("-")
    return "-".join([first, *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part


def _evidence(header: Evidence | None, title: str, text: str) -> tuple[Evidence, ...]:
    """All that speaks for a date: to a time that upstream gives, prose has nothing to add."""
    if header is None:
        return _in_prose(title, text)
    return (header,) if header.moment is not None else (header, *_in_prose(title, text))


def _in_prose(title: str, text: str) -> tuple[Evidence, ...]:
    """The strongest of what a release says of its date, in the order in which it says so.

    What is history says nothing, nor does what stands in the middle of a very long text.
    """
    if len(text) > EVIDENCE_LENGTH:
        text = f"{text[:EVIDENCE_LENGTH]}\n\n{text[-EVIDENCE_LENGTH // 10 :]}"
    found = [evidence for evidence in read_evidence(title, text) if evidence.role != "history"]
    if len(found) > MOST_EVIDENCE:
        weakest_last = sorted(range(len(found)), key=lambda n: (-found[n].strength, n))
        found = [found[n] for n in sorted(weakest_last[:MOST_EVIDENCE])]
    return tuple(found)


def _summary(text: str) -> str:
    # Tidy text has single spaces and at most two line ends together: twice the length is enough.
    return cut(" ".join(text[: 2 * SUMMARY_LENGTH].split()), SUMMARY_LENGTH)


def _unreadable(item: Item, field: str, value: str) -> Problem:
    kind = "date" if field == "Date" else "http or https address"
    reason = f"'{field}: {cut(one_line(value), 80)}' is no {kind} and is left out"
    return Problem(lines=item.lines, reason=reason, rejected=False)
