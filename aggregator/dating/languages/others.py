"""Catalan, Galician, Basque, the Baltic and Celtic languages, and others: the words of their dates.

Of some of them not much more is known than the names.
"""

from dataclasses import replace

from aggregator.dating.languages.calendar_names import MONTHS, WEEKDAYS
from aggregator.dating.languages.dutch import DUTCH
from aggregator.dating.languages.german import GERMAN
from aggregator.dating.languages.language import Language, with_forms
from aggregator.dating.languages.portuguese import PORTUGUESE

CATALAN = Language(
    tag="ca",
    months=MONTHS["ca"],
    weekdays=WEEKDAYS["ca"],
    lists="i o",
    ranges="al a fins",
    from_words="del",
    between_words="entre",
    of_words="de d' d\u2019 del",
    articles="el dia els dies",
    leads="al en el des fins de",
    before={"aquest": 0, "aquesta": 0, "passat": -1, "passada": -1},
    after={"passat": -1, "passada": -1, "vinent": 1},
    units={"setmana": "week", "mes": "month", "any": "year"},
    days={"avui": 0, "aquest matí": 0, "ahir": -1, "demà": 1},
    known_by="el la els les i amb per que en una és dels ha aquest generalitat més també",
    past=(
        r"(?:(?:ha|han|va|van|s'ha|s\u2019ha|s'han) (?:estat )?"
        r"\w+(?:at|ut|it|ar|er|ir|re|ada|ats)|era)"
    ),
    present=r"(?:es reuneix|participa|rep|visita|comença)",
    future=r"(?:\w{2,}(?:arà|erà|irà|aran|eran|iran|drà|dran)|prevista?|previst|pròxima?)",
    openers="ha han va van s'ha s\u2019ha s'han es",
    issued="publicat",
    date_labels="data|publicat(?: el)?|data de publicació",
    revised="actualitzat|última actualització|darrera actualització",
    event_labels="quan",
    schedule_labels="hora|lloc",
    history="des del?",
    streets=r"carrer|plaça|avinguda|passeig|rambla",
    acts=r"(?:llei|decret|ordre|resolució|reial decret)(?: \S+)?,? (?:de|del)",
    deadlines="abans del|fins al|com a molt tard el",
    until="fins al",
    planned="ajornada? (?:al|fins)|previst(?:a|os|es)? (?:per al|pel)|vigent fins",
)
GALICIAN = replace(
    PORTUGUESE,
    tag="gl",
    months=MONTHS["gl"],
    weekdays=WEEKDAYS["gl"],
    lists="e ou",
    articles="o día os días",
    days={"hoxe": 0, "onte": -1, "mañá": 1},
    known_by="o os as do da dos en que non unha para con xunta polo pola tamén",
    past=r"(?:\w{2,}(?:ou|aron|eron|iron|eu|iu)|foi|foron|tivo|fixo|dixo|estivo)",
    date_labels="data|publicado",
)
BASQUE = Language(
    tag="eu",
    months=with_forms(
        MONTHS["eu"],
        "urtarrilaren urtarrilean urtarrileko/otsailaren otsailean otsaileko"
        "/martxoaren martxoan martxoko/apirilaren apirilean apirileko"
        "/maiatzaren maiatzean maiatzeko/ekainaren ekainean ekaineko"
        "/uztailaren uztailean uztaileko/abuztuaren abuztuan abuztuko/irailaren irailean iraileko"
        "/urriaren urrian urriko/azaroaren azaroan azaroko/abenduaren abenduan abenduko",
    ),
    weekdays=WEEKDAYS["eu"],
    month_first=True,
    lists="eta",
    ordinals="(a) a an ko eko etik ra era",
    year_before=r"[- ]?(?:(?:e|\(e\))?ko)",
    days={"gaur": 0, "atzo": -1, "bihar": 1},
    known_by="eta du da ez dira izan dute ere egin bat gaur eusko jaurlaritza hau den duen",
    past=r"(?:zen|ziren|zuen|zuten|(?:egin|izan|hartu|eman|\w+tu) (?:du|dute|da|dira))",
    future=r"(?:\w+(?:ko|go) (?:du|dute|da|dira))",
    date_labels="data|argitaratua",
)
ESTONIAN = Language(
    tag="et",
    months=with_forms(
        MONTHS["et"],
        "jaanuaril jaanuari jaanuaris jaanuarist jaanuarini"
        "/veebruaril veebruari veebruaris veebruarist veebruarini"
        "/märtsil märtsi märtsis märtsist märtsini/aprillil aprilli aprillis aprillist aprillini"
        "/mail mais maist maini/juunil juunis juunist juunini/juulil juulis juulist juulini"
        "/augustil augusti augustis augustist augustini"
        "/septembril septembri septembris septembrist septembrini"
        "/oktoobril oktoobri oktoobris oktoobrist oktoobrini"
        "/novembril novembri novembris novembrist novembrini"
        "/detsembril detsembri detsembris detsembrist detsembrini",
    ),
    weekdays=with_forms(
        WEEKDAYS["et"],
        "esmaspäeval/teisipäeval/kolmapäeval/neljapäeval/reedel/laupäeval/pühapäeval",
    ),
    lists="ja ning",
    ranges="kuni",
    ordinals=".",
    year_before=r"\.?(?: aasta)?",
    days={"täna": 0, "eile": -1, "üleeile": -2, "homme": 1, "ülehomme": 2},
    known_by="ja on ei et see oli ning ka kui mis oma või eesti minister selle mida",
    past=(
        r"(?:oli|olid|on \w+(?:tud|nud)|toimus|kohtus|osales|ütles|allkirjastas"
        r"|\w{3,}(?:tas|sid|ti))"
    ),
    present=r"(?:toimub|kohtub|osaleb|algab|külastab)",
    future=r"(?:hakkab|plaanib|tulevane|hiljemalt)",
    openers="on",
    date_labels="kuupäev|avaldatud|postitatud",
    revised="uuendatud|viimati uuendatud|muudetud",
    event_labels="millal",
    deadlines="hiljemalt|enne",
    until="kuni",
)
LATVIAN = Language(
    tag="lv",
    months=with_forms(
        MONTHS["lv"],
        "janvārī janvāra/februārī februāra/martā marta/aprīlī aprīļa/maijā maija/jūnijā jūnija"
        "/jūlijā jūlija/augustā augusta/septembrī septembra/oktobrī oktobra/novembrī novembra"
        "/decembrī decembra",
    ),
    weekdays=with_forms(
        WEEKDAYS["lv"],
        "pirmdien/otrdien/trešdien/ceturtdien/piektdien/sestdien/svētdien",
    ),
    lists="un",
    ranges="līdz",
    from_words="no",
    ordinals=".",
    year_before=r"\.?(?: gada)?",
    days={"šodien": 0, "vakar": -1, "rīt": 1},
    letters="ļķņģēā",
    known_by="un ir ar no par uz ka kā arī lai gada tika bija latvijas ministrs pie tiek",
    past=r"(?:bija|tika|notika|tikās|piedalījās|\w{3,}(?:ja|jās|jusi|jis))",
    present=r"(?:ir|notiek|tiekas|piedalās|sākas)",
    future=r"(?:būs|notiks|\w{3,}(?:sies|sies)|plānots|paredzēts)",
    date_labels="datums|publicēts|publicēšanas datums",
    revised="atjaunināts|pēdējās izmaiņas",
    event_labels="kad",
    deadlines="līdz",
    until="līdz",
)
LITHUANIAN = Language(
    tag="lt",
    months=with_forms(
        MONTHS["lt"],
        "sausį/vasarį/kovą/balandį/gegužę/birželį/liepą/rugpjūtį/rugsėjį/spalį/lapkritį/gruodį",
    ),
    weekdays=with_forms(
        WEEKDAYS["lt"],
        "pirmadienį/antradienį/trečiadienį/ketvirtadienį/penktadienį/šeštadienį/sekmadienį",
    ),
    month_first=True,
    lists="ir bei",
    ranges="iki",
    from_words="nuo",
    ordinals="-ąją -osios -oji -ąjai -ojo",
    year_before=r"(?:[- ]?(?:m\.?|metų|ųjų))?",
    days={"šiandien": 0, "vakar": -1, "užvakar": -2, "rytoj": 1, "poryt": 2},
    letters="ėųįūė",
    known_by="ir yra kad su į iš apie bei tai buvo kaip lietuvos nuo metų ministras dėl taip",
    past=r"(?:buvo|įvyko|\w{3,}(?:ė|ėjo|avo|ino|o|ėsi|osi|josi))",
    present=r"(?:yra|vyksta|susitinka|dalyvauja|prasideda)",
    future=r"(?:bus|vyks|\w{3,}(?:sis|siantis)|planuojam\w*|numatom\w*|ne vėliau kaip)",
    date_labels="data|paskelbta|publikuota|paskelbimo data",
    revised="atnaujinta|paskutinį kartą atnaujinta",
    event_labels="kada",
    deadlines="iki",
    until="iki",
    abbreviations="d|m|val|proc|tūkst|mln|mlrd|pvz|nr",
)
IRISH = Language(
    tag="ga",
    months=(*MONTHS["ga"][:8], "meán", "deireadh", *MONTHS["ga"][10:]),
    weekdays=WEEKDAYS["ga"],
    capitals=True,
    lists="agus",
    ranges="go",
    from_words="ó",
    of_words="fómhair na mí",
    articles="an",
    ordinals="ú",
    days={"inniu": 0, "inné": -1, "amárach": 1},
    known_by="agus na an ar go bhí le chun atá don leis mar sin tá seo siad",
    past=r"(?:bhí|d'\w+|rinne|dúirt|tháinig|chuaigh|sheol|d\u2019\w+)",
    future=r"(?:\w+(?:faidh|fidh|óidh|eoidh)|beidh)",
)
WELSH = Language(
    tag="cy",
    months=with_forms(
        MONTHS["cy"],
        "/chwefror/fawrth/////awst/fedi//dachwedd/ragfyr",
    ),
    weekdays=WEEKDAYS["cy"],
    capitals=True,
    lists="a ac",
    ranges="i tan",
    articles="y yr",
    ordinals="fed ed af eg ain ydd",
    days={"heddiw": 0, "ddoe": -1, "yfory": 1},
    letters="ŵŷ",
    known_by="y yr a ac yn i o ar bod wedi mae gan ei am cymru llywodraeth fel hwn",
    past=r"(?:roedd|cafodd|bu|dywedodd|aeth|daeth|\w{3,}odd)",
    future=r"(?:bydd|caiff)",
)
INDONESIAN = Language(
    tag="id",
    months=MONTHS["id"],
    weekdays=WEEKDAYS["id"],
    capitals=True,
    lists="dan",
    ranges="hingga sampai",
    from_words="dari",
    between_words="antara",
    articles="tanggal",
    leads="pada bulan sejak",
    days={"hari ini": 0, "kemarin": -1, "besok": 1},
    known_by="dan yang di dengan untuk pada ini dari dalam telah oleh akan juga tidak adalah",
    past=r"(?:telah|sudah)",
    future=r"(?:akan|rencananya|dijadwalkan|mendatang)",
    date_labels="tanggal",
)
MALAY = replace(
    INDONESIAN, tag="ms", months=MONTHS["ms"], weekdays=WEEKDAYS["ms"],
    known_by="dan yang di dengan untuk pada ini daripada dalam telah oleh akan juga tidak ialah",
    days={"hari ini": 0, "semalam": -1, "esok": 1},
)  # fmt: skip
AFRIKAANS = replace(
    DUTCH, tag="af", months=MONTHS["af"], weekdays=WEEKDAYS["af"],
    days={"vandag": 0, "gister": -1, "môre": 1},
    known_by="die en van het in is op vir nie met aan sal ook om dat deur hulle",
    past=r"(?:het|was|is deur)", future=r"(?:sal|gaan)",
)  # fmt: skip
LUXEMBOURGISH = replace(
    GERMAN, tag="lb", months=MONTHS["lb"], weekdays=WEEKDAYS["lb"],
    days={"haut": 0, "gëschter": -1, "muer": 1},
    known_by="an de den vun d'der op fir mat ass net och huet gouf sinn eng",
    past=r"(?:huet|gouf|goufen|war|waren|hunn)", future=r"(?:wäert|gëtt)",
)  # fmt: skip
ARABIC = Language(
    tag="ar",
    months=with_forms(
        MONTHS["ar"], "/شباط/آذار/نيسان ابريل إبريل/أيار/حزيران/تموز/آب اغسطس/أيلول/اكتوبر//"
    ),
    weekdays=with_forms(WEEKDAYS["ar"], "الإثنين//الاربعاء////الاحد"),
    days={"اليوم": 0, "أمس": -1, "غدا": 1, "غدًا": 1},
    letters="ابتنل",
    known_by="في من على إلى أن التي الذي هذا مع عن هذه كما بين",
)  # fmt: skip
HEBREW = Language(
    tag="he",
    months=tuple(f"ב{name} {name}" for name in MONTHS["he"]),
    weekdays=WEEKDAYS["he"],
    days={"היום": 0, "אתמול": -1, "מחר": 1},
    letters="אבהלש",
    known_by="של את על עם לא הוא כי זה בין גם או היא כל",
)

MORE = (
    CATALAN, GALICIAN, BASQUE, ESTONIAN, LATVIAN, LITHUANIAN, IRISH, WELSH, INDONESIAN, MALAY,
    AFRIKAANS, LUXEMBOURGISH, ARABIC, HEBREW,
)  # fmt: skip
