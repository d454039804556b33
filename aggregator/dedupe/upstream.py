"""Compare texts by what feeds say about them: ids, addresses, whole titles.

Takes texts and what their feeds say; returns verdicts as ``compare`` does.  A feed's own id says
more than likeness does, but some feeds use an id again for another release, or give every release
a new one at each fetch.  So an id counts only within its source, and texts that have nothing in
common are two releases whatever their ids.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from itertools import product

from aggregator.dedupe.compare import Text, Verdict, VerdictKind, compare
from aggregator.dedupe.corrections import lasting
from aggregator.dedupe.decide import BEST_FIRST
from aggregator.dedupe.pair import days_apart, language_of
from aggregator.dedupe.sketch import comparison_key, title_key
from aggregator.dedupe.tokens import share_at_most, words
from aggregator.dedupe.words import content

RULES = frozenset(
    "same-id same-page same-title id-reused listed-twice relisted corrected counter".split()
)
"""The rules that rest on the data of a feed, not on texts alone."""

# Two texts with one id are one release if they share this part of the shorter one's words.
_KEEPS = 0.4
# A title with fewer words that carry meaning does not identify a release.
_TELLING_TITLE = 4
# Below this, texts are too short to tell a release from the next one of a series.
_SHORT = 30
_NO_TEXT = 12

SeenKey = tuple[str, str]
"""A day and a page of a text that a feed had."""

_ANY, _NONE = "*", ""


def compare_by_id(new: Text, held: Iterable[Text], names: Collection[str] = ()) -> Verdict:
    """Return what ``new`` is to the texts to which its feed gave the same id."""
    texts = list(held)
    verdicts = [compare(new, text, agency_names=names) for text in texts]
    merged = [verdict for verdict in verdicts if verdict.kind != "different"]
    if merged:
        return min(merged, key=lambda verdict: (BEST_FIRST.index(verdict.kind), -verdict.score))
    kept = max((_kept(new, text, names) for text in texts), default=0.0)
    if kept >= _KEEPS:
        reason = "its feed gives it the same id, and part of the text stayed"
        return Verdict(kind="revision", score=round(kept, 4), rule="same-id", reason=reason)
    reason = "its feed used this id for another release before"
    return Verdict(kind="different", score=round(kept, 4), rule="id-reused", reason=reason)


def _kept(new: Text, held: Text, names: Collection[str]) -> float:
    """Return the part of the words that two texts share, from 0 to 1; 1 for equal titles."""
    if _title(new, names) and _title(new, names) == _title(held, names):
        return 1.0
    if not words(new.body).keys or not words(held.body).keys:
        return share_at_most(new.title, held.title) if new.title and held.title else 0.0
    return share_at_most(new.body, held.body)


def _title(text: Text, names: Collection[str]) -> str:
    return title_key(text.title, (*names, text.agency))


def keys_seen(days: Collection[str], pages: Collection[str]) -> Iterator[SeenKey]:
    """Yield what a text is found by that a feed had on ``days`` (ISO 8601) and with ``pages``."""
    return product((*(days or (_NONE,)), _ANY), (*(pages or (_NONE,)), _ANY))


def keys_again(new: Text, pages: Collection[str]) -> list[SeenKey]:
    """Return what finds the same release where a feed lists a text again under another id.

    ``pages`` are those of ``new``.  A longer text is the same release.  A short one may be next
    week's: its day must be the same, and without any text its page as well, where both have one.
    """
    length = len(words(new.body))
    if length >= _SHORT:
        return [(_ANY, _ANY)]
    days = (new.earliest.isoformat(), _NONE) if new.earliest is not None else (_ANY,)
    has_page = length < _NO_TEXT and pages
    return list(product(days, (*pages, _NONE) if has_page else (_ANY,)))


def places(pages: Iterable[str]) -> set[str]:
    """Return where pages are on their site, without what changes at each fetch.

    A feed that moves to another domain lists its items again under other addresses, and one whose
    addresses have a session in them does so every time.
    """
    found: set[str] = set()
    for page in pages:
        path = lasting(page).partition("://")[2].partition("/")[2]
        found.add(f"/{path}" if path else page)
    return found


def compare_by_page(new: Text, held: Text, names: Collection[str] = ()) -> Verdict | None:
    """Return what two texts are that link to one page, if their titles are equal, else None."""
    if not _title(new, names) or _title(new, names) != _title(held, names):
        return None
    return _one_release(new, held, "same-page", "both are linked to the same page")


def compare_by_title(new: Text, held: Text, names: Collection[str] = ()) -> Verdict | None:
    """Return what two texts are if one is a summary and their equal titles tell enough."""
    if not (new.truncated or held.truncated):
        return None
    if _title(new, names) != _title(held, names):
        return None
    if len(set(content(words(new.title)))) < _TELLING_TITLE:
        return None
    return _one_release(new, held, "same-title", "one is a summary under the same title")


def _one_release(new: Text, held: Text, rule: str, reason: str) -> Verdict | None:
    languages = language_of(new), language_of(held)
    if new.agency != held.agency or days_apart(new, held) > 1:
        return None
    if all(languages) and languages[0] != languages[1]:
        return None
    kind: VerdictKind = "truncated" if new.truncated != held.truncated else "revision"
    score = min(1.0, share_at_most(new.body, held.body))
    return Verdict(kind=kind, score=round(score, 4), rule=rule, reason=reason)


def title_number(title: str) -> int | None:
    """Return a number that is equal for titles that are equal to a reader; None for no title."""
    key = comparison_key(title)
    if not key:
        return None
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
