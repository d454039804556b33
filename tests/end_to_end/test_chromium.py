"""The pages in Chromium, at the widths of a phone, a tablet and a desktop.

Copies of the pages get a script that measures them, and are displayed in frames of these widths, in
one run of the browser.
"""

import importlib.util
import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import Config
from aggregator.ingest.run import ingest
from aggregator.model import SourceReport
from aggregator.output.pages import contents, live, status_page
from aggregator.output.pages.page_data import SiteInfo
from aggregator.output.stale import output_of
from aggregator.store import Store, open_store
from aggregator.store.documents import remember_outcomes
from aggregator.store.history import count
from aggregator.web import ServedSite, State
from aggregator.web import pages as served
from aggregator.web.metrics import Metrics
from aggregator.web.response import error as error_response
from aggregator.web.search_query import PAGE_SIZE, StatusQuery, parse
from tests.output.test_pages import LONG, MOMENT, settled
from tests.support import serving
from tests.support.chromium import needs_chromium, shown
from tests.support.project import Project
from tests.support.serving import Server

WIDTHS = (360, 768, 1280)
LONG_ERROR = "https://feed.example/" + "endless" * 100 + " answers 503"

pytestmark = [needs_chromium, pytest.mark.slow]

_MEASURE = """<script>
addEventListener("load", () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  const root = document.documentElement, wide = [], hidden = [], small = [];
  for (const e of document.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    if (getComputedStyle(e).position === "absolute" || e.closest(".unseen")) continue;
    if (box.width && (box.right > innerWidth + 1 || box.left < -1)) wide.push(e.outerHTML);
    const shows = /^(H[1-3]|SVG|FIGURE)$/i.test(e.tagName);
    if (shows && (!box.width || !box.height)) hidden.push(e.outerHTML);
  }
  for (const e of document.querySelectorAll("input[type=radio]"))
    if (e.getBoundingClientRect().width > 24) wide.push(e.outerHTML);
  const first = document.querySelector("a"), before = first.getBoundingClientRect().bottom;
  first.focus();
  const skip = [before, first.getBoundingClientRect().top];
  const reached = "a, summary, button, select, input:not([type=hidden])";
  for (const e of document.querySelectorAll(reached)) {
    if (e.closest("[hidden]")) continue;
    e.focus();
    if (document.activeElement !== e) hidden.push(e.outerHTML);
    if (!e.getClientRects().length) small.push(e.outerHTML);
  }
  const style = getComputedStyle(document.body);
  parent.postMessage({name: window.name, scroll: root.scrollWidth, width: innerWidth, skip,
    wide: wide.slice(0, 3), hidden: hidden.slice(0, 3), small: small.slice(0, 3),
    styled: style.overflowWrap, sheets: document.styleSheets.length,
    direction: getComputedStyle(document.querySelector("h1")).direction}, "*");
});
</script>"""

_AXE = """<script>%s</script><script>
addEventListener("load", async () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  const done = await axe.run(document, {resultTypes: ["violations"], %s});
  const found = done.violations.map(v => `${v.id}: ${v.nodes[0].html}`);
  parent.postMessage({name: window.name, found, passed: done.passes.length}, "*");
});
</script>"""

COLOURS = 'runOnly: ["color-contrast"]'

_HOST = """<!DOCTYPE html><meta charset="utf-8"/><body><script>
const found = [];
addEventListener("message", (event) => {
  found.push(event.data);
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script><pre id="found"></pre>%s</body>"""


