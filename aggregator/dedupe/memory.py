"""Remember what was made of a text, within bounds.

A text is compared with several others, and however long it is, it should be taken apart once.  A
cache that counts texts either leaves out the long ones or holds as much as its texts are long, so
this one counts characters.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar

V = TypeVar("V")

# What a text takes besides its characters, in characters, so that empty texts are bounded too.
_EACH = 500


def remembered(characters: int) -> Callable[[Callable[[str], V]], Callable[[str], V]]:
    """Decorate a function of a text to keep results for texts of so many characters altogether.

    The results that were asked for last are kept, the very last one however long its text is.
    """

    def decorate(function: Callable[[str], V]) -> Callable[[str], V]:
        kept: OrderedDict[str, V] = OrderedDict()
        left = characters
        lock = Lock()

        @wraps(function)
        def call(text: str) -> V:
            nonlocal left
            with lock:
                if text in kept:
                    kept.move_to_end(text)
                    return kept[text]
            made = function(text)
            with lock:
                left -= 0 if text in kept else len(text) + _EACH
                kept[text] = made
                while left < 0 and len(kept) > 1:
                    left += len(kept.popitem(last=False)[0]) + _EACH
            return made

        return call

    return decorate
