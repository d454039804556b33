"""Turns at hosts: one request at a time, a delay between two, and none during a backoff."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop

import pytest

from aggregator.fetch.exchange import HostBackoffError
from aggregator.fetch.host_limiter import HostLimiter, HostMemory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A clock that advances by sleeping."""

    def __init__(self) -> None:
        self.time = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(work: Callable[[Clock], Awaitable[None]]) -> None:
    asyncio.run(work(Clock()))  # type: ignore[arg-type]


def test_one_at_a_time_and_a_delay_between() -> None:
    """The delay counts from the end of a request, and turns come in the order they were asked."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(2.0, 10, clock=clock, sleep=clock.sleep)
        seen: list[tuple[int, float]] = []

        async def ask(number: int) -> None:
            async with limiter.turn("a:80"):
                seen.append((number, clock.time))
                await asyncio.sleep(0)
                clock.time += 5.0

        await asyncio.gather(*[ask(number) for number in range(3)])
        assert seen == [(0, 100.0), (1, 107.0), (2, 114.0)]
        assert clock.slept == [2.0, 2.0]

    run(work)


def test_hosts_do_not_wait_for_each_other() -> None:
    """Different hosts have their turns at once, and nobody sleeps."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(2.0, 100, clock=clock, sleep=clock.sleep)
        together = asyncio.Barrier(50)

        async def ask(host: str) -> None:
            async with limiter.turn(host):
                await together.wait()

        await asyncio.gather(*[ask(f"{number}:80") for number in range(50)])
        assert clock.slept == []

    run(work)


def test_host_after_its_delay() -> None:
    """A request after the delay does not wait."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(2.0, 1, clock=clock, sleep=clock.sleep)
        for _ in range(2):
            async with limiter.turn("a:80"):
                pass
            clock.time += 2.0
        assert clock.slept == []

    run(work)


def test_no_more_than_so_many_altogether() -> None:
    """The number of requests under way is bounded over all hosts."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(0, 3, clock=clock, sleep=clock.sleep)
        under_way = most = 0

        async def ask(host: str) -> None:
            nonlocal under_way, most
            async with limiter.turn(host):
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0)
                under_way -= 1

        await asyncio.gather(*[ask(f"{number}:80") for number in range(20)])
        assert most == 3

    run(work)


def test_waiting_for_a_host_takes_no_slot() -> None:
    """A queue at one host does not hold up another."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(0, 2, clock=clock, sleep=clock.sleep)
        go_on = asyncio.Event()

        async def busy() -> None:
            async with limiter.turn("busy:80"):
                await go_on.wait()

        line = [asyncio.create_task(busy()) for _ in range(5)]
        await settle()
        async with limiter.turn("free:80"):
            pass
        go_on.set()
        await asyncio.gather(*line)

    run(work)


def test_turn_that_fails_or_is_cancelled() -> None:
    """Both end the turn, waiting or not."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(1.0, 1, clock=clock, sleep=clock.sleep)

        async def wait() -> None:
            async with limiter.turn("a:80"):
                await asyncio.Event().wait()

        tasks = [asyncio.create_task(wait()) for _ in range(3)]
        await settle()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(ZeroDivisionError):
            async with limiter.turn("a:80"):
                _ = 1 / 0
        async with limiter.turn("a:80"):
            pass
        assert clock.slept == [1.0, 1.0]

    run(work)


