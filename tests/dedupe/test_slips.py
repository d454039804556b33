"""One fact corrected in a text that is otherwise equal, and the next release of a series."""

import sys
import textwrap
from dataclasses import replace
from datetime import date

import pytest

from aggregator.dedupe.compare import Text, Verdict, compare
from aggregator.dedupe.decide import decide
from tests.support.project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from sequels import close_pairs

PAIRS = [pair for pair in close_pairs() if "corrected once" in pair.kind or "series" in pair.kind]
TOLD = (
    " The ferry had left the pier in a heavy swell and took on water when a door gave way. The "
    "crew of the tug saw the lights go out and set course for the spot without waiting for orders. "
    "Volunteers brought soup and blankets to the gymnasium of the school, where the families were "
    "told what was known. Inspectors looked at the door, at the pumps and at the books of the "
    "company, and spoke with forty witnesses. A report on the causes is on the website, with maps "
    "and photographs. The mayor thanked everybody who had helped that night and recalled that the "
    "siren is tested on Saturdays."
)
TITLE = "Coastguard thanks the crew of the tug Marigold"


def release(said: str, title: str = TITLE, told: str = TOLD) -> Text:
    return Text(agency="Harbour Office", title=title, body=said + told)


def verdict(one: Text, other: Text) -> Verdict:
    found = compare(one, other)
    assert found == compare(other, one)
    return found


def test_corrected_slips_are_edits_in_six_languages() -> None:
    missed = [
        (pair.one.title, pair.other.title)
        for pair in PAIRS
        if pair.merge and verdict(pair.one, pair.other).kind != "revision"
    ]
    assert missed == []


def test_next_of_a_series_is_another_release() -> None:
    wrong = [
        (pair.one.title, pair.other.title)
        for pair in PAIRS
        if not pair.merge and verdict(pair.one, pair.other).kind != "different"
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("said", "wrong", "right"),
    [
        ("The skipper, {}, said that it took an hour.", "Ann Meyer", "Anne Maier"),
        ("The treaty was signed in {} after the war.", "Kiev", "Kyiv"),
        ("The ferry was lost on {} 2019 off the pier.", "3 March", "4 March"),
        ("The ferry was lost on {} 2019 off the pier.", "31 March", "1 April"),
        ("The ferry was lost on {}, 2019 off the pier.", "Tuesday, March 5", "Wednesday, March 6"),
        ("The lighthouse was built in {} by prisoners.", "1973", "1978"),
    ],
)
def test_one_fact_is_corrected_in_the_text(said: str, wrong: str, right: str) -> None:
    found = verdict(release(said.format(wrong)), release(said.format(right)))
    assert (found.kind, found.rule) == ("revision", "slip")
    assert right.split()[0].strip(",") in found.reason


def test_figure_is_corrected_in_title_and_text() -> None:
    one, other = (
        release(f"The tug took {n} people on board.", f"{n} people rescued by the tug Marigold")
        for n in (78, 87)
    )
    found = verdict(one, other)
    assert (found.rule, "'78' against '87'" in found.reason) == ("slip", True)


SLIP = "The skipper, {}, said that it took an hour."


def test_short_text_proves_no_slip() -> None:
    short = TOLD[: len(TOLD) // 2]
    one, other = (release(SLIP.format(name), told=short) for name in ("Jon Meyer", "Jan Maier"))
    assert verdict(one, other).kind == "different"


def test_generic_title_proves_no_slip() -> None:
    one, other = (release(SLIP.format(name), "Statement") for name in ("Meyer", "Maier"))
    assert verdict(one, other).kind == "different"


def test_second_difference_is_no_slip() -> None:
    one, other = (
        release(SLIP.format(name) + f" He is {age}.")
        for name, age in (("Jon Meyer", 34), ("John Maier", 51))
    )
    assert verdict(one, other).kind == "different"


def test_slip_needs_the_same_agency_and_day() -> None:
    one, other = (release(SLIP.format(name)) for name in ("Meyer", "Maier"))
    assert verdict(one, replace(other, agency="Press Wire")).kind == "different"
    one = replace(one, earliest=date(2024, 3, 1), latest=date(2024, 3, 1))
    other = replace(other, earliest=date(2024, 3, 8), latest=date(2024, 3, 8))
    assert verdict(one, other).kind == "different"


@pytest.mark.parametrize(
    ("title", "said", "before", "after"),
    [
        (TITLE, "The crew will be received on {} 2024.", "5 March", "6 March"),
        (TITLE, "The ferry was lost on Tuesday {} March 2019.", "5", "12"),
        (TITLE, "The skipper of the tug is {}.", "Peter Dole", "Simon Hart"),
        ("Circular {} on the tug Marigold", "This is circular {} on the tug.", "17", "18"),
        ("{}th report on the tug Marigold", "The {}th report is on the tug.", "17", "18"),
        ("Tug Marigold: {} new cases of mumps", "The crew has {} new cases.", "17", "18"),
        ("Sailors of {} thank tug", "Sailors of {} wrote a letter.", "Austria", "Australia"),
    ],
)  # fmt: skip
def test_what_a_series_changes_is_no_slip(title: str, said: str, before: str, after: str) -> None:
    one, other = (release(said.format(fact), title.format(fact)) for fact in (before, after))
    assert verdict(one, other).kind == "different"


def test_day_further_down_in_a_long_text_is_corrected() -> None:
    """A notice has the day of its event in its first sentence."""
    one, other = (
        release("Nine were saved.", told=f"{TOLD} The inquiry will open on {day} 2024.{TOLD}")
        for day in ("5 March", "6 March")
    )
    assert verdict(one, other).rule == "slip"
    notices = (replace(text, title="Notice of a sitting on the ferry") for text in (one, other))
    assert verdict(*notices).kind == "different"


def test_text_near_to_two_of_a_series_is_neither() -> None:
    new, *known = (release(SLIP.format(name)) for name in ("Meyer", "Maier", "Meier"))
    assert decide(new, list(enumerate(known))).rule == "in-doubt"


def test_wrapped_text_is_the_same() -> None:
    text = release("Nine were saved – with well-meant help, at 72 columns.")
    wrapped = replace(text, body=textwrap.fill(text.body, 72))
    assert verdict(text, wrapped).kind == "same"
    edited = replace(wrapped, body=wrapped.body.replace("heavy swell", "great swell"))
    assert verdict(text, edited).rule == "edited"
