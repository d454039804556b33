"""The application's responses, within this process: files, pages and errors."""

import asyncio
import gzip
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.errors import StoreChangedError, StoreError
from aggregator.output.files import publish
from aggregator.web import app, files, media
from tests.support.serving import ENTRY, NOW, Asker, Fixed, ask_soon, site

FEED = b"<feed>" + b"<entry>press release</entry>" * 200 + b"</feed>"
CHANGED = FEED.replace(b"press", b"other")
MODIFIED = 1_700_000_000  # 14 November 2023, 22:13:20
SECRET = b"nobody may read this"
JSON = {"Accept": "application/json"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of feeds with one in it, an archive, and a secret next to it."""
    made = tmp_path / "feeds"
    (made / "archive").mkdir(parents=True)
    for name in ("all.atom", "archive/all-2023-11.atom"):
        (made / name).write_bytes(FEED)
        os.utime(made / name, (MODIFIED, MODIFIED))
    (tmp_path / "secret.atom").write_bytes(SECRET)
    return made


@pytest.fixture
def state() -> Fixed:
    return Fixed()


@pytest.fixture
def ask(folder: Path, state: Fixed) -> Iterator[Asker]:
    asker = Asker(site(folder, state, max_age=77))
    yield asker
    asker.close()


# Files.


def test_feed_with_its_headers(ask: Asker) -> None:
    """A feed has its media type, validators and CORS headers."""
    got = ask("/all.atom")
    assert (got.status, got.raw) == (200, FEED)
    assert got.headers["content-type"] == "application/atom+xml"
    assert got.headers["content-length"] == str(len(FEED))
    assert got.headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert got.headers["cache-control"] == "public, max-age=77"
    assert got.headers["vary"] == "Accept-Encoding"
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["etag"].startswith('"')
    assert "server" not in got.headers


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.atom", "application/atom+xml"),
        ("a.rss", "application/rss+xml"),
        ("a.json", "application/feed+json"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
        ("entries/a.html", "text/html; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("logo.svg", "image/svg+xml"),
        ("what.ever", "application/octet-stream"),
        ("none", "application/octet-stream"),
    ],
)
def test_media_types_by_extension(ask: Asker, folder: Path, name: str, expected: str) -> None:
    """The media type of a file follows from its extension."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    assert ask(f"/{name}").headers["content-type"] == expected


def test_a_page_may_run_nothing(ask: Asker, folder: Path) -> None:
    """Pages have a policy that allows no script and no framing."""
    (folder / "index.html").write_bytes(b"<!DOCTYPE html><title>x</title>")
    for target in ("/", "/index.html", "/status", "/search"):
        headers = ask(target).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_gzip_is_compressed_once(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compressed bytes are cached with the file, and have their own entity tag."""
    wishes = {"Accept-Encoding": "br, gzip"}
    first = ask("/all.atom", wishes)
    monkeypatch.setattr(files.gzip, "compress", None)  # type: ignore[attr-defined]
    second = ask("/all.atom", wishes)
    assert first.raw == second.raw
    assert gzip.decompress(second.raw) == FEED
    assert len(second.raw) < len(FEED) / 5
    assert second.headers["content-length"] == str(len(second.raw))
    assert second.headers["content-encoding"] == "gzip"
    assert second.headers["etag"] != ask("/all.atom").headers["etag"]


@pytest.mark.parametrize("wish", ["gzip;q=0", "identity", "br", "*;q=0", "gzip;q=nonsense", ""])
def test_gzip_is_not_accepted(ask: Asker, wish: str) -> None:
    """A client that does not accept gzip does not get it."""
    assert ask("/all.atom", {"Accept-Encoding": wish}).raw == FEED


def test_known_feed_gets_304(ask: Asker) -> None:
    """A client that has these bytes gets 304 without a body, with what a cache needs."""
    whole = ask("/all.atom")
    got = ask("/all.atom", {"If-None-Match": whole.headers["etag"]})
    assert (got.status, got.raw) == (304, b"")
    for name in ("etag", "last-modified", "vary", "cache-control", "access-control-allow-origin"):
        assert got.headers[name] == whole.headers[name]
    assert "content-type" not in got.headers
    assert "content-length" not in got.headers


@pytest.mark.parametrize("condition", ["{}", "W/{}", '"x", {}', '"x" , W/{},"y"', "*", " * "])
def test_entity_tags_that_match(ask: Asker, condition: str) -> None:
    """Lists, weak tags and the star match as RFC 9110, section 13.1.2, says."""
    etag = ask("/all.atom").headers["etag"]
    assert ask("/all.atom", {"If-None-Match": condition.format(etag)}).status == 304


@pytest.mark.parametrize("condition", ['"x"', "", "{}x".strip("{}"), "nonsense", '"', 'W/"x"'])
def test_entity_tags_that_do_not_match(ask: Asker, condition: str) -> None:
    """Other values do not match, and If-Modified-Since is ignored with them."""
    since = {"If-Modified-Since": "Tue, 14 Nov 2023 22:13:20 GMT"}
    assert ask("/all.atom", {"If-None-Match": condition} | since).status == 200


def test_the_tag_of_the_other_encoding(ask: Asker) -> None:
    """The entity tag of one encoding does not match another."""
    packed = ask("/all.atom", {"Accept-Encoding": "gzip"}).headers["etag"]
    assert ask("/all.atom", {"If-None-Match": packed}).status == 200
    wishes = {"If-None-Match": packed, "Accept-Encoding": "gzip"}
    assert ask("/all.atom", wishes).status == 304


@pytest.mark.parametrize(
    ("date", "status"),
    [
        ("Tue, 14 Nov 2023 22:13:20 GMT", 304),
        ("Tue, 14 Nov 2023 22:13:21 GMT", 304),
        ("Tuesday, 14-Nov-23 22:13:20 GMT", 304),
        ("Tue, 14 Nov 2023 22:13:19 GMT", 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("yesterday", 200),
        ("", 200),
        ("Tue, 14 Nov 99999 22:13:20 GMT", 200),
    ],
)
def test_if_modified_since(ask: Asker, date: str, status: int) -> None:
    """A date from the last change on gets 304; an invalid one is ignored."""
    assert ask("/all.atom", {"If-Modified-Since": date}).status == status


def test_preconditions_of_a_writer(ask: Asker) -> None:
    """``If-Match`` and ``If-Unmodified-Since`` are obeyed too."""
    etag = ask("/all.atom").headers["etag"]
    assert ask("/all.atom", {"If-Match": etag}).status == 200
    assert ask("/all.atom", {"If-Match": "*"}).status == 200
    assert ask("/all.atom", {"If-Match": '"x"'}).status == 412
    assert ask("/all.atom", {"If-Match": f"W/{etag}"}).status == 412
    earlier = {"If-Unmodified-Since": "Tue, 14 Nov 2023 22:13:19 GMT"}
    assert ask("/all.atom", earlier).status == 412
    assert ask("/all.atom", earlier | {"If-Match": etag}).status == 200


def test_head_has_no_body(ask: Asker) -> None:
    """HEAD returns the headers of GET and no body, for files and pages."""
    for target in ("/all.atom", "/", "/search?q=x", "/nothing", "/healthz"):
        whole, head = ask(target), ask(target, method="HEAD")
        assert (head.status, head.headers, head.raw) == (whole.status, whole.headers, b"")
        assert whole.raw


def test_a_feed_is_rewritten(ask: Asker, folder: Path) -> None:
    """The next request gets the new bytes, and the old entity tag does not match."""
    before = ask("/all.atom")
    publish(folder / "all.atom", CHANGED)
    after = ask("/all.atom", {"If-None-Match": before.headers["etag"]})
    assert (after.status, after.raw) == (200, CHANGED)
    publish(folder / "all.atom", FEED)
    assert ask("/all.atom").headers["etag"] == before.headers["etag"]


def test_equal_bytes_in_another_process(ask: Asker, folder: Path) -> None:
    """An entity tag depends on the bytes, not on the file or its time."""
    here = ask("/all.atom").headers["etag"]
    os.utime(folder / "all.atom", (MODIFIED + 5, MODIFIED + 5))
    other = Asker(site(folder))
    assert other("/all.atom").headers["etag"] == here
    other.close()


def test_feed_is_removed_and_restored(ask: Asker, folder: Path) -> None:
    """A removed file or folder is 404 at once, and served again when it is back."""
    assert ask("/all.atom").status == 200
    folder.rename(folder.with_name("away"))
    assert ask("/all.atom").status == 404
    assert ask("/").status == 200
    folder.with_name("away").rename(folder)
    assert ask("/all.atom").status == 200


def test_a_file_from_the_future(ask: Asker, folder: Path) -> None:
    """``Last-Modified`` is never later than now, as RFC 9110, section 8.8.2.1, has it."""
    os.utime(folder / "all.atom", (4_000_000_000, 4_000_000_000))
    assert ask("/all.atom").headers["last-modified"] == "Fri, 01 Mar 2024 12:00:00 GMT"


def test_large_file_from_disk(ask: Asker, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file too large for the cache is sent from disk, with the same headers except gzip."""
    monkeypatch.setattr(files, "MAX_CACHED", 1000)
    got = ask("/all.atom", {"Accept-Encoding": "gzip"})
    assert (got.status, got.raw) == (200, FEED)
    assert got.headers["content-length"] == str(len(FEED))
    assert ask("/all.atom", {"If-None-Match": got.headers["etag"]}).status == 304
    assert ask.app.files.size < 5000
    assert ask("/all.atom", method="HEAD").raw == b""


def test_an_empty_file(ask: Asker, folder: Path) -> None:
    """An empty file is served."""
    (folder / "empty.atom").write_bytes(b"")
    got = ask("/empty.atom", {"Accept-Encoding": "gzip"})
    assert (got.status, got.raw, got.headers["content-length"]) == (200, b"", "0")


def test_memory_is_bounded(folder: Path) -> None:
    """Files that were not requested lately make room for those that are."""

    async def ask_all() -> list[bool]:
        cache = files.FileCache(folder, lambda: NOW, capacity=60_000)
        for number in range(20):
            (folder / f"{number}.bin").write_bytes(bytes([number]) * 10_000)
            found = await cache.get(f"{number}.bin")
            assert found is not None
            assert found.respond({}).body == bytes([number]) * 10_000
            assert cache.size <= 60_000
        cache.close()
        return [cache.cached(f"/{number}.bin".encode()) is not None for number in (0, 15, 19)]

    assert asyncio.run(ask_all()) == [False, False, True]


def test_many_requests_for_a_new_file(folder: Path) -> None:
    """A file is read once, however many requests wait for it."""
    reads: list[str] = []

    def links(name: str) -> media.Headers:
        reads.append(name)
        return ()

    async def together() -> set[bytes]:
        cache = files.FileCache(folder, lambda: NOW, links=links)
        found = await asyncio.gather(*(cache.get("all.atom") for _ in range(50)))
        cache.close()
        return {file.respond({}).body for file in found if file is not None}

    assert asyncio.run(together()) == {FEED}
    assert reads == ["all.atom"]


# What is not served.

OUTSIDE = [
    *("/../secret.atom", "/..%2fsecret.atom", "/%2e%2e/secret.atom", "/%2e%2e%2fsecret.atom"),
    *("/archive/../../secret.atom", "/archive/..%5c..%5csecret.atom", "/..\\secret.atom"),
    *("/%252e%252e/secret.atom", "/..%c0%afsecret.atom", "/....//secret.atom", "//secret.atom"),
    *("/all.atom%00", "/all.atom%00.html", "/%00", "/all.atom%0d%0aX: y", "/all.atom%20"),
    *("//all.atom", "/archive//all-2023-11.atom", "/all.atom/", "/all.atom.", "/ALL.atom"),
    *("/./all.atom", "/archive/../all.atom", "/archive/./all-2023-11.atom", "/all.atom/."),
    *(
        "/archive",
        "/archive/",
        "/.",
        "/..",
        "/%ff",
        "/%",
        "/%zz",
        "/a%2fb",
        "/archive%2fall-2023-11.atom",
    ),
    *("all.atom", "*", "", "http://localhost/all.atom", "/" + "a" * 300, "/" + "a/" * 2000),
]


@pytest.mark.parametrize("target", OUTSIDE)
def test_paths_that_name_nothing(ask: Asker, target: str) -> None:
    """A path that is not the correct one of a file is 404."""
    got = ask(target)
    assert got.status == 404
    assert SECRET not in got.raw
    assert FEED not in got.raw


@pytest.mark.parametrize("name", [".hidden.atom", ".all.atom.x1y2", ".git/config"])
def test_hidden_and_temporary_files(ask: Asker, folder: Path, name: str) -> None:
    """Files whose names begin with a dot are not served."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(SECRET)
    assert ask(f"/{name}").status == 404


def test_symbolic_links_stay_inside(ask: Asker, folder: Path) -> None:
    """A link within the folder is followed, one that leads out or to a hidden file is not."""
    (folder / ".hidden").write_bytes(SECRET)
    (folder / "in.atom").symlink_to("archive/all-2023-11.atom")
    (folder / "out.atom").symlink_to("../secret.atom")
    (folder / "hidden.atom").symlink_to(".hidden")
    (folder / "up").symlink_to("..")
    (folder / "loop.atom").symlink_to("loop.atom")
    (folder / "away.atom").symlink_to("/etc/hostname")
    assert ask("/in.atom").raw == FEED
    for name in ("out.atom", "hidden.atom", "up/secret.atom", "loop.atom", "away.atom"):
        assert ask(f"/{name}").status == 404, name


def test_link_changed_to_outside(ask: Asker, folder: Path) -> None:
    """A file that was served and then became a link leading out is not served again."""
    assert ask("/all.atom").status == 200
    (folder / "all.atom").unlink()
    (folder / "all.atom").symlink_to("../secret.atom")
    assert ask("/all.atom").status == 404


def test_output_folder_is_a_link(folder: Path, tmp_path: Path) -> None:
    """An output folder may be a symbolic link."""
    (tmp_path / "linked").symlink_to(folder)
    asker = Asker(site(tmp_path / "linked"))
    assert asker("/all.atom").raw == FEED
    asker.close()


def test_pipe_is_not_served(ask: Asker, folder: Path) -> None:
    """A pipe without a writer is 404, and is not waited for."""
    os.mkfifo(folder / "pipe.atom")
    assert ask("/pipe.atom").status == 404


PIECES = st.sampled_from(
    [
        *(b"/", b"..", b".", b"%2e", b"%2F", b"%00", b"%5c", b"\\", b"all.atom", b"secret.atom"),
        *(b"archive", b"all-2023-11.atom", b"feeds", b"%", b"?", b"//", b"\xff", b"%c0%ae", b":"),
    ]
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """The same folder for all examples of a test, with a secret above and a hidden one within."""
    above = tmp_path_factory.mktemp("above")
    (above / "feeds" / "archive").mkdir(parents=True)
    (above / "secret.atom").write_bytes(SECRET)
    (above / "feeds" / ".secret.atom").write_bytes(SECRET)
    (above / "feeds" / "all.atom").write_bytes(FEED)
    asker = Asker(site(above / "feeds"))
    yield asker
    asker.close()


@given(path=st.lists(PIECES | st.binary(max_size=5), max_size=10).map(b"".join))
@example(path=b"/../feeds/all.atom")
def test_any_path_is_safe(world: Asker, path: bytes) -> None:
    """Any path gets the feed, a page or 404, never an internal error."""
    got = world(b"/" + path)
    assert got.status in (200, 404)
    assert SECRET not in got.raw
    if got.status == 200 and FEED in got.raw:
        assert (b"/" + path).partition(b"?")[0].replace(b"%2e", b".") == b"/all.atom"


@given(
    name=st.sampled_from(
        [
            *("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"),
            *("Accept-Encoding", "Accept", "Range", "Content-Length", "Origin"),
        ]
    ),
    value=st.text(st.characters(max_codepoint=255), max_size=60)
    | st.lists(st.sampled_from('",;=*/ qW0.91gzip'), max_size=30).map("".join),
    target=st.sampled_from(["/all.atom", "/status", "/search?q=a"]),
)
def test_any_header_is_safe(world: Asker, name: str, value: str, target: str) -> None:
    """No header makes the server fail."""
    assert world(target, {name: value}).status in (200, 304, 412)


@given(query=st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_any_query_is_safe(world: Asker, query: str) -> None:
    """No query makes the search fail, and nothing of it is shown unescaped."""
    got = world(f"/search?q={query}&<script>".encode())
    assert got.status in (200, 400)
    assert b"<script" not in got.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("target", ["/all.atom", "/", "/status", "/nothing"])
def test_other_methods_are_refused(ask: Asker, method: str, target: str) -> None:
    """Methods other than GET and HEAD get 405 with Allow."""
    got = ask(target, method=method)
    assert got.status == 405
    assert got.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("target", "method", "status"),
    [("/search?limit=x", "GET", 400), ("/nothing", "GET", 404), ("/all.atom", "PUT", 405),
     ("/" + "a" * 65_536, "GET", 414)],
)  # fmt: skip
def test_errors_are_json_where_json_is_asked_for(
    ask: Asker, target: str, method: str, status: int
) -> None:
    """An object with the status and the reason; in text otherwise, as before."""
    got = ask(target, {"Accept": "application/json"}, method=method)
    assert (got.status, got.headers["content-type"]) == (status, "application/json")
    assert got.json["status"] == status
    assert got.json["error"] in ask(target, method=method).body.decode()
    assert ("allow" in got.headers) == (status == 405)


def test_cors_preflight_is_answered(ask: Asker) -> None:
    """A preflight for a conditional request is allowed."""
    headers = {"Origin": "https://reader.example", "Access-Control-Request-Method": "GET"}
    got = ask("/all.atom", headers, method="OPTIONS")
    assert got.status == 204
    assert "If-None-Match" in got.headers["access-control-allow-headers"]


def test_long_address_is_refused(ask: Asker) -> None:
    """An address of 64 KB gets 414, as path and as query."""
    assert ask("/" + "a" * 65_536).status == 414
    assert ask("/search?q=" + "a" * 65_536).status == 414


def test_a_request_with_content(ask: Asker) -> None:
    """Unread content closes the connection, so that it is not taken for a request."""
    got = ask("/all.atom", {"Content-Length": "5"})
    assert got.headers["connection"] == "close"
    assert "connection" not in ask("/all.atom", {"Content-Length": "0"}).headers


# Where the site lies.


def test_a_site_below_a_path(folder: Path) -> None:
    """Behind a proxy that passes the path of ``base_url`` on, files are found below it too."""
    asker = Asker(site(folder, base_url="https://news.example/press/feeds/"))
    assert asker("/press/feeds/all.atom").raw == FEED
    assert asker("/all.atom").raw == FEED
    assert asker("/press/feeds/").status == 200
    assert asker("/press/feeds/healthz").status == 200
    assert asker("/press/all.atom").status == 404
    asker.close()


def test_responses_are_counted(folder: Path) -> None:
    """Every response is counted, including those from memory."""
    counted: list[int] = []
    asker = Asker(site(folder, count=counted.append))
    for target in ("/all.atom", "/nothing", "/healthz"):
        asker(target)
    assert asker.from_memory("/all.atom") is not None
    assert counted == [200, 404, 200, 200]
    asker.close()


# Pages.


def test_the_index_lists_the_feeds(ask: Asker, folder: Path) -> None:
    """Without an index file, the front page lists the feeds, for people and for readers."""
    (folder / "a&b.rss").write_bytes(b"x")
    (folder / ".all.atom.tmp").write_bytes(b"x")
    (folder / "notes.txt").write_bytes(b"x")
    page = ask("/").body.decode()
    assert 'type="application/atom+xml" title="all (Atom)" href="all.atom"' in page
    assert '<a href="a%26b.rss" type="application/rss+xml">a&amp;b.rss</a>' in page
    assert "tmp" not in page
    assert "notes" not in page


def test_index_from_a_file(ask: Asker, folder: Path) -> None:
    """``index.html`` is the front page where there is one."""
    (folder / "index.html").write_bytes(FEED)
    got = ask("/")
    assert got.raw == FEED
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert ask("/", {"If-None-Match": got.headers["etag"]}).status == 304


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", True),
        ("application/*", True),
        ("application/json, text/html", False),
        ("application/json;q=0.9, text/html;q=0.8", True),
        ("text/html;q=0.8, application/json;q=0.7", False),
        ("text/html, application/xhtml+xml, */*;q=0.8", False),
        ("APPLICATION/JSON ; q=1.000", True),
        ("application/json;q=0", False),
        ("application/json, */*;q=0.1", True),
        ("*/*, text/html;q=0.1", True),
        ("application/json;q=2", False),
    ],
)
def test_page_or_json_by_accept(ask: Asker, accept: str | None, is_json: bool) -> None:
    """The preferred type is sent, by weight; if equal, HTML."""
    for target in ("/status", "/search?q=x"):
        got = ask(target, {"Accept": accept} if accept is not None else None)
        kind = "application/json" if is_json else "text/html; charset=utf-8"
        assert got.headers["content-type"] == kind
        assert "Accept" in got.headers["vary"].split(", ")


def test_status_as_page_and_json(ask: Asker, state: Fixed) -> None:
    """The status is the object that the command prints, or a page without scripts."""
    assert ask("/status", JSON).json == state.status()
    page = ask("/status").body.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_search_as_page_and_json(ask: Asker, state: Fixed) -> None:
    """A search returns entries as the command prints them, or a page with links."""
    assert ask("/search?q=caf%C3%A9+%22a%22", JSON).json == [ENTRY]
    assert state.calls == ['search café "a" 50']
    page = ask("/search?q=%3Cb%3E").body.decode()
    assert "Ministers &lt;meet&gt; &amp; agree" in page
    assert 'value="&lt;b&gt;"' in page
    assert 'href="entries/00000000-0000-5000-8000-000000000001.html"' in page


def test_search_form_without_words(ask: Asker, state: Fixed) -> None:
    """Without words the response is the form, or an empty list."""
    for target in ("/search", "/search?q=", "/search?q=+"):
        page = ask(target).body.decode()
        assert '<option value="nato">NATO</option>' in page
        assert 'id="found"' not in page
        assert ask(target, JSON).json == []
    assert {call.strip() for call in state.calls} == {"search  20", "search  50"}


@pytest.mark.parametrize("query", ["q=a&limit=0", "q=a&limit=51", "q=a&limit=x", "q=a&limit=-1"])
def test_search_limits_are_checked(ask: Asker, query: str, state: Fixed) -> None:
    """A limit out of bounds and a very long query get 400."""
    assert ask(f"/search?{query}").status == 400
    assert ask(f"/search?q={'a' * 1001}").status == 400
    assert state.calls == []
    assert ask("/search?q=a&limit=1").status == 200


def test_healthz_and_readyz(ask: Asker, state: Fixed) -> None:
    """/healthz does not ask the state; /readyz returns its problems."""
    assert ask("/healthz").status == 200
    assert state.calls == []
    assert ask("/readyz").status == 200
    state.is_ready = False
    got = ask("/readyz")
    assert (got.status, got.raw) == (503, b"the schedule is 900 seconds behind\n")
    assert got.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_copy_that_is_being_written_is_read_again(
    ask: Asker, state: Fixed, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """A page is made on the second or third try; after that it is not available."""
    left = iter([StoreChangedError("copy.db: was written while it was read; try again")] * times)

    def changed(name: str) -> None:
        state.calls.append(name)
        if (failure := next(left, None)) is not None:
            raise failure

    monkeypatch.setattr(state, "_called", changed)
    assert ask("/search?q=x").status == (503 if times == 3 else 200)
    assert len(state.calls) == min(times + 1, 3)


def test_state_fails_and_is_logged_once(
    ask: Asker, state: Fixed, caplog: pytest.LogCaptureFixture
) -> None:
    """The error is logged once and not sent; files are served meanwhile."""
    state.failure = StoreError("/home/someone/secret: is damaged")
    for target in ("/status", "/search?q=x", "/readyz", "/metrics", "/status"):
        got = ask(target)
        assert got.status == 503
        assert b"secret" not in got.raw
    assert [record.getMessage() for record in caplog.records] == [
        "state unavailable: /home/someone/secret: is damaged"
    ]
    assert ask("/all.atom").status == 200
    assert ask("/healthz").status == 200
    state.failure = None
    assert ask("/status").status == 200


def test_metrics_media_type(ask: Asker) -> None:
    """Metrics have Prometheus's media type."""
    got = ask("/metrics")
    assert got.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert got.raw == b"aggregator_entries 2\n"


def test_slow_state_does_not_block_files(folder: Path) -> None:
    """While searches wait, more get 503, files are served, and status is computed once."""
    state = Fixed(gate=threading.Event())

    async def all_at_once() -> tuple[list[int], list[int], int]:
        application = app(site(folder, state))
        loop = asyncio.get_running_loop()
        searches = [loop.create_task(ask_soon(application, "/search?q=x")) for _ in range(100)]
        checks = [loop.create_task(ask_soon(application, "/status")) for _ in range(50)]
        refused = searches[64:]
        await asyncio.gather(*refused)
        feed = await ask_soon(application, "/all.atom")
        assert state.gate is not None
        state.gate.set()
        answered = [task.result().status for task in refused]
        rest = await asyncio.gather(*searches[:64], *checks)
        application.close()
        return answered, [got.status for got in rest], feed.status

    refused, answered, feed = asyncio.run(all_at_once())
    assert refused == [503] * 36
    assert answered == [200] * 114
    assert feed == 200
    assert state.calls.count("status") == 1
