"""The pages are valid HTML, and their style is valid CSS, whatever texts are in them.

The program writes all pages from ordinary and hostile releases into a folder, and serves the
others, also before there are entries; the checker behind the W3C's validator reads all of them.
"""

import json
import re
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import Any

import pytest
from lxml import etree

from aggregator.normalise.languages import valid_language
from aggregator.normalise.markup import body_from_html
from aggregator.output.pages.contents import NEWEST
from aggregator.output.pages.page_html import page_html
from aggregator.output.pages.picks import MOST_AGENCIES
from aggregator.output.pages.templating import STYLE
from tests.dedupe.test_related import ADVISORY, STORY, quiet_weeks
from tests.output.test_pages import HERRING, settled
from tests.support.attacks import ATTACKS
from tests.support.checker import YOUNGER, complaints, needs_java
from tests.support.daemons import Daemon
from tests.support.project import CONFIG, MODIFIED, ROOT, Project, block, digest

pytestmark = [needs_java, pytest.mark.slow]

WRITTEN = (
    ("the index", "index.html", "Latest"),
    ("an agency with few entries", "jcs.html", 'id="entries"'),
    ("an agency with years", "nato.html", 'id="years"'),
    ("an agency with an odd name", ".*", "<h1[^>]*>&lt;i&gt;Müller"),
    ("a document with an odd name", "entries/.*", "odd &lt;b&gt;&amp;&#34;&#39; שלום.txt"),
    ("a year", r"archive/nato-\d{4}\.html", "entries."),
    ("an entry of a digest", "entries/.*", "Lines"),
    ("an entry that was edited", "entries/.*", 'id="changes"'),
    ("an entry with another of its event", "entries/.*", 'id="related"'),
    ("an entry with files", "entries/.*", 'id="files"'),
    ("an entry with a changed date", "entries/.*", "Was dated"),
    ("an entry that was cut short", "entries/.*", "cut short where it was found"),
    ("an entry with a long title", "entries/.*", "The whole title"),
    ("an entry without a title", "entries/.*", "<h1[^>]*>It has no title"),
    ("a title from right to left", "entries/.*", "<h1[^>]*>שלום"),
    ("a title with emoji", "entries/.*", "<h1[^>]*>⚓🚢"),
    ("a title with markup", "entries/.*", "<h1[^>]*>&lt;script&gt;"),
    ("an entry in another language", "entries/.*", '<h1[^>]* lang="fr"'),
    ("an entry with a table", "entries/.*", "<table>\n<tbody>"),
    ("an entry with a picture", "entries/.*", 'class="picture"'),
    ("the style", "style.css", "@media"),
)
"""A kind of page that a run writes: its file name, and a pattern in it."""

SERVED = (
    ("the index", "/"),
    ("the status", "/status"),
    ("a search form", "/search"),
    ("what a search found", "/search?q=lighthouse"),
    ("what a search did not find", "/search?q=%22%3Czeppelin%3E%26"),
    ("a search with filters", "/search?q=lighthouse&from=2020-01-01&until=2030-01-01"),
    ("a page of results that is not there", "/search?q=lighthouse&page=9"),
    ("a search by signs", "/search?q=%D7%A9%F0%9F%9A%A2"),
)
"""A page that is rendered on request."""