def measure(
    folder: Path,
    script: str,
    *options: str,
    widths: tuple[int, ...] = WIDTHS,
    fragment: str = "",
    is_printed: bool = False,
) -> list[dict[str, Any]]:
    """Return the result of ``script`` for every page at every width.

    ``fragment`` is a part to show of each page.  ``is_printed``: with the rules for print.
    """
    project = Project(folder)
    (project.folder / "digests").mkdir(parents=True)
    config = settled(project)
    names = []
    with open_store(config.store) as store:
        ingest(config, store, now=MOMENT)
        remember_weeks(store)
        files = dict(contents.contents(output_of(config, store), None, problem=pytest.fail))
        served_files = {
            name: live.linked(content, "../" * name.count("/")) for name, content in files.items()
        }
        for name, content in {**served_files, **live_pages(config)}.items():
            path = config.output / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if is_printed:
                content = content.replace(b"@media print", b"@media all")
            path.write_bytes(content.replace(b"</body>", f"{script}</body>".encode()))
            # The page for what is not there has addresses of a site, not of a folder.
            names += [name] if name.endswith(".html") and name != "404.html" else []
    frames = "".join(
        f'<iframe name="{name} {width}" src="{name}{fragment}" width="{width}"'
        ' height="800"></iframe>'
        for name in names
        for width in widths
    )
    host = config.output / "host.html"
    host.write_text(_HOST % frames, encoding="utf-8")
    found = posted(host, folder / "profile", *options)
    assert len(found) == len(names) * len(widths)
    assert {"status.html", "search.html", "live-search.html"} <= set(names)
    return found


def remember_weeks(store: Store) -> None:
    """Simulate visits over weeks, with failures of one source on the last days."""
    for back in range(40, -1, -1):
        at = MOMENT - timedelta(days=back)
        with store.transaction():
            for source, is_bad in (("digests", False), ("feed", back < 5 or back == 20)):
                status: Any = "failed" if is_bad else "ok"
                error = LONG_ERROR if is_bad else None
                report = SourceReport(id=source, status=status, new=back % 3, error=error)
                remember_outcomes(store, [report], at=at)
                count(store, [report], at=at)


def live_pages(config: Config) -> dict[str, bytes]:
    """Return the daemon's pages for this store."""
    state = State(config, Metrics(), now=lambda: MOMENT)
    site = ServedSite(
        output=config.output, base_url=config.base_url, title=config.title, state=state
    )

    def found(query: bytes) -> bytes:
        return served.search(site, parse(query, PAGE_SIZE), as_json=False).body

    many = state.status()
    many["sources"] = [
        source | {"id": f"{source['id']}-{number}"}
        for number in range(60)
        for source in many["sources"]
    ]
    many["alarms"] = [
        {"kind": "failing", "subject": "feed", "ended_at": ended, "title": LONG, "words": LONG}
        for ended in (None, "2024-01-05T12:00:00Z")
    ]
    shown = SiteInfo(title=site.title, base_url=site.base_url, feeds=())
    error = error_response(404, "there is no such file here")
    return {
        "status.html": served.status(site, StatusQuery(), MOMENT, as_json=False).body,
        "many.html": status_page.status(shown, many, MOMENT),
        "live-search.html": found(b"q=said"),
        "contents.html": found(b"q=said&limit=2&page=2&agency=nato"),
        "nothing.html": found(b"q=" + b"W" * 1000),
        "wrong.html": found(b"q=%22%3E%3Cscript%3E&from=never&agency=%3Cb%3E"),
        "error.html": served.error_page(site, b"/", b"/x", error).body,
        "unwritten.html": served.index(site, ["a&b.rss", f"{'long' * 50}.atom"]).body,
    }


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return the sizes of all pages."""
    return measure(tmp_path_factory.mktemp("sizes"), _MEASURE)


def posted(host: Path, profile: Path, *options: str) -> list[dict[str, Any]]:
    """Return what the script of ``host`` wrote into it."""
    size = "--window-size=1400,1000"
    page, messages = shown(host.as_uri(), profile, size, *options, milliseconds=60_000)
    match = re.search(r'<pre id="found">(.*?)</pre>', page, re.DOTALL)
    assert match is not None, messages[-2000:]
    found: list[dict[str, Any]] = json.loads(unescape(match[1]))
    return found


def test_no_page_scrolls_sideways(measured: list[dict[str, Any]]) -> None:
    """At no width is a page, or an element of it, wider than the window, whatever its title."""
    for page in measured:
        assert page["width"] == int(page["name"].split()[1]), page["name"]
        assert page["scroll"] <= page["width"], page["name"]
        assert page["wide"] == [], page["name"]


def test_everything_is_visible_and_focusable(measured: list[dict[str, Any]]) -> None:
    """Headings and plots have a size, and every link can be focused, the skip link first."""
    for page in measured:
        assert page["hidden"] == [], page["name"]
        assert page["small"] == [], page["name"]
        before, focused = page["skip"]
        assert before <= 0 <= focused, page["name"]


def test_the_style_is_found(measured: list[dict[str, Any]]) -> None:
    """Each page loads its style relative to its location, and no other."""
    for page in measured:
        assert (page["styled"], page["sheets"]) == ("anywhere", 1), page["name"]


def test_a_title_from_right_to_left(measured: list[dict[str, Any]]) -> None:
    """A Hebrew title is right-aligned, and no other."""
    right = [page["name"] for page in measured if page["direction"] == "rtl"]
    assert len(right) == len(WIDTHS)
    assert len({name.split()[0] for name in right}) == 1


def test_the_policy_allows_pages(tmp_path: Path) -> None:
    """Under their policy search and status are displayed, and nothing is blocked."""
    (tmp_path / "bad.html").write_text("<!DOCTYPE html><script>x</script>", encoding="utf-8")
    with Server(serving.site(tmp_path)) as server:
        for target in ("search?q=a", "status", "", "nothing"):
            address = f"http://127.0.0.1:{server.port}/{target}"
            assert "Content Security Policy" not in console(address, tmp_path / "profile"), target
        address = f"http://127.0.0.1:{server.port}/bad.html"
        assert "Content Security Policy" in console(address, tmp_path / "profile")


def console(address: str, profile: Path) -> str:
    """Return Chromium's messages while it shows a page."""
    page, messages = shown(address, profile)
    assert "<body>" in page
    return messages


