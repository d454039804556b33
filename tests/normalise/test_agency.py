"""Agencies: from names to agencies, and safe ids for names that are not configured."""

import pickle
import re
from itertools import permutations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from aggregator.model import Agency
from aggregator.normalise import agency as module
from aggregator.normalise.agency import (
    RESERVED_NAMES,
    Agencies,
    better_name,
    display_name,
    name_key,
)

INTERPOL = Agency(
    id="interpol",
    name="INTERPOL",
    aliases=("Interpol (news and events)", "ICPO", "Interpol – OIPC"),
)
NATO = Agency(id="nato", name="NATO", aliases=("North Atlantic Treaty Organization",))
JCS = Agency(id="jcs", name="US Joint Chiefs of Staff")
CONFIGURED = (INTERPOL, NATO, JCS)

SAFE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def made(name: str) -> Agency:
    """Return the agency of ``name`` without any configured agency."""
    return Agencies().named(name)


@pytest.mark.parametrize(
    ("name", "agency"),
    [
        ("nato", NATO),
        ("NATO", NATO),
        ("Nato", NATO),
        (" NATO\xa0", NATO),
        ("ＮＡＴＯ", NATO),
        ("NATO (press releases)", NATO),
        ("NATO [news]", NATO),
        ("NATO(news)", NATO),
        ("north  atlantic\xa0treaty organization", NATO),
        ("interpol", INTERPOL),
        ("Interpol (news and events)", INTERPOL),
        ("INTERPOL (News and Events)", INTERPOL),
        ("Interpol (anything else)", INTERPOL),
        ("icpo", INTERPOL),
        ("jcs", JCS),
        ("US JOINT CHIEFS OF STAFF", JCS),
    ],
)
def test_a_configured_agency(name: str, agency: Agency) -> None:
    """Id, name and aliases mean their agency, regardless of case, spaces or descriptor."""
    agencies = Agencies(CONFIGURED)
    assert agencies.named(name) is agency
    assert agencies.knows(name)


@pytest.mark.parametrize(
    "name",
    [
        *("NATO.", "NATO:", "The NATO", "N.A.T.O.", "N. A. T. O.", "NATO – newsroom", "NATO: news"),
        *("NATO | Press Office", "NATO - Presse", "NATO, Brussels", "NATO (Brussels) – news"),
        *("NATO: Allied Command Operations", "NATO Newsroom", "NATO · Medienmitteilungen"),
        *("The North Atlantic Treaty Organization (news):", "north-atlantic treaty organization"),
        "Nordic Alliance Training Office (NATO)",
    ],
)
def test_variants_of_a_configured_name(name: str) -> None:
    """What follows a mark, words for news, and how a name is written do not matter."""
    agencies = Agencies(CONFIGURED)
    assert agencies.named(name) is NATO
    assert agencies.knows(name)


@pytest.mark.parametrize(
    "name", ["JCS: news", "The U.S. Joint Chiefs of Staff", "JCS – Washington"]
)
def test_variants_of_another_configured_name(name: str) -> None:
    assert Agencies(CONFIGURED).named(name) is JCS


@pytest.mark.parametrize(
    "variants",
    [
        ("US Department of Justice", "U.S. Dept. of Justice", "The U. S. Department of Justice:"),
        ("Attorney General's Office", "Attorney General’s Office", "ATTORNEY GENERAL`S OFFICE."),
        ("Health & Safety Executive", "Health and Safety Executive – Press Releases"),
        ("Ministère de l'Économie", "MINISTERE DE L’ECONOMIE", "Ministère de l'Économie : presse"),
        ("Bundesamt für Justiz", "Bundesamt fur Justiz | Pressemitteilungen"),
        ("Ministry of Defence", "Ministry of Defence (MoD)", "Ministry of Defence, Press Office"),
        ("Coast-Guard", "Coast Guard", "Coast – Guard", "COAST GUARD newsroom"),
        ("Guardia di Finanza", "Guardia di Finanza - Ufficio stampa"),
        ("Government of Xanadu", "Gov't of Xanadu", "Govt. of Xanadu"),
        ("Policía Nacional", "Policia Nacional: sala de prensa"),
    ],
)
def test_variants_of_unknown_name_have_one_id(variants: tuple[str, ...]) -> None:
    assert {made(name).id for name in variants} == {made(variants[0]).id}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NATO", "NATO Parliamentary Assembly"),
        ("Europol", "Europol National Unit"),
        ("Police – Bavaria", "Police – Saxony"),
        ("Police: Bavaria", "Police"),
        ("Ministry of Justice, Finland", "Ministry of Justice, Sweden"),
        ("Vatican", "Vatican News"),
        ("Press Council", "Council"),
        ("Court of Appeal, Civil Division", "Court of Appeal, Criminal Division"),
        ("The", "News"),
        ("Хабар", "Xабар"),
    ],
)
def test_other_agencies_keep_their_own_id(one: str, other: str) -> None:
    assert made(one).id != made(other).id


