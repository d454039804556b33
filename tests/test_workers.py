"""The processes that work beside the first one, and the executor in their place."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from aggregator import workers
from aggregator.workers import Workers


class Noted:
    """In place of a pool: notes how many processes it may have, and whether it was ended."""

    def __init__(self, max_workers: int = 0, **_: object) -> None:
        self.size = max_workers
        self.is_ended = False

    def shutdown(self, **_: object) -> None:
        self.is_ended = True


@pytest.mark.parametrize(("count", "others"), [(None, 4), (3, 2), (1, 0)])
def test_number_of_processes(
    monkeypatch: pytest.MonkeyPatch, count: int | None, others: int
) -> None:
    """As many as the setting says, with this one, and by default one for each processor."""
    monkeypatch.setattr(workers, "_processors", lambda: range(5))
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", Noted)
    with Workers(count) as made:
        assert made.others == others
        executor = made.executor
        assert executor is made.executor
        assert vars(executor) == {"size": others, "is_ended": False}
    assert vars(executor)["is_ended"]


def test_pool_that_broke_is_replaced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All calls that were under way report it, and the pool after it is kept."""
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", Noted)
    with Workers(3) as made:
        broken = made.executor
        made.drop(broken)
        healthy = made.executor
        made.drop(broken)
        assert broken is not healthy is made.executor
    assert vars(healthy)["is_ended"]


def test_executor_of_the_caller() -> None:
    """It is not ended, and not used any more once it broke."""
    with ThreadPoolExecutor(1) as executor:
        with Workers(3, executor=executor) as made:
            assert made.executor is executor
        assert executor.submit(len, b"12").result() == 2
        made.drop(executor)
        assert made.others == 0
