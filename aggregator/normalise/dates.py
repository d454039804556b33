"""Find the date phrases of a text, and say of each only what it says.

Takes any text; gives `DatePhrase`s in order, never overlapping, each with its exact words, its
span, its first and last day, and what is missing. Leaves to others what a phrase means for the
release (`evidence`) and which year a phrase without one belongs to (`evidence.resolve`).

What counts as a phrase:

- A day (`8 November 2023`, `November 27, 2023`, `2023-11-29`) with or without its weekday and
  year, and several days in one (`12-13 December`, `30 November to 2 December`). A weekday before
  it belongs to it: `Friday (15 December 2023)` is one phrase, brackets and all; brackets around
  a date alone do not belong to it. `From` and `between` do when a word answers them (`From 27 to
  29 May`), since `between 30 November and 2 December` is a range only with it.
- A month with its year (`October 2017`), or after a word that makes it a time (`in April`).
- A weekday (`Monday`, `last Monday`), and words such as `today` and `last week`.

What is kept of bad input; the rule is that no date is better than a wrong one:

- Impossible days (31 June, 29 February 2023) and days of a year outside 1900 to 2099
  (`1 January 0001`, `27 November 1789`) are dropped whole: without its year it would be misread.
- A two-digit year is not read: `27 Nov 23` is `27 Nov` without a year, `27/11/23` is nothing.
- `12/11/2023` has two readings and is not found, unless a weekday beside it settles which.
- `15-12 December` runs backwards and is dropped. `30 November 2023 to 2 October 2023` is two
  dates, not a range.
- A weekday that contradicts its date is kept as written; the reader of the phrase can see it.

The time taken is proportional to the text. A text is first cut into words, as bytes, and only
the places of words that occur in the tables are looked at with regular expressions, each of
which sees a bounded stretch. A new language is one more `Language` in `LANGUAGES`.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Literal

from aggregator.model import PartialDate, Shift

Precision = Literal["day", "month", "week", "relative"]
Unit = Literal["day", "week", "weekend", "month", "year"]

FIRST_YEAR, LAST_YEAR = 1900, 2099


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePhrase:
    """One phrase; `text` is exactly the source's `[start:end]`, counted in characters.

    `weekday` (Monday is 0) is that of `first`. `missing` names the fields ("year", "month",
    "day") that are None in `first` or `last`. `relative` is set for `today` and `last week`
    (precision "relative" and "week"), and for `this July` and `last Monday` (precision "month"
    and "day").
    """

    text: str
    start: int
    end: int
    first: PartialDate
    last: PartialDate
    weekday: int | None
    precision: Precision
    relative: Shift | None
    missing: frozenset[str]


def find_dates(text: str) -> tuple[DatePhrase, ...]:
    """Give the date phrases of `text`, in order, not overlapping. Never raises, for any text."""
    found: list[DatePhrase] = []
    end = 0
    for at in _places(text):
        if at >= end:
            phrase, end = _read(text, at, end)
            if phrase is not None:
                found.append(phrase)
    return tuple(found)


# ---------------------------------------------------------------------------------- languages


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The words one language writes dates with, all in lower case.

    Lists are strings of words between spaces. `months` and `weekdays` have one string for each,
    the name first, then its abbreviations; accents may be missing in the text. An abbreviated
    weekday counts only beside a date.
    """

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    #: Whether months and weekdays are written with a capital.
    capitals: bool
    #: Whether the month may come before the day ("November 27").
    month_first: bool = False
    #: Names that are other words too ("may", "march"). As a name it needs its usual case or a
    #: year beside it; as an abbreviation always a year; as a relative word lower case.
    ambiguous: str = ""
    #: Between days: lists, then ranges.
    lists: str = ""
    ranges: str = ""
    #: Before a range: "from" when a range word answers, "between" when a list word does.
    from_words: str = ""
    between_words: str = ""
    #: Between day and month or month and year, and before a day.
    of_words: str = ""
    articles: str = ""
    #: What may be glued to a day's number.
    ordinals: str = ""
    #: Before a month that stands without day or year, to make it a time; the second for names
    #: that are not ambiguous only ("of May").
    leads: str = ""
    weak_leads: str = ""
    #: Words before or after a unit, weekday or month that move it: "last" -1, "this" 0, "next" 1.
    before: dict[str, int]
    after: dict[str, int]
    units: dict[str, Unit]
    #: Days told from today. None: these words are no date ("black friday").
    days: dict[str, int | None]


