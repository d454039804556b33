"""Recognising the format of a body, whatever its media type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.sniff import kind_of
from tests.support.feeds import atom, rdf, rss
from tests.support.project import block, digest

PAGE = "<!DOCTYPE html>\n<html><head><title>Agency</title></head><body>Hello</body></html>"
DIGEST = digest(block("One", "NATO", "Body."), block("Two", "Europol", "Body."))
JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": []}'
EVERY_NAME = [None, "text/plain", "text/html", "application/xml", "application/octet-stream"]


@pytest.mark.parametrize("media_type", EVERY_NAME)
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (rss("<title>T</title>"), "xml"),
        (atom("<title>T</title>"), "xml"),
        (rdf("<title>T</title>"), "xml"),
        ("<rss><channel></channel></rss>", "xml"),
        (" \n\t<?xml version='1.0'?>\n<!-- <html> -->\n<?style x?><feed>", "xml"),
        ("<!DOCTYPE rss PUBLIC '-//x' 'y'>\n<rss>", "xml"),
        ("Warning: it broke in line 3\n<?xml version='1.0'?><rss version='2.0'>", "xml"),
        ("<br />\n<b>Warning</b>: it broke\n<rss version='2.0'>", "xml"),
        (PAGE, "html"),
        ("<HTML><BODY>x", "html"),
        ("<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0//EN'><html>", "html"),
        ("<div>Not found</div>", "html"),
        (JSON, "json"),
        ("\ufeff \n[{}]", "json"),
        (DIGEST, "digest"),
        ("\ufeff" + DIGEST, "digest"),
        (digest(block("{ a brace", "NATO", "Body.")), "digest"),
        (digest(block("One", "NATO", "About <rss> and <html> and {json}.")), "digest"),
        ("", "empty"),
        (" \r\n\t", "empty"),
        ("\ufeff", "empty"),
    ],
)
def test_the_content_decides(content: str, kind: str, media_type: str | None) -> None:
    """Feeds, pages, JSON and digests are recognised by their start, with any media type."""
    assert kind_of(content.encode(), media_type) == kind


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_feeds_in_other_encodings(encoding: str) -> None:
    """A feed in UTF-16 or UTF-32 is recognised, with or without a byte order mark."""
    assert kind_of(rss("<title>T</title>").encode(encoding), "text/plain") == "xml"


@pytest.mark.parametrize(
    "body", [b"\x89PNG\r\n\x1a\n\0\0", b"\x1f\x8b\x08\0\0", b"%PDF\0\1", b"PK\3\4\0"]
)
def test_binary_bodies_are_recognised(body: bytes) -> None:
    """Images, archives and the like are not text, even with the media type of a feed."""
    assert kind_of(body, "application/rss+xml") == "binary"


def test_a_feed_with_a_stray_nul() -> None:
    """A broken feed is still a feed."""
    assert kind_of(b"<rss version='2.0'><channel><title>a\0b", None) == "xml"


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        (None, "digest"),
        ("text/plain", "digest"),
        ("text/html", "html"),
        ("application/rss+xml", "xml"),
        ("application/feed+json", "json"),
    ],
)
def test_unknown_text_by_media_type(media_type: str | None, kind: str) -> None:
    """The media type decides where the content does not."""
    assert kind_of(b"Service unavailable.\n", media_type) == kind


@given(st.binary(max_size=200), st.sampled_from(EVERY_NAME))
def test_any_body_has_a_kind(body: bytes, media_type: str | None) -> None:
    """Every body has one of the kinds."""
    assert kind_of(body, media_type) in {"digest", "xml", "json", "html", "empty", "binary"}
