"""Find which stage of a case, a law or a project two releases report, and whether it is another.

Takes two releases as words; returns a conflict where one reports an arrest and the other the
sentence.  The sequel of a release tells the earlier stages again in the same words, so the last
stage that a title or a lead names is the one that is reported.  What is only planned ("to be
sentenced") does not count.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import product

from aggregator.dedupe.titles import Conflict, Headed
from aggregator.dedupe.tokens import Words

# For each subject its stages in order.  A stage is all that names it, in any language: phrases
# separated by commas, as they are written in lower case, with alternative endings in parentheses.
# Only forms that say that something happens or happened: "opens", not the adjective "open".
STAGES: Mapping[str, tuple[str, ...]] = {
    "court case": (
        "arrest(s|ed), detained, apprehended, in custody, festgenommen, verhaftet, "
        "arrêté(|e|s|es), interpellé(|e|s|es), detenid(o|a|os|as), arrestad(o|a|os|as), "
        "arrestat(o|a|i|e), aangehouden, gearresteerd, opgepakt, festnahme(|n), arrestation(|s), "
        "detención, arresto, aanhouding, detuvo, detuvieron, arrestó, arresta, arrestano",
        "accused of, accusé(|e|s|es) de, acusad(o|a|os|as) de, accusat(o|a|i|e) di, charged, "
        "charges filed, faces charges, face charges, mis(|e|es) en examen, inculpé(|e|s|es), "
        "imputad(o|a|os|as), indagat(o|a|i|e), in verdenking gesteld, mise en examen, "
        "beschuldigt",
        "indicted, indicts, indictment returned, angeklagt, anklage erhoben, erhebt anklage, "
        "procesad(o|a|os|as), acusad(o|a|os|as) formalmente, rinviat(o|a|i|e) a giudizio, "
        "renvoyé(|e|s|es) devant, aangeklaagd, gedagvaard, anklage gegen",
        "(plead|pleads|pleaded|pled|pleading) guilty, not guilty plea, guilty plea, "
        "(plead|pleads|pleaded|pled|pleading) not guilty, plea of guilty, admits charges, "
        "admitted charges, gesteht, gestand, plaid(e|ent) coupable, plaidé coupable, "
        "se declar(a|ó|an|aron) culpable(|s), patteggia, patteggiato, bekent, bekende",
        "(goes|go|went|stand|stands|stood|put|puts) on trial, trial (begins|opens|starts|began), "
        "on trial, prozess (beginnt|eröffnet), vor gericht, procès s'ouvre, "
        "(jugé|jugée|jugés|jugées) depuis, juicio comienza, a processo, "
        "(staat|staan|stond|stonden) terecht",
        "convicted, convicts, guilty, schuldig gesprochen, für schuldig befunden, "
        "reconnu(|e|s|es) coupable(|s), déclaré(|e|s|es) coupable(|s), "
        "hallad(o|a|os|as) culpable(|s), declarad(o|a|os|as) culpable(|s), "
        "riconosciut(o|a|i|e) colpevol(e|i), schuldig bevonden, conviction of, schuldspruch",
        "acquitted, found not guilty, cleared of, freigesprochen, acquitté(|e|s|es), "
        "relaxé(|e|s|es), absolvió, absuelt(o|a|os|as), assolt(o|a|i|e), vrijgesproken, "
        "freispruch, acquittement",
        "sentenced, sentences, jailed, imprisoned, gets life, gets years, "
        "(receives|handed) sentence, verurteilt, condamné(|e|s|es), condenad(o|a|os|as), "
        "condannat(o|a|i|e), veroordeeld, sentencing of, urteil gegen, condamnation, condena, "
        "condanna, veroordeling, condenó, condenaron",
        "appeals (conviction|sentence|verdict), appealed (conviction|sentence|verdict|against), "
        "appeal(|s) (dismissed|rejected|upheld|allowed|denied|fails|filed|lodged|heard|against), "
        "conviction (upheld|overturned|quashed|affirmed), sentence (upheld|overturned|affirmed), "
        "on appeal, berufung (eingelegt|verworfen|abgewiesen), interjette appel, fait appel, "
        "en appel, recurre, apelación, in appello, in hoger beroep, in beroep",
        "released from prison, freed from prison, paroled, pardoned, begnadigt, gracié(|e|s|es), "
        "indultad(o|a|os|as), graziat(o|a|i|e), vrijgelaten",
    ),
    "investigation": (
        "(opens|opened|launches|launched|begins|started) (investigation|inquiry|probe), "
        "(opens|opened|launches|launched) (an|formal|in depth) (investigation|inquiry|probe), "
        "ermittlungen (eingeleitet|aufgenommen), ouvre une enquête, abre investigación, "
        "apre indagine, opent onderzoek",
        "(closes|closed|concludes|concluded|ends|ended) (investigation|inquiry|probe), "
        "(completes|completed|drops|dropped) (investigation|inquiry|probe), "
        "(closes|closed|concludes|concluded) (an|the|its|formal|in depth) "
        "(investigation|inquiry|probe), "
        "ermittlungen (eingestellt|abgeschlossen), clôt l'enquête, cierra la investigación, "
        "chiude l'indagine, sluit onderzoek",
    ),
    "law": (
        "proposes, proposed, proposal, (introduces|introduced|tables|tabled) bill, "
        "bill (introduced|tabled), draft (law|bill), vorgeschlagen, schlägt vor, gesetzentwurf, "
        "propos(e|é|ée), projet de loi, propone, propuest(o|a), proyecto de ley, propost(o|a), "
        "disegno di legge, voorgesteld, wetsvoorstel",
        "first reading, erste(|r|n) lesung, première lecture, primera lectura, prima lettura, "
        "eerste lezing",
        "second reading, zweite(|r|n) lesung, deuxième lecture, seconde lecture, "
        "segunda lectura, seconda lettura, tweede lezing",
        "third reading, dritte(|r|n) lesung, troisième lecture, tercera lectura, terza lettura, "
        "derde lezing",
        "adopts, adopted, enacted, passes (bill|law|act), passed (bill|law|act), "
        "bill (passed|passes), verabschiedet, beschlossen, angenommen, adopt(e|é|ée|és|ées), "
        "aprob(ó|ado|ada|ados|adas), aprueba, adottat(o|a|i|e), approvat(o|a|i|e), aangenomen, "
        "verabschiedung, adoption de",
        "signs, signed, royal assent, unterzeichne(t|n|te|ten), sign(e|é|ée|és|ées), "
        "promulgu(e|é|ée), firm(a|ó|ado|ada|ados|adas), promulgad(o|a), firmat(o|a|i|e), "
        "ondertekend, ondertekent, ondertekenen",
        "ratifies, ratified, ratifiziert, ratifi(e|é|ée|és|ées), ratific(a|ó|ado|ada|ato|ata), "
        "geratificeerd, bekrachtigd",
        "(enters|entered|enter|comes|came|come) into force, (enters|entered|enter) into effect, "
        "(takes|took|take|taken) effect, in force, now law, in kraft, "
        "(entre|entrent|entré|entrée) en vigueur, (entra|entran|entró) en vigor, in vigore, "
        "(treedt|treden|trad|getreden) in werking, van kracht, inkrafttreten, entrée en vigueur, "
        "entrada en vigor, entrata in vigore, inwerkingtreding",
        "repealed, repeals, aufgehoben, abrogé(|e|s|es), derogad(o|a|os|as), abrogat(o|a|i|e), "
        "ingetrokken",
    ),
    "event": (
        "announces, announced, kündigt an, angekündigt, annonc(e|ent|é|ée|és|ées), "
        "anunci(a|an|ó|ado|ada), annunci(a|ano|ato|ata), kondigt aan, aangekondigd",
        "opens, opened, reopens, reopened, begins, began, starts, started, launches, launched, "
        "kicks off, kicked off, gets under way, inaugurated, inaugurates, eröffnet, beginnt, "
        "begann, gestartet, startet, ouvre, ouvert(|e|s|es), s'ouvre, débute, lance, "
        "lancé(|e|s|es), inaugur(e|é|ée), abre(|n), abiert(o|a|os|as), comienza(|n), comenzó, "
        "lanza(|n), lanzad(o|a), inaugurad(o|a), inaugur(a|ó), apre, apert(o|a|i|e), "
        "inizia(|no), iniziat(o|a), lancia, lanciat(o|a), inaugurat(o|a), opent, openen, "
        "geopend, begint, begonnen, gelanceerd, gestart, opening of, launch of, eröffnung, "
        "ouverture, lancement, inauguration, inauguración, lanzamiento, inaugurazione, lancio, "
        "opening",
        "under way, underway, halfway, ongoing, in progress, continues, im gange, läuft, laufen, "
        "en cours, se poursui(t|vent), en curso, en marcha, in corso, prosegue, aan de gang, "
        "in volle gang",
        "concludes, concluded, completes, completed, ends, ended, closes, closed, finishes, "
        "finished, wraps up, wrapped up, beendet, abgeschlossen, endet(|e), geschlossen, "
        "fermé(|e|s|es), s'achève, achevé(|e|s|es), terminé(|e|s|es), clôturé(|e|s|es), clos, "
        "conclu(|e), concluy(e|en|ó), concluid(o|a|os|as), finaliza(|n), finalizó, "
        "finalizad(o|a), terminad(o|a), clausurad(o|a), cerrad(o|a|os|as), conclus(o|a|i|e), "
        "si conclude, terminat(o|a), chius(o|a|i|e), completat(o|a), afgerond, afgesloten, "
        "beëindigd, voltooid, gesloten, sluit, conclusion of, completion of, closure of, "
        "abschluss, clôture, achèvement, clausura, finalización, chiusura, conclusione, "
        "afsluiting, afronding",
        "cancelled, canceled, called off, abgesagt, annulé(|e|s|es), cancelad(o|a|os|as), "
        "annullat(o|a|i|e), geannuleerd, afgelast",
    ),
    "visit": (
        "invites, invited, lädt ein, eingeladen, invit(e|ent|é|ée|és|ées), invita(|n), invitó, "
        "invitad(o|a), invitat(o|a|i|e), nodigt uit, uitgenodigd",
        "to visit, will visit, to travel to, will travel to, reist nach, wird besuchen, "
        "se rendra, visitera, visitará, viajará, visiterà, zal bezoeken",
        "visits, arrives in, is visiting, besucht, en visite, se rend, visite, visita(|n), "
        "in visita, bezoekt",
        "visited, concludes visit, concluded visit, ends visit, ended visit, returns from, "
        "returned from, besuchte, s'est rendu(|e), a visité, visitó, ha visitado, ha visitato, "
        "bezocht",
    ),
    "post": (
        "nominates, nominated, shortlisted, candidate for, nominiert, nommé(|e) candidat, "
        "nominad(o|a), candidat(o|a) a, genomineerd, voorgedragen",
        "selects, selected, elects, elected, gewählt, ausgewählt, élu(|e|s|es), choisi(|e), "
        "elegid(o|a|os|as), elett(o|a|i|e), selezionat(o|a), verkozen, gekozen, geselecteerd",
        "appoints, appointed, ernannt, nommé(|e|s|es), nombrad(o|a|os|as), nominat(o|a|i|e), "
        "benoemd, appointment of, ernennung, nomination de, nombramiento, nomina di, benoeming",
        "sworn in, swears in, takes office, took office, takes up post, takes over as, "
        "vereidigt, amt angetreten, tritt amt an, prête serment, a prêté serment, "
        "prend ses fonctions, jura el cargo, juró el cargo, toma posesión, presta giuramento, "
        "giura, beëdigd, treedt aan",
        "resigns, resigned, steps down, stepped down, retires, retired, dismissed from, "
        "zurückgetreten, tritt zurück, démissionn(e|é), dimite, dimitió, dimission(e|i), "
        "si dimette, treedt af, afgetreten, opgestapt, resignation of, rücktritt, démission, "
        "dimisión, dimissioni, aftreden",
    ),
    "search": (
        "missing, vermisst(|e|er|es|en), disparu(|e|s|es), desaparecid(o|a|os|as), "
        "scompars(o|a|i|e), vermist(|e)",
        "found safe, found alive, found dead, found well, safe and well, been found, was found, "
        "were found, located, no longer missing, missing found, found, rescued, wohlbehalten, "
        "aufgefunden, gefunden, wieder da, retrouvé(|e|s|es), hallad(o|a|os|as), "
        "encontrad(o|a|os|as), localizad(o|a|os|as), ritrovat(o|a|i|e), teruggevonden, gevonden",
        "body identified, identified as, identifiziert, identifié(|e|s|es), "
        "identificad(o|a|os|as), identificat(o|a|i|e), geïdentificeerd",
    ),
    "warning": (
        "warning issued, warns, issues warning, alert issued, advisory issued, issued, imposed, "
        "imposes, declared, declares, in place, warnung vor, warnt, gilt, herausgegeben, "
        "alerte lancée, placé(|e|s) en alerte, met en garde, emite alerta, emitid(o|a|os|as), "
        "emess(o|a|i|e), diramat(o|a|i|e), waarschuwt, afgegeven, uitgegeven",
        "extended, extends, prolonged, verlängert, prolongé(|e|s|es), prorrogad(o|a|os|as), "
        "prorogat(o|a|i|e), verlengd",
        "lifted, lifts, withdrawn, rescinded, downgraded, stood down, eased, all clear, "
        "entwarnung, aufgehoben, zurückgenommen, levé(|e|s|es), lève, levantad(o|a|os|as), "
        "levanta, retirad(o|a|os|as), revocat(o|a|i|e), rientrat(o|a|i|e), ingetrokken, "
        "opgeheven",
    ),
    "fire": (
        "fire breaks out, fire broke out, breaks out, broke out, ausgebrochen, s'est déclaré, "
        "se declara, scoppiat(o|a), uitgebroken",
        "contained, under control, unter kontrolle, maîtrisé(|e|s|es), circonscrit(|e), "
        "controlad(o|a|os|as), sotto controllo, onder controle",
        "extinguished, put out, gelöscht, éteint(|e|s|es), extinguid(o|a|os|as), spent(o|a|i|e), "
        "geblust",
    ),
    "election": (
        "election called, (calls|called) (election|elections|an election), wahl angesetzt, "
        "élections convoquées, convoca elecciones, elezioni indette, verkiezingen uitgeschreven",
        "election (held|results), (results|result) declared, wahlergebnis, "
        "résultats des élections, resultados electorales, risultati elettorali, "
        "verkiezingsuitslag",
    ),
    "outbreak": (
        "confirmed, detected, bestätigt, nachgewiesen, confirmé(|e|s|es), détecté(|e|s|es), "
        "confirmad(o|a|os|as), detectad(o|a|os|as), confermat(o|a|i|e), bevestigd, vastgesteld",
        "(is|are|declared) over, eradicated, erloschen, éradiqué(|e|s|es), erradicad(o|a|os|as), "
        "debellat(o|a|i|e), uitgeroeid, voorbij",
    ),
    "ship": (
        "keel laid, laid down, auf kiel gelegt, mis(|e) sur cale, varat(o|a), te water gelaten",
        "commissioned, in dienst gestellt, mis(|e) en service, entra en servicio, "
        "entrat(o|a) in servizio, in dienst gesteld",
        "decommissioned, außer dienst gestellt, désarmé(|e), dad(o|a) de baja, radiat(o|a), "
        "uit dienst genomen",
    ),
    "figures": (
        "preliminary, provisional, flash estimate, first estimate, advance estimate, interim, "
        "vorläufig(|e|er|es|en), provisoire(|s), préliminaire(|s), preliminar(|es), "
        "provisional(|es), preliminar(e|i), provvisori(o|a|e), voorlopig(|e)",
        "second estimate, revised, revidiert(|e|er|es|en), révisé(|e|s|es), revisad(o|a|os|as), "
        "rivist(o|a|i|e), herzien(|e)",
        "final, third estimate, endgültig(|e|er|es|en), définiti(f|fs|ve|ves), "
        "definitiv(o|a|os|as), definitiv(i|e), definitie(f|ve)",
    ),
    "application": (
        "applies for, applied for, submits, submitted, filed, notified, beantragt, eingereicht, "
        "demandé, déposé(|e|s|es), solicit(a|ó|ado|ada), presentad(o|a), richiest(o|a), "
        "presentat(o|a), aangevraagd, ingediend",
        "shortlist, tender (opened|launched), call for tenders, invites bids, ausgeschrieben, "
        "appel d'offres, licitación, gara d'appalto, aanbesteding, aanbesteed",
        "approves, approved, granted, grants, cleared, awarded, awards, genehmigt, bewilligt, "
        "zugeschlagen, vergeben, autorisé(|e|s|es), accordé(|e|s|es), attribué(|e|s|es), "
        "autorizad(o|a|os|as), concedid(o|a|os|as), adjudicad(o|a|os|as), autorizzat(o|a|i|e), "
        "concess(o|a|i|e), aggiudicat(o|a|i|e), goedgekeurd, vergund, toegekend, gegund",
        "rejects, rejected, refused, refuses, blocks, blocked, prohibited, abgelehnt, untersagt, "
        "rejeté(|e|s|es), refusé(|e|s|es), rechazad(o|a|os|as), denegad(o|a|os|as), "
        "respint(o|a|i|e), rifiutat(o|a|i|e), afgewezen, geweigerd",
    ),
    "interruption": (
        "postponed, delayed, suspended, suspends, halted, strike called, verschoben, ausgesetzt, "
        "unterbrochen, reporté(|e|s|es), suspendu(|e|s|es), aplazad(o|a|os|as), "
        "suspendid(o|a|os|as), rinviat(o|a|i|e), sospes(o|a|i|e), uitgesteld, opgeschort",
        "launched, lifted off, took place, resumes, resumed, reopens, reopened, restored, "
        "wieder aufgenommen, wiederaufgenommen, wieder geöffnet, wiedereröffnet, repris(|e|es), "
        "reprend, rouvert(|e|s|es), rouvre, rétabli(|e|s|es), reanudad(o|a|os|as), reanuda, "
        "reabiert(o|a|os|as), ripres(o|a|i|e), riprende, riapert(o|a|i|e), hervat, heropend",
    ),
}

_LEAD = (10, 45)  # words of a first sentence, least and most: "U.S." ends none
_ENDS = re.compile(r'[.!?]["”)]* |\n\s*\n')
_SAME_VERB = 4  # first letters that "visits" and "visited" share
# "to be sentenced", "sera jugé", "soll eröffnet werden": not yet.
_NOT_YET = frozenset(
    "be être ser essere sera seront será serán sarà saranno not nicht pas unless if".split()
)
_NOT_YET_IN_CLAUSE = frozenset("wird soll sollen zal zullen wordt werden".split())
_NOT_YET_AFTER = frozenset(["werden"])

_Named = Mapping[int, str]
"""The stages of one subject that a passage names, each with the words that name it."""
_NONE: _Named = {}


def compare_stages(one: Headed, other: Headed, cut: bool) -> Conflict | None:
    """Return where two releases report different stages of one subject, else None.

    ``cut``: ``one`` is the beginning of its text, so that titles and leads both have to agree.  Of
    two whole texts the conflict is ``always`` where title and lead differ in it, and not merely in
    the tense of a verb; otherwise one word was changed in one place, which texts that are equal
    but for this outweigh.
    """
    lead = one.body.keys[: _lead_end(one.body)]
    lead_there = other.body.keys[: len(lead) if cut else _lead_end(other.body)]
    same_title = one.title.keys == other.title.keys
    if same_title and lead == lead_there:
        return None
    titles = _stages(one.title.keys), _stages(other.title.keys)
    leads = _stages(lead), _stages(lead_there)
    if not (titles[0] or leads[0]) or not (titles[1] or leads[1]):
        return None
    for subject in STAGES:
        named, named_there = (found.get(subject, _NONE) for found in titles)
        told, told_there = (found.get(subject, _NONE) for found in leads)
        here, there = named or told, named_there or told_there
        if not here or not there:
            continue
        told_apart = bool(told and told_there) and _exclude(told, told_there)
        if named and named_there:
            agree = told.keys() == told_there.keys() != set() and not cut
            apart = (max(named) != max(named_there) and not agree) or (cut and told_apart)
        elif told and told_there:
            apart = max(told) != max(told_there) if cut else told_apart
            here, there = told, told_there
        else:
            apart = _exclude({**named, **told}, {**named_there, **told_there})
        if apart:
            if max(here) == max(there):  # the titles agree, and the leads do not
                here, there = told, told_there
            word, word_there = here[max(here)], there[max(there)]
            other_verb = word[:_SAME_VERB] != word_there[:_SAME_VERB]
            return Conflict(
                rule="stage",
                reason=f"they report two stages of one {subject}: '{word}' against '{word_there}'",
                always=cut or (lead != lead_there and other_verb and not same_title),
            )
    return None


def _exclude(here: _Named, there: _Named) -> bool:
    """Whether each passage names a last stage that the other does not name at all."""
    return max(here) not in there and max(there) not in here


def _lead_end(body: Words) -> int:
    """Return how many words the first sentence has, within bounds."""
    least, most = _LEAD
    for at in range(least, min(most, len(body))):
        gap = body.gaps[at]
        if gap != " " and _ENDS.search(gap) and not body.raws[at].islower():
            return at
    return min(most, len(body))


@lru_cache(maxsize=4_000)
def _stages(keys: tuple[str, ...]) -> dict[str, dict[int, str]]:
    """Return the stages that a passage names, by subject."""
    found: dict[str, dict[int, str]] = {}
    phrases = _phrases()
    end = 0
    for at, key in enumerate(keys):
        if at < end or key not in phrases:
            continue
        matching = [each for each in phrases[key] if keys[at : at + len(each[0])] == each[0]]
        longest = max((len(each[0]) for each in matching), default=0)
        if not longest or _is_planned(keys, at, at + longest):
            continue
        end = at + longest
        for phrase, subject, number in matching:
            if len(phrase) == longest:
                found.setdefault(subject, {})[number] = " ".join(phrase)
    return found


def _is_planned(keys: tuple[str, ...], start: int, end: int) -> bool:
    return not (
        _NOT_YET.isdisjoint(keys[max(0, start - 3) : start])
        and _NOT_YET_IN_CLAUSE.isdisjoint(keys[max(0, start - 8) : start])
        and _NOT_YET_AFTER.isdisjoint(keys[end : end + 1])
    )


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str, int]]]:
    """Return the phrases of the table by their first word, with subject and number of stage."""
    found: dict[str, list[tuple[tuple[str, ...], str, int]]] = {}
    for subject, stages in STAGES.items():
        for number, stage in enumerate(stages):
            for phrase in stage.split(", "):
                for spelling in _spellings(phrase):
                    found.setdefault(spelling[0], []).append((spelling, subject, number))
    return found


def _spellings(phrase: str) -> Iterator[tuple[str, ...]]:
    """Yield a phrase with each of the endings in its parentheses."""
    parts = [part.split("|") for part in re.split(r"[()]", phrase)]
    for chosen in product(*parts):
        yield tuple("".join(chosen).split())