def test_better_name_does_not_depend_on_order() -> None:
    names = ["nato", "N.A.T.O.", "NATO", "Nato"]
    assert {
        better_name(better_name(a, b), c)
        for a, b, c in permutations(names, 3)
        if "NATO" in (a, b, c)
    } == {"NATO"}
    assert better_name("EUROPEAN COMMISSION", "European Commission") == "European Commission"


@pytest.mark.parametrize("name", ["NATOs", "NAT", "(NATO)", "NATO Watch", "", "NATO/"])
def test_another_name_is_another_agency(name: str) -> None:
    """A name that only resembles a configured one is another agency."""
    agencies = Agencies(CONFIGURED)
    assert not agencies.knows(name)
    found = agencies.named(name)
    assert not found.configured
    assert found.id not in {agency.id for agency in CONFIGURED}


def test_an_agency_that_is_not_configured() -> None:
    """Its name has no descriptor, and its id is readable."""
    assert made("European Union (press corner)") == Agency(
        id="european-union", name="European Union", configured=False
    )


def test_spellings_of_one_name() -> None:
    """All spellings of a name are one agency; which name is shown is for the store to choose."""
    agencies = Agencies()
    first = agencies.named("Eurojust")
    other = agencies.named("EUROJUST (news)")
    assert other.id == first.id
    assert (first.name, other.name) == ("Eurojust", "EUROJUST")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "NATO/",
        "con",
        "CON",
        "nul",
        "com1",
        "İstanbul",
        "!!!",
        "…",
        "",
        ".",
        "a" * 5000,
        "..",
        "all",
        "Index",
        "feeds",
        "日本",
        "a\\b",
        "a:b",
        "-",
        "~root",
        "$(reboot)",
        "a\0b",
        "a\nb",
        "x.atom",
        " ",
        "\u202eotan",
        "İ",
        "é",
        "%2e%2e%2f",
        "🇺🇦",
    ],
)
def test_ids_are_safe_file_names(name: str) -> None:
    """Every id is a short plain file name that is not reserved."""
    found = made(name)
    assert SAFE_ID.fullmatch(found.id)
    assert len(found.id) <= 100
    assert found.id not in RESERVED_NAMES


@pytest.mark.parametrize("name", ["İstanbul", "../../etc/passwd", "Foo (bar)", "!!!", "a" * 300])
def test_ids_depend_on_the_name_alone(name: str) -> None:
    """An id is the same in every store, whatever came before."""
    agencies = Agencies()
    for other in ("Istanbul", "etc passwd", "foo", "???", "a" * 299):
        agencies.named(other)
    assert agencies.named(name).id == made(name).id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NATO", "NATO/"),
        ("etc passwd", "../../etc/passwd"),
        ("!!!", "???"),
        ("a" * 300, "a" * 301),
        ("Foo Bar", "Foo/Bar"),
        ("Foo Bar", "Foo.Bar"),
        ("NATO/", made("NATO/").id),
        ("NATO/", made("NATO/").id.replace("-", " ")),
        ("Foo  Bar/", "Foo Bar/ 1"),
    ],
)
def test_names_that_would_collide(one: str, other: str) -> None:
    """Different names never share an id or a feed."""
    assert made(one).id != made(other).id


def test_a_configured_id_is_taken() -> None:
    """A name whose plain id is configured means the agency that has it, in any case."""
    agencies = Agencies([Agency(id="Foo-Bar", name="Something else")])
    assert agencies.named("Foo Bar").id == "Foo-Bar"
    assert agencies.named("Foo/Bar").id.casefold() != "foo-bar"


