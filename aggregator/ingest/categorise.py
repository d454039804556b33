"""Assign the categories of the rules to entries whose text or agency changed, or after rules did.

Categories follow from the words of an entry and the rules alone, so other processes can find those
of many entries (``begin``) while this one does something else, before ``categorise`` stores them.
Raises ``StoreError``.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from aggregator.config import Config
from aggregator.config.settings import CategorySettings
from aggregator.normalise.builtin_categories import BUILTIN, VERSION
from aggregator.normalise.categories import Categoriser, digest_of, rules_of
from aggregator.store import Store, categories
from aggregator.store.categories import Uncategorised
from aggregator.workers import Workers

if TYPE_CHECKING:
    from concurrent.futures import Future

    UnderWay = Sequence[tuple[list[Uncategorised], Future[bytes]]]

MANY = 5000
"""Entries from which on it is worth starting another process."""

_BATCH = 500
_MOST = 10_000_000  # characters of entries that may be in other processes


def begin(config: Config, store: Store, workers: Workers | None) -> "UnderWay":
    """Have other processes find the categories of entries, if these are many; return which."""
    _adopt(config, store)
    if workers is None or not workers.others:
        return ()
    waiting = categories.count_waiting(store)
    if waiting < (_BATCH if workers.is_started else MANY):
        return ()
    import msgspec

    reach = Categoriser(config.category_rules).reach
    entries = categories.uncategorised(store, _MOST // reach, reach)
    rules = msgspec.msgpack.encode((config.categories, config.builtin_categories))
    batches = [entries[start : start + _BATCH] for start in range(0, len(entries), _BATCH)]
    packed = (msgspec.msgpack.encode([(e.title, e.text, e.agency) for e in b]) for b in batches)
    return [
        (batch, workers.submit(terms_of_packed, rules, texts))
        for batch, texts in zip(batches, packed, strict=True)
    ]


def categorise(config: Config, store: Store, under_way: "UnderWay" = ()) -> int:
    """Assign the categories of the rules; return how many have others than before.

    All entries are looked at when the rules changed, otherwise those whose text or agency did.
    ``under_way`` are the requests to other processes; the words that an entry has now decide.
    """
    _adopt(config, store)
    if not categories.is_waiting(store):
        return 0
    known = dict(_results(under_way))
    categoriser = Categoriser(config.category_rules)
    changed = 0
    while True:
        with store.transaction():
            batch = categories.uncategorised(store, _BATCH, categoriser.reach)
            if not batch:
                return changed
            terms = {
                e.key: known[e] if e in known else categoriser.terms(e.title, e.text, e.agency)
                for e in batch
            }
            changed += categories.save(store, terms)


def are_categories_current(config: Config, store: Store) -> bool:
    """Whether all entries have their categories by the rules of ``config``."""
    digest = digest_of(config.category_rules, VERSION)
    return categories.rules(store) == digest and not categories.is_waiting(store)


def terms_of_packed(rules: bytes, texts: bytes) -> bytes:
    """Return the terms of titles, texts and agencies, in another process, as ``begin`` packs them.

    The rules are the configured ones, and whether the built-in ones apply.
    """
    import msgspec

    categoriser = _categoriser(rules)
    found = msgspec.msgpack.decode(texts, type=list[tuple[str, str, str]])
    return msgspec.msgpack.encode([categoriser.terms(*each) for each in found])


@lru_cache(maxsize=1)
def _categoriser(rules: bytes) -> Categoriser:
    import msgspec

    kind = tuple[tuple[CategorySettings, ...], bool]
    configured, with_builtin = msgspec.msgpack.decode(rules, type=kind)
    return Categoriser(rules_of(configured, BUILTIN if with_builtin else ()))


def _results(under_way: "UnderWay") -> Iterator[tuple[Uncategorised, list[str]]]:
    """Yield the terms that other processes found; without those of a process that died."""
    if not under_way:
        return
    import msgspec

    for entries, future in under_way:
        if future.exception() is None:
            found = msgspec.msgpack.decode(future.result(), type=list[list[str]])
            yield from zip(entries, found, strict=True)


def _adopt(config: Config, store: Store) -> None:
    categories.adopt_rules(store, digest_of(config.category_rules, VERSION))
