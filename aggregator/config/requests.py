"""Read the keys that change the requests of a source: headers, cookie, user agent, proxy, CA file.

A value ``env:NAME`` is that of an environment variable.  The ``ValueError`` that says what is wrong
quotes no value, since each may be a secret (docs/decisions/secrets.md).
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, section 5.6.2
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]{0,8190}[\x21-\x7e])?")
_MOST_HEADERS = 50
_SCHEMES = ("http", "https", "socks5")
# Each is of the connection, of the body, or of what is remembered between two polls.
_OF_THE_CLIENT = re.compile(
    r"host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|accept-encoding|a-im"
    r"|content-.*|proxy-.*|if-.*|range|http2-settings|:.*"
)
_KEYS = {"user-agent": "user_agent", "cookie": "cookie"}


class Secret(str):
    """A text that is not shown where values are, as in a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return a text without the value."""
        return "'(secret)'"


def secret(value: object) -> Secret:
    """Return the value of a header, or that of the environment variable that ``env:`` names."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    origin = ""
    if value.startswith("env:"):
        name = value.removeprefix("env:")
        if not _VARIABLE.fullmatch(name):
            raise ValueError("must be the name of an environment variable after env:")
        if name not in os.environ:
            raise ValueError(f"the environment variable {name} is not set")
        value, origin = os.environ[name], f"the environment variable {name} "
    if not value:
        raise ValueError(f"{origin}is empty")
    if not _PRINTABLE.fullmatch(value):
        raise ValueError(
            f"{origin}must be printable ASCII on one line, without spaces around it, and at most"
            " 8,192 characters"
        )
    return Secret(value)


def headers(value: object) -> tuple[tuple[str, Secret], ...]:
    """Return the names and values of headers."""
    if not isinstance(value, dict):
        raise ValueError('must be a table, such as { Authorization = "env:NAME" }')
    if len(value) > _MOST_HEADERS:
        raise ValueError(f"may have {_MOST_HEADERS} headers")
    found: dict[str, tuple[str, Secret]] = {}
    for name, content in value.items():
        shown = ascii(name[:50])
        lower = name.lower()
        if lower in _KEYS:
            raise ValueError(f"{shown}: use the key {_KEYS[lower]}")
        if _OF_THE_CLIENT.fullmatch(lower):
            raise ValueError(f"{shown}: is set by the program for each request")
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{shown}: is not the name of a header")
        if lower in found:
            raise ValueError(f"{shown}: is there twice")
        try:
            found[lower] = name, secret(content)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return tuple(found.values())


def proxy(value: object) -> Secret:
    """Return the address of a proxy, which may hold a user and a password."""
    found = secret(value)
    try:
        parts = urlsplit(found)
        is_address = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be like http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT")
    if parts.scheme == "socks5" and find_spec("socksio") is None:
        raise ValueError("socks5 needs the package socksio, which is not installed")
    return found


def ca_file_problem(file: Path) -> str | None:
    """Return why ``file`` is not one of certificates, or None."""
    import ssl  # most configurations name no such file

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        return f"{file}: has no certificates in PEM"
    except OSError as error:
        return f"{file}: cannot be read: {error.strerror}"
    return None
