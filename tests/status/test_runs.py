"""The report of a run, as programs read it."""

from dataclasses import replace

import pytest

from aggregator.model import SourceReport
from aggregator.output.stale import FeedsReport
from aggregator.status.runs import once_json


@pytest.mark.parametrize(
    ("status", "shown"),
    [("ok", "ok"), ("unchanged", "unchanged"), ("failed", "failed"), ("waiting", "unchanged")],
)
def test_status_of_a_source_is_one_of_three(status: str, shown: str) -> None:
    """A source that waits for its host is unchanged, and its error says until when it waits."""
    told = SourceReport(id="a", status="ok", error="its host asks to wait")
    report = replace(told, status=status)  # type: ignore[arg-type]  # one of the four
    (source,) = once_json([report], FeedsReport(), 0.0)["sources"]
    assert (source["status"], source["error"]) == (shown, "its host asks to wait")
