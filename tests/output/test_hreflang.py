"""Pages of one release in several languages: each is kept, and the reader's own is opened."""

import json
from pathlib import Path

import pytest
from lxml import etree

from aggregator.parse.syndication import Bounds, parse, parse_carefully
from tests.support.project import MODIFIED, make_project
from tests.support.validation import atom_complaints, rss_complaints

ENTRY = """<entry xml:lang="{0}"><id>tag:press.example,2024:1</id><title>{1}</title>
<updated>2024-03-01T10:00:00Z</updated>
<link rel="alternate" type="text/html" hreflang="fr" href="https://press.example/fr"/>
<link rel="alternate" type="text/html" hreflang="de-AT" href="https://press.example/de"/>
<link rel="alternate" type="text/html" hreflang="en" href="https://press.example/en"/>
<link rel="alternate" type="text/html" hreflang="not a language" href="https://press.example/x"/>
<content type="text">{2}</content></entry>"""

GERMAN = ("Die Brücke ist offen", "Die Brücke über den Fluss ist seit heute wieder für alle offen.")
ENGLISH = ("The bridge is open", "The bridge over the river is open again for everybody today.")


def feed(language: str, title: str, text: str) -> str:
    entry = ENTRY.format(language, title, text)
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:press.example,2024:f</id>'
        f"<title>Press</title><updated>2024-03-01T10:00:00Z</updated>{entry}</feed>"
    )


@pytest.mark.parametrize(
    ("language", "words", "page"),
    [("de", GERMAN, "de"), ("en", ENGLISH, "en"), ("en-GB", ENGLISH, "en")],
)
def test_the_page_in_the_language_of_the_entry_is_first(
    tmp_path: Path, language: str, words: tuple[str, str], page: str
) -> None:
    """It is the link in RSS and JSON Feed; Atom has all, one of each language and type."""
    project = make_project(tmp_path / "project")
    project.configure('[[sources]]\nid = "feed"\nlocation = "feed.xml"\nagency = "un"\n')
    project.write("feed.xml", feed(language, *words))
    assert project.run("once").code == 0
    files = project.files()
    rss = etree.fromstring(files["all.rss"])
    assert [e.text for e in rss.iterfind(".//item/link")] == [f"https://press.example/{page}"]
    atom = etree.fromstring(files["all.atom"])
    links = {
        (e.get("rel"), e.get("hreflang")): e.get("href")
        for e in atom.iterfind(".//{*}entry/{*}link")
        if "press.example" in str(e.get("href"))
    }
    assert links["alternate", "fr"] == "https://press.example/fr"
    assert links["alternate", "de-AT"] == "https://press.example/de"
    assert links["alternate", "en"] == "https://press.example/en"
    assert [e["url"] for e in json.loads(files["all.json"])["items"]] == [
        f"https://press.example/{page}"
    ]
    base = "http://localhost:8080/"
    assert list(atom_complaints(files["all.atom"], f"{base}all.atom")) == []
    assert list(rss_complaints(files["all.rss"], f"{base}all.rss")) == []
    (shown,) = project.run("entries", "--json").json_lines
    assert shown["links"][0]["hreflang"].startswith(page)


def test_both_parsers_keep_the_language_of_a_link() -> None:
    """As it is written."""
    from hashlib import sha256

    from aggregator.model import Document

    body = feed("en", *ENGLISH).encode()
    document = Document(
        source="s", name="n", body=body, sha256=sha256(body).hexdigest(), modified=MODIFIED
    )
    bounds = Bounds(max_items=9, max_item_size=9999)
    quick, careful = parse(document, bounds), parse_carefully(document, bounds)
    assert quick is not None
    assert quick.items == careful.items
    assert quick.items[0].upstream is not None
    assert {"fr", "de-AT", "en"} < {link.hreflang for link in quick.items[0].upstream.links}
