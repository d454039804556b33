"""Time ``find_dates`` against dateparser's ``search_dates`` on the same generated texts.

Run ``python -m benchmarks.dates`` at the root of the repository, where dateparser is installed
as well.  Prints microseconds per text of 1,500 characters with three phrases, and the ratio; the
target is a twentieth.  Both see the same texts in the same run, in turns, and the best of several
rounds counts.  dateparser gets the language as an argument, which spares it guessing.
"""

import random
import sys
import time
from collections.abc import Callable
from importlib import import_module

from aggregator.dating.evidence import read_evidence
from aggregator.dating.phrases import find_dates

LENGTH, PHRASES, TEXTS, ROUNDS = 1500, 3, 12, 5
PROSE = (
    "the council of ministers met officers from several agencies and discussed support for "
    "victims with partners who may attend a conference on security in the region this is more "
    "than 200 people said that it\u2019s important to share what they learned during exercises"
)
WORDS = PROSE.split()


def main() -> None:
    """Print the times and the ratio."""
    try:
        # By name, since dateparser ships no types and is not a dependency of ours.
        search_dates = import_module("dateparser.search").search_dates
    except ModuleNotFoundError as error:
        sys.exit(f"This compares with dateparser, and {error.name} is not installed.")
    samples = _texts()
    ours, evidence, theirs = [], [], []
    for _ in range(ROUNDS):
        ours.append(_microseconds(find_dates, samples, 100))
        evidence.append(_microseconds(lambda text: read_evidence("A title", text), samples, 20))
        theirs.append(_microseconds(lambda text: search_dates(text, languages=["en"]), samples, 1))
    empty = min(_microseconds(find_dates, ["lorem ipsum dolor " * 83], 500) for _ in range(ROUNDS))
    found = sum(len(find_dates(sample)) for sample in samples) / len(samples)
    print(f"find_dates     {min(ours):10.1f} us per text, {found:.1f} phrases found")
    print(f"  no dates     {empty:10.1f} us per text")
    print(f"read_evidence  {min(evidence):10.1f} us per text, finding included")
    print(f"search_dates   {min(theirs):10.1f} us per text")
    print(f"ratio          1/{min(theirs) / min(ours):.0f} (target: at most 1/20)")


def _texts(seed: int = 1) -> list[str]:
    """Generate texts of ``LENGTH`` characters with ``PHRASES`` phrases each, always the same."""
    chance = random.Random(seed)
    return [_text(chance) for _ in range(TEXTS)]


def _text(chance: random.Random) -> str:
    """Generate one text, its phrases spread over it."""
    parts = []
    for _ in range(PHRASES):
        part = ""
        while len(part) < LENGTH // PHRASES - 30:
            part += chance.choice(WORDS) + (". " if chance.random() < 0.08 else " ")
        parts.append(part + _date(chance))
    return ". ".join(parts)[:LENGTH]


def _date(chance: random.Random) -> str:
    """Generate a phrase such as a press release has."""
    day, month = chance.randint(1, 28), chance.choice(["May", "July", "November", "December"])
    return chance.choice(
        [
            f"on {day} {month} 2023",
            f"on {month} {day}, 2023",
            f"on Friday ({day} {month} 2023)",
            f"from {day} to {day + 1} {month}",
            "on Monday",
            "today",
        ]
    )


def _microseconds(action: Callable[[str], object], samples: list[str], repeat: int) -> float:
    """Time an action over all samples; returns the mean of one text."""
    began = time.perf_counter()
    for _ in range(repeat):
        for sample in samples:
            action(sample)
    return (time.perf_counter() - began) / repeat / len(samples) * 1e6


if __name__ == "__main__":
    main()
