"""Is a text new, or is it an entry we have: the same, cut short, edited, carried by another?

`sketch` gives the numbers to look candidates up by, `compare` the exact comparison of two texts,
`decide` the choice among candidates. All of it is pure: texts in, decisions out.
"""

from aggregator.dedupe.compare import Boilerplate, Text, Verdict, compare
from aggregator.dedupe.decide import (
    Decision,
    NearDuplicate,
    New,
    Revision,
    Same,
    Truncated,
    as_decision,
    decide,
)
from aggregator.dedupe.fingerprint import fingerprint
from aggregator.dedupe.sketch import base, comparison_key, sketch, title_key

__all__ = [
    "Boilerplate",
    "Decision",
    "NearDuplicate",
    "New",
    "Revision",
    "Same",
    "Text",
    "Truncated",
    "Verdict",
    "as_decision",
    "base",
    "compare",
    "comparison_key",
    "decide",
    "fingerprint",
    "sketch",
    "title_key",
]
