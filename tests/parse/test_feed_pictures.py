"""The picture of a feed's item, by both parsers and from JSON Feed."""

import json

import pytest

from aggregator.model import Link
from aggregator.parse import jsonfeed
from tests.parse.test_syndication import both, carefully, only
from tests.support.feeds import ADDRESS, BOUNDS, atom, feed, rss

BODY = "<title>T</title><description>B</description>"
P = "https://a.example/p"


def pictures(inside: str, form: object = rss) -> list[tuple[str, str | None]]:
    """Return the files of an item that both parsers read."""
    content = rss(inside) if form is rss else atom(inside.replace("description>", "content>"))
    _, upstream = only(content)
    return [(link.href, link.type) for link in upstream.links if link.rel == "enclosure"]


@pytest.mark.parametrize(
    ("inside", "wanted"),
    [
        (f'<media:content url="{P}.jpg"/>', (f"{P}.jpg", "image/jpeg")),
        (f'<media:content url="{P}?w=1" medium="image"/>', (f"{P}?w=1", "image/jpeg")),
        (f'<media:content url="{P}" type="image/WebP"/>', (f"{P}", "image/webp")),
        (f'<media:thumbnail url="{P}.png" width="75"/>', (f"{P}.png", "image/png")),
        (f'<itunes:image href="{P}.PNG?v=2"/>', (f"{P}.PNG?v=2", "image/png")),
        ('<media:content url="/p.gif"/>', ("https://feeds.example/p.gif", "image/gif")),
        (
            f'<media:group><media:content url="{P}1.jpg" width="100" height="50"/>'
            f'<media:content url="{P}2.jpg" width="800" height="400"/>'
            f'<media:thumbnail url="{P}3.jpg"/></media:group>',
            (f"{P}2.jpg", "image/jpeg"),
        ),
        (
            f'<media:content url="{P}.mp4" type="video/mp4"><media:thumbnail url="{P}.jpg"/>'
            "</media:content>",
            (f"{P}.jpg", "image/jpeg"),
        ),
        (
            f'<media:thumbnail url="{P}1.jpg"/><media:content url="{P}2.jpg" medium="image">'
            "<media:description>A crane</media:description></media:content>",
            (f"{P}2.jpg", "image/jpeg"),
        ),
        (
            '<media:content url="https://0.gravatar.com/avatar/1?s=96" medium="image">'
            f'<media:title>Ada</media:title></media:content><media:content url="{P}.jpg"/>',
            (f"{P}.jpg", "image/jpeg"),
        ),
        (f'<own:box><media:thumbnail url="{P}.jpg"/></own:box>', (f"{P}.jpg", "image/jpeg")),
        (f'<media:content url="{P}1.jpg"/>' * 2, (f"{P}1.jpg", "image/jpeg")),
    ],
)
@pytest.mark.parametrize("form", [rss, atom])
def test_picture_of_an_item_is_an_image_file(
    inside: str, wanted: tuple[str, str], form: object
) -> None:
    """The largest one; what a thumbnail or a portrait shows is less."""
    assert pictures(BODY + inside, form) == [wanted]


@pytest.mark.parametrize(
    "inside",
    [
        '<media:content url="javascript:x()" medium="image"/>',
        '<media:content url="data:image/png;base64,aGFyYm91cg==" medium="image"/>',
        f'<media:content url="{P}.mp3" medium="audio"/>',
        f'<media:content url="{P}.jpg" type="video/mp4"/>',
        f'<media:content url="{P}"/>',
        '<media:content medium="image"/>',
        f'<media:content url="{P}.gif" width="1" height="1"/>',
        f'<media:content url="{P}{"a" * 9_000}.gif"/>',
        '<media:content url="https://[x/.jpg"/>',
        "<media:thumbnail/><itunes:image/>",
        f'<media:content URL="{P}" type=" " medium="{"x" * 9_000}"/>',
    ],
)
def test_no_picture_from_other_files_and_hostile_addresses(inside: str) -> None:
    """Sound, counters, scripts, and what has no web address."""
    assert pictures(BODY + inside) == []


