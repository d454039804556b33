"""Month and weekday names of many languages, from Unicode CLDR 49.

Written by ``python -m tools.calendar_names``: change that, not this.  Each string has the forms of
one name, in lower case: in full, and after a bar its abbreviations.
"""

MONTHS: dict[str, tuple[str, ...]] = {
    "af": (
        "januarie | jan.", "februarie | feb.", "maart | mrt.", "april | apr.", "mei",
        "junie | jun.", "julie | jul.", "augustus | aug.", "september | sep.", "oktober | okt.",
        "november | nov.", "desember | des.",
    ),
    "ar": (
        "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر",
        "نوفمبر", "ديسمبر",
    ),
    "be": (
        "студзеня студзень | сту", "лютага люты | лют", "сакавіка сакавік | сак",
        "красавіка красавік | кра", "мая май", "чэрвеня чэрвень | чэр", "ліпеня ліпень | ліп",
        "жніўня жнівень | жні", "верасня верасень | вер", "кастрычніка кастрычнік | кас",
        "лістапада лістапад | ліс", "снежня снежань | сне",
    ),
    "bg": (
        "януари | яну", "февруари | фев", "март", "април | апр", "май", "юни", "юли",
        "август | авг", "септември | сеп", "октомври | окт", "ноември | ное", "декември | дек",
    ),
    "bs": (
        "januar | jan", "februar | feb", "mart | mar", "april | apr", "maj", "juni | jun",
        "juli | jul", "august | aug", "septembar | sep", "oktobar | okt", "novembar | nov",
        "decembar | dec",
    ),
    "ca": (
        "gener | gen.", "febrer | febr.", "març", "abril | abr.", "maig", "juny", "juliol | jul.",
        "agost | ag.", "setembre | set.", "octubre | oct.", "novembre | nov.", "desembre | des.",
    ),
    "cs": (
        "ledna leden | led", "února únor | úno", "března březen | bře", "dubna duben | dub",
        "května květen | kvě", "června červen | čvn", "července červenec | čvc",
        "srpna srpen | srp", "září | zář", "října říjen | říj", "listopadu listopad | lis",
        "prosince prosinec | pro",
    ),
    "cy": (
        "ionawr | ion", "chwefror | chwef chw", "mawrth | maw", "ebrill | ebr", "mai",
        "mehefin | meh", "gorffennaf | gorff gor", "awst", "medi", "hydref | hyd",
        "tachwedd | tach", "rhagfyr | rhag",
    ),
    "da": (
        "januar | jan.", "februar | feb.", "marts | mar.", "april | apr.", "maj", "juni | jun.",
        "juli | jul.", "august | aug.", "september | sep.", "oktober | okt.", "november | nov.",
        "december | dec.",
    ),
    "el": (
        "ιανουαρίου ιανουάριος | ιαν", "φεβρουαρίου φεβρουάριος | φεβ",
        "μαρτίου μάρτιος | μαρ μάρ", "απριλίου απρίλιος | απρ", "μαΐου μάιος | μαΐ μάι",
        "ιουνίου ιούνιος | ιουν ιούν", "ιουλίου ιούλιος | ιουλ ιούλ",
        "αυγούστου αύγουστος | αυγ αύγ", "σεπτεμβρίου σεπτέμβριος | σεπ",
        "οκτωβρίου οκτώβριος | οκτ", "νοεμβρίου νοέμβριος | νοε νοέ", "δεκεμβρίου δεκέμβριος | δεκ",
    ),
    "et": (
        "jaanuar | jaan", "veebruar | veebr", "märts", "aprill | apr", "mai", "juuni", "juuli",
        "august | aug", "september | sept", "oktoober | okt", "november | nov", "detsember | dets",
    ),
    "eu": (
        "urtarrila | urt.", "otsaila | ots.", "martxoa | mar.", "apirila | api.", "maiatza | mai.",
        "ekaina | eka.", "uztaila | uzt.", "abuztua | abu.", "iraila | ira.", "urria | urr.",
        "azaroa | aza.", "abendua | abe.",
    ),
    "fi": (
        "tammikuuta tammikuu | tammi", "helmikuuta helmikuu | helmi",
        "maaliskuuta maaliskuu | maalis", "huhtikuuta huhtikuu | huhti",
        "toukokuuta toukokuu | touko", "kesäkuuta kesäkuu | kesä", "heinäkuuta heinäkuu | heinä",
        "elokuuta elokuu | elo", "syyskuuta syyskuu | syys", "lokakuuta lokakuu | loka",
        "marraskuuta marraskuu | marras", "joulukuuta joulukuu | joulu",
    ),
    "ga": (
        "eanáir | ean", "feabhra | feabh", "márta", "aibreán | aib", "bealtaine | beal",
        "meitheamh | meith", "iúil", "lúnasa | lún", "fómhair | mfómh", "fómhair | dfómh",
        "samhain | samh", "nollaig | noll",
    ),
    "gl": (
        "xaneiro | xan.", "febreiro | feb.", "marzo | mar.", "abril | abr.", "maio", "xuño",
        "xullo | xul.", "agosto | ago.", "setembro | set.", "outubro | out.", "novembro | nov.",
        "decembro | dec.",
    ),
    "he": (
        "ינואר", "פברואר", "מרץ", "אפריל", "מאי", "יוני", "יולי", "אוגוסט", "ספטמבר", "אוקטובר",
        "נובמבר", "דצמבר",
    ),
    "hr": (
        "siječnja siječanj | sij", "veljače veljača | velj", "ožujka ožujak | ožu",
        "travnja travanj | tra", "svibnja svibanj | svi", "lipnja lipanj | lip",
        "srpnja srpanj | srp", "kolovoza kolovoz | kol", "rujna rujan | ruj",
        "listopada listopad | lis", "studenoga studeni | stu", "prosinca prosinac | pro",
    ),
    "hu": (
        "január | jan.", "február | febr.", "március | márc.", "április | ápr.", "május | máj.",
        "június | jún.", "július | júl.", "augusztus | aug.", "szeptember | szept.",
        "október | okt.", "november | nov.", "december | dec.",
    ),
    "id": (
        "januari | jan", "februari | feb", "maret | mar", "april | apr", "mei", "juni | jun",
        "juli | jul", "agustus | agu", "september | sep", "oktober | okt", "november | nov",
        "desember | des",
    ),
    "is": (
        "janúar | jan.", "febrúar | feb.", "mars | mar.", "apríl | apr.", "maí", "júní | jún.",
        "júlí | júl.", "ágúst | ágú.", "september | sep.", "október | okt.", "nóvember | nóv.",
        "desember | des.",
    ),
    "lb": (
        "januar | jan. jan", "februar | feb. feb", "mäerz | mäe. mäe", "abrëll | abr. abr", "mee",
        "juni | jun", "juli | jul", "august | aug. aug", "september | sep. sep",
        "oktober | okt. okt", "november | nov. nov", "dezember | dez. dez",
    ),
    "lt": (
        "sausio sausis | saus.", "vasario vasaris | vas.", "kovo kovas | kov.",
        "balandžio balandis | bal.", "gegužės gegužė | geg.", "birželio birželis | birž.",
        "liepos liepa | liep.", "rugpjūčio rugpjūtis | rugp.", "rugsėjo rugsėjis | rugs.",
        "spalio spalis | spal.", "lapkričio lapkritis | lapkr.", "gruodžio gruodis | gruod.",
    ),
    "lv": (
        "janvāris | janv.", "februāris | febr.", "marts", "aprīlis | apr.", "maijs",
        "jūnijs | jūn.", "jūlijs | jūl.", "augusts | aug.", "septembris | sept.",
        "oktobris | okt.", "novembris | nov.", "decembris | dec.",
    ),
    "mk": (
        "јануари | јан.", "февруари | фев.", "март | мар.", "април | апр.", "мај", "јуни | јун.",
        "јули | јул.", "август | авг.", "септември | сеп.", "октомври | окт.", "ноември | ное.",
        "декември | дек.",
    ),
    "ms": (
        "januari | jan", "februari | feb", "mac", "april | apr", "mei", "jun", "julai | jul",
        "ogos | ogo", "september | sep", "oktober | okt", "november | nov", "disember | dis",
    ),
    "mt": (
        "jannar | jan", "frar | fra", "marzu | mar", "april | apr", "mejju | mej", "ġunju | ġun",
        "lulju | lul", "awwissu | aww", "settembru | set", "ottubru | ott", "novembru | nov",
        "diċembru | diċ",
    ),
    "nb": (
        "januar | jan. jan", "februar | feb. feb", "mars | mar", "april | apr. apr", "mai",
        "juni | jun", "juli | jul", "august | aug. aug", "september | sep. sep",
        "oktober | okt. okt", "november | nov. nov", "desember | des. des",
    ),
    "nn": (
        "januar | jan. jan", "februar | feb. feb", "mars | mar", "april | apr. apr", "mai",
        "juni | jun", "juli | jul", "august | aug. aug", "september | sep. sep",
        "oktober | okt. okt", "november | nov. nov", "desember | des. des",
    ),
    "pl": (
        "stycznia styczeń | sty", "lutego luty | lut", "marca marzec | mar",
        "kwietnia kwiecień | kwi", "maja maj", "czerwca czerwiec | cze", "lipca lipiec | lip",
        "sierpnia sierpień | sie", "września wrzesień | wrz", "października październik | paź",
        "listopada listopad | lis", "grudnia grudzień | gru",
    ),
    "ro": (
        "ianuarie | ian.", "februarie | feb.", "martie | mar.", "aprilie | apr.", "mai",
        "iunie | iun.", "iulie | iul.", "august | aug.", "septembrie | sept.", "octombrie | oct.",
        "noiembrie | nov.", "decembrie | dec.",
    ),
    "ru": (
        "января январь | янв.", "февраля февраль | февр.", "марта март | мар.",
        "апреля апрель | апр.", "мая май", "июня июнь | июн.", "июля июль | июл.",
        "августа август | авг.", "сентября сентябрь | сент.", "октября октябрь | окт.",
        "ноября ноябрь | нояб.", "декабря декабрь | дек.",
    ),
    "sk": (
        "januára január | jan", "februára február | feb", "marca marec | mar",
        "apríla apríl | apr", "mája máj", "júna jún", "júla júl", "augusta august | aug",
        "septembra september | sep", "októbra október | okt", "novembra november | nov",
        "decembra december | dec",
    ),
    "sl": (
        "januar | jan.", "februar | feb.", "marec | mar.", "april | apr.", "maj", "junij | jun.",
        "julij | jul.", "avgust | avg.", "september | sep.", "oktober | okt.", "november | nov.",
        "december | dec.",
    ),
    "sq": (
        "janar | jan", "shkurt | shk", "mars | mar", "prill | pri", "maj", "qershor | qer",
        "korrik | korr", "gusht | gush", "shtator | sht", "tetor | tet", "nëntor | nën",
        "dhjetor | dhj",
    ),
    "sr": (
        "јануар | јан", "фебруар | феб", "март | мар", "април | апр", "мај", "јун", "јул",
        "август | авг", "септембар | сеп", "октобар | окт", "новембар | нов", "децембар | дец",
    ),
    "sr-Latn": (
        "januar | jan", "februar | feb", "mart | mar", "april | apr", "maj", "jun", "jul",
        "avgust | avg", "septembar | sep", "oktobar | okt", "novembar | nov", "decembar | dec",
    ),
    "sv": (
        "januari | jan.", "februari | feb.", "mars", "april | apr.", "maj", "juni", "juli",
        "augusti | aug.", "september | sep.", "oktober | okt.", "november | nov.",
        "december | dec.",
    ),
    "tr": (
        "ocak | oca", "şubat | şub", "mart | mar", "nisan | nis", "mayıs | may", "haziran | haz",
        "temmuz | tem", "ağustos | ağu", "eylül | eyl", "ekim | eki", "kasım | kas", "aralık | ara",
    ),
    "uk": (
        "січня січень | січ.", "лютого лютий | лют.", "березня березень | бер.",
        "квітня квітень | квіт.", "травня травень | трав.", "червня червень | черв.",
        "липня липень | лип.", "серпня серпень | серп.", "вересня вересень | вер.",
        "жовтня жовтень | жовт.", "листопада листопад | лист.", "грудня грудень | груд.",
    ),
}  # fmt: skip
WEEKDAYS: dict[str, tuple[str, ...]] = {
    "af": (
        "maandag | ma.", "dinsdag | di.", "woensdag | wo.", "donderdag | do.", "vrydag | vr.",
        "saterdag | sa.", "sondag | so.",
    ),
    "ar": (
        "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد",
    ),
    "be": (
        "панядзелак | пн", "аўторак | аў", "серада | ср", "чацвер | чц", "пятніца | пт",
        "субота | сб", "нядзеля | нд",
    ),
    "bg": (
        "понеделник | пн", "вторник | вт", "сряда | ср", "четвъртък | чт", "петък | пт",
        "събота | сб", "неделя | нд",
    ),
    "bs": (
        "ponedjeljak | pon", "utorak | uto", "srijeda | sri", "četvrtak | čet", "petak | pet",
        "subota | sub", "nedjelja | ned",
    ),
    "ca": (
        "dilluns | dl.", "dimarts | dt.", "dimecres | dc.", "dijous | dj.", "divendres | dv.",
        "dissabte | ds.", "diumenge | dg.",
    ),
    "cs": (
        "pondělí | po", "úterý | út", "středa | st", "čtvrtek | čt", "pátek | pá", "sobota | so",
        "neděle | ne",
    ),
    "cy": (
        "llun", "mawrth | maw", "mercher | mer", "iau", "gwener | gwen gwe", "sadwrn | sad", "sul",
    ),
    "da": (
        "mandag | man.", "tirsdag | tirs.", "onsdag | ons.", "torsdag | tors.", "fredag | fre.",
        "lørdag | lør.", "søndag | søn.",
    ),
    "el": (
        "δευτέρα | δευ", "τρίτη | τρί", "τετάρτη | τετ", "πέμπτη | πέμ", "παρασκευή | παρ",
        "σάββατο | σάβ", "κυριακή | κυρ",
    ),
    "et": (
        "esmaspäev", "teisipäev", "kolmapäev", "neljapäev", "reede", "laupäev", "pühapäev",
    ),
    "eu": (
        "astelehena | al.", "asteartea | ar.", "asteazkena | az.", "osteguna | og.",
        "ostirala | or.", "larunbata | lr.", "igandea | ig.",
    ),
    "fi": (
        "maanantaina maanantai | ma", "tiistaina tiistai | ti", "keskiviikkona keskiviikko | ke",
        "torstaina torstai | to", "perjantaina perjantai | pe", "lauantaina lauantai | la",
        "sunnuntaina sunnuntai | su",
    ),
    "ga": (
        "luain | luan", "máirt", "céadaoin | céad", "déardaoin | déar", "haoine | aoine",
        "sathairn | sath", "domhnaigh | domh",
    ),
    "gl": (
        "luns", "martes | mar.", "mércores | mér.", "xoves | xov.", "venres | ven.",
        "sábado | sáb.", "domingo | dom.",
    ),
    "he": (
        "שני", "שלישי", "רביעי", "חמישי", "שישי", "שבת", "ראשון",
    ),
    "hr": (
        "ponedjeljak | pon", "utorak | uto", "srijeda | sri", "četvrtak | čet", "petak | pet",
        "subota | sub", "nedjelja | ned",
    ),
    "hu": (
        "hétfő", "kedd", "szerda | sze", "csütörtök | cs", "péntek", "szombat | szo", "vasárnap",
    ),
    "id": (
        "senin | sen", "selasa | sel", "rabu | rab", "kamis | kam", "jumat | jum", "sabtu | sab",
        "minggu | min",
    ),
    "is": (
        "mánudagur | mán.", "þriðjudagur | þri.", "miðvikudagur | mið.", "fimmtudagur | fim.",
        "föstudagur | fös.", "laugardagur | lau.", "sunnudagur | sun.",
    ),
    "lb": (
        "méindeg | méi. méi", "dënschdeg | dën. dën", "mëttwoch | mët. mët",
        "donneschdeg | don. don", "freideg | fre. fre", "samschdeg | sam. sam",
        "sonndeg | son. son",
    ),
    "lt": (
        "pirmadienis | pr", "antradienis | an", "trečiadienis | tr", "ketvirtadienis | kt",
        "penktadienis | pn", "šeštadienis | št", "sekmadienis | sk",
    ),
    "lv": (
        "pirmdiena | pirmd.", "otrdiena | otrd.", "trešdiena | trešd.", "ceturtdiena | ceturtd.",
        "piektdiena | piektd.", "sestdiena | sestd.", "svētdiena | svētd.",
    ),
    "mk": (
        "понеделник | пон.", "вторник | вто.", "среда | сре.", "четврток | чет.", "петок | пет.",
        "сабота | саб.", "недела | нед.",
    ),
    "ms": (
        "isnin | isn", "selasa | sel", "rabu | rab", "khamis | kha", "jumaat | jum", "sabtu | sab",
        "ahad | ahd",
    ),
    "mt": (
        "tnejn | tne", "tlieta | tli", "erbgħa | erb", "ħamis | ħam", "ġimgħa | ġim", "sibt | sib",
        "ħadd | ħad",
    ),
    "nb": (
        "mandag | man.", "tirsdag | tir.", "onsdag | ons.", "torsdag | tor.", "fredag | fre.",
        "lørdag | lør.", "søndag | søn.",
    ),
    "nn": (
        "måndag | må.", "tysdag | ty.", "onsdag | on.", "torsdag | to.", "fredag | fr.",
        "laurdag | la.", "søndag | sø.",
    ),
    "pl": (
        "poniedziałek | pon.", "wtorek | wt.", "środa | śr.", "czwartek | czw.", "piątek | pt.",
        "sobota | sob.", "niedziela | niedz.",
    ),
    "ro": (
        "luni | lun.", "marți | mar.", "miercuri | mie.", "joi", "vineri | vin.", "sâmbătă | sâm.",
        "duminică | dum.",
    ),
    "ru": (
        "понедельник | пн", "вторник | вт", "среда | ср", "четверг | чт", "пятница | пт",
        "суббота | сб", "воскресенье | вс",
    ),
    "sk": (
        "pondelok | po", "utorok | ut", "streda | st", "štvrtok | št", "piatok | pi",
        "sobota | so", "nedeľa | ne",
    ),
    "sl": (
        "ponedeljek | pon.", "torek | tor.", "sreda | sre.", "četrtek | čet.", "petek | pet.",
        "sobota | sob.", "nedelja | ned.",
    ),
    "sq": (
        "hënë | hën", "martë | mar", "mërkurë | mër", "enjte | enj", "premte | pre",
        "shtunë | sht", "diel | die",
    ),
    "sr": (
        "понедељак | пон", "уторак | уто", "среда | сре", "четвртак | чет", "петак | пет",
        "субота | суб", "недеља | нед",
    ),
    "sr-Latn": (
        "ponedeljak | pon", "utorak | uto", "sreda | sre", "četvrtak | čet", "petak | pet",
        "subota | sub", "nedelja | ned",
    ),
    "sv": (
        "måndag | mån", "tisdag | tis", "onsdag | ons", "torsdag | tors", "fredag | fre",
        "lördag | lör", "söndag | sön",
    ),
    "tr": (
        "pazartesi | pzt", "salı | sal", "çarşamba | çar", "perşembe | per", "cuma | cum",
        "cumartesi | cmt", "pazar | paz",
    ),
    "uk": (
        "понеділок | пн", "вівторок | вт", "середа | ср", "четвер | чт", "пʼятниця | пт",
        "субота | сб", "неділя | нд",
    ),
}  # fmt: skip
