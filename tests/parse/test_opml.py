"""OPML: subscriptions in good and bad lists, and the lists that this program writes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from aggregator.errors import ParseError
from aggregator.model import Problem
from aggregator.normalise.links import url_problem
from aggregator.normalise.text import one_line
from aggregator.output.formats.opml import Outline, opml
from aggregator.parse.opml import MAX_BYTES, MAX_ELEMENTS, Subscription, address_key, parse


def listed(*outlines: str) -> str:
    """Return a list of these outlines, the first of them on line 3."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"><body>'
    return "\n".join([head, *outlines, "</body></opml>"])


def read(content: str | bytes) -> tuple[list[Subscription], list[Problem]]:
    return parse(content if isinstance(content, bytes) else content.encode(), "my.opml")


def addresses(content: str | bytes) -> list[str]:
    return [found.address for found in read(content)[0]]


def titles(content: str | bytes) -> list[str]:
    return [found.title for found in read(content)[0]]


HARBOUR = '<outline text="Harbour" type="rss" xmlUrl="https://harbour.example/feed"/>'


def feed(number: int) -> str:
    return f'<outline text="Feed {number}" xmlUrl="https://feeds.example/{number}"/>'


def test_a_list_with_folders() -> None:
    """Feeds are in order, with title, home page, line and folders."""
    subscriptions, problems = read(
        listed(
            '<outline text="World"><outline text="North">',
            '<outline text="Ours" title="Theirs" type="rss" xmlUrl="https://a.example/rss"',
            ' htmlUrl="https://a.example/"/>',
            "</outline></outline>",
            HARBOUR,
        )
    )
    assert problems == []
    assert subscriptions == [
        Subscription(
            address="https://a.example/rss",
            title="Ours",
            home="https://a.example/",
            folders=("North", "World"),
            line=5,
        ),
        Subscription(address="https://harbour.example/feed", title="Harbour", line=7),
    ]


@pytest.mark.parametrize(
    "outline",
    [
        '<outline title="Harbour" xmlUrl="https://harbour.example/feed"/>',
        '<outline TEXT="Harbour" XMLURL="https://harbour.example/feed"/>',
        '<OUTLINE text="Harbour" xmlurl=" https://harbour.example/feed\n"/>',
        '<outline text="Harbour" type="RSS" url="https://harbour.example/feed"/>',
        '<outline text="Harbour" type="atom" xmlUrl="feed:https://harbour.example/feed"/>',
        '<outline text=" " title="Harbour" xmlUrl="feed://https://harbour.example/feed"/>',
        '<o:outline xmlns:o="http://opml.org/spec2" text="Harbour"'
        ' xmlUrl="https://harbour.example/feed"></o:outline>',
    ],
)
def test_feeds_as_readers_write_them(outline: str) -> None:
    """Case, namespace, the choice of attributes and the scheme ``feed:`` make no difference."""
    (found,), problems = read(listed(outline))
    assert (found.address, found.title) == ("https://harbour.example/feed", "Harbour")
    assert problems == []


def test_a_feed_scheme_without_another() -> None:
    """``feed://host/`` means http."""
    assert addresses(listed('<outline text="A" xmlUrl="FEED://a.example/x"/>')) == [
        "http://a.example/x"
    ]


def test_notes_and_links_are_not_feeds() -> None:
    """An outline without a feed's address is a folder or a note, and not a problem."""
    content = listed('<outline text="To read" type="link" url="https://a.example/"/>', HARBOUR)
    assert read(content) == read(content.replace(' type="link" url="https://a.example/"', ""))
    assert read(content)[1] == []


