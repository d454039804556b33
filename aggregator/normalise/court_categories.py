"""The built-in rules for the stages of a criminal case: charges, plea, verdict, sentence.

They read like those of ``builtin_categories``.  A release tells a case from its beginning, so what
counts is the latest stage that its title or its first sentence tells as news: who is sentenced was
charged before.  What is only planned, asked for or possible is none: "to be sentenced", "faces up
to ten years".
"""

from aggregator.normalise.categories import Rule, elsewhere, one_of
from aggregator.normalise.police_categories import NOT_NEWS

_SAID = frozenset(("statement", "speech"))
_BEFORE_SENTENCE = _SAID | {"sentence"}
_BEFORE_PLEA = _BEFORE_SENTENCE | {"plea", "verdict"}
"""The stages that tell a case as it was before."""

_OFFENCE = (
    r"(?:\w*murder|manslaughter|fraud|theft|rape|assault|robbery|arson|burglary|smuggling|bribery"
    r"|trafficking|corruption|conspiracy|terror\w*|espionage|perjury|kidnapping|homicide|hacking"
    r"|embezzlement|racketeering|cyber\w*|laundering|tax|drugs?|narcotics|firearms?|weapons?|guns?"
    r"|sex|crimes?|obstruction|extortion|stalking|genocide|insider|child \w+|kickback|criminal"
    r"|felony|federal|capital|civil rights|immigration|environmental|antitrust|public order)"
)
_WAS = (
    r"(?<!who )(?<!which )(?<!that )(?<!he )(?<!she )(?<!they )\b(?:was|were|has been|have been)"
    r" (?:(?!not\b|never\b|to\b|previously\b)\S+ ){0,2}"
)
"""Before what is news in a lead, and not before who somebody is: "the man, who was charged"."""
_COURT = r"\b(?:jury|jurors|court|judge|tribunal|magistrates?|panel)\b"

_CHARGES = Rule(
    term="charges",
    yields_to=_BEFORE_PLEA,
    cues=(
        "charge",
        "indict",
        "arraign",
        "trial",
        "appear",
        "criminal complaint",
        "prosecute",
        "faces",
    ),
    head_cues=("charged", "charges", "indict", "arraign", "criminal complaint"),
    title=one_of(
        r"\bcharges (?:\d+|two|three|four|five|six|seven|eight|nine|ten|former|man|woman|driver"
        r"|teen)\b",
        r"(?<!fully )(?<!highly )\bcharged\b(?=$|[:;,]| - | (?:over|after|following|as part|under"
        r"|by (?:the )?(?:cps|sfo|police|prosecut|federal|grand)|in)\b| with (?!(?:the )?(?:regulat"
        r"|lead|overs|implement|ensur|manag|promot|protect|coordinat|enforc|supervis|monitor"
        r"|develop|deliver|prepar|improv|advis|find|task|duty|respons)))",
        r"\b(?:indict(?:s|ed|ments?)|arraign(?:s|ed|ment))\b|\bappear(?:s|ed)? in court\b",
        rf"\b{_OFFENCE} charges?\b(?! (?:dropped|dismissed|withdrawn|quashed))"
        r"|\bfaces? (?:\S+ ){0,4}charges\b|\bon charges of\b",
        r"\bcharges (?:filed|laid|brought|announced|authori[sz]ed|unsealed|against)\b|\b(?:files?"
        r"|brings?|lays?|announces?|authori[sz]es?|unseals?) (?:\S+ ){0,3}(?:charges|indictments?"
        r"|criminal complaint)\b",
        r"\b(?:prosecutors?|grand jury|police|cps|sfo|crown|district attorney|department|office)"
        r" (?:\S+ ){0,2}charges? (?!for\b|of\b|up\b)|\b(?:to (?:face|stand) trial|faces? (?:court"
        r"|trial)|to prosecute (?:\d+|two|three|four|five|man|former)|committed for trial|to be"
        r" prosecuted|criminal complaint)\b",
    ),
    unless=one_of(
        NOT_NEWS,
        r"\b(?:fees?|prices|tariffs?|batter(?:y|ies) (?!charge)|electric|roaming|toll|bags?"
        r"|vehicles?|service charges?|congestion|levy|drop(?:s|ped)?|dismiss(?:es|ed|al)?)\b",
    ),
    lead=one_of(
        rf"{_WAS}(?:charged (?:with (?!the\b)|in|by|over|after|following)|indicted|arraigned)\b",
        r"\b(?:jury|prosecutors?|police|cps|prosecution service|office)\b (?:\S+ ){0,8}(?:indicts"
        r"|indicted|charged|returned an? (?:\S+ ){0,3}indictment)\b",
        r"\b(?:indictment|criminal complaint|charges)\b.{0,60}\b(?:was|were|has been|have been)"
        r" (?:\S+ )?(?:unsealed|filed|laid|brought|returned|announced|authori[sz]ed)\b",
        r"\b(?:unsealed|filed|announced|authori[sz]ed|laid|brought|returned) (?:\S+ ){0,6}"
        r"(?:indictments?|criminal charges|criminal complaint|charges against)\b",
    ),
    also=(
        elsewhere(  # French, German
            "charges",
            (
                *("mis en exam", "mise en exam", "mises en exam", "inculp", "déféré", "renvoi"),
                *("renvoyé", "*anklage", "klagt", "angeklagt", "strafbefehl"),
            ),
            r"\bmise?s? en examen\b|\binculp(?:ée?s?|ations?)\b|\bdéférée?s? (?:au parquet"
            r"|devant)\b"
            r"|\brenv(?:oi|oyée?s?) (?:devant (?:le tribunal|la cour)|en (?:procès"
            r"|correctionnelle))",
            r"anklage(?:n|erhebung|schrift)?\b|(?<!der )(?<!die )\bangeklagt\b|\bstrafbefehl"
            r"|anwalt\w* klagt .{0,80} an$",
            unless=NOT_NEWS,
            yields_to=_BEFORE_PLEA,
        ),
        elsewhere(  # Spanish, Portuguese, Italian, Dutch
            "charges",
            (
                *(
                    "acusa",
                    "imputad",
                    "procesad",
                    "denunciad",
                    "cargos",
                    "querella",
                    "escrito de",
                    "vinculad",
                ),
                *("rinvi", "incriminat", "aangeklaagd", "dagvaard", "vervolg"),
            ),
            r"\b(?:acusad|imputad|procesad|denunciad)[oa]s? (?:de|por)\b|\b(?:cargos (?:contra|por)"
            r"|(?:imputa|formula|presenta)n? cargos|se querellan? contra)\b|\bescrito de"
            r" acusación\b|\bvinculad[oa]s? a proceso\b",
            r"\brinvi(?:o|at[oiae]) a giudizio\b|\bincriminat[oiae]\b|\baangeklaagd\b|\bdagvaard\b"
            r"|\bvervolgd (?:voor|wegens)\b|\b(?:om|ministerie) vervolgt\b",
            unless=NOT_NEWS,
            yields_to=_BEFORE_PLEA,
        ),
    ),
)

