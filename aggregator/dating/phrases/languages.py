"""The words that dates are written with, one table a language.

Gives ``LANGUAGES``; takes nothing.  A new language is one more ``Language`` here.  Leaves to
``vocabulary`` the way from a word to its meaning.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["day", "week", "weekend", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The words one language writes dates with, all in lower case.

    Lists are strings of words between spaces.  ``months`` and ``weekdays`` have one string for
    each, the name first, then its abbreviations; accents may be missing in the text.  An
    abbreviated weekday counts only beside a date.
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
