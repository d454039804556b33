"""Hungarian, Romanian, Greek, Turkish, Albanian, Maltese: the words of their dates."""

from aggregator.dating.languages.calendar_names import MONTHS, WEEKDAYS
from aggregator.dating.languages.language import Language, with_forms

HUNGARIAN = Language(
    tag="hu",
    months=with_forms(
        MONTHS["hu"],
        "januárban januári januártól januárig/februárban februári februártól februárig"
        "/márciusban márciusi márciustól márciusig/áprilisban áprilisi áprilistól áprilisig"
        "/májusban májusi májustól májusig/júniusban júniusi júniustól júniusig"
        "/júliusban júliusi júliustól júliusig/augusztusban augusztusi augusztustól augusztusig"
        "/szeptemberben szeptemberi szeptembertől szeptemberig"
        "/októberben októberi októbertől októberig/novemberben novemberi novembertől novemberig"
        "/decemberben decemberi decembertől decemberig",
    ),
    weekdays=with_forms(
        WEEKDAYS["hu"],
        "hétfőn hétfői/kedden keddi/szerdán szerdai/csütörtökön csütörtöki/pénteken pénteki"
        "/szombaton szombati/vasárnapi",
    ),
    month_first=True,
    lists="és vagy",
    ordinals="-án -én -i -ai -ei -jén -ján -tól -től -ig -áig -éig -ától -étől -e -a -ára -ére",
    year_before=r"\.?(?: évi)?",
    leads="idén tavaly",
    before={"múlt": -1, "elmúlt": -1, "ez": 0, "ezen": 0, "jövő": 1, "következő": 1},
    units={"héten": "week", "hétvégén": "weekend", "hónapban": "month", "évben": "year"},
    days={
        "ma": 0,
        "ma reggel": 0,
        "ma este": 0,
        "tegnap": -1,
        "tegnapelőtt": -2,
        "holnap": 1,
        "holnapután": 2,
    },
    letters="őű",
    known_by="a az és hogy nem is egy volt meg már szerint magyarország miniszter illetve"
    " valamint között kell",
    past=(
        r"(?:volt|voltak|lett|lettek|\w{2,}(?:ott|ett|ött|tak|tek|atta|ette|ották|ették|t)"
        r" (?:részt|sor|meg|el|ki|fel|be|le|át|össze)|\w{2,}(?:ott|ett|ött|ottak|ettek|öttek|ották"
        r"|ették|atta|ette|otta|ötte)|írt\w*|mond\w*t\w*|jelent\w*ett\w*|nyit\w*tt\w*)"
    ),
    present=r"(?:van|vannak|találkozik|részt vesz|zajlik)",
    future=(
        r"(?:lesz|lesznek|tartják|tartanak|kezdődik|rendezik|fog|fognak|várható\w*|tervez\w*"
        r"|következő|jövő|legkésőbb|esedékes"
        r"|kerül sor)"
    ),
    advisories=("sajtómeghívó", "meghívó sajtótájékoztatóra", "sajtóesemény"),
    issued="közzétéve|megjelent|kiadva",
    date_labels="dátum|közzétéve|megjelenés|kelt|közzététel",
    revised="frissítve|módosítva|utolsó módosítás",
    event_labels="mikor|időpont",
    schedule_labels="helyszín|hely|idő",
    history="óta",
    streets_after=r"(?:utca|tér|út|körút)\w*",
    deadlines="legkésőbb",
    until="egészen",
    planned=(
        r"elhalasztották|halasztják|tervezett időpont\w*|határidő\w*|érvényes\w*|hatályba lép"
    ),
    abbreviations="dr|ill|kb|pl|stb|sz|u|ún|tel|bek",
)
ROMANIAN = Language(
    tag="ro",
    months=MONTHS["ro"],
    weekdays=with_forms(
        WEEKDAYS["ro"], "lunea/marţi marțea/miercurea/joia/vinerea/sambata/duminica"
    ),
    lists="și şi sau",
    ranges="la până",
    from_words="de din",
    between_words="între",
    of_words="a lunii",
    articles="data ziua zilele",
    ordinals="-a",
    leads="în din până sfârșitul începutul luna",
    before={"această": 0, "acest": 0},
    after={
        "trecut": -1,
        "trecută": -1,
        "aceasta": 0,
        "următor": 1,
        "următoare": 1,
        "viitor": 1,
        "viitoare": 1,
    },
    units={"săptămâna": "week", "weekendul": "weekend", "luna": "month", "anul": "year"},
    days={"astăzi": 0, "azi": 0, "ieri": -1, "alaltăieri": -2, "mâine": 1, "poimâine": 2},
    letters="șțăşţ",
    known_by="și în de la a cu pe din care pentru că nu au fost este prin sau privind cadrul",
    past=(
        r"(?:(?:a|au) (?:fost |mai )?\w+(?:at|it|ut|ât|is|us|rs|ns|pt|it[ăe]?|at[ăe]?|ut[ăe]?"
        r"|[aiu]ți)|era|erau)"
    ),
    present=r"(?:este|sunt|participă|întâlnește|vizitează)",
    future=(
        r"(?:va|vor|are loc|au loc|începe|urmează|programat\w*|prevăzut\w*|planificat\w*"
        r"|viitoare|cel târziu"
        r"|se va \w+|se vor \w+)"
    ),
    openers="a au se",
    advisories=("invitație de presă", "invitație pentru presă", "anunț de presă"),
    issued="publicat[ăe]?",
    date_labels="data|publicat|publicat la|publicat în|data publicării|creat",
    revised="actualizat|ultima actualizare|modificat|ultima modificare",
    event_labels="când",
    schedule_labels="ora|locul|loc",
    history="din anul|începând cu",
    streets=r"strada|str\.|bulevardul|bd\.|piața|calea",
    acts=r"(?:leg[ei]\w*|hotărâr\w+|ordonanț\w+|decizi\w+|regulament\w*)"
    r"(?: nr\. ?\S+)? din(?: data de)?",
    deadlines="până la(?: data de)?|cel târziu|înainte de",
    until="până la(?: data de)?|până în",
    planned="amânat\\w* (?:pentru|până)|programat\\w* pentru|prevăzut\\w* pentru|termen\\w*"
    "|valabil\\w* până|intră în vigoare",
    abbreviations="dl|d-na|nr|str|art|alin|lit|dr|prof|jud|mil|mld",
)
GREEK = Language(
    tag="el",
    months=with_forms(
        MONTHS["el"],
        "ιανουάριο γενάρη/φεβρουάριο φλεβάρη/μάρτιο μάρτη/απρίλιο απρίλη/μάιο μάη/ιούνιο ιούνη"
        "/ιούλιο ιούλη/αύγουστο/σεπτέμβριο σεπτέμβρη/οκτώβριο οκτώβρη/νοέμβριο νοέμβρη"
        "/δεκέμβριο δεκέμβρη",
    ),
    weekdays=with_forms(
        WEEKDAYS["el"], "δευτέρας/τρίτης/τετάρτης/πέμπτης/παρασκευής/σαββάτου/κυριακής"
    ),
    capitals=True,
    lists="και ή",
    ranges="έως ως μέχρι",
    from_words="από",
    between_words="μεταξύ",
    articles="στις τις την στην της των η",
    ordinals="η ης ή",
    leads="τον στον από το τέλη αρχές μέσα έως μέχρι",
    before={
        "περασμένη": -1,
        "περασμένο": -1,
        "αυτή": 0,
        "αυτό": 0,
        "επόμενη": 1,
        "επόμενο": 1,
        "ερχόμενη": 1,
        "προσεχή": 1,
    },
    units={"εβδομάδα": "week", "σαββατοκύριακο": "weekend", "μήνα": "month", "χρόνο": "year"},
    days={
        "σήμερα": 0,
        "σήμερα το πρωί": 0,
        "απόψε": 0,
        "χθες": -1,
        "χτες": -1,
        "προχθές": -2,
        "αύριο": 1,
        "μεθαύριο": 2,
    },
    letters="ηωάόίέ",
    known_by="και το η ο να της του των στην στο για με από που την τα τις στις θα οι είναι",
    past=(
        r"(?:ήταν|είχε|είχαν|(?:έχει|έχουν) \w+(?:ει|εί)|έγινε|έγιναν|πήγε|είπε|έφτασε"
        r"|\w{3,}(?:θηκε|θηκαν|τηκε|τηκαν|ησε|ησαν|ισε|ισαν|ασε|ασαν|αξε|αξαν|εψε|εψαν|ωσε|ωσαν"
        r"|χθηκε|ευσε|ίασε))"
    ),
    present=r"(?:είναι|συναντά|συναντάται|συμμετέχει|επισκέπτεται)",
    future=(
        r"(?:θα|πραγματοποιείται|διεξάγεται|αρχίζει|πρόκειται|προγραμματισμέν\w+|προσεχ\w+"
        r"|επικείμεν\w+|το αργότερο)"
    ),
    openers="έχει έχουν θα",
    advisories=(
        "πρόσκληση δημοσιογράφων",
        "πρόσκληση προς τους δημοσιογράφους",
        "πρόσκληση σε συνέντευξη",
    ),
    issued="δημοσιεύθηκε|δημοσιεύτηκε|εκδόθηκε",
    date_labels="ημερομηνία|δημοσιεύθηκε|δημοσίευση|ημερομηνία δημοσίευσης|ημ/νία",
    revised="ενημερώθηκε|τελευταία ενημέρωση|τροποποιήθηκε",
    event_labels="πότε",
    schedule_labels="ώρα|τόπος|χώρος",
    history="από το έτος",
    streets=r"οδός|οδού|οδό|πλατεία|πλατείας|λεωφόρος|λεωφόρου",
    deadlines="έως(?: τις| την)?|μέχρι(?: τις| την)?|το αργότερο|πριν(?: τις| την)?",
    until="έως(?: τις| την)?|μέχρι(?: τις| την)?",
    sets=r"(?:ορίστηκ\w+|αναβλήθηκ\w+|προσδιορίστηκ\w+)(?: \w+){0,2} για",
    planned="αναβλήθηκε για|μετατίθεται για|προγραμματίζεται για|έχει οριστεί για|ισχύει έως"
    "|τίθεται σε ισχύ",
    abbreviations="κ|κα|κκ|δρ|αρ|π.χ|τηλ|εκ|δισ|ν",
)
TURKISH = Language(
    tag="tr",
    months=with_forms(
        MONTHS["tr"],
        "ocakta ocağın ocağı/şubatta/martta martın/nisanda nisanın/mayısta mayısın"
        "/haziranda haziranın/temmuzda temmuzun/ağustosta ağustosun/eylülde eylülün"
        "/ekimde ekimin/kasımda kasımın/aralıkta aralığın",
    ),
    weekdays=WEEKDAYS["tr"],
    capitals=True,
    ambiguous="ara eki may mart ocak ekim pazar salı per",
    lists="ve veya",
    ranges="ila",
    leads="geçen bu gelecek önümüzdeki",
    before={"geçen": -1, "geçtiğimiz": -1, "bu": 0, "gelecek": 1, "önümüzdeki": 1},
    units={"hafta": "week", "ay": "month", "yıl": "year"},
    days={"bugün": 0, "bu sabah": 0, "bu akşam": 0, "dün": -1, "dün akşam": -1, "yarın": 1},
    letters="ğışİ",
    known_by="ve bir bu ile için olarak da de olan daha çok türkiye bakan tarafından ise gibi"
    " kadar sonra olduğunu",
    past=(
        r"(?:\w{2,}(?:dı|di|du|dü|tı|ti|tu|tü|dılar|diler|dular|düler|mıştır|miştir|muştur|müştür"
        r"|ıldı|ildi|uldu|üldü|mış|miş|muş|müş))"
    ),
    present=r"(?:\w{2,}(?:ıyor|iyor|uyor|üyor|makta|mekte|maktadır|mektedir))",
    future=r"(?:\w{2,}(?:acak|ecek|acaklar|ecekler|acaktır|ecektir)|planlan\w*|en geç)",
    advisories=("basın daveti", "basın mensuplarına davet"),
    issued="yayımlan\\w+|yayınlan\\w+",
    date_labels="tarih|yayın tarihi|yayınlanma tarihi|yayımlanma tarihi|haber tarihi",
    revised="güncelleme(?: tarihi)?|güncellendi|son güncelleme",
    event_labels="ne zaman",
    schedule_labels="saat|yer",
    deadlines="en geç",
    planned="ertelendi|planlandı|son tarih|geçerli",
    streets_after=(
        r"(?:caddesi|sokak|bulvarı|mahallesi|meydanı|köprüsü|stadyumu|üniversitesi|hastanesi"
        r"|şehitler)\w*"
    ),
    abbreviations="dr|prof|doç|av|no|cad|sok|mah|vb|bkz",
)
ALBANIAN = Language(
    tag="sq",
    months=MONTHS["sq"],
    weekdays=with_forms(WEEKDAYS["sq"], "hënën/martën/mërkurën/enjten/premten/shtunën/dielën"),
    lists="dhe",
    ranges="deri",
    from_words="nga",
    articles="datë më",
    leads="në nga deri",
    days={"sot": 0, "dje": -1, "nesër": 1},
    known_by="dhe në e të për me një se nga është që u si ka janë i",
    past=r"(?:u \w+|ishte|ishin|kishte|mori|morën|tha|zhvilloi|vizitoi|\w{3,}(?:oi|uan|ua))",
    future=r"(?:do të|pritet|planifikuar)",
    openers="u do",
    date_labels="data|publikuar",
    revised="përditësuar",
)
MALTESE = Language(
    tag="mt",
    months=MONTHS["mt"],
    weekdays=WEEKDAYS["mt"],
    lists="u",
    of_words="ta' ta\u2019",
    leads="f'",
    days={"illum": 0, "lbieraħ": -1, "għada": 1},
    letters="ħġż",
    known_by="il u li ta' fil tal ma' għal biex kien ġie minn dan din huwa",
    past=r"(?:kien|kienet|kienu|ġie|ġew)",
    future=r"(?:se|ser|għandu)",
)

SOUTHERN = (HUNGARIAN, ROMANIAN, GREEK, TURKISH, ALBANIAN, MALTESE)
