"""The parts of web addresses: the host one belongs to, the credentials in it, how to display it.

Takes addresses, or text that holds some; returns text.  Nothing here raises for what is not an
address.  Whether an address is fit to be followed is decided in ``links``, whether a connection to
it is allowed in ``fetch.guard``.
"""

import re
from urllib.parse import SplitResult, quote, urlsplit

PORTS = {"http": 80, "https": 443}
"""The schemes that are fetched, and their default ports."""

LAST_PORT = 65_535

_USERINFO = re.compile(r"//[^/?#\s]*@")  # RFC 3986, section 3.2
_LIKE_USERINFO = re.compile(r"//[^/\s]*@")  # people forget to escape the ? and # of a password
_LONGEST_DISPLAYED = 200
_ASCII = "".join(map(chr, range(128)))


def host_of(address: str) -> str:
    """Return the host of ``address`` with its port: ``example.org:443``."""
    parts = _split(address)
    return host_key(parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0))


def host_key(name: str, port: int) -> str:
    """Return the same text for every spelling of a host: ``EXAMPLE.org.`` is ``example.org``."""
    return f"{name.rstrip('.').lower()}:{port}"


def userinfo(address: str) -> str:
    """Return the credentials in ``address`` with the ``@`` behind them, or an empty text."""
    match = _USERINFO.search(address)
    return match[0][2:] if match else ""


def without_credentials(text: str) -> str:
    """Return ``text`` without the user and password of any address in it."""
    return _USERINFO.sub("//", text)


def redact(text: str) -> str:
    """Return ``text`` without anything that may be a password in an address, even misspelt."""
    return _LIKE_USERINFO.sub("//", text)


def with_credentials(address: str, configured: str) -> str:
    """Return ``address`` with the credentials of ``configured``, if both have one origin.

    For an address learnt from a response, which never holds credentials.
    """
    parts, known = _split(address), _split(configured)
    user, at, _ = known.netloc.rpartition("@")
    is_same = (parts.scheme, host_of(address)) == (known.scheme, host_of(configured))
    if not at or "@" in parts.netloc or not is_same:
        return address
    return parts._replace(netloc=f"{user}@{parts.netloc}").geturl()


def display_address(address: str) -> str:
    """Return ``address`` for people: without credentials, printable, on one line, not too long."""
    parts = _split(address)
    if parts.netloc:
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    else:
        address = address.rpartition("@")[2]  # whatever it is, it may begin with a password
    if not address.isprintable():
        address = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in address)
    if len(address) <= _LONGEST_DISPLAYED:
        return address
    return address[: _LONGEST_DISPLAYED - 1] + "…"


def to_uri(address: str) -> str:
    """Return an IRI as a URI (RFC 3987, section 3.1), its host in ASCII; a URI is unchanged."""
    if address.isascii():
        return address
    netloc = _split(address).netloc
    if not netloc.isascii():
        host, colon, port = netloc.partition(":")
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            host = quote(host)
        address = address.replace(netloc, f"{host}{colon}{port}", 1)
    return quote(address, safe=_ASCII)


def _split(address: str) -> SplitResult:
    """Return the parts of ``address``, or empty ones where it is not an address."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  the port is parsed only now, and may not be a number
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts
