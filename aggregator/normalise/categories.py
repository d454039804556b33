"""Assign categories to a release by rules on its title, its text and its agency.

Takes rules, from the configuration and ``builtin_categories``; returns the terms of a release.  To
bound the time of patterns on hostile texts, only the start of each text is searched: that is where
a release says what it is.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Protocol

from aggregator.model.normal_form import normal_form
from aggregator.normalise.agency import DEVICE_NAMES
from aggregator.normalise.identity import match_key
from aggregator.normalise.rules import is_pattern, rule

LONGEST_TITLE = 1000
"""Characters of a title that are searched."""

OPENING = 800
"""Characters at the start of a text that the built-in rules search."""

HEAD = 300
"""Characters at the start of a text in which its first sentence is, or a greeting."""

LONGEST_TEXT = 10_000
"""Characters at the start of a text that a configured rule searches: the time of most patterns
grows faster than the text."""

LONGEST_TERM = 60

ANYWHERE = "*"
"""Before a cue that may be within a word, as in compounds."""

_WORD = re.compile(r"\w+")
_PARTS = re.compile(r"['\"(/ -]")
# Shorter words before a full stop are mostly abbreviations: "Mr.", "Sen.", "D.C.".
_SENTENCE_END = re.compile(
    r"[.!?](?:(?<=[^\W\d]{4}.)|(?<=\d\d.)|(?<=[)\]\"'%].))"
    r"(?<!dept.)(?<!corp.)(?<!prof.)(?<!sept.)(?<!reps.)(?<!sens.)[\"']* "
)
_SHORTEST_LEAD = 15


Patterns = tuple[str | re.Pattern[str], ...]
"""Alternatives, of which one has to match; strings are compiled at their first use."""


def one_of(*alternatives: str) -> Patterns:
    """Return one pattern that matches what any of ``alternatives`` does."""
    return ("|".join(alternatives),)


def both(first: str, second: str) -> str:
    """Return a pattern for texts in which both are found, in any order."""
    return f"^(?=.*(?:{first}))(?=.*(?:{second}))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The conditions of a category.

    ``title`` and ``text`` are searched there, ``lead`` in the first sentence of the text,
    ``opening`` in its first characters, and ``head`` matches at its start; one match is enough, and
    without all of them the agency decides.  ``agencies`` are ids in lower case, empty for all.
    ``exclude`` prevents the category if it matches in title or text, ``unless`` if it matches in
    the title, or in the lead that matched.  If another rule found a term in ``yields_to``, this one
    does not count.  ``also`` are further rules for the category, such as for other languages.

    Patterns are tried only where one of ``cues`` is present (``head_cues`` for ``lead`` and
    ``head``, ``opening_cues`` for ``opening``); without cues, always.  The longest word of a cue is
    the beginning of a word in the text, or all of it if it has less than four letters.
    """

    term: str
    title: Patterns = ()
    lead: Patterns = ()
    head: Patterns = ()
    opening: Patterns = ()
    text: Patterns = ()
    agencies: frozenset[str] = frozenset()
    exclude: Patterns = ()
    unless: Patterns = ()
    yields_to: frozenset[str] = frozenset()
    cues: tuple[str, ...] = ()
    head_cues: tuple[str, ...] = ()
    opening_cues: tuple[str, ...] = ()
    also: tuple["Rule", ...] = ()

    @property
    def needs_no_words(self) -> bool:
        """Whether the agency alone decides."""
        return not (self.title or self.lead or self.head or self.opening or self.text)

    @property
    def needs_full_text(self) -> bool:
        """Whether the rule searches beyond the opening of a text."""
        return bool(self.text or self.exclude)


def elsewhere(
    term: str,
    cues: tuple[str, ...],
    *alternatives: str,
    unless: str = "",
    yields_to: frozenset[str] = frozenset(),
) -> Rule:
    """Return a rule for other languages, whose words mean the same in a title and in a lead."""
    words, veto = one_of(*alternatives), (unless,) if unless else ()
    return Rule(
        term=term,
        cues=cues,
        head_cues=cues,
        title=words,
        lead=words,
        unless=veto,
        yields_to=yields_to,
    )


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


