"""Web addresses, as far as the text of one goes: whose they are, and how they may be shown.

Light to import; what may be asked at all is ``http``'s and ``guard``'s to say.
"""

from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}
_LONGEST_SHOWN = 200


def host_of(address: str) -> str:
    """The host of ``address`` as turns and requests for peace know it: ``example.org:443``."""
    parts = _split(address)
    return host_key(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))


def host_key(name: str, port: int) -> str:
    """One name for one host: ``EXAMPLE.org.`` is ``example.org``."""
    return f"{name.rstrip('.').lower()}:{port}"


def with_credentials(address: str, configured: str) -> str:
    """``address`` with the user and password of ``configured``, where both are of one origin.

    For what was learnt from an answer (``permanent``, ``found``), which never holds credentials.
    """
    parts, known = _split(address), _split(configured)
    user, at, _ = known.netloc.rpartition("@")
    is_same = (parts.scheme, host_of(address)) == (known.scheme, host_of(configured))
    if not at or "@" in parts.netloc or not is_same:
        return address
    return parts._replace(netloc=f"{user}@{parts.netloc}").geturl()


def shown(address: str) -> str:
    """``address`` for people: without credentials, on one line, printable, not too long."""
    parts = _split(address)
    if parts.netloc:
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    else:
        address = address.rpartition("@")[2]  # whatever it is, it may begin with a password
    if not address.isprintable():
        address = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in address)
    return address if len(address) <= _LONGEST_SHOWN else address[: _LONGEST_SHOWN - 1] + "…"


def _split(address: str) -> SplitResult:
    """The parts of ``address``; empty ones where it is no address."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  the port is read only now, and may be none
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts
