"""The tense of the sentence that a date stands in.

Takes the cues of a language, a text and a span; gives the role that the deciding verb lends the
date, and the verb.  Leaves to the readers what a sentence without tense means.
"""

import re
from collections.abc import Iterator

from aggregator.dating.evidence.cues import Cues
from aggregator.dating.evidence.sentences import sentence
from aggregator.dating.evidence.signs import DETERMINERS, NO_TENSE, REPORTING
from aggregator.model import Role


def tense_of(cues: Cues, text: str, start: int, end: int) -> tuple[Role | None, str]:
    """Give the tense of the verb a span belongs to, and the verb: the last before it, else after.

    After a verb of saying the first verb that follows decides if it is of the future: "said the
    meeting on 5 May will …".  An infinitive decides only where nothing else has a tense.
    """
    low, high = sentence(text, start, end)
    before = list(_tensed(cues, text, low, start))
    finite = [match for match in before if match.lastgroup != "infinitive"]
    chosen = finite[-1] if finite else None
    if chosen is None or REPORTING.search(chosen[0]):
        after = list(_tensed(cues, text, end, high))
        later = next((match for match in after if match.lastgroup != "infinitive"), None)
        if later is not None and (chosen is None or later.lastgroup == "future"):
            chosen = later
        chosen = chosen or next(iter(before + after), None)
    if chosen is None:
        return None, ""
    group = chosen.lastgroup
    role: Role = "past" if group == "past" else "present" if group == "present" else "future"
    return role, chosen[0].lower()


def _tensed(cues: Cues, text: str, low: int, high: int) -> Iterator[re.Match[str]]:
    """Give the cues of a stretch, without participles that only describe: "the planned base"."""
    for match in cues.find(text, low, high):
        word = match[0]
        if match.lastgroup == "past" and word.endswith("ed") and " " not in word:
            if word.lower() in NO_TENSE or (word[0].isupper() and match.start() > low):
                continue
            preceding = text[max(low, match.start() - 12) : match.start()].split(" ")
            if text[match.start() - 1 : match.start()] == "-" and match.start() > low:
                continue
            if len(preceding) > 1 and preceding[-2].lower() in DETERMINERS:
                continue
            if len(preceding) > 1 and preceding[-2].lower() == "be":
                continue  # "will be received": the tense is that of the verb before "be"
        yield match
