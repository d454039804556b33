"""French: the words of its dates."""

from aggregator.dating.languages.language import Language

FRENCH = Language(
    tag="fr",
    months=(
        "janvier janv", "février févr fév", "mars", "avril avr", "mai", "juin", "juillet juil",
        "août", "septembre sept", "octobre oct", "novembre nov", "décembre déc",
    ),
    weekdays=("lundi lun", "mardi", "mercredi mer", "jeudi jeu", "vendredi ven", "samedi sam",
              "dimanche dim"),
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
    known_by="le la les des du et est une dans pour à en",
    past=(
        r"(?:a|ont|est|sont|avait|avaient|était|étaient|s['\u2019]est|se sont|fut|furent)"
        r" (?:été |eu |également )?(?:\w+(?:é|ée|és|ées|i|is|it|u|us|ue|ues|ert))"
        r"|était|étaient|avait|avaient|fut"
    ),
    present=r"(?:se réunit|rencontre|reçoit|participe|débute|commence|aujourd['\u2019]hui)",
    future=(
        r"(?:\w{2,}(?:era|eront|ira|iront|dra|dront)|aura|auront|sera|seront"
        r"|prévue?s? (?:le|pour)|à venir|prochaine?|doit|doivent)"
    ),
    openers="a ont est sont avait avaient était étaient s'est s\u2019est se à prévu prévue prévus",
    advisories=("avis aux médias",),
    issued="publié",
    date_labels="publié le",
    event_labels="quand",
    schedule_labels="heure|lieu",
    history="depuis",
    deadlines=r"avant le|jusqu['\u2019]au",
    until=r"jusqu['\u2019]au",
    today="aujourd'hui aujourd\u2019hui",
    abbreviations="mme|mm",
)  # fmt: skip