ENGLISH = Language(
    months=(
        "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
        "august aug", "september sept sep", "october oct", "november nov", "december dec",
    ),
    weekdays=(
        "monday mon", "tuesday tues tue", "wednesday weds wed", "thursday thurs thur thu",
        "friday fri", "saturday sat", "sunday sun",
    ),
    capitals=True,
    month_first=True,
    ambiguous="may march mon wed fri sat sun",
    lists="and or",
    ranges="to until till through thru",
    from_words="from",
    between_words="between",
    of_words="of",
    articles="the",
    ordinals="st nd rd th",
    leads="in since until during throughout early late mid",
    weak_leads="till by from end of before after",
    before={"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1, "previous": -1},
    after={},
    units={"week": "week", "weekend": "weekend", "month": "month", "year": "year"},
    days={
        "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
        "yesterday": -1, "last night": -1, "tomorrow": 1,
        "black friday": None, "good friday": None, "cyber monday": None, "super tuesday": None,
        "giving tuesday": None, "ash wednesday": None, "bloody sunday": None,
        "sheffield wednesday": None, "maundy thursday": None,
    },
)  # fmt: skip

FRENCH = Language(
    months=(
        "janvier janv", "février févr fév", "mars", "avril avr", "mai", "juin", "juillet juil",
        "août", "septembre sept", "octobre oct", "novembre nov", "décembre déc",
    ),
    weekdays=("lundi lun", "mardi", "mercredi mer", "jeudi jeu", "vendredi ven", "samedi sam",
              "dimanche dim"),
    capitals=False,
    ambiguous="mars mer jeu sam",
    lists="et ou",
    ranges="au à jusqu'au",
    from_words="du",
    between_words="entre",
    of_words="de",
    articles="le au les",
    ordinals="er ère e ème",
    leads="en depuis fin début mi dès courant",
    before={"ce": 0, "cette": 0, "prochaine": 1, "prochain": 1},
    after={"dernier": -1, "dernière": -1, "passé": -1, "passée": -1, "prochain": 1,
           "prochaine": 1},
    units={"semaine": "week", "week-end": "weekend", "mois": "month", "année": "year"},
    # "hier" alone is German and Dutch for "here".
    days={
        "aujourd'hui": 0, "aujourd\u2019hui": 0, "ce matin": 0, "cet après-midi": 0, "ce soir": 0,
        "hier soir": -1, "hier matin": -1, "hier à": -1, "hier après-midi": -1, "demain": 1,
        "mardi gras": None,
    },
)  # fmt: skip

GERMAN = Language(
    months=(
        "januar jan jänner", "februar feb feber", "märz mrz", "april apr", "mai", "juni jun",
        "juli jul", "august aug", "september sept sep", "oktober okt", "november nov",
        "dezember dez",
    ),
    weekdays=("montag mo.", "dienstag di.", "mittwoch mi.", "donnerstag do.", "freitag fr.",
              "samstag sa. sonnabend", "sonntag so."),
    capitals=True,
    lists="und oder sowie",
    ranges="bis",
    from_words="vom von",
    between_words="zwischen",
    articles="der den dem am zum",
    ordinals=".",
    leads="im seit bis anfang ende mitte ab",
    before={"letzte": -1, "letzten": -1, "letzter": -1, "vergangene": -1, "vergangenen": -1,
            "diese": 0, "dieser": 0, "diesen": 0, "diesem": 0, "nächste": 1, "nächsten": 1,
            "nächster": 1, "kommende": 1, "kommenden": 1},
    after={},
    units={"woche": "week", "wochenende": "weekend", "monat": "month", "jahr": "year"},
    ambiguous="morgen",
    days={
        "heute": 0, "heute morgen": 0, "heute abend": 0, "gestern": -1, "gestern abend": -1,
        "vorgestern": -2, "morgen": 1, "übermorgen": 2, "guten morgen": None, "am morgen": None,
    },
)  # fmt: skip

SPANISH = Language(
    months=(
        "enero ene", "febrero feb", "marzo", "abril abr", "mayo", "junio jun", "julio jul",
        "agosto ago", "septiembre setiembre sept", "octubre oct", "noviembre nov",
        "diciembre dic",
    ),
    weekdays=("lunes lun", "martes", "miércoles mié", "jueves jue", "viernes vie", "sábado sáb",
              "domingo dom"),
    capitals=False,
    ambiguous="mayo julio ago domingo dom mañana hoy",
    lists="y e o",
    ranges="al a hasta",
    from_words="del desde",
    between_words="entre",
    of_words="de del",
    articles="el los",
    ordinals="º ° o",
    leads="en desde hasta mediados principios finales de",
    before={"este": 0, "esta": 0, "pasado": -1, "pasada": -1, "próximo": 1, "próxima": 1},
    after={"pasado": -1, "pasada": -1, "próximo": 1, "próxima": 1},
    units={"semana": "week", "mes": "month", "año": "year"},
    days={
        "hoy": 0, "esta mañana": 0, "esta tarde": 0, "esta noche": 0, "ayer": -1, "anoche": -1,
        "mañana": 1, "la mañana": None, "santo domingo": None,
    },
)  # fmt: skip

ITALIAN = Language(
    months=(
        "gennaio gen", "febbraio feb febbr", "marzo mar", "aprile apr", "maggio mag",
        "giugno giu", "luglio lug", "agosto ago", "settembre sett set", "ottobre ott",
        "novembre nov", "dicembre dic",
    ),
    weekdays=("lunedì lun", "martedì", "mercoledì mer", "giovedì gio", "venerdì ven",
              "sabato sab", "domenica dom"),
    capitals=False,
    ambiguous="gen set ago mag mer dom sabato domenica",
    lists="e ed o",
    ranges="al all'",
    from_words="dal",
    between_words="tra fra",
    of_words="di del",
    articles="il lo",
    ordinals="º °",
    leads="in da a ad di nel fine metà inizio",
    before={"questo": 0, "questa": 0, "scorso": -1, "scorsa": -1, "prossimo": 1, "prossima": 1},
    after={"scorso": -1, "scorsa": -1, "prossimo": 1, "prossima": 1},
    units={"settimana": "week", "mese": "month", "anno": "year"},
    days={"oggi": 0, "stamattina": 0, "stasera": 0, "ieri": -1, "ieri sera": -1, "domani": 1},
)  # fmt: skip

DUTCH = Language(
    months=(
        "januari jan", "februari feb", "maart mrt", "april apr", "mei", "juni jun", "juli jul",
        "augustus aug", "september sept sep", "oktober okt", "november nov", "december dec",
    ),
    weekdays=("maandag ma.", "dinsdag di.", "woensdag wo.", "donderdag do.", "vrijdag vr.",
              "zaterdag za.", "zondag zo."),
    capitals=False,
    lists="en",
    ranges="tot t/m",
    from_words="van",
    between_words="tussen",
    of_words="van",
    articles="de den",
    ordinals="e ste de",
    leads="in sinds eind begin half medio tot",
    before={"vorige": -1, "afgelopen": -1, "deze": 0, "dit": 0, "volgende": 1, "komende": 1},
    after={},
    units={"week": "week", "weekend": "weekend", "maand": "month", "jaar": "year"},
    ambiguous="morgen",
    days={"vandaag": 0, "vanavond": 0, "vanochtend": 0, "gisteren": -1, "morgen": 1,
          "goede morgen": None, "de morgen": None},
)  # fmt: skip

PORTUGUESE = Language(
    months=(
        "janeiro jan", "fevereiro fev", "março mar", "abril abr", "maio", "junho jun",
        "julho jul", "agosto ago", "setembro set", "outubro out", "novembro nov",
        "dezembro dez",
    ),
    weekdays=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
              "sábado sáb", "domingo dom"),
    capitals=False,
    ambiguous="out set ago dez domingo dom",
    lists="e ou",
    ranges="a ao até",
    from_words="de",
    between_words="entre",
    of_words="de",
    articles="o dia os dias",
    ordinals="º ° o",
    leads="em desde até de meados",
    before={"este": 0, "esta": 0, "nesta": 0, "passado": -1, "passada": -1, "próximo": 1,
            "próxima": 1},
    after={"passado": -1, "passada": -1, "próximo": 1, "próxima": 1},
    units={"semana": "week", "mês": "month", "ano": "year"},
    days={"hoje": 0, "esta manhã": 0, "ontem": -1, "amanhã": 1},
)  # fmt: skip