BROKEN = (
    "<table><tr><td rowspan=3>a<td colspan=2>b<tr><td>c</table>",
    "<table><tr><td colspan=5>a<tr><td>b</table>",
    "<table><tr><td colspan=2>a</table>",
    "<table><tr><td rowspan=2>a<td>b<tr><td colspan=2>c</table>",
    "<table><tr><td>a<td rowspan=2>b<tr><td colspan=3>c<td>d</table>",
    "<table><tr><td>a<td>b<tr><td rowspan=2 colspan=2>c<tr><td>d</table>",
    "<table><tr><td>a<td colspan=999>b</tr>" + "<tr><td>c<td rowspan=999>d</tr>" * 40 + "</table>",
    "<table><tr><td><table><tr><td rowspan=2>x<th><table><tr><td><h2>y</table></table></table>",
    "<table><tr><th><h2>H</h2>x<td>b</table><h2>After</h2>",
    "<table><tr><td>a</td></tr><caption>late</caption></table>",
    "<table><caption>one</caption><caption>two</caption><tr><td>a<td>b</table>",
    "<table><tfoot><tr><td>f</tfoot><tbody><tr><td>a</tbody><thead><tr><th>h</thead></table>",
    "<table><thead><tr><th>h</thead><thead><tr><th>i</thead><tfoot><tr><td>f</tfoot></table>",
    "<dl><dd>only</dl><dl><dt>only</dl><dl>text<dt>a<dt>b<dd>c<dt>d</dl>",
    "<dl><dt><h3>H</h3>x<dd><dl><dd>y</dl></dl>",
    "<figure><figcaption>one</figcaption>mid<figcaption>two</figcaption></figure>",
    "<figure>a<figcaption>mid</figcaption>b</figure>",
    "<figure><img src='https://a.example/p.png'><figcaption>last</figcaption></figure>",
    "<dfn>a <dfn>b</dfn> <i>c <dfn>d</i></dfn></dfn>",
    "<a href='https://a.example/'><h2>x</h2><table><tr><td><a href='//b.example'>y</table></a>",
    "<ul>text<li>a<p>b</p><ul><li>c</ul>d</ul><ol start=-5 reversed><li value=7>x<li>y</ol>",
    "<li>alone</li><dt>alone</dt><dd>alone<td>alone<tr><caption>alone<figcaption>alone",
    "<h1>a<h2>b<h6>c</h6><h1></h1><h3> </h3><h2><img src='https://a.example/p.png'></h2>",
    "<pre><p>x</p><ul><li>y</ul></pre><q>x<blockquote cite='javascript:x'>y</blockquote></q>",
    "<b><p>x</p><i><table><tr><td>y</i></table></b><sub><sup><sub><sup><kbd><samp><var><q>z",
    "<form><input value=x><button>go</button><label>l</label></form><ruby>a<rt>b</rt></ruby>",
    "<p id=main class=plot dir=up lang=xx style=x aria-hidden=1 onclick=x>x<abbr title>y</abbr>",
    "&#1;&#0;\x85\ufdd0\ud800\u202e \U0001fffe e\u0301 &notit; &amp;amp; & <",
)
"""Bodies with elements in places that the HTML standard does not allow."""

ODD_ADDRESSES = (
    "https://a.example/a[1]?b[]=2#[c]#d",
    "https://a.example/{x}|\\^`%zz?100%#%",
    "https://münchen.example/ä?ö=ß#é",
    "https://a.example/?q=a;b&c=d&amp;copy=1&notit",
    "https://a.example:99999/",
    "https://a..example/",
    "https://xn--a.example/",
    "https://[::1]/x[y]",
    "https://a.example/ <b> \"'",
)

ODD_AGENCY = '<i>Müller</i> & "Söhne" שלום 🚢 ' + "x" * 100

LANGUAGES = ("fr", "en-UK", "xx", "iw", "zh-Hant-TW", "i-klingon", "en-US-POSIX", "abcdefgh")


def json_feed(name: str, items: list[dict[str, Any]]) -> str:
    """Return a JSON Feed, which may have characters that XML forbids; items are a minute apart."""
    for number, item in enumerate(items):
        item["id"] = f"https://{name}.example/{number}"
        day, minute = divmod(number, 1440)
        item["date_published"] = f"2023-11-{1 + day:02}T{minute // 60:02}:{minute % 60:02}:00Z"
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": items})


def broken_items() -> list[dict[str, Any]]:
    """Return items with invalid bodies, odd addresses in text, links and files, and languages."""
    bodies = [{"content_html": body, "title": f"Broken {n}"} for n, body in enumerate(BROKEN)]
    links: list[dict[str, Any]] = [
        {
            "title": f"Linked {number}",
            "url": address,
            "content_html": f"<a href='{address}'>x</a><img src='{address}' alt='\"<'>",
            "attachments": [{"url": address, "mime_type": 'a/"b<', "size_in_bytes": 1}],
        }
        for number, address in enumerate(ODD_ADDRESSES)
    ]
    spoken = [{"title": f"In {tag}", "language": tag, "content_text": tag} for tag in LANGUAGES]
    return bodies + links + spoken


