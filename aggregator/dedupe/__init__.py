"""Decide whether a text is new or belongs to an entry: the same, cut short, edited, carried.

``sketch`` returns the numbers by which candidates are looked up, ``compare`` compares two texts,
``decide`` chooses among candidates, and ``document`` decides on all items of a document.  All of
it is pure: texts in, decisions out.
"""

from aggregator.dedupe.compare import Text, Verdict, compare
from aggregator.dedupe.decide import Decision, decide
from aggregator.dedupe.sketch import base, comparison_key, fingerprint, sketch, title_key

__all__ = [
    "Decision",
    "Text",
    "Verdict",
    "base",
    "compare",
    "comparison_key",
    "decide",
    "fingerprint",
    "sketch",
    "title_key",
]
