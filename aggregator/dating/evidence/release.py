"""What is known of a release as a whole while its phrases are read one by one.

Takes a title and a text; gives a ``Release``: the cues of its language, whether it is a notice in
advance, the tense of its title, and where its first paragraph ends.  Leaves the phrases to
``reading``.
"""

from dataclasses import dataclass

from aggregator.dating.evidence.cues import Cues, cues_of
from aggregator.dating.evidence.signs import ADVISORY
from aggregator.dating.evidence.verbs import tense_of
from aggregator.model import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is known of the whole.  ``head`` is where the first paragraph of ``text`` ends."""

    title: str
    text: str
    cues: Cues
    advisory: bool
    title_tense: Role | None
    head: int


def release_of(title: str, text: str) -> Release:
    """Give what a title and a text tell as a whole."""
    folded = f"{title}\n{text}".lower()
    cues = cues_of(folded)
    return Release(
        title=title,
        text=text,
        cues=cues,
        advisory=any(sign in folded for sign in ADVISORY),
        title_tense=tense_of(cues, title, len(title), len(title))[0],
        head=_head(text),
    )


def _head(text: str) -> int:
    """Give where the first paragraph of prose ends; the short lines above it belong to it."""
    end = -1
    for line in text[:4000].split("\n"):
        end += len(line) + 1
        if len(line) > 80 or line.rstrip().endswith("."):
            return end
    return end
