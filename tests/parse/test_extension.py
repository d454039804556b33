"""The extension of another Aggregator: what is read of it, by every parser, and what is not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Document, Extension, Parsed
from aggregator.normalise.identity import EXTENSION_NAMESPACE, feed_id
from aggregator.parse import jsonfeed
from aggregator.parse.extension import (
    LONGEST,
    MOST_AGENCIES,
    MOST_REVISIONS,
    extension_of,
    from_text,
    related_addresses,
)
from aggregator.parse.syndication import Bounds, parse, parse_carefully
from tests.support.feeds import atom, without_lines

BOUNDS = Bounds(max_items=100, max_item_size=100_000, is_aggregator=True)
STRANGER = Bounds(max_items=100, max_item_size=100_000)

WHOLE = {
    "agency": "nato",
    "names": {"nato": "NATO", "jcs": "Joint Chiefs"},
    "also_by": ["jcs"],
    "truncated": True,
    "summary_only": True,
    "revised": ["2024-05-21T10:00:00+00:00"],
    "related": ["https://a.example/other"],
    "dating": {
        "basis": "inferred",
        "earliest": "2024-05-18T00:00:00+00:00",
        "latest": None,
        "evidence": "on Monday <b>",
    },
}
READ = Extension(
    agency="nato",
    also_by=("jcs",),
    names=(("nato", "NATO"), ("jcs", "Joint Chiefs")),
    truncated=True,
    is_summary=True,
    basis="inferred",
    earliest=datetime(2024, 5, 18, tzinfo=UTC),
    evidence="on Monday <b>",
    revised=(datetime(2024, 5, 21, 10, tzinfo=UTC),),
)

plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
members = st.fixed_dictionaries(
    {},
    optional={
        name: plain_json
        | st.sampled_from([WHOLE[name], ["nato", "NATO", "../x", "con"], "2024-13-01T00:00:00Z"])
        for name in WHOLE
    },
)


def _document(body: str) -> Document:
    return Document(
        source="a",
        name="all.atom",
        body=body.encode(),
        sha256="0" * 64,
        modified=datetime(2024, 6, 1, tzinfo=UTC),
        address="http://a.example/all.atom",
    )


def _entry(extension: str, *, prefix: str = "aggregator", more: str = "") -> str:
    escaped = extension.replace("&", "&amp;").replace("<", "&lt;")
    return (
        "<id>urn:x-a:1</id><title>Title</title><content type='html'>Text</content>"
        '<link href="https://a.example/1"/>'
        '<link rel="related" href="https://a.example/other"/>'
        '<link rel="related" href="https://a.example/own"/>'
        f"<updated>2024-05-20T10:00:00Z</updated>{more}"
        f'<{prefix}:extension xmlns:{prefix}="{EXTENSION_NAMESPACE}">{escaped}'
        f"</{prefix}:extension>"
    )


def _both(body: str, bounds: Bounds = BOUNDS) -> Parsed:
    document = _document(body)
    quick, careful = parse(document, bounds), parse_carefully(document, bounds)
    assert quick is not None
    assert without_lines(quick) == without_lines(careful)
    return quick


def test_both_parsers_read_the_extension_of_atom() -> None:
    (item,) = _both(atom(_entry(json.dumps(WHOLE)))).items
    assert item.extension == READ
    assert item.upstream is not None
    assert [link.href for link in item.upstream.links] == [
        "https://a.example/1",
        "https://a.example/own",
    ]


def test_stranger_has_no_extension_whatever_the_format() -> None:
    (item,) = _both(atom(_entry(json.dumps(WHOLE))), STRANGER).items
    assert item.extension is None
    assert item.upstream is not None
    assert len(item.upstream.links) == 3
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [_json_item()]}
    (item,) = jsonfeed.parse(_document(json.dumps(feed)), STRANGER).items
    assert item.extension is None
    assert item.upstream is not None
    assert [link.href for link in item.upstream.links] == ["https://a.example/1"]


def _json_item(**more: Any) -> dict[str, Any]:
    return {
        "id": "urn:x-a:1",
        "url": "https://a.example/1",
        "title": "Title",
        "content_html": "Text",
        "_aggregator": {
            **WHOLE,
            "links": [
                {"rel": "related", "href": "https://a.example/other"},
                {"rel": "via", "href": "https://a.example/own", "hreflang": "de"},
                {"rel": "via", "href": "javascript:alert(1)"},
                "https://a.example/no-link",
            ],
            **more,
        },
    }


def test_json_feed_has_the_same_extension_and_the_other_links() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [_json_item()]}
    (item,) = jsonfeed.parse(_document(json.dumps(feed)), BOUNDS).items
    assert item.extension == READ
    assert item.upstream is not None
    assert [(link.rel, link.href, link.hreflang) for link in item.upstream.links] == [
        ("alternate", "https://a.example/1", None),
        ("via", "https://a.example/own", "de"),
    ]


def test_agency_of_an_atom_entry_is_the_category_with_the_feed_of_its_source() -> None:
    source = f"<source><id>{feed_id('us-jcs')}</id><title>Joint Chiefs</title></source>"
    terms = '<category term="nato"/><category term="us-jcs"/><category term="speech"/>'
    (item,) = _both(atom(_entry("", more=terms + source))).items
    assert item.extension == Extension(agency="us-jcs", names=(("us-jcs", "Joint Chiefs"),))
    other = source.replace(feed_id("us-jcs"), "urn:x-a:feed")
    (item,) = _both(atom(_entry("", more=terms + other))).items
    assert item.extension == Extension()


def test_element_of_another_namespace_is_not_the_extension() -> None:
    body = atom(_entry(json.dumps(WHOLE)).replace(EXTENSION_NAMESPACE, "urn:x-other:namespace"))
    (item,) = _both(body).items
    assert item.extension == Extension()


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", "null", "[" * 5_000, '{"a":' * 5_000, "{}" + " " * LONGEST]
)
def test_text_that_is_no_object_states_nothing(text: str) -> None:
    assert from_text(text) == {}
    assert extension_of(from_text(text)) == Extension()


def test_long_lists_and_names_are_bounded() -> None:
    found = extension_of(
        {
            "agency": "nato",
            "also_by": [f"a{n}" for n in range(10_000)],
            "names": {"nato": "N" * 100_000, **{f"a{n}": "x" for n in range(10_000)}},
            "revised": [f"2024-05-{n % 28 + 1:02}T10:00:{n % 60:02}Z" for n in range(10_000)],
            "dating": {"basis": "stated", "evidence": "e" * 100_000},
        }
    )
    assert len(found.also_by) <= MOST_AGENCIES
    assert len(dict(found.names)["nato"]) <= 200
    assert len(found.revised) <= MOST_REVISIONS
    assert len(found.evidence) <= 400


@pytest.mark.parametrize("agency", ["../etc", "all", "con", "nul.txt", "a b", "", "é", "x" * 101])
def test_agency_that_cannot_name_a_file_is_none(agency: str) -> None:
    assert extension_of({"agency": agency, "also_by": [agency]}) == Extension()


@settings(max_examples=150)
@given(plain_json | members)
def test_any_json_is_read_without_an_error(found: Any) -> None:
    extension = extension_of(found)
    related_addresses(found)
    if extension.earliest and extension.latest:
        assert extension.earliest <= extension.latest
    assert extension.basis in (None, "upstream", "stated", "inferred", "first-seen")