def make(project: Project) -> None:
    """Have the program write its pages from these, in two runs."""
    settled(project)
    attacks = [
        {"title": attack[:400], "content_html": attack, "authors": [{"name": attack[:50]}]}
        for attack in ATTACKS[::4]
    ]
    assert len(attacks) > NEWEST
    sources = {"broken": broken_items(), "attacks": attacks}
    odd = f'title = "<b>Press</b> & releases {"x" * 300}"'
    more = [
        f'[[sources]]\nid = "{name}"\nlocation = "{name}.json"\nagency = "nato"\n'
        for name in sources
    ]
    text = project.config.read_text().replace('title = "Press releases"', odd)
    text = text.replace("https://www.nato.int/", "https://www.nato.int/[en]#a#b")
    project.configure("\n".join([text, *more]))
    for name, items in sources.items():
        (project.folder / f"{name}.json").write_text(json_feed(name, items), encoding="utf-8")
    texts = [ADVISORY, STORY, *(text for text, _ in quiet_weeks())]
    visits = digest(*(block(title, "US Joint Chiefs of Staff", body) for title, body in texts))
    project.write_digest("c.txt", visits, MODIFIED + timedelta(days=100))
    project.write_digest(
        "odd <b>&\"' שלום.txt", block("Odd", ODD_AGENCY, "It is.", date="2024-01-01")
    )
    dated = digest(
        block("Younger", "Coast Guard of the Northern Isles", "It is.", date="2023-12-03"),
        block(HERRING, "Coast Guard of the Northern Isles", "All boats are in…"),
        block("Older", "Coast Guard of the Northern Isles", "It was.", date="2023-12-01"),
    )
    assert project.run_process("once").code == 0
    project.write_digest("d.txt", dated, MODIFIED + timedelta(days=101))
    assert project.run_process("once").code == 0


def served(project: Project, folder: Path) -> list[Path]:
    """Write the pages of the server to files, named by their kind."""
    folder.mkdir()
    files = []
    with Daemon(Project(project.folder), command="serve") as daemon:
        for what, path in SERVED:
            status, headers, body = daemon.get(path)
            assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8"), path
            files.append(folder / f"{what.replace(' ', '-')}.html")
            files[-1].write_bytes(body)
    return files


def test_every_page_is_valid(tmp_path: Path) -> None:
    """No page has an error or a warning, and there is one of every kind."""
    project = Project(tmp_path / "project")
    (project.folder / "digests").mkdir(parents=True)
    make(project)
    pages = {
        str(path.relative_to(project.output)): path
        for path in sorted(project.output.rglob("*"))
        if path.suffix in (".html", ".css")
    }
    for what, name, holds in WRITTEN:
        named = [
            path.read_text(encoding="utf-8")
            for file, path in pages.items()
            if re.fullmatch(name, file)
        ]
        assert any(re.search(holds, text) for text in named), what
    empty = Project(tmp_path / "empty")
    (empty.folder / "digests").mkdir(parents=True)
    empty.configure(CONFIG)
    made = [served(each, tmp_path / f"served-{each.folder.name}") for each in (project, empty)]
    styles = [path for path in pages.values() if path.suffix == ".css"]
    assert len(styles) == 1
    pages[STYLE] = tmp_path / STYLE
    pages[STYLE].write_text(without_has(styles[0].read_text(encoding="utf-8")), encoding="utf-8")
    assert "\n".join(complaints([*pages.values(), *made[0], *made[1]])) == ""


def without_has(style: str) -> str:
    """Return ``style`` without ``:has()`` (Selectors 4), which the checker cannot read."""
    kept = [line for line in style.splitlines(keepends=True) if ":has(" not in line]
    assert 0 < len(style.splitlines()) - len(kept) < 20 + MOST_AGENCIES
    return "".join(kept)


FAULTY_PAGE = """<!DOCTYPE html><html lang="en"><head><title>T</title></head><body>
<p><table><tr><td rowspan="2">z</table></p><a href="https://a.example/a b">y</a><h1></h1>
<p lang="xx">x</p></body></html>"""
FAULTS = (
    *("No “p” element in scope", "Table cell spans past the end", "Illegal character in path"),
    *("Empty heading", "subtag “xx” is not a valid", "“colour” doesn't exist", "“blurred”"),
)