def test_backoff_ends_the_queue_of_a_host() -> None:
    """The host grants no turn, its queue fails at once, and other hosts are not affected."""

    async def work(clock: Clock) -> None:
        until = NOW + timedelta(hours=1)
        memory = HostMemory()
        memory.add({"known:80": until})
        limiter = HostLimiter(
            60.0, 5, memory=memory, now=lambda: NOW, clock=clock, sleep=clock.sleep
        )
        with pytest.raises(HostBackoffError) as raised:
            async with limiter.turn("known:80"):
                pass
        assert raised.value.until == until
        assert "429 or 503" in str(raised.value)

        async def ask() -> None:
            async with limiter.turn("a:80"):
                await asyncio.sleep(0)
                limiter.back_off("a:80", until, 503)

        results = await asyncio.gather(*[ask() for _ in range(4)], return_exceptions=True)
        assert results[0] is None
        assert [type(result) for result in results[1:]] == [HostBackoffError] * 3
        assert clock.slept == []
        async with limiter.turn("b:80"):
            pass

    run(work)


@pytest.mark.parametrize("delay", [0.0, 10.0])
def test_idle_hosts_are_forgotten(delay: float) -> None:
    """No host is remembered after its delay."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(delay, 5, clock=clock, sleep=clock.sleep)
        for number in range(1000):
            for _ in range(2 if number % 10 == 0 else 1):
                async with limiter.turn(f"{number}:80"):
                    clock.time += 1.0
            assert limiter.hosts <= delay + 1

    run(work)


def test_backoff_is_over_by_the_clock() -> None:
    """A host grants turns again once its time is over, in the same session."""

    async def work(clock: Clock) -> None:
        now = [NOW]
        limiter = HostLimiter(0, 5, now=lambda: now[0], clock=clock, sleep=clock.sleep)
        limiter.back_off("a:80", NOW + timedelta(minutes=1), 429)
        with pytest.raises(HostBackoffError, match=r"asked \(429\)"):
            async with limiter.turn("a:80"):
                pass
        now[0] += timedelta(minutes=1)
        async with limiter.turn("a:80"):
            pass

    run(work)


def test_each_that_waits_gets_its_own_turn() -> None:
    """They come one after the other, a delay apart, and keep their order."""

    async def work(clock: Clock) -> None:
        until, now = NOW + timedelta(hours=1), [NOW]
        limiter = HostLimiter(2.0, 5, now=lambda: now[0], clock=clock, sleep=clock.sleep)

        async def turn_of(who: str) -> timedelta | None:
            try:
                async with limiter.turn("a:80", who):
                    return None
            except HostBackoffError as error:
                return error.turn - until

        async with limiter.turn("a:80", "first"):
            assert limiter.back_off("a:80", until, 429) == ("a:80", until)
        turns = [await turn_of(who) for who in ("b", "c", "d", "c")]
        assert turns == [timedelta(seconds=seconds) for seconds in (0, 2, 4, 2)]
        now[0] = until
        assert await turn_of("new") == timedelta(seconds=2)  # b comes first
        async with limiter.turn("a:80", "b"):
            again = until + timedelta(hours=1)
            assert limiter.back_off("a:80", again, 429)[1] == again + timedelta(seconds=6)
        now[0] = until + timedelta(minutes=5)
        assert await turn_of("d") == timedelta(hours=1, seconds=2)
        now[0] = again + timedelta(minutes=2)  # c and new did not come again
        assert [await turn_of("e"), await turn_of("d")] == [None, None]

    run(work)


@pytest.mark.parametrize("seconds", [1, 3, 600, 7 * 86_400])
@pytest.mark.parametrize("sources", [2, 3, 40])
@pytest.mark.parametrize("with_paths", [True, False])
def test_no_source_starves_at_a_host_that_limits_all_requests(
    seconds: int, sources: int, with_paths: bool
) -> None:
    """Each is asked as often as any other, and few are refused for each that is asked."""

    async def work(clock: Clock) -> None:
        memory, now, refused = HostMemory(), [NOW], 0
        due = [(NOW, str(number)) for number in range(sources)]
        asked: list[str] = []
        while len(asked) < 6 * sources:
            heapify(due)
            now[0], who = heappop(due)
            # A limiter of its own each time: backoffs outlast it.
            limiter = HostLimiter(
                2.0, 5, memory=memory, now=lambda: now[0], clock=clock, sleep=clock.sleep
            )
            try:
                path = f"/{who}" if with_paths else ""
                async with limiter.turn("a:80", who, path):
                    until = now[0] + timedelta(seconds=seconds)
                    due.append((limiter.back_off("a:80", until, 429, path)[1], who))
                    asked.append(who)
            except HostBackoffError as error:
                refused += 1
                due.append((error.turn, who))
        # Waits as short as the delay are nothing that a host limits itself by: none starves.
        is_fair = seconds > (3 if with_paths else 1)
        assert set(Counter(asked).values()) <= ({6} if is_fair else set(range(2, 22)))
        assert refused <= len(asked) * min(sources, seconds // 2 + 4)

    run(work)


def test_backoff_of_one_path_and_of_its_host() -> None:
    """It is of the path; of the host with that of a second path and no good response between."""

    async def work(clock: Clock) -> None:
        memory, until = HostMemory(), NOW + timedelta(hours=1)
        limiter = HostLimiter(0, 5, memory=memory, now=lambda: NOW, clock=clock, sleep=clock.sleep)

        async def asked(path: str) -> bool:
            with suppress(HostBackoffError):
                async with limiter.turn("a:80", path, path):
                    return True
            return False

        first, _ = limiter.back_off("a:80", until, 503, "/a?key=secret")
        assert "secret" not in first
        assert [await asked(path) for path in ("/a?key=secret", "/b", "/c")] == [False, True, True]
        limiter.responded("a:80")
        second, _ = limiter.back_off("a:80", until, 503, "/b")
        assert [await asked(path) for path in ("/b", "/c", "/d")] == [False, True, True]
        later = HostMemory()
        later.add({first: until, second: until})  # as stored
        limiter = HostLimiter(0, 5, memory=later, now=lambda: NOW, clock=clock, sleep=clock.sleep)
        assert [await asked(path) for path in ("/b", "/c")] == [False, True]
        assert limiter.back_off("a:80", until, 503, "/c") == ("a:80", until + timedelta(0))
        assert [await asked(path) for path in ("/c", "/d", "/e")] == [False, False, False]
        async with limiter.turn("b:80", "", "/a"):
            pass

    run(work)


def test_delay_and_backoff_outlast_a_limiter() -> None:
    """One that follows, in another event loop, keeps to them."""
    memory, clock = HostMemory(), Clock()

    async def ask(host: str, until: datetime | None = None) -> None:
        limiter = HostLimiter(
            60.0, 5, memory=memory, now=lambda: NOW, clock=clock, sleep=clock.sleep
        )
        async with limiter.turn(host):
            if until is not None:
                limiter.back_off(host, until, 503)

    asyncio.run(ask("a:80"))
    asyncio.run(ask("b:80", NOW + timedelta(minutes=1)))
    asyncio.run(ask("a:80"))
    assert clock.slept == [60.0]
    with pytest.raises(HostBackoffError, match=r"asked \(503\)"):
        asyncio.run(ask("b:80"))


def test_backoff_from_before_the_clock_was_set_back() -> None:
    """None lasts longer than a server may ask for."""

    async def work(clock: Clock) -> None:
        memory = HostMemory()
        memory.add({"a:80": NOW + timedelta(days=400), "b:80": NOW + timedelta(days=7)})
        limiter = HostLimiter(0, 5, memory=memory, now=lambda: NOW, clock=clock, sleep=clock.sleep)
        async with limiter.turn("a:80"):
            pass
        with pytest.raises(HostBackoffError):
            async with limiter.turn("b:80"):
                pass

    run(work)


def test_several_turns_at_one_host() -> None:
    """``per_host`` allows more than one request at a time."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(0, 5, per_host=2, clock=clock, sleep=clock.sleep)
        together = asyncio.Barrier(2)

        async def request() -> None:
            async with limiter.turn("a:80"):
                await together.wait()

        await asyncio.gather(request(), request())

    run(work)
