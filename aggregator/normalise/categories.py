"""Which categories is a release of?  Its title, its text and its agency, by rules.

Takes rules, from a configuration and from ``builtin_categories``; gives the terms of a release,
which depend on these rules and on nothing else.  Texts are hostile, and patterns may be slow on
them: of each text only the beginning is looked at, where a release says what it is.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aggregator.normalise.agency import DEVICE_NAMES
from aggregator.normalise.identity import match_key
from aggregator.normalise.rules import is_pattern, rule

LONGEST_TITLE = 1000
"""Characters of a title that are looked at."""

OPENING = 800
"""Characters from the beginning of a text that the built-in rules look at."""

LONGEST_TEXT = 10_000
"""Characters from the beginning of a text that a configured rule looks at: what a pattern costs
grows with them, and for most patterns faster than they do."""

LONGEST_TERM = 60

_WORD = re.compile(r"\w+")


class Pattern(Protocol):
    """What rules ask of a pattern, as ``re.Pattern`` answers it."""

    @property
    def pattern(self) -> str: ...  # noqa: D102  # as re.Pattern has it

    def search(self, text: str, /) -> object | None: ...  # noqa: D102
    def match(self, text: str, /) -> object | None: ...  # noqa: D102


Patterns = tuple[Pattern, ...]
"""Any of which may be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What makes a release one of a category.

    ``title`` and ``text`` are looked for there, ``opening`` fits from a text's first character on,
    and any of them will do; without all three the agency decides.  ``agencies`` are ids in lower
    case, empty for all.  ``exclude`` speaks against it in title and text, ``unless`` in the title.
    ``cues`` are pieces of words one of which is in whatever title or text is found, as
    ``opening_cues`` are of openings: where none is, no pattern is tried.  Empty, all are.
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
    def looks_far(self) -> bool:
        """Whether more of a text than its opening has to be known."""
        return bool(self.text or self.exclude)


class Configured(Protocol):
    """A rule as a configuration has it: words, and patterns between slashes."""

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
    """All rules in their order: the built-in ones, each replaced where it is configured under the
    same term, and then the others.
    """
    given = {settings.term.casefold(): configured_rule(settings) for settings in configured}
    first = [given.pop(rule_.term.casefold(), rule_) for rule_ in builtin]
    return (*first, *given.values())


def configured_rule(settings: Configured) -> Rule:
    """The rule that a table of the configuration makes; raises ``re.error`` for no pattern."""
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
    """The rules, ready to be asked of many releases."""

    rules: Sequence[Rule]
    reach: int = field(init=False)

    def __post_init__(self) -> None:
        self.reach = LONGEST_TEXT if any(r.looks_far for r in self.rules) else OPENING

    def terms(self, title: str, text: str, agency: str) -> list[str]:
        """The categories of a release, by name; of ``text`` the first ``reach`` are enough."""
        seen = _Seen(
            title=match_key(title[:LONGEST_TITLE]),
            opening=match_key(text[:OPENING]),
            text=match_key(text[: self.reach]) if self.reach > OPENING else "",
            agency=agency.casefold(),
        )
        return sorted(r.term for r in self.rules if _takes(r, seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What rules see of a release, as ``match_key`` has it."""

    title: str
    opening: str
    text: str
    agency: str


def _takes(r: Rule, seen: _Seen) -> bool:
    if r.agencies and seen.agency not in r.agencies:
        return False
    if not _finds(r, seen) or _any(r.unless, seen.title):
        return False
    return not (_any(r.exclude, seen.title) or _any(r.exclude, seen.text))


def _finds(r: Rule, seen: _Seen) -> bool:
    if not (r.title or r.opening or r.text):
        return True
    if r.title and _has_cue(r.cues, seen.title) and _any(r.title, seen.title):
        return True
    if r.opening and _has_cue(r.opening_cues, seen.opening) and _fits(r.opening, seen.opening):
        return True
    return bool(r.text) and _has_cue(r.cues, seen.text) and _any(r.text, seen.text)


def _has_cue(cues: tuple[str, ...], text: str) -> bool:
    return not cues or any(cue in text for cue in cues)


def _fits(patterns: Patterns, text: str) -> bool:
    return any(pattern.match(text) is not None for pattern in patterns)


def _any(patterns: Patterns, text: str) -> bool:
    return any(pattern.search(text) is not None for pattern in patterns)


def slug(term: str) -> str:
    """The name of a category's page: its ASCII letters and digits, and safe on every system.

    A term that has none, or too many, gets some of its hash; two terms may have one name.
    """
    key = match_key(term)
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if made and made not in DEVICE_NAMES and len(made) <= LONGEST_TERM:
        return made
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{made[:LONGEST_TERM].strip('-') or 'category'}-{digest}"


def digest_of(rules: Sequence[Rule], version: str) -> str:
    """What tells these rules from others; ``version`` is of the built-in ones."""
    said = [_told(r) for r in sorted(rules, key=lambda r: r.term)]
    return hashlib.sha256(repr((version, said)).encode("utf-8", "surrogatepass")).hexdigest()


def _told(r: Rule) -> tuple[object, ...]:
    looked_for = (r.title, r.opening, r.text, r.exclude, r.unless)
    patterns = [[pattern.pattern for pattern in each] for each in looked_for]
    return (r.term, patterns, sorted(r.agencies))
