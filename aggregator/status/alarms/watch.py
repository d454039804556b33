"""What is in trouble: joins what the store knows with the rules of ``aggregator/rules.py``.

``note`` is for after a run: it remembers what began and what ended, so that each trouble is one
alarm with one permanent id.  ``alarms`` is for those who look, and writes nothing.  Where nothing
can be known (no source of an agency can be read, no feed was written), nothing begins and nothing
ends; and an alarm ends because something came, never because the clock was set back.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aggregator.config import Config
from aggregator.model import AgencyActivity, Alarm, AlarmKind, SourceFailures
from aggregator.status.alarms import rules
from aggregator.status.alarms.rules import MOST, SHORTEST_PATIENCE, USUAL, YEAR, Trouble
from aggregator.store import Store
from aggregator.store import alarms as store_alarms

_NOTHING_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""When a store that never had a document changed last, as its feed has to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What is to be remembered: alarms that began or ended, and since when sources fail now."""

    changed: tuple[Alarm, ...]
    failing: Mapping[str, datetime]
    well: Collection[str]

    def __bool__(self) -> bool:
        return bool(self.changed or self.failing or self.well)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Present:
    """How everything that alarms are about is now."""

    readings: Mapping[str, SourceFailures]
    publishing: Mapping[str, AgencyActivity]
    successes: Mapping[str, datetime]
    sources: Collection[str]
    remote: int
    unwritten: Mapping[str, str] | None


def note(
    store: Store, config: Config, *, now: datetime, unwritten: Mapping[str, str] | None = None
) -> list[Alarm]:
    """Remember, after a run, what is in trouble and what is no longer; gives what changed.

    ``unwritten`` are the files of the output folder that could not be written, by name, each with
    the reason; an empty one says that all were written, None that none was tried.  ``now`` is the
    time of the run.  Where nothing changed nothing is written.  Raises ``StoreError``.
    """
    if not _news(store, config, now, unwritten):
        return []
    with store.transaction():
        # Asked again, since another process may have noted the same meanwhile.
        news = _news(store, config, now, unwritten)
        store_alarms.save(store, news.changed)
        store_alarms.note_failing(store, news.failing, news.well)
    return list(news.changed)


def alarms(store: Store, config: Config, *, now: datetime) -> list[Alarm]:
    """What is in trouble, and what was until lately; what changed last comes first.

    Works on a store that is open for reading only.  An alarm that no run has noted yet is raised
    ``now``, and has the id that it will have.
    """
    found = {alarm.id: alarm for alarm in store_alarms.recent(store)}
    found |= {alarm.id: alarm for alarm in _news(store, config, now, None).changed}
    return sorted(found.values(), key=lambda alarm: (alarm.updated, alarm.id), reverse=True)


def health_feed(store: Store, config: Config) -> bytes:
    """The operators' feed, ``_health.atom``: what was noted, and so the same until that changes."""
    from aggregator.status.alarms import feed  # and with it feedgen, which ``status`` does not need

    return feed.feed(
        config.title,
        config.base_url,
        store_alarms.recent(store),
        quiet_since=store_alarms.first_document_time(store) or _NOTHING_EVER,
    )


def _news(
    store: Store, config: Config, now: datetime, unwritten: Mapping[str, str] | None
) -> _News:
    known = store_alarms.open_ones(store)
    present = _present(store, config, known, now, unwritten)
    ended = [after for alarm in known if (after := _after(alarm, present, now)) is not None]
    is_open = {(alarm.kind, alarm.subject) for alarm in known}
    begun = [
        rules.began(trouble, now)
        for trouble in _troubles(present, is_open, now)
        if (trouble.kind, trouble.subject) not in is_open
    ]
    former = {alarm.id: alarm for alarm in store_alarms.by_id(store, [a.id for a in begun])}
    begun = [
        replace(alarm, raised=former[alarm.id].raised) if alarm.id in former else alarm
        for alarm in begun
    ]
    taken = store_alarms.update_times(store, now) if begun or ended else set()
    noted = store_alarms.failing_since(store)
    return _News(
        changed=tuple(rules.apart([*ended, *begun], taken)),
        failing={
            id_: reading.first_failed
            for id_, reading in present.readings.items()
            if id_ not in noted
        },
        well=noted.keys() - present.readings.keys(),
    )


def _present(
    store: Store,
    config: Config,
    known: list[Alarm],
    now: datetime,
    unwritten: Mapping[str, str] | None,
) -> _Present:
    owners = {source.id: source.agency for source in config.sources}
    remote = {source.id for source in config.sources if source.is_remote}
    return _Present(
        readings={
            reading.source: reading
            for reading in store_alarms.source_failures(store, remote)
            if reading.source in owners
        },
        publishing={
            publishing.agency: publishing
            for publishing in store_alarms.quiet_agencies(
                store,
                owners,
                _subjects(known, "silent"),
                now=now,
                quiet=SHORTEST_PATIENCE,
                releases=USUAL + 1,
                period=YEAR,
            )
        },
        successes=store_alarms.last_successes(
            store, _subjects(known, "failing") | _subjects(known, "gone")
        ),
        sources=owners.keys(),
        remote=len(remote),
        unwritten=unwritten,
    )


def _subjects(known: list[Alarm], kind: AlarmKind) -> set[str]:
    return {alarm.subject for alarm in known if alarm.kind == kind}


def _troubles(
    present: _Present, is_open: Collection[tuple[str, str]], now: datetime
) -> Iterator[Trouble]:
    """What the rules object to, less what an alarm that is on covers already."""
    for publishing in present.publishing.values():
        trouble = rules.silent(publishing)
        if trouble is not None:
            yield trouble
    for trouble in rules.unread(present.readings.values(), present.remote):
        reading = present.readings.get(trouble.subject)
        is_covered = (
            trouble.kind == "failing"
            and reading is not None
            and reading.is_remote
            and ("failing", MOST) in is_open
            and rules.most_fail(present.readings.values(), present.remote)
        )
        if not is_covered:
            yield trouble
    for name, reason in sorted((present.unwritten or {}).items()):
        yield rules.unwritten(name, reason, now)


def _after(alarm: Alarm, present: _Present, now: datetime) -> Alarm | None:
    """``alarm`` as it is once it is over; None while it lasts, or as long as that is not known."""
    if alarm.kind == "silent":
        return _after_silence(alarm, present.publishing.get(alarm.subject), now)
    if alarm.kind == "unwritable":
        return rules.back(alarm, now, now) if present.unwritten == {} else None
    if alarm.subject == MOST:
        if rules.most_fail(present.readings.values(), present.remote):
            return None
        return rules.back(alarm, now, now)
    return _after_failures(alarm, present, now)


def _after_silence(alarm: Alarm, publishing: AgencyActivity | None, now: datetime) -> Alarm | None:
    if publishing is None:
        return rules.dropped(alarm, "is no agency of its own any more", now)
    if not publishing.sources:
        return rules.dropped(alarm, "comes through no source any more", now)
    newest = publishing.releases[0] if publishing.releases else alarm.since
    if newest <= alarm.since or rules.silent(publishing) is not None:
        return None
    return rules.back(alarm, newest, now)


def _after_failures(alarm: Alarm, present: _Present, now: datetime) -> Alarm | None:
    if alarm.subject not in present.sources:
        return rules.dropped(alarm, "is not configured any more", now)
    reading = present.readings.get(alarm.subject)
    if reading is not None:
        if alarm.kind == "failing" and reading.gone is not None:
            return rules.dropped(alarm, "is gone for good", now)
        return None
    success = present.successes.get(alarm.subject)
    return rules.back(alarm, success, now) if success is not None else None
