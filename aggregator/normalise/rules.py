"""Compile the words and patterns with which a configuration selects texts.

Takes them as written: words match whole words, and ``/…/`` is a regular expression.  Both are
applied to texts in the form of ``identity.match_key``, so that case, quotes, dashes and white space
do not count.  ``WordRules`` are those of a source: words in which ``*`` is any letters, on texts
without accents; they take linear time, whatever the text is.
"""

import re
import unicodedata

from aggregator.model.normal_form import normal_form
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


class WordRules:
    """Which texts a source is for: with one of ``include``, if there are any, and no ``exclude``.

    Raises ``ValueError`` for what is not a word.
    """

    def __init__(self, include: tuple[str, ...], exclude: tuple[str, ...]) -> None:
        self._include = [_word(word) for word in include]
        self._exclude = [(word, _word(word)) for word in exclude]

    def reason_against(self, text: str) -> str | None:
        """Return why a text is left out, or None."""
        plain = _without_accents(text)
        for word, pattern in self._exclude:
            if pattern.search(plain):
                return f"contains {cut(word, 80)!r} (exclude)"
        if self._include and not any(pattern.search(plain) for pattern in self._include):
            return "contains no word of include"
        return None


def word_problem(word: str) -> str | None:
    """Return what is wrong with a word of ``WordRules``, or None."""
    shown = repr(cut(word, 80))
    if is_pattern(word):
        return f"{shown} is a regular expression; write words, in which * is any letters"
    return None if _without_accents(word.replace("*", "")) else f"{shown} has nothing to search for"


def _word(word: str) -> "re.Pattern[str]":
    if problem := word_problem(word):
        raise ValueError(problem)
    first, *rest = (re.escape(part) for part in re.split(r"\*+", _without_accents(word)))
    # Atomic groups: the first place of a part is as good as any, and no other is tried.
    middle = "".join(rf"(?>\w*?{part})" for part in rest[:-1])
    last = rf"\w*{rest[-1]}" if rest else ""
    return re.compile(rf"(?<!\w){first}{middle}{last}(?!\w)")


def _without_accents(text: str) -> str:
    key = match_key(text)
    if key.isascii():
        return key
    parts = normal_form("NFKD", key)
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
