"""The processes that work beside the first one, and the executor in their place."""

import os
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from aggregator import workers
from aggregator.workers import Workers


class Pool:
    """In place of a pool of processes: its calls are answered by the test."""

    def __init__(self, max_workers: int, **_: object) -> None:
        self.size = max_workers
        self.futures: list[Future[Any]] = []
        self.is_broken = False
        self.is_ended = False
        pools.append(self)

    def submit(self, *_: object) -> Future[Any]:
        if self.is_broken:
            raise BrokenExecutor
        self.futures.append(Future())
        return self.futures[-1]

    def shutdown(self, **_: object) -> None:
        self.is_ended = True


pools: list[Pool] = []


@pytest.fixture(autouse=True)
def _five_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_processors", lambda: range(5))
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", Pool)
    pools.clear()


@pytest.mark.parametrize(("count", "others"), [(None, 4), (3, 2), (1, 0)])
def test_number_of_processes(count: int | None, others: int) -> None:
    """As many as the setting says, with this one, and by default one for each processor."""
    with Workers(count) as made:
        assert (made.others, made.is_started) == (others, False)
        made.submit(os.getpid)
        made.submit(os.getpid)
        assert made.is_started
        ((size, is_ended),) = [(pool.size, pool.is_ended) for pool in pools]
        assert (size, is_ended) == (others, False)
    assert pools[0].is_ended


def test_pool_that_broke_is_replaced_once() -> None:
    """All calls that were under way report it, and the pool after it is kept."""
    with Workers(3) as made:
        futures = [made.submit(os.getpid) for _ in range(2)]
        pools[0].futures[0].set_exception(BrokenExecutor())
        made.submit(os.getpid)
        pools[0].futures[1].set_exception(BrokenExecutor())
        made.submit(os.getpid)
        assert [len(pool.futures) for pool in pools] == [2, 2]
        assert all(isinstance(future.exception(), BrokenExecutor) for future in futures)
    assert pools[1].is_ended


def test_pool_that_died_while_idle() -> None:
    """The next call fails as one that was under way, and the one after it does not."""
    with Workers(3) as made:
        made.submit(os.getpid)
        pools[0].is_broken = True
        assert isinstance(made.submit(os.getpid).exception(), BrokenExecutor)
        made.submit(os.getpid)
    assert len(pools) == 2


def test_other_error_keeps_the_pool() -> None:
    """An error of the function is no fault of the process."""
    with Workers(3) as made:
        made.submit(os.getpid)
        pools[0].futures[0].set_exception(ValueError())
        made.submit(os.getpid)
    assert len(pools) == 1


def test_executor_of_the_caller() -> None:
    """It is not ended, and not used any more once it broke."""
    with ThreadPoolExecutor(1) as executor:
        with Workers(3, executor=executor) as made:
            assert made.submit(len, b"12").result() == 2
        assert executor.submit(len, b"12").result() == 2
    broken = Pool(1)
    with Workers(3, executor=broken) as made:  # type: ignore[arg-type]  # it is like one
        broken.is_broken = True
        made.submit(len)
        assert made.others == 0
    assert not broken.is_ended
