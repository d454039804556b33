"""Web addresses: the host one belongs to, the credentials in it, how to display and to write it.

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

_WEB = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)
_USUAL = re.compile(r"https?://[a-z0-9.-]+/[\w~!$&'()*+,;=:@/?.-]*", re.ASCII)
_HOST = re.compile(r"https?://([a-z0-9.-]+)(?::[0-9]+)?(?:/|\Z)", re.ASCII)
_DISPLAYED = re.compile(r"https?://[a-z0-9.:-]+/[\w~!$&'()*+,;=:/.-]*(?:\?[\w=&.-]+)?", re.ASCII)
_PORT = re.compile(r":([0-9]*)\Z")
_BRACKETS = str.maketrans({"[": "%5B", "]": "%5D"})
_TRIPLET = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")


def host_of(address: str) -> str:
    """Return the host of ``address`` with its port: ``example.org:443``."""
    parts = _split(address)
    return host_key(parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0))


def site_of(address: str) -> str | None:
    """Return the host of ``address`` without ``www.`` and port, None for none."""
    if (usual := _HOST.match(address)) is not None:  # urlsplit takes forty times as long
        return usual[1].removeprefix("www.")
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


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
    if len(address) <= _LONGEST_DISPLAYED and _DISPLAYED.fullmatch(address):
        return address  # many times faster
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


def valid_address(address: str) -> str:
    """Return ``address`` without brackets outside its host, and with one fragment (URL, 4.3).

    Character references by name are kept.
    """
    if "[" not in address and "]" not in address and address.count("#") < 2:
        return address
    found = _WEB.fullmatch(address)
    if found is None:
        return address
    scheme, host, path, query, fragment = found.groups("")
    fragment = fragment[:1] + fragment[1:].translate(_BRACKETS).replace("#", "%23")
    return f"{scheme}://{host}{(path + query).translate(_BRACKETS)}{fragment}"


def canonical_address(address: str) -> str:
    """Return an http or https address in the one form of its equals (RFC 3986, section 6.2).

    Scheme and host are in lower case, without the default port; the path is not empty and has no
    dot segments; only what has to be percent-encoded is, in upper case.  Others are unchanged.
    """
    if _USUAL.fullmatch(address) and "/." not in address:
        return address  # many times faster
    found = _WEB.fullmatch(_TRIPLET.sub(_necessary, valid_address(address)))
    if found is None:
        return address
    scheme, host, path, query, fragment = found.groups("")
    scheme = scheme.lower()
    port = _PORT.search(host)
    if port is not None and port[1].lstrip("0") in ("", str(PORTS[scheme])):
        host = host[: port.start()]
    user, at, host = host.rpartition("@")
    return f"{scheme}://{user}{at}{host.lower()}{_without_dots(path or '/')}{query}{fragment}"


def _necessary(triplet: re.Match[str]) -> str:
    sign = chr(int(triplet[1], 16))
    return sign if _UNRESERVED.fullmatch(sign) else triplet[0].upper()


def _without_dots(path: str) -> str:
    """Return a path without ``.`` and ``..`` (RFC 3986, section 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join([*kept, ""] if path.endswith(("/.", "/..")) else kept)


def to_uri(address: str) -> str:
    """Return an IRI as a URI (RFC 3987, section 3.1), its host in ASCII; a URI is unchanged."""
    if address.isascii():
        return address
    netloc = _split(address).netloc
    if not netloc.isascii():
        user, at, place = netloc.rpartition("@")
        host, colon, port = place.partition(":")
        try:
            host = ascii_host(host)
        except UnicodeError:
            host = quote(host)
        address = address.replace(netloc, f"{user}{at}{host}{colon}{port}", 1)
    return quote(address, safe=_ASCII, errors="ignore")  # lone surrogates have no encoding


def ascii_host(host: str) -> str:
    """Return the name of a host in ASCII, as browsers look it up: by IDNA 2008 and UTS 46.

    ``ß``, ``ς`` and joiners keep their meaning, and symbols, which IDNA 2003 permitted, are taken
    by its rules.  Raises ``UnicodeError`` where a label is empty, too long or wrongly encoded.
    """
    if host.isascii() and "xn--" not in host.lower():
        return host.encode("idna").decode()  # which checks its labels
    import idna

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        name = host.encode("idna")
        name.decode("idna")
        return name.decode()


def _split(address: str) -> SplitResult:
    """Return the parts of ``address``, or empty ones where it is not an address."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  the port is parsed only now, and may not be a number
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts
