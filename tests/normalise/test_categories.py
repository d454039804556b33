"""Categories of a release: built-in and configured rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.normalise.builtin_categories import BUILTIN
from aggregator.normalise.categories import (
    LONGEST_TEXT,
    OPENING,
    Categoriser,
    Rule,
    configured_rule,
    digest_of,
    rules_of,
    slug,
)
from tests.support.attacks import ATTACKS
from tests.support.work import calls

BUILT_IN = Categoriser(BUILTIN)


def without_cues(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules of which every pattern is tried."""
    return tuple(
        replace(r, cues=(), head_cues=(), opening_cues=(), also=without_cues(r.also)) for r in rules
    )


SLOW = Categoriser(without_cues(BUILTIN))

TITLES = {
    "Statement by the North Atlantic Council on the harbour": ["statement"],
    "Joint statement following the 4th meeting of the Baltic ports": ["statement"],
    "North Atlantic Council statement on the Treaty": ["statement"],
    "High Representative: statement on the elections": ["statement"],
    "Ministers’ session: agreed statement": ["statement"],
    "Statement attributable to the Spokesperson for the Secretary-General on floods": ["statement"],
    "President’s statement on the ferry accident": ["statement"],
    "Brussels Summit Declaration": ["statement"],
    "Joint communiqué of the coastal states": ["statement"],
    "Statement on the arrest of an opposition leader": ["statement"],
    "Déclaration conjointe des ministres des affaires étrangères": ["statement"],
    "Déclaration du porte-parole": ["statement"],
    "Declaración del Gobierno sobre el puerto": ["statement"],
    "Gemeinsame Erklärung der Außenminister": ["statement"],
    "Doorstep statement by the Secretary General": ["speech", "statement"],
    "Speech by the Secretary General at the Forum": ["speech"],
    "Keynote address by the Director at the summer school": ["speech"],
    "Secretary-General’s remarks to the Security Council": ["speech"],
    "Remarks by the President on the economy": ["speech"],
    "Opening remarks by the Commissioner at the round table": ["speech"],
    "Video message by the Secretary General": ["speech"],
    "Commissioner’s speech at the maritime days": ["speech"],
    "Discours du Premier ministre": ["speech"],
    "Discurso de la ministra en el Congreso": ["speech"],
    "Rede der Außenministerin im Bundestag": ["speech"],
    "Media advisory: Secretary General at the drill": ["media advisory"],
    "MEDIA ADVISORY – Agriculture and Fisheries Council": ["media advisory"],
    "Invitation to the media: launch of the lifeboat": ["media advisory"],
    "Avis aux médias : réunion des ports": ["media advisory"],
    "Note aux rédactions": ["media advisory"],
    "Media advisory: Secretary General to visit Sofia": ["media advisory", "visit"],
    "Media advisory: press conference of the Director": ["media advisory", "press conference"],
    "Readout of the Chairman’s call with his counterpart": ["readout"],
    "Read-out of the meeting of the Steering Committee": ["readout"],
    "Readout: two generals confer": ["readout"],
    "Vice President’s Readout of a call with the King": ["readout"],
    "Compte rendu de l’entretien avec le ministre": ["readout"],
    "Secretary General to visit Berlin, Germany": ["visit"],
    "Military Committee visits Finland": ["visit"],
    "Deputy Secretary General concludes two-day visit to Paris": ["visit"],
    "Visit to Headquarters by the King": ["visit"],
    "Secretary General welcomes the Prime Minister of Norway to Headquarters": ["visit"],
    "Secretary Brown’s travel to Chile and Peru": ["visit"],
    "Foreign Minister travels to Cairo": ["visit"],
    "Visite officielle du Premier ministre": ["visit"],
    "Déplacement du ministre en Norvège": ["visit"],
    "Visita oficial del presidente": ["visit"],
    "Außenministerin reist nach Oslo": ["visit"],
    "Staatsbesuch des Königs": ["visit"],
    "Joint press conference with the Prime Minister": ["press conference"],
    "Daily Press Briefing by the Office of the Spokesperson": ["press conference"],
    "Secretary Brown at a Press Availability": ["press conference"],
    "Opening remarks by the President at the joint press conference": [
        "press conference",
        "speech",
    ],
    "Conférence de presse du ministre": ["press conference"],
    "Rueda de prensa tras el Consejo de Ministros": ["press conference"],
    "Regierungspressekonferenz vom 4. März": ["press conference"],
    "Op-ed by the Commissioner: fish for all": ["op-ed"],
    "Organized crime: opinion editorial by the Secretary General": ["op-ed"],
    "Opinion: the sea belongs to nobody": ["op-ed"],
    "Article by the Foreign Minister in Le Monde": ["op-ed"],
    "Tribune du ministre dans Le Monde": ["op-ed"],
    "Gastbeitrag der Ministerin": ["op-ed"],
    "Drug trafficker arrested in Split": ["operation"],
    "281 arrests as trafficking into scam centres spreads": ["operation"],
    "Hate crimes targeted in joint action day": ["operation"],
    "Operation Mobile 6 puts the brakes on car thieves": ["operation"],
    "Dismantlement of ransomware group in wartime": ["operation"],
    "Ransomware ring broken up": ["operation"],
    "Global crackdown on counterfeit medicines": ["operation"],
    "Police raids hit smugglers": ["operation"],
    "12 tonnes of cocaine seized in the port of Hamburg": ["operation"],
    "Criminal marketplace taken down": ["operation"],
    "Suspected developer held in Paris": ["operation"],
    "Quatre personnes interpellées pour trafic": ["operation"],
    "Detenidos once miembros de una red": ["operation"],
    "Festnahmen nach Durchsuchungen in vier Ländern": ["operation"],
}

