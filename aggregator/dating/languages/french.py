"""French: the words of its dates."""

from aggregator.dating.languages.language import Language

FRENCH = Language(
    tag="fr",
    months=(
        "janvier | janv", "février | févr fév", "mars", "avril | avr", "mai", "juin",
        "juillet | juil", "août", "septembre | sept", "octobre | oct", "novembre | nov",
        "décembre | déc",
    ),
    weekdays=("lundi | lun", "mardi", "mercredi | mer", "jeudi | jeu", "vendredi | ven",
              "samedi | sam", "dimanche | dim"),
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
    own_days={"hier": -1, "avant-hier": -2, "après-demain": 2},
    known_by="le la les de des du et est un une dans pour à en par sur au aux qui",
    past=(
        r"(?:a|ont|est|sont|avait|avaient|était|étaient|s['\u2019]est|se sont|fut|furent)"
        r" (?:été |eu |également )?(?:\w+(?:é|ée|és|ées|i|is|it|u|us|ue|ues|ert))"
        r"|était|étaient|avait|avaient|fut"
    ),
    present=r"(?:se réunit|rencontre|reçoit|participe|aujourd['\u2019]hui)",
    future=(
        r"(?:\w{2,}(?:era|eront|ira|iront|dra|dront|[vr]ra|[vr]ront|ttra|ttront)|aura|auront|sera"
        r"|seront|(?:est|sont) (?:invité|convié|attendu|prévu)e?s?"
        r"|prévue?s? (?:le|pour)|à venir|prochaine?|doit|doivent|débute|commence|se tient|a lieu"
        r"|ont lieu)"
    ),
    openers="a ont est sont avait avaient était étaient s'est s\u2019est se à prévu prévue prévus",
    advisories=("avis aux médias", "invitation presse", "invitation à la presse"),
    issued="publié|diffusé",
    date_labels=(
        "publiée?(?: le)?|date(?: de (?:publication|parution|mise en ligne))?"
        "|mise? en ligne(?: le)?|parue? le|créée?(?: le)?|diffusée? le"
    ),
    revised=(
        "(?:dernière )?(?:mis|mise) à jour(?: le)?|(?:modifié|actualisé|révisé)e?(?: le)?"
        "|dernière modification(?: le)?"
    ),
    event_labels="quand",
    schedule_labels="heure|lieu",
    history="depuis|anniversaire du|datée? du|née? le|fondée? le|créée? le|attentats? du",
    acts=(
        r"(?:loi|décret|arrêté|ordonnance|traité|convention|accord|règlement|directive|résolution"
        r"|circulaire|constitution|protocole|charte)s?(?: \(\w{2,4}\))?"
        r"(?: (?:n[o°º]\.? ?)?[\w./-]*\d[\w./-]*)?"
        r"(?: \w+)?,? du"
    ),
    streets=(
        r"(?:rue|avenue|boulevard|bd)(?: du| de la| des?)?|(?:quai|allées?|impasse|pont|esplanade"
        r"|stade|lycée|hôpital|caserne|faubourg|place|square|station)(?: du| de la| des?)"
    ),
    deadlines=(
        r"avant(?: le)?|jusqu['\u2019]au|au plus tard le|à partir du|à compter du"
        r"|d['\u2019]ici(?: le| au)"
    ),
    planned=(
        r"(?:prévue?s?|reportée?s?|fixée?s?|programmée?s?|renvoyée?s?|ajournée?s?|attendue?s?"
        r"|convoquée?s?|repoussée?s?|prolongée?s?|décalée?s?|valables?|expire|entrera en vigueur"
        r"|entre en vigueur|date limite|se tiendra|aura lieu|suivront|suivra)(?: \w+){0,3}?"
        r" (?:le|au|pour le|jusqu['\u2019]au|à partir du|à compter du|dès le)"
    ),
    sets=(
        r"délibéré au|pour le|à compter du|avec effet (?:au|le)"
        r"|(?:s['\u2019]ouvrira|s['\u2019]ouvre|débute|commence|se termine"
        r"|prend fin|a lieu|ont lieu) (?:le|du|dès le)"
    ),
    until=r"jusqu['\u2019]au",
    abbreviations="mme|mm",
)  # fmt: skip