class Categoriser:
    """The rules, prepared for many releases; ``reach`` is how much of a text they use."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._parts = parts = [part for r in rules for part in (r, *r.also)]
        self.reach = LONGEST_TEXT if any(r.needs_full_text for r in parts) else OPENING
        self._cues = _Cues(parts)
        self._by_opening = [r for r in parts if r.opening]
        self._by_text = [r for r in parts if r.text]
        self._by_agency = [r for r in parts if r.needs_no_words]

    def terms(self, title: str, text: str, agency: str) -> list[str]:
        """Return the terms of a release, sorted; only ``text[:reach]`` is used."""
        title, agency = match_key(title[:LONGEST_TITLE]), agency.casefold()
        head, opening = match_key(text[:HEAD]), text[:OPENING].casefold()
        text = match_key(text[: self.reach]) if self.reach > OPENING else ""
        in_title, in_head = self._cues.present(title, head)
        told = {n for n in in_title if _search(self._parts[n].title, title)}
        told.update(n for n in in_head - told if _starts(self._parts[n], head))
        found = [
            *self._by_agency,
            *(self._parts[n] for n in told),
            *(
                r
                for r in self._by_opening
                if _has_cue(r.opening_cues, opening) and _search(r.opening, match_key(opening))
            ),
            *(r for r in self._by_text if _has_cue(r.cues, text) and _search(r.text, text)),
        ]
        found = [r for r in found if not _is_excluded(r, title, text, agency)]
        terms = {r.term for r in found}
        return sorted({r.term for r in found if terms.isdisjoint(r.yields_to)})


class _Cues:
    """The cues of rules, by the first letters of their longest word: a text is read only once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._without: tuple[set[int], set[int]] = (set(), set())
        self._anywhere: dict[str, list[tuple[str, int, int]]] = {}
        self._by_word: dict[str, list[tuple[str, int, int]]] = {}
        for n, r in enumerate(rules):
            if r.title:
                self._add(0, n, r.cues)
            if r.lead or r.head:
                self._add(1, n, r.head_cues)

    def _add(self, place: int, n: int, cues: tuple[str, ...]) -> None:
        if not cues:
            self._without[place].add(n)
        for cue in cues:
            if cue.startswith(ANYWHERE):
                part = cue.removeprefix(ANYWHERE)
                self._anywhere.setdefault(part, []).append((part, place, n))
            else:
                start = max(_PARTS.split(cue), key=len)[:4]
                self._by_word.setdefault(start, []).append((cue, place, n))

    def present(self, title: str, head: str) -> tuple[set[int], set[int]]:
        """Return the numbers of the rules that have a cue in title or head, or no cues at all."""
        texts = (title, head)
        both = f"{title} {head}"
        found = (self._without[0].copy(), self._without[1].copy())
        near = [self._by_word[start] for start in self._by_word.keys() & _word_starts(both)]
        near.extend(its for part, its in self._anywhere.items() if part in both)
        for cue, place, n in chain.from_iterable(near):
            if cue in texts[place]:
                found[place].add(n)
        return found


def _word_starts(text: str) -> set[str]:
    """Return the first four letters of each word; three times as fast as a regular expression."""
    for mark in "'\"-(/":
        text = text.replace(mark, " ")
    if not text.isascii():
        for mark in "«„¿¡":
            text = text.replace(mark, " ")
    return {word[:4] for word in text.split()}


def _lead(head: str) -> str:
    """Return the first sentence, with whatever heading or dateline is before it."""
    end = _SENTENCE_END.search(head, _SHORTEST_LEAD)
    return head[: end.end()] if end else head


def _starts(r: Rule, head: str) -> bool:
    lead = _lead(head)
    return (_search(r.lead, lead) and not _search(r.unless, lead)) or any(
        _compiled(pattern).match(head) for pattern in r.head
    )


def _has_cue(cues: tuple[str, ...], text: str) -> bool:
    for cue in cues:  # twice as fast as any()
        if cue in text:
            return True
    return not cues


def _is_excluded(r: Rule, title: str, text: str, agency: str) -> bool:
    return (
        bool(r.agencies and agency not in r.agencies)
        or _search(r.unless, title)
        or _search(r.exclude, title)
        or _search(r.exclude, text)
    )


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
        for each in (r.title, r.lead, r.head, r.opening, r.text, r.exclude, r.unless)
    ]
    others = [_content(other) for other in r.also]
    return (r.term, patterns, sorted(r.agencies), sorted(r.yields_to), others)
