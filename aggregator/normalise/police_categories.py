"""The built-in rule for police work: arrests, searches, seizures, dismantled networks.

It reads like those of ``builtin_categories``.
"""

from aggregator.normalise.categories import Rule, both, elsewhere, one_of

_CRIME = (
    r"\b(?:crim|traffick|drug|smuggl|fraud|gang|cartel|cyber|botnet|malware|ransomware|counterfeit"
    r"|scam|illicit|illegal|launder|pira(?:cy|te)|child abuse|theft|thie(?:f|ves)|stolen|cocaine"
    r"|heroin|cannabis|fentanyl|firearm|mafia|terror|darknet|dark web|phishing|burglar|poach"
    r"|fake|forge[dr]|rackets?\b|rings?\b|clans?\b|syndicate)"
)
_CONTRABAND = (
    r"\b(?:cocaine|heroin|cannabis|marijuana|fentanyl|meth\w*|amphetamines?|ecstasy|khat|firearms"
    r"|weapons|explosives|counterfeit\w*|cigarettes|tobacco|ivory|narcotics|contraband|kilo\w*"
    r"|kgs?|tonnes?|pills|stolen|ammunition|drugs|cash|crypto\w*|servers?|domains?|medicines)\b"
)
_GROUP = (
    r"\b(?:network|group|lab|laborator(?:y|ies)|market(?:place)?|factor(?:y|ies)|service|platform"
    r"|server|website|forum|scheme|cell|infrastructure|organi[sz]ation|call cent(?:er|re))s?\b"
)
_BREAKS = (
    r"(?<!\bto )\b(?:dismantle[sd]?|dismantling|dismantlement|(?:broke|breaks?|broken) up|busts?"
    r"|busted|(?:took|takes?|taken|taking) (?:down|out|offline)|takedown of|crack(?:s|ed)"
    r"|smash(?:es|ed)|disrupt(?:s|ed)|(?:shuts?|closed) down|raid(?:s|ed)?|br(?:ings|ought) down"
    r"|seize[sd]|uncover(?:s|ed)|topple[sd])\b"
)
_POLICE = (
    r"\b(?:police|officers|detectives|europol|interpol|customs|border (?:force|guards?|police)"
    r"|coast ?guard|prosecutors|investigators|agents|authorities|law enforcement|gendarmes|marshals"
    r"|deputies|troopers|fbi|dea|eurojust|guardia civil|carabinieri)\b"
)
_PEOPLE = (
    r"\b(?:suspects?|developer|ringleader|trafficker|smuggler|fugitive|kingpin|hacker|man|woman|men"
    r"|women|people|persons|individual|teenager|boy|member|gunman|leader|arsonist|thief|thieves"
    r"|burglar|robber|driver)s?\b"
)
_TAKEN = r"(?:arrested|detained|apprehended|taken into custody)\b"

_PROTEST = (
    r"\b(?:statement|remarks|readout|condemns?|deplores?|concern(?:ed)?|calls? (?:for|on)|urges?"
    r"|protests?|journalist\w*|opposition\w*|opposants?|dissidents?|political prisoners?|dissent"
    r"|defenders?|arbitrary|unlawful|erklärung|déclaration|declaración|stellungnahme|anniversary"
    r"|years? (?:since|after|on|of)(?! \w+ (?:prison|jail))|civil society|human rights"
    r"|menschenrechte?|droits de l'homme|derechos humanos|oppositionelle\w*)\b"
)
_STATISTICS = (
    r"\bnumber of\b|\b(?:per ?cent|prozent|pour cent|por ciento|statisti\w*|figures|rates"
    r"|proportion|zahl der|nombre d[e']|número de)\b|\d ?%"
)


NOT_NEWS = rf"{_PROTEST}|{_STATISTICS}"
"""In titles about arrests or sentences that are not of the case itself."""

