"""Addresses without tracking parameters, and their canonical form."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.normalise.canonical import canonical_link, shown_link, strip_tracking
from aggregator.normalise.links import url_problem, web_address


@pytest.mark.parametrize(
    ("address", "stripped"),
    [
        ("https://e.example/a?utm_source=x&utm_medium=y", "https://e.example/a"),
        ("https://e.example/a?b=2&utm_source=x&a=1", "https://e.example/a?b=2&a=1"),
        ("https://e.example/a?UTM_Source=x&fbclid=1&gclid=2&b", "https://e.example/a?b"),
        ("https://e.example/?mc_cid=1&mc_eid=2#top", "https://e.example/#top"),
        ("https://e.example/?utm%5Fsource=1&q=utm_source", "https://e.example/?q=utm_source"),
        ("https://e.example/a#utm_source=rss&utm_medium=x", "https://e.example/a"),
        ("https://e.example/a#xtor=RSS-1", "https://e.example/a"),
    ],
)
def test_tracking_parameters_are_removed(address: str, stripped: str) -> None:
    """Tracking parameters are removed; the others keep their order."""
    assert strip_tracking(address) == stripped


@pytest.mark.parametrize(
    "address",
    [
        "https://e.example/a?b=1+2&c=%7e&d=%20&&e=&f&",
        "https://e.example/?",
        "https://e.example/a?x=%e9&id=7&ref=home&source=rss&cid=3",
        "https://e.example/utm_source=x?a#utm_source",
        "https://e.example/a#part=1&utm_source=x",
        "HTTPS://E.EXAMPLE:443/%61",
        "",
        "no address",
    ],
)
def test_other_parts_are_unchanged(address: str) -> None:
    """Everything else is unchanged, however odd."""
    assert strip_tracking(address) == address.replace("#utm_source", "")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://www.e.example/A/?utm_source=x", "http://www.e.example/A/"),
        (" https://e.example/a|b ", "https://e.example/a%7Cb"),
        ("mailto:a@e.example", None),
        ("javascript:alert(1)", None),
        ("/relative", None),
        ("https://", None),
        ("", None),
        ("\ud800", None),
    ],
)
def test_the_displayed_address(address: str, shown: str | None) -> None:
    """The displayed address works like the original."""
    assert shown_link(address) == shown


PAGES = [
    [
        "https://e.example/news/a?x=1&y=2",
        "http://e.example/news/a?x=1&y=2",
        "https://www.e.example/news/a?y=2&x=1",
        "https://E.EXAMPLE:443/news/a/?x=1&y=2#part",
        "http://e.example:80/news/./a?x=1&y=2&utm_campaign=z",
        "https://e.example./news/%61?x=%31&y=2&PHPSESSID=0af",
        "https://e.example/news/a;jsessionid=12?x=1&y=2&amp=1",
    ],
    [
        "https://e.example",
        "https://e.example/",
        "https://www.e.example/index.html",
        "http://e.example?",
    ],
    ["https://e.example/a?q=1+2", "https://e.example/a?q=1%202"],
    ["https://e.example/?q=a%26b", "https://e.example?q=a%26b#x"],
    ["https://bücher.example/ä", "https://xn--bcher-kva.example/%c3%a4"],
    ["https://e.example/b%e9", "https://e.example/b%E9/"],
    ["https://e.example/News/a"],
    ["https://e.example/news/a"],
    ["https://e.example/news/a?x=1"],
    ["https://e.example/news/a?x=2"],
    ["https://e.example/news/a?X=1"],
    ["https://e.example/news/a%2Fb"],
    ["https://e.example/news/a/b"],
    ["https://e.example/?q=a&b="],
    ["https://e.example:8080/"],
    ["https://news.e.example/"],
    ["https://www.example/"],
    ["https://example/"],
    ["https://e.example/index.php?id=1"],
    ["https://e.example/?id=1"],
    ["https://e.example/index.html?id=1"],
    ["https://e.example/#!/a"],
    ["https://e.example/#!/b"],
    ["https://e.example/#/b"],
    ["https://e.example/a/amp"],
    ["https://e.example/a"],
    ["https://e.example/a?amp=12"],
    ["https://e.example/a%3Fb"],
    ["https://e.example/a?b"],
    ["https://e.example/a%23b"],
]


def test_addresses_of_the_same_page() -> None:
    """All addresses of a page have one form, and different pages have different forms."""
    forms = [{canonical_link(address) for address in page} for page in PAGES]
    assert [len(form) for form in forms] == [1] * len(PAGES)
    assert len(set.union(*forms)) == len(PAGES)
    assert None not in set.union(*forms)


@pytest.mark.parametrize("address", ["", "x", "mailto:a@e.example", "https://", "ftp://e.example/"])
def test_text_that_is_not_an_address(address: str) -> None:
    """Text that is not a web address has no form."""
    assert canonical_link(address) is None


ADDRESSES = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(
        [
            *("e.example", "www.e.example", "WWW.www.e.example.", "u:p@E.example:80", "[::1]:443"),
            *("ä.example", "www.", "...", "x" * 70, "e.example:", "a_b.example", "u@@e.example"),
        ]
    ),
    st.lists(
        st.sampled_from(
            [
                *("/", "//", "/.", "/..", "?", "#", "#!", "#/", "&", "=", "%2f", "%25", "%2", "+"),
                *(";jsessionid=1", ";", "/index.html", "utm_a=1", "amp=1", "phpsessid=", "%e9"),
                *("%23", "%3F", "%26", "%3b", "%2e", "%20", "é", "a", "[", "'", "@", ":"),
            ]
        )
        | st.text(max_size=4),
        max_size=10,
    ).map("".join),
)


@given(ADDRESSES | st.text())
@example("http://e.example/a;jsessionid=1/index.html")
@example("http://www.www.e.example/")
def test_the_form_of_any_address(address: str) -> None:
    """The form is a fixed point, both forms are addresses, and nothing is raised."""
    form, shown = canonical_link(address), shown_link(address)
    assert (form is None) == (shown is None)
    if form is not None and shown is not None:
        assert canonical_link(form) == form
        assert canonical_link(shown) == form
        assert shown_link(shown) == shown
        assert url_problem(shown) is None


LABELS = st.sampled_from(["www", "a", "b-c", "1", "org", "xn--a", "-", "", "a" * 64, "é"])
PATHS = st.sampled_from(
    [
        "id=3",
        "utm_source=1",
        "amp=1",
        "phpsessid=2",
        "b=",
        "index.html",
        "~B_",
        "%41",
        *"/a..;%@[| ?=&",
    ]
)
COMMON = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.lists(LABELS, min_size=1, max_size=4).map(".".join),
    st.sampled_from(["", "/", "?", "#", ":80", ":0"]),
    st.lists(PATHS, max_size=6).map("".join),
)


@given(COMMON)
@example("http://www.e.example/a/index.html")
@example("http://e.example/a/../b")
@example("http://e.example/?phpsessid=2")
def test_common_addresses_have_the_form_of_any(address: str) -> None:
    """An address in capitals, or with a fragment, is read in full; its form is the same."""
    capital = address.replace("http", "HTTP", 1)
    assert (url_problem(address) is None) == (url_problem(capital) is None)
    found, same = web_address(address), web_address(capital)
    assert found == (same and same.replace("HTTP", "http", 1))
    if "#" not in address and web_address(address) is not None:
        assert canonical_link(address) == canonical_link(f"{address}#x")