_PLEA = Rule(
    term="plea",
    yields_to=_SAID,
    cues=("guilty", "plea", "admit", "no contest"),
    title=one_of(
        r"(?<!who )\b(?:plead(?:s|ed)?|pled|enter(?:s|ed)?) (?:\S+ ){0,3}(?:guilty|no contest)\b"
        r"|(?<!after )(?<!following )\bguilty pleas?\b|\bplea (?:agreement|deal|bargain)\b",
        rf"\badmit(?:s|ted)? (?:\S+ ){{0,4}}(?:{_OFFENCE}|killing|stealing|causing|charges?"
        rf"|offences?|guilt"
        r"|role in|breaches)\b(?! (?:is|was|are))",
    ),
    unless=(NOT_NEWS,),
    also=(
        Rule(
            term="plea",
            yields_to=_BEFORE_SENTENCE,
            head_cues=("guilty", "plead", "entered", "no contest"),
            lead=one_of(
                r"(?<!who )\b(?:plead(?:s|ed)?|pled) (?:\S+ ){0,8}(?:guilty|no contest)\b"
                r"|\b(?:entered (?:\S+ ){0,3}(?:guilty )?pleas?|(?:agreed|agrees|will) (?:to"
                r" )?plead guilty)\b",
            ),
            unless=(NOT_NEWS,),
        ),
        elsewhere(
            "plea",
            (
                *("plaid", "reconnaissance", "geständ", "gesteh", "bekenn", "schuld", "se declara"),
                *("admite", "reconoce", "acepta", "si dichiara", "patteggia", "beken"),
            ),
            r"\bplaid(?:e|ent|é|era) (?:non )?coupables?\b|\breconnaissance (?:préalable )?de"
            r" culpabilité\b|\bgeständnis(?:se)?\b|\bgesteh(?:t|en)\b|\bgeständig\b|\bschuldig"
            r" bekannt\b|\bbekenn(?:t|en) sich (?:\S+ ){0,2}schuldig\b|\bschuldbekenntnis\b",
            r"\bse declara(?:n|ron|rá)? (?:no )?culpables?\b|\b(?:admite|reconoce|acepta)n? (?:su "
            r"|la )?culpabilidad\b|\bsi dichiara(?:no)? colpevol[ei]\b|\bpatteggia(?:no|mento)?\b"
            r"|\bbeken(?:t|nen|de) (?:schuld|moord|\w*fraude)\b",
            unless=NOT_NEWS,
            yields_to=_BEFORE_SENTENCE,
        ),
    ),
)

