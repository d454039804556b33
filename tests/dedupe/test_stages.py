"""Reports of a matter at its stages: the arrest and the sentence are two releases."""

import sys
from dataclasses import replace

import pytest

from aggregator.dedupe.compare import Text, Verdict, compare
from aggregator.dedupe.stages import STAGES
from tests.support.project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from sequels import close_pairs

PAIRS = [pair for pair in close_pairs() if "report" in pair.kind or "stage" in pair.kind]
TOLD = (
    ", the office said on Monday. The matter goes back to the loss of a ferry in which nine people "
    "died within sight of the pier. Inspectors looked at the quay, at the tug and at the books of "
    "the company, and spoke with forty witnesses. Volunteers brought soup and blankets to the "
    "gymnasium of the school. A report on the causes is on the website, with maps and photographs. "
    "The mayor thanked everybody who had helped that night and in the weeks that followed."
)


def report(title: str, lead: str) -> Text:
    return Text(agency="Harbour Office", title=title, body=lead + TOLD)


def cut(text: Text) -> Text:
    return replace(text, body=text.body[:260].rstrip() + "…")


def verdict(one: Text, other: Text) -> Verdict:
    found = compare(one, other)
    assert found == compare(other, one)
    return found


def test_sequels_are_two_releases_in_six_languages() -> None:
    wrong = [
        (pair.one.title, pair.other.title)
        for pair in PAIRS
        if not pair.merge and verdict(pair.one, pair.other).kind != "different"
    ]
    assert wrong == []


def test_report_and_its_cut_text_are_one() -> None:
    cuts = [pair for pair in PAIRS if pair.kind == "report cut"]
    assert {verdict(pair.one, pair.other).kind for pair in cuts} == {"truncated"}


@pytest.mark.parametrize(
    ("title", "lead", "later", "later_lead"),
    [
        ("Strike at port announced", "Unions announced a strike",
         "Strike at port called off", "Unions called off a strike"),
        ("Merger of Alba and Corra notified", "The merger was notified to the authority",
         "Merger of Alba and Corra cleared", "The merger was cleared by the authority"),
        ("Bathing ban imposed at lake", "A bathing ban was imposed",
         "Bathing ban lifted at lake", "A bathing ban was lifted"),
        ("Wildfire breaks out near Orrin", "A wildfire broke out near Orrin",
         "Wildfire near Orrin contained", "A wildfire was contained near Orrin"),
        ("Grand Jury Indicts Former Mayor", "A grand jury indicted the former mayor",
         "Former Mayor Found Guilty", "A jury found the former mayor guilty"),
        ("Man acquitted of arson", "A man was acquitted of arson",
         "Man convicted of arson", "A man was convicted of arson"),
        ("Treaty signed", "The treaty was signed", "Treaty ratified", "The treaty was ratified"),
        ("Kind vermisst", "Ein Kind wird vermisst",
         "Vermisstes Kind gefunden", "Ein vermisstes Kind ist gefunden worden"),
        ("Enfant disparu", "Un enfant a disparu", "Enfant retrouvé", "Un enfant a été retrouvé"),
        ("Detenido por robo", "La policía detuvo a un hombre",
         "Condenado por robo", "La justicia condenó a un hombre"),
        ("Arrestato per furto", "Un uomo è stato arrestato",
         "Condannato per furto", "Un uomo è stato condannato"),
        ("Man aangehouden", "Een man is aangehouden",
         "Man veroordeeld", "Een man is veroordeeld"),
    ],
)  # fmt: skip
def test_later_stage_is_another_release(title: str, lead: str, later: str, later_lead: str) -> None:
    first, second = report(title, lead), report(later, later_lead)
    assert verdict(first, second).kind == "different"
    assert verdict(cut(first), second).kind == "different"


def test_reason_names_both_stages() -> None:
    first = report("The case of the treasurer", "A former treasurer was convicted of fraud")
    second = report("The case of the treasurer", "A former treasurer was sentenced for fraud")
    found = verdict(cut(first), second)
    assert found.rule == "stage"
    assert all(word in found.reason for word in ("court case", "'convicted'", "'sentenced'"))


def test_cut_text_needs_the_verb_of_its_lead() -> None:
    """One title on every report of a case says nothing about the stage."""
    first = report("The case of the harbour treasurer", "A former treasurer was convicted of fraud")
    later = report(
        "The case of the harbour treasurer", "A former treasurer was sentenced for fraud"
    )
    assert verdict(cut(first), later).rule == "stage"


def test_sequel_repeats_the_verdict() -> None:
    first = report("Treasurer convicted of fraud", "A former treasurer was convicted of fraud")
    later = report(
        "Treasurer sentenced for fraud", "A former treasurer, who was convicted, was sentenced"
    )
    assert verdict(first, later).kind == "different"


@pytest.mark.parametrize(
    ("title", "lead", "edited_title", "edited_lead"),
    [
        ("Treasurer arrested", "He was charged", "Treasurer charged", "He was charged"),
        ("News of the case", "He was arrested", "News of the case", "He was charged"),
        ("New bridge", "The bridge will be opened", "New bridge", "The bridge was opened"),
        ("Minister visits Aske", "She visits Aske", "Minister visited Aske", "She visited Aske"),
        ("Bridge opens", "It opens on Monday", "Bridge opened", "It opened on Monday"),
        ("Treasurer jailed", "He was sentenced", "Treasurer sentenced", "He was sentenced"),
    ],
)
def test_stage_or_tense_corrected_in_one_place(
    title: str, lead: str, edited_title: str, edited_lead: str
) -> None:
    found = verdict(report(title, lead), report(edited_title, edited_lead))
    assert found.kind == "revision"


def test_planned_stage_does_not_count() -> None:
    first = report("Treasurer convicted", "A treasurer was convicted and is to be sentenced in May")
    assert verdict(cut(first), first).kind == "truncated"
    assert (
        verdict(first, report("Treasurer sentenced", "A treasurer was sentenced")).rule == "stage"
    )


def test_table_has_no_phrase_in_two_stages_of_a_subject() -> None:
    for stages in STAGES.values():
        phrases = [phrase for stage in stages for phrase in stage.split(", ")]
        assert len(phrases) == len(set(phrases))
        assert all(phrase == phrase.casefold() for phrase in phrases if "ß" not in phrase)
