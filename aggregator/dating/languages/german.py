"""German: the words of its dates."""

from aggregator.dating.languages.language import Language

GERMAN = Language(
    tag="de",
    months=(
        "januar jan jänner", "februar feb feber", "märz mrz", "april apr", "mai", "juni jun",
        "juli jul", "august aug", "september sept sep", "oktober okt", "november nov",
        "dezember dez",
    ),
    weekdays=("montag mo.", "dienstag di.", "mittwoch mi.", "donnerstag do.", "freitag fr.",
              "samstag sa. sonnabend", "sonntag so."),
    capitals=True,
    ambiguous="morgen",
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
    units={"woche": "week", "wochenende": "weekend", "monat": "month", "jahr": "year"},
    days={
        "heute": 0, "heute morgen": 0, "heute abend": 0, "gestern": -1, "gestern abend": -1,
        "vorgestern": -2, "morgen": 1, "übermorgen": 2, "guten morgen": None, "am morgen": None,
    },
    known_by="der die das und ist im den von mit für auf am",
    past=(
        r"(?:wurden?|war|waren|hatten?|haben?|hat|fand|fanden|nahm|nahmen|traf|trafen|kam|kamen"
        r"|ging|sprach|gab|gaben|eröffneten?|besuchten?|begrüßten?|empfing|erklärten?|sagten?"
        r"|führten|führte|durchsuchten|durchsuchte|diskutierten?)"
    ),
    present=r"(?:findet|finden|trifft|treffen|besucht|tagt|beginnt)",
    future=r"(?:wird|werden|bevorstehende[nrs]?|geplant|kommende[nrs]?|spätestens|bis zum)",
    openers="bis",
    advisories=("medienhinweis", "presseeinladung"),
    issued="veröffentlicht",
    date_labels="datum|stand",
    event_labels="wann",
    schedule_labels="ort",
    history="seit",
    deadlines="bis zum",
    until="bis",
    today="heute",
)  # fmt: skip
