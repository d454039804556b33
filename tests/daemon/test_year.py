"""Weeks of the daemon with a clock that the test sets: nothing is lost, doubled or starved."""

import sys
from pathlib import Path

import pytest

from tests.support.project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import year as simulated


@pytest.mark.slow
def test_three_weeks_of_twenty_sources(tmp_path: Path) -> None:
    """They publish, edit, fail, limit requests, move, are gone and come back."""
    world = simulated.simulate(tmp_path, sources=20, days=21)
    publishers = world.network.publishers.values()
    assert sum(len(each.served) for each in publishers) > 80
    assert (world.wrong_releases(), world.missing(), world.starved()) == ([], [], [])
    assert (world.late, world.network.early, world.asked_when_gone()) == ([], [], 0)
    assert world.log.troubles == []
    others = world.log.lines.total() - world.polls() - world.log.lines["feeds"]
    assert others <= 21