_VERDICT = Rule(
    term="verdict",
    yields_to=_BEFORE_SENTENCE,
    cues=("convict", "guilty", "verdict", "acquit", "cleared", *("jury", "court", "judge")),
    head_cues=("convicted", "convicts", "guilty", "verdict", "acquit", "cleared"),
    title=one_of(
        r"(?<!previously )(?<!once )\bconvicted\b(?=$|[:;,]| (?:of|in|on|at|after|by|following|for"
        r"|over)\b)",
        rf"{_COURT} (?:\S+ ){{0,4}}(?:convicts?|acquits?)\b",
        r"\bconvictions? (?:secured|upheld|affirmed|overturned|quashed|of|for)\b|\b(?:secures?"
        r"|wins?|upholds?|quashes|overturns?) (?:\S+ ){0,4}convictions?\b",
        r"\b(?:found|finds?|is|are|was|were) (?:\S+ ){0,6}guilty\b|\bguilty (?:verdicts?|of|on"
        r"|in)\b|[:-] guilty\b|\bacquitt(?:ed|als?)\b|\bcleared of\b",
    ),
    unless=one_of(
        NOT_NEWS, r"\b(?:plea(?:d|ds|ded|ding|s)?|pled|(?:moves?|seeks?|asks?) to|wrongful)\b"
    ),
    lead=one_of(
        rf"{_WAS}(?:convicted|found (?:\S+ )?guilty|acquitted|cleared of)\b",
        rf"{_COURT} (?:\S+ ){{0,8}}(?:convicted|convicts|acquitted|returned (?:\S+"
        rf" ){{0,3}}verdicts?)\b",
        rf"{_COURT}.{{0,80}}\b(?:found|finds)\b.{{0,80}}\bguilty\b",
    ),
    also=(
        elsewhere(  # French, German
            "verdict",
            (
                *(
                    "reconnu",
                    "déclaré",
                    "jugé",
                    "acquitt",
                    "relaxé",
                    "verdict",
                    "schuld",
                    "frei",
                    "spricht",
                    "sprach",
                ),
                *("verurteil", "urteil"),
            ),
            r"\b(?:reconnu|déclaré|jugé)e?s? (?:non )?coupables?\b|\bacquitt(?:ée?s?|ement)\b"
            r"|\brelaxée?s?\b|\bverdict (?:dans|contre|du|de)\b",
            r"\bschuldspruch\b|\bfreispr(?:uch|üche)\b|\bfrei ?gesprochen\b|\bspr(?:icht|ach)"
            r" .{0,60}\bfrei\b|\bschuldig gesprochen\b|\bwegen\b.{0,80}\bverurteilt\b|\bverurteilt"
            r" wegen\b|\burteil (?:im|gegen|nach) .{0,60}(?:prozess|mord|verfahren|wegen"
            r"|rechtskräftig)|\bverurteilung(?:en)?\b.{0,60}\b(?:wegen|rechtskräftig|bestätigt"
            r"|aufgehoben)\b",
            unless=NOT_NEWS,
            yields_to=_BEFORE_SENTENCE,
        ),
        elsewhere(  # Spanish, Italian, Dutch
            "verdict",
            (
                *("declarad", "hallad", "veredicto", "absuel", "condenad", "assolt", "condanna"),
                *("veroordeeld", "vrijgesproken", "schuldig"),
            ),
            r"\b(?:declarad|hallad)[oa]s? culpables?\b|\bveredicto\b|\babsuel(?:t[oa]s?|ven?)\b"
            r"|\bcondenad[oa]s? por\b|\bassolt[oiae]\b|\bcondannat[oiae] per\b",
            r"\bveroordeeld (?:voor|wegens)\b|\bvrijgesproken\b|\bschuldig bevonden\b",
            unless=NOT_NEWS,
            yields_to=_BEFORE_SENTENCE,
        ),
    ),
)

_NOT_YET = (
    r"\b(?:fac(?:e|es|ing)|could|would|encour\w*|passibles?|risqu\w+|droh(?:t|en)|fordert|gefordert"
    r"|beantragt|eist|pide|solicita|requerid\w*|guidelines|commut\w+|clemency|pardon\w*|moratorium"
    r"|abolish\w*|gesetz\w*|legislation|prison reform)\b"
)