def test_a_list_within_a_list() -> None:
    """Another list is not fetched, which is reported."""
    _, (problem,) = read(
        listed('<outline text="More" type="include" url="https://a.example/more.opml"/>')
    )
    assert problem.lines == (3, 3)
    assert "'More'" in problem.reason


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("javascript:alert(1)", "javascript:"),
        ("file:///etc/passwd", "file:"),
        ("data:text/xml,x", "data:"),
        ("ftp://somebody:sesame@a.example/feed", "ftp:"),
        ("", "has no address"),
        ("a.example/feed", "does not start with http://"),
        ("//a.example/feed", "does not start with http://"),
        ("/etc/passwd", "does not start with http://"),
        ("https://", "is not an address"),
        ("http://somebody:sesame@[::1/feed", "is not an address"),
        ("https://a.example:port/", "is not an address"),
        ("https://a.example/" + "x" * 9000, "more than 8,000"),
    ],
)
def test_addresses_that_cannot_be_fetched(address: str, word: str) -> None:
    """An invalid address is reported with line, title and reason, but without its password."""
    content = listed(HARBOUR, f'<outline text="Odd" xmlUrl="{address}"/>', feed(1))
    subscriptions, (problem,) = read(content)
    assert [found.title for found in subscriptions] == ["Harbour", "Feed 1"]
    assert (problem.lines, problem.rejected) == ((4, 4), True)
    assert "'Odd'" in problem.reason
    assert word in problem.reason
    assert "sesame" not in problem.reason
    assert len(problem.reason) < 200


def test_a_title_that_is_an_address_with_a_password() -> None:
    """A problem does not repeat the password in a title."""
    _, (problem,) = read(
        listed('<outline text="ftp://somebody:sesame@a.example/" xmlUrl="ftp://a.example/"/>')
    )
    assert "ftp://a.example/" in problem.reason
    assert "sesame" not in problem.reason


def test_a_home_that_is_not_a_web_page() -> None:
    """A home page that cannot be linked to is dropped, but not its feed."""
    (found,), _ = read(listed(HARBOUR.replace("/>", ' htmlUrl="javascript:alert(1)"/>')))
    assert found.home is None


def test_credentials_stay_in_the_address() -> None:
    """Some feeds need them."""
    content = listed('<outline text="A" xmlUrl="https://somebody:sesame@a.example/"/>')
    assert addresses(content) == ["https://somebody:sesame@a.example/"]


def test_a_feed_in_two_folders() -> None:
    """It is one subscription in both folders, and the second outline is reported."""
    (found,), (problem,) = read(
        listed(
            '<outline text="One">',
            '<outline text="A" xmlUrl="https://a.example"/>',
            '</outline><outline text="Two">',
            '<outline text="B" xmlUrl="HTTPS://A.example:443/#top"/>',
            "</outline>",
        )
    )
    assert (found.address, found.title, found.folders) == ("https://a.example", "A", ("One", "Two"))
    assert (problem.lines, problem.rejected) == ((6, 6), False)
    assert "line 4" in problem.reason


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("http://A.example/", "http://a.example:80", True),
        ("https://a.example./x", "https://www.a.example/x/#y", True),
        ("https://[2001:DB8::1]:443/", "https://[2001:db8::1]/", True),
        ("http://a.example/", "https://a.example/", True),
        ("http://a.example/", "http://a.example:8080/", False),
        ("http://a.example/x", "http://a.example/X", False),
        ("http://a.example/?x", "http://a.example/?y", False),
        ("http://u:p@a.example/", "http://U:p@a.example/", False),
    ],
)
def test_addresses_of_one_feed(one: str, other: str, equal: bool) -> None:
    """Equivalent addresses are one feed; that of another user is another feed."""
    assert (address_key(one) == address_key(other)) is equal


def test_markup_in_titles() -> None:
    """A title is text: markup is removed, and text that resembles markup is kept."""
    content = listed(
        '<outline text="&lt;b&gt;Bold&lt;/b&gt; &amp;amp; 3 &lt; 4" xmlUrl="https://a.example/"/>'
    )
    assert titles(content) == ["Bold &amp; 3 < 4"]


def test_ampersands_that_are_not_escaped() -> None:
    """Unescaped ampersands, a common error, do not change addresses; HTML entities are decoded."""
    content = listed(
        '<outline text="A & B&eacute;&nope;" xmlUrl="https://a.example/?a=1&b=2&lt=3"/>'
    )
    (found,), problems = read(content)
    assert found.address == "https://a.example/?a=1&b=2&lt=3"
    assert found.title == "A & Bé&nope;"
    assert problems == []


@pytest.mark.parametrize(
    "sign", ["\x01", "\x00", "\x1b", "\ufffe", "&#1;", "&#x0;", "&#xD800;", "&#9999999;"]
)
def test_characters_that_xml_forbids(sign: str) -> None:
    """They are removed, literal or as references."""
    assert read(listed(HARBOUR.replace("rb", f"r{sign}b"))) == read(listed(HARBOUR))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", ["utf-8", "utf-16"])
