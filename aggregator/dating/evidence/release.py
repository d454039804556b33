"""A release as a whole, and what is found in it.

``release_of`` takes a title, a text and their language, and returns a ``Release``: whether
it is a notice in advance, the tense of its title, and where its first paragraph ends.  A rule
returns a ``Judgement`` on a phrase of it, which ``Finding.of`` makes evidence of.
"""

from dataclasses import dataclass

from aggregator.dating.evidence.signs import Signs, signs_of
from aggregator.dating.evidence.tense import Cues, cues_of, tense_of
from aggregator.dating.languages.language import Language
from aggregator.dating.phrases import DatePhrase
from aggregator.model import Evidence, Place, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is known of a release; ``head`` is where the first paragraph of ``text`` ends."""

    title: str
    text: str
    cues: Cues
    signs: Signs
    advisory: bool
    title_tense: Role | None
    head: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of a phrase: its role, with a weight and the reason."""

    role: Role
    strength: float
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase and its evidence, whose days may come to be more complete than the phrase's."""

    phrase: DatePhrase
    evidence: Evidence

    @classmethod
    def of(cls, phrase: DatePhrase, place: Place, judgement: Judgement) -> "Finding":
        """Return the finding; what the phrase leaves out takes from its weight."""
        weight = 1.0
        if phrase.precision == "day" and phrase.missing:
            weight = 0.5 if "day" in phrase.missing else 0.9
        evidence = Evidence(
            place=place,
            phrase=phrase.text,
            role=judgement.role,
            first=phrase.first,
            last=phrase.last,
            weekday=phrase.weekday,
            shift=phrase.relative,
            strength=round(judgement.strength * weight, 3),
            reason=judgement.reason,
        )
        return cls(phrase, evidence)


def release_of(title: str, text: str, language: Language) -> Release:
    """Return what is known of a title and a text in ``language`` as a whole."""
    folded = f"{title}\n{text}".lower()
    cues, signs = cues_of(language), signs_of(language)
    return Release(
        title=title,
        text=text,
        cues=cues,
        signs=signs,
        advisory=any(sign in folded for sign in signs.advisories),
        title_tense=tense_of(cues, title, len(title), len(title))[0],
        head=_head(text),
    )


def _head(text: str) -> int:
    """Return where the first paragraph of prose ends; the short lines above it belong to it."""
    end = -1
    for line in text[:4000].split("\n"):
        end += len(line) + 1
        if len(line) > 80 or line.rstrip().endswith("."):
            return end
    return end
