"""What one phrase says of its release, while it is being read.

Gives ``Reading``, a role with its weight, and ``Said``, which adds the days; takes what the readers
found.  Leaves to ``Evidence`` what is kept of it.
"""

from dataclasses import dataclass

from aggregator.dating.phrases import DatePhrase
from aggregator.model import Evidence, PartialDate, Place, Role, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A role with its weight and reason."""

    role: Role
    strength: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one phrase says.  ``first`` and ``last`` may come to know more than ``phrase``."""

    phrase: DatePhrase
    place: Place
    role: Role
    first: PartialDate
    last: PartialDate
    weekday: int | None
    shift: Shift | None
    strength: float
    reason: str


def as_evidence(said: Said) -> Evidence:
    """Give what is kept: the words of the phrase, no longer its place."""
    return Evidence(
        place=said.place,
        phrase=said.phrase.text,
        role=said.role,
        first=said.first,
        last=said.last,
        weekday=said.weekday,
        shift=said.shift,
        strength=said.strength,
        reason=said.reason,
    )
