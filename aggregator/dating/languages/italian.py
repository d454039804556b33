"""Italian: the words of its dates."""

from aggregator.dating.languages.language import Language

ITALIAN = Language(
    tag="it",
    months=(
        "gennaio gen", "febbraio feb febbr", "marzo mar", "aprile apr", "maggio mag",
        "giugno giu", "luglio lug", "agosto ago", "settembre sett set", "ottobre ott",
        "novembre nov", "dicembre dic",
    ),
    weekdays=("lunedì lun", "martedì", "mercoledì mer", "giovedì gio", "venerdì ven",
              "sabato sab", "domenica dom"),
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
    known_by="il lo la gli di del della che per con una nel",
    past=(
        r"(?:(?:ha|hanno|è|sono|si è|si sono|era|erano) (?:stat[oaie] )?"
        r"\w+(?:to|ta|ti|te|so|sa|si|se)|fu|furono)"
    ),
    present=r"(?:si riunisce|incontra|partecipa|riceve|visita)",
    future=r"(?:\w{2,}(?:erà|irà|arà|eranno|iranno|aranno|drà|dranno)|previst[oaie]|prossim[oaie])",
    openers="ha hanno è sono si era erano",
    advisories=("avviso ai media",),
    issued="pubblicato",
    date_labels="data",
    event_labels="quando",
    deadlines="entro il",
    until="fino al",
    today="oggi",
    abbreviations="ing|dott",
)  # fmt: skip
