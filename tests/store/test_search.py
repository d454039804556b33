"""Search: what people type, and what it finds."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator import config as configuration
from aggregator.ingest.run import open_run
from aggregator.store import Store, open_empty, open_store
from aggregator.store.agencies import remember_agencies
from aggregator.store.entries import load, next_key
from aggregator.store.search import (
    EVERYTHING,
    Among,
    Found,
    find,
    index_added,
    index_again,
    match_expression,
    search,
    snippets,
    unindex,
)
from aggregator.store.snippets import Pieces, snippet, term_of
from tests.support.project import CONFIG, MODIFIED, NATO, Project, block, digest
from tests.support.work import calls

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
    project.write_digest("a.txt", RELEASES)
    assert project.run("once").code == 0
    with open_store(project.store) as store:
        yield store


def found(store: Store, query: str, *, agency: str | None = None) -> set[str]:
    """Return the first words of the titles that ``query`` finds."""
    keys = search(store, query, 100, agency=agency)
    return {stored.entry.title.split()[0] for stored in load(store, keys)}


EXAMPLES: list[tuple[str, set[str]]] = [
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
    ('ukraine -"secretary general"', {"Summit", "Préfet"}),
    ("ukraine -(energy OR kyiv)", {"Préfet"}),
    ("kyiv) ukraine", {"Geoană"}),
    ("clon*", {"Car"}),
    ("clon", set()),
    ('"cloned ca"*', {"Car"}),
    ("well-known", {"Car"}),
    ("196th", {"Palau"}),
    ("6", {"Car"}),
    ("not", {"Préfet"}),
    ("ukraine or energy", set()),
    ("nonsense", set()),
]
"""What is searched for among ``RELEASES``, and the first words of the titles that are found."""


@pytest.mark.parametrize(("query", "titles"), EXAMPLES)
def test_queries_find_their_entries(filled: Store, query: str, titles: set[str]) -> None:
    """Words, phrases, OR, NOT, brackets and ``prefix*`` do what people expect."""
    assert found(filled, query) == titles


@pytest.mark.parametrize(
    "query", ["", " ", "…", "*", "-", '""', "()", "OR", "NOT", "AND (OR)", "\0"]
)
def test_query_without_any_word(filled: Store, query: str) -> None:
    """A query without any word finds nothing, and is recognised."""
    assert match_expression(query) == ""
    assert search(filled, query, 10) == []


HALF_TYPED = [
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
]


@pytest.mark.parametrize("query", HALF_TYPED)
def test_half_typed_operators_are_ignored(filled: Store, query: str) -> None:
    """Operators and brackets without operands are ignored."""
    assert found(filled, query) == {"Geoană"}


@pytest.mark.parametrize(
    "query", ["title:kyiv", "NEAR(kyiv)", "{title}: kyiv", "title", "near(a b)"]
)
def test_syntax_of_the_index_is_text(filled: Store, query: str) -> None:
    """The syntax of FTS5 is text, so that no column and no function can be named."""
    assert found(filled, query) == set()


def test_search_of_one_agency(filled: Store) -> None:
    """A search may be limited to one agency."""
    assert found(filled, "ukraine", agency="europol") == {"Préfet"}
    assert found(filled, "ukraine", agency="nobody") == set()


def test_best_first_and_no_more_than_asked_for(filled: Store) -> None:
    """A hit in the title comes before hits in the text, and the limit holds."""
    best = search(filled, "kyiv OR ukraine", 1)
    assert len(best) == 1
    assert load(filled, best)[0].entry.title == "Geoană visits Kyiv"
    assert search(filled, "kyiv OR ukraine", 100)[:1] == best


def test_search_in_an_empty_store() -> None:
    """A store without any run holds nothing."""
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
    """Whatever people type, no error is raised."""
    keys = search(filled, query, 10)
    assert len(keys) == len(set(keys)) <= 5
    if not match_expression(query):
        assert keys == []


def test_a_snippet_marks_what_was_found(filled: Store) -> None:
    """What of the text is around the words comes in pieces, those that were asked for told apart.

    Case and accents do not count there either.
    """
    for query, marked in (("UKRAINE", ["Ukraine"]), ("strasse", ["STRASSE"])):
        for pieces in snippets(filled, query, search(filled, query, 10)).values():
            assert [text for text, is_found in pieces if is_found] == marked
    (key,) = search(filled, "palau", 10)
    assert snippets(filled, "palau", [key]) == {
        key: (("The 196th member country. Energy for all.", False),)
    }
    assert snippets(filled, "palau", []) == {}


def test_a_snippet_is_where_most_of_the_words_are(tmp_path: Path) -> None:
    """A passage with all terms, not where the first is alone; omissions are marked."""
    text = (
        f"A lamp. {'Nothing new. ' * 60}Then the keepers lit the lamp again. {'And so on. ' * 60}"
    )
    (pieces,) = _snippets_of(tmp_path, text, "keepers lamp").values()
    assert [piece for piece, is_found in pieces if is_found] == ["keepers", "lamp"]
    shown = "".join(piece for piece, _ in pieces)
    assert "Then the keepers lit the lamp again. And" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= 252


@pytest.mark.parametrize("word", ["say ", "say", "a say-say "])
def test_a_word_that_a_text_has_all_the_time(tmp_path: Path, word: str) -> None:
    """Work does not grow with the square of the matches, which no limit would stop."""

    def pieces_of(size: int) -> Pieces:
        folder = tmp_path / str(size)
        folder.mkdir()
        (found,) = _snippets_of(folder, word * (size // len(word)), "say*").values()
        return found

    few = calls(lambda: pieces_of(10_000))
    assert calls(lambda: pieces_of(40_000)) < 5 * few
    pieces = pieces_of(1_000_000)
    assert sum(len(piece) for piece, _ in pieces) <= 700
    assert any(is_found for _, is_found in pieces)


def _snippets_of(folder: Path, text: str, query: str, *, title: str = "T") -> dict[int, Pieces]:
    """Return the snippet of the only entry, which has ``text``."""
    with open_store(folder / "a.db") as store:
        with store.transaction():
            store.db.execute("INSERT INTO agencies VALUES ('x', 'X', NULL, 0)")
            names = (
                "key, id, agency, published, truncated, fingerprint, sketch_base, title, summary"
            )
            store.db.execute(
                f"INSERT INTO entries ({names}, text, content_html)"
                " VALUES (1, 'urn:x', 'x', '2024-01-01T00:00:00Z', 0, '', 0, ?, '', ?, '')",
                [title, text],
            )
            store.db.execute(
                "INSERT INTO entries_fts (rowid, title, text) VALUES (1, ?, ?)", [title, text]
            )
        return snippets(store, query, search(store, query, 10))


def test_only_of_an_agency_and_of_some_days(filled: Store) -> None:
    """Both days are included, in UTC, and all filters apply at once."""

    def among(**which: object) -> set[str]:
        chosen = Among(**which)  # type: ignore[arg-type]
        keys = find(filled, "energy OR ukraine", 10, among=chosen, count_to=10).keys
        return {stored.entry.title.split()[0] for stored in load(filled, keys)}

    everything = {"Geoană", "Summit", "Préfet", "Palau"}
    day = MODIFIED.date()
    before, after = day - timedelta(days=400), day + timedelta(days=400)
    assert among() == among(first=before) == among(last=after) == everything
    assert among(last=before) == among(first=after) == set()
    assert among(agency="nato", first=before, last=after) == {"Geoană", "Summit"}
    assert among(category="operation", first=before) == set()
    published = [row[0] for row in filled.rows("SELECT DISTINCT published FROM entries")]
    for moment in published:
        that_day = date.fromisoformat(moment[:10])
        assert among(first=that_day, last=that_day)


def test_only_of_a_category(filled: Store) -> None:
    """By the exact term of a rule, alone and with an agency."""

    def titles(category: str | None = None, agency: str | None = None) -> set[str]:
        among = Among(category=category, agency=agency)
        keys = find(filled, "kyiv OR thieves", 10, among=among, count_to=10).keys
        return {stored.entry.title.split()[0] for stored in load(filled, keys)}

    assert titles() == {"Geoană", "Car"}
    assert titles(category="visit") == titles(category="visit", agency="nato") == {"Geoană"}
    assert titles(category="visit", agency="europol") == set()
    assert titles(category="Visit") == titles(category="none") == set()
    among = Among(category="visit")
    assert search(filled, "kyiv OR thieves", 10, agency="europol", among=among) == []


def test_pages_of_what_was_found(filled: Store) -> None:
    """Page by page each is returned once, in one order; and counting stops at the limit."""
    query = "energy OR ukraine"
    whole = search(filled, query, 10)
    found = [find(filled, query, 2, among=EVERYTHING, skip=skip, count_to=3) for skip in (0, 2, 4)]
    assert [key for page in found for key in page.keys] == whole
    assert [page.total for page in found] == [3, 3, 3]
    assert find(filled, query, 2, among=EVERYTHING, count_to=99).total == len(whole) == 4
    assert find(filled, "!!", 2, among=EVERYTHING, count_to=9) == Found()


TEXTS = st.lists(st.sampled_from(["Lamp", "lamps", "é", "É", "<b>", " ", "\n", "_", "x" * 99]))


@given(TEXTS, st.lists(st.sampled_from(["lamp", "lamp é", "x", "e", "_"])), st.booleans())
def test_what_is_shown_is_of_the_text(
    parts: list[str], wanted: list[str], is_beginning: bool
) -> None:
    """Joined, the pieces are a short stretch of the text; no two of one kind are adjacent."""
    text = "".join(parts)
    pieces = snippet(text, [term_of(each, is_beginning=is_beginning) for each in wanted])
    shown = "".join(piece for piece, _ in pieces)
    assert shown.removeprefix("…").removesuffix("…") in text
    assert len(shown) <= 300
    assert all(one[1] != other[1] for one, other in pairwise(pieces))
    assert all(piece.strip() for piece, is_found in pieces if is_found)


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ('"old lamp"', ["old lamp"]),
        ('"old lam"*', ["old lamp"]),
        ("lam*", ["lamp", "LÄMPS"]),
        ("lamps NOT boats", ["LÄMPS"]),
        ("(old OR new) lamp", ["old", "lamp", "new"]),
        ("port", []),
        ("the\u0301", ["The", "The", "the"]),
    ],
)
def test_marked_words_match_as_in_the_index(tmp_path: Path, query: str, marked: list[str]) -> None:
    """Words and phrases match as in the index: whole, or as prefixes where asked for."""
    text = "The old lamp. The new LÄMPS of the ports."
    (pieces,) = _snippets_of(tmp_path, text, query, title="Port").values()
    assert [piece for piece, is_found in pieces if is_found] == marked


WORDS = ("harbour", "lighthouse", "treaty")


def have(store: Store, key: int, text: str) -> None:
    """An entry with no more to it than a text."""
    store.execute(
        "INSERT INTO entries (key, id, agency, truncated, fingerprint, sketch_base, title,"
        " summary, text, content_html) VALUES (?1, ?1, 'nato', 0, '', 0, '', '', ?2, '')",
        (key, text),
    )


def matches(store: Store) -> list[list[tuple[int]]]:
    """The rows that the index has under each word."""
    found = "SELECT rowid FROM entries_fts WHERE entries_fts MATCH ? ORDER BY rowid"
    return [store.rows(found, (word,)) for word in WORDS]


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "change", "remove", "index", "undo"]),
            st.integers(1, 6),
            st.sampled_from(WORDS),
        ),
        max_size=20,
    )
)
@example([("add", 1, "treaty"), ("index", 1, ""), ("add", 1, "harbour"), ("remove", 2, "")])
@example([("add", 1, "treaty"), ("index", 1, ""), ("remove", 1, ""), ("add", 1, "harbour")])
def test_indexing_late_finds_what_indexing_at_once_finds(steps: list[tuple[str, int, str]]) -> None:
    """Whatever is added, changed, removed or undone before the words of what was added follow."""
    with open_empty() as soon, open_empty() as late:
        for store in (soon, late):
            with store.transaction():
                remember_agencies(store, [NATO])
        for step, entry, word in steps:
            for store in (soon, late):
                with suppress(ZeroDivisionError), store.transaction():
                    if step == "add":
                        have(store, next_key(store), word)
                    elif step == "change":
                        was_indexed = unindex(store, [entry])
                        store.execute("UPDATE entries SET text = ? WHERE key = ?", (word, entry))
                        if was_indexed:
                            index_again(store, entry)
                    elif step == "remove":
                        unindex(store, [entry])
                        store.execute("DELETE FROM entries WHERE key = ?", (entry,))
                    if store is soon or step == "index":
                        index_added(store)
                    if step == "undo":
                        have(store, next_key(store), word)
                        index_added(store)
                        raise ZeroDivisionError
        with late.transaction():
            index_added(late)
        for store in (soon, late):  # FTS5 compares its index with the texts
            store.rows("INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")
        assert matches(late) == matches(soon)


def test_few_entries_wait_for_more(store: Store) -> None:
    """Words are indexed when there are as many entries as asked for, all of them at once."""
    with store.transaction():
        remember_agencies(store, [NATO])
        for key in range(1, 4):
            have(store, key, "harbour")
            index_added(store, least=3)
            assert len(matches(store)[0]) == (3 if key == 3 else 0)


def test_entry_of_a_killed_run_is_found_when_the_next_starts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that ends between a document and the indexing of its words loses no word."""
    project.configure(CONFIG)
    project.write_digest("a.txt", RELEASES)
    with monkeypatch.context() as patch:
        patch.setattr("aggregator.ingest.run.index_remaining", lambda _: None)
        project.ingest()
    assert "Palau joins" not in project.run("search", "Palau").out
    config = configuration.load(project.config)
    with (
        open_store(config.store) as store,
        open_run(config, store, clock=lambda: datetime.now(UTC)),
    ):
        pass  # the daemon starts like this, whether or not a document is new
    assert "Palau joins" in project.run("search", "Palau").out
    assert project.is_sound()
