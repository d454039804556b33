"""The operators' feed in Atom 1.0 (RFC 4287): an entry for each alarm.

Takes alarms, newest change first; returns the bytes of the file.  When an alarm ends, its entry is
updated.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urljoin

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from aggregator.model import Alarm
from aggregator.normalise.identity import feed_id
from aggregator.output.formats.atom import TextTypes

NAME = "_health"
FILE = f"{NAME}.atom"

_MOST = 200  # entries; `status` shows all


def alarm_feed(
    title: str, base_url: str, alarms: Sequence[Alarm], *, quiet_since: datetime
) -> bytes:
    """Return the feed of the aggregator called ``title``, served below ``base_url``.

    RFC 4287, section 4.1.1, demands a time of change even of a feed without entries:
    ``quiet_since``, which is aware.
    """
    made = FeedGenerator()
    made.register_extension("text", TextTypes, TextTypes, rss=False)
    made.id(feed_id(NAME))
    made.title(f"{title}: what needs attention")
    made.subtitle("Agencies that fell silent, sources and files in trouble; and when that is over.")
    made.author(name="Aggregator")
    made.generator("Aggregator")
    made.updated(max((alarm.updated for alarm in alarms), default=quiet_since))
    made.link(href=urljoin(base_url, FILE), rel="self", type="application/atom+xml")
    for alarm in alarms[:_MOST]:
        made.add_entry(_entry(alarm), order="append")
    return bytes(made.atom_str()) + b"\n"


def _entry(alarm: Alarm) -> FeedEntry:
    made = FeedEntry()
    made.id(alarm.id)
    made.title(alarm.title)
    made.published(alarm.raised)
    made.updated(alarm.updated)
    made.content(f"<p>{escape(alarm.words)}</p>", type="html")
    made.category(term=alarm.kind)
    if alarm.ended is not None:
        made.category(term="over")
    return made
