"""Swedish, Danish, Norwegian, Icelandic, Finnish: the words of their dates."""

from dataclasses import replace

from aggregator.dating.languages.calendar_names import MONTHS, WEEKDAYS
from aggregator.dating.languages.language import Language, with_forms

SWEDISH = Language(
    tag="sv",
    months=MONTHS["sv"],
    weekdays=with_forms(
        WEEKDAYS["sv"],
        "måndagen måndagens/tisdagen tisdagens/onsdagen onsdagens/torsdagen torsdagens"
        "/fredagen fredagens/lördagen lördagens/söndagen söndagens",
    ),
    lists="och samt",
    ranges="till",
    from_words="från",
    between_words="mellan",
    of_words="i",
    articles="den",
    ordinals=":e :a",
    leads="i sedan under fram början slutet mitten",
    before={"förra": -1, "denna": 0, "nästa": 1, "kommande": 1},
    units={"vecka": "week", "veckan": "week", "helg": "weekend", "månad": "month", "år": "year"},
    days={
        "idag": 0,
        "i dag": 0,
        "i kväll": 0,
        "i morse": 0,
        "igår": -1,
        "i går": -1,
        "i förrgår": -2,
        "imorgon": 1,
        "i morgon": 1,
        "i övermorgon": 2,
    },
    letters="å",
    known_by="och att det som är av för med till på inte har den om ett från kommer",
    past=(
        r"(?:var|hade|har \w+[ta]ts?|blev|höll|hölls|togs?|träffade|besökte|deltog|greps?|dömdes"
        r"|beslutade|sade|sa|fick|gick|kom|åtalades|öppnades?|undertecknade|inledde|\w{3,}ades?)"
    ),
    present=r"(?:är|möter|besöker|deltar|träffar)",
    future=r"(?:ska|skall|håller|hålls|börjar|inleds|kommer att|planeras?|kommande|senast|väntas)",
    openers="har kommer",
    advisories=("pressinbjudan", "inbjudan till pressträff"),
    issued="publicerad|publicerades|publicerat",
    date_labels="datum|publicerad|publicerat|publiceringsdatum",
    revised="senast uppdaterad|uppdaterad|senast ändrad",
    event_labels="när",
    schedule_labels="tid|plats|var",
    history="sedan",
    streets=r"\w*gatan|\w*torget|\w*vägen",
    acts=r"(?:lag\w*|förordning\w*) (?:av|från)(?: den)?",
    deadlines="senast|före",
    until="till och med|fram till|till",
    planned="planerad|planerat|skjuts upp|flyttas|giltig|träder i kraft",
    abbreviations="kl|bl|ca|dvs|nr",
)
DANISH = Language(
    tag="da",
    # With those of Norwegian, which a short text may be taken for.
    months=with_forms(MONTHS["da"], "//mars/////////desember"),
    weekdays=with_forms(
        WEEKDAYS["da"], "mandagens/tirsdagens/onsdagens/torsdagens/fredagens/lørdagens/søndagens"
    ),
    lists="og samt",
    ranges="til",
    from_words="fra",
    between_words="mellem",
    articles="den d",
    ordinals=".",
    leads="i siden primo medio ultimo",
    before={"sidste": -1, "denne": 0, "næste": 1, "kommende": 1},
    units={"uge": "week", "weekend": "weekend", "måned": "month", "år": "year"},
    days={
        "i dag": 0,
        "i aften": 0,
        "i morges": 0,
        "i går": -1,
        "i forgårs": -2,
        "i morgen": 1,
        "i overmorgen": 2,
    },
    letters="åæø",
    known_by="og at det som er af for med til på ikke har den et fra blev bliver",
    past=(
        r"(?:var|havde|har \w+t|er blevet|blev|holdt|tog|mødte|besøgte|deltog|sagde|fik|gik|kom"
        r"|fandt|dømt|anholdt|underskrev|åbnede|vedtog|\w{3,}ede(?:s)?)"
    ),
    present=r"(?:er|mødes|møder|besøger|deltager)",
    future=r"(?:vil|skal|holder|afholdes|finder|begynder|forventes|planlagt|kommende|senest)",
    openers="har er",
    advisories=("presseinvitation",),
    issued="offentliggjort|udgivet|publiceret",
    date_labels="dato|offentliggjort|udgivet|publiceret",
    revised="(?:sidst )?opdateret|senest opdateret|sidst ændret",
    event_labels="hvornår",
    schedule_labels="tid|sted",
    history="siden",
    streets=r"\w*gade|\w*plads|\w*vej",
    acts=r"(?:lov|bekendtgørelse|aftale)(?: nr\. \d+)? (?:af|fra)(?: den)?",
    deadlines="senest|inden|før",
    until="til og med|indtil|frem til",
    sets=r"(?:fastsat|berammet|udsat|flyttet)(?: \w+){0,3} til",
    planned="planlagt til|udskudt til|udsat til|gyldig til|træder i kraft",
    abbreviations="kl|d|nr|ca|stk",
)
NORWEGIAN = replace(
    DANISH,
    tag="nb",
    months=MONTHS["nb"],
    weekdays=WEEKDAYS["nb"],
    between_words="mellom",
    before={"forrige": -1, "denne": 0, "neste": 1, "kommende": 1},
    units={"uke": "week", "helg": "weekend", "måned": "month", "år": "year"},
    days={"i dag": 0, "i kveld": 0, "i går": -1, "i forgårs": -2, "i morgen": 1},
    letters="åæø",
    known_by="og at det som er av for med til på ikke har den et fra ble blir skal også",
    past=(
        r"(?:var|hadde|har \w+t|ble|holdt|tok|møtte|besøkte|deltok|sa|fikk|gikk|kom|fant"
        r"|dømt|pågrepet|undertegnet|åpnet|vedtok|\w{3,}te|\w{4,}et)"
    ),
    present=r"(?:er|holder|møter|møtes|besøker|deltar|finner|begynner)",
    future=r"(?:vil|skal|forventes|planlagt|kommende|senest)",
    issued="publisert|offentliggjort",
    date_labels="dato|publisert|publisert dato",
    revised="(?:sist )?oppdatert|sist endret",
    event_labels="når|tid",
    acts=r"(?:lov|forskrift|avtale) (?:av|fra)(?: den)?",
    deadlines="senest|innen|før",
    until="til og med|inntil|frem til",
    planned="planlagt til|utsatt til|gyldig til|trer i kraft",
)
NYNORSK = replace(
    NORWEGIAN,
    tag="nn",
    months=MONTHS["nn"],
    weekdays=WEEKDAYS["nn"],
    known_by="og at det som er av for med til på ikkje har den eit frå vart vert skal også",
)
ICELANDIC = Language(
    tag="is",
    months=MONTHS["is"],
    weekdays=with_forms(
        WEEKDAYS["is"],
        "mánudaginn/þriðjudaginn/miðvikudaginn/fimmtudaginn/föstudaginn/laugardaginn/sunnudaginn",
    ),
    lists="og",
    ranges="til",
    from_words="frá",
    between_words="milli",
    articles="þann",
    leads="í frá",
    days={"í dag": 0, "í gær": -1, "á morgun": 1},
    letters="ðþ",
    known_by="og að er við á um til sem var hefur með ekki fyrir það",
    past=r"(?:var|voru|hafði|fór|fóru|kom|átti|sagði|fékk|tók|fundaði|heimsótti|\w{3,}(?:aði|uðu))",
    future=r"(?:mun|munu|verður|verða|stendur til)",
    history="síðan",
    date_labels="dagsetning|birt",
    revised="uppfært|síðast uppfært",
)

