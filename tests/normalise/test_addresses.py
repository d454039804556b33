"""Web addresses: hosts, credentials, and what is displayed of them."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.normalise.addresses import (
    display_address,
    host_of,
    redact,
    userinfo,
    with_credentials,
    without_credentials,
)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=300))
def test_addresses_for_people(user: str, password: str, path: str) -> None:
    """An address is shown on one line, printable, short and without its credentials."""
    secret = f"{quote(user, safe='')}:{quote(password, safe='')}@"
    text = display_address(f"https://{secret}example.org/{path}")
    assert text.startswith("https://example.org/")
    assert text.isprintable()
    assert len(text) <= 200


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
