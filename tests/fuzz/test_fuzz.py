"""Damaged digests, feeds, lists, pages and configurations: read in part or refused in one line.

A few hundred examples, always the same, with the other tests; thousands of new ones by ``just
fuzz``, which prints how to repeat what fails.
"""

import re
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import Source, load
from aggregator.config.append import NewSource, append_sources
from aggregator.errors import ConfigError, ParseError
from aggregator.ingest.jobs import Job, ReadDocument, Rules, Unreadable
from aggregator.ingest.read import read
from aggregator.model import Problem
from aggregator.normalise.agency import Agencies
from aggregator.normalise.links import url_problem
from aggregator.normalise.markup import body_from_html
from aggregator.normalise.text import clean, one_line
from aggregator.output.formats.opml import Outline, opml
from aggregator.parse import opml as opml_parser
from aggregator.parse.discovery import feed_addresses
from tests.support.attacks import ATTACKS, active_parts
from tests.support.damage import damaged
from tests.support.feeds import ADDRESS, feed
from tests.support.project import CONFIG, FIRST, NATO, ROOT, SECOND, make_project
from tests.support.validation import atom_complaints, json_feed_complaints, rss_complaints

WHOLE_RUNS = max(10, settings.default.max_examples // 10) if settings.default else 10
"""A whole run costs a hundred times what reading does."""

DIGESTS = [FIRST.encode(), SECOND.encode()]
DIGESTS += [path.read_bytes() for path in sorted((ROOT / "seeds").glob("*.txt"))]
FEEDS = [path.read_bytes() for path in sorted((ROOT / "tests/data/feeds").glob("*.xml"))]
JSON_FEEDS = [
    b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Agency", "language": "en",
"home_page_url": "https://e.example/", "feed_url": "https://e.example/feed.json",
"authors": [{"name": "Press Office", "url": "https://e.example/press"}],
"items": [
{"id": "1", "url": "https://e.example/1", "title": "Lamp lit", "tags": ["light", "sea"],
 "content_html": "<p>The <b>lamp</b>", "date_published": "2024-03-05T08:00:00+01:00",
 "attachments": [{"url": "https://e.example/a.pdf", "mime_type": "application/pdf",
  "size_in_bytes": 12345}]},
{"id": "2", "external_url": "https://f.example/", "content_text": "Plain\\n\\nwords",
 "summary": "x", "date_modified": "2024-03-06T08:00:00Z", "image": "https://e.example/i.png"}]}"""
]
LISTS = [
    opml(
        "My feeds",
        [
            Outline(address="https://a.example/?a=1&b=2", title="A & B", folder="News"),
            Outline(address="https://b.example/feed", title="B", folder="News"),
        ],
    )
]
CONFIGURATIONS = [CONFIG.encode(), (ROOT / "config.toml").read_bytes()]
PAGES = [
    b"<html><head><title>T</title><link rel=alternate type=application/rss+xml href=/feed></head>"
    b"<body><h1>News</h1><table><tr><td>x</table><pre>a\nb</pre><ul><li>1<ul><li>2</ul></ul>",
    *(attack.encode("utf-8", "surrogatepass") for attack in ATTACKS[:: len(ATTACKS) // 60]),
]

DIGEST_MARKS = ("\n\nSource: NATO\n\n", "Source:", "Date: 2024-02-30\n", "Link: x\n", "  • ")
FEED_MARKS = (
    "<item>", "</item>", "<entry>", "<title type='xhtml'>", "<guid isPermaLink='x'>", "<link/>",
    "<pubDate>", "<content:encoded>", "xml:base='http://['", "xmlns='x'", "<!DOCTYPE x [",
    "xmlns:a=''", "<enclosure url='x' length='-1'/>", "<?xml version='1.0' encoding='utf-7'?>",
    "<media:content/>",
)  # fmt: skip
JSON_MARKS = ("[]", "{}", '{"id": {}}', "[[[[", "true", '"date_published": 5,', "\\ud800", "1e400")
TOML_MARKS = (
    "[[sources]]\n", "[[agencies]]\n", "[fetch]\n", "id = 'x'\n", "location = 'https://e.example/'\n",
    "interval = '1s'\n", "[[feeds]]\nid = 'a'\n", "base_url = 'x'\n", "= 1979-05-27T07:32:00Z\n",
    "'''", "[websub]\nhub = 'https://h.example/'\n", "include = ['/(a+)+/']\n",
    "timeout = '999999999d'\n",
)  # fmt: skip


VALIDATORS: dict[str, Callable[[bytes, str], Iterable[str]]] = {
    "atom": atom_complaints,
    "rss": partial(rss_complaints, titles=False),
    "json": json_feed_complaints,
}


# HTML that digests do not have: test_any_html says what is safe.  An exact time is never moved.
FORGIVEN = re.compile(
    r"element \w|attribute \w|\w+ is not closed|end of \w|href |two share updated"
)


class InThisProcess:
    """Stands in for the process in which the careful parser runs."""

    def call(self, work: Callable[..., Any], *args: Any, deadline: float) -> Any:
        """Call ``work`` here."""
        return work(*args)


RULES = Rules(
    agencies=Agencies([NATO]),
    hosts={},
    max_items=500,
    max_item_size=100_000,
    parse_timeout=5,
    document_timeout=60,
)
SOURCE = Source(id="s", location=ADDRESS)


_HARMLESS = ("<a href='mailto:", "<a href='tel:")


def check_reading(body: bytes, address: str | None) -> None:
    """Read a document twice: with the same result, whose parts are safe and in bounds."""
    document = feed(body, address=address)
    first, second = (
        read(Job(SOURCE, document), RULES, InThisProcess())  # type: ignore[arg-type]  # as it does
        for _ in range(2)
    )
    assert first == second
    if isinstance(first, Unreadable):
        assert first.problem.isprintable()
        return
    assert isinstance(first, ReadDocument)
    for problem in first.problems:
        assert problem.reason.isprintable(), problem
        assert 1 <= problem.lines[0] <= problem.lines[1], problem
    for prepared in first.prepared:
        entry = prepared.entry
        assert one_line(entry.title) == entry.title
        assert clean(entry.text) == entry.text
        # Links that we find in plain text have no rel; those of others have.
        found = (p for p in active_parts(entry.content_html) if not p.startswith(_HARMLESS))
        assert set(found) <= {"<a> without rel"}
        assert len(entry.text) <= RULES.max_item_size
        assert [link for link in entry.links if url_problem(link.href)] == []


@given(damaged(DIGESTS, DIGEST_MARKS))
def test_any_digest(body: bytes) -> None:
    """Nothing in a digest stops the reader."""
    check_reading(body, None)


@given(damaged(FEEDS, FEED_MARKS), st.sampled_from((None, ADDRESS)))
def test_any_feed(body: bytes, address: str | None) -> None:
    """Nothing in RSS or Atom stops the reader, whichever parser takes it."""
    check_reading(body, address)


@given(damaged(JSON_FEEDS, JSON_MARKS, most=3), st.sampled_from((None, ADDRESS)))
def test_any_json_feed(body: bytes, address: str | None) -> None:
    """Nothing in a JSON Feed stops the reader."""
    check_reading(body, address)


@given(damaged(PAGES))
def test_any_html(body: bytes) -> None:
    """HTML of a release is safe and stays as it is when it is sanitised again."""
    raw = body.decode("utf-8", "replace")
    made = body_from_html(raw, ADDRESS)
    assert active_parts(made.html) == []
    assert clean(made.html) == made.html
    assert body_from_html(made.html, ADDRESS) == made


@given(damaged(PAGES + FEEDS[:5]))
def test_any_page_with_a_feed(body: bytes) -> None:
    """Whatever a page names as its feed can be asked for."""
    for address in feed_addresses(body, ADDRESS, None):
        assert url_problem(address) is None


@given(damaged(LISTS, ("<outline", "xmlUrl='", "<body>", "</outline>", "type='rss'")))
def test_any_list_of_subscriptions(body: bytes) -> None:
    """What is read of an OPML list can be added to a configuration, which still loads."""
    try:
        subscriptions, problems = opml_parser.parse(body, "my.opml")
    except ParseError as error:
        subscriptions, problems = [], [Problem(lines=(1, 1), reason=str(error))]
    assert all(problem.reason.isprintable() for problem in problems)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.toml")
        file.write_text(CONFIG, encoding="utf-8")
        sources = [
            NewSource(id=f"s{number}", location=found.address, title=found.title or None)
            for number, found in enumerate(subscriptions)
        ]
        append_sources(load(file), sources)
        locations = [source.location for source in load(file).sources[1:]]
    assert locations == [found.address for found in subscriptions]


@given(damaged(CONFIGURATIONS, TOML_MARKS))
def test_any_configuration(body: bytes) -> None:
    """A configuration is taken or refused in lines that name the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.toml")
        file.write_bytes(body)
        try:
            load(file)
        except ConfigError as error:
            problems = error.problems
        else:
            return
    assert problems
    for problem in problems:
        assert problem.startswith(str(file))
        assert problem.isprintable(), problem


@settings(max_examples=WHOLE_RUNS)
@given(
    st.lists(damaged(DIGESTS, DIGEST_MARKS), min_size=1, max_size=2),
    st.lists(damaged(FEEDS, FEED_MARKS) | damaged(JSON_FEEDS, JSON_MARKS, most=2), max_size=2),
)
def test_a_whole_run(digests: list[bytes], feeds: list[bytes]) -> None:
    """What is written of any input is valid; nothing is written twice; ``doctor`` is content."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(
            Path(folder, "project"),
            {f"{number}.txt": body for number, body in enumerate(digests + feeds)},
        )
        ran = project.run("once")
        assert ran.code in (0, 1), ran.err
        assert all(line.isprintable() for line in ran.complaints), ran.err
        written = project.files()
        for name, body in written.items():
            address, form = f"http://localhost:8080/{name}", name.rpartition(".")[2]
            if form in VALIDATORS:
                found = VALIDATORS[form](body, address)
                assert [one for one in found if not FORGIVEN.match(one)] == [], name
        project.run("once")
        assert project.files() == written
        *faults, _ = project.run("doctor").out.splitlines()
        # A source whose only documents cannot be read is one, but not of the store.
        mild = re.compile("configuration: |.*for your information: ")
        assert [fault for fault in faults if not mild.match(fault)] == []
