"""An edit as an entry of its own, for the feed of changes.

Takes the entry as it is now and the edit; returns a ``StoredEntry`` that every format renders like
any other.  Its content is paragraphs with removed words in ``del`` and added ones in ``ins``; all
text is escaped, and every size has a bound.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from aggregator.dedupe.diff import Change
from aggregator.dedupe.history import Edit
from aggregator.model import Dating, Link, StoredEntry
from aggregator.normalise.identity import change_id
from aggregator.normalise.text import clean, cut, title_of
from aggregator.output.formats.names import page_name

_LONGEST_TITLE = 300
_LONGEST_SUMMARY = 300
_LONGEST_NAME = 200
_CONTEXT = 300  # characters of unchanged text before and after a change
_LONGEST_CHANGE = 4_000
_LONGEST = 40_000  # characters of all passages together, without their marks
_GAP = " […] "

_PARAGRAPHS = re.compile(r"\n\s*\n")
_TAGS = {"removed": "del", "added": "ins"}


def entry_of(stored: StoredEntry, edit: Edit, base: str | None) -> StoredEntry:
    """Return the entry for ``edit``; its page is that of ``stored``, served below ``base``.

    Without ``base`` there are no such pages, and it is the publisher's.
    """
    entry = stored.entry
    title = cut(title_of(entry.title, entry.text), _LONGEST_TITLE)
    links = tuple(link for link in entry.links if link.rel == "alternate")
    if base is not None:
        page = Link(href=f"{base}{page_name(stored.id)}#changes", type="text/html")
        links = (page, *(replace(link, rel="via") for link in links))
    return replace(
        stored,
        id=change_id(stored.id, edit.before.fingerprint, edit.after.fingerprint),
        entry=replace(
            entry,
            title=f"Changed: {title}",
            text="",
            content_html=_content(stored, edit),
            summary=_summary(edit),
            truncated=False,
            is_summary=False,
            links=links,
        ),
        dating=Dating(
            basis="first-seen",
            published=edit.moment,
            earliest=edit.moment,
            latest=edit.moment,
            evidence=cut(clean(edit.after.document), _LONGEST_NAME),
        ),
        updated=edit.moment,
        below=None,
        above=None,
        related=(),
    )


def _content(stored: StoredEntry, edit: Edit) -> str:
    document = cut(clean(edit.after.document), _LONGEST_NAME)
    what = "The text" if edit.title or edit.text else "A link, a picture or the date"
    words = (
        f"{what} of this release of {stored.entry.agency.name} changed. The new one was first "
        f"seen on {edit.after.seen:%Y-%m-%d at %H:%M} UTC, in {document}."
    )
    parts = [f"<p>{escape(words, quote=False)}</p>"]
    if edit.title:
        marked = "".join(_marked(_shortened(edit.title)))
        parts.append(f"<p><strong>{marked.replace('</p><p>', '<br/>')}</strong></p>")
    if edit.text:
        parts.append(f"<p>{''.join(_marked(_shortened(edit.text)))}</p>")
    if edit.more:
        parts.append(f"<p>{''.join(_marked(_shortened(edit.more)))}</p>")
    return "".join(parts).replace("<p></p>", "")


def _marked(pieces: Sequence[Change]) -> Iterator[str]:
    """Yield pieces as HTML; their marks end where a paragraph ends."""
    for piece in pieces:
        tag = _TAGS.get(piece.kind)
        for number, paragraph in enumerate(_PARAGRAPHS.split(piece.text)):
            if number:
                yield "</p><p>"
            shown = escape(paragraph, quote=False).replace("\n", "<br/>")
            bare = shown.rstrip()
            yield f"<{tag}>{bare}</{tag}>{shown[len(bare) :]}" if tag and bare else shown


def _shortened(found: Sequence[Change]) -> list[Change]:
    """Return the changes with some context, and only the ends of long unchanged text."""
    shown: list[Change] = []
    left = _LONGEST
    last = len(found) - 1
    for number, piece in enumerate(found):
        text = piece.text
        if piece.kind != "kept":
            text = cut(text, _LONGEST_CHANGE) if len(text) > _LONGEST_CHANGE else text
        elif len(text) > 2 * _CONTEXT:
            head = _head(text) if number else ""
            tail = _tail(text) if number < last else ""
            text = f"{head}{_GAP}{tail}"
        if len(text) > left:
            shown.append(Change("kept", _GAP))
            break
        left -= len(text)
        shown.append(Change(piece.kind, text))
    return shown


def _head(text: str) -> str:
    return text[:_CONTEXT].rpartition(" ")[0] or text[:_CONTEXT]


def _tail(text: str) -> str:
    return text[-_CONTEXT:].partition(" ")[2] or text[-_CONTEXT:]


def _summary(edit: Edit) -> str:
    """Return the removed and the added words, as many as there is room for."""
    parts = []
    for kind, words in (("removed", "Removed"), ("added", "Added")):
        found = (
            change.text for change in (*edit.title, *edit.text, *edit.more) if change.kind == kind
        )
        joined = " … ".join(" ".join(text.split()) for text in found)
        if joined:
            parts.append(f"{words}: “{cut(joined, _LONGEST_SUMMARY // 2 - 20)}”")
    return cut(". ".join(parts), _LONGEST_SUMMARY)