def test_unicode_encodings(encoding: str, declared: str) -> None:
    """Each is recognised by its first bytes, whatever the list declares."""
    content = listed(HARBOUR.replace("Harbour", "Hafen Köln — Εύξεινος"))
    body = content.replace("UTF-8", declared).encode(encoding)
    assert read(body) == read(content)


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("iso-8859-1", "iso-8859-1"),
        ("windows-1252", "windows-1252"),
        ("utf-8", "windows-1252"),
        ("no-such-thing", "utf-8"),
        ("punycode", "utf-8"),
        ("us-ascii", "utf-8"),
    ],
)
def test_other_encodings(declared: str, encoding: str) -> None:
    """The declared encoding is used where it is possible."""
    content = listed(HARBOUR.replace("Harbour", "Café")).replace("UTF-8", declared)
    assert titles(content.encode(encoding)) == ["Café"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        (" \n\ufeff\n", "is empty"),
        (
            "<!DOCTYPE html>\n<html><body><p>Not found</p></body></html>",
            "line 2: is not OPML.*html",
        ),
        ('<rss version="2.0"><channel/></rss>', "line 1: is not OPML.*rss"),
        ("Some text & more.", "line 1: is not OPML"),
        ('{"opml": []}', "line 1: is not OPML"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 1: is not OPML"),
        (b"x" * (MAX_BYTES + 1), "has more than"),
    ],
)
def test_files_that_are_not_opml(content: str | bytes, reason: str) -> None:
    """The error is one line with the name of the file."""
    with pytest.raises(ParseError, match=f"^my.opml: {reason}") as caught:
        read(content)
    assert str(caught.value).isprintable()


LAUGHS = "<!DOCTYPE opml [\n<!ENTITY a 'ha'>{}]>".format(
    "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12))
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "doctype",
    [
        LAUGHS,
        '<!DOCTYPE opml [\n<!ENTITY m SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE opml [\n<!ENTITY % m SYSTEM "http://127.0.0.1/x.dtd"> %m;]>',
        '<!DOCTYPE opml [\n<!ENT\ufffeITY m "hidden">]>',
        '<!DOCTYPE opml [\n<!ENT\x01ITY m "hidden">]>',
        '<!DOCTYPE opml [\n<!ATTLIST outline text CDATA "filled in">]>',
    ],
)
def test_declarations_are_rejected(doctype: str, encoding: str) -> None:
    """A list that declares entities or attributes is rejected in any encoding."""
    body = f'{doctype}<opml><body><outline text="&m;" xmlUrl="https://a.example/"/></body></opml>'
    with pytest.raises(ParseError, match="line 2: declares"):
        read(body.encode(encoding))


def test_an_external_doctype_is_not_loaded() -> None:
    """An external DTD is not loaded, and defines no entity."""
    content = listed(HARBOUR.replace("Harbour", "&secret;")).replace(
        "\n", '\n<!DOCTYPE opml SYSTEM "file:///etc/passwd">', 1
    )
    assert titles(content) == ["&secret;"]


