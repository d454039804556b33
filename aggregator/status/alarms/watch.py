"""Find out which alarms began and which ended, from the store and the alarm rules.

``note`` is for after a run: it saves what changed, so that each trouble is one alarm with one
permanent id.  ``alarms`` returns the same without writing.  Where nothing can be known (no source
of an agency can be read, no feed was written), no alarm begins or ends; and an alarm ends because
something came in, never because the clock was set back.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aggregator.config import Config
from aggregator.model import AgencyActivity, Alarm, SourceFailures
from aggregator.status.alarms import rules
from aggregator.status.alarms.rules import MOST, MOST_NAME, Trouble
from aggregator.store import Store
from aggregator.store import alarms as store_alarms
from aggregator.store.webhooks import Delivering, deliverings

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of change, which Atom demands, of the feed of a store without a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """What to save: alarms that began or ended, and which sources fail or no longer do."""

    alarms: tuple[Alarm, ...]
    failing: Mapping[str, datetime]
    recovered: frozenset[str]


def note(
    store: Store,
    config: Config,
    *,
    now: datetime,
    unwritten: Mapping[str, str] | None = None,
    only_open: bool = False,
) -> list[Alarm]:
    """Save, after a run, which alarms began and which ended; return them.

    ``unwritten`` are the files of the output folder that could not be written, by name, each with
    the reason; an empty one says that all were written, None that none was tried.  ``now`` is the
    time of the run.  Where nothing changed nothing is written.  Raises ``StoreError``.

    With ``only_open``, of agencies only those are looked at that have an alarm: news may end it,
    and only time begins one.  With thousands of agencies that is much less.
    """
    found = _changes(store, config, now, unwritten, only_open=only_open)
    if not (found.alarms or found.failing or found.recovered):
        return []
    with store.transaction():
        # Read again, since another process may have saved the same in between.
        found = _changes(store, config, now, unwritten, only_open=only_open)
        store_alarms.save(store, found.alarms)
        store_alarms.note_failing(store, found.failing, found.recovered)
    return list(found.alarms)


def alarms(store: Store, config: Config, *, now: datetime) -> list[Alarm]:
    """Return the alarms that last and those that ended lately, the last change first.

    Works on a store that is open for reading only.  An alarm that no run has saved yet is raised
    ``now``, with the id that it will have.
    """
    found = {alarm.id: alarm for alarm in store_alarms.recent(store)}
    found |= {alarm.id: alarm for alarm in _changes(store, config, now, None).alarms}
    return sorted(found.values(), key=lambda alarm: (alarm.updated, alarm.id), reverse=True)


def health_feed(store: Store, config: Config) -> bytes:
    """Return the operators' feed, ``_health.atom``; it is the same until a saved alarm changes."""
    # Imports feedgen, which ``status`` does not need.
    from aggregator.output.formats.alarms import alarm_feed

    return alarm_feed(
        config.title,
        config.base_url,
        store_alarms.recent(store),
        quiet_since=store_alarms.first_document_time(store) or _NEVER,
    )


