"""Store to store: give every entry the categories that the rules make it one of.

Joins ``normalise.categories``, which decides, and ``store.kinds``, which knows what changed.  An
entry's terms are a function of the text that stands, of its agency and of the rules.  What changed
is looked at, and all of it when the rules did; a run that is killed leaves the rest noted, and the
next one goes on from there.
"""

from aggregator.config import Config
from aggregator.normalise.builtin_categories import BUILTIN, VERSION
from aggregator.normalise.categories import Categoriser, Rule, digest_of
from aggregator.normalise.categories import rules_of as all_rules
from aggregator.store import Store, categories

_BATCH = 500


def rules_of(config: Config) -> tuple[Rule, ...]:
    """The rules of a configuration, in the order in which its categories are listed."""
    return all_rules(config.categories, BUILTIN if config.builtin_categories else ())


def categorise(config: Config, store: Store) -> int:
    """Have every entry have its terms; gives how many have others than before.

    Each batch is one transaction.  Raises ``StoreError``.
    """
    rules = rules_of(config)
    categories.adopt_rules(store, digest_of(rules, VERSION))
    if not categories.is_waiting(store):
        return 0
    asked = Categoriser(rules)
    changed = 0
    while True:
        with store.transaction():
            batch = categories.waiting(store, _BATCH, asked.reach)
            if not batch:
                return changed
            wanted = {one.key: set(asked.terms(one.title, one.text, one.agency)) for one in batch}
            changed += categories.save(store, wanted)


def is_current(config: Config, store: Store) -> bool:
    """Whether the entries have their terms by the rules of ``config``, and none is waiting."""
    digest = digest_of(rules_of(config), VERSION)
    return categories.rules(store) == digest and not categories.is_waiting(store)
