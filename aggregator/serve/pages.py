"""The pages that are made when asked for, one function each: data in, HTML out.

Nothing that comes in is trusted: all of it is escaped here.  There is no script and no style within
a page, which the content policy would refuse (``media.PAGE_POLICY``).
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from aggregator.serve.media import FEED_ENDINGS, media_of
from aggregator.write.names import page_name

_KINDS = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


def index_page(names: Iterable[str]) -> bytes:
    """The feeds there are, for people and for autodiscovery; ``names`` are files."""
    feeds = [name for name in names if name.rpartition(".")[2] in FEED_ENDINGS]
    links = "".join(_autodiscovery(name) for name in feeds)
    rows = "".join(f'<li><a href="{quote(name)}">{escape(name)}</a></li>' for name in feeds)
    body = f"<ul>{rows}</ul>" if rows else "<p>There are no feeds yet.</p>"
    return _page("Feeds", body + _search_form("") + '<p><a href="status">Status</a></p>', links)


def _autodiscovery(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    kind = media_of(name).type.decode()
    title = escape(f"{stem} ({_KINDS[ending]})")
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{quote(name)}">'


def search_page(query: str, entries: Sequence[Mapping[str, Any]]) -> bytes:
    """What was found, best first; entries are as ``entries --json`` has them."""
    found = "".join(
        f'<li><a href="{escape(_address(entry))}">{escape(str(entry["title"]))}</a><br>'
        f"{escape(str(entry['published'])[:10])}, {escape(str(entry['agency']))}</li>"
        for entry in entries
    )
    if query and not found:
        found = "<p>Nothing was found.</p>"
    elif found:
        found = f"<ol>{found}</ol>"
    return _page(f"Search: {query}" if query else "Search", _search_form(query) + found)


def _address(entry: Mapping[str, Any]) -> str:
    """Where an entry can be read: upstream, or the page of it that we write."""
    for link in entry.get("links", ()):
        address = str(link.get("href", ""))
        if link.get("rel") == "alternate" and address.startswith(("https://", "http://")):
            return address
    return page_name(str(entry["id"]))


def _search_form(query: str) -> str:
    return (
        '<form action="search" role="search"><label for="q">Words</label> '
        f'<input type="search" id="q" name="q" value="{escape(query)}"> '
        "<button>Search</button></form>"
    )


_SOURCE_COLUMNS = ("id", "result", "last_success", "next_due", "failures", "entries", "error")
_AGENCY_COLUMNS = ("id", "name", "entries", "newest")


def status_page(status: Mapping[str, Any]) -> bytes:
    """How sources and agencies are doing; ``status`` is as ``status --json`` has it."""
    tables = _table("Sources", _SOURCE_COLUMNS, status.get("sources", ()))
    return _page("Status", tables + _table("Agencies", _AGENCY_COLUMNS, status.get("agencies", ())))


def _table(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    head = "".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(row.get(name))}</td>' for name in columns)}</tr>"
        for row in rows
    )
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    return "" if value is None else escape(str(value))


def _page(title: str, body: str, head: str = "") -> bytes:
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title>{head}</head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )
    return text.encode("utf-8", "replace")
