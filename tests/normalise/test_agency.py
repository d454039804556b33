"""Agencies: from names to agencies, and safe ids for names that are not configured."""

import pickle
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from aggregator.model import Agency
from aggregator.normalise.agency import RESERVED_NAMES, Agencies, display_name, name_key

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


@pytest.mark.parametrize("name", ["NATOs", "NAT", "(NATO)", "NATO Watch", "", "N.A.T.O."])
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
    """All spellings of a name are one agency, with the first spelling as its name."""
    agencies = Agencies()
    first = agencies.named("Eurojust")
    assert agencies.named("EUROJUST (news)") is first
    assert first.name == "Eurojust"


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
        ("Istanbul", "İstanbul"),
        ("etc passwd", "../../etc/passwd"),
        ("!!!", "???"),
        ("a" * 300, "a" * 301),
        ("Foo Bar", "Foo/Bar"),
        ("Foo Bar", "Foo-Bar"),
        ("Foo Bar", "Foo.Bar"),
        ("é", "e"),
        ("NATO/", made("NATO/").id),
        ("NATO/", made("NATO/").id.replace("-", " ")),
        ("Foo  Bar/", "Foo Bar/ 1"),
    ],
)
def test_names_that_would_collide(one: str, other: str) -> None:
    """Different names never share an id or a feed."""
    assert made(one).id != made(other).id


def test_a_configured_id_is_taken() -> None:
    """A name whose plain id is configured for another agency gets another id, in any case."""
    agencies = Agencies([Agency(id="Foo-Bar", name="Something else")])
    assert agencies.named("Foo Bar").id.casefold() != "foo-bar"


@pytest.mark.parametrize(
    "name",
    ["X (a) (b)", "X (a (b))", "X [a] (b)", "(x)", "[x] (y)", "X （a） (b)", "X (⑴)", "\u3164 (x)"],
)
def test_the_displayed_name_means_the_same_agency(name: str) -> None:
    """The displayed name of an agency leads to the same agency."""
    agencies = Agencies()
    found = agencies.named(name)
    assert agencies.named(found.name) is found


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
    assume(display_name(name))
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