def _changes(
    store: Store,
    config: Config,
    now: datetime,
    unwritten: Mapping[str, str] | None,
    *,
    only_open: bool = False,
) -> _Changes:
    known = store_alarms.open_ones(store)
    situation = _situation(store, config, known, now, unwritten, only_open)
    is_open = {(alarm.kind, alarm.subject) for alarm in known}
    over = [
        rules.ended(alarm, situation.name(alarm), how, now)
        for alarm in known
        if (how := _how_it_ended(alarm, situation, now)) is not None
    ]
    new = [
        rules.began(trouble, now)
        for trouble in situation.troubles(now, most_is_open=("failing", MOST) in is_open)
        if (trouble.kind, trouble.subject) not in is_open
    ]
    former = {one.id: one for one in store_alarms.by_id(store, [alarm.id for alarm in new])}
    new = [
        replace(alarm, raised=former[alarm.id].raised) if alarm.id in former else alarm
        for alarm in new
    ]
    taken = store_alarms.update_times(store, now) if new or over else set()
    noted = store_alarms.failing_since(store)
    failures = situation.failures
    return _Changes(
        alarms=tuple(rules.spaced([*over, *new], taken)),
        failing={id_: failures[id_].first_failed for id_ in failures if id_ not in noted},
        recovered=frozenset(noted.keys() - failures.keys()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Situation:
    """All that alarms are about, as it is now: by source, by agency, and unwritten files."""

    failures: Mapping[str, SourceFailures]
    activity: Mapping[str, AgencyActivity]
    successes: Mapping[str, datetime]
    sources: Collection[str]
    remote: int
    unwritten: Mapping[str, str] | None
    webhooks: Mapping[str, Delivering]

    @property
    def most_fail(self) -> bool:
        return rules.most_fail(self.failures.values(), self.remote)

    def name(self, alarm: Alarm) -> str:
        """Return the name of an alarm's subject."""
        if alarm.subject == MOST:
            return MOST_NAME
        if alarm.kind == "undelivered":
            return f"webhook {alarm.subject}"
        agency = self.activity.get(alarm.subject) if alarm.kind == "silent" else None
        return agency.name if agency is not None else alarm.subject

    def troubles(self, now: datetime, *, most_is_open: bool) -> Iterator[Trouble]:
        """Yield what the rules find; an open alarm about most sources covers single ones."""
        for agency in self.activity.values():
            trouble = rules.silent(agency)
            if trouble is not None:
                yield trouble
        covers_remote = most_is_open and self.most_fail
        for trouble in rules.unread(self.failures.values(), self.remote):
            source = self.failures.get(trouble.subject)
            is_remote = source is not None and source.is_remote
            if not (covers_remote and is_remote and trouble.kind == "failing"):
                yield trouble
        for name, reason in sorted((self.unwritten or {}).items()):
            yield rules.unwritten(name, reason, now)
        for name, hook in self.webhooks.items():
            if hook.failing is not None:
                words, is_off = hook.error or "", hook.is_off
                trouble = rules.undelivered(name, hook.failing, words, now, is_off=is_off)
                if trouble is not None:
                    yield trouble


def _situation(
    store: Store,
    config: Config,
    known: list[Alarm],
    now: datetime,
    unwritten: Mapping[str, str] | None,
    only_open: bool,
) -> _Situation:
    silent = {alarm.subject for alarm in known if alarm.kind == "silent"}
    unread = {alarm.subject for alarm in known if alarm.kind in ("failing", "gone")}
    hooks = {hook.name for hook in config.webhooks}

    def is_remote(id_: str) -> bool:
        return id_ in config.by_id and config.by_id[id_].is_remote

    return _Situation(
        failures={
            source.source: source
            for source in store_alarms.source_failures(store, is_remote)
            if source.source in config.by_id
        },
        activity={
            agency.agency: agency
            for agency in store_alarms.quiet_agencies(
                store,
                {source.id: source.agency for source in config.sources},
                silent,
                now=now,
                quiet=None if only_open else rules.SHORTEST_PATIENCE,
                releases=rules.USUAL + 1,
                period=rules.YEAR,
                may_be_silent=rules.may_be_silent,
            )
        }
        if silent or not only_open
        else {},
        successes=store_alarms.last_successes(store, unread),
        sources=config.by_id.keys(),
        remote=sum(source.is_remote for source in config.sources),
        unwritten=unwritten,
        webhooks={name: found for name, found in deliverings(store).items() if name in hooks},
    )


def _how_it_ended(alarm: Alarm, situation: _Situation, now: datetime) -> str | None:
    """Return why an alarm is over; None while it lasts, or while that is not known."""
    if alarm.kind == "silent":
        return _how_silence_ended(alarm, situation.activity.get(alarm.subject), now)
    if alarm.kind == "unwritable":
        return _is_back(now, now) if situation.unwritten == {} else None
    if alarm.kind == "undelivered":
        hook = situation.webhooks.get(alarm.subject)
        if hook is None:
            return "is no longer configured"
        return _is_back(now, now) if hook.failing is None else None
    if alarm.subject == MOST:
        return None if situation.most_fail else f"are read again since {rules.day(now, now)}"
    return _how_failure_ended(alarm, situation, now)


def _how_silence_ended(alarm: Alarm, agency: AgencyActivity | None, now: datetime) -> str | None:
    if agency is None:
        return "is no longer an agency of its own"
    if not agency.sources:
        return "no longer comes through any source"
    newest = agency.releases[0].published if agency.releases else alarm.since
    if newest <= alarm.since or rules.silent(agency) is not None:
        return None
    return _is_back(newest, now)


def _how_failure_ended(alarm: Alarm, situation: _Situation, now: datetime) -> str | None:
    if alarm.subject not in situation.sources:
        return "is no longer configured"
    failure = situation.failures.get(alarm.subject)
    if failure is not None:
        return "is gone for good" if alarm.kind == "failing" and failure.gone else None
    success = situation.successes.get(alarm.subject)
    return _is_back(success, now) if success is not None else None


def _is_back(since: datetime, now: datetime) -> str:
    return f"is back since {rules.day(since, now)}"