LANGUAGES = (ENGLISH, FRENCH, GERMAN, SPANISH, ITALIAN, DUTCH, PORTUGUESE)


# -------------------------------------------------------------------- the tables, turned around


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """What a month's or weekday's name means. `number`: months from 1, weekdays from 0."""

    number: int
    short: bool
    dotted: bool
    ambiguous: bool
    capital: bool
    month_first: bool


def _spellings(word: str) -> set[str]:
    """Give `word` composed, decomposed and without its accents."""
    apart = unicodedata.normalize("NFD", word)
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return {unicodedata.normalize("NFC", word), apart, bare}


def _turn(field: Literal["months", "weekdays"], base: int) -> dict[str, _Name]:
    """Map every spelling of every month or weekday to its meaning."""
    names: dict[str, _Name] = {}
    for language in LANGUAGES:
        for number, words in enumerate(getattr(language, field), base):
            for position, word in enumerate(words.split()):
                name = _Name(
                    number=number,
                    short=position > 0,
                    dotted=word.endswith("."),
                    ambiguous=word in language.ambiguous.split(),
                    capital=language.capitals,
                    month_first=language.month_first,
                )
                for spelling in _spellings(word.rstrip(".")):
                    names[spelling] = _both(names.get(spelling), name, spelling)
    return names


def _both(known: _Name | None, new: _Name, word: str) -> _Name:
    """Join the meanings two languages give a word, as freely as the freer; refuse two numbers."""
    if known is None:
        return new
    if known.number != new.number:
        raise ValueError(f"two languages disagree on {word!r}")
    return _Name(
        number=new.number,
        short=known.short and new.short,
        dotted=known.dotted and new.dotted,
        ambiguous=known.ambiguous or new.ambiguous,
        capital=known.capital and new.capital,
        month_first=known.month_first or new.month_first,
    )


def _words(*fields: str) -> set[str]:
    """Give the words the languages list under these fields, in every spelling."""
    return {
        spelling
        for language in LANGUAGES
        for field in fields
        for word in getattr(language, field).split()
        for spelling in _spellings(word)
    }


def _offsets(field: Literal["before", "after"]) -> dict[str, int]:
    """Map the words that move a unit ("last") to how far."""
    return {
        spelling: offset
        for language in LANGUAGES
        for word, offset in getattr(language, field).items()
        for spelling in _spellings(word)
    }


def _relative_phrases() -> dict[str, Shift | None]:
    """Map every relative phrase ("today", "last week") to its meaning; None is no date."""
    phrases: dict[str, Shift | None] = {}
    for language in LANGUAGES:
        for text, offset in language.days.items():
            meaning = None if offset is None else Shift(unit="day", offset=offset)
            phrases.update(dict.fromkeys(_spellings(text), meaning))
        for name, unit in language.units.items():
            combined = {f"{word} {name}": n for word, n in language.before.items()}
            combined |= {f"{name} {word}": n for word, n in language.after.items()}
            for text, n in combined.items():
                meaning = Shift(unit=unit, offset=n)
                phrases.update(dict.fromkeys(_spellings(text), meaning))
    return phrases


_MONTHS = _turn("months", 1)
_WEEKDAYS = _turn("weekdays", 0)
_BEFORE = _offsets("before")
_AFTER = _offsets("after")
_LEADS = _words("leads", "weak_leads")
_WEAK_LEADS = _words("weak_leads") - _words("leads")
_LISTS = _words("lists")
_FROM = _words("from_words")
_BETWEEN = _words("between_words")
_AMBIGUOUS = _words("ambiguous")
_RELATIVE = _relative_phrases()


def _any(words: Iterable[str]) -> str:
    """Give a pattern of the words in any case, the longest first, any space between their parts.

    A tree by letters, since Python tries the branches of an alternation one by one.
    """
    tree: dict[str, Any] = {}
    for word in words:
        branch = tree
        for letter in word:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return f"(?i:{_branches(tree)})"


def _branches(tree: dict[str, Any]) -> str:
    """Give the pattern of a tree of letters; "" marks where a word may end."""
    patterns = [
        (r"\s{1,4}" if letter == " " else re.escape(letter)) + _branches(branch)
        for letter, branch in sorted(tree.items())
        if letter
    ]
    if not patterns:
        return ""
    return f"(?:{'|'.join(patterns)}){'?' if '' in tree else ''}"


