"""Tenses, labels and names of laws and streets, in every language whose verbs are known.

Each line of a table is one release: its language, a sentence, and the role of the first date in it.
"""

import pytest

from aggregator.dating.evidence import read_evidence
from aggregator.dating.languages.known import language_of

PAST = {
    "pl": "Minister spotkał się z premierem 8 marca 2024 r. w Warszawie i omówił z nim współpracę.",
    "cs": "Ministr se 8. března 2024 setkal s premiérem a jednal s ním o spolupráci.",
    "fi": (
        "Ministeri tapasi pääministerin 8. maaliskuuta 2024 Helsingissä ja keskusteli yhteistyöstä."
    ),
    "hu": (
        "A miniszter 2024. március 8-án találkozott a miniszterelnökkel Budapesten, és hogy "
        "megvitatták."
    ),
    "ro": (
        "Ministrul s-a întâlnit la 8 martie 2024 cu premierul și a discutat despre cooperare "
        "pentru țară."
    ),
    "el": (
        "Ο υπουργός συναντήθηκε στις 8 Μαρτίου 2024 με τον πρωθυπουργό και συζήτησε για τη "
        "συνεργασία."
    ),
    "ru": "Министр встретился с премьером 8 марта 2024 г. в Москве и обсудил с ним сотрудничество.",
    "uk": (
        "Міністр зустрівся з премʼєром 8 березня 2024 року в Києві та обговорив із ним співпрацю."
    ),
    "tr": "Bakan, 8 Mart 2024'te Ankara'da başbakan ile görüştü ve iş birliğini ele aldı.",
    "sv": (
        "Ministern träffade statsministern den 8 mars 2024 i Stockholm och diskuterade samarbetet."
    ),
    "de": "Der Minister traf am 8. März 2024 den Premier in Berlin und sprach mit ihm.",
    "fr": "Le ministre a rencontré le président le 8 mars 2024 à Paris et a discuté avec lui.",
    "es": "El ministro se reunió el 8 de marzo de 2024 con el presidente en Madrid.",
    "it": "Il ministro ha incontrato il presidente il 8 marzo 2024 a Roma per parlare.",
    "nl": "De minister heeft op 8 maart 2024 de premier ontmoet in Den Haag.",
    "pt": "O ministro reuniu-se a 8 de março de 2024 com o presidente em Lisboa e foi bem.",
}
FUTURE = {
    "pl": "Konferencja odbędzie się 8 marca 2024 r. w Warszawie i będzie otwarta dla mediów.",
    "cs": "Konference se uskuteční 8. března 2024 v Praze a bude přístupná pro média.",
    "fi": (
        "Tilaisuus järjestetään 8. maaliskuuta 2024 Helsingissä ja se on tarkoitus avata medialle."
    ),
    "hu": "A konferenciát 2024. március 8-án tartják, és várhatóan a sajtó is részt vesz.",
    "ro": "Conferința va avea loc la 8 martie 2024 în București și va fi deschisă pentru presă.",
    "el": "Η διάσκεψη θα πραγματοποιηθεί στις 8 Μαρτίου 2024 στην Αθήνα και θα είναι ανοιχτή.",
    "ru": "Конференция состоится 8 марта 2024 года в Москве и будет открыта для прессы.",
    "uk": "Конференція відбудеться 8 березня 2024 року в Києві та буде відкритою для преси.",
    "tr": "Konferans 8 Mart 2024 tarihinde Ankara'da düzenlenecek ve basına açık olacak.",
    "sv": "Konferensen ska hållas den 8 mars 2024 i Stockholm och är öppen för media.",
    "de": "Die Konferenz wird am 8. März 2024 in Berlin stattfinden und ist offen.",
    "fr": "La conférence se tiendra le 8 mars 2024 à Paris et sera ouverte aux médias.",
    "es": "La conferencia tendrá lugar el 8 de marzo de 2024 en Madrid y será abierta.",
    "it": "La conferenza si terrà il 8 marzo 2024 a Roma e sarà aperta alla stampa.",
    "nl": (
        "De conferentie zal op 8 maart 2024 in Den Haag plaatsvinden en is open voor het publiek."
    ),
    "pt": "A conferência terá lugar a 8 de março de 2024 em Lisboa e será aberta aos media.",
}
YESTERDAY = {
    "pl": "Wczoraj minister podpisał umowę z przedstawicielami firmy.",
    "cs": "Včera ministr podepsal smlouvu, která je důležitá pro obce.",
    "fi": "Ministeri allekirjoitti eilen sopimuksen, joka on tärkeä.",
    "hu": "A miniszter tegnap aláírta a szerződést, és az is fontos, hogy él.",
    "ro": "Ministrul a semnat ieri un acord care este important pentru țară.",
    "el": "Ο υπουργός υπέγραψε χθες τη συμφωνία με την εταιρεία και το υπουργείο.",
    "ru": "Вчера министр подписал соглашение о сотрудничестве с компанией.",
    "uk": "Вчора міністр підписав угоду про співпрацю з компанією.",
    "tr": "Bakan dün anlaşmayı imzaladı ve bu çok önemli.",
    "sv": "I går undertecknade ministern avtalet som är viktigt för det svenska.",
    "de": "Am gestrigen Montagvormittag wurde der Vertrag in Berlin unterzeichnet.",
    "fr": "Le ministre a signé hier un accord pour les communes et la ville.",
    "es": "El ministro firmó ayer el acuerdo con la empresa y los vecinos.",
    "it": "Il ministro ha firmato ieri un accordo con la società per la città.",
    "nl": "De minister heeft gisteren het akkoord getekend met de gemeente.",
    "pt": "O ministro assinou ontem o acordo com os municípios da região.",
}
ACTS = {
    "pl": "Ustawa z dnia 8 marca 1990 r. o samorządzie gminnym została przyjęta przez Sejm.",
    "cs": "Zákon ze dne 8. března 1990 o obcích byl přijat, jak se uvádí.",
    "ro": "Legea din 8 martie 1990 privind comunele a fost adoptată și este în vigoare.",
    "ru": "Закон от 8 марта 1990 г. о самоуправлении был принят в первом чтении.",
    "uk": "Закон від 8 березня 1990 р. про самоврядування був прийнятий і є чинним.",
    "sv": "Lagen av den 8 mars 1990 om kommuner är viktig och har antagits.",
    "de": "Das Gesetz vom 3. Mai 1990 über die Gemeinden ist in Kraft.",
    "fr": "La loi du 29 juillet 1981 sur la liberté de la presse est en vigueur dans le pays.",
    "es": "La Ley 39/2015, de 1 de octubre, regula el procedimiento en la administración.",
    "it": "La legge 7 agosto 1990, n. 241 è in vigore per la pubblica amministrazione.",
    "nl": "De wet van 3 mei 1990 over de gemeenten is van kracht in het land.",
    "pt": "A Lei n.º 12/2003, de 12 de maio, está em vigor para os municípios.",
}
POSTPONED = {
    "pl": "Rozprawa została przełożona na 8 marca 2024 r. przez sąd.",
    "cs": "Jednání bylo odloženo na 8. března 2024, jak uvedl soud.",
    "fi": "Kokous on siirretty 8. maaliskuuta 2024 pidettäväksi ja se on tärkeä.",
    "hu": "A tárgyalást elhalasztották 2024. március 8-ra, és az is fontos.",
    "ro": "Ședința a fost amânată pentru 8 martie 2024 și este importantă.",
    "el": "Η δίκη αναβλήθηκε για τις 8 Μαρτίου 2024 από το δικαστήριο και την έδρα.",
    "ru": "Заседание перенесено на 8 марта 2024 года по решению суда.",
    "uk": "Засідання перенесено на 8 березня 2024 року за рішенням суду, що є важливим.",
    "tr": "Duruşma ertelendi 8 Mart 2024 tarihine ve bu önemli.",
    "sv": "Mötet skjuts upp till den 8 mars 2024 och det är viktigt.",
    "de": "Die Verhandlung wurde verschoben auf den 8. März 2024, wie das Gericht mitteilte.",
    "fr": "L'audience, prévue le 8 mars 2024 à Paris, est ouverte à la presse.",
    "es": "La vista ha sido aplazada hasta el 8 de marzo de 2024 por el juez.",
    "it": "L'udienza è stata rinviata al 8 marzo 2024 per la decisione del giudice.",
    "nl": "De zitting is uitgesteld tot 8 maart 2024 door de rechtbank.",
    "pt": "O julgamento foi adiado para 8 de março de 2024 pelo juiz, com os advogados.",
}
LABELS = {
    "pl": (
        "Opublikowano: 8 marca 2024\nOstatnia aktualizacja: 12 lipca 2024\n\nMinister spotkał "
        "się z premierem i omówił z nim współpracę."
    ),
    "cs": (
        "Zveřejněno: 8. března 2024\nAktualizováno: 12. července 2024\n\nMinistr se setkal s "
        "premiérem a jednal s ním."
    ),
    "fi": (
        "Julkaistu: 8.3.2024\nPäivitetty: 12.7.2024\n\nMinisteri tapasi pääministerin ja se "
        "oli tärkeä."
    ),
    "hu": (
        "Közzétéve: 2024. március 8.\nFrissítve: 2024. július 12.\n\nA miniszter találkozott "
        "a miniszterelnökkel és az is fontos, hogy él."
    ),
    "ro": (
        "Publicat: 8 martie 2024\nUltima actualizare: 12 iulie 2024\n\nMinistrul s-a întâlnit "
        "cu premierul și a discutat cu el."
    ),
    "el": (
        "Δημοσιεύθηκε: 8 Μαρτίου 2024\nΤελευταία ενημέρωση: 12 Ιουλίου 2024\n\nΟ υπουργός "
        "συναντήθηκε με τον πρωθυπουργό και το υπουργείο."
    ),
    "ru": (
        "Опубликовано: 8 марта 2024\nОбновлено: 12 июля 2024\n\nМинистр встретился с "
        "премьером и обсудил с ним сотрудничество."
    ),
    "uk": (
        "Опубліковано: 8 березня 2024\nОновлено: 12 липня 2024\n\nМіністр зустрівся з "
        "премʼєром та обговорив з ним співпрацю."
    ),
    "tr": (
        "Yayın tarihi: 8 Mart 2024\nGüncelleme: 12 Temmuz 2024\n\nBakan başbakan ile görüştü "
        "ve bu önemli."
    ),
    "sv": (
        "Publicerad: 8 mars 2024\nSenast uppdaterad: 12 juli 2024\n\nMinistern träffade "
        "statsministern och det är viktigt."
    ),
    "de": (
        "Veröffentlicht: 8. März 2024\nZuletzt aktualisiert: 12. Juli 2024\n\nDer Minister "
        "traf den Premier in Berlin."
    ),
    "fr": (
        "Publié le 8 mars 2024\nMis à jour le 12 juillet 2024\n\nLe ministre a rencontré le "
        "président et a discuté."
    ),
    "es": (
        "Publicado el 8 de marzo de 2024\nActualizado el 12 de julio de 2024\n\nEl ministro "
        "se reunió con el presidente en Madrid."
    ),
    "it": (
        "Pubblicato il 8 marzo 2024\nUltimo aggiornamento: 12 luglio 2024\n\nIl ministro ha "
        "incontrato il presidente per parlare della città."
    ),
    "nl": (
        "Gepubliceerd op 8 maart 2024\nLaatst bijgewerkt: 12 juli 2024\n\nDe minister heeft "
        "de premier ontmoet in Den Haag."
    ),
    "pt": (
        "Publicado em 8 de março de 2024\nÚltima atualização: 12 de julho de 2024\n\nO "
        "ministro reuniu-se com o presidente em Lisboa."
    ),
}
DATELINES = {
    "pl": "Warszawa, 8 marca 2024 r. – Minister spotkał się z premierem.",
    "cs": "Praha, 8. března 2024 – Ministr se setkal s premiérem.",
    "fi": (
        "Helsinki, 8. maaliskuuta 2024 – Ministeri tapasi pääministerin ja sanoi, että se on hyvä."
    ),
    "hu": "Budapest, 2024. március 8. – A miniszter találkozott a miniszterelnökkel, és az fontos.",
    "ro": "București, 8 martie 2024 – Ministrul s-a întâlnit cu premierul și a discutat.",
    "el": "Αθήνα, 8 Μαρτίου 2024 – Ο υπουργός συναντήθηκε με τον πρωθυπουργό και το υπουργείο.",
    "ru": "Москва, 8 марта 2024 г. – Министр встретился с премьером и обсудил.",
    "uk": "Київ, 8 березня 2024 р. – Міністр зустрівся з премʼєром та обговорив.",
    "tr": "Ankara, 8 Mart 2024 – Bakan başbakan ile görüştü ve bu önemli.",
    "sv": "Stockholm, 8 mars 2024 – Ministern träffade statsministern och det är bra.",
    "de": "Berlin, den 8. März 2024 – Der Minister traf den Premier.",
    "fr": "Paris, le 8 mars 2024 – Le ministre a rencontré le président.",
    "es": "Madrid, 8 de marzo de 2024.- El ministro se reunió con el presidente.",
    "it": "Roma, 8 marzo 2024 – Il ministro ha incontrato il presidente.",
    "nl": "Den Haag, 8 maart 2024 – De minister heeft de premier ontmoet.",
    "pt": "Lisboa, 8 de março de 2024 – O ministro reuniu-se com o presidente em Lisboa.",
}
STREETS = {
    "pl": "Spotkanie przy ul. 3 Maja w Warszawie, które było ważne.",
    "cs": "Setkání v ulici 17. listopadu v Praze, které se konalo.",
    "hu": "A találkozó az Október 6. utca sarkán volt, és az fontos.",
    "ro": "Întâlnirea din strada 8 Martie a fost importantă și este bine.",
    "el": "Η συνάντηση στην οδό 28ης Οκτωβρίου έγινε και το υπουργείο.",
    "ru": "Встреча на улице 8 Марта была важной и для города.",
    "uk": "Зустріч на вулиці 8 Березня була важливою та для міста.",
    "tr": "Toplantı 19 Mayıs Caddesi üzerinde yapıldı ve bu önemli.",
    "de": "Die Kundgebung auf der Straße des 17. Juni in Berlin war friedlich.",
    "fr": "La réunion, rue du 8 Mai 1945 à Paris, est ouverte à la presse.",
    "es": "El acto en la Plaza 2 de mayo de Madrid fue abierto por la alcaldesa.",
    "it": "La riunione in Piazza 25 Aprile a Milano è stata aperta.",
    "pt": "A sessão na Praça 25 de Abril em Lisboa foi aberta com os municípios.",
}
ALL = [
    (language, text, role)
    for table, role in (
        (PAST, "past"),
        (FUTURE, "future"),
        (YESTERDAY, "past"),
        (ACTS, "history"),
        (POSTPONED, "future"),
        (LABELS, "stated"),
        (DATELINES, "stated"),
        (STREETS, "history"),
    )
    for language, text in table.items()
]


