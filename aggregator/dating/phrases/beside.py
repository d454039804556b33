"""What stands right beside a place in a text.

Takes a text and a place; gives the word before it, or whether a hyphen ties it to the word after.
Leaves to the readers what that does to a phrase.
"""

from aggregator.dating.phrases.patterns import WORD_BEFORE


def word_before(text: str, at: int, floor: int) -> tuple[str, int]:
    """Give the word that ends right before ``at``, in lower case, and where it starts."""
    match = WORD_BEFORE.search(text, max(floor, at - 16), at)
    return (match[1].lower(), match.start()) if match is not None else ("", at)


def is_hyphened(text: str, end: int) -> bool:
    """Say whether a name that ends at ``end`` is part of a longer word: "March-based"."""
    return text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()