# ------------------------------------------------------------------------------------- patterns

# Every repetition has a bound, so that one match looks at a bounded stretch and the whole at a
# multiple of the text. Schedules pad with a dozen (no-break) spaces; one line break is let
# through, since mail and PDF wrap lines within dates.
_GAP = r"(?:[^\S\n]{1,30}(?:\n[^\S\n]{0,8})?|\n[^\S\n]{0,8})"
_DASH = "[-\u2010-\u2015\u2212]"  # every hyphen and dash, and the minus sign
_LETTERS = r"[^\W\d_][\w\u0300-\u036f]{0,14}"
# "May 12,000" is an amount, "May 14,2024" a date without its space.
_NO_MORE_DIGITS = r"(?![.:]?\d|,\d(?!\d{3}(?!\d)))"
_DAY = rf"\d{{1,2}}(?:\.|{_any(_words('ordinals') - {'.'})}(?!\w)|(?!\w)){_NO_MORE_DIGITS}"
_WEEKDAY = _any(_WEEKDAYS) + r"(?!\w)\.?"
_ARTICLE = rf"(?:{_any(_words('articles'))}{_GAP})"
_OF = _any(_words("of_words"))
_BEFORE_DAY = rf"{_ARTICLE}?(?:{_WEEKDAY},?{_GAP}{_ARTICLE}?)?"
_RANGE = rf"(?:{_GAP}?{_DASH}{_GAP}?|,?{_GAP}{_any(_words('ranges'))}(?:{_GAP}|(?<=['\u2019])))"
_JOIN = (
    rf"(?:{_GAP}?(?:{_DASH}|[/&,]){_GAP}?"
    rf"|,?{_GAP}{_any(_words('ranges', 'lists'))}(?:{_GAP}|(?<=['\u2019])))"
)
_DAYS = rf"(?P<days>{_DAY}(?:{_JOIN}{_BEFORE_DAY}{_DAY}){{0,8}})"
# A year, or the digits that stand where one would: `_year_of` decides what they are.
_YEAR = rf"(?P<tail>(?P<sep>\.?,?{_GAP}(?:{_OF}{_GAP})?|[-/,])(?P<year>\d{{3,}}))?"

_DAY_FIRST = re.compile(
    rf"{_DAYS}(?:{_GAP}(?:{_OF}{_GAP})?|(?<=\.)|[-/])(?P<month>{_LETTERS})(?P<dot>\.)?{_YEAR}"
)
_MONTH_FIRST = re.compile(rf"(?P<month>{_LETTERS})\.?{_GAP}{_ARTICLE}?{_DAYS}{_YEAR}")
_MONTH_YEAR = re.compile(rf"(?P<month>{_LETTERS}){_YEAR}")
_MONTH_TO_MONTH = re.compile(rf"{_LETTERS}{_JOIN}(?={_LETTERS})")
_RANGE_TO = re.compile(rf"{_RANGE}{_BEFORE_DAY}")
_AND_TO = re.compile(rf"{_JOIN}{_BEFORE_DAY}")
_SECOND_WEEKDAY = re.compile(rf"{_JOIN}{_WEEKDAY}")
_TO_DATE = re.compile(rf"\.?,?{_GAP}?(?P<bracket>[(\[])?{_ARTICLE}?")
_WEEKDAY_AFTER = re.compile(rf"{_GAP}?\((?P<weekday>{_LETTERS})\)")
_NUMERIC = re.compile(
    r"(?P<a>[0-9](?<![\w$€£#@].)(?<![\w+][.,/:-].)[0-9]{0,3})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)"
    r"(?P<c>\d{1,4})(?:(?=T\d\d:)|(?!\w|[-/.,:]\d))"
)
_LETTERS_AT = re.compile(_LETTERS)
# A day's number does not begin inside an amount, a name or a rejected range ("COVID-19 May").
# The digit stands before what looks back at it, which lets Python skip from digit to digit.
_FIRST_DIGIT = re.compile(
    rf"[0-9](?<![\w$€£#@].)(?<!\d[.,:/].)(?<![^\W\d_]-.)(?<!\d{_DASH}.)[0-9]?(?![0-9])"
)
_NUMBER = re.compile(r"\d+")
_RANGE_WORD = re.compile(rf"{_DASH}|(?<!\w){_any(_words('ranges'))}(?!\w)|['\u2019]")
_LIST_WORD = re.compile(rf"[/&]|(?<!\w){_any(_words('lists'))}(?!\w)")
_WORD_BEFORE = re.compile(r"(?<!\w)([^\W\d_][\w\u0300-\u036f'\u2019]{0,14})(?:\s{1,4}|-)\Z")
_WORD_AFTER = re.compile(rf"\s{{1,4}}({_LETTERS})(?!\w)")
# "27 May 2000 hrs" tells the time, "May 12 miles" a distance.
_TIME_AFTER = re.compile(r"\s{0,2}(?i:hrs?|hours?|h|utc|gmt|cet|cest|z)(?!\w)")
_AMOUNT_AFTER = re.compile(
    r"\s{0,2}(?:%|(?i:per\s?cent|percent|miles|kilomet\w+|km|kg|million|billion|euros?"
    r"|dollars|people|years|months|weeks|days|hours|minutes|times)(?!\w))"
)
_NOUN_AFTER = re.compile(
    r"\s(?!(?:a|after|an|and|are|as|at|before|by|during|following|for|from|had|has|in|is|led"
    r"|of|on|or|that|the|to|until|was|were|when|where|which|while|who|will|with)\s)[a-z]"
)