NEAR_MISSES = (
    # Nobody went there.
    "Record number of website visits in May",
    "Two million visits to the website of the Agency",
    "Visitors to the museum up by a tenth",
    "Visit our stand at the boat show",
    "Museum visits rise again",
    "Ten places to visit on the coast",
    "Visa-free travel to the Union from next year",
    "Hospital visits fell by half",
    "Visites guidées du ministère",
    # Words of another trade.
    "Publication of the financial statements for 2023",
    "Partners sign statement of intent on gas",
    "Statement of accounts for 2023",
    "The environmental impact statement is out",
    "Understatement wins the prize",
    "Déclaration de revenus : ce qui change",
    "Hate speech: new code of conduct",
    "Freedom of speech in the digital age",
    "New ways of speech recognition",
    "Ministers will address pressing security issues",
    "Every house gets an IP address by 2030",
    "Agency condemns remarks by the governor",
    "Media Advisory Board appoints a new member",
    "Social media and the young",
    "Sensor readout made faster",
    "Engineers speed up readout of qubits",
    "Committee adopts Opinion 5/2024 on apps",
    "Advisory opinion: the Court has decided",
    "Public opinion on the Union has never been better",
    "Article 5 and what it means",
    "Press freedom under threat",
    "The press conference room is closed",
    "Conference on the future of ports",
    "Press conference cancelled",
    # No police came.
    "Survival after cardiac arrest has doubled",
    "New guidance on the operation of the fund",
    "Operation of the European fund for the sea",
    "Scientific cooperation and development operations",
    "Court issues arrest warrants",
    "Climate action day: schools plant trees",
    "Notice and takedown: new rules for platforms",
    "Crackdown on civil society must end",
    "Crackdown on late payments",
    "Air raids on the harbour city",
    "UN staff arrested in the capital",
    "Journalists arrested: the Council of Europe is worried",
    "Ten years since the arrest of the admiral",
    "Arrested development: why ports stop growing",
    "Secretary General welcomes partnerships in the region",
    "Deputy Secretary General: count on us for the long haul",
    "Six weeks to go: what the summit will decide",
    "Transport Group meets in Finland",
    "",
    "…",
)


@pytest.mark.parametrize(("title", "terms"), TITLES.items())
def test_categories_by_title(title: str, terms: list[str]) -> None:
    """Titles in the words of many agencies and four languages."""
    assert BUILT_IN.terms(title, "", "nato") == terms
    assert BUILT_IN.terms(title.upper(), "", "nato") == terms


@pytest.mark.parametrize("title", NEAR_MISSES)
def test_titles_of_no_category(title: str) -> None:
    """Words with another meaning do not assign a category."""
    assert BUILT_IN.terms(title, "", "nato") == []