@pytest.mark.parametrize(("language", "text", "role"), ALL)
def test_the_first_date_has_its_role_in_each_language(language: str, text: str, role: str) -> None:
    assert language_of(text.lower()).tag == language
    assert read_evidence("", text)[0].role == role


@pytest.mark.parametrize("language", LABELS)
def test_the_day_of_an_update_does_not_date_a_release(language: str) -> None:
    """“Published: 8 March” states the day, and “Updated: 12 July” is later."""
    _, updated = read_evidence("", LABELS[language])
    assert (updated.role, updated.first.month) == ("future", 7)


@pytest.mark.parametrize("language", PAST)
def test_a_long_text_does_not_change_what_a_date_says(language: str) -> None:
    """The language is that of the beginning, and English words may stand among the others."""
    text = f"{PAST[language]} The Press Office\n" * 3
    assert {one.role for one in read_evidence("", text)} == {"past"}


SET = """\
The library is open again. Registration opens on June 3 in the hall.
The fair runs from June 1 to August 31 in the old harbour.
The defendant must report to prison on June 14.
The meeting begins at 9 a.m. on June 14, 2024 at City Hall.
The trial was moved to June 14 by the judge.
Dr Orr has been appointed director with effect from 14 June 2024.
From 14 June 2024, all persons aged 75 will be offered a vaccine.
The public hearing will be held June 14 in Room 112.
The man appeared in court and was remanded until 14 June.
The clinic expects to lift the restrictions on Monday, 14 June.
Midsummer Day is Monday, June 24.
The cheese with a use-by date of 14 June 2024 is recalled.
The office announced that from 14 June 2024 bags are banned.
La ministre est nommée à compter du 22 avril 2024 par décret du président.
Les journalistes sont invités à la présentation le mercredi 22 avril à Paris.
Das Museum öffnet am Samstag, den 22. April, seine Türen für die Kinder.
Die Frist beginnt mit Wirkung vom 22. April 2024 und gilt für die Länder.
El plazo de consulta pública finaliza el 22 de abril de 2024 en la web.
Het waterschap houdt op 22 april een avond in het dorpshuis van de stad.
Das Gericht hat den Beginn der Verhandlung auf den 22. April 2024 festgesetzt.
Der Prozess wurde für den 22. April 2024 anberaumt, und das ist der Stand.
Das Gesetz tritt am 22. April 2024 in Kraft und gilt für die Länder.
L'affaire a été mise en délibéré au 22 avril 2024 par le tribunal de Lyon.
Le procès des quatre hommes s'ouvrira le 22 avril 2024 dans la ville.
La cerimonia si svolge il 22 aprile 2024 nella sede del comando.
Mercoledì 22 maggio 2024, alle ore 11, si terrà una conferenza della polizia.
De wet treedt op 22 april 2024 in werking en dat is voor het land van belang.
Sprawa jest w toku, a rozprawa została wyznaczona na 22 kwietnia 2024 r. przez sąd.
Jednání bylo odročeno na 22. dubna 2024 a soud se sejde znovu.
Retten har fastsat sagen til den 22. april 2024, og det er det.
Η δίκη ορίστηκε για τις 22 Απριλίου 2024 και θα είναι ανοιχτή.""".splitlines()
NOT_SET = """\
In der Nacht auf den 17. März 2024 brachen Unbekannte in die Schule ein.
In der Nacht vom 16. auf den 17. März brachen Unbekannte in die Schule ein.
Der Mann ist am 3. März 2024 in der Klinik gestorben, und das ist alles.
The road was open until May 3, 2024.
The unit, set up on May 3, 2024, has inspected 61 containers.
Officers were called to a house and opened the door on May 3, 2024.""".splitlines()
YEARS_AGO = """\
Am 8. Mai 1945, heute vor 79 Jahren, endete der Krieg in Europa.
Hace 20 años, el 11 de marzo de 2004, murieron 193 personas en Madrid.
On April 4, 1949, seventy-five years ago, twelve nations signed the treaty.""".splitlines()


@pytest.mark.parametrize(
    ("text", "role"),
    [(text, "future") for text in SET]
    + [(text, "past") for text in NOT_SET]
    + [(text, "history") for text in YEARS_AGO],
)
def test_words_next_to_a_day_outrank_the_verb(text: str, role: str) -> None:
    """What sets a day, or counts years from it, decides before a verb of the past."""
    assert read_evidence("", text)[-1 if text in NOT_SET else 0].role == role


def test_a_day_ahead_is_not_of_the_year_of_an_old_event() -> None:
    """“Arrested on 14 May 2021 … to prison from 1 June” is not about June 2021."""
    text = "Six men arrested on 14 May 2021 were sentenced. They must report to prison on 1 June."
    assert read_evidence("", text)[1].first.year is None