# ---------------------------------------------------------------------------- where to look

# Latin-1 has one byte for each character (a question mark for those it lacks), so that places
# stay what they are, and bytes are cheap: a table turns capitals and accents into small letters,
# digits into 0 and all else into spaces; splitting and looking up the words is then done in C.
_ACCENTS = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöøùúûüý", "aaaaaaceeeeiiiinoooooouuuuy"
)  # fmt: skip


def _flat_letter(letter: str) -> str:
    """Give what a Latin-1 character becomes."""
    small = letter.lower().translate(_ACCENTS)
    return "0" if letter in "0123456789" else small if "a" <= small <= "z" else " "


_FLAT = "".join(_flat_letter(chr(code)) for code in range(256)).encode()


def _flatten(text: str) -> bytes:
    """Give `text` in flat bytes, one for each character."""
    return text.encode("latin-1", "replace").translate(_FLAT)


def _needles() -> dict[bytes, frozenset[bytes]]:
    """Map a piece of each word of the tables, as flat bytes, to the whole words that have it.

    Most words are their own piece; one with a combining accent falls into pieces, of which
    splitting can find the longest. Of several words ("last week") the anchor stands.
    """
    needles: dict[bytes, set[bytes]] = {}
    for table in (_MONTHS, _WEEKDAYS, _RELATIVE):
        for phrase in table:
            flat = _flatten(_anchor(phrase))
            piece = max(flat.split(), key=len)
            needles.setdefault(piece, set()).add(b" " + flat + b" ")
    return {piece: frozenset(words) for piece, words in needles.items()}


def _anchor(phrase: str) -> str:
    """Give the word of a phrase that is looked for: the longest that is not a mere "this"."""
    words = [word for word in phrase.split() if word not in _BEFORE and word not in _AFTER]
    match = _LETTERS_AT.match(max(words, key=len))
    assert match is not None
    return match[0]


_NEEDLES = _needles()
_PIECES = frozenset(_NEEDLES)
# Three numbers of which the first or last has four digits, with one character between.
_NUMERIC_HINTS = (b"0 0000", b"0000 0")


def _places(text: str) -> list[int]:
    """Give, in order, the places in `text` where a phrase may have its anchor."""
    flat = _flatten(text)
    pieces = _PIECES.intersection(flat.split())
    places = list(_occurrences(b" " + flat + b" ", pieces)) if pieces else []
    if any(hint in flat for hint in _NUMERIC_HINTS):
        places += [match.start() for match in _NUMERIC.finditer(text)]
    places.sort()
    return places


def _occurrences(padded: bytes, pieces: Iterable[bytes]) -> Iterator[int]:
    """Give where the words that have these pieces begin, counted without the padding."""
    for piece in pieces:
        for needle in _NEEDLES[piece]:
            at = padded.find(needle)
            while at >= 0:
                yield at
                at = padded.find(needle, at + len(needle) - 1)


# ------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Days:
    """One or more days read at a place; `valid` is False for what must not be read otherwise."""

    start: int
    end: int
    first: PartialDate
    last: PartialDate
    valid: bool = True
    by_word: bool = False


_Read = tuple[DatePhrase | None, int]


@lru_cache(maxsize=4096)
def _partial(year: int | None, month: int | None, day: int | None) -> PartialDate:
    """Give the date, the same object for the same date: texts repeat their dates."""
    return PartialDate(year=year, month=month, day=day)


@cache
def _missing(year: bool, month: bool, day: bool) -> frozenset[str]:
    """Give the names of what is missing."""
    flags = {"year": year, "month": month, "day": day}
    return frozenset(name for name, is_missing in flags.items() if is_missing)


_NOTHING = _partial(None, None, None)


def _phrase(
    text: str,
    start: int,
    end: int,
    first: PartialDate,
    last: PartialDate,
    precision: Precision,
    weekday: int | None = None,
    relative: Shift | None = None,
) -> DatePhrase:
    """Build the phrase of a span."""
    missing = _missing(
        first.year is None or last.year is None,
        first.month is None or last.month is None,
        first.day is None or last.day is None,
    )
    return DatePhrase(
        text=text[start:end],
        start=start,
        end=end,
        first=first,
        last=last,
        weekday=weekday,
        precision=precision,
        relative=relative,
        missing=missing,
    )


def _read(text: str, at: int, floor: int) -> _Read:
    """Read the phrase anchored at `at`, not reaching before `floor`; give it and where to go on."""
    if text[at].isdigit():
        return _read_numeric(text, at)
    word = _LETTERS_AT.match(text, at)
    if word is None or (at and (text[at - 1].isalnum() or text[at - 1] == "_")):
        return None, floor
    start, end = word.span()
    name = word[0].lower()
    if (pattern := _RELATIVE_NEAR.get(name)) is not None:
        read = _read_relative(text, start, end, floor, pattern)
        if read is not None:
            return read
    if (month := _MONTHS.get(name)) is not None:
        return _read_month(text, start, end, month, floor)
    tail = _HYPHENATED.get(name)
    if tail is not None and text[end : end + len(tail)].lower() == tail:
        name, end = name + tail, end + len(tail)
    if (weekday := _WEEKDAYS.get(name)) is not None:
        return _read_weekday(text, start, end, weekday, floor)
    return None, floor


_HYPHENATED = {
    name[: name.index("-")]: name[name.index("-") :] for name in _WEEKDAYS if "-" in name
}


def _near() -> dict[str, re.Pattern[str]]:
    """Map the anchor of each relative phrase to a pattern of all phrases that have it."""
    groups: dict[str, list[str]] = {}
    for phrase in _RELATIVE:
        groups.setdefault(_anchor(phrase), []).append(phrase)
    return {anchor: re.compile(rf"(?<!\w){_any(p)}(?![\w])") for anchor, p in groups.items()}