@pytest.mark.parametrize(
    "name",
    ["X (a) (b)", "X (a (b))", "X [a] (b)", "(x)", "[x] (y)", "X （a） (b)", "X (⑴)", "\u3164 (x)"],
)
def test_the_displayed_name_means_the_same_agency(name: str) -> None:
    """The displayed name of an agency leads to the same agency."""
    agencies = Agencies()
    found = agencies.named(name)
    assert agencies.named(found.name) == found


@pytest.mark.parametrize("name", ["", "\u200b", "\u202e", "\x01"])
def test_an_agency_without_a_visible_name(name: str) -> None:
    """An invisible name has an agency with a visible name."""
    assert made(name).name


def test_the_agency_of_a_source() -> None:
    """A source refers to its agency by id; without configuration the id is its name."""
    agencies = Agencies(CONFIGURED)
    assert agencies.by_id("nato") is NATO
    assert agencies.by_id("enisa") == Agency(id="enisa", name="enisa", configured=False)


@pytest.mark.parametrize("agency_id", ["NATO", "Nato", "OTAN"])
def test_the_agency_of_a_source_in_another_case(agency_id: str) -> None:
    """No two ids differ in case alone."""
    agencies = Agencies([Agency(id="nato", name="NATO", aliases=("OTAN",))])
    assert agencies.by_id(agency_id).id == "nato"
    assert agencies.by_id("ENISA") == Agency(id="enisa", name="ENISA", configured=False)


ANY_NAME = st.text(st.characters(exclude_categories=()), max_size=60)


@given(ANY_NAME)
def test_any_name_has_a_safe_agency(name: str) -> None:
    """The agency of any name has a safe id and clean text as name."""
    found = made(name)
    assert SAFE_ID.fullmatch(found.id)
    assert found.id not in RESERVED_NAMES
    found.name.encode()


@given(ANY_NAME)
@example("X (⑴)")
def test_a_displayed_name_has_the_same_key(name: str) -> None:
    """A displayed name has the key of the original."""
    assert name_key(display_name(name)) == name_key(name)


@given(ANY_NAME, ANY_NAME)
def test_any_two_names_have_two_ids(one: str, other: str) -> None:
    """Names with different keys have different ids."""
    assume(name_key(one) != name_key(other))
    assert made(one).id != made(other).id


@given(st.text(st.characters(max_codepoint=0x17F), max_size=20))
def test_a_descriptor_is_ignored(name: str) -> None:
    """A descriptor in brackets changes neither the key nor the displayed name."""
    assume(not re.search(r"[()\[\]{}]", name))
    assume(any(map(str.isalnum, name)))
    assert name_key(f"{name} (news)") == name_key(name)
    assert display_name(f"{name} (news)") == display_name(name)


def test_pickled_agencies_keep_their_configuration() -> None:
    """Another process knows the configured agencies, whatever else was named before."""
    agencies = Agencies([Agency(id="nato", name="NATO", aliases=("Alliance",))])
    made = agencies.named("Harbour Office")
    copy = pickle.loads(pickle.dumps(agencies))
    assert (copy.named("alliance").id, copy.named("Harbour Office")) == ("nato", made)


@pytest.mark.parametrize("mark", ["(a)", "[b] ", "(", "{c] (", "( "])
def test_name_with_thousands_of_brackets_is_read_in_linear_time(mark: str) -> None:
    """A search that begins anew at each bracket would not end."""
    assert display_name(f"Harbour Office {mark * 100_000}x").startswith("Harbour Office")
    assert display_name(f"Harbour Office {'(a) [b]' * 100_000}") == "Harbour Office"


@pytest.mark.parametrize("tail", [", news", ": ", " – press", " newsroom", "U. S. ", "& ", "- "])
def test_name_with_thousands_of_tails_is_read_in_linear_time(tail: str) -> None:
    name = f"Harbour Office{tail * 50_000}"
    assert not Agencies(CONFIGURED).knows(name)
    assert SAFE_ID.fullmatch(made(name).id)


WORDS = "NATO the The Dept govt A b press office Newsroom news 2023 Sala de prensa".split()


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join))
def test_plain_name_has_the_same_key_in_the_short_way(name: str) -> None:
    """A name of ASCII words alone is not normalized, unless its end is left out."""
    short = name_key.__wrapped__(name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_ASCII_NAME", re.compile("(?!)"))
        assert name_key.__wrapped__(name) == short