_SENTENCE = Rule(
    term="sentence",
    yields_to=_SAID,
    cues=(
        *(
            "years for",
            "months for",
            "sentenc",
            "jail",
            "prison",
            "imprison",
            "behind bars",
            "locked up",
            "custody",
            "given",
        ),
        *("handed", "imposes", "gets", "receives"),
    ),
    head_cues=("sentenc", "jailed", "imprison", "ordered to serve", "prison", "imposed"),
    title=one_of(
        r"^[\w-]+ (?:years|months) for (?:\S+ ){0,4}(?:who|killer|rapist|thief|dealer|smuggler|gang"
        r"|fraudster|trafficker|\w*murder\w*)\b|\b(?:years?|months?)'? (?:imprisonment|behind"
        r" bars)\b",
        r"(?<!be )(?<!being )(?<!previously )\b(?:sentenced|jailed|imprisoned)\b|\bput behind"
        r" bars\b|\blocked up\b|\bsentencing of\b",
        r"\b(?:\w+-|\d+ )(?:year|month) (?:\S+ )?(?:sentence|(?:prison|jail) term)\b|\b(?:gets?"
        r"|given|receives?|handed) (?:\S+ ){0,2}\d+ (?:years?|months?) (?:each )?(?:for|to life)\b",
        r"\b(?:gets?|given|receives?|received|handed|serve|for|to|and) (?:\S+ ){0,4}(?:years?"
        r"|months|life|lifetime)'? (?:\S+ )?(?:in|behind|of) (?:\S+ )?(?:prison|jail|bars|custody"
        r"|imprisonment|detention)\b",
        r"\b(?:gets?|given|receives?|received|handed|imposes?) (?:\S+ ){0,4}(?:sentences?|jail"
        r"|prison terms?|community order)\b|\b(?:life|prison|jail|suspended|custodial) sentences?"
        r" (?:for|handed|imposed|upheld|increased)\b|\bsentences? (?:increased|upheld)\b",
    ),
    unless=one_of(NOT_NEWS, _NOT_YET),
    lead=one_of(
        rf"{_WAS}(?:sentenced|jailed|imprisoned|ordered to serve|(?:handed|given) (?:\S+ ){{0,5}}"
        r"sentence)\b",
        rf"{_COURT} (?:\S+ ){{0,8}}(?:sentenced|jailed|imposed (?:\S+ ){{0,4}}sentence)\b",
        r"\bannounce[sd] (?:\S+ ){0,2}the sentencing of\b|\breceived (?:\S+ ){0,5}(?:prison|jail"
        r"|suspended|life|custodial) (?:sentence|term)\b",
    ),
    also=(
        elsewhere(  # French, German
            "sentence",
            (
                *("condamn", "ans de", "mois de", "ans d'", "mois d'", "prison ferme", "réclusion"),
                *("avec sursis", "*strafe", "lebenslang", "verurteilt", "jahre", "monate", "haft"),
                *("geldstrafe", "gefängnis"),
            ),
            r"\bcondamn(?:ée?s?|ation) à (?!mort\b)|\b(?:ans|mois) (?:de (?:prison|réclusion"
            r"|détention)|d'emprisonnement)\b|\bprison ferme\b|\bréclusion criminelle\b"
            r"|\b(?:prison|mois|ans) avec sursis\b",
            r"\b(?:freiheits|haft|bewährungs|jugend|gefängnis)strafen?\b|\blebenslang(?:e[rn]?)?\b"
            r"|\bverurteilt(?:e)? .{0,80}\bzu (?:\S+ ){0,4}(?:jahren?|monaten?|geldstrafe|haft)\b"
            r"|\bzu (?:\S+ ){1,4}(?:haft|gefängnis|geldstrafe)\b|\bverurteilt zu\b|\b(?:jahre"
            r"|monate) (?:haft|gefängnis)\b",
            unless=rf"{NOT_NEWS}|{_NOT_YET}",
            yields_to=_SAID,
        ),
        elsewhere(  # Spanish, Portuguese, Italian, Dutch
            "sentence",
            (
                *("conden", "años de", "anos de", "cadena perpetua", "condanna", "anni di"),
                *("ergastolo", "veroordeeld", "jaar", "*straf"),
            ),
            r"\bcondena(?:d[oa]s?|n)? (?:\S+ ){0,8}a (?:\S+ ){0,4}(?:años|meses|prisión|anos"
            r"|cárcel)\b|\b(?:años de (?:prisión|cárcel)|anos de prisão|cadena perpetua)\b",
            r"\bcondannat[oiae] (?:\S+ ){0,4}a\b|\banni di (?:carcere|reclusione)\b|\bergastolo\b",
            r"\bveroordeeld tot\b|\bjaar (?:cel|celstraf|gevangenisstraf)\b|\b(?:cel|gevangenis"
            r"|taak)straf(?:fen)?\b",
            unless=rf"{NOT_NEWS}|{_NOT_YET}",
            yields_to=_SAID,
        ),
    ),
)

COURT: tuple[Rule, ...] = (_CHARGES, _PLEA, _VERDICT, _SENTENCE)
"""In the order in which they are displayed."""
