"""The pages that only the daemon has: search, status, errors, and the links to them."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.errors import StoreError
from aggregator.normalise.text import clean
from aggregator.output.pages import live, page, status_page, templating
from aggregator.output.pages.page_data import SiteInfo, Subscription
from aggregator.store.subscriptions import State
from aggregator.web import files, media
from aggregator.web.search_query import parse
from aggregator.web.state import Results
from tests.output.test_pages import HOSTILE, ActiveParts, active_parts, elements, text_of
from tests.support.attacks import ATTACKS
from tests.support.serving import ENTRY, NOW, STATUS, Asker, Fixed, site

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
TEXT = "text/plain; charset=utf-8"
SITE = SiteInfo(
    title="T", base_url="https://news.example/", feeds=(Subscription(name="a", title="A"),)
)
PAGE = live.error(SITE, "", "404", "x").replace(f"{live.live_links('')}\n".encode(), b"")
ROOM = templating.SKIP_LINK.encode()


class LiveActiveParts(ActiveParts):
    """Reads a page that may also have a form."""

    ELEMENTS = ActiveParts.ELEMENTS | {"form", "label", "input", "select", "option", "button"}
    ATTRIBUTES = ActiveParts.ATTRIBUTES | {
        *("for", "action", "maxlength", "autocomplete", "selected", "aria-invalid", "hidden"),
        *("aria-describedby", "aria-hidden", "aria-current"),
    }


def safe(content: bytes) -> etree._Element:
    """A page as a tree, of which nothing acts and which loads its style only."""
    assert active_parts(content, LiveActiveParts) == []
    tree = etree.fromstring(content)
    assert [e.get("href") for e in elements(tree, "link") if e.get("rel") == "stylesheet"]
    actions = {str(e.get("action")) for e in elements(tree, "form")}
    assert {action.rpartition("/")[2] for action in actions} <= {"search", "status"}
    assert all(set(action.rpartition("/")[0]) <= {".", "/"} for action in actions)
    return tree


def addresses(tree: etree._Element, base: str) -> list[str]:
    """Where a page at ``base`` leads to."""
    return [urljoin(base, str(e.get("href"))) for e in elements(tree, "a")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An output folder with an index and the page of an entry, both with room for links."""
    made = tmp_path / "feeds"
    (made / "entries").mkdir(parents=True)
    for name in ("index.html", "entries/1.html"):
        (made / name).write_bytes(PAGE)
    return made


@pytest.fixture
def state() -> Fixed:
    return Fixed()


@pytest.fixture
def ask(folder: Path, state: Fixed) -> Iterator[Asker]:
    asker = Asker(site(folder, state, title="Press & more"))
    yield asker
    asker.close()


# Links to them.


@pytest.mark.parametrize("base", ["http://localhost:8080/", "https://news.example/press/feeds/"])
@pytest.mark.parametrize("name", ["", "index.html", "entries/1.html", "search", "status"])
def test_pages_lead_to_search_and_status(folder: Path, base: str, name: str) -> None:
    """Each page has relative links to search and status, whatever the path of the site."""
    asker = Asker(site(folder, base_url=base))
    path = urlsplit(urljoin(base, name)).path
    tree = safe(asker(path).body)
    (nav,) = [e for e in elements(tree, "nav") if e.get("aria-label") == "Site"]
    found = addresses(nav, urljoin(base, name))
    assert found == [f"{base}search", f"{base}status"]
    for address in found:
        assert asker(urlsplit(address).path).status == 200
    asker.close()


def test_file_on_disk_stays_unchanged(ask: Asker, folder: Path) -> None:
    """Files on disk have no such links, because they need the server."""
    assert b'href="search"' in ask("/index.html").body
    assert (folder / "index.html").read_bytes() == PAGE
    assert b'href="status"' not in PAGE