OPENINGS = {
    "Good morning. I am glad to see you all.": ["speech"],
    "Your Excellencies, ladies and gentlemen, the sea is wide.": ["speech"],
    "Remarks by the Director as prepared for delivery. Thank you.": ["speech"],
    "The spokesperson released the following statement: We are sad.": ["statement"],
    "WASHINGTON — The spokesman provided the following readout: The two met.": ["readout"],
    "For planning only. Media advisory 4 May: the boat is launched.": ["media advisory"],
    "They meet on Monday.\n\nMedia advisory\n\n17:30 (CET) Press conference": ["media advisory"],
    "On 21 November, 30 properties were searched in four regions.": ["operation"],
    "A raid led to the arrest of four.": ["operation"],
    "Police officers arrested the suspected head of the ring.": ["operation"],
    "On 9 May the Secretary General, Mr Ola Berg, will visit Oslo.": ["visit"],
    "The Minister concluded his two-day visit to Rome on Friday.": ["visit"],
}

PLAIN = (
    "After the talks there was a press conference, and later a visit to the port.",
    "Herring is cheap. In a speech the mayor said so, and remarks by others followed.",
    "The patient survived a cardiac arrest.",
    "The fund is in operation. Its financial statements are out.",
    "He said: “Good morning.” Then he left.",
    "They thank you for your patience.",
    "The media advisory board met.",
    "Article by article the committee read the law. The readout of the meter was wrong.",
    "Police officers took part in the drill, and nobody was arrested.",
    "",
)


@pytest.mark.parametrize(("text", "terms"), OPENINGS.items())
def test_categories_by_opening(text: str, terms: list[str]) -> None:
    """The start of a text says what it is, whatever its title."""
    assert BUILT_IN.terms("News from the harbour", text, "nato") == terms


@pytest.mark.parametrize("text", PLAIN)
def test_mentions_in_a_text(text: str) -> None:
    """A text that mentions a visit, a speech or an arrest is not of that category."""
    assert BUILT_IN.terms("News from the harbour", text, "nato") == []


def test_beyond_the_opening_nothing_counts() -> None:
    """The built-in rules search only the start of a text, even if others search more."""
    text = "sea " * (OPENING // 4) + "Media advisory 17:30 the boat is launched"
    far = Rule(term="boats", text=configured_rule(Table("x", body=["boat"])).text)
    assert BUILT_IN.terms("News", text, "nato") == []
    assert Categoriser([*BUILTIN, far]).terms("News", text, "nato") == ["boats"]


@dataclass(frozen=True)
class Table:
    """A table of the configuration."""

    term: str
    title: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    agencies: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)


def of(table: Table, title: str, text: str = "", agency: str = "nato") -> bool:
    return Categoriser(rules_of([table], ())).terms(title, text, agency) == [table.term]


@pytest.mark.parametrize(
    ("table", "title", "text", "is_of"),
    [
        (Table("t", title=["budget"]), "The BUDGET, agreed", "", True),
        (Table("t", title=["budget"]), "Budgetary rules", "budget", False),
        (Table("t", title=["budget", "purse"]), "Common purse", "", True),
        (Table("t", title=["civil  emergency"]), "A civil\nemergency plan", "", True),
        (Table("t", body=["budget"]), "Budget", "", False),
        (Table("t", body=["budget"]), "News", "The budget is there.", True),
        (Table("t", title=["purse"], body=["budget"]), "Purse", "", True),
        (Table("t", title=["/budgets? 20[0-9]{2}/"]), "Budget 2024", "", True),
        (Table("t", title=["/(?P<a>x)/", "/(?P<a>y)/", r"/(.)\1/"]), "aa", "", True),
        (Table("t", title=["!!!", "purse"]), "Now !!!", "", True),
        (Table("t", title=["budget"], exclude=["draft"]), "Draft budget", "", False),
        (Table("t", title=["budget"], exclude=["draft"]), "Budget", "It is a draft.", False),
        (Table("t", title=["budget"], exclude=["/draft/"]), "Budget", "final", True),
        (Table("t", agencies=["nato"]), "Whatever", "", True),
        (Table("t", agencies=["NATO"]), "Whatever", "", True),
        (Table("t", agencies=["europol"]), "Whatever", "", False),
        (Table("t", agencies=["nato"], title=["budget"]), "Whatever", "", False),
        (Table("t", title=["don't"]), "Don’t do it", "", True),
        (Table("t", title=["op-ed"]), "An op–ed", "", True),
    ],
)
def test_configured_rules(table: Table, title: str, text: str, is_of: bool) -> None:
    """Words match whole words, ``/…/`` is a pattern, and ``exclude`` applies to title and text."""
    assert of(table, title, text) is is_of


