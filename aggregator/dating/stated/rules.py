"""What dates that are stated as data are read by."""

from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRules:
    """How dates are read that leave something open.

    ``zone`` is that of times that name none (UTC), ``day_first`` the order of dates such as
    03/04/2024 if it is known, and ``language`` the tag of their document.
    """

    zone: tzinfo | None = None
    day_first: bool | None = None
    language: str | None = None


ANY = DateRules()
