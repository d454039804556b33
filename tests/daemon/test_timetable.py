"""The timetable with a clock that is set by hand: no call is lost or repeated."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from hypothesis import given
from hypothesis import strategies as st

from aggregator.daemon.timetable import JUMP, Timetable, corrected_for_clock_change
from tests.support.clock import Clock, HandScheduler, run_by
from tests.support.project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import schedule as simulated

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
LOOK = 5


@dataclass(slots=True, kw_only=True)
class Scene:
    """A timetable, its clock, and its calls so far: the name, and when by both clocks."""

    clock: Clock
    scheduler: HandScheduler
    timetable: Timetable = field(init=False)
    told: list[tuple[str, datetime, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.timetable = Timetable(
            self.scheduler, self._note, now=self.clock.now, steady=self.clock.steady
        )

    def _note(self, name: str) -> None:
        self.told.append((name, self.clock.now(), self.clock.steady()))

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.told]

    @property
    def seconds(self) -> list[float]:
        """By the steady clock."""
        return [steady for _, _, steady in self.told]

    def plan(self, name: str, seconds: float, longest: int = WEEK) -> None:
        self.timetable.plan(name, self.clock.now() + timedelta(seconds=seconds), longest)

    def let_pass(self, seconds: float) -> None:
        """Let time pass, with somebody looking at the clock as the daemon does."""
        end = self.clock.steady() + seconds
        while self.clock.steady() < end:
            self.scheduler.let_pass(min(LOOK, end - self.clock.steady()))
            self.timetable.check_clock()
        self.scheduler.let_pass(0)


@pytest.fixture
def scene() -> Iterator[Scene]:
    clock = Clock(NOON)
    with run_by(clock):
        scene = Scene(clock=clock, scheduler=HandScheduler(clock))
        scene.timetable.start()
        yield scene


# One thing, once.


def test_called_once_when_due(scene: Scene) -> None:
    """A name is called once, when it is due."""
    scene.plan("nato", 15 * MINUTE)
    scene.let_pass(15 * MINUTE - 1)
    assert scene.told == []
    scene.let_pass(DAY)
    assert scene.told == [("nato", NOON + timedelta(minutes=15), 900.0)]


@pytest.mark.parametrize("late", [0, 1, HOUR, 400 * DAY])
def test_overdue_is_called_now(scene: Scene, late: int) -> None:
    """An overdue name is called at once, however late, and once."""
    scene.plan("nato", -late)
    scene.let_pass(DAY)
    assert scene.told == [("nato", NOON, 0.0)]


def test_planned_before_the_start() -> None:
    """Nothing is called before the start."""
    clock = Clock(NOON)
    with run_by(clock):
        scene = Scene(clock=clock, scheduler=HandScheduler(clock))
        scene.plan("late", -HOUR)
        scene.plan("soon", MINUTE)
        scene.let_pass(HOUR)
        assert scene.told == []
        scene.timetable.start()
        scene.let_pass(0)
    assert scene.names == ["late", "soon"]


def test_planned_again_before_it_is_due(scene: Scene) -> None:
    """The last plan counts, whether sooner or later, and is called once."""
    scene.plan("sooner", HOUR)
    scene.plan("later", MINUTE)
    scene.plan("sooner", 2 * MINUTE)
    scene.plan("later", 3 * MINUTE)
    scene.let_pass(DAY)
    assert scene.names == ["sooner", "later"]
    assert scene.seconds == [120.0, 180.0]


def test_planned_again_after_it_was_called(scene: Scene) -> None:
    """A name can be planned again after each call, as a source is after each poll."""
    for _ in range(3):
        scene.plan("nato", HOUR)
        scene.let_pass(HOUR + 7)
    assert scene.seconds == [3600.0, 7207.0, 10_814.0]


def test_never_planned_further_ahead_than_the_longest(scene: Scene) -> None:
    """A time stored by a clock that was years ahead is capped."""
    scene.plan("nato", 3000 * DAY, longest=HOUR)
    assert scene.timetable.planned == {"nato": NOON + timedelta(hours=1)}
    scene.let_pass(2 * HOUR)
    assert scene.seconds == [3600.0]


def test_forgotten_name_is_not_called(scene: Scene) -> None:
    """A forgotten name is not called; an unknown one can be forgotten."""
    scene.plan("gone", MINUTE)
    scene.plan("there", MINUTE)
    scene.timetable.repeat("*gone", MINUTE, first=NOON)
    scene.timetable.forget("gone")
    scene.timetable.forget("*gone")
    scene.timetable.forget("unheard of")
    scene.clock.set_by(DAY)  # nor does planning anew bring it back
    scene.let_pass(HOUR)
    assert scene.names == ["there"]


def test_planned_names_and_times(scene: Scene) -> None:
    """`planned` has what will be called once, and when."""
    scene.plan("a", MINUTE)
    scene.plan("b", HOUR)
    scene.timetable.repeat("*chore", MINUTE, first=NOON)
    scene.let_pass(2 * MINUTE)
    assert scene.timetable.planned == {"b": NOON + timedelta(hours=1)}


def test_nothing_is_called_after_stop(scene: Scene) -> None:
    """Nothing is called after the stop."""
    scene.plan("nato", MINUTE)
    scene.timetable.stop()
    scene.scheduler.let_pass(HOUR)
    assert scene.told == []


def test_ten_thousand_due_at_once(scene: Scene) -> None:
    """Each name is called once, in one pass."""
    wanted = [f"source-{number}" for number in range(10_000)]
    for name in wanted:
        scene.plan(name, MINUTE)
    scene.let_pass(HOUR)
    assert sorted(scene.names) == sorted(wanted)
    assert set(scene.seconds) == {60.0}


def test_ten_thousand_names_are_one_job(scene: Scene) -> None:
    """A start costs the scheduler no more for many sources than for one."""
    with mock.patch.object(scene.scheduler, "add_job", wraps=scene.scheduler.add_job) as added:
        for number in range(10_000):
            scene.plan(f"source-{number}", HOUR + number)
    assert added.call_count == 1
    assert len(scene.scheduler.get_jobs()) == 1


def test_name_planned_again_and_again_takes_no_more_memory(scene: Scene) -> None:
    """A hub may notify of one source at any rate."""
    for second in range(10_000):
        scene.plan("nato", HOUR + second)
    assert len(scene.timetable._heap) < 1100
    scene.let_pass(DAY)
    assert scene.seconds == [HOUR + 9999.0]


def test_one_that_fails_holds_up_no_other() -> None:
    """An error in one call does not affect the others."""
    told = []

    def tell(name: str) -> None:
        told.append(name)
        if name == "a":
            raise OSError("no more pipe")

    clock = Clock(NOON)
    with run_by(clock):
        scheduler = HandScheduler(clock)
        timetable = Timetable(scheduler, tell, now=clock.now, steady=clock.steady)
        timetable.start()
        for name in "abc":
            timetable.plan(name, NOON, HOUR)
        scheduler.let_pass(MINUTE)
    assert told == ["a", "b", "c"]


def test_called_in_the_event_loop() -> None:
    """Calls do not come from several threads, because they write to one pipe."""

    async def tell_all() -> set[int]:
        threads: list[int] = []
        over = asyncio.Event()

        def tell(name: str) -> None:
            threads.append(threading.get_ident())
            if len(threads) == 100:
                over.set()

        def now() -> datetime:
            return datetime.now(UTC)

        timetable = Timetable(AsyncIOScheduler(timezone=UTC), tell, now=now, steady=time.monotonic)
        timetable.start()
        for number in range(100):
            timetable.plan(f"source-{number}", now(), HOUR)
        await asyncio.wait_for(over.wait(), 30)
        timetable.stop()
        await asyncio.sleep(0)
        return set(threads)

    assert asyncio.run(tell_all()) == {threading.get_ident()}


# What comes again and again.


def test_repeated_at_its_interval(scene: Scene) -> None:
    """From the first time on, at the same distance."""
    scene.timetable.repeat("*alarms", 10 * MINUTE, first=NOON + timedelta(minutes=1))
    scene.let_pass(HOUR)
    assert scene.seconds == [60.0 + 600 * n for n in range(6)]


def test_missed_runs_are_one_run(scene: Scene) -> None:
    """A day without calls is made up by one call, and the interval goes on."""
    scene.timetable.repeat("*alarms", 10 * MINUTE, first=NOON + timedelta(minutes=1))
    scene.clock.go_on(DAY)
    scene.let_pass(10 * MINUTE)
    assert scene.seconds == [DAY, DAY + 60.0]


def test_first_run_is_past(scene: Scene) -> None:
    """Then the first run is now."""
    scene.timetable.repeat("*upkeep", DAY, first=NOON - timedelta(days=9))
    scene.let_pass(DAY + 1)
    assert scene.seconds == [0.0, DAY]


def test_repeated_at_another_interval(scene: Scene) -> None:
    """A new configuration may want other intervals; the last word counts."""
    scene.timetable.repeat("*backup", HOUR, first=NOON + timedelta(minutes=1))
    scene.timetable.repeat("*backup", DAY, first=NOON + timedelta(minutes=2))
    scene.let_pass(DAY)
    assert scene.seconds == [120.0]


# A clock that is set.


@pytest.mark.parametrize("seconds", [-JUMP, -1, 0, 1, JUMP])
def test_a_clock_that_is_a_little_off(scene: Scene, seconds: float) -> None:
    """It is put right all the time, by a little; nobody minds."""
    scene.clock.set_by(seconds)
    assert scene.timetable.check_clock() == 0.0


@pytest.mark.parametrize("seconds", [-DAY, -HOUR, -JUMP - 1, JUMP + 1, HOUR, DAY])
def test_check_returns_the_jump(scene: Scene, seconds: float) -> None:
    """It says so once."""
    scene.clock.go_on(LOOK)
    scene.clock.set_by(seconds)
    looks = [scene.timetable.check_clock() for _ in range(3)]
    assert looks == [seconds, 0.0, 0.0]


@pytest.mark.parametrize("back", [HOUR, DAY, 400 * DAY])
def test_clock_set_back(scene: Scene, back: int) -> None:
    """What was due in 15 minutes still is, and is called once."""
    scene.plan("nato", 15 * MINUTE)
    scene.let_pass(5 * MINUTE)
    scene.clock.set_by(-back)
    scene.let_pass(2 * DAY)
    assert scene.names == ["nato"]
    assert scene.seconds == [900.0]


def test_planned_between_clock_change_and_check(scene: Scene) -> None:
    """What was planned by the new time is not moved."""
    scene.let_pass(LOOK)
    scene.clock.set_by(-DAY)
    scene.plan("nato", 15 * MINUTE)
    scene.let_pass(DAY)
    assert scene.seconds == [LOOK + 900.0]


@pytest.mark.parametrize("back", [HOUR, 400 * DAY])
def test_maintenance_goes_on_after_clock_set_back(scene: Scene, back: int) -> None:
    """They wait for one interval at the most, not for the old time to come again."""
    scene.timetable.repeat("*alarms", 10 * MINUTE, first=NOON)
    scene.let_pass(5 * MINUTE)
    scene.clock.set_by(-back)
    scene.let_pass(30 * MINUTE)
    assert scene.seconds == [0.0, 905.0, 1505.0]


@pytest.mark.parametrize("forward", [HOUR, DAY, 20_000 * DAY])
def test_clock_set_forward_or_machine_suspended(scene: Scene, forward: int) -> None:
    """What is due by the new time is called at the next check, once; the rest when it is due."""
    scene.plan("due", 15 * MINUTE)
    scene.plan("not yet", forward + HOUR, longest=forward + DAY)
    scene.timetable.repeat("*alarms", 10 * MINUTE, first=NOON + timedelta(minutes=2))
    scene.let_pass(MINUTE)
    scene.clock.set_by(forward)
    scene.let_pass(MINUTE)
    assert sorted(scene.names) == ["*alarms", "due"]
    assert set(scene.seconds) == {60.0 + LOOK}
    scene.timetable.forget("*alarms")
    scene.let_pass(HOUR)
    assert scene.told[2:] == [("not yet", NOON + timedelta(seconds=forward + HOUR), float(HOUR))]


def test_suspended_while_the_steady_clock_goes_on(scene: Scene) -> None:
    """Some machines count on while they sleep: then the wait ends with the sleep."""
    scene.plan("nato", 15 * MINUTE)
    scene.clock.go_on(8 * HOUR)
    assert scene.timetable.check_clock() == 0.0
    scene.let_pass(MINUTE)
    assert scene.seconds == [8.0 * HOUR]


def test_clock_set_forward_by_mistake_and_back(scene: Scene) -> None:
    """What was not due by either time is called as if nothing had happened."""
    scene.plan("nato", 2 * DAY)
    scene.let_pass(MINUTE)
    scene.clock.set_by(DAY)
    scene.let_pass(MINUTE)
    scene.clock.set_by(-DAY)
    scene.let_pass(3 * DAY)
    assert scene.told == [("nato", NOON + timedelta(days=2), 2.0 * DAY)]


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 29, 0, 10, tzinfo=UTC),  # at 1:00 UTC Europe goes to summer time
        datetime(2026, 10, 25, 0, 10, tzinfo=UTC),  # and back
    ],
)
def test_daylight_saving_changes_nothing(start: datetime) -> None:
    """A jump of local time changes neither due times nor intervals."""
    clock, berlin = Clock(start), ZoneInfo("Europe/Berlin")
    with run_by(clock):
        scene = Scene(clock=clock, scheduler=HandScheduler(clock, berlin))
        scene.timetable.start()
        scene.timetable.plan("nato", (start + timedelta(hours=1)).astimezone(berlin), DAY)
        scene.timetable.repeat("*chore", HOUR, first=start.astimezone(berlin))
        scene.let_pass(4 * HOUR)
    assert [at for name, _, at in scene.told if name == "nato"] == [float(HOUR)]
    assert [at for name, _, at in scene.told if name == "*chore"] == [
        float(HOUR * n) for n in range(5)
    ]


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("plan"), st.sampled_from("abc"), st.integers(-DAY, 2 * HOUR)),
        st.tuples(st.just("pass"), st.just(""), st.integers(0, 2 * HOUR)),
        st.tuples(st.just("set"), st.just(""), st.integers(-DAY, DAY)),
    ),
    max_size=12,
)


@given(_STEPS)
def test_any_clock_changes(steps: list[tuple[str, str, int]]) -> None:
    """The last plan is called once, when it is due by one of the clocks."""
    clock, due = Clock(NOON), dict[str, tuple[datetime, float]]()
    with run_by(clock):
        scene = Scene(clock=clock, scheduler=HandScheduler(clock))
        scene.timetable.start()
        for what, name, seconds in [*steps, ("pass", "", 3 * HOUR)]:
            if what == "plan":
                scene.plan(name, seconds)
                due_time = clock.now() + timedelta(seconds=seconds)
                due[name] = due_time, clock.steady() + max(seconds, 0)
            elif what == "set":
                clock.set_by(seconds)
            else:
                before = set(scene.timetable.planned)
                scene.told.clear()
                scene.timetable.check_clock()
                scene.let_pass(seconds)
                assert len(set(scene.names)) == len(scene.names)
                assert set(scene.names) == before - set(scene.timetable.planned)
                for told, told_at, steady in scene.told:
                    assert told_at >= due[told][0] or steady >= due[told][1]
                    assert steady <= due[told][1]
        assert scene.timetable.planned == {}


# What was written down.


def test_stored_by_the_same_clock() -> None:
    """The stored time is kept, also for what was never tried."""
    due, tried = NOON + timedelta(hours=1), NOON - timedelta(hours=1)
    assert corrected_for_clock_change(due, tried=tried, newest=NOON, now=NOON) == due
    assert corrected_for_clock_change(due, tried=None, newest=None, now=NOON) == due
    assert corrected_for_clock_change(due, tried=None, newest=due, now=NOON) == due


def test_stored_before_the_clock_was_set_back() -> None:
    """The stored time moves back with the clock, so that sources stay spread out."""
    ahead = NOON + timedelta(days=1)
    tried, due = ahead - timedelta(minutes=10), ahead + timedelta(minutes=5)
    found = corrected_for_clock_change(due, tried=tried, newest=ahead, now=NOON)
    assert found == NOON + timedelta(minutes=5)


# All of it together.


def test_two_days_of_fifty_sources() -> None:
    """Restarts, an hour down, a clock set back and forward: none lost, none doubled."""
    result = simulated.simulate(sources=50, days=2, seed=1)
    assert result.runs > 1000
    assert (result.lost, result.doubled) == ([], [])
    assert result.early <= 50  # each once, where the clock was set forward
    assert result.lag(0.5) <= 1
    assert result.lag(1) <= simulated.LATE
    assert result.restarts >= 2


def test_simulation_detects_forgotten_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation detects lost calls: here, all that wait when the clock is set back."""
    monkeypatch.setattr(Timetable, "check_clock", lambda self: 0.0)
    assert simulated.simulate(sources=20, days=2, seed=1).lost


def test_simulation_detects_early_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation detects repeated calls: here, all are planned a minute too early."""
    plan = Timetable.plan

    def hurry(self: Timetable, name: str, due: datetime, longest: int) -> None:
        plan(self, name, due - timedelta(minutes=1), longest)

    monkeypatch.setattr(Timetable, "plan", hurry)
    assert simulated.simulate(sources=20, days=2, seed=1).doubled
