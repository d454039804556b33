"""Make addresses in a feed absolute, alone and within HTML.

Takes addresses as found and their base (RFC 3986, section 5; ``xml:base``); returns them resolved
as feedparser does.  ``normalise`` decides which of them are published.
"""

import re
from urllib.parse import urljoin

from aggregator.model.normal_form import stream_safe

_SLASHES = re.compile(r"\A([A-Za-z][A-Za-z0-9+.,-]*://)/+")
# Addresses that no base changes: most of them, and resolving takes 20 times as long.
_WHOLE = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[^\s;?#]*)?(?:\?[^\s#]+)?(?:#\S+)?|(?:tag|urn):[^\s\[\]]+"
)
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
SCHEMES = frozenset(
    "file ftp gopher h323 hdl http https imap magnet mailto mms news nntp prospero rsync rtsp rtspu"
    " sftp shttp sip sips snews svn svn+ssh telnet wais aim callto cvs facetime feed git gtalk irc"
    " ircs irc6 itms msnim skype ssh smb ymsg".split()
)  # the schemes that feedparser accepts in HTML

_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_ADDRESS = re.compile(
    r"""(\s(?:href|src|HREF|SRC)\s*=\s*)(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>=`]+))"""
)


def joined(base: str, address: str) -> str:
    """Return ``address`` resolved against ``base``; either may be empty, as may the result."""
    if _WHOLE.fullmatch(address):
        return address
    try:
        return urljoin(stream_safe(base), _SLASHES.sub(r"\1", stream_safe(address)))
    except ValueError:
        return ""


def rebased(base: str, address: str) -> str:
    """Return the base that ``xml:base="address"`` sets within ``base``."""
    return safe_joined(base, address) or base if base else joined(base, address)


def safe_joined(base: str, address: str) -> str:
    """Return ``address`` resolved against ``base``, or ``""`` for an unknown scheme."""
    whole = joined(base, address) if address else base
    return whole if whole.partition(":")[0] in SCHEMES else ""


def is_web(address: str) -> bool:
    """Return whether ``address`` is an absolute http or https address."""
    return _WEB.match(address) is not None


def with_absolute_addresses(html: str, base: str) -> str:
    """Return ``html`` with its ``href`` and ``src`` resolved against ``base``."""
    if not base or not _may_be_relative(html):
        return html
    return _TAG.sub(lambda tag: _ADDRESS.sub(lambda found: _absolute(found, base), tag[0]), html)


def _may_be_relative(html: str) -> bool:
    """Return whether to search tag by tag, which takes ten times as long; few texts need it.

    Attributes in upper case are considered where none is in lower case.
    """
    links, images = html.count("href"), html.count("src")
    if not links and not images:
        return "HREF" in html or "SRC" in html
    if links and links != html.count('href="http'):
        return True
    return images > 0 and images != html.count('src="http') + html.count("srcset")


def _absolute(found: re.Match[str], base: str) -> str:
    for group, quote in ((2, '"'), (3, "'"), (4, "")):
        address = found[group]
        if address is not None:
            whole = safe_joined(base, address.strip()) or address
            return f"{found[1]}{quote}{whole}{quote}"
    return found[0]
