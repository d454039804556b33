"""Italian: the words of its dates."""

from aggregator.dating.languages.language import Language

ITALIAN = Language(
    tag="it",
    months=(
        "gennaio | gen", "febbraio | feb febbr", "marzo | mar", "aprile | apr", "maggio | mag",
        "giugno | giu", "luglio | lug", "agosto | ago", "settembre | sett set", "ottobre | ott",
        "novembre | nov", "dicembre | dic",
    ),
    weekdays=("lunedì | lun", "martedì", "mercoledì | mer", "giovedì | gio", "venerdì | ven",
              "sabato | sab", "domenica | dom"),
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
    days={"oggi": 0, "stamattina": 0, "stasera": 0, "ieri": -1, "ieri sera": -1, "ieri mattina": -1,
          "l'altro ieri": -2, "dopodomani": 2, "domani": 1},
    known_by="il lo la gli di del della dei che per con una nel in è e al alla sono",
    past=(
        r"(?:(?:ha|hanno|è|sono|si è|si sono|era|erano) (?:stat[oaie] )?"
        r"\w+(?:to|ta|ti|te|so|sa|si|se)|fu|furono)"
    ),
    present=r"(?:si riunisce|incontra|partecipa|riceve|visita)",
    future=r"(?:\w{2,}(?:erà|irà|arà|eranno|iranno|aranno|drà|dranno|rrà|rranno)|previst[oaie]|prossim[oaie])",
    openers="ha hanno è sono si era erano",
    advisories=("avviso ai media", "invito stampa", "invito alla stampa"),
    issued="pubblicat[oa]|diffus[oa]",
    date_labels="data(?: di pubblicazione)?|pubblicat[oa](?: il)?|creat[oa](?: il)?",
    revised=(
        "(?:ultimo )?aggiornament[oi]|aggiornat[oa](?: il| al)?|ultima modifica"
        "|modificat[oa](?: il)?"
    ),
    event_labels="quando",
    history=r"dal|anniversario del|nat[oa] il|fondat[oa] il|attentat[oi] del",
    acts=(
        r"(?:legge|decreto(?: legislativo|-legge)?|d\.lgs\.|d\.l\.|d\.p\.r\.|regolamento|direttiva"
        r"|trattato|convenzione|accordo|risoluzione|costituzione)"
        r"(?: \(\w{2,4}\))?(?: (?:n\. ?)?[\w./-]*\d[\w./-]*)?(?: del)?"
    ),
    streets=(
        r"(?:(?-i:Via|Viale|Corso|Piazza|Piazzale|Largo|Ponte|Lungomare|Stadio)"
        r"|(?:in|di|da|presso) (?:via|viale|corso|piazza|piazzale|largo))(?: del)?"
    ),
    deadlines="entro il|prima del|a partire dal",
    planned=(
        r"(?:previst[oaie]|fissat[oaie]|rinviat[oaie]|programmat[oaie]|posticipat[oaie]"
        r"|convocat[oaie]|prorogat[oaie]|scade|scadenza|valid[oaie]|entra in vigore"
        r"|entrerà in vigore|si terrà|si svolgerà)(?: \w+){0,3}?"
        r" (?:il|al|per il|fino al|dal|entro il)"
    ),
    sets=(
        "per il|a decorrere dal|con decorrenza dal|(?:si svolge|si tiene|si apre|si chiude|inizia"
        "|comincia|scade|termina) (?:il|dal)"
    ),
    until="fino al",
    abbreviations="ing|dott",
)  # fmt: skip