def test_the_checker_reports_errors(tmp_path: Path) -> None:
    """A page and a style with errors have a message for each, errors and warnings alike."""
    page, style = tmp_path / "page.html", tmp_path / "style.css"
    page.write_text(FAULTY_PAGE, encoding="utf-8")
    style.write_text("a { colour: red }\nb { color: blurred }\n")
    found = complaints([page, style])
    for fault in FAULTS:
        assert any(fault in complaint for complaint in found), (fault, found)


def random_table(chance: Random, depth: int = 0) -> str:
    """Return a table of random cells and spans, with and without row groups."""

    def cell() -> str:
        spans = "".join(
            f" {name}={chance.choice((0, 1, 2, 2, 3, 7, 999))}"
            for name in ("colspan", "rowspan")
            if chance.random() < 0.3
        )
        inner = random_table(chance, depth + 1) if depth < 2 and chance.random() < 0.05 else "x"
        return f"<{chance.choice(('td', 'td', 'th'))}{spans}>{chance.choice(('', inner, inner))}"

    def row() -> str:
        return "<tr>" + "".join(cell() for _ in range(chance.randrange(6)))

    def part() -> str:
        name = chance.choice(("thead", "tbody", "tfoot", "caption", "tr"))
        return f"<{name}>" + ("c" if name == "caption" else row() + row())

    return "<table>" + "".join(part() for _ in range(chance.randrange(1, 6))) + "</table>"


def test_random_tables_are_valid(tmp_path: Path) -> None:
    """Any table becomes valid and rectangular, and keeps its text."""
    chance = Random(5)
    bodies = [body_from_html(random_table(chance)).html for _ in range(400)]
    tables = [page_html(body) for body in bodies]
    # The checker of 2020 loses cells once it has split a range of columns in which none starts.
    assert [c for c in complaints([page_of(tmp_path, *tables)]) if "no cells beg" not in c] == []
    for body, table in zip(bodies, tables, strict=True):
        assert re.sub("<[^>]*>|\\s", "", table) == re.sub("<[^>]*>|\\s", "", body)
        for tree in etree.fromstring(f"<div>{table}</div>").iter("table"):
            assert_rectangular(tree)


def assert_rectangular(table: etree._Element) -> None:
    """Check that each slot of the table has one cell, and that a cell starts in each column."""
    rows = table.xpath("./*/tr")
    slots: set[tuple[int, int]] = set()
    started = set()
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while (number, column) in slots:
                column += 1
            started.add(column)
            spans = [int(cell.get(name, "1")) for name in ("rowspan", "colspan")]
            assert spans[0] <= len(list(row.itersiblings())) + 1
            for slot in product(range(number, number + spans[0]), range(column, column + spans[1])):
                assert slot not in slots
                slots.add(slot)
    assert slots == set(product(range(len(rows)), range(len(started))))


def test_languages_are_known(tmp_path: Path) -> None:
    """The checker knows every language that the program accepts."""
    pairs = ["".join(pair) for pair in product(ascii_lowercase, repeat=2)]
    tags = [*pairs, *(f"en-{pair}" for pair in pairs), "zh-hans-cn", "sr-Latn-UK", "cmn", "gsw-CH"]
    found = {language for tag in tags if (language := valid_language(tag)) is not None}
    assert len(found) > 400
    assert complaints([page_of(tmp_path, *(f'<p lang="{t}">x</p>' for t in sorted(found)))]) == []


def page_of(folder: Path, *parts: str) -> Path:
    """Return a valid page with these parts."""
    page = folder / "page.html"
    head, _, _ = FAULTY_PAGE.partition("<p>")
    page.write_text("\n".join([head, *parts, "</body></html>"]), encoding="utf-8")
    return page


def test_ignored_properties_are_in_use() -> None:
    """Only properties that are newer than the checker, and in use, are ignored."""
    style = (ROOT / "aggregator/output/pages/templates/style.css").read_text(encoding="utf-8")
    assert [name for name in YOUNGER if f"{name}:" not in style] == []
