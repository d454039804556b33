"""German: the words of its dates."""

from aggregator.dating.languages.language import Language, with_parts_of_day

GERMAN = Language(
    tag="de",
    months=(
        "januar jänner | jan", "februar feber | feb", "märz | mrz", "april | apr", "mai",
        "juni | jun", "juli | jul", "august | aug", "september | sept sep", "oktober | okt",
        "november | nov", "dezember | dez",
    ),
    weekdays=with_parts_of_day(
        ("montag | mo.", "dienstag | di.", "mittwoch | mi.", "donnerstag | do.", "freitag | fr.",
         "samstag sonnabend | sa.", "sonntag | so."),
        "früh morgen vormittag mittag nachmittag abend nacht",
    ),
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
            "gestrigen": -1, "gestriger": -1, "vorigen": -1, "heutigen": 0, "heutiger": 0,
            "diese": 0, "dieser": 0, "diesen": 0, "diesem": 0, "nächste": 1, "nächsten": 1,
            "nächster": 1, "morgigen": 1, "kommende": 1, "kommenden": 1},
    units={"woche": "week", "wochenende": "weekend", "monat": "month", "jahr": "year"},
    days={
        "heute": 0, "heute morgen": 0, "heute abend": 0, "gestern": -1, "gestern abend": -1,
        "gestern morgen": -1, "gestern mittag": -1, "vorgestern": -2, "morgen": 1, "übermorgen": 2,
        "guten morgen": None, "am morgen": None,
    },
    known_by="der die das und ist im in den dem des von mit für auf am zu ein eine wird",
    past=(
        r"(?:wurden?|war|waren|hatten?|haben?|hat|fand|fanden|nahm|nahmen|traf|trafen|kam|kamen"
        r"|ging|sprach|gab|gaben|eröffneten?|besuchten?|begrüßten?|empfing|erklärten?|sagten?"
        r"|führten|führte|durchsuchten|durchsuchte|diskutierten?)"
    ),
    present=r"(?:trifft|treffen|besucht|tagt|heute)",
    future=(
        r"(?:wird|werden|findet|finden|beginnt|beginnen|startet|starten|bevorstehende[nrs]?"
        r"|geplant|kommende[nrs]?|spätestens|bis zum|öffnet|öffnen|schließt|schließen|bleibt"
        r"|bleiben|endet|enden|läuft|gilt|gelten|tritt|treten|muss|müssen|kann|können|lädt|laden)"
    ),
    openers="bis",
    advisories=("medienhinweis", "presseeinladung", "terminhinweis", "einladung zum pressetermin"),
    issued="veröffentlicht|herausgegeben",
    date_labels=(
        "datum|stand|veröffentlicht(?: am)?|veröffentlichungsdatum|erscheinungsdatum|erschienen am"
        "|erstellt(?: am)?|herausgegeben am|publiziert(?: am)?"
    ),
    revised=(
        "(?:zuletzt |letztmals )?(?:aktualisiert|geändert|bearbeitet|überarbeitet)(?: am)?"
        "|letzte (?:aktualisierung|änderung)"
    ),
    event_labels="wann",
    schedule_labels="ort|uhrzeit|zeit",
    history="seit|jahrestag(?:e?s)? (?:des|vom)|gegründet am|geboren am|datiert vom",
    acts=(
        r"(?:\w*(?:gesetz|verordnung|vertrag|abkommen|vereinbarung|satzung|verfassung|richtlinie"
        r"|erlass)(?:e?[sn])?|bekanntmachung|fassung|resolution|konvention|protokoll)"
        r"(?: \(\w{2,4}\))?(?: (?:nr\. ?)?\d\S*)?,? vom"
    ),
    streets=r"\w*(?:stra(?:ß|ss)e|str\.|platz|brücke|allee|ufer|kaserne|park) (?:des|vom)",
    deadlines="bis zum|spätestens am|spätestens bis zum|vor dem|ab dem|ab",
    until="bis",
    planned=(
        r"(?:verschoben|verlegt|vertagt|geplant|angesetzt|anberaumt|terminiert|vorgesehen|bestimmt"
        r"|gültig|befristet|verlängert|einreichungsfrist|frist|stichtag|in kraft|erwartet|folgen"
        r"|folgt)(?: \w+){0,3}? (?:auf|für|am|zum|bis|ab)(?: den| zum| dem)?"
    ),
    # Not "in der Nacht auf den 17. März", nor "vom 16. auf den 17. März".
    sets=(
        r"(?<!nacht )(?<!\. )auf den|für den|für|mit wirkung (?:vom|zum)"
        r"|(?:tritt|treten|endet|enden|schließt|öffnet)"
        r" (?:am|zum)"
    ),
)  # fmt: skip
