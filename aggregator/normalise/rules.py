"""Words and patterns by which a configuration picks texts.

Takes them as they are written: a word or several are looked for as whole words, what stands between
slashes is a regular expression.  Case, quotes, dashes and white space do not count, as texts come
as ``identity.match_key`` has them.
"""

import re

from aggregator.normalise.identity import match_key
from aggregator.normalise.text import cut


def rule(word: str) -> "re.Pattern[str]":
    """What finds ``word`` in a text; raises ``re.error`` for a pattern that is none."""
    if is_pattern(word):
        return re.compile(word[1:-1], re.IGNORECASE)
    return re.compile(rf"(?<!\w){re.escape(match_key(word))}(?!\w)")


def is_pattern(word: str) -> bool:
    """Whether ``word`` is a regular expression between slashes."""
    return len(word) > 2 and word.startswith("/") and word.endswith("/")


def rule_problem(word: str) -> str | None:
    """What is wrong with a word or pattern, or None."""
    try:
        rule(word)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{cut(word, 80)!r} is no pattern: {error}"
    return None if match_key(word.strip("/")) else f"{cut(word, 80)!r} holds nothing to look for"