@pytest.mark.parametrize(
    ("scheme", "rules", "widths"),
    [("light", "", (360, 1280)), ("dark", COLOURS, (1280,))],
    ids=["light", "dark"],
)
def test_axe_reports_nothing(
    scheme: str, rules: str, widths: tuple[int, ...], tmp_path: Path
) -> None:
    """Axe reports no accessibility problem on any page; only the colours differ in the dark."""
    package = importlib.util.find_spec("axe_core_python")
    if package is None or package.origin is None:
        pytest.skip("axe-core-python, which chromium would run, is not installed")
    axe = Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8")
    option = "--blink-settings=preferredColorScheme=" + ("0" if scheme == "dark" else "1")
    for page in measure(tmp_path, _AXE % (axe, rules), option, widths=widths):
        assert page["found"] == [], page["name"]
        assert page["passed"] > (0 if rules else 10), page["name"]


_FILTER = """<script>
addEventListener("load", () => {
  const seen = (all) => [...all].filter(e => e.getClientRects().length).length;
  const look = () => ({
    lines: seen(document.querySelectorAll(".filtered .entries > li")),
    parts: seen(document.querySelectorAll(".filtered .part")),
  });
  const found = [look()];
  for (const choice of document.querySelectorAll(".pick")) {
    location.hash = choice.hash;
    found.push({...look(), shown: seen([choice]), told: seen(choice.querySelectorAll(".chosen")),
      marked: getComputedStyle(choice).color
        === getComputedStyle(document.documentElement).backgroundColor,
      label: choice.innerText.trim(), height: choice.offsetHeight});
  }
  parent.postMessage({name: window.name, found}, "*");
});
</script>"""


def test_lists_are_filtered_without_script(tmp_path: Path) -> None:
    """A choice of category leaves its entries, and no empty day."""
    pages_found = {
        page["name"].split()[0]: page["found"] for page in measure(tmp_path, _FILTER, widths=(360,))
    }
    filtered = {name: found for name, found in pages_found.items() if len(found) > 1}
    assert {"index.html", "nato.html", "month/2024-01.html"} <= set(filtered)
    for name, (before, all_, *choices) in filtered.items():
        assert before["lines"] == all_["lines"]
        assert before["parts"] == all_["parts"]
        assert all_["marked"]
        for choice in choices:
            said = re.fullmatch(r"(.+) (\d+)\s*\(shown alone\)", choice["label"], re.DOTALL)
            assert said is not None, choice["label"]
            assert choice["lines"] == int(said[2]) <= before["lines"], name
            assert 0 < choice["parts"] <= before["parts"]
            assert choice["shown"]
            assert choice["marked"]
            assert choice["told"]
            assert 24 <= choice["height"] < 40  # one line
    assert "NATO" in " ".join(choice["label"] for choice in filtered["index.html"][1:])
    assert filtered["nato.html"][-1]["lines"] < filtered["nato.html"][0]["lines"]


