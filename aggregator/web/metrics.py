"""What Prometheus reads: counted here, or taken from ``Readings`` when it asks.

One ``Metrics`` belongs to one server, with a registry of its own.  Labels are ids, results and
classes of status, never addresses, which may hold credentials.  The format is text, version 0.0.4.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

_FETCH_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """How things stand at one moment.

    ``sources`` is how many are in each state, ``entries`` how many each agency has, ``feed_ages``
    the seconds since each feed changed, ``schedule_lag`` the seconds by which the schedule is
    behind (None where there is no schedule), and ``silent`` the agencies that have published
    nothing for far longer than they use to.
    """

    sources: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)
    feed_ages: Mapping[str, float] = field(default_factory=dict)
    schedule_lag: float | None = None
    silent: tuple[str, ...] = ()


class Metrics:
    """Counters, and the text made from them and from readings.

    ``answered`` is called in the event loop's thread, ``fetched`` and ``text`` in any.
    """

    def __init__(self) -> None:
        self._classes = [0] * 6
        self._registry = CollectorRegistry(auto_describe=False)
        self._fetches = Histogram(
            "aggregator_fetch_seconds",
            "Time to fetch and read a source.",
            ["result"],
            buckets=_FETCH_SECONDS,
            registry=self._registry,
        )

    def answered(self, status: int) -> None:
        """Count an answer over HTTP (``Site.count``)."""
        self._classes[status // 100] += 1

    def fetched(self, result: str, seconds: float) -> None:
        """Count a source that was read: ``ok``, ``unchanged`` or ``failed``, and its time."""
        self._fetches.labels(result).observe(seconds)

    def text(self, readings: Readings) -> bytes:
        """All of it, for one answer."""
        passing = CollectorRegistry(auto_describe=False)
        passing.register(_Once([*self._counted(), *_read(readings)]))
        return generate_latest(self._registry) + generate_latest(passing)

    def _counted(self) -> Iterator[Metric]:
        answers = CounterMetricFamily(
            "aggregator_http_requests", "Answers over HTTP.", labels=["status"]
        )
        for number, count in enumerate(self._classes):
            if number >= 2:
                answers.add_metric([f"{number}xx"], count)
        yield answers


def _read(readings: Readings) -> Iterator[Metric]:
    yield _gauge("sources", "Sources in each state.", "state", readings.sources)
    yield _gauge("entries", "Entries of each agency.", "agency", readings.entries)
    yield _gauge("feed_age_seconds", "Time since each feed changed.", "feed", readings.feed_ages)
    yield _gauge(
        "agency_silent",
        "Agencies that have published nothing for far longer than they use to.",
        "agency",
        dict.fromkeys(readings.silent, 1),
    )
    if readings.schedule_lag is not None:
        yield GaugeMetricFamily(
            "aggregator_schedule_lag_seconds",
            "How far the schedule is behind.",
            value=readings.schedule_lag,
        )


def _gauge(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"aggregator_{name}", help_, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


@dataclass(frozen=True, slots=True, eq=False)  # a registry keeps collectors by their hashes
class _Once:
    """Families that were made for one answer, as a collector."""

    families: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.families
