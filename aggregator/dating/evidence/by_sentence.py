"""Read a day by the tense of its sentence, weighed by where in the release it stands.

Takes a release and a phrase of its text; always gives a ``Reading``.  Leaves to ``verbs`` the tense
itself.
"""

from aggregator.dating.evidence.release import Release
from aggregator.dating.evidence.said import Reading
from aggregator.dating.evidence.sentences import in_quotes
from aggregator.dating.evidence.signs import AS_OF, DEADLINE, UNTIL
from aggregator.dating.evidence.verbs import tense_of
from aggregator.dating.phrases import DatePhrase


def by_sentence(release: Release, phrase: DatePhrase) -> Reading:
    """Read a day by the tense of its sentence, weighed by where it stands."""
    text, first = release.text, phrase.start < release.head
    before = text[max(0, phrase.start - 40) : phrase.start]
    tense, cue = tense_of(release.cues, text, phrase.start, phrase.end)
    if tense != "past" and DEADLINE.search(before):
        tense, cue = "future", "a deadline or start"
    elif (until := UNTIL.search(before)) and not until["ended"]:
        return Reading(role="future", strength=0.2, reason="until then")
    if AS_OF.search(before):
        return Reading(role="past", strength=0.7 if first else 0.5, reason="as of")
    ahead = release.advisory or release.title_tense == "future"
    if tense is None or (tense == "present" and ahead):
        if ahead:
            return Reading(role="future", strength=0.7, reason="no verb, in an advance notice")
        weight = 0.5 if first else 0.3
        return Reading(
            role=tense or "past", strength=weight, reason=cue or "no verb, as reports do"
        )
    weight = 0.8 if first else 0.4
    if tense == "future":
        weight = 0.9 if ahead and first else 0.7 if ahead or first else 0.2
    if tense == "past" and ahead and not first:
        weight *= 0.5
    if in_quotes(text, phrase.start):
        weight *= 0.5
    place = "first paragraph" if first else "later paragraph"
    return Reading(role=tense, strength=weight, reason=f"{cue}, {place}")