_RELATIVE_NEAR = _near()


def _read_relative(
    text: str, start: int, end: int, floor: int, pattern: re.Pattern[str]
) -> _Read | None:
    """Read `today` or `last week` around the anchor; None if there is no such phrase here."""
    for match in pattern.finditer(text, max(floor, start - 16), end + 16):
        if match.start() <= start and end <= match.end():
            words = " ".join(match[0].lower().split())
            meaning = _RELATIVE.get(words)
            if meaning is None:
                return None, match.end()
            if words in _AMBIGUOUS and not match[0].islower():
                return None, match.end()
            precision: Precision = "week" if meaning.unit in ("week", "weekend") else "relative"
            return _phrase(
                text, *match.span(), _NOTHING, _NOTHING, precision, relative=meaning
            ), match.end()
    return None


def _read_numeric(text: str, at: int) -> _Read:
    """Read `29/11/2023` or `2023-11-29`."""
    days = _numeric(text, at, None)
    if days is None:
        return None, at
    return _phrase(text, days.start, days.end, days.first, days.last, "day"), days.end


def _numeric(text: str, at: int, weekday: int | None) -> _Days | None:
    """Read a date in digits at `at`, if it has one reading, or `weekday` leaves it one."""
    match = _NUMERIC.match(text, at)
    if match is None:
        return None
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    if len(match["a"]) == 4 and len(match["c"]) <= 2:
        readings = {(a, b, c)}
    elif len(match["c"]) == 4 and len(match["a"]) <= 2:
        readings = {(c, b, a), (c, a, b)}
    else:
        return None
    real = [reading for reading in readings if _is_day(*reading)]
    if len(real) > 1 and weekday is not None:
        real = [reading for reading in real if _weekday_of(*reading) == weekday]
    if len(real) != 1:
        return None
    date = _partial(*real[0])
    return _Days(match.start(), match.end(), date, date)


def _read_month(text: str, start: int, end: int, month: _Name, floor: int) -> _Read:
    """Read the phrase whose month's name stands at `start`: with days, with a year, or alone."""
    if month.ambiguous and month.capital and text[start].islower():
        # The verb "may" is the most frequent of all these words: only a number can save it.
        beside = text[end : end + 4]
        if not any(letter.isdecimal() for letter in beside):
            return None, floor
    days = _days_before(text, start, floor)
    if days is None and _word_before(text, start, floor)[0] != "in":
        days = _month_first(text, start)
    if days is None:
        return _read_bare_month(text, start, end, month, floor)
    if not days.valid:
        return None, days.end
    begin = _with_from(text, days, floor)
    weekday, stop = None, days.end
    after = _WEEKDAY_AFTER.match(text, stop)
    if after is not None and (name := _WEEKDAYS.get(after["weekday"].lower())) is not None:
        weekday, stop = name.number, after.end()
    return _phrase(text, begin, stop, days.first, days.last, "day", weekday), stop


def _days_before(text: str, month_at: int, floor: int) -> _Days | None:
    """Read the days that stand before the month at `month_at`, and what follows it."""
    low = max(floor, month_at - 48)
    for digit in _FIRST_DIGIT.finditer(text, low, month_at):
        match = _DAY_FIRST.match(text, digit.start())
        if match is not None and match.start("month") == month_at:
            return _day_first(text, match, floor)
    return None


def _day_first(text: str, match: re.Match[str], floor: int) -> _Days | None:
    """Make days of a match such as `12-13 December 2023`, if its word is a month."""
    month = _MONTHS.get(match["month"].lower())
    if month is None:
        return None
    year, end, valid = _year_of(text, match)
    if year is None and not _is_plain(month, match["month"]):
        return None
    start, low, high, kind = _day_list(match)
    if year is None and month.month_first and match["days"].endswith("."):
        # "The total rose to 27. November was dry": German and English share the month.
        # With nothing before it on its line, no sentence can have ended there.
        word = _word_before(text, start, floor)[0]
        alone = start == 0 or text[start - 1] == "\n"
        if not alone and word not in _GERMAN_BEFORE and word not in _WEEKDAYS:
            return None
    days = _checked(start, end, year, month.number, low, high, kind, valid)
    return _to_other_month(text, days, floor, _DAY_FIRST)


_GERMAN_BEFORE = {
    word
    for words in (GERMAN.articles, GERMAN.from_words, GERMAN.leads, GERMAN.ranges, GERMAN.lists)
    for word in words.split()
}


def _month_first(text: str, at: int) -> _Days | None:
    """Read `November 27-29, 2023` at `at`, if there is such a month."""
    match = _MONTH_FIRST.match(text, at)
    if match is None:
        return None
    name = _MONTHS.get(match["month"].lower())
    if name is None or not name.month_first:
        return None
    year, end, valid = _year_of(text, match)
    if year is None:
        followed = match.end("days")
        if not _is_plain(name, match["month"]) or _AMOUNT_AFTER.match(text, followed):
            return None
    _, low, high, kind = _day_list(match)
    if kind == "last":
        # "November 27, 30 properties": the first is the day, the rest something else.
        first = _NUMBER.search(match["days"])
        assert first is not None
        low = high = int(first[0])
        kind, year, end = "one", None, match.start("days") + first.end()
    if year is None and text[end - 1] == ".":  # the sentence's, not an ordinal's
        end -= 1
    days = _checked(match.start(), end, year, name.number, low, high, kind, valid)
    return _to_other_month(text, days, at, _MONTH_FIRST)


_Kind = Literal["one", "list", "range", "word range", "last", "backwards"]


