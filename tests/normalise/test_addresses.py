"""Web addresses: hosts, credentials, and what is displayed of them."""

from urllib.parse import quote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.normalise import addresses
from aggregator.normalise.addresses import (
    canonical_address,
    display_address,
    host_of,
    redact,
    site_of,
    to_uri,
    userinfo,
    with_credentials,
    without_credentials,
)
from aggregator.normalise.links import url_problem


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=300))
def test_addresses_for_people(user: str, password: str, path: str) -> None:
    """An address is shown on one line, printable, short and without its credentials."""
    secret = f"{quote(user, safe='')}:{quote(password, safe='')}@"
    text = display_address(f"https://{secret}example.org/{path}")
    assert text.startswith("https://example.org/")
    assert text.isprintable()
    assert len(text) <= 200


@given(st.from_regex(addresses._DISPLAYED, fullmatch=True))
def test_address_shown_as_it_is(address: str) -> None:
    """The short way, and the long one, which a second line needs."""
    assume(len(address) < 194)
    assert display_address(address) == display_address(f"{address}\u2028").removesuffix("\\u2028")


@pytest.mark.parametrize(
    ("address", "configured", "expected"),
    [
        ("https://a.example/new", "https://u:p@a.example/old", "https://u:p@a.example/new"),
        ("https://a.example:443/new", "https://u:p@A.example/old", "https://u:p@a.example:443/new"),
        ("https://a.example/new", "https://a.example/old", "https://a.example/new"),
        ("https://b.example/new", "https://u:p@a.example/old", "https://b.example/new"),
        ("http://a.example/new", "https://u:p@a.example/old", "http://a.example/new"),
        ("https://a.example:8443/", "https://u:p@a.example/old", "https://a.example:8443/"),
        ("https://x@a.example/", "https://u:p@a.example/old", "https://x@a.example/"),
    ],
)
def test_credentials_for_a_learnt_address(address: str, configured: str, expected: str) -> None:
    """The configured credentials belong to a learnt address of the same origin, and no other."""
    assert with_credentials(address, configured) == expected


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://EXAMPLE.org./feed", "example.org:443"),
        ("http://u:p@example.org/", "example.org:80"),
        ("http://[2001:DB8::1]:8080/", "2001:db8::1:8080"),
        ("nonsense", ":0"),
        ("http://[", ":0"),
    ],
)
def test_one_host_has_one_key(address: str, host: str) -> None:
    """Case, a final dot, credentials and a default port make no difference."""
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://u:p@a.example/x@y", "https://a.example/x@y"),
        ("https://a.example?mail=me@b.example", "https://a.example?mail=me@b.example"),
        (
            "see https://u@a.example and http://v:w@b.example",
            "see https://a.example and http://b.example",
        ),
        ("feeds/*.txt", "feeds/*.txt"),
    ],
)
def test_text_without_credentials(text: str, expected: str) -> None:
    """Only the user and password are removed, as RFC 3986 delimits them."""
    assert without_credentials(text) == expected


def test_redacted_text_holds_no_misspelt_password() -> None:
    """A password whose reserved characters were not escaped is removed too."""
    assert redact("https://u:1?2#3@a.example/x") == "https://a.example/x"


def test_userinfo_of_an_address() -> None:
    """The credentials with their separator, or nothing."""
    assert userinfo("https://u:p@a.example/") == "u:p@"
    assert userinfo("https://a.example/u@x") == ""


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443?a#B", "https://example.org/?a#B"),
        ("http://example.org:0080/A", "http://example.org/A"),
        ("http://example.org:/", "http://example.org/"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("https://[::1]:443/x[1]?b[]=2#c#d", "https://[::1]/x%5B1%5D?b%5B%5D=2#c%23d"),
        ("https://example.org/a/./b/../c/..", "https://example.org/a/"),
        ("https://example.org/../a//../b/.", "https://example.org/a/b/"),
        ("https://example.org/%2e%2E/%c3%a9%7e?%2f#%3a", "https://example.org/%C3%A9~?%2F#%3A"),
        ("https://BÜCHER.example/Ä?Ö", "https://bücher.example/Ä?Ö"),
        ("https://example.org/.well-known/..a/.", "https://example.org/.well-known/..a/"),
        ("x-aggregator-base:/entries/A%c3.html", "x-aggregator-base:/entries/A%c3.html"),
        ("mailto:A@Example.org", "mailto:A@Example.org"),
        ("", ""),
    ],
)
def test_canonical_form_of_an_address(address: str, canonical: str) -> None:
    """Equal addresses have one form (RFC 3986, section 6.2), which is its own."""
    assert canonical_address(address) == canonical
    assert canonical_address(canonical) == canonical


@pytest.mark.parametrize(
    ("iri", "uri"),
    [
        (
            "https://bücher.example:8080/ä?ö#ü",
            "https://xn--bcher-kva.example:8080/%C3%A4?%C3%B6#%C3%BC",
        ),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),  # not strasse.example
        ("https://βόλος.example/", "https://xn--nxasmm1c.example/"),  # with its final sigma
        ("https://ΒΌΛΟΣ.example/", "https://xn--nxasmq6b.example/"),
        ("https://نامه\u200cای.example/", "https://xn--mgba3gch31f060k.example/"),  # a joiner
        ("https://☃.example/", "https://xn--n3h.example/"),  # by IDNA 2003
        ("https://user:p%40ss@bücher.example/", "https://user:p%40ss@xn--bcher-kva.example/"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("https://example.org/\ud800ä", "https://example.org/%C3%A4"),
    ],
)
def test_uri_of_an_iri(iri: str, uri: str) -> None:
    """RFC 3987, section 3.1, and RFC 5890 for the host."""
    assert to_uri(iri) == uri


@pytest.mark.parametrize(
    "address",
    [
        "https://xn--strae-oqa.example/",  # ß, which IDNA 2003 did not know
        "https://xn--nxasmm1c.example/",
        "https://xn--mgba3gch31f060k.example/",
        "https://xn--n3h.example/",
        "https://straße.example/a",
        "https://user:p%40ss@example.org/feed",
        "https://a_b.example.org/",
    ],
)
def test_addresses_with_odd_hosts(address: str) -> None:
    """Names of IDNA 2008, and of 2003, may be linked to."""
    assert url_problem(address) is None


@pytest.mark.parametrize(
    "address", ["https://xn--a.example/", "https://a..example/", "https://ex%41mple.org/"]
)
def test_hosts_that_do_not_exist(address: str) -> None:
    """A name that cannot be decoded, an empty label, an encoded host."""
    assert url_problem(address) is not None


@given(
    st.text("aw.-:/?#@[]1\nÄé", max_size=12),
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "//", ""]),
    st.sampled_from(["example.org", "www.example.org", "WWW.example.org", "www.", ""]),
)
def test_host_of_a_site_is_that_of_urlsplit(rest: str, scheme: str, host: str) -> None:
    """The quick way for usual addresses has the result of the general one."""
    address = f"{scheme}{host}{rest}"
    try:
        wanted = urlsplit(address).hostname
    except ValueError:
        wanted = None
    assert site_of(address) == (wanted.removeprefix("www.") if wanted else None)