def test_too_many_outlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer list is rejected, with the line at which the limit was exceeded."""
    assert MAX_ELEMENTS == 20_000
    monkeypatch.setattr("aggregator.parse.opml.MAX_ELEMENTS", 2_000)
    most = 2_000 - len(["opml", "body"])
    with pytest.raises(ParseError, match=f"line {3 + most}: holds more than 2,000"):
        read(listed(*map(feed, range(10_000))))
    assert len(addresses(listed(*map(feed, range(most))))) == most


def test_nested_10_000_deep() -> None:
    """The feeds before are kept, and a problem reports the rest."""
    content = listed(HARBOUR, '<outline text="f">' * 10_000 + feed(1) + "</outline>" * 10_000)
    subscriptions, (problem,) = read(content)
    assert [found.title for found in subscriptions] == ["Harbour"]
    assert problem.lines == (4, 4)
    assert "depth" in problem.reason


def test_forty_thousand_attributes() -> None:
    """They are ignored, and the address among them is found."""
    many = " ".join(f'a{number}=""' for number in range(40_000))
    assert titles(listed(HARBOUR.replace(" type", f" {many} type"))) == ["Harbour"]


def test_a_title_of_a_million_characters() -> None:
    """It is cut."""
    (title,) = titles(listed(HARBOUR.replace("Harbour", "Harbour " * 125_000)))
    assert title.startswith("Harbour Harbour")
    assert len(title) <= 300


@pytest.mark.parametrize("size", range(0, len(listed(HARBOUR, feed(1))), 7))
def test_a_list_cut_anywhere(size: int) -> None:
    """Everything before the cut is read, but no partial address, and the cut is reported."""
    content = listed(HARBOUR, feed(1))
    before = [
        number for number in (HARBOUR, feed(1)) if content.index(number) + len(number) <= size
    ]
    try:
        subscriptions, problems = read(content[:size])
    except ParseError:
        assert size < content.index(HARBOUR)
    else:
        whole = [found.address for found in subscriptions]
        assert whole in (addresses(content)[: len(before)], addresses(content)[: len(before) + 1])
        assert not problems[-1].rejected


def test_malformed_in_one_place() -> None:
    """The feeds after an error are read too, and its line is reported."""
    content = listed(HARBOUR, '<outline text="A < B" xmlUrl="https://a.example/"/>', feed(1))
    subscriptions, (problem,) = read(content)
    assert [found.title for found in subscriptions][::2] == ["Harbour", "Feed 1"]
    assert (problem.lines, problem.rejected) == ((4, 4), False)


@given(st.binary() | st.text().map(lambda text: listed(text).encode()))
@example(b"\xff\xfe<\x00")
@example(b"\0<")
def test_any_file_is_read_or_rejected(body: bytes) -> None:
    """Any file is read or rejected with one line, and its addresses can be fetched."""
    try:
        subscriptions, problems = parse(body, "my.opml")
    except ParseError as error:
        told = [str(error)]
    else:
        told = [problem.reason for problem in problems]
        assert all(url_problem(found.address) is None for found in subscriptions)
    assert all(line.isprintable() for line in told)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(TEXT, TEXT)
@example("<b>", "\x01\x85")
@example("&amp;amp;", "]]>")
def test_any_title_survives_export_and_import(title: str, folder: str) -> None:
    """The list of any title is well-formed, and reading it returns the title."""
    written = opml(title, [Outline(address="https://a.example/", title=title, folder=folder)])
    root = etree.fromstring(written)
    assert root.findtext("head/title") == one_line(title)
    (outline,) = root.findall("body/outline/outline")
    assert outline.get("text") == outline.get("title") == one_line(title)


def test_the_exported_list() -> None:
    """Feeds without a folder are first, then each folder once, with what readers need."""
    written = opml(
        "R&D",
        [
            Outline(address="https://a.example/1?a=1&b=2", title="One", folder="North"),
            Outline(address="https://a.example/2", title="Two", folder="South"),
            Outline(address="https://a.example/3", title="Three", home="https://a.example/"),
            Outline(address="https://a.example/4", title="Four", folder="North"),
        ],
    )
    assert written.decode().splitlines() == [
        "<?xml version='1.0' encoding='utf-8'?>",
        '<opml version="2.0">',
        "  <head>",
        "    <title>R&amp;D</title>",
        "  </head>",
        "  <body>",
        '    <outline text="Three" title="Three" type="rss" xmlUrl="https://a.example/3"'
        ' htmlUrl="https://a.example/"/>',
        '    <outline text="North" title="North">',
        '      <outline text="One" title="One" type="rss"'
        ' xmlUrl="https://a.example/1?a=1&amp;b=2"/>',
        '      <outline text="Four" title="Four" type="rss" xmlUrl="https://a.example/4"/>',
        "    </outline>",
        '    <outline text="South" title="South">',
        '      <outline text="Two" title="Two" type="rss" xmlUrl="https://a.example/2"/>',
        "    </outline>",
        "  </body>",
        "</opml>",
    ]
    subscriptions, problems = read(written)
    assert [(found.title, found.folders) for found in subscriptions] == [
        ("Three", ()),
        ("One", ("North",)),
        ("Four", ("North",)),
        ("Two", ("South",)),
    ]
    assert problems == []


def test_an_empty_exported_list() -> None:
    """It is a valid list."""
    assert read(opml("Empty", [])) == ([], [])
