"""The search without a server in Chromium: from a disk, from a host, and with script off."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree, html

from tests.store.test_search import EXAMPLES, HALF_TYPED, RELEASES
from tests.support.chromium import needs_chromium, shown
from tests.support.project import CONFIG, Project, make_project

pytestmark = [needs_chromium, pytest.mark.slow]

ATTACK = "<img src=x onerror=alert(1)> attack of the </script><script>alert(2)</script> quay"
TITLES = (ATTACK, "Geoană opens the Élysée", "שלום עולם: נמל חדש נפתח", "Endless " + "word" * 600)
NUMBERS = (
    "No release has these words in its title or its first lines.",
    "1 release, newest first.",
    *(f"{number} releases, newest first." for number in range(2, 6)),
)
TOLD = {
    "%E2%80%A6": "This query has no word to search for.",
    "AND%20(OR)": "This query has no word to search for.",
    "%E0%A4%A": "The address of this search is damaged; enter the words again.",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    titles = [*TITLES, *(f"Harbour notice number {number}" for number in range(300))]
    releases = "\n".join(
        f"{title}\n\nSource: NATO\nDate: 2024-0{5 - place // 84}-{28 - place % 84 // 3:02}\n\n"
        f"Text {place + 1000} of the keepers.\n"
        for place, title in enumerate(titles)
    )
    project = make_project(tmp_path_factory.mktemp("search"), {"a.txt": releases})
    project.write("config.toml", CONFIG)
    assert project.run("once").code == 0
    return project


class Handler(SimpleHTTPRequestHandler):
    """Serves files under the policy of the example for nginx."""

    def end_headers(self) -> None:
        if not self.path.startswith("/host.html"):
            self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[Callable[[Project], str]]:
    """Return a function that serves the files of a project at the address that it returns."""
    with ExitStack() as running:

        def serve(project: Project) -> str:
            handler = partial(Handler, directory=str(project.output))
            server = running.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            running.callback(thread.join)
            running.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


def searched(address: str, profile: Path) -> tuple[etree._Element, str]:
    """Return a page as Chromium shows it, and its messages."""
    page, messages = shown(address, profile, milliseconds=20_000)
    return html.document_fromstring(page), messages


def results(page: etree._Element) -> list[str]:
    return [item.text_content() for item in page.xpath("//ol[@id='results']//p[@class='title']")]


def said(page: etree._Element) -> str:
    return str(page.xpath("string(//*[@id='said'])"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("GEOANA elys*", ["Geoană opens the Élysée"]),
        ("attack quay", [ATTACK]),
        ("שלום", [TITLES[2]]),
        ("harbour elysee", []),
    ],
)
def test_search_from_a_disk(project: Project, tmp_path: Path, query: str, found: list[str]) -> None:
    """Words are found, whatever their case and accents, and shown as text."""
    address = f"{(project.output / 'search.html').as_uri()}?q={quote(query)}"
    page, messages = searched(address, tmp_path)
    assert results(page) == found, messages
    assert said(page) == NUMBERS[len(found)]
    assert page.xpath("//ol//img | //ol//script | //body//script") == []
    assert page.xpath("string(//input[@id='q']/@value)") in ("", query)
    for link in page.xpath("//ol//a/@href"):
        assert (project.output / link).is_file()


_HOST = """<!DOCTYPE html><meta charset="utf-8"/><body><script>
addEventListener("load", () => setTimeout(() => {
  document.getElementById("found").textContent = JSON.stringify(Array.from(frames, frame => [
    frame.document.getElementById("said").textContent,
    [...frame.document.querySelectorAll("#results .title")].map(title => title.textContent),
  ]));
}, 5000));
</script><pre id="found"></pre>%s</body>"""


def test_queries_find_what_the_store_finds(
    project: Project, host: Callable[[Project], str], tmp_path: Path
) -> None:
    """Phrases, ``OR``, ``NOT``, brackets and ``prefix*`` do what they do in ``aggregator search``;
    a query without a word, or with half of an escape, finds nothing and is told.
    """
    few = make_project(tmp_path / "few", {"a.txt": RELEASES})
    assert few.run("once").code == 0
    wanted = [(quote(query), titles) for query, titles in EXAMPLES]
    wanted += [(quote(query), {"Geoană"}) for query in HALF_TYPED]
    wanted += [(address, set()) for address in TOLD]
    addresses = [f"search.html?q={address}" for address, _ in wanted]
    frames = "".join(f'<iframe src="{escape(address)}"></iframe>' for address in addresses)
    (few.output / "host.html").write_text(_HOST % frames, encoding="utf-8")
    page, messages = searched(f"{host(few)}/host.html", tmp_path / "profile")
    found = json.loads(page.xpath("string(//*[@id='found'])") or "[]")
    assert len(found) == len(wanted), messages
    for (address, titles), (words, shown_titles) in zip(wanted, found, strict=True):
        assert {title.split()[0] for title in shown_titles} == titles, address
        assert words == TOLD.get(address, NUMBERS[len(titles)]), address


def test_search_from_a_host(
    project: Project, host: Callable[[Project], str], tmp_path: Path
) -> None:
    """The newest fifty at first, under a policy that allows no script but that of the site."""
    page, messages = searched(f"{host(project)}/search.html?q=harbour", tmp_path)
    assert "Content Security Policy" not in messages
    found = results(page)
    assert 50 <= len(found) < 300
    assert found == [f"Harbour notice number {number}" for number in range(len(found))]
    assert said(page) == f"{len(found)} releases so far, newest first."
    assert page.xpath("string(//*[@id='more']/button)") == "Search older releases"


def test_search_with_script_off(project: Project) -> None:
    """It says that it needs script, and names the command; there is no form that would not work."""
    page = etree.fromstring(project.files()["search.html"])
    (without,) = page.xpath("//*[@id='without']")
    assert without.get("hidden") is None
    assert "needs script" in "".join(without.itertext())
    assert "aggregator search" in "".join(without.itertext())
    (form,) = page.xpath("//*[local-name()='form']")
    assert form.get("hidden") == "hidden"


def test_part_that_is_missing_is_told(project: Project, tmp_path: Path) -> None:
    """A host that lost a part, or is away: one line, and what was found."""
    copy = project.copy(tmp_path / "copy")
    for part in (copy.output / "search").glob("*-*.js"):
        part.unlink()
    page, _ = searched(f"{(copy.output / 'search.html').as_uri()}?q=harbour", tmp_path / "profile")
    assert said(page) == "A part of the search could not be loaded; try again later."
