"""All that is written of odd feeds is accepted by validators that are not this project's."""

from html import escape
from pathlib import Path

import pytest

from tests.output.test_feeds import FAULTS, SOUND
from tests.output.test_formats import JSON, JSON_FAULTS, RSS, RSS_FAULTS
from tests.support.feeds import rss
from tests.support.other_validators import needs_ruby, ruby_complaints, schema_complaints
from tests.support.project import CONFIG, ROOT, Project, make_project
from tests.support.validation import atom_complaints, json_feed_complaints, rss_complaints

TEXTS = [
    "<b>Bold</b> move", "&lt;b&gt;Bold&lt;/b&gt;", "R&amp;D", "R&amp;amp;D2", "1 < 2 > 0",
    "]]> ends", "</script> ends", "&#60;i&#62;", "&copy 2024", "a\u202eb\x85c", " ",
]  # fmt: skip
ADDRESSES = [
    "HTTP://EXAMPLE.org", "https://example.org:443/a", "https://example.org/a/../b/./c",
    "https://example.org/%c3%a9?q=%2f#x%3a", "https://example.org/a[1]?b[]=2", "//example.org/x",
    "https://example.org/a#b#c", "https://bücher.example/ä?ö#ü", "https://example.org/%7Euser",
    "https://example.org/a%zz", "https://example.org/a b", "javascript:alert(1)", "/relative",
    "https://user:secret@example.org/", "https://example.org:99999/", "https://[::1]:443/x",
    "https://EXAMPLE.ORG./", "https://straße.example/😀", "https://example.org:/x", "mailto:a@b.c",
]  # fmt: skip
IDS = [
    "tag:example.org:x", "tag:example.org,2004:x#y", "urn:x", "urn:isbn:1/2", "urn:x-y:a%zz", "12",
    "urn:foo:a b", "URN:FOO:bar", "urn:uuid:7", "doi:10.1/x", "https://x.example/[1]", "<b>", "é",
    "https://x.example:443/a/../b",
]  # fmt: skip
PERSONS = ["a@b.example", "a@b.example (Ada)", "Ada <a@b.example>", "<i>Ada</i> &amp; Bo", " "]
FILES = [("-1", "audio"), ("x", "a/b; c=d"), ("9" * 30, "A/B"), (" 12 ", ""), ("1,234", "a b/c")]
UNSET = ["1601-01-01", "1899-12-30", "1900-01-01", "1904-01-01", "1970-01-01"]  # zero of a clock
LANGUAGES = ["xx", "en-UK", "EN_us", "english", "iw", "x-klingon", "de-DE-1996", "qaa", "en-"]


def element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def odd_feeds() -> list[str]:
    """Return feeds in which every property of an item has every odd value."""
    items = [element("title", text) + element("description", f"{text} once more") for text in TEXTS]
    items += [element("title", f"Page {n}") + element("link", a) for n, a in enumerate(ADDRESSES)]
    items += [element("title", f"Name {n}") + element("guid", a) for n, a in enumerate(IDS)]
    items += [element("guid", address) + element("link", address) for address in ADDRESSES]
    items += [element("title", f"By {n}") + element("author", a) for n, a in enumerate(PERSONS)]
    items += [
        f'{element("title", f"File {n}")}<enclosure url="{ADDRESSES[n]}" length="{a}" type="{b}"/>'
        for n, (a, b) in enumerate(FILES)
    ]
    items += [
        element("title", f"Unset {n}") + element("pubDate", f"{day}T00:00:00Z")
        for n, day in enumerate(UNSET)
    ]
    titles = [element("title", f"Told in {n}") for n, _ in enumerate(LANGUAGES)]
    feeds = [rss(*items)]
    for title, language in zip(titles, LANGUAGES, strict=True):
        feeds.append(rss(title, channel=element("title", language) + element("language", language)))
    return [text.replace("\x85", "&#x85;") for text in feeds]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has read the sample feeds and the odd ones."""
    samples = [path.read_bytes() for path in sorted((ROOT / "tests/data/feeds").glob("*.xml"))]
    bodies = samples + [body.encode() for body in odd_feeds()]
    project = make_project(
        tmp_path_factory.mktemp("validity") / "project",
        {f"{number}.txt": body for number, body in enumerate(bodies)},
        config=f"entries_per_feed = 500\n{CONFIG}",
    )
    assert project.run("once").code in (0, 1)
    assert len(project.run("entries", "--json", "--limit", "999").json_lines) > 120
    return project


def in_format(project: Project, form: str) -> dict[str, bytes]:
    return {name: body for name, body in project.files().items() if name.endswith(f".{form}")}


@needs_ruby
def test_ruby_accepts_all_feeds(written: Project) -> None:
    """Ruby's parser finds nothing in Atom and RSS, archives and the feed of alarms included."""
    paths = [written.output / name for form in ("atom", "rss") for name in in_format(written, form)]
    assert any(path.parent.name == "archive" for path in paths)
    # It demands an author of a feed without entries.
    assert [one for one in ruby_complaints(paths) if "changes.atom" not in one] == []


def test_json_schema_accepts_all_feeds(written: Project) -> None:
    """The schema finds nothing in any JSON Feed."""
    feeds = in_format(written, "json")
    assert feeds
    for name, body in feeds.items():
        assert list(schema_complaints(body)) == [], name


def test_our_own_rules_accept_all_feeds(written: Project) -> None:
    """What the W3C's validator would report, as far as it is written down here, is not there.

    The HTML of feeds is not that of digests, and equal times are the publishers'.
    """
    forgiven = ("element ", "attribute ", "end of ", "two share updated", "href ")
    for form, complaints in (
        ("atom", atom_complaints),
        ("rss", lambda body, address: rss_complaints(body, address, titles=False)),
        ("json", json_feed_complaints),
    ):
        for name, body in in_format(written, form).items():
            found = complaints(body, f"http://localhost:8080/{name}")
            kept = [one for one in found if not one.startswith(forgiven)]
            assert [one for one in kept if not one.endswith("is not closed")] == [], name


@needs_ruby
def test_ruby_reports_faults(tmp_path: Path) -> None:
    """It is strict: of the faults that our own rules find it finds twenty, and none elsewhere."""
    without_extension = SOUND.replace(b'<x:y z="1">w</x:y>', b"")
    tables = (("atom", without_extension, FAULTS), ("rss", RSS, RSS_FAULTS))
    for form, sound, faults in tables:
        (tmp_path / f"sound.{form}").write_bytes(sound)
        for number, (right, wrong) in enumerate(faults.values()):
            (tmp_path / f"{number}.{form}").write_bytes(sound.replace(right, wrong))
    found = ruby_complaints(sorted(tmp_path.iterdir()))
    assert len(found) >= 20
    assert not any("sound" in one for one in found)


def test_json_schema_reports_faults() -> None:
    """It finds a third of the faults that our own rules find, and none in a sound feed."""
    sound = JSON.replace(b'"_x"', b'"_ext"')  # it demands two more signs
    assert list(schema_complaints(sound)) == []
    assert [*schema_complaints(sound.replace(b'"summary"', b'"excerpt"'))]
    reported = 0
    for right, wrong in JSON_FAULTS.values():
        try:
            reported += bool([*schema_complaints(sound.replace(right, wrong))])
        except ValueError:
            continue  # not JSON
    assert reported >= len(JSON_FAULTS) // 3