def _day_list(match: re.Match[str]) -> tuple[int, int, int, _Kind]:
    """Read the days of a match: where they start, the lowest, the highest, and how joined."""
    written, start = match["days"], match.start("days")
    if written.isdecimal():
        day = int(written)
        return start, day, day, "one"
    numbers = list(_NUMBER.finditer(written))
    days = [int(number[0]) for number in numbers]
    if len(days) == 1:
        return start, days[0], days[0], "one"
    joins = [written[a.end() : b.start()] for a, b in pairwise(numbers)]
    rising = all(a < b for a, b in pairwise(days))
    by_range = [join for join in joins if _RANGE_WORD.search(join)]
    if rising and by_range:
        by_word = any(any(c.isalpha() for c in join) for join in by_range)
        return start, days[0], days[-1], "word range" if by_word else "range"
    if rising and _LIST_WORD.search(joins[-1]):
        return start, days[0], days[-1], "list"
    if by_range:
        return start, days[0], days[-1], "backwards"
    return start + numbers[-1].start(), days[-1], days[-1], "last"


def _checked(
    start: int,
    end: int,
    year: int | None,
    month: int,
    low: int,
    high: int,
    kind: _Kind,
    valid: bool,
) -> _Days:
    """Build days, valid only if both ends are real and in order."""
    real = valid and kind != "backwards" and _is_day(year, month, low)
    real = real and (low == high or _is_day(year, month, high))
    first = _partial(year, month, low)
    last = first if low == high else _partial(year, month, high)
    return _Days(start, end, first, last, real, kind in ("word range", "list"))


def _to_other_month(text: str, days: _Days, floor: int, shape: re.Pattern[str]) -> _Days:
    """Join `30 November` with the `to 2 December` that follows it, if that runs forwards."""
    if not days.valid or days.first.day != days.last.day:
        return days
    join = _RANGE_TO.match(text, days.end)
    if join is None:
        join = _AND_TO.match(text, days.end)
        if join is None or _word_before(text, days.start, floor)[0] not in _BETWEEN:
            return days
    match = shape.match(text, join.end())
    if match is None or (name := _MONTHS.get(match["month"].lower())) is None:
        return days
    year, end, valid = _year_of(text, match)
    _, low, high, kind = _day_list(match)
    if not valid or kind != "one" or not _is_plain(name, match["month"]):
        return days
    if not _is_day(year, name.number, low):
        return days
    first, last = _ends(days.first, _partial(year, name.number, high))
    if first is None:
        return days
    if text[end - 1] == "." and shape is _MONTH_FIRST:
        end -= 1
    by_word = any(c.isalpha() for c in join[0])
    return _Days(days.start, end, first, last, True, by_word)


def _ends(first: PartialDate, last: PartialDate) -> tuple[PartialDate | None, PartialDate]:
    """Give each end of a range the year the other has; first is None if it runs backwards.

    Ends of which one has no year run over the turn of the year if they are at most three months
    apart that way round: 30 December to 2 January 2024 begins in 2023.
    """
    assert first.month is not None
    assert last.month is not None
    assert first.day is not None
    assert last.day is not None
    turns = (last.month, last.day) <= (first.month, first.day)
    if first.year is None or last.year is None:
        if turns and not 0 < (last.month - first.month) % 12 <= 3:
            return None, last
        if last.year is not None:
            first = _partial(last.year - turns, first.month, first.day)
        elif first.year is not None:
            last = _partial(first.year + turns, last.month, last.day)
    elif first.year + turns > last.year or last.year - first.year > 1:
        return None, last
    if not all(_is_day(end.year, end.month or 0, end.day or 0) for end in (first, last)):
        return None, last
    return first, last


def _with_from(text: str, days: _Days, floor: int) -> int:
    """Give where a phrase starts, with the `from` or `between` that its words answer."""
    if not days.by_word:
        return days.start
    word, at = _word_before(text, days.start, floor)
    return at if word in _FROM or word in _BETWEEN else days.start


def _read_bare_month(text: str, start: int, end: int, month: _Name, floor: int) -> _Read:
    """Read `October 2017`, `October to December 2023`, `in April` or `this July`."""
    if month.short and month.ambiguous:  # "set 2024 targets"
        return None, floor
    match = _MONTH_YEAR.match(text, start)
    if match is not None and match["tail"] is not None:
        year, stop, valid = _year_of(text, match)
        if not valid:
            return None, stop
        if year is not None:
            date = _partial(year, month.number, None)
            return _phrase(text, start, stop, date, date, "month"), stop
    to_month = _read_month_to_month(text, start, month)
    if to_month is not None:
        return to_month
    return _read_month_alone(text, start, end, month, floor)


def _read_month_to_month(text: str, start: int, month: _Name) -> _Read | None:
    """Read `October to December 2023`; without a year such a span is none."""
    join = _MONTH_TO_MONTH.match(text, start)
    match = join and _MONTH_YEAR.match(text, join.end())
    if not match or (name := _MONTHS.get(match["month"].lower())) is None:
        return None
    year, end, valid = _year_of(text, match)
    if year is None or not valid or (name.short and name.ambiguous):
        return None
    turns = name.number <= month.number
    first = _partial(year - turns, month.number, None)
    last = _partial(year, name.number, None)
    return _phrase(text, start, end, first, last, "month"), end


