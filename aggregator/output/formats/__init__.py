"""Feeds to bytes: one module a format, all of them pure, and all of one shape."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from aggregator.model import Link, StoredEntry
from aggregator.output.plan import Plan


class Format(Protocol):
    """What every format of feeds has.

    An entry's element is built once by ``entry``, kept, and spliced into every feed that has it.
    ``VERSION`` changes whenever the same entry would give other bytes.
    """

    FORM: str
    VERSION: str
    MEDIA_TYPE: str
    ENDING: str

    def entry(self, stored: StoredEntry, /) -> bytes:
        """The element of one entry, which is the same in every feed that has it."""
        ...

    def feed(
        self,
        plan: Plan,
        base_url: str,
        updated: datetime,
        entries: Iterable[bytes],
        /,
        *,
        hub: str | None = None,
    ) -> bytes:
        """The feed of ``plan``, served below ``base_url``, with the elements of its entries.

        It names ``hub`` as the one to subscribe at (WebSub, section 4).
        """
        ...

    def with_source(self, element: bytes, plan: Plan, base_url: str, updated: datetime, /) -> bytes:
        """An entry's ``element`` that says from which feed it comes."""
        ...


def addresses(plan: Plan, base_url: str, formats: Sequence[Format]) -> list[Link]:
    """Where a feed is, in each of ``formats``."""
    return [
        Link(href=f"{base_url}{plan.name}{form.ENDING}", rel="alternate", type=form.MEDIA_TYPE)
        for form in formats
    ]
