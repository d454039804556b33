"""JSON Feed: items of both versions, values of wrong types, and invalid documents."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import Channel, Item, Link, Parsed, Upstream
from aggregator.parse.jsonfeed import parse
from aggregator.parse.syndication import Bounds
from tests.support.feeds import BOUNDS, feed

VERSION = "https://jsonfeed.org/version/1.1"


def written(*items: Any, **top: Any) -> str:
    return json.dumps({"version": VERSION, "title": "Agency", **top, "items": list(items)})


def read(content: str | bytes, **header: str | None) -> Parsed:
    return parse(feed(content, **header), BOUNDS)


def only(**item: Any) -> tuple[Item, Upstream]:
    (found,) = read(written(item)).items
    assert found.upstream is not None
    return found, found.upstream


def test_an_item_of_version_11() -> None:
    """All members of an item are kept."""
    (item,) = read(
        written(
            {
                "id": "one",
                "url": "/1",
                "external_url": "https://other.example/",
                "title": "T",
                "content_html": '<a href="x">y</a>',
                "summary": "s",
                "date_published": "2024-01-05T10:00:00+01:00",
                "date_modified": "2024-01-06T10:00:00Z",
                "authors": [{"name": "Ada"}, {"url": "https://ben.example/"}],
                "tags": ["a", "b", "a"],
                "language": "fr",
                "attachments": [
                    {
                        "url": "https://m.example/1.mp3",
                        "mime_type": "audio/mpeg",
                        "title": "Talk",
                        "size_in_bytes": 77,
                    }
                ],
            }
        )
    ).items
    assert item == Item(
        position=0,
        lines=(1, 1),
        title="T",
        agency="",
        body='<a href="https://feeds.example/x">y</a>',
        date="2024-01-05T10:00:00+01:00",
        link="https://feeds.example/1",
        body_markup="html",
        upstream=Upstream(
            id="one",
            links=(
                Link(href="https://feeds.example/1"),
                Link(href="https://other.example/", rel="related"),
                Link(
                    href="https://m.example/1.mp3",
                    rel="enclosure",
                    type="audio/mpeg",
                    title="Talk",
                    length=77,
                ),
            ),
            published=datetime(2024, 1, 5, 9, tzinfo=UTC),
            updated=datetime(2024, 1, 6, 10, tzinfo=UTC),
            authors=("Ada",),
            categories=("a", "b"),
            language="fr",
        ),
    )


def test_an_item_of_version_10() -> None:
    """Version 1.0 has one ``author``, in the feed too."""
    item, upstream = only(id="1", content_text="plain", author={"name": "Ada"})
    assert (item.body, item.body_markup, upstream.authors) == ("plain", "text", ("Ada",))
    (other,) = read(written({"id": "2", "content_text": "x"}, author={"name": "Ben"})).items
    assert other.upstream is not None
    assert other.upstream.authors == ("Ben",)


def test_the_channel_of_a_feed() -> None:
    """Title, home page, language, own address and hub are read."""
    parsed = read(
        written(
            home_page_url="https://agency.example/",
            feed_url="https://agency.example/feed.json",
            language="en",
            hubs=[{"type": "rssCloud", "url": "https://a.example/"},
                  {"type": "WebSub", "url": "https://hub.example/"}],
        )
    )  # fmt: skip
    assert parsed.channel == Channel(
        title="Agency",
        home="https://agency.example/",
        language="en",
        hub="https://hub.example/",
        topic="https://agency.example/feed.json",
    )


@pytest.mark.parametrize(
    ("fields", "body", "is_summary"),
    [
        ({"content_html": "<p>h</p>", "content_text": "t", "summary": "s"}, "<p>h</p>", False),
        ({"content_html": "", "content_text": "t", "summary": "s"}, "t", False),
        ({"summary": "s"}, "s", True),
        ({"title": "T"}, "", True),
    ],
)
def test_the_body_is_html_else_text_else_the_summary(
    fields: dict[str, str], body: str, is_summary: bool
) -> None:
    """The body is the HTML, or else the text, or else the summary."""
    item, upstream = only(id="1", **fields)
    assert (item.body, upstream.is_summary) == (body, is_summary)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (7, "7"),
        (1.5, "1.5"),
        (True, None),
        (None, None),
        ([], None),
        ("", None),
        ("x" * 9_000, None),
    ],
)
def test_ids_of_any_type(value: Any, wanted: str | None) -> None:
    """A number is an id, as the specification requires; other types are not."""
    assert only(id=value, title="T")[1].id == wanted


@given(
    st.dictionaries(
        st.sampled_from(
            ("id", "url", "external_url", "title", "content_html", "content_text", "summary",
             "date_published", "date_modified", "authors", "author", "tags", "language",
             "attachments")
        ),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inside: st.lists(inside, max_size=3)
            | st.dictionaries(
                st.sampled_from(("name", "url", "mime_type", "size_in_bytes", "title")),
                inside,
                max_size=3,
            ),
            max_leaves=5,
        ),
    )
)  # fmt: skip
def test_wrong_types_everywhere(item: dict[str, Any]) -> None:
    """Values of wrong types are ignored, and the next item is read."""
    parsed = read(written(item, {"id": "sound", "title": "Sound"}))
    assert parsed.items[-1].title == "Sound"
    assert len(parsed.items) + len(parsed.problems) == 2
    json.dumps([found.title + found.body for found in parsed.items]).encode()


@pytest.mark.parametrize("item", [None, "text", 5, [], {}, {"id": "1"}, {"title": " "}])
def test_an_item_that_is_not_an_object(item: Any) -> None:
    """It is reported, and the other items keep their positions."""
    parsed = read(written({"title": "A"}, item, {"title": "B"}))
    assert [(found.title, found.position) for found in parsed.items] == [("A", 0), ("B", 1)]
    (problem,) = parsed.problems
    assert problem.rejected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_encodings_of_json(encoding: str) -> None:
    """JSON is in UTF-8, or in an encoding that its first bytes reveal."""
    content = json.dumps({"title": "Café", "items": []}, ensure_ascii=False)
    channel = read(content.encode(encoding)).channel
    assert channel is not None
    assert channel.title == "Café"


def test_lone_surrogates_are_removed() -> None:
    """Escapes of lone surrogates do not get into the text."""
    (item,) = read('{"items": [{"title": "a\\ud83db", "tags": ["\\udc00"]}]}').items
    assert item.title == "a\ufffdb"
    assert item.title.encode()


@pytest.mark.parametrize(
    "content",
    [
        "", "no json", "[]", "{}", '{"items": 5}', '{"items": [}', "[" * 100_000, "\0\1\2\3" * 9,
        '{"items": [' + '{"a":' * 100_000,
    ],
    ids=range(9),
)  # fmt: skip
def test_documents_that_are_not_json_feeds(content: str) -> None:
    """The error is one line with the name of the document."""
    with pytest.raises(ParseError, match=r"^agency: feeds\.example/news/feed\.xml: ") as raised:
        read(content)
    assert "\n" not in str(raised.value)


def test_numbers_of_many_digits() -> None:
    """A number of many thousand digits affects only its own member."""
    digits = "9" * 10_000
    parsed = read(
        f'{{"items": [{{"id": {digits}, "title": "T", "attachments": '
        f'[{{"url": "https://m.example/", "size_in_bytes": {digits}}}]}}, '
        '{"title": "U", "id": NaN}]}'
    )
    assert [item.title for item in parsed.items] == ["T", "U"]


def test_bounds_of_items_and_texts() -> None:
    """Superfluous items are dropped and long texts cut, each with a problem."""
    content = written({"content_text": "x" * 50}, {"title": "B"}, {"title": "C"})
    parsed = parse(feed(content), Bounds(max_items=2, max_item_size=20))
    assert [item.body for item in parsed.items] == ["x" * 20, ""]
    assert [problem.rejected for problem in parsed.problems] == [False, True]


def test_rejected_items_and_too_many() -> None:
    """Rejected items do not confuse the report of those that exceed the limit."""
    content = written(1, 2, {"title": "B"}, {"title": "C"})
    parsed = parse(feed(content), Bounds(max_items=2, max_item_size=20))
    assert parsed.items == ()
    assert "2 of 4 items are more than max_items" in parsed.problems[-1].reason


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://[x", "", 5, "x" * 9_000])
def test_addresses_that_are_not_links(url: Any) -> None:
    """Only http and https addresses are links."""
    item, upstream = only(title="T", url=url, attachments=[{"url": url}])
    assert upstream.links == () or item.link == f"https://feeds.example/news/{url}"