def _read_month_alone(text: str, start: int, end: int, month: _Name, floor: int) -> _Read:
    """Read `in April`, `this July` or `juillet dernier`: the word beside the month makes it one."""
    written = text[start:end]
    # "March-based" and "May-bot" are no months.
    hyphened = text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()
    if month.short or hyphened or not _is_plain(month, written) or not _has_case(month, written):
        return None, floor
    date = _partial(None, month.number, None)
    after = _WORD_AFTER.match(text, end)
    if after is not None and (offset := _AFTER.get(after[1].lower())) is not None:
        relative = Shift(unit="year", offset=offset)
        return _phrase(text, start, after.end(), date, date, "month", None, relative), after.end()
    word, at = _word_before(text, start, floor)
    if not word or (month.ambiguous and word in _WEAK_LEADS):
        return None, floor
    if (offset := _BEFORE.get(word)) is not None:
        if month.ambiguous and text[at].isupper():  # "This May Change Everything"
            return None, floor
        relative = Shift(unit="year", offset=offset)
        return _phrase(text, at, end, date, date, "month", None, relative), end
    if word in _LEADS:
        return _phrase(text, at, end, date, date, "month"), end
    return None, floor


def _read_weekday(text: str, start: int, end: int, name: _Name, floor: int) -> _Read:
    """Read the weekday at `start` with the date beside it, or alone."""
    if not name.dotted or text[end : end + 1] == ".":
        read = _read_weekday_date(text, start, end, name, floor)
        if read is not None:
            return read
    hyphened = text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()
    pair = _SECOND_WEEKDAY.match(text, end)
    if name.short or not _has_case(name, text[start:end]):
        return None, floor
    if pair is not None and _RANGE_WORD.search(pair[0]):  # opening hours, or a short visit
        end = pair.end() - pair[0].endswith(".")
    elif hyphened:
        return None, floor
    relative = None
    after, (word, at) = _WORD_AFTER.match(text, end), _word_before(text, start, floor)
    if after is not None and (offset := _AFTER.get(after[1].lower())) is not None:
        relative, end = Shift(unit="week", offset=offset), after.end()
    elif word and (offset := _BEFORE.get(word)) is not None:
        relative, start = Shift(unit="week", offset=offset), at
    return _phrase(text, start, end, _NOTHING, _NOTHING, "day", name.number, relative), end


def _read_weekday_date(text: str, start: int, end: int, name: _Name, floor: int) -> _Read | None:
    """Read `Friday (15 December 2023)` or `Tuesday and Wednesday (28-29 May)`."""
    if name.ambiguous and name.short and not _has_case(name, text[start:end]):
        return None
    pair = _SECOND_WEEKDAY.match(text, end)
    lead = _TO_DATE.match(text, pair.end() if pair else end)
    assert lead is not None
    at = lead.end()
    if at == end or at >= len(text):
        return None
    if text[at].isdigit():
        days = _numeric(text, at, name.number)
        if days is None:
            match = _DAY_FIRST.match(text, at)
            days = _day_first(text, match, start) if match is not None else None
            if days is not None and days.valid and days.start != at:
                return None
    else:
        days = _month_first(text, at)
    if days is None:
        return None
    if not days.valid:
        return None, days.end
    stop = days.end
    if lead["bracket"] and text[stop : stop + 1] in (")", "]"):
        stop += 1
    elif lead["bracket"] is None and days.by_word:
        word, before = _word_before(text, start, floor)
        start = before if word in _FROM or word in _BETWEEN else start
    return _phrase(text, start, stop, days.first, days.last, "day", name.number), stop


def _year_of(text: str, match: re.Match[str]) -> tuple[int | None, int, bool]:
    """Read the year of a match: the year, where the phrase ends, whether it may stand.

    It may not where the digits are a year we do not take: without it the date would be wrong.
    """
    if match["tail"] is None:
        return None, _without_tail(match, match.end()), True
    written, separator, end = match["year"], match["sep"], match.end()
    head = _without_tail(match, match.start("tail"))
    if len(written) != 4 or text[end : end + 1].isalnum():
        return None, head, True
    if _TIME_AFTER.match(text, end):
        return None, head, True
    counts = "," in separator and _NOUN_AFTER.match(text, end) is not None
    if _is_year(int(written)):
        # "On 21 November, 2023 officers": but Americans leave out the comma after the year.
        if counts and match.re is _DAY_FIRST:
            return None, head, True
        return int(written), end, True
    return None, head if counts else end, counts


def _without_tail(match: re.Match[str], end: int) -> int:
    """Leave out a full stop that ends the sentence, not the month: "27 November."."""
    if match.re is _DAY_FIRST and match["dot"] and match.end("dot") == end:
        name = _MONTHS.get(match["month"].lower())
        return end if name is not None and name.short else end - 1
    return end


def _word_before(text: str, at: int, floor: int) -> tuple[str, int]:
    """Give the word that ends right before `at`, in lower case, and where it starts."""
    match = _WORD_BEFORE.search(text, max(floor, at - 16), at)
    return (match[1].lower(), match.start()) if match is not None else ("", at)


def _is_plain(name: _Name, written: str) -> bool:
    """Say whether a month's name can stand without a year: "may" and "set" cannot."""
    return not name.ambiguous or (not name.short and _has_case(name, written))


def _has_case(name: _Name, written: str) -> bool:
    """Say whether a name is written as its language writes it, where that matters."""
    if name.capital:
        return written[0].isupper()
    return written.islower() or not name.ambiguous


def _is_year(year: int) -> bool:
    """Say whether a year is one we take."""
    return FIRST_YEAR <= year <= LAST_YEAR


def _is_day(year: int | None, month: int, day: int) -> bool:
    """Say whether there is such a day; 29 February without a year is one."""
    if not 1 <= month <= 12 or (year is not None and not _is_year(year)):
        return False
    return 1 <= day <= monthrange(2000 if year is None else year, month)[1]


def _weekday_of(year: int, month: int, day: int) -> int:
    """Give the weekday, Monday 0."""
    return (monthrange(year, month)[0] + day - 1) % 7