_FINNISH_STEMS = ("tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu").split()
FINNISH = Language(
    tag="fi",
    months=with_forms(
        MONTHS["fi"],
        "/".join(f"{s}kuun {s}kuussa {s}kuusta {s}kuuhun {s}kuulta" for s in _FINNISH_STEMS),
    ),
    weekdays=with_forms(
        WEEKDAYS["fi"],
        "maanantain maanantaihin/tiistain tiistaihin/keskiviikon keskiviikkoon/torstain torstaihin"
        "/perjantain perjantaihin/lauantain lauantaihin/sunnuntain sunnuntaihin",
    ),
    month_first=True,
    lists="ja sekä tai",
    of_words="päivä päivää",
    ordinals=".",
    leads="viime ensi alkaen",
    before={"viime": -1, "tänä": 0, "tällä": 0, "ensi": 1},
    units={"viikolla": "week", "viikonloppuna": "weekend", "kuussa": "month", "vuonna": "year"},
    days={"tänään": 0, "eilen": -1, "toissapäivänä": -2, "huomenna": 1, "ylihuomenna": 2},
    known_by="ja on ei että se oli mukaan sekä myös ovat ministeri tai hän joka kanssa mutta",
    past=(
        r"(?:oli|olivat|on \w+(?:ttu|tty|nut|nyt)|ovat \w+neet|tapasi|tapasivat|vieraili\w*"
        r"|osallistui\w*|järjesti\w*|päätti\w*|hyväksyi\w*|sanoi|kertoi|avasi\w*|allekirjoitti"
        r"|vieraili|vihki|tuomitsi|määräsi|antoi|julkaisi|kokoontui\w*|\w{4,}t(?:tiin|iin)"
        r"|\w{5,}ivat|\w{5,}ivät)"
    ),
    present=r"(?:tapaa|vierailee|osallistuu|kokoontuu|on)",
    future=(
        r"(?:tulee|tulevat|järjestetään|pidetään|alkaa|julkaistaan|on tarkoitus|aikoo|tuleva\w*"
        r"|viimeistään|mennessä)"
    ),
    openers="on ovat",
    advisories=("mediakutsu", "kutsu medialle", "lehdistötilaisuus"),
    issued="julkaistu",
    date_labels="julkaistu|julkaisuaika|julkaisupäivä|päivämäärä|päiväys|pvm",
    revised="päivitetty|muokattu|viimeksi päivitetty",
    event_labels="aika|milloin",
    schedule_labels="paikka|klo",
    history="vuodesta|lähtien|alkaen",
    streets_after=r"(?:katu|aukio)\w*",
    deadlines="viimeistään|ennen",
    until="saakka|asti",
    planned="siirretty|siirtyy|voimassa|määräaika",
    abbreviations="klo|esim|mm|ns|ts|eli|nro|n",
)

NORDIC = (SWEDISH, DANISH, NORWEGIAN, NYNORSK, ICELANDIC, FINNISH)
