"""Recognise a release that its feed lists again under another id or address.

Takes items without a known id and entries that the feed listed before and does not list now;
returns which item takes the place of which entry.  A new content management system, another domain,
or a slip mended in title and address change the id; the date stays, and so do the title, or the
text or the place on the site.  Each entry is taken once, so no two items become one.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from html import unescape
from itertools import chain, groupby, takewhile
from typing import Literal

from aggregator.dedupe import upstream
from aggregator.dedupe.decide import Decision
from aggregator.dedupe.items import ItemKey, Listing, Lookup, Prepared
from aggregator.dedupe.names import spelled_alike
from aggregator.dedupe.pair import Text, language_of
from aggregator.dedupe.sketch import comparison_key, title_key
from aggregator.dedupe.tokens import share_at_most, words
from aggregator.dedupe.words import content

Dates = Literal["moment", "day", "unknown"]

# So many entries of one date are compared with an item.
_MOST = 8
# A title with fewer words that carry meaning does not identify a release.
_TELLING_TITLE = 4
# The language of a text of fewer words is a guess.
_LONG = 12
# An edited text shares this part of the words of the shorter one.
_KEEPS = 0.4
# The part of its words that a text keeps in which a slip was mended.
_ALIKE = 0.8
# The words with which a publisher marks that a release was updated.
_MARKS = frozenset(
    "update updated corrected correction corrigendum erratum amended revised rectification "
    "actualisé corrigé rectificatif aktualisiert korrigiert korrektur berichtigung actualizado "
    "corregido corrección aggiornato aggiornamento rettifica bijgewerkt correctie rectificatie "
    "atualizado corrigido".split()
)
# Two words of fewer letters are often two words.
_LETTERS = 5
# How alike the letters of a title are in which a slip was mended.  The comparison takes time with
# the square of the length.
_SLIP, _LONGEST = 0.85, 300
_MIDNIGHT = "T00:00:00Z"

Rank = tuple[bool, bool, bool, float]


def relisted(
    items: Sequence[Prepared], lookup: Lookup, present: Collection[int]
) -> dict[ItemKey, Decision[int]]:
    """Return decisions for those of ``items`` that take the place of an entry of their feed.

    ``present`` are the entries that the document contains anyway.
    """
    gone = {entry: held for entry, held in lookup.unlisted.items() if entry not in present}
    asked = [p for p in items if p.is_of_feed and p.key is not None and p.key not in lookup.by_id]
    if not gone or not asked:
        return {}
    found = _Gone(gone, asked, lookup)
    ranked = sorted(
        (*rank, entry, number)
        for number, p in enumerate(asked)
        for entry in found.near(p)
        if (p.fingerprint, entry) not in lookup.kept_apart
        if (rank := found.rank(p, entry))
    )
    decisions: dict[ItemKey, Decision[int]] = {}
    taken: set[int] = set()
    for *_, unlike, entry, number in ranked:
        p = asked[number]
        if entry not in taken and p.item_key not in decisions:
            taken.add(entry)
            decisions[p.item_key] = _decision(p, entry, 1 - unlike, lookup)
    return decisions


class _Gone:
    """The entries that a document no longer lists, found by their dates, titles and places."""

    def __init__(
        self, gone: Mapping[int, Listing], asked: Sequence[Prepared], lookup: Lookup
    ) -> None:
        self._gone = gone
        self._texts = {entry: [held.text for held in lookup.texts[entry]] for entry in gone}
        self._places = {entry: upstream.places(held.pages) for entry, held in gone.items()}
        own = {p.item_key: upstream.places(p.own_pages) for p in asked}
        # A page that several items link to, as to that of all news, is the place of none.
        counts = [Counter(chain(*own.values())), Counter(chain(*self._places.values()))]
        self._own = {
            p.item_key: set()
            if any(len(lookup.by_page.get(page, ())) > 1 for page in p.own_pages)
            else {place for place in own[p.item_key] if all(c[place] <= 1 for c in counts)}
            for p in asked
        }
        self._by: dict[str, list[int]] = {}
        for entry, held in gone.items():
            days = {day[:10] for day in held.days}
            titled = {f"{day} {_folded(t)}" for day in days for t in self._texts[entry]}
            for key in {*held.days, *days, *titled, *self._places[entry]}:
                self._by.setdefault(key, []).append(entry)

    def near(self, p: Prepared) -> set[int]:
        """Return the entries with the place, the date or the title of ``p``, if those are few."""
        keys = list(self._own[p.item_key])
        titled: list[int] = []
        if (day := p.stated_day) is not None:
            keys += [day, day[:10]]
            titled = self._by.get(f"{day[:10]} {_folded(p.text)}", [])[:_MOST]
        few = (held for key in keys if len(held := self._by.get(key, [])) <= _MOST)
        return {*chain(*few), *titled}

    def rank(self, p: Prepared, entry: int) -> Rank | None:
        """Return how good ``p`` is for an entry, the best lowest; None if it is not that one."""
        dates = _dates(p.stated_day, self._gone[entry].days)
        if dates is None:
            return None
        in_place = not self._own[p.item_key].isdisjoint(self._places[entry])
        ranks = (_rank(p, text, dates, in_place=in_place) for text in self._texts[entry])
        return min((rank for rank in ranks if rank is not None), default=None)


def _folded(text: Text) -> str:
    return comparison_key(text.title)


def _dates(day: str | None, days: Collection[str]) -> Dates | None:
    """Return how exactly the date of an item is one of those of an entry; None for another.

    Midnight is a day without its time, and a feed may begin or cease to state times or seconds.
    """
    if day is None or not days:
        return "unknown"
    own, *others = (moment.removesuffix(_MIDNIGHT) for moment in (day, *days))
    if any("T" in own and _is_moment(own, other) for other in others):
        return "moment"
    is_day = any(own[:10] == other[:10] and not ("T" in own and "T" in other) for other in others)
    return "day" if is_day else None


def _is_moment(one: str, other: str) -> bool:
    return one == other or (one[:16] == other[:16] and ":00Z" in (one[16:], other[16:]))


def _rank(p: Prepared, held: Text, dates: Dates, *, in_place: bool) -> Rank | None:
    new = p.text
    names = (*p.entry.agency.names, new.agency)
    if new.agency != held.agency or _in_two_languages(new, held):
        return None
    titles = title_key(new.title, names), title_key(held.title, names)
    has_text = comparison_key(new.body) == comparison_key(held.body)
    is_text = has_text and bool(words(new.body))
    has_title = titles[0] == titles[1] and (bool(titles[0]) or is_text)
    share = min(1.0, share_at_most(new.body, held.body))
    is_kept = share >= _KEEPS or not (words(new.body) and words(held.body))
    # Another figure may be that of the next of a series.
    is_edit = is_kept and _figures(new.body) == _figures(held.body)
    is_telling = len(set(content(words(new.title)))) >= _TELLING_TITLE
    if dates == "moment" and (has_title or (in_place and is_text)):
        is_same = has_text or (in_place and is_kept) or (is_telling and is_edit)
    elif dates == "day" and has_title:
        is_same = is_text or (has_text and is_telling) or (in_place and is_edit)
    elif dates == "unknown":
        is_same = has_title and in_place and (has_text or (is_telling and is_edit))
    else:
        is_sure = in_place and (dates == "moment" or is_edit)
        is_alike = is_text or (dates == "moment" and is_edit and share >= _ALIKE)
        has_evidence = is_sure or is_alike or (has_text and is_telling)
        is_same = has_evidence and _is_mended(
            *titles, is_sure=is_sure, is_exact=is_alike and dates == "moment"
        )
    return (not has_text, not in_place, not has_title, 1 - share) if is_same else None


def _in_two_languages(new: Text, held: Text) -> bool:
    """Whether two texts are long enough for their languages to be known, and these differ."""
    if min(len(words(new.body)), len(words(held.body))) < _LONG:
        return False
    here, there = language_of(new), language_of(held)
    return bool(here and there) and here != there


def _figures(text: str) -> list[str]:
    return [sign for sign in text if sign.isdigit()]


def _is_mended(title: str, held: str, *, is_sure: bool, is_exact: bool) -> bool:
    """Whether two titles differ by a slip or two of spelling, and in no figure.

    ``is_sure``: something else says so as well, and a name may be another.  ``is_exact``: moment
    and text are equal, and a short word may be another, or a mark of an update be added.
    """
    if not title or _figures(title) != _figures(held):
        return False
    one, other = _words(title), _words(held)
    if "".join(one) == "".join(other):
        return True
    if is_sure and max(len(title), len(held)) <= _LONGEST:
        return SequenceMatcher(None, title, held).ratio() >= _SLIP
    if is_exact and _without_marks(one) == _without_marks(other):
        return True
    if len(one) != len(other):
        return False
    pairs = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(pairs) <= 2 and all(
        spelled_alike(*pair) or (is_exact and _is_slip(*pair)) for pair in pairs
    )


def _words(title: str) -> list[str]:
    """Return the words of a title without signs, which may have been escaped twice."""
    parts = ("".join(filter(str.isalnum, part)) for part in unescape(title).split())
    return [part for part in parts if part]


def _without_marks(title: Sequence[str]) -> list[str]:
    """Return the words of a title without those for an update, and without doubled ones."""
    return [word for word, _ in groupby(title) if word not in _MARKS]


def _is_slip(one: str, other: str) -> bool:
    """Whether a letter is missing in one of two words, or two letters changed places."""
    one, other = sorted((one, other), key=len)
    start = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
    rest, longer = one[start:], other[start:]
    is_swapped = rest[:2] == longer[1::-1] and rest[2:] == longer[2:]
    return len(other) >= _LETTERS and (is_swapped or rest == longer[1:])


def _decision(p: Prepared, entry: int, share: float, lookup: Lookup) -> Decision[int]:
    if lookup.has_text(entry, p):
        reason = "title and text are equal, and its feed lists it under another id now"
        return Decision(target=entry, how="same", rule="identical", score=1.0, reason=reason)
    is_whole_known = p.text.truncated and not any(t.text.truncated for t in lookup.texts[entry])
    return Decision(
        target=entry,
        how="truncated" if is_whole_known else "revision",
        rule="relisted",
        score=round(share, 4),
        reason="its feed lists it in the place of one with its date that it no longer lists",
    )
