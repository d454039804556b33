"""Digests in other forms from the file to the entries: one release is one entry in all of them."""

import textwrap

from aggregator.config import load
from aggregator.ingest.jobs import Job, ReadDocument, Unreadable, read_rules
from aggregator.ingest.read import read
from aggregator.ingest.sandbox import KillableProcess
from tests.support.project import Project, assert_clear_error, block, digest, document

BODY = (
    "The ministers met in the harbour and agreed on a long-term treaty, which nine countries of "
    "the north are to sign in spring.\n\n"
    "It is to save the herring; nobody had expected that after two years of talks had failed."
)
TITLE = "Ministers agree on the northern treaty"
OTHER = block("Forged notes seized in three ports", "Europol", "Officers counted them.")


def test_one_release_is_one_entry_in_every_form(project: Project) -> None:
    """Wrapped, quoted, in HTML and under another form of the header, it keeps its id."""
    wrapped = "\n\n".join(textwrap.fill(part, 72) for part in BODY.split("\n\n"))
    html = "".join(f"<p>{part}</p>" for part in BODY.split("\n\n"))
    quoted = textwrap.indent(digest(block(TITLE, "NATO", BODY), OTHER), "> ", lambda _: True)
    forms = [
        block(TITLE, "NATO", BODY),
        f"{block(TITLE, 'NATO', wrapped)}\n{OTHER}",
        f"# {TITLE}\n\n**SOURCE:** NATO\n\n{BODY}\n",
        f"<h2>{TITLE}</h2><p>Source: NATO</p>{html}",
        quoted,
    ]
    for number, form in enumerate(forms):
        project.write_digest(f"{number}.txt", form)
    report = project.run("once", "--json").json["sources"][0]
    assert (report["documents"], report["new"], report["merged"]) == (5, 2, 0)
    assert (report["rejected"], report["revised"]) == (0, 0)


def test_a_doubtful_line_is_reported_with_file_and_line(project: Project) -> None:
    """What looks like a header and is text is on standard error, and nothing counts as left out."""
    project.write_digest(
        "a.txt", digest(block(TITLE, "NATO", f"{BODY}\n\nSource: own count"), OTHER)
    )
    ran = project.run("once")
    assert "digests/a.txt: line 9: 'Source: own count' looks like a header" in ran.err
    assert "left out" not in ran.out


def test_a_day_in_a_file_name_bounds_its_releases(project: Project) -> None:
    """A release of a digest that is copied later was out on the day in the name of the file."""
    project.write_digest("2023-12-15.txt", digest(block(TITLE, "NATO", BODY), OTHER))
    project.run("once")
    for entry in project.run("entries", "--json").json_lines:
        assert entry["published"][:10] <= "2023-12-15"


def test_an_anniversary_in_the_heading_dates_no_release(project: Project) -> None:
    content = digest(block(TITLE, "NATO", BODY), OTHER)
    project.write_digest("a.txt", f"On this day: 15 December 1944\n\n{content}")
    project.run("once")
    assert {e["published"][:4] for e in project.run("entries", "--json").json_lines} == {"2024"}


def read_page(project: Project, content: str) -> ReadDocument | Unreadable:
    config = load(project.config)
    page = document(content)
    at = "https://example.org/digest"
    page = type(page)(
        source="digests",
        name=at,
        body=page.body,
        sha256=page.sha256,
        modified=page.modified,
        address=at,
        media_type="text/html",
    )
    rules = read_rules(config)
    return read(Job(config.sources[0], page), rules, KillableProcess())


def test_a_page_with_several_releases_is_a_digest(project: Project) -> None:
    """A page at an address is a digest; one that credits a source is a page without a feed."""
    one = f"<h2>{TITLE}</h2><p>Source: NATO</p><p>{BODY}</p>"
    found = read_page(
        project, f"<html><body>{one}{one.replace('Ministers', 'Envoys')}</body></html>"
    )
    assert isinstance(found, ReadDocument)
    assert len(found.prepared) == 2
    page = read_page(project, f"<html><body>{one}</body></html>")
    assert isinstance(page, Unreadable)
    assert "is a web page, and no feed was found" in page.problem


def test_format_feed_takes_feeds_of_any_kind_and_nothing_else(project: Project) -> None:
    """Under ``format = "feed"``, XML and JSON are read, and a digest is named as what it is not."""
    project.configure(
        project.config.read_text("utf-8").replace('*.txt"', '*.txt"\nformat = "feed"')
    )
    project.write(
        "digests/a.txt", b"<rss><channel><item><title>Forged notes</title></item></channel></rss>"
    )
    project.write(
        "digests/b.txt", b'{"version": "1.1", "items": [{"id": "1", "title": "Port closed"}]}'
    )
    project.write("digests/c.txt", block(TITLE, "NATO", BODY).encode())
    ran = project.run("once", "--json")
    report = ran.json["sources"][0]
    assert (report["documents"], report["new"], ran.code) == (2, 2, 1)
    assert_clear_error(ran, 1, "digests/c.txt", "no feed in it")
