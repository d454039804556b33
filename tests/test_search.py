"""Search: what people type, and what it finds."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.store import Store, open_empty, open_store
from aggregator.store.entries import load
from aggregator.store.search import match_expression, search
from tests.conftest import CONFIG, Project, block, digest

RELEASES = digest(
    block("Geoană visits Kyiv", "NATO", "The Deputy Secretary General came to Ukraine."),
    block("Summit in Vilnius", "NATO", "Leaders spoke of Ukraine and of energy."),
    block("Car thieves stopped", "Europol", "Operation Mobile 6 found well-known cloned cars."),
    block("Préfet Stéphane", "Europol", "STRASSE und Straße. Ukraine is not named here twice."),
    block("Palau joins", "INTERPOL", "The 196th member country. Energy for all."),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of five releases, which is only read."""
    project = Project(tmp_path_factory.mktemp("search"))
    project.configure(CONFIG)
    project.write("a.txt", RELEASES)
    assert project.run("once").code == 0
    with open_store(project.store) as store:
        yield store


def found(store: Store, query: str, *, agency: str | None = None) -> set[str]:
    """The first words of the titles that ``query`` finds."""
    keys = search(store, query, 100, agency=agency)
    return {stored.entry.title.split()[0] for stored in load(store, keys)}


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("geoana", {"Geoană"}),
        ("GEOANĂ", {"Geoană"}),
        ("Geoana\u0306", {"Geoană"}),
        ("prefet stephane", {"Préfet"}),
        ("ukraine", {"Geoană", "Summit", "Préfet"}),
        ("ukraine energy", {"Summit"}),
        ("ukraine AND energy", {"Summit"}),
        ("kyiv OR palau", {"Geoană", "Palau"}),
        ("kyiv OR ukraine energy", {"Geoană", "Summit"}),
        ("ukraine NOT energy", {"Geoană", "Préfet"}),
        ("ukraine -energy", {"Geoană", "Préfet"}),
        ("-energy ukraine", {"Geoană", "Préfet"}),
        ("(kyiv OR vilnius) energy", {"Summit"}),
        ("ukraine NOT (energy OR kyiv)", {"Préfet"}),
        ('"secretary general"', {"Geoană"}),
        ('"general secretary"', set()),
        ('"secretary general', {"Geoană"}),
        ("clon*", {"Car"}),
        ("clon", set()),
        ('"cloned ca"*', {"Car"}),
        ("well-known", {"Car"}),
        ("196th", {"Palau"}),
        ("6", {"Car"}),
        ("not", {"Préfet"}),
        ("ukraine or energy", set()),
        ("nonsense", set()),
    ],
)
def test_queries(filled: Store, query: str, titles: set[str]) -> None:
    """Words, phrases, OR, NOT, brackets and ``begin*`` do what people expect of them."""
    assert found(filled, query) == titles


@pytest.mark.parametrize(
    "query", ["", " ", "…", "*", "-", '""', "()", "OR", "NOT", "AND (OR)", "\0"]
)
def test_no_word(filled: Store, query: str) -> None:
    """A query without a word finds nothing, and can be told from one that has some."""
    assert match_expression(query) == ""
    assert search(filled, query, 10) == []


@pytest.mark.parametrize(
    "query",
    [
        "kyiv)",
        "(kyiv",
        "kyiv OR",
        "OR kyiv",
        "NOT NOT kyiv OR kyiv",
        "kyiv AND",
        "AND kyiv",
        "kyiv -",
        "kyiv NOT",
        "kyiv ^",
        "kyiv:",
        "'kyiv'",
        '"kyiv',
        "kyiv;",
        "((kyiv))",
        "kyiv ()",
        "kyiv\0",
    ],
)
def test_what_is_half_typed(filled: Store, query: str) -> None:
    """Operators and brackets that lead nowhere do not count."""
    assert found(filled, query) == {"Geoană"}


@pytest.mark.parametrize(
    "query", ["title:kyiv", "NEAR(kyiv)", "{title}: kyiv", "title", "near(a b)"]
)
def test_syntax_of_the_index_is_text(filled: Store, query: str) -> None:
    """What only FTS5 knows is text, so no column and no function can be named."""
    assert found(filled, query) == set()


def test_one_agency(filled: Store) -> None:
    """A search may keep to one agency."""
    assert found(filled, "ukraine", agency="europol") == {"Préfet"}
    assert found(filled, "ukraine", agency="nobody") == set()


def test_best_first_and_no_more_than_asked_for(filled: Store) -> None:
    """A hit in the title comes before hits in the text, and the limit holds."""
    best = search(filled, "kyiv OR ukraine", 1)
    assert len(best) == 1
    assert load(filled, best)[0].entry.title == "Geoană visits Kyiv"
    assert search(filled, "kyiv OR ukraine", 100)[:1] == best


def test_nothing_to_search_in() -> None:
    """A store that no run has made yet holds nothing."""
    with open_empty() as empty:
        assert search(empty, "kyiv", 10) == []


PARTS = st.sampled_from(
    [
        "(",
        ")",
        '"',
        "OR",
        "AND",
        "NOT",
        "-",
        "*",
        "^",
        "kyiv",
        "a*",
        '"a b"',
        "NEAR",
        ":",
        "+",
        "title",
        "\0",
        "'",
        "{",
        "}",
        ",",
        "é",
        "\u0301",
        "²",
        "½",
        "٣",
        "日本",
        "\u200d",
        "-a",
        "\udcff",
    ]
)
QUERIES = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(PARTS, max_size=30).map(" ".join),
    st.lists(PARTS, max_size=30).map("".join),
)


@given(QUERIES)
@example("(" * 5000 + "kyiv" + ")" * 5000)
@example("(a NOT " * 300 + "b" + ")" * 300)
@example("NOT " * 3000 + "a")
@example("a OR " * 3000 + "a")
@example("a) " * 900)
@example("x" * 200_000)
@example('"' + "x " * 50_000)
@example("a\udcff")
@example("²")
def test_any_query_is_a_query(filled: Store, query: str) -> None:
    """Whatever people type, nothing is raised."""
    keys = search(filled, query, 10)
    assert len(keys) == len(set(keys)) <= 5
    if not match_expression(query):
        assert keys == []
