"""Find the date phrases of a text, and state of each what it says and no more.

``find_dates`` takes any text and returns ``DatePhrase``s in order, never overlapping, each with its
exact words, its span, its first and last day, and what is missing.  What a phrase means for the
release, and which year it belongs to if it names none, is decided in ``evidence``.

What counts as a phrase:

- A day (``8 November 2023``, ``November 27, 2023``, ``2023-11-29``) with or without its weekday and
  year, and several days in one (``12-13 December``, ``30 November to 2 December``).  A weekday
  before it belongs to it: ``Friday (15 December 2023)`` is one phrase, brackets included; brackets
  around a date alone do not belong to it.  ``From`` and ``between`` do when a word answers them
  (``From 27 to 29 May``), since ``between 30 November and 2 December`` is a range only with it.
- A month with its year (``October 2017``), or after a word that makes it a time (``in April``).
- A weekday (``Monday``, ``last Monday``), and words such as ``today`` and ``last week``.

Bad input follows one rule, that no date is better than a wrong one:

- Impossible days (31 June, 29 February 2023) and days of a year outside 1900 to 2099
  (``1 January 0001``, ``27 November 1789``) are dropped whole: without its year such a day would
  be misread.
- A two-digit year is read in digits (``27/11/23``, ``27.11.23``) and after its mark (``27-Nov-23``,
  ``27 Nov '23``); ``27 Nov 23`` is ``27 Nov`` without a year.
- ``12/11/2023`` has two readings.  In an English text it is not found, unless a weekday next to it
  or ``day_first`` settles which; in others the day is first, as it is with dots everywhere.
- ``15-12 December`` runs backwards and is dropped.  ``30 November 2023 to 2 October 2023`` is two
  dates, not a range.
- A weekday that contradicts its date is kept as written, for the caller to compare.
- A number that could be a year is one, since many write ``5 May 2023 officers`` of a year; after a
  comma and before a noun, as in ``5 May, 2000 officers``, it is a count.

A text is read with the words of its language, which is found by its most frequent words unless it
is given: "listopada" is one month in Polish and another in Croatian, and "a" is a word nearly
everywhere.

The time taken is proportional to the text.  ``places`` finds where a word of the tables occurs, and
only there does ``read`` apply regular expressions, each to a bounded stretch.
"""

from aggregator.dating.languages.known import SAMPLE, language_of
from aggregator.dating.languages.language import Language
from aggregator.dating.phrases.numeric import day_order, day_orders
from aggregator.dating.phrases.patterns import forms_of
from aggregator.dating.phrases.phrase import DatePhrase
from aggregator.dating.phrases.places import places_in
from aggregator.dating.phrases.read import read_at

__all__ = ["DatePhrase", "day_order", "day_orders", "find_dates"]


def find_dates(
    text: str, language: Language | None = None, day_first: bool | None = None
) -> tuple[DatePhrase, ...]:
    """Return the date phrases of ``text``, in order, not overlapping.  Never raises.

    ``language`` is that of the text, and ``day_first`` the order of dates such as 03/04/2024, if
    they are known.
    """
    language = language or language_of(text[:SAMPLE].lower())
    forms = forms_of(language, day_first)
    found: list[DatePhrase] = []
    end = 0
    for at in places_in(forms, text):
        if at >= end:
            phrase, end = read_at(forms, text, at, end)
            if phrase is not None:
                found.append(phrase)
    return tuple(found)
