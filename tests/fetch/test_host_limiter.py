"""Turns at hosts: one request at a time, a delay between two, and none during a backoff."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch.exchange import HostBackoffError
from aggregator.fetch.host_limiter import HostLimiter

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A clock that goes on when somebody sleeps."""

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
    """Let every task go as far as it can."""
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


def test_a_host_that_is_rested() -> None:
    """Who comes after the delay waits for nothing."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(2.0, 1, clock=clock, sleep=clock.sleep)
        for _ in range(2):
            async with limiter.turn("a:80"):
                pass
            clock.time += 2.0
        assert clock.slept == []

    run(work)


def test_no_more_than_so_many_altogether() -> None:
    """The number of requests under way is bounded, whoever they are to."""

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


def test_waiting_for_a_host_takes_no_place() -> None:
    """Those in line at a busy host do not keep others from theirs."""

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


def test_a_turn_that_fails_or_is_given_up() -> None:
    """An error and a cancellation end a turn as anything else does, waiting or not."""

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


def test_a_host_that_wants_peace() -> None:
    """It gets no turn, those in line leave it at once, and other hosts do not notice."""

    async def work(clock: Clock) -> None:
        until = NOW + timedelta(hours=1)
        limiter = HostLimiter(
            60.0, 5, backoff={"known:80": until}, now=lambda: NOW, clock=clock, sleep=clock.sleep
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
def test_hosts_are_forgotten(delay: float) -> None:
    """Nothing is kept of hosts that are rested, however many there were."""

    async def work(clock: Clock) -> None:
        limiter = HostLimiter(delay, 5, clock=clock, sleep=clock.sleep)
        for number in range(1000):
            for _ in range(2 if number % 10 == 0 else 1):
                async with limiter.turn(f"{number}:80"):
                    clock.time += 1.0
            assert limiter.hosts <= delay + 1

    run(work)