def test_a_page_with_links_is_cached_as_any_other(ask: Asker) -> None:
    """Entity tag, length and compressed copy are of the bytes sent."""
    plain = ask("/entries/1.html")
    assert plain.headers["etag"] == f'"{hashlib.sha256(plain.raw).hexdigest()[:32]}"'
    assert plain.headers["content-length"] == str(len(plain.raw))
    packed = ask("/entries/1.html", {"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.raw) == plain.raw
    assert packed.headers["etag"] != plain.headers["etag"]
    for etag in (plain.headers["etag"], packed.headers["etag"]):
        encoding = {"Accept-Encoding": "gzip"} if etag == packed.headers["etag"] else {}
        assert ask("/entries/1.html", {"If-None-Match": etag, **encoding}).status == 304
    from_memory = ask.from_memory("/entries/1.html")
    assert from_memory is not None
    assert from_memory[1] == plain.raw


def test_links_only_at_the_placeholder(ask: Asker, folder: Path) -> None:
    """Other files that hold the same words stay as they are, and pages without room too."""
    (folder / "notes.txt").write_bytes(PAGE)
    (folder / "all.atom").write_bytes(PAGE)
    (folder / "old.html").write_bytes(PAGE.replace(ROOM, b""))
    (folder / "twice.html").write_bytes(ROOM + ROOM)
    assert ask("/notes.txt").raw == ask("/all.atom").raw == PAGE
    assert ask("/old.html").raw == PAGE.replace(ROOM, b"")
    assert ask("/twice.html").raw == ROOM + b"\n" + live.live_links("").encode() + ROOM


def test_large_page_is_sent_unchanged(
    ask: Asker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is not held in memory comes from the disk, whole."""
    monkeypatch.setattr(files, "MAX_CACHED", 100)
    assert ask("/entries/1.html").raw == PAGE


def test_before_the_first_run(tmp_path: Path) -> None:
    """Without any file there is a front page, by both its names, with a style."""
    asker = Asker(site(tmp_path / "none"))
    for target in ("/", "/index.html"):
        tree = safe(asker(target).body)
        assert "There are no feeds yet" in text_of(tree)
    style = asker("/style.css")
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert style.body == templating.style()
    asker.close()


def test_feeds_before_the_index(ask: Asker, folder: Path) -> None:
    """Existing feeds are listed, without those for the operator."""
    (folder / "index.html").unlink()
    for name in ("all.atom", "all.json", "_health.atom", "feeds.opml"):
        (folder / name).write_bytes(b"x")
    tree = safe(ask("/").body)
    (listed,) = [e for e in elements(tree, "section") if e.get("aria-labelledby") == "there"]
    assert [text_of(e) for e in elements(listed, "a")] == ["all.atom", "all.json"]
    offered = [e.get("href") for e in elements(tree, "link") if e.get("rel") == "alternate"]
    assert offered == ["all.atom", "all.json"]


def test_served_index_leads_to_when_sources_were_read(ask: Asker, folder: Path) -> None:
    """No file says when, and the other pages do not lead there."""
    info = SiteInfo(title="T", base_url="https://news.example/", feeds=())
    (folder / "index.html").write_bytes(page.index(info, [], [], 0))
    (folder / "nato.html").write_bytes(page.not_found(info))
    assert [link for link in addresses(safe(ask("/").body), "") if link == "status#sources"]
    assert "status#sources" not in ask("/nato.html").body.decode()


def test_index_offers_the_alarms_where_there_are_any(ask: Asker, folder: Path) -> None:
    """At its end, for the operator; other pages do not."""
    page = b"<!DOCTYPE html>\n<html><body><footer><p>End.</p>\n</footer></body></html>"
    (folder / "index.html").write_bytes(page)
    assert b"_health" not in ask("/").body
    (folder / "_health.atom").write_bytes(b"x")
    (folder / "index.html").write_bytes(page + b"\n")
    (folder / "nato.html").write_bytes(page)
    assert b'<p>For the operator: <a href="_health.atom"' in ask("/").body
    assert b"_health" not in ask("/nato.html").body


def test_style_sheet_from_a_file(ask: Asker, folder: Path) -> None:
    """A style sheet in the folder takes precedence."""
    (folder / "style.css").write_bytes(b"p {}")
    assert ask("/style.css").raw == b"p {}"


# Errors.


def test_pages_that_are_not_files(ask: Asker, state: Fixed, folder: Path) -> None:
    """The page of an entry is made where no file has it; there is no page of anything else."""
    name = "00000000-0000-5000-8000-000000000001"
    state.pages[name] = PAGE
    got = ask(f"/entries/{name}.html")
    assert got.status == 200
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert b'href="../search"' in got.body
    assert ask(f"/entries/{name[:-1]}2.html").status == 404
    (folder / "entries" / f"{name}.html").write_bytes(b"a file")
    assert ask(f"/entries/{name}.html").body == b"a file"
    for other in ("x", name.upper() + "A", f"{name}x", f"../{name}"):
        assert ask(f"/entries/{other}.html").status == 404
    assert state.calls == [f"page {name}", f"page {name[:-1]}2"]
    state.failure = StoreError("away")
    assert ask(f"/entries/{name[:-1]}3.html").status == 503


@pytest.mark.parametrize("path", ["/nothing", "/entries/nothing.html", "/a/b/c/", "/a//b", "/%3Cb"])
def test_an_error_for_people(ask: Asker, path: str) -> None:
    """A client that prefers HTML gets a page with links to the index and to search."""
    got = ask(path, HTML)
    assert (got.status, got.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["content-security-policy"].encode() == media.PAGE_POLICY
    assert "Accept" in got.headers["vary"].split(", ")
    tree = safe(got.body)
    found = addresses(tree, f"http://localhost:8080{path}")
    assert {"http://localhost:8080/", "http://localhost:8080/search"} <= set(found)
    assert all(ask(urlsplit(address).path or "/").status == 200 for address in found[1:])


@pytest.mark.parametrize("base", ["http://localhost:8080/", "https://news.example/press/"])
def test_page_of_the_folder_for_what_is_not_there(folder: Path, base: str) -> None:
    """The server sends the file that other hosts show, with links to its own pages."""
    info = SiteInfo(title="T", base_url=base, feeds=())
    (folder / "404.html").write_bytes(page.not_found(info))
    asker = Asker(site(folder, base_url=base))
    prefix = urlsplit(base).path
    for path in ("nothing", "a/b/c/"):
        got = asker(f"{prefix}{path}", HTML)
        assert got.status == 404
        assert got.headers["cache-control"] == "no-store"
        tree = safe(re.sub(rb"<style>.*?</style>", b"", got.body, flags=re.DOTALL))
        assert "merged with another one" in text_of(tree)
        found = addresses(tree, urljoin(base, path))
        assert {f"{base}search", f"{base}status", base} <= set(found)
        assert all(asker(urlsplit(address).path).status == 200 for address in found[1:])
        assert asker(f"{prefix}{path}").raw == b"404 Not Found: there is no such file here\n"
    asker.close()


def test_icon_under_the_name_that_is_asked_for(ask: Asker, folder: Path) -> None:
    """Browsers and readers ask for ``favicon.ico``, before a run wrote one and afterwards."""
    for path in ("/favicon.ico", "/favicon.svg"):
        got = ask(path)
        assert (got.status, got.headers["content-type"]) == (200, "image/svg+xml")
        assert got.body == templating.icon()
    (folder / "favicon.svg").write_bytes(b"<svg/>")
    assert ask("/favicon.ico").raw == b"<svg/>"
    (folder / "favicon.ico").write_bytes(b"icon")
    assert ask("/favicon.ico").raw == b"icon"


@pytest.mark.parametrize("accept", [None, "*/*", "text/plain", "text/*"])
def test_an_error_for_programs(ask: Asker, accept: str | None) -> None:
    """Other clients get a line of text."""
    got = ask("/nothing", {"Accept": accept} if accept else None)
    assert got.headers["content-type"] == TEXT
    assert got.raw == b"404 Not Found: there is no such file here\n"


def test_an_error_keeps_its_headers(ask: Asker, state: Fixed) -> None:
    """Allow and Retry-After are sent with a page as with text."""
    assert ask("/", HTML, method="POST").headers["allow"] == "GET, HEAD"
    state.failure = LookupError("/home/someone")
    got = ask("/status", HTML)
    assert (got.status, got.headers["retry-after"]) == (503, "5")
    assert "someone" not in got.body.decode()
    assert "see the log" in text_of(safe(got.body))
    head = ask("/nothing", HTML, method="HEAD")
    assert (head.headers, head.raw) == (ask("/nothing", HTML).headers, b"")


def test_machines_get_no_page(ask: Asker, state: Fixed) -> None:
    """Readiness is plain text, whatever the client accepts."""
    state.is_ready = False
    got = ask("/readyz", HTML)
    assert (got.status, got.headers["content-type"]) == (503, TEXT)


def test_error_does_not_repeat_the_address(ask: Asker) -> None:
    """No part of the requested address is repeated."""
    for path in ('/"><script>alert(1)</script>', "/javascript:alert(1)", "/x?q=<script>alert(1)"):
        got = ask(path, HTML)
        assert got.status == 404
        assert b"alert" not in got.body
        safe(got.body)
    deep = ask("/a" * 2000, HTML)
    assert len(deep.body) < 4000
    assert b'href="/"' in deep.body


# Search.


def filled(**given: Any) -> Results:
    """Results of a search."""
    values: dict[str, Any] = {"entries": [ENTRY], "total": 1, "agencies": {"nato": "NATO"}}
    return Results(**(values | given))


@pytest.mark.parametrize("base", ["http://localhost:8080/", "https://news.example/press/"])
def test_search_for_hosts_of_files_leads_to_that_of_the_server(folder: Path, base: str) -> None:
    """Bookmarks of ``search.html`` and the form of ``404.html`` work, and no page has a script."""
    (folder / "search.html").write_bytes(PAGE)
    asker = Asker(site(folder, base_url=base))
    path = f"{urlsplit(base).path}search.html"
    got = asker(f"{path}?q=a%20b")
    assert got.status == 302
    assert urljoin(urljoin(base, path), got.headers["location"]) == f"{base}search?q=a%20b"
    assert got.raw == b""
    linked = templating.static_links("").encode()
    (folder / "index.html").write_bytes(PAGE.replace(ROOM, ROOM + b"\n" + linked))
    shown = asker(f"{urlsplit(base).path}index.html").body
    assert shown == PAGE.replace(ROOM, ROOM + b"\n" + live.live_links("").encode())
    asker.close()


def test_search_fields_are_understood(ask: Asker, state: Fixed) -> None:
    """Words, agency, category, days, page and limit are parsed, and kept in the form."""
    state.found = filled(categories=("visit", "op-ed & more"))
    query = "q=caf%C3%A9&agency=nato&category=op-ed+%26+more&from=2024-01-02&until=2024-02-29"
    tree = safe(ask(f"/search?{query}&page=3&limit=10").body)
    (asked,) = state.asked
    assert (asked.words, asked.skip, asked.limit) == ("café", 20, 10)
    assert (asked.among.agency, asked.among.category) == ("nato", "op-ed & more")
    assert (asked.among.first, asked.among.last) == (date(2024, 1, 2), date(2024, 2, 29))
    fields = {e.get("name"): e.get("value") for e in elements(tree, "input")}
    assert fields == {"q": "café", "from": "2024-01-02", "until": "2024-02-29", "limit": "10"}
    chosen = [e.get("value") for e in elements(tree, "option") if e.get("selected")]
    assert chosen == ["nato", "op-ed & more"]


def test_categories_to_choose_from(ask: Asker, state: Fixed) -> None:
    """Categories that entries have are listed in the order given; without any there is no list."""
    state.found = filled(categories=("visit", "<b>", "aid"))
    tree = safe(ask("/search?q=a&category=aid").body)
    options = elements(elements(tree, "select")[1], "option")
    assert [e.get("value") for e in options] == ["", "visit", "<b>", "aid"]
    assert [text_of(e) for e in options if e.get("selected")] == ["aid"]
    state.found = filled()
    assert len(elements(safe(ask("/search?q=a").body), "select")) == 1


def test_every_field_has_a_label(ask: Asker, state: Fixed) -> None:
    """Every field of the form has a label."""
    state.found = filled(categories=("visit",))
    tree = safe(ask("/search?q=x").body)
    labels = {e.get("for"): text_of(e) for e in elements(tree, "label")}
    fields = [*elements(tree, "input"), *elements(tree, "select")]
    assert {str(e.get("id")) for e in fields} == labels.keys()
    assert all(labels.values())


def test_one_search_result(ask: Asker, state: Fixed) -> None:
    """A result has its agency, its day with its basis, and marked words."""
    snippet = (("…the ", False), ("Café", True), (" owner <b>&", False))
    state.found = filled(snippets={ENTRY["id"]: snippet})
    tree = safe(ask("/search?q=cafe").body)
    (result,) = elements(elements(tree, "ol")[0], "li")
    words = text_of(result)
    assert words.startswith("Ministers <meet> & agree 29 February 2024 (inferred) · NATO")
    assert words.endswith("…the Café owner <b>&")
    assert [text_of(mark) for mark in elements(result, "mark")] == ["Café"]
    assert "Search for “cafe” · Press & more" in text_of(elements(tree, "title")[0])
    assert text_of(elements(tree, "h2")[0]) == "1 entry"


def test_pages_of_results(ask: Asker, state: Fixed) -> None:
    """Each page leads to those before and after it, with all else that was asked for."""
    state.found = filled(total=45, categories=("visit",))
    for number, around in ((1, [2]), (2, [1, 3]), (3, [2])):
        tree = safe(ask(f"/search?q=a+b&agency=nato&category=visit&page={number}").body)
        (nav,) = [e for e in elements(tree, "nav") if e.get("aria-label") == "Pages of results"]
        queries = [parse_qs(urlsplit(link).query) for link in addresses(nav, "http://a/search")]
        assert [int(query.get("page", ["1"])[0]) for query in queries] == around
        assert all((q["q"], q["agency"]) == (["a b"], ["nato"]) for q in queries)
        assert all(q["category"] == ["visit"] for q in queries)
        assert elements(tree, "ol")[0].get("start") == str(20 * number - 19)
    assert "45 entries, page 3 of 3" in text_of(tree)


def test_more_results_than_are_counted(ask: Asker, state: Fixed) -> None:
    """Where counting stopped, it says so, and there is a next page even beyond the count."""
    state.found = filled(total=1000, is_more=True)
    page = ask("/search?q=a&page=50").body.decode()
    assert "More than 1,000 entries" in page
    assert "page=51" in page


def test_a_page_beyond_the_last(ask: Asker, state: Fixed) -> None:
    """The page says that it does not exist, and links to the first."""
    state.found = filled(entries=[], total=45)
    tree = safe(ask("/search?q=a&page=9").body)
    assert "fewer pages" in text_of(tree)
    assert "http://a/search?q=a" in addresses(tree, "http://a/search")


def test_search_without_results(ask: Asker, state: Fixed) -> None:
    """The page says so, and what may help."""
    state.found = filled(entries=[], total=0)
    assert "Nothing was found" in ask("/search?q=zzz").body.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=%22%21%3F-*", "This query has no word to search for."),
        ("agency=nato", "Words are needed"),
        ("category=visit", "Words are needed"),
        ("from=2024-01-01&q=", "Words are needed"),
    ],
)
def test_search_without_words(ask: Asker, state: Fixed, query: str, words: str) -> None:
    """The page says what is missing instead of reporting no results."""
    state.found = filled(categories=("visit",))
    tree = safe(ask(f"/search?{query}").body)
    assert words in text_of(tree)
    assert not [e for e in elements(tree, "h2") if e.get("id") == "found"]


@pytest.mark.parametrize(
    ("query", "wrong", "words"),
    [
        ("q=" + "a" * 1001, "q", "has more than 1000 characters"),
        ("q=a%E0%A4%A", "q", "the address is damaged"),
        ("q=a&limit=51", None, "must be a number from 1 to 50"),
        ("q=a&page=0", None, "must be a number from 1 to 1000"),
        ("q=a&page=1001", None, "must be a number"),
        ("q=a&page=%C2%B2", None, "must be a number"),
        ("q=a&from=2024-13-01", "from", "must be a day such as"),
        ("q=a&from=20240101", "from", "must be a day such as"),
        ("q=a&until=yesterday", "until", "must be a day such as"),
        ("q=a&from=2024-02-01&until=2024-01-01", "until", "is before the first day"),
        ("q=a&agency=nobody", "agency", "no agency with entries has this id"),
        ("q=a&agency=%22%3E%3Cscript%3E", "agency", "no agency with entries has this id"),
        ("q=a&category=nothing", "category", "no entry has this category"),
        ("q=a&category=VISIT", "category", "no entry has this category"),
        ("q=a&from=%22%3E%3Cscript%3E", "from", "must be a day such as"),
    ],
)
def test_invalid_search_fields(
    ask: Asker, state: Fixed, query: str, wrong: str | None, words: str
) -> None:
    """The problem is shown, the field is marked, and the rest of the form is kept."""
    state.found = filled(categories=("visit",))
    got = ask(f"/search?{query}", HTML)
    assert got.status == 400
    tree = safe(got.body)
    (problem,) = [e for e in elements(tree, "p") if e.get("id") == "problem"]
    assert words in text_of(problem)
    bad = [e.get("id") for e in tree.iter() if e.get("aria-invalid")]
    assert bad == ([wrong] if wrong else [])
    assert (elements(tree, "input")[0].get("value") or "").startswith("a")
    assert ask(f"/search?{query}", JSON).headers["content-type"] == "application/json"
    assert ask(f"/search?{query}", JSON).status == 400
    assert all(
        not asked.words or asked.among.agency or asked.among.category for asked in state.asked
    )


@pytest.mark.parametrize("words", ['"><script>alert(1)</script>', "</title><b>", "&lt;", "‮abc"])
def test_markup_in_words(ask: Asker, words: str) -> None:
    """The words searched for are escaped wherever they are shown."""
    tree = safe(ask(f"/search?q={quote(words)}").body)
    assert elements(tree, "input")[0].get("value") is not None
    assert not list(tree.iter("{*}script"))


def test_hostile_results_are_escaped(ask: Asker, state: Fixed) -> None:
    """Titles and texts that hold markup, marks of ours, or 10,000 letters harm nothing."""
    entries = [ENTRY | {"id": f"urn:x:{n}", "title": t} for n, t in enumerate((*HOSTILE, *ATTACKS))]
    snippets = {e["id"]: ((str(e["title"]), False), (str(e["title"]), True)) for e in entries}
    agencies = {"nato": HOSTILE[0], "a&b": "<b>", "x": "A" * 10_000}
    state.found = filled(entries=entries, snippets=snippets, agencies=agencies, total=len(entries))
    tree = safe(ask("/search?q=x").body)
    for link in elements(elements(tree, "ol")[0], "a"):
        assert 0 < len(text_of(link)) <= templating.LONGEST_TITLE
    for text in elements(tree, "p"):
        assert len(text_of(text)) <= 1100


def test_matched_word_is_in_the_snippet(ask: Asker, state: Fixed) -> None:
    """A word of 10,000 letters before it, within it or after it is cut."""
    long = "A" * 10_000
    for text in (
        ((long, False), ("found", True), (long, False)),
        ((long, True), ("found", False)),
        ((long, False), ("found", True), *((("b", False), ("c", True)) * 2000)),
    ):
        state.found = filled(snippets={ENTRY["id"]: text})
        (snippet,) = [
            e for e in elements(safe(ask("/search?q=x").body), "p") if e.get("class") == "snippet"
        ]
        assert len(text_of(snippet)) <= 510
        marked = [text_of(mark) for mark in elements(snippet, "mark")]
        assert marked[0] == "found" or marked[0].startswith("AAAA")


# Status.


def changed(source: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A source of a status that works, with the values ``given``."""
    well = {"result": "ok", "error": None, "failures": 0, "last_success": "2024-03-01T11:00:00Z"}
    return source | well | given


def said(*sources: dict[str, Any], **given: Any) -> dict[str, Any]:
    return STATUS | {"sources": list(sources)} | given


SOURCE: dict[str, Any] = STATUS["sources"][0]
AGENCY: dict[str, Any] = STATUS["agencies"][0]


def shown(tree: etree._Element) -> list[str]:
    """Name and state of the sources, in their order."""
    return [
        " ".join(text_of(part) for part in elements(li, "span") if part.get("class") in _SHOWN)
        for li in sources_of(tree)
    ]


_SHOWN = ("name", "state")


def sources_of(tree: etree._Element) -> list[etree._Element]:
    return [e for e in elements(tree, "li") if "source" in str(e.get("class")).split()]


def test_failing_sources_come_first(ask: Asker, state: Fixed) -> None:
    """Failing sources come first, then all in the order of the report; each has its state in words
    and as a sign.
    """
    gone = {"kind": "gone", "subject": "c", "ended_at": None, "title": "c: gone", "words": "So."}
    state.said = said(
        changed(SOURCE, id="d"),
        changed(SOURCE, id="b", result=None),
        changed(SOURCE, id="e", result="failed", failures=12, error="answers 503"),
        changed(SOURCE, id="c", result="failed", failures=3),
        changed(SOURCE, id="a", result="unchanged"),
        changed(SOURCE, id="f", result="partial"),
        alarms=[gone],
    )
    tree = safe(ask("/status").body)
    assert shown(tree) == [
        "▲ e failed in part, 12 times in a row",
        "✕ c permanently gone",
        "◐ f read in part",
        "● d works",
        "○ b never read",
        "● a works",
    ]
    words = text_of(tree)
    assert "▲ 1 source fails ✕ 1 source is permanently gone ● 3 sources work" in words
    assert "○ 1 source was never read" in words
    assert words.index("c: gone") < words.index("Sources")


def test_a_source_in_full(ask: Asker, state: Fixed) -> None:
    """When it was read, when it is due and why, its last error, and where it moved to."""
    state.said = said(
        SOURCE
        | {"title": "Harbour <news>", "why": "every hour", "rejected": 2}
        | {"address": "https://new.example/feed"}
    )
    (source,) = sources_of(safe(ask("/status").body))
    words = text_of(source)
    for part in (
        "Harbour <news>",
        "failed 3 times in a row",
        "<script>alert(1)</script>",
        "never read was due 11:15",
        "Last success: never",
        "was due 1 March 2024, 11:15 UTC (every hour)",
        "Is now athttps://new.example/feed",
        "and 2 left out",
        "30 days: read 3 times, all failed; 0 new entries",
    ):
        assert part in words


def test_days_are_plotted(ask: Asker, state: Fixed) -> None:
    """Successes are plotted up, failures down, new entries apart, and all of it in words."""
    days = [
        {"day": (NOW.date() - timedelta(days=back)).isoformat(), "visits": 4, "failures": bad}
        | {"new": new, "revised": 0, "merged": 0}
        for back, bad, new in ((29, 0, 1), (3, 4, 0), (1, 2, 5), (0, 0, 0), (30, 4, 9), (-1, 4, 9))
    ]
    state.said = said(changed(SOURCE, history=days))
    (source,) = sources_of(safe(ask("/status").body))
    (drawing,) = elements(source, "svg")
    drawn = {str(e.get("class")): str(e.get("d")) for e in elements(drawing, "path")}
    assert drawn["well"] == "M1 14v-14h4v14zm168 0v-7h4v7zm6 0v-14h4v14z"
    assert drawn["failed"] == "M1 14m156 0v8h4v-8zm12 0v4h4v-4z"
    assert drawn["bars"] == "M1 38v-2h4v2zm168 0v-12h4v12z"
    assert text_of(elements(drawing, "desc")[0]) == (
        "From 1 February 2024 to 1 March 2024. Failures on 2 days, the last on 29 February 2024."
        " Most new entries: 5, on 29 February 2024."
    )
    assert drawing.get("role") == "img"
    ids = [e.get("id") for e in drawing if e.get("id")]
    assert str(drawing.get("aria-labelledby")).split() == ids
    assert "30 days: read 16 times, 6 failed; 6 new entries" in text_of(source)


def test_all_bad_documents_are_in_the_details(ask: Asker, state: Fixed) -> None:
    """The first is in the row, ten are listed, and the others are counted."""
    bad = {"lines": [3, 4], "reason": "no <title>", "rejected": True, "more": 1}
    documents = [bad | {"document": f"{n}.txt"} for n in range(12)]
    state.said = said(changed(SOURCE, result="partial", bad_documents=documents))
    (source,) = sources_of(safe(ask("/status").body))
    (why,) = [text_of(p) for p in elements(source, "span") if p.get("class") == "why"]
    assert why == "12 documents, the first: 0.txt, line 3: no <title> (and 1 more problem)"
    lines = [text_of(li) for li in elements(source, "li") if li is not source]
    assert [line.partition(",")[0] for line in lines[:10]] == [f"{n}.txt" for n in range(10)]
    assert lines[10:] == ["and 2 more; aggregator status --json has all"]


def test_days_of_all_sources_are_at_the_top(ask: Asker, state: Fixed) -> None:
    """One strip for all together, with its numbers in words; without visits there is none."""
    day = {"day": NOW.date().isoformat(), "visits": 900, "failures": 30, "new": 7}
    state.said = said(SOURCE, days=[day])
    tree = safe(ask("/status").body)
    (part,) = [e for e in elements(tree, "section") if e.get("aria-labelledby") == "glance"]
    assert "30 days: read 900 times, 30 failed; 7 new entries" in text_of(part)
    assert "Visits of all sources and new entries by day" in text_of(elements(part, "svg")[0])
    state.said = said(SOURCE, days=[])
    assert "at a glance" not in text_of(safe(ask("/status").body))


def test_alarms_are_offered_as_a_feed(ask: Asker, state: Fixed) -> None:
    """Where there is one; readers find it, and so do people."""
    assert b"_health" not in ask("/status").body
    state.said = STATUS | {"alarm_feed": True}
    tree = safe(ask("/status").body)
    found = [e.get("href") for e in elements(tree, "link") if e.get("rel") == "alternate"]
    assert "_health.atom" in found
    assert [e for e in elements(tree, "a") if e.get("href") == "_health.atom"]


def hub_of(state: str, **given: Any) -> dict[str, Any]:
    """The part of a status about the hub of a source."""
    said = {"hub": "https://hub.example/?a&b", "topic": "https://a.example/feed", "state": state}
    return said | {"lease_until": None, "last_delivery": None, "error": None} | given


def test_the_hub_of_a_source(ask: Asker, state: Fixed) -> None:
    """The state, the lease and the last delivery are in the details; problems are in the row."""
    lease, last = "2024-03-09T08:00:00Z", "2024-03-01T09:30:00Z"
    wrong = "a poll found <news>"
    state.said = said(
        changed(SOURCE, id="a", websub=None),
        changed(SOURCE, id="b", websub=hub_of("verified", lease_until=lease, last_delivery=last)),
        changed(SOURCE, id="c", websub=hub_of("failing", lease_until=lease, error=wrong)),
        changed(SOURCE, id="d", websub=hub_of("off", error="from before")),
        changed(SOURCE, id="e", websub=hub_of("none")),
    )
    found = sources_of(safe(ask("/status").body))
    a, b, c, d, e = (text_of(source) for source in found)
    assert "hub" not in a.lower()
    assert "Hubhttps://hub.example/?a&b delivers news; subscribed until 9 March 2024" in b
    assert "last delivery: 1 March 2024, 09:30 UTC" in b
    assert "Its hub" not in b
    (why,) = [text_of(p) for p in elements(found[2], "span") if p.get("class") == "why"]
    assert why == "Its hub delivers only some of the news: a poll found <news>"
    assert why in c
    assert "there is no callback" in d
    assert "from before" not in d
    assert "has yet to be asked for news; last delivery: never" in e


def test_every_state_of_a_subscription_has_words() -> None:
    """Whatever the store may say."""
    states = {*get_args(State), "off", "none"} - {"leaving"}
    assert status_page.HUB_STATES.keys() == states


@pytest.mark.parametrize(
    ("waiting", "given_up", "error", "tally", "trouble"),
    [
        (0, 0, None, "● the hub was notified of all feeds", ""),
        (3, 0, None, "○ the hub has yet to be notified of 3 feeds", ""),
        (1, 0, "answers <503>", "▲ the hub was not notified of 1 feed", "1 feed.answers <503>"),
        (0, 2, "gone", "▲ the hub was not notified of 2 feeds (2 given up)", "(2 given up).gone"),
    ],
)
def test_hub_of_this_site(
    ask: Asker,
    state: Fixed,
    waiting: int,
    given_up: int,
    error: str | None,
    tally: str,
    trouble: str,
) -> None:
    """The state of the hub is shown, with its problem among the alarms."""
    hub = {"address": "https://hub.example/", "waiting": waiting, "given_up": given_up}
    state.said = said(hub=hub | {"error": error})
    tree = safe(ask("/status").body)
    assert tally in text_of(elements(tree, "ul")[1])
    (part,) = [e for e in elements(tree, "section") if e.get("aria-labelledby") == "trouble"]
    assert trouble in text_of(part)
    assert ("None." in text_of(part)) == (not trouble)
    state.said = said(hub=None)
    assert "the hub" not in text_of(safe(ask("/status").body))


def test_status_of_many_sources(ask: Asker, state: Fixed) -> None:
    """Each is shown in full, and those that fail come first; names in the page are not repeated."""
    wells = [changed(SOURCE, id=f"w{number:03}") for number in range(60)]
    bad = [SOURCE | {"id": f"b{number:03}"} for number in range(40)]
    state.said = said(*wells, *bad)
    tree = safe(ask("/status").body)
    assert [name.split()[1] for name in shown(tree)] == [
        *(f"b{number:03}" for number in range(40)),
        *(f"w{number:03}" for number in range(60)),
    ]
    assert not [form for form in elements(tree, "form") if form.get("action") == "status"]
    named = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(named) == len(set(named))


def test_pages_of_status(ask: Asker, state: Fixed) -> None:
    """One page leads to the others, which have addresses; words stay in them."""
    state.status_pages = 3
    for address, expected in (
        ("/status", [("next", "status?page=2")]),
        ("/status?page=2", [("prev", "status"), ("next", "status?page=3")]),
        ("/status?q=a%26b&page=3", [("prev", "status?q=a%26b&page=2")]),
        ("/status?page=9", [("prev", "status?page=3")]),
    ):
        tree = safe(ask(address).body)
        links = [(e.get("rel"), e.get("href")) for e in elements(tree, "a") if e.get("rel")]
        assert links == expected * 2
    (form,) = [e for e in elements(tree, "form") if e.get("action") == "status"]
    assert [e.get("name") for e in elements(form, "input")] == ["q"]
    assert "page 9 of 3" in text_of(tree)
    state.said = said(agencies=[])
    nothing = text_of(safe(ask("/status?q=nothing").body))
    assert "0 sources and 0 agencies with nothing" in nothing
    assert "There are no sources." in nothing
    assert "There are no agencies." in nothing


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("page=0", "page: must be a number from 1"),
        ("page=x", "page: must be a number from 1"),
        ("page=9999999999", "page: must be a number from 1"),
        (f"q={'x' * 201}", "q: has more than 200 characters"),
    ],
)
def test_invalid_part_of_status(ask: Asker, query: str, problem: str) -> None:
    """Refused in words that name the field."""
    got = ask(f"/status?{query}")
    assert got.status == 400
    assert problem in got.body.decode()


def test_agencies_of_status(ask: Asker, state: Fixed) -> None:
    """Each agency has a row: its entries, usual gap and newest; silent ones are marked."""
    nato = AGENCY
    nobody = nato | {"id": "x", "name": "X", "configured": False, "entries": 0, "newest": None}
    silent = {"kind": "silent", "subject": "nato", "ended_at": None, "title": "N", "words": "."}
    agencies = [nato, nobody | {"usual_gap": None, "usually": None, "by_week": None}]
    state.said = STATUS | {"agencies": agencies, "alarms": [silent]}
    tree = safe(ask("/status").body)
    rows = [text_of(e) for e in elements(elements(tree, "ul")[-1], "li")]
    assert rows == [
        "NATO ▲ silent · 2 entries, every day, newest 29 Feb",
        "X 0 entries · not configured yet",
    ]


@given(st.text(), st.text(), st.text())
def test_any_text_makes_a_well_formed_page(name: str, error: str, words: str) -> None:
    """Whatever sources, errors, agencies and queries hold, pages are well-formed and inert."""
    name = clean(name)  # as the store keeps names and ids
    agency = AGENCY | {"name": name}
    alarm = {"kind": "failing", "subject": name, "ended_at": None, "title": name, "words": error}
    source = SOURCE | {"id": name, "error": error, "why": error, "address": error}
    source["websub"] = hub_of(error, hub=error, error=words)
    everything: dict[str, Any] = {"sources": [source], "agencies": [agency], "alarms": [alarm]}
    everything["hub"] = {"address": error, "waiting": 1, "given_up": 0, "error": words}
    safe(status_page.status(SITE, everything, NOW))
    fields = {"q": words, "from": error, "agency": name, "category": name}
    form = parse(urlencode(fields).encode(), 20).form
    hit = ENTRY | {"id": name, "title": name, "agency": name, "language": None}
    snippets = {name: ((error, False), (words, True))}
    hits = live.Hits(hits=[hit], snippets=snippets, total=1)
    safe(live.search(SITE, form, {name: name}, [name], hits))


def test_pages_are_deterministic(ask: Asker) -> None:
    """The same state at the same time makes the same bytes."""
    assert ask("/status").raw == ask("/status").raw
    assert not re.search(rb"0x[0-9a-f]{6}", ask("/status").raw)
