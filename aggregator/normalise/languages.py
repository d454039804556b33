"""Which languages and regions are registered.

Takes well-formed language tags (RFC 5646, section 2.1); returns them as validators accept them.
"""

# ISO 639-1 without deprecated codes, a few of ISO 639-2 that feeds use, and ISO 3166-1.
_LANGUAGES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da"
    " de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy"
    " hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg"
    " li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or"
    " os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta"
    " te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
    " ast ceb ckb dsb fil fur gsw haw hsb".split()
)
_RETIRED = {"bh", "sh"}  # still in the registry, without one successor
_FORMERLY = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro", "cmn": "zh"}
_SCRIPTS = frozenset("zh-Hans zh-Hant sr-Cyrl sr-Latn uz-Cyrl uz-Latn az-Cyrl az-Latn".split())
_REGIONS = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR"
    " BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ"
    " EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW"
    " GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY"
    " KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV"
    " MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY"
    " QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG"
    " TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM"
    " ZW".split()
)


def valid_language(tag: str | None) -> str | None:
    """Return the language of ``tag``, with script and region where they are registered.

    ``en-UK`` becomes ``en``, ``iw`` becomes ``he``, and ``xx`` becomes None.
    """
    if not tag:
        return None
    name, *others = tag.split("-")
    language = _FORMERLY.get(name.lower(), name.lower())
    if language not in _LANGUAGES:
        return None
    found = language
    if others and f"{language}-{others[0].title()}" in _SCRIPTS:
        found = f"{language}-{others.pop(0).title()}"
    if others and others[0].upper() in _REGIONS:
        found += f"-{others[0].upper()}"
    return found


def registered_language(tag: str | None) -> str | None:
    """Return ``tag``, or None where its two letters are not registered as a language."""
    name = tag.partition("-")[0].lower() if tag else ""
    known = len(name) > 2 or name in _LANGUAGES or name in _FORMERLY or name in _RETIRED
    return tag if known else None
