"""Polish, Czech, Slovak, Slovene, Croatian, Bosnian, Serbian in Latin: the words of their dates."""

from dataclasses import replace

from aggregator.dating.languages.calendar_names import MONTHS, WEEKDAYS
from aggregator.dating.languages.language import Language, with_forms

POLISH = Language(
    tag="pl",
    months=with_forms(
        MONTHS["pl"],
        "styczniu/lutym/marcu/kwietniu/maju/czerwcu/lipcu/sierpniu/wrześniu/październiku"
        "/listopadzie/grudniu",
    ),
    weekdays=with_forms(
        WEEKDAYS["pl"],
        "poniedziałku poniedziałkowy/wtorku wtorkowy/środę środy środowy/czwartku czwartkowy"
        "/piątku piątkowy/sobotę soboty sobotni/niedzielę niedzieli niedzielny",
    ),
    lists="i oraz lub",
    ranges="do",
    from_words="od",
    between_words="między pomiędzy",
    articles="dnia dniu dniach",
    ordinals="-go",
    leads="w od do z na początku końcu połowie",
    before={
        "ubiegły": -1,
        "ubiegłym": -1,
        "zeszłym": -1,
        "miniony": -1,
        "ten": 0,
        "tym": 0,
        "przyszły": 1,
        "przyszłym": 1,
        "najbliższy": 1,
    },
    units={
        "tydzień": "week",
        "tygodniu": "week",
        "weekend": "weekend",
        "miesiącu": "month",
        "roku": "year",
    },
    days={
        "dziś": 0,
        "dzisiaj": 0,
        "dziś rano": 0,
        "wczoraj": -1,
        "przedwczoraj": -2,
        "jutro": 1,
        "pojutrze": 2,
    },
    year_after=r"r\.|roku|rok|r",
    letters="łąęśćńżź",
    known_by="i w na z się do nie jest że oraz przez od dla został która który przy po",
    past=(
        r"(?:(?!cał[yaoi]\b|mał[yaoi]\b|szkoła|siła|ogół|udział|dział|był[ayi] premier)"
        r"\w{2,}(?:ał|ił|ył|ął|ał[aoy]|ił[aoy]|ył[aoy]|ęł[aoy]|ali|ili|yli|ęli)|został\w*|zostal\w*"
        r"|odbył\w*|doszło|\w{3,}(?:ano|ono|ęto))"
    ),
    present=r"(?:jest|są|spotyka|bierze|trwa|uczestniczy|odwiedza)",
    future=(
        r"(?:będ(?:zie|ą)|odbywa|rozpoczyna|odbędzie|odbędą|zostanie|zostaną|rozpocznie|weźmie"
        r"|spotka|zaplanowan\w+"
        r"|planowan\w+|nadchodząc\w+|najpóźniej|ma (?:się )?\w+ć)"
    ),
    openers="ma",
    advisories=("zaproszenie dla mediów", "informacja dla mediów", "zaproszenie dla dziennikarzy"),
    issued="opublikowan[yoa]|wydan[yoa]",
    date_labels="data|data publikacji|opublikowano|utworzono|dodano|publikacja",
    revised="(?:ostatnia )?aktualizacja|zaktualizowano|zmodyfikowano|ostatnia modyfikacja",
    event_labels="kiedy|termin",
    schedule_labels="godzina|miejsce",
    history="od czasu|obowiązuje od",
    streets=r"ulic[aąęy]|ul\.|alej[aei]|al\.|plac\w*|pl\.|rondo|skwer|most",
    acts=r"(?:ustaw\w+|rozporządzeni\w+|uchwał\w+|dyrektyw\w+|konstytucj\w+) z(?: dnia)?",
    deadlines="do|najpóźniej|przed",
    until="do",
    sets=r"(?:wyznacz\w+|odrocz\w+|zwołan\w+|ustalon\w+)(?: \w+){0,2} na",
    planned="przełożon[yaeo] na|przesunięt[yaeo] na|zaplanowan[yaeo] na|termin|ważn[yaeo] do"
    "|wejdzie w życie|wchodzi w życie",
    abbreviations="r|godz|ul|al|pl|im|tys|mln|m.in|np|dr|prof|art|ust|nr|św|ks|gen",
)
CZECH = Language(
    tag="cs",
    months=with_forms(
        MONTHS["cs"],
        "lednu/únoru/březnu/dubnu/květnu/červnu/červenci/srpnu/září/říjnu/listopadu/prosinci",
    ),
    weekdays=with_forms(
        WEEKDAYS["cs"],
        "pondělní/úterní úterka/středu středy středeční/čtvrteční čtvrtka/páteční pátku"
        "/sobotu soboty/neděli",
    ),
    lists="a i nebo",
    ranges="až do",
    from_words="od",
    between_words="mezi",
    articles="dne",
    ordinals=".",
    leads="v od do počátkem koncem polovině během",
    before={
        "minulý": -1,
        "minulou": -1,
        "minulém": -1,
        "uplynulý": -1,
        "tento": 0,
        "tuto": 0,
        "příští": 1,
        "nadcházející": 1,
    },
    units={"týden": "week", "víkend": "weekend", "měsíc": "month", "rok": "year"},
    days={"dnes": 0, "včera": -1, "předevčírem": -2, "zítra": 1, "pozítří": 2},
    letters="řěůťď",
    known_by=(
        "v na se je že do pro od byl jako bude které který také podle při nebo jsou jak"
        " bylo byla byly ze ve by po si"
    ),
    past=(
        r"(?:byl[aoiy]?|měl[aoiy]?|šl[aoiy]?|vedl[aoiy]?|přijel[aoiy]?|řekl[aoiy]?|došlo"
        r"|\w{2,}(?:al|il|el|ěl|yl|nul|zl|jal)[aoiy]?)"
    ),
    present=r"(?:je|jsou|setkává|navštěvuje|jedná|probíhá)",
    future=(
        r"(?:bude|budou|koná|konají|začíná|uskuteční|proběhne|proběhnou|plánovan\w+|nadcházející"
        r"|nejpozději)"
    ),
    advisories=("pozvánka pro média", "pozvánka pro novináře", "pozvánka na tiskovou"),
    issued="zveřejněn[oay]?|vydán[oay]?|publikován[oay]?",
    date_labels="datum|datum zveřejnění|zveřejněno|publikováno|vydáno|vytvořeno",
    revised="aktualizováno|poslední aktualizace|poslední změna|změněno",
    event_labels="kdy|termín",
    schedule_labels="místo|čas",
    history="od roku",
    streets=r"ulic[eií]|náměstí|nám\.|třída|most",
    acts=r"(?:zákon\w*|vyhlášk\w+|usnesení|smlouv\w+) ze dne",
    deadlines="do|nejpozději|před",
    until="do",
    sets=r"(?:odroč\w+|nařídil\w*|stanov\w+|svola\w+|určil\w*)(?: \w+){0,2} na",
    planned="odložen[oay]? na|přesunut[oay]? na|naplánován[oay]? na|termín|platn[ýáé] do"
    "|nabude účinnosti|nabývá účinnosti",
    abbreviations="tzv|např|mj|č|čl|odst|hod|ing|mgr|ph|tj|sv|tel",
)
SLOVAK = replace(
    CZECH,
    tag="sk",
    months=with_forms(
        MONTHS["sk"],
        "januári/februári/marci/apríli/máji/júni/júli/auguste/septembri/októbri/novembri/decembri",
    ),
    weekdays=with_forms(WEEKDAYS["sk"], "//stredu///sobotu/nedeľu"),
    lists="a aj alebo",
    ranges="až do",
    between_words="medzi",
    articles="dňa",
    before={
        "minulý": -1,
        "minulú": -1,
        "uplynulý": -1,
        "tento": 0,
        "túto": 0,
        "budúci": 1,
        "budúcu": 1,
    },
    units={"týždeň": "week", "víkend": "weekend", "mesiac": "month", "rok": "year"},
    days={"dnes": 0, "včera": -1, "predvčerom": -2, "zajtra": 1},
    letters="ľĺŕťď",
    known_by="v na sa je že do pre od bol ako bude ktoré ktorý aj podľa pri alebo sú",
    past=r"(?:bol[aoi]?|mal[aoi]?|\w{2,}(?:al|il|el|ol|ul)[aoi]?|došlo)",
    present=r"(?:je|sú|stretáva|rokuje|prebieha)",
    future=r"(?:bude|budú|koná|konajú|začína|uskutoční|plánovan\w+|nadchádzajúc\w+|najneskôr)",
    date_labels="dátum|zverejnené|publikované|vydané|dátum zverejnenia",
    revised="aktualizované|posledná aktualizácia|posledná zmena",
    event_labels="kedy|termín",
    schedule_labels="miesto|čas",
    streets=r"ulic[aei]|námestie|nám\.|most",
    acts=r"(?:zákon\w*|vyhlášk\w+|uzneseni\w+) zo dňa",
    deadlines="do|najneskôr|pred",
    planned="odložen[éýá] na|presunut[éýá] na|termín|platn[ýáé] do|nadobudne účinnosť",
)
CROATIAN = Language(
    tag="hr",
    months=with_forms(
        MONTHS["hr"],
        "siječnju/veljači/ožujku/travnju/svibnju/lipnju/srpnju/kolovozu/rujnu/listopadu/studenom"
        " studenog/prosincu",
    ),
    weekdays=with_forms(
        WEEKDAYS["hr"], "ponedjeljka/utorka/srijedu srijede/četvrtka/petka/subotu/nedjelju"
    ),
    lists="i te",
    ranges="do",
    from_words="od",
    between_words="između",
    articles="dana",
    ordinals=".",
    leads="u od do početkom krajem sredinom",
    before={
        "prošli": -1,
        "prošle": -1,
        "prošlog": -1,
        "prošlu": -1,
        "ovaj": 0,
        "ove": 0,
        "idući": 1,
        "iduće": 1,
        "sljedeći": 1,
        "sljedeće": 1,
    },
    units={"tjedan": "week", "tjedna": "week", "mjesec": "month", "godine": "year"},
    days={"danas": 0, "jučer": -1, "prekjučer": -2, "sutra": 1, "prekosutra": 2},
    letters="đćč",
    known_by="u na se je da za od su koji koja biti će kao te također nakon ili nije",
    past=(
        r"(?:(?:je|su|se) (?:\w+ )?\w+(?:ao|io|la|lo|li|le|en|eno|ena|eni|an|ano|ana|ani)"
        r"|\w{3,}(?:ao|io|ila|ilo|ili|ala|alo|ali|ela|eli) (?:je|su|se)"
        r"|bio|bila|bilo|bili|održan\w*)"
    ),
    present=r"(?:je|su|sastaje|sudjeluje|počinje|održava|posjećuje)",
    future=r"(?:će|održat će|planiran\w*|predviđen\w*|nadolazeć\w+|najkasnije)",
    openers="je su se",
    issued="objavljen[oa]?",
    date_labels="datum|objavljeno|objava|datum objave",
    revised="ažurirano|zadnja izmjena|posljednja izmjena|osvježeno",
    event_labels="kada|termin",
    schedule_labels="mjesto|vrijeme",
    history="od godine",
    streets=r"ulic[aeiu]|ul\.|trg|most|avenija",
    acts=r"(?:zakon\w*|uredb\w+|odluk\w+) od",
    deadlines="do|najkasnije|prije",
    until="do",
    planned="odgođen[oai]? (?:za|do)|zakazan[oai]? za|rok|vrijedi do|stupa na snagu",
    abbreviations="g|god|sv|dr|prof|br|st|čl|npr|tzv",
)
SERBIAN = replace(
    CROATIAN,
    tag="sr-Latn",
    months=with_forms(
        MONTHS["sr-Latn"],
        "januara januaru/februara februaru/marta martu/aprila aprilu/maja maju/juna junu/jula julu"
        "/avgusta avgustu/septembra septembru/oktobra oktobru/novembra novembru/decembra decembru",
    ),
    weekdays=with_forms(WEEKDAYS["sr-Latn"], "//sredu///subotu/nedelju"),
    units={"nedelja": "week", "sedmica": "week", "mesec": "month", "godine": "year"},
    days={"danas": 0, "juče": -1, "prekjuče": -2, "sutra": 1},
    letters="đćč",
    known_by="u na se je da za od su koji koja biti će kao takođe posle ili nije srbije",
    schedule_labels="mesto|vreme",
)
BOSNIAN = replace(
    SERBIAN,
    tag="bs",
    months=with_forms(
        MONTHS["bs"],
        "januara januaru/februara februaru/marta martu/aprila aprilu/maja maju/juna junu"
        "/jula julu/augusta augustu/septembra septembru/oktobra oktobru/novembra novembru"
        "/decembra decembru",
    ),
    weekdays=with_forms(WEEKDAYS["bs"], "//srijedu///subotu/nedjelju"),
    letters="đćč",
    known_by="u na se je da za od su koji koja biti će kao također poslije ili nije bosne",
)
SLOVENE = Language(
    tag="sl",
    months=with_forms(
        MONTHS["sl"],
        "januarja januarju/februarja februarju/marca marcu/aprila aprilu/maja maju/junija juniju"
        "/julija juliju/avgusta avgustu/septembra septembru/oktobra oktobru/novembra novembru"
        "/decembra decembru",
    ),
    weekdays=with_forms(WEEKDAYS["sl"], "//sredo///soboto/nedeljo"),
    lists="in ter",
    ranges="do",
    from_words="od",
    between_words="med",
    articles="dne",
    ordinals=".",
    leads="v od do",
    before={"prejšnji": -1, "pretekli": -1, "ta": 0, "naslednji": 1, "prihodnji": 1},
    units={"teden": "week", "mesec": "month", "leto": "year"},
    days={"danes": 0, "včeraj": -1, "predvčerajšnjim": -2, "jutri": 1},
    known_by="v na se je da za od so ki bo pri tudi ali kot med bil ter ni",
    past=(
        r"(?:(?:je|so|se) (?:\w+ )?\w+(?:al|il|el)[aoi]?"
        r"|\w{3,}(?:al|il|el)[aoi]? (?:je|so|se)|bil[aoi]?)"
    ),
    future=r"(?:bo|bodo|načrtovan\w*|predviden\w*|najkasneje)",
    openers="je so se",
    issued="objavljen[oa]?",
    date_labels="datum|objavljeno|datum objave",
    revised="posodobljeno|zadnja sprememba|zadnja posodobitev",
    event_labels="kdaj",
    schedule_labels="kraj|ura",
    streets=r"ulic[aei]|trg|cesta",
    acts=r"(?:zakon\w*|uredb\w+|sklep\w*) (?:z|z dne|dne)",
    deadlines="do|najkasneje|pred",
    until="do",
)

SLAVIC = (POLISH, CZECH, SLOVAK, CROATIAN, SERBIAN, BOSNIAN, SLOVENE)
