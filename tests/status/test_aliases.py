"""What status proposes as aliases."""

import tomllib

import pytest

from aggregator.model import Agency
from aggregator.normalise.agency import Agencies
from aggregator.status.aliases import alias_proposals, proposal_lines
from tests.support.project import Project, block, digest

MAKE = Agencies().named


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ministry of Defence", "MoD"),
        ("UNODC", "United Nations Office on Drugs and Crime"),
        ("Federal Bureau of Investigation", "F.B.I."),
        ("United States Department of State", "US Department of State"),
        ("Department of State, United States", "U.S. Department of State"),
        ("Bundespolizei", "Bundes Polizei"),
        ("Ministry of Defence", "Ministry of Defense"),
        ("Europäische Kommission", "Europäische Komission"),
        ("Court of Appeal of Ghent", "Ghent Court of Appeal"),
    ],
)
def test_names_that_may_be_one_agency(one: str, other: str) -> None:
    proposals = alias_proposals([MAKE(one), MAKE(other)], ())
    assert [(p["name"], [a["name"] for a in p["aliases"]]) for p in proposals] == [
        (MAKE(one).name, [MAKE(other).name])
    ]
    table = tomllib.loads(proposals[0]["toml"])["agencies"][0]
    made = Agencies([Agency(id=table["id"], name=table["name"], aliases=tuple(table["aliases"]))])
    assert made.named(one) is made.named(other)


@pytest.mark.parametrize(
    "names",
    [
        ("Ministry of Defence", "Museum of Design", "Ministry of Defence of Iran"),
        ("Ministry of Finance, Iran", "Ministry of Finance, Iraq"),
        ("Police – Bavaria", "Police – Saxony", "Police"),
        ("NATO", "NATO Parliamentary Assembly", "Europol", "Eurojust", "Eurostat"),
        ("Slovakia Police", "Slovenia Police"),
        ("Nigeria Customs", "Niger Customs"),
        ("Court 1", "Court 2", "Court 12"),
        ("!!!", "???", "ECB", "EBA"),
    ],
)
def test_other_agencies_are_not_proposed(names: tuple[str, ...]) -> None:
    assert alias_proposals([MAKE(name) for name in names], ()) == []


def test_two_configured_agencies_are_two() -> None:
    known = [Agency(id="a", name="Ministry of Defence"), Agency(id="b", name="MoD")]
    assert alias_proposals(known, known) == []


def test_status_proposes_aliases_of_configured_agency(project: Project) -> None:
    """The line has the aliases that the agency has, and pasting it makes the two one."""
    config = project.config.read_text(encoding="utf-8")
    office = '\n[[agencies]]\nid = "hco"\nname = "Harbour Coast Office"\n'
    project.configure(config + office + 'aliases = ["Old Pier"]\n')
    project.write_digest(
        "a.txt", digest(block("Pier is closed", "Coast Office Harbour", "The fog is thick."))
    )
    assert project.run("once").code == 0
    (found,) = project.run("status", "--json").json["alias_proposals"]
    assert (found["agency"], found["aliases"][0]["agency"]) == ("hco", "coast-office-harbour")
    assert 'aliases = ["Old Pier", "Coast Office Harbour"]' in project.run("status").out
    project.configure(config + office + found["toml"] + "\n")
    assert project.run("once").code == 0
    assert project.run("status", "--json").json["alias_proposals"] == []
    assert list(proposal_lines([])) == []
