"""The types that flow through the program, in the order in which a release meets them.

All are frozen: a step takes one and returns the next.  Times are aware ``datetime`` in UTC.  From
``Entry`` on, text is NFC without characters that XML forbids.
"""

from aggregator.model.documents import (
    Channel,
    Document,
    Item,
    Link,
    Markup,
    Parsed,
    Problem,
    Upstream,
)
from aggregator.model.entries import (
    Agency,
    Basis,
    Dating,
    Entry,
    Evidence,
    How,
    PartialDate,
    PastDating,
    Place,
    Related,
    RevisionText,
    Role,
    Search,
    Shift,
    Sighting,
    StoredEntry,
)
from aggregator.model.operation import (
    AgencyActivity,
    Alarm,
    AlarmKind,
    Hints,
    Progress,
    SourceFailures,
    SourceReport,
    Visit,
)

__all__ = [
    "Agency",
    "AgencyActivity",
    "Alarm",
    "AlarmKind",
    "Basis",
    "Channel",
    "Dating",
    "Document",
    "Entry",
    "Evidence",
    "Hints",
    "How",
    "Item",
    "Link",
    "Markup",
    "Parsed",
    "PartialDate",
    "PastDating",
    "Place",
    "Problem",
    "Progress",
    "Related",
    "RevisionText",
    "Role",
    "Search",
    "Shift",
    "Sighting",
    "SourceFailures",
    "SourceReport",
    "StoredEntry",
    "Upstream",
    "Visit",
]