OPERATION = Rule(
    term="operation",
    cues=(
        *("arrest", "operation", "joint action", "action day", "action week", "dismantl", "took"),
        *(
            "take",
            "taking",
            "seiz",
            "raid",
            "bust",
            "crack",
            "searche",
            "broke",
            "break",
            "disrupt",
            "smash",
        ),
        *("shut", "closed down", "bring", "brought", "detain", "detention", "held", "captured"),
        *("caught", "extradited", "custody", "apprehend", "rescue", "saved", "free", "intercept"),
        *("confiscat", "haul", "uncover", "topple", "nab", "nabs", "nabbed", "foil", "close"),
    ),
    head_cues=(
        *("arrest", "detain", "detention", "apprehend", "searche", "custody", "criminal network"),
        *(
            "criminal group",
            "criminal gang",
            "criminal organi",
            "dismantl",
            "raid",
            "seiz",
            "broke",
        ),
        *("intercept", "confiscat", "shut", "taken", "took down", "brought", "busted", "smash"),
        *(
            "disrupt",
            "crack",
            "uncovered",
            "take",
            "taking",
            "bust",
            "topple",
            "closed down",
            "bring",
        ),
    ),
    title=(
        r"(?<!cardiac )(?<!house )(?<!sinus )\barrest(?:s|ed)?\b(?! (?:warrants?|development))",
        *one_of(
            r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?"
            r"|hundreds?) (?:held|detained|caught|nabbed|taken into custody) (?:in|over|for|after"
            r"|as|on|by)\b",
            r"\bjoint action (?:days?|week)\b|\baction (?:days?|week) (?:against|hits?|targets?)\b"
            r"|\bbusted\b|\bhouse searches\b|\bpolice raids?\b|\bshuts? down (?:\S+"
            r" ){0,4}networks?\b"
            r"|(?<!air )\braids? (?:on|target|hit|in|at) |\bleads? to (?:\S+ ){0,4}(?:searches"
            r"|detentions)\b",
            rf"{_GROUP}.{{0,60}}{_BREAKS}|(?<!\bto )\b(?:dismantle[sd]?|dismantlement|smash(?:es"
            rf"|ed)|busts|(?:broke|breaks) up)\b.{{0,60}}{_GROUP}",
            rf"{_PEOPLE} (?:\S+ ){{0,4}}(?:held|captured|caught|extradited|nabbed|in custody"
            rf"|{_TAKEN})",
            rf"{_POLICE}.{{0,40}}(?:{_BREAKS}|\b(?:intercept|confiscate|search)(?:s|d|ed|es)?\b)",
            r"\boperation (?!of\b|and\b|in\b|to\b|the\b|is\b|for\b|on\b|at\b|with\b|by\b)[\w-]+"
            r"(?: [\w-]+){0,4} .{0,60}\b(?:thie(?:f|ves)|traffick|smuggl|crim|fraud|drug|gang|seiz"
            r"|counterfeit|scam|illicit|stolen|launder)",
        ),
        both(
            rf"{_BREAKS}|\b(?:takedown|crackdown|foil(?:s|ed)?|nabs?)\b"
            rf"|{_POLICE}.{{0,40}}\bcloses?\b",
            rf"{_CRIME}|{_CONTRABAND}",
        ),
        both(r"\b(?:seiz(?:e[sd]?|ures?)|intercept(?:s|ed)?|confiscate[sd]?|haul)\b", _CONTRABAND),
        both(
            r"\b(?:police|criminal|anti-\w+|joint|global|international|cross-border|interpol"
            r"|europol|law enforcement|cybercrime) operation\b(?!s? (?:of|manual|room|centre))",
            rf"{_CRIME}|\b(?:target|network|arms|police|against|abuse)",
        ),
        both(
            r"\b(?:victims|women|girls|children)\b.{0,60}\b(?:saved|rescued|freed)\b"
            r"|\b(?:rescue[sd]?|freed?|frees)\b .{0,40}\bvictims\b",
            r"\b(?:traffick|exploit|forced|slavery|scam)",
        ),
    ),
    unless=one_of(
        NOT_NEWS,
        r"\b(?:activists?|protesters?|demonstrators?|staff|aid workers|reporters?|bloggers?|courts?"
        r"|lawyers?|patients?|air raids?|strategy|conference|workshop|training|guide|awareness"
        r"|action plan|(?:annual|new) report|publishes report|\dg|(?:cyber ?attack|ddos|outage)s?"
        r" (?:take|took|disrupt|hit|shut)\w*|storms?|floods?|earthquake|weather|strikes?"
        r"|research\w*|scientists?)\b|: report$",
    ),
    lead=(
        *one_of(
            rf"{_PEOPLE} (?:\S+ ){{0,8}}(?:was|were|has been|have been|is|are) (?:\S+"
            rf" ){{0,2}}{_TAKEN}",
            rf"{_CONTRABAND}.{{0,60}}\b(?:was|were|has been|have been) (?:\S+ ){{0,2}}(?:seized"
            r"|intercepted|confiscated)\b",
        ),
        both(
            rf"{_POLICE}.{{0,80}}(?:{_BREAKS}|\b(?:intercepted|confiscated|searched|{_TAKEN})"
            rf"|carried"
            r" out (?:\S+ ){0,4}(?:raids|searches))|\b(?:was|were|been) (?:\S+ ){0,2}(?:dismantled"
            r"|broken up|busted|taken (?:down|offline)|smashed|shut down|disrupted)\b",
            rf"{_CRIME}|{_PEOPLE}|{_CONTRABAND}|\b(?:premises|addresses|homes|properties"
            rf"|offices)\b",
        ),
    ),
    head=one_of(
        r".{0,250}\b(?:(?:resulting in|resulted in|led to|leading to) (?:\S+ ){0,4}(?:arrests?"
        r"|detention|apprehension)s?\b(?! warrants?)|\d[\d ,.]* (?:\S+ ){0,2}(?:people|persons"
        rf"|suspects|individuals|men|women|members) (?:\S+ ){{0,3}}{_TAKEN}|(?:properties|homes"
        r"|houses|addresses|locations|premises) (?:were|have been) (?:searched|raided)\b"
        r"|searches were carried out\b|(?:investigation|operation) (?:into|against|targeting)"
        r" (?:this|the|an?) (?:\S+ ){0,3}criminal (?:network|group|gang|organi[sz]ation)\b)",
    ),
    also=(
        elsewhere(  # French
            "operation",
            (
                *("interpell", "arrest", "arrêt", "démant", "perquisition", "coup de filet"),
                *("garde à", "gardes à", "saisi"),
            ),
            r"\b(?:interpell(?:ée?s?|ations?|ent)|arrestations?|démant(?:èlement|elée?s?|èlent|èle)"
            r"|perquisitions?|coup de filet|gardes? à vue)\b",
            r"\b(?:suspect|homme|femme|personne|individu|trafiquant|membre|auteur|passeur)e?s?\b"
            r".{0,40}\barrêtée?s?\b",
            r"\b(?:police|gendarmes?|gendarmerie|douanes?|douaniers)\b.{0,30}\barrêt(?:e|ent|é)\b",
            r"\bsaisi(?:e|s|es|t|ssent)?\b.{0,40}\b(?:cocaïne|héroïne|cannabis|stupéfiants|drogues?"
            r"|armes|cigarettes|tabac|contrefa\w+|kilos?|kg|euros|avoirs)\b|\b(?:cocaïne|héroïne"
            r"|cannabis|armes|stupéfiants|cigarettes|contrefa\w+|kilos?|kg)\b.{0,40}\bsaisie?s?\b",
            unless=NOT_NEWS,
        ),
        elsewhere(  # German
            "operation",
            (
                *("*festnahm", "festgenommen", "*razzi", "*durchsuch", "verhaft", "*haftbefehl"),
                *("sicherg", "sicher", "zerschlagen", "ausgehoben", "abgeschaltet", "schlag gegen"),
                *(
                    "stellt",
                    "stellen",
                    "beschlag",
                    "aufgegriffen",
                    "*täter",
                    "nimmt",
                    "nahm",
                    "hebt",
                ),
                *("heben", "schalte"),
            ),
            r"festnahmen?\b|\bfestgenommen|razzi(?:a|en)\b|durchsuchung(?:en|smassnahmen)?\b"
            r"|\bdurchsucht(?:e|en)?\b|\bverhaft(?:et|ung|ungen)\b|\bhaftbefehle?"
            r" .{0,30}vollstreckt"
            r"|\bvollstreckt(?:e|en)? .{0,30}haftbefehl|\bschlag gegen\b|täter\w* gefasst\b"
            r"|\bhe(?:bt|ben) .{0,60}(?:fabrik|plantage|labor|bande|ring|werkstatt) aus\b"
            r"|\bn(?:immt|ahm(?:en)?)\b.{0,80}\bfest\b",
            r"\bschalte(?:t|n|te|ten) .{0,60}(?:darknet|plattform|marktplatz|server|botnetz).{0,20}"
            r" ab\b|\b(?:polizei|beamt|zoll|zöllner|ermittler"
            r"|fahnder)\w*\b.{0,120}\bsichergestellt\b",
            r"(?:bande|ring|netzwerk|gruppierung|plattform|server|labor|plantage|handel)(?:s|es"
            r"|n)?\b.{0,40}\b(?:zerschlagen|ausgehoben|abgeschaltet|gesprengt)\b",
            r"(?:kokain|heroin|cannabis|marihuana|amphetamin|drogen|rauschgift|betäubungsmittel"
            r"|waffen|zigaretten|falschgeld|kilogramm|bargeld|pyrotechnik|plagiate?|tabak)\b"
            r".{0,60}\b(?:sicher(?:gestellt)?|beschlagnahmt|aufgegriffen)\b|\b(?:beschlagnahmt"
            r"|sicherstellung)\b.{0,60}(?:kokain|heroin|cannabis|marihuana"
            r"|drogen|rauschgift|waffen|zigaretten|falschgeld|tabak)\b",
            unless=NOT_NEWS,
        ),
        elsewhere(  # Spanish, Portuguese, Italian, Dutch
            "operation",
            (
                *("detenid", "detenc", "detien", "desarticul", "desmantel", "decomis", "incauta"),
                *("registros", "apreen", "arrestat", "perquisizion", "smantellat", "sequestrat"),
                *(
                    "aangehouden",
                    "houdt",
                    "houden",
                    "opgepakt",
                    "arrestaties",
                    "doorzoek",
                    "opgerold",
                    "beslag",
                ),
            ),
            r"\b(?:detenid[oa]s|detenid[oa] (?:por|en|un|una|el|la)|detenciones|detienen? a"
            r"|(?:desarticula|desmantela)(?:d[oa]s?|n|m)?|decomisa\w*|incauta\w*"
            r"|registros domiciliarios|apreen(?:são|de\w*|did\w+))\b",
            r"\b(?:arrestat[oiae]|perquisizion[ei]|smantellat[oaie]|sequestrat[oiae])\b",
            r"\bhoud(?:t|en) (?:\S+ ){0,3}(?:verdachten?|man|mannen|vrouw) aan\b",
            r"\b(?:verdachten?|man|mannen|vrouw|personen) (?:\S+ ){0,4}(?:aangehouden|opgepakt)\b"
            r"|\b(?:arrestaties|doorzoeking(?:en)?|doorzoek(?:t|en)|opgerold|beslag genomen)\b",
            unless=NOT_NEWS,
        ),
    ),
)