def test_huge_sizes_and_many_pictures_are_bounded() -> None:
    """A number of thousands of digits is no size, and the last of many is not looked at."""
    huge = f'<media:content url="{P}1.jpg" width="{"9" * 9_000}" height="9"/>'
    many = f'<media:thumbnail url="{P}2.jpg"/>' * 60
    last = f'<media:content url="{P}3.jpg" width="9000" height="9000"/>'
    assert pictures(BODY + many + last) == [(f"{P}2.jpg", "image/jpeg")]
    assert pictures(BODY + huge) == []


def test_picture_that_is_shown_already_is_not_repeated() -> None:
    """In the body, in whatever size, or as a file."""
    shown = f"<description>&lt;img src='{P}.jpg?w=300'&gt; B</description>"
    assert pictures(f'{shown}<media:content url="{P}.jpg?w=900"/>') == []
    file = f'<enclosure url="{P}.png" type="image/png" length="9"/>'
    assert pictures(f'{BODY}{file}<media:content url="{P}.jpg"/>') == [(f"{P}.png", "image/png")]
    sound = f'<enclosure url="{P}.mp3" type="audio/mpeg" length="9"/>'
    both_files = pictures(f'{BODY}<itunes:image href="{P}.jpg"/>{sound}')
    assert both_files == [(f"{P}.mp3", "audio/mpeg"), (f"{P}.jpg", "image/jpeg")]


def test_pictures_of_the_feed_are_not_those_of_items() -> None:
    """The quick parser reads such feeds, as podcasts are."""
    channel = f'<title>A</title><itunes:image href="{P}.jpg"/><media:thumbnail url="{P}.jpg"/>'
    (item,) = both(rss(BODY, channel=channel)).items
    assert item.upstream is not None
    assert item.upstream.links == ()


def test_picture_of_an_ill_formed_feed() -> None:
    """Feedparser's loose parser reads it by the same rules."""
    (item,) = carefully(rss(f'{BODY}R&D<media:content url="{P}.jpg?a=1&b=2"/>')).items
    assert item.upstream is not None
    assert item.upstream.links == (
        Link(href=f"{P}.jpg?a=1&b=2", rel="enclosure", type="image/jpeg"),
    )


def test_picture_with_a_base_of_its_own_is_left_to_feedparser() -> None:
    """``xml:base`` applies to the element that has it."""
    inside = '<media:content xml:base="https://b.example/x/" url="p.jpg"/>'
    (item,) = carefully(rss(BODY + inside)).items
    assert item.upstream is not None
    assert [link.href for link in item.upstream.links] == ["https://b.example/x/p.jpg"]


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ({"image": f"{P}.png"}, [f"{P}.png"]),
        ({"banner_image": f"{P}.png"}, [f"{P}.png"]),
        ({"banner_image": f"{P}1.png", "image": f"{P}2.png"}, [f"{P}2.png"]),
        ({"image": "/p.png"}, ["https://feeds.example/p.png"]),
        ({"image": f"{P}.png", "content_html": f"<img src='{P}.png'>"}, []),
        ({"image": f"{P}1", "attachments": {"url": P, "mime_type": "image/png"}}, [P]),
        ({"image": {"url": P}, "banner_image": 5}, []),
        ({"image": "javascript:x()", "banner_image": "data:image/png,x"}, []),
    ],
)
def test_picture_of_a_json_feed(members: dict[str, object], wanted: list[str]) -> None:
    """``image`` before ``banner_image``, as a file of the item."""
    content = json.dumps({"items": [{"title": "T", **members}]})
    (item,) = jsonfeed.parse(feed(content, address=ADDRESS), BOUNDS).items
    assert item.upstream is not None
    assert [link.href for link in item.upstream.links] == wanted
