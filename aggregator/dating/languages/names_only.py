"""Languages of which only the months and weekdays are known: enough to tell two dates apart.

Made from Unicode CLDR by ``tools/calendar_names.py``: the names as they are written in a date and
alone.  Weekdays in the case that means "on Wednesday" were added by hand.
"""

from aggregator.dating.languages.language import Language

NAMES_ONLY = (
    Language(
        tag="cs",
        months=("ledna leden", "února únor", "března březen", "dubna duben", "května květen",
                "června červen", "července červenec", "srpna srpen", "září", "října říjen",
                "listopadu listopad", "prosince prosinec"),
        weekdays=("pondělí", "úterý", "středa středu", "čtvrtek", "pátek", "sobota sobotu",
                  "neděle neděli"),
    ),
    Language(
        tag="el", capitals=True,
        months=("ιανουαρίου ιανουάριος", "φεβρουαρίου φεβρουάριος", "μαρτίου μάρτιος",
                "απριλίου απρίλιος", "μαΐου μάιος", "ιουνίου ιούνιος", "ιουλίου ιούλιος",
                "αυγούστου αύγουστος", "σεπτεμβρίου σεπτέμβριος", "οκτωβρίου οκτώβριος",
                "νοεμβρίου νοέμβριος", "δεκεμβρίου δεκέμβριος"),
        weekdays=("δευτέρα", "τρίτη", "τετάρτη", "πέμπτη", "παρασκευή", "σάββατο", "κυριακή"),
    ),
    Language(
        tag="fi",
        months=("tammikuuta tammikuu", "helmikuuta helmikuu", "maaliskuuta maaliskuu",
                "huhtikuuta huhtikuu", "toukokuuta toukokuu", "kesäkuuta kesäkuu",
                "heinäkuuta heinäkuu", "elokuuta elokuu", "syyskuuta syyskuu",
                "lokakuuta lokakuu", "marraskuuta marraskuu", "joulukuuta joulukuu"),
        weekdays=("maanantaina maanantai", "tiistaina tiistai", "keskiviikkona keskiviikko",
                  "torstaina torstai", "perjantaina perjantai", "lauantaina lauantai",
                  "sunnuntaina sunnuntai"),
    ),
    Language(
        tag="hu",
        months=("január", "február", "március", "április", "május", "június", "július",
                "augusztus", "szeptember", "október", "november", "december"),
        weekdays=("hétfő hétfőn", "kedd kedden", "szerda szerdán", "csütörtök csütörtökön",
                  "péntek pénteken", "szombat szombaton", "vasárnap"),
    ),
    Language(
        tag="pl",
        months=("stycznia styczeń", "lutego luty", "marca marzec", "kwietnia kwiecień",
                "maja maj", "czerwca czerwiec", "lipca lipiec", "sierpnia sierpień",
                "września wrzesień", "października październik", "listopada listopad",
                "grudnia grudzień"),
        weekdays=("poniedziałek", "wtorek", "środa środę", "czwartek", "piątek", "sobota sobotę",
                  "niedziela niedzielę"),
    ),
    Language(
        tag="ro",
        months=("ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august",
                "septembrie", "octombrie", "noiembrie", "decembrie"),
        weekdays=("luni", "marți marţi", "miercuri", "joi", "vineri", "sâmbătă", "duminică"),
    ),
    Language(
        tag="ru",
        months=("января январь", "февраля февраль", "марта март", "апреля апрель", "мая май",
                "июня июнь", "июля июль", "августа август", "сентября сентябрь",
                "октября октябрь", "ноября ноябрь", "декабря декабрь"),
        weekdays=("понедельник", "вторник", "среда среду", "четверг", "пятница пятницу",
                  "суббота субботу", "воскресенье"),
    ),
    Language(
        tag="sv",
        months=("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti",
                "september", "oktober", "november", "december"),
        weekdays=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    ),
    Language(
        tag="tr", capitals=True,
        months=("ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos",
                "eylül", "ekim", "kasım", "aralık"),
        weekdays=("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar"),
    ),
    Language(
        tag="uk",
        months=("січня січень", "лютого лютий", "березня березень", "квітня квітень",
                "травня травень", "червня червень", "липня липень", "серпня серпень",
                "вересня вересень", "жовтня жовтень", "листопада листопад", "грудня грудень"),
        weekdays=("понеділок", "вівторок", "середа середу", "четвер",
                  "п'ятниця п'ятницю пʼятниця пʼятницю", "субота суботу", "неділя неділю"),
    ),
)  # fmt: skip
