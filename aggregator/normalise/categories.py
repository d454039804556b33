"""Assign categories to a release by rules on its title, its text and its agency.

Takes rules, from the configuration and ``builtin_categories``; returns the terms of a release.  To
bound the time of patterns on hostile texts, only the start of each text is searched: that is where
a release says what it is.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from aggregator.model.normal_form import normal_form
from aggregator.normalise.agency import DEVICE_NAMES
from aggregator.normalise.identity import match_key
from aggregator.normalise.rules import is_pattern, rule

LONGEST_TITLE = 1000
"""Characters of a title that are searched."""

OPENING = 800
"""Characters at the start of a text that the built-in rules search."""

LONGEST_TEXT = 10_000
"""Characters at the start of a text that a configured rule searches: the time of most patterns
grows faster than the text."""

LONGEST_TERM = 60

_WORD = re.compile(r"\w+")


Patterns = tuple[str | re.Pattern[str], ...]
"""Alternatives, of which one has to match; strings are compiled at their first use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The conditions of a category.

    ``title`` and ``text`` are searched there, and ``opening`` matches at the start of the text; one
    match is enough, and without all three the agency decides.  ``agencies`` are ids in lower case,
    empty for all.  ``exclude`` prevents the category if it matches in title or text, ``unless`` if
    it matches in the title.  Patterns are tried only where one of the substrings ``cues``, or
    ``opening_cues`` for ``opening``, is present; without cues, always.
    """

    term: str
    title: Patterns = ()
    opening: Patterns = ()
    text: Patterns = ()
    agencies: frozenset[str] = frozenset()
    exclude: Patterns = ()
    unless: Patterns = ()
    cues: tuple[str, ...] = ()
    opening_cues: tuple[str, ...] = ()

    @property
    def needs_full_text(self) -> bool:
        """Whether the rule searches beyond the opening of a text."""
        return bool(self.text or self.exclude)


class Configured(Protocol):
    """A rule in the configuration: words, and patterns between slashes."""

    @property
    def term(self) -> str: ...  # noqa: D102  # as the settings say
    @property
    def title(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def body(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def agencies(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def exclude(self) -> Sequence[str]: ...  # noqa: D102


def rules_of(configured: Iterable[Configured], builtin: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return all rules in order: the built-in ones, or the configured ones that replace them under
    the same term, and then the other configured ones.
    """
    given = {settings.term.casefold(): configured_rule(settings) for settings in configured}
    first = [given.pop(rule_.term.casefold(), rule_) for rule_ in builtin]
    return (*first, *given.values())


def configured_rule(settings: Configured) -> Rule:
    """Return the rule of a configured table; raises ``re.error`` for an invalid pattern."""
    wanted = [*settings.title, *settings.body]
    cues = tuple("" if is_pattern(word) else _cue(word) for word in wanted)
    return Rule(
        term=settings.term,
        title=tuple(map(rule, settings.title)),
        text=tuple(map(rule, settings.body)),
        agencies=frozenset(id_.casefold() for id_ in settings.agencies),
        exclude=tuple(map(rule, settings.exclude)),
        cues=cues if all(cues) else (),
    )


def _cue(word: str) -> str:
    found = _WORD.search(match_key(word))
    return found[0] if found else ""


@dataclass(slots=True)
class Categoriser:
    """The rules, prepared for many releases."""

    rules: Sequence[Rule]
    reach: int = field(init=False)

    def __post_init__(self) -> None:
        self.reach = LONGEST_TEXT if any(r.needs_full_text for r in self.rules) else OPENING

    def terms(self, title: str, text: str, agency: str) -> list[str]:
        """Return the terms of a release, sorted; only ``text[:reach]`` is used."""
        release = _Release(
            title=match_key(title[:LONGEST_TITLE]),
            opening=match_key(text[:OPENING]),
            text=match_key(text[: self.reach]) if self.reach > OPENING else "",
            agency=agency.casefold(),
        )
        return sorted(r.term for r in self.rules if _applies(r, release))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    """The parts of a release that rules search, in the form of ``match_key``."""

    title: str
    opening: str
    text: str
    agency: str


def _applies(r: Rule, release: _Release) -> bool:
    if r.agencies and release.agency not in r.agencies:
        return False
    if not _is_found(r, release) or _search(r.unless, release.title):
        return False
    return not (_search(r.exclude, release.title) or _search(r.exclude, release.text))


def _is_found(r: Rule, release: _Release) -> bool:
    if not (r.title or r.opening or r.text):
        return True
    if r.title and _has_cue(r.cues, release.title) and _search(r.title, release.title):
        return True
    if _has_cue(r.opening_cues, release.opening) and any(
        _compiled(pattern).match(release.opening) for pattern in r.opening
    ):
        return True
    return bool(r.text) and _has_cue(r.cues, release.text) and _search(r.text, release.text)


def _has_cue(cues: tuple[str, ...], text: str) -> bool:
    return not cues or any(cue in text for cue in cues)


def _search(patterns: Patterns, text: str) -> bool:
    return any(_compiled(pattern).search(text) for pattern in patterns)


@cache
def _compiled(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(pattern)


def slug(term: str) -> str:
    """Return the file name of a category's page: ASCII letters and digits, safe on every system.

    A term without or with too many of them gets a part of its hash; two terms may share a name.
    """
    key = match_key(term)
    plain = normal_form("NFKD", key).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if made and made not in DEVICE_NAMES and len(made) <= LONGEST_TERM:
        return made
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{made[:LONGEST_TERM].strip('-') or 'category'}-{digest}"


def digest_of(rules: Sequence[Rule], version: str) -> str:
    """Return a hash of the rules; ``version`` is that of the built-in ones."""
    content = [_content(r) for r in sorted(rules, key=lambda r: r.term)]
    return hashlib.sha256(repr((version, content)).encode("utf-8", "surrogatepass")).hexdigest()


def _content(r: Rule) -> tuple[object, ...]:
    patterns = [
        [pattern if isinstance(pattern, str) else pattern.pattern for pattern in each]
        for each in (r.title, r.opening, r.text, r.exclude, r.unless)
    ]
    return (r.term, patterns, sorted(r.agencies))
