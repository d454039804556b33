"""Measures what dating costs: its share of the time of the first `aggregator once`.

    python benchmarks/dating.py                  100,000 items, the figure that counts: minutes
    python benchmarks/dating.py --items 5000     the same in seconds, to see that it still runs

Dating is all that would not be done if no entry had a date: finding phrases and reading them, the
days a digest seems to be of, and choosing the dates. Each of these is timed inside one run of
`once` over a generated corpus, and so is the run. Then one digest is added, and `once` is timed
again: what it spends on choosing dates has to follow what came in and not what is there. Prints a
table. Exit code 0 if all targets are met, 1 if one is not.
"""

import argparse
import contextlib
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch

import corpus

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vocabulary import AGENCIES

from aggregator import cli

ITEMS_OF_A_DIGEST = 10
MOST = 0.25
STEPS = {
    "reading what texts say": "aggregator.normalise.read_evidence",
    "the days of each digest": "aggregator.ingest.read._days",
    "choosing dates": "aggregator.ingest.derive.redate",
}


def timed_once(folder: Path) -> tuple[float, dict[str, float]]:
    """Runs `once` in this process; returns its seconds, and those of each step of dating."""
    spent = dict.fromkeys(STEPS, 0.0)
    with contextlib.ExitStack() as stack:
        for step, name in STEPS.items():
            stack.enter_context(patch(name, _timed(step, spent, _named(name))))
        stack.enter_context(contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")))
        stack.enter_context(
            patch("sys.argv", ["aggregator", "--config", str(folder / "config.toml"), "once"])
        )
        began = perf_counter()
        try:
            cli.main()
        except SystemExit as left:
            if left.code:
                raise
        seconds = perf_counter() - began
    return seconds, spent


def _named(name: str) -> Callable[..., Any]:
    module, _, attribute = name.rpartition(".")
    function: Callable[..., Any] = getattr(import_module(module), attribute)
    return function


def _timed(step: str, spent: dict[str, float], function: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        began = perf_counter()
        try:
            return function(*args, **options)
        finally:
            spent[step] += perf_counter() - began

    return timed


def build(folder: Path, items: int, seed: int) -> corpus.Digest:
    """Writes a project of about `items` items; returns a further digest, the newest."""
    documents = max(1, items // ITEMS_OF_A_DIGEST)
    (folder / "digests").mkdir(parents=True)
    (folder / "config.toml").write_text("\n".join(_config()), encoding="utf-8")
    size = ITEMS_OF_A_DIGEST * (documents + 1)
    for number, digest in enumerate(corpus.digests(items=size, documents=documents + 1, seed=seed)):
        if number < documents:
            corpus.write(folder / "digests", digest)
    return digest


def _config() -> Iterator[str]:
    yield 'title = "Benchmark"'
    yield 'base_url = "http://localhost:8080/"'
    yield '[[sources]]\nid = "corpus"\nlocation = "digests/*.txt"\nformat = "digest"'
    for agency in AGENCIES:
        yield f'[[agencies]]\nid = "{agency.id}"\nname = "{agency.name}"'
        if agency.printed != agency.name:
            yield f'aliases = ["{agency.printed}"]'
    yield ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what dating costs in `aggregator once`.")
    parser.add_argument("--items", type=int, default=100_000, help="at least 100")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.items < 100:
        parser.error("at least 100 items")
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
        folder = Path(name)
        newest = build(folder, options.items, options.seed)
        seconds, spent = timed_once(folder)
        corpus.write(folder / "digests", newest)
        _, spent_later = timed_once(folder)
    dating = sum(spent.values())
    choosing, later = spent["choosing dates"], spent_later["choosing dates"]
    rows = [
        ("figure", "target", "measured", "met"),
        *_row("dating, of the first `once`", dating, seconds, MOST),
        *(row for step in STEPS for row in _row(f"  {step}", spent[step], seconds, None)),
        *_row("choosing dates again, one digest added", later, choosing, 0.05),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print("\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows))
    sys.exit(0 if all(met != "no" for *_, met in rows) else 1)


def _row(
    name: str, seconds: float, base: float, most: float | None
) -> Iterator[tuple[str, str, str, str]]:
    share = seconds / base
    yield (
        name,
        "" if most is None else f"≤ {most:.0%}",
        f"{share:.1%} ({seconds:.3g} of {base:.3g} s)",
        "" if most is None else "yes" if share <= most else "no",
    )


if __name__ == "__main__":
    main()
