"""The dashboard and the alert rules in ``deploy/monitoring`` ask for metrics that there are."""

import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from aggregator.web.metrics import Metrics, Snapshot
from tests.support.project import ROOT
from tests.support.serving import DELIVERING

FOLDER = ROOT / "deploy/monitoring"


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))
    return found


def rules() -> list[dict[str, Any]]:
    if importlib.util.find_spec("yaml") is None:
        pytest.skip("datasette, which brings PyYAML, is not installed")
    import yaml

    found = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in found["groups"] for rule in group["rules"]]


def exported() -> dict[str, dict[str, set[str]]]:
    """The samples of ``/metrics`` where everything has a value: labels and their values by name."""
    metrics = Metrics()
    metrics.answered(200)
    for result in ("ok", "unchanged", "failed"):
        metrics.fetched(result, 0.1)
    snapshot = Snapshot(
        sources={"ok": 1, "failed": 1},
        entries={"nato": 1},
        feed_ages={"all": 1.0},
        schedule_lag=0.0,
        silent=("nato",),
        webhooks={"desk": DELIVERING},
    )
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(metrics.text(snapshot).decode()):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


def asked(expression: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The metrics in an expression of PromQL, each with the labels that it selects by ``=``."""
    for name, selector in re.findall(r"\b(aggregator_\w+)(?:\{([^}]*)\})?", expression):
        yield name, dict(re.findall(r'(\w+)="([^"]*)"', selector))


def assert_exported(expression: str) -> None:
    there = exported()
    for name, labels in asked(expression):
        assert name in there, expression
        for label, value in labels.items():
            assert value in there[name].get(label, set()), expression


def test_every_panel_asks_for_metrics_that_there_are() -> None:
    """Names, labels and values are those of ``/metrics``; legends name labels."""
    board = dashboard()
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(expressions) > 10
    for expression in expressions:
        assert list(asked(expression))
        assert_exported(expression)
    assert_exported(board["templating"]["list"][1]["definition"].replace(", job)", ")"))
    used = {name for expression in expressions for name, _ in asked(expression)}
    parts = {name for name in exported() if name.endswith(("_sum", "_created"))}
    assert set(exported()) - parts == used  # a new metric gets a panel


def test_panels_do_not_overlap() -> None:
    """Each place of the grid has one panel, and each panel a number of its own."""
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    for panel in panels:
        at = panel["gridPos"]
        places = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not places & taken
        taken |= places
        assert at["x"] + at["w"] <= 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_every_alert_asks_for_metrics_that_there_are() -> None:
    """Each rule has an expression, and says in words what is wrong."""
    found = rules()
    assert len(found) > 5
    for rule in found:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert_exported(rule["expr"])
        for label in re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])):
            assert any(label in exported()[name] for name, _ in asked(rule["expr"]))


def test_prometheus_accepts_the_rules() -> None:
    """Where Prometheus is installed, its own check."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run(
        [promtool, "check", "rules", FOLDER / "alerts.yaml"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