_FOLDS = """<script>
addEventListener("load", () => setTimeout(() => {
  const found = {};
  for (const part of document.querySelectorAll(".folds details")) {
    const inner = part.querySelector("div");
    const there = {contentVisibilityAuto: true, visibilityProperty: true};
    found[inner.id] = inner.checkVisibility(there) && inner.offsetHeight > 20;
  }
  const sides = [...document.querySelectorAll("table.sides tr:last-child td")]
    .map(cell => cell.getBoundingClientRect());
  const beside = sides.length ? sides[0].right <= sides[1].left + 1 : null;
  parent.postMessage({name: window.name, found, beside}, "*");
}, 100));
</script>"""


def test_a_link_to_a_fold_opens_it(tmp_path: Path) -> None:
    """Without a link all are closed; with one the part that it leads to is open, and no other."""
    for fragment in ("", "changes", "dating", "seen"):
        seen = measure(
            tmp_path / (fragment or "none"),
            _FOLDS,
            widths=(360,),
            fragment=f"#{fragment}" if fragment else "",
        )
        folds = [page["found"] for page in seen if page["found"]]
        assert len(folds) == 11
        for found in folds:
            assert {part for part, is_open in found.items() if is_open} <= {fragment}
        assert any(found.get(fragment) for found in folds) == bool(fragment)


def test_changes_stand_beside_each_other_and_below_in_print(tmp_path: Path) -> None:
    """Two columns where there is room, one on a phone and in print, where all folds are open."""
    seen = measure(tmp_path / "seen", _FOLDS, widths=(360, 1280), fragment="#changes")
    beside = {
        page["name"].split()[1]: page["beside"] for page in seen if page["found"].get("changes")
    }
    assert beside == {"360": False, "1280": True}
    printed = measure(tmp_path / "printed", _FOLDS, widths=(1280,), is_printed=True)
    folds = [page for page in printed if page["found"]]
    assert all(is_open for page in folds for is_open in page["found"].values())
    assert [page["beside"] for page in folds if page["beside"] is not None] == [False]


_PLACES = """<script>
addEventListener("load", () => {
  const box = (query) => document.querySelector(query)?.getBoundingClientRect();
  const links = box("nav.site ul"), front = box("header.front");
  const lines = [...document.querySelectorAll(".source .why")].map(e =>
    Math.round(e.clientHeight / parseFloat(getComputedStyle(e).lineHeight)));
  parent.postMessage({name: window.name, top: links?.top, bottom: links?.bottom,
    title: box("h1").top, narrower: front && box("main").width - front.width, lines}, "*");
});
</script>"""


def test_links_of_the_site_stand_above_the_title_of_the_front_page(tmp_path: Path) -> None:
    """They are not at the very edge, and take no width from its header."""
    seen = measure(tmp_path, _PLACES, widths=(360, 1280))
    front = [page for page in seen if page["name"].split()[0] == "index.html"]
    assert len(front) == 2
    for page in front:
        assert page["top"] >= 8
        assert page["bottom"] <= page["title"]
        assert page["narrower"] == 0


def test_a_phone_shows_why_a_source_fails(tmp_path: Path) -> None:
    """The reason comes after an address that can fill a line."""
    seen = measure(tmp_path, _PLACES, widths=(360, 1280))
    for width, lines in (("360", {3}), ("1280", {1})):
        found = [set(page["lines"]) for page in seen if page["name"].split()[1] == width]
        assert set().union(*found) == lines
