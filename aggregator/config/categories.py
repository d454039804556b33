"""The category rules of a configuration: its own, and the builtin ones where it keeps them."""

from aggregator.config import Config
from aggregator.normalise.builtin_categories import BUILTIN
from aggregator.normalise.categories import Rule, rules_of


def category_rules(config: Config) -> tuple[Rule, ...]:
    """Return the rules in the order in which the categories are listed."""
    return rules_of(config.categories, BUILTIN if config.builtin_categories else ())
