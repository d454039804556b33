"""Count the work of a call, for tests of how it grows: a count is the same on a busy machine."""

import sys
from collections.abc import Callable
from types import FrameType


def calls(work: Callable[[], object]) -> int:
    """Return how many functions are called in ``work``, those of C included.

    Work inside one call of a regular expression is not seen; a text that is long enough shows it,
    since a test of it would not end.
    """
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
