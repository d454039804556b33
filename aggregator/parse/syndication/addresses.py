"""Addresses in a feed: made absolute, one by one and within HTML.

Takes addresses as found and the base they are relative to (RFC 3986, section 5; ``xml:base``);
gives them joined as feedparser joins them.  Which of them may be shown is for ``normalise``.
"""

import re
from urllib.parse import urljoin

_SLASHES = re.compile(r"\A([A-Za-z][A-Za-z0-9+.,-]*://)/+")
# What joining does not change, whatever the base: most addresses, and joining costs 20 times more.
_WHOLE = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[^\s;?#]*)?(?:\?[^\s#]+)?(?:#\S+)?|(?:tag|urn):[^\s\[\]]+"
)
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_SCHEMES = frozenset(
    "file ftp gopher h323 hdl http https imap magnet mailto mms news nntp prospero rsync rtsp rtspu"
    " sftp shttp sip sips snews svn svn+ssh telnet wais aim callto cvs facetime feed git gtalk irc"
    " ircs irc6 itms msnim skype ssh smb ymsg".split()
)  # the schemes that feedparser lets an address in HTML have after joining

_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_ADDRESS = re.compile(
    r"""(\s(?:href|src|HREF|SRC)\s*=\s*)(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>=`]+))"""
)


def joined(base: str, address: str) -> str:
    """``address`` relative to ``base``, either of which may be empty; empty where it is none."""
    if _WHOLE.fullmatch(address):
        return address
    try:
        return urljoin(base, _SLASHES.sub(r"\1", address))
    except ValueError:
        return ""


def rebased(base: str, address: str) -> str:
    """The base that ``xml:base="address"`` makes within ``base``."""
    return _fit(base, address) or base if base else joined(base, address)


def _fit(base: str, address: str) -> str:
    """``address`` joined to ``base``, or empty where that is no address to fetch or write to."""
    whole = joined(base, address) if address else base
    return whole if whole.partition(":")[0] in _SCHEMES else ""


def is_web(address: str) -> bool:
    """Whether ``address`` is an absolute http or https one."""
    return _WEB.match(address) is not None


def with_absolute_addresses(html: str, base: str) -> str:
    """``html`` with its relative ``href`` and ``src`` joined to ``base``, all else as found."""
    if not base or not _may_be_relative(html):
        return html
    return _TAG.sub(lambda tag: _ADDRESS.sub(lambda found: _absolute(found, base), tag[0]), html)


def _may_be_relative(html: str) -> bool:
    """Whether to look closely, which costs ten times as much, and which few texts need.

    Attributes in capitals are looked for where none is in small letters.
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
            whole = _fit(base, address.strip()) or address
            return f"{found[1]}{quote}{whole}{quote}"
    return found[0]
