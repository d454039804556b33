"""Prometheus metrics: counters kept here, and gauges taken from a ``Snapshot`` at each scrape.

One ``Metrics`` belongs to one server, with a registry of its own.  Labels are ids, results and
status classes, never addresses, which may hold credentials.  The format is text, version 0.0.4.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from aggregator.store.webhooks import Delivering

_FETCH_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_SILENT = "Agencies that have published nothing for far longer than usual."
_WAITING = "Entries that are to be sent to each webhook."
_FAILING = "Requests in a row that each webhook did not accept."
_GIVEN_UP = "Entries that each webhook did not accept in time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of the program at one moment.

    ``sources`` counts sources by result, ``entries`` entries by agency; ``feed_ages`` has the
    seconds since each feed changed, ``schedule_lag`` those by which the schedule is behind (None
    without a schedule), and ``silent`` the agencies that have an alarm for publishing nothing.
    ``webhooks`` says how sending to each goes.
    """

    sources: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)
    feed_ages: Mapping[str, float] = field(default_factory=dict)
    schedule_lag: float | None = None
    silent: tuple[str, ...] = ()
    webhooks: Mapping[str, Delivering] = field(default_factory=dict)


class Metrics(Collector):
    """Counters, and the text made from them and from a snapshot.

    ``answered`` is called in the event loop's thread, ``fetched`` and ``text`` in any.
    """

    def __init__(self) -> None:
        self._by_class = [0] * 6
        self._registry = CollectorRegistry(auto_describe=False)
        self._fetches = Histogram(
            "aggregator_fetch_seconds",
            "Time to fetch and read a source.",
            ["result"],
            buckets=_FETCH_SECONDS,
            registry=self._registry,
        )
        self._registry.register(self)

    def answered(self, status: int) -> None:
        """Count an HTTP response (``ServedSite.count``)."""
        self._by_class[status // 100] += 1

    def fetched(self, result: str, seconds: float) -> None:
        """Count a poll of a source: ``ok``, ``unchanged`` or ``failed``, and its time."""
        self._fetches.labels(result).observe(seconds)

    def collect(self) -> Iterator[Metric]:
        """Yield the counter of responses, for the registry."""
        family = CounterMetricFamily(
            "aggregator_http_requests", "Answers over HTTP.", labels=["status"]
        )
        for number, count in enumerate(self._by_class[2:], start=2):
            family.add_metric([f"{number}xx"], count)
        yield family

    def text(self, snapshot: Snapshot) -> bytes:
        """All metrics as text."""
        lines: list[str] = []
        hooks = snapshot.webhooks
        for name, help_, label, values in (
            ("sources", "Sources in each state.", "state", snapshot.sources),
            ("entries", "Entries of each agency.", "agency", snapshot.entries),
            ("feed_age_seconds", "Time since each feed changed.", "feed", snapshot.feed_ages),
            ("agency_silent", _SILENT, "agency", dict.fromkeys(snapshot.silent, 1)),
            ("webhook_waiting", _WAITING, "webhook", {k: v.waiting for k, v in hooks.items()}),
            ("webhook_failing", _FAILING, "webhook", {k: v.tries for k, v in hooks.items()}),
            ("webhook_given_up", _GIVEN_UP, "webhook", {k: v.given_up for k, v in hooks.items()}),
        ):
            lines += _gauge(name, help_)
            lines += (
                f'aggregator_{name}{{{label}="{_escaped(key)}"}} {float(value)}\n'
                for key, value in sorted(values.items())
            )
        if snapshot.schedule_lag is not None:
            lines += _gauge("schedule_lag_seconds", "How far the schedule is behind.")
            lines.append(f"aggregator_schedule_lag_seconds {float(snapshot.schedule_lag)}\n")
        return generate_latest(self._registry) + "".join(lines).encode("utf-8", "replace")


# Each agency and each feed has a line: ``generate_latest`` would take five times as long.
def _gauge(name: str, help_: str) -> tuple[str, str]:
    return f"# HELP aggregator_{name} {help_}\n", f"# TYPE aggregator_{name} gauge\n"


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
