"""Compile the words and patterns with which a configuration selects texts.

Takes them as written: words match whole words, and ``/…/`` is a regular expression.  Both are
applied to texts in the form of ``identity.match_key``, so that case, quotes, dashes and white space
do not count.
"""

import re

from aggregator.normalise.identity import match_key
from aggregator.normalise.text import cut


def rule(word: str) -> "re.Pattern[str]":
    """Return a pattern that finds ``word``; raises ``re.error`` for an invalid expression."""
    if is_pattern(word):
        return re.compile(word[1:-1], re.IGNORECASE)
    return re.compile(rf"(?<!\w){re.escape(match_key(word))}(?!\w)")


def is_pattern(word: str) -> bool:
    """Return whether ``word`` is a regular expression between slashes."""
    return len(word) > 2 and word.startswith("/") and word.endswith("/")


def rule_problem(word: str) -> str | None:
    """Return what is wrong with a word or pattern, or None."""
    try:
        rule(word)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{cut(word, 80)!r} is not a valid regular expression: {error}"
    return None if match_key(word.strip("/")) else f"{cut(word, 80)!r} has nothing to search for"