def test_far_into_a_text() -> None:
    """A word is found within the first ten thousand characters, and not beyond."""
    table = Table("t", body=["needle"])
    assert of(table, "", "hay " * (LONGEST_TEXT // 4 - 10) + "needle")
    assert not of(table, "", "hay " * (LONGEST_TEXT // 4 + 10) + "needle")


def test_a_table_replaces_a_built_in_rule() -> None:
    """A table with the same term, in any case, replaces the rule; others are last."""
    rules = rules_of([Table("Visit", title=["call on"]), Table("budget")], BUILTIN)
    assert [rule.term for rule in rules] == [
        *("statement", "speech", "media advisory", "readout", "Visit", "press conference"),
        *("op-ed", "operation", "charges", "plea", "verdict", "sentence", "budget"),
    ]
    asked = Categoriser(rules)
    assert "Visit" not in asked.terms("Committee visits Finland", "", "nato")
    assert "Visit" in asked.terms("A call on the mayor", "", "nato")


def test_the_hash_of_the_rules() -> None:
    """It changes with everything that can change a release's terms, and with nothing else."""
    one = [configured_rule(Table("t", title=["a"], agencies=["x", "y"])), *BUILTIN]
    same = [*BUILTIN, configured_rule(Table("t", title=["A"], agencies=["y", "X"]))]
    assert digest_of(one, "1") == digest_of(same, "1") != digest_of(one, "2")
    for other in (
        Table("u", title=["a"], agencies=["x", "y"]),
        Table("t", title=["b"], agencies=["x", "y"]),
        Table("t", body=["a"], agencies=["x", "y"]),
        Table("t", title=["a"], agencies=["x"]),
        Table("t", title=["a"], agencies=["x", "y"], exclude=["b"]),
    ):
        assert digest_of([configured_rule(other), *BUILTIN], "1") != digest_of(one, "1")


@given(st.text(), st.text(), st.sampled_from(["nato", "europol"]))
@example("Statement" + "\ud800", "\x00", "nato")
@example("visits " * 200, "Good morning " * 200, "nato")
def test_terms_of_any_text(title: str, text: str, agency: str) -> None:
    """Any release has distinct terms, the same as without cues."""
    found = BUILT_IN.terms(title, text, agency)
    assert found == sorted(set(found)) == SLOW.terms(title, text, agency)


@pytest.mark.parametrize("title", [*TITLES, *NEAR_MISSES])
def test_cues_exclude_no_match(title: str) -> None:
    """A pattern that cues skip would not match either."""
    for text in ("", title):
        assert SLOW.terms(title, text, "nato") == BUILT_IN.terms(title, text, "nato")


PIECES = (
    "minister ",
    "visits ",
    "a",
    "a ",
    "'s ",
    "operation x ",
    "seize ",
    "remarks ",
    "police seized ",
    "was charged ",
    "- ",
    ". ",
)


@pytest.mark.parametrize("piece", [*PIECES, *(attack[:50] for attack in ATTACKS[:10])])
def test_no_text_is_slow(piece: str) -> None:
    """If a pattern were worse than quadratic in such a text, the suite would not end."""
    hostile = piece * (6_000 // max(1, len(piece)))
    BUILT_IN.terms(hostile, hostile, "nato")
    BUILT_IN.terms(f"{hostile} arrest", f"media {hostile}", "nato")


@pytest.mark.parametrize("piece", PIECES)
def test_work_on_a_repeated_piece_is_linear(piece: str) -> None:
    def terms(size: int) -> object:
        hostile = piece * (size // len(piece))
        return BUILT_IN.terms(hostile, hostile, "nato")

    terms(8_000)  # compiles the patterns that are needed
    assert calls(lambda: terms(8_000)) < 5 * calls(lambda: terms(2_000)) + 100


@pytest.mark.parametrize(
    ("term", "name"),
    [
        ("media advisory", "media-advisory"),
        ("Op-Ed", "op-ed"),
        ("Déclaration", "declaration"),
        ("../../etc/passwd", "etc-passwd"),
        ("a  b", "a-b"),
    ],
)
def test_file_names_of_terms(term: str, name: str) -> None:
    """A term becomes a plain file name."""
    assert slug(term) == name


@given(st.text(min_size=1))
@example("con")
@example("выступление")
@example("x" * 1000)
@example("..")
def test_any_term_has_a_file_name(term: str) -> None:
    """The name is safe on every system, and the same for terms that differ in case."""
    made = slug(term)
    assert made.isascii()
    assert made.replace("-", "a").isalnum()
    assert (
        made == made.lower() == slug(term.upper().lower()) or term.lower() != term.upper().lower()
    )
    assert made not in ("con", "nul", "com1")
    assert len(made) <= 70
