"""The words of the generated releases, and nothing of how they are put together.

Returns tuples of words, commonest first (the front is drawn more often), and
the agencies. All people and agencies are invented; towns and countries are real ones, chosen for
their accents. Verbs are regular, so that their forms can be derived.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency. `weight` is its share of all releases, in parts of 100."""

    id: str
    name: str
    printed: str  # what its releases carry behind `Source:`
    short: str
    chief: str
    deputy: str
    site: str
    weight: int
    always_cut: bool = False  # passes on the first 400 characters only, and never the date


AGENCIES = (
    Agency(
        id="boreal-accord", name="Boreal Accord", printed="Boreal Accord", short="the Accord",
        chief="Secretary General", deputy="Deputy Secretary General",
        site="www.boreal-accord.example", weight=58,
    ),
    Agency(
        id="lexpol", name="Lexpol", printed="Lexpol", short="Lexpol",
        chief="Executive Director", deputy="Deputy Executive Director",
        site="www.lexpol.example", weight=28, always_cut=True,
    ),
    Agency(
        id="mondpol", name="MONDPOL", printed="Mondpol (news and events)", short="MONDPOL",
        chief="President", deputy="Vice-President",
        site="www.mondpol.example", weight=5,
    ),
    Agency(
        id="maritime-safety", name="Meridian Maritime Safety Agency",
        printed="Meridian Maritime Safety Agency", short="the Agency",
        chief="Director", deputy="Deputy Director",
        site="www.meridian-maritime.example", weight=5,
    ),
    Agency(
        id="joint-staff", name="Joint Staff of the Republic",
        printed="Republic Defence Joint Staff", short="the Joint Staff",
        chief="Chief of the Joint Staff", deputy="Vice Chief of the Joint Staff",
        site="www.joint-staff.example", weight=2,
    ),
    Agency(
        id="protection-civile", name="Agence fédérale de la protection civile",
        printed="Agence fédérale de la protection civile", short="the Agence",
        chief="Directrice générale", deputy="Directeur adjoint",
        site="www.protection-civile.example", weight=2,
    ),
)  # fmt: skip

NOUNS = tuple(
    """
    agreement exercise network mission partner report decision programme region border threat plan
    system market convoy harbour vessel laboratory airfield brigade frigate squadron garrison
    radar missile battery corridor frontier treaty clause protocol envoy embassy parliament
    cabinet ministry council assembly committee delegation secretariat mandate charter ballot
    referendum statute tribunal prosecutor magistrate verdict appeal warrant dossier inquiry
    suspect accomplice smuggler trafficker courier broker forger burglar hacker fraudster
    kidnapper counterfeit parcel container warehouse depot pallet cargo lorry trailer tanker barge
    ferry trawler lighthouse buoy channel estuary shipyard slipway anchor lifeboat beacon pilot
    captain steward crew dockyard tariff invoice ledger voucher dividend bond loan deposit subsidy
    levy excise budget audit surplus deficit account bank exchange token wallet server firewall
    password browser database archive algorithm sensor drone satellite antenna transmitter
    receiver cable fibre router keyboard processor prototype patent blueprint turbine reactor
    pipeline refinery grid substation transformer generator windfarm dam reservoir aqueduct sluice
    culvert bridge tunnel viaduct railway platform locomotive carriage tramway airport runway
    hangar helicopter glider airlift parachute propeller cockpit simulator academy university
    seminar workshop lecture curriculum scholarship professor researcher apprentice librarian
    museum gallery orchestra theatre festival stadium marathon tournament trophy hospital clinic
    ambulance surgeon nurse vaccine antidote bandage stretcher ward pharmacy epidemic outbreak
    quarantine pathogen virus bacterium toxin spillage wildfire firebreak hydrant firefighter
    brigadier flood levee sandbag landslide avalanche earthquake tremor volcano eruption blizzard
    hurricane tempest drought harvest granary silo orchard vineyard pasture herd fishery hatchery
    forest plantation sawmill quarry mine furnace foundry smelter factory conveyor crane excavator
    bulldozer scaffold girder rivet weld cement gravel asphalt plaza boulevard avenue district
    suburb village hamlet province canton prefecture island peninsula headland plateau ridge
    valley glacier fjord lagoon marsh delta canyon outpost checkpoint bunker trench rampart
    fortress arsenal magazine grenade rifle cartridge howitzer mortar tank helmet uniform insignia
    medal banner cadet conscript recruit reservist veteran sergeant lieutenant colonel general
    admiral commodore commander adjutant attaché liaison interpreter translator rapporteur auditor
    inspector superintendent constable detective informant witness juror notary solicitor
    barrister advocate ombudsman mediator arbitrator negotiator spokesperson journalist editor
    publisher newsroom broadcast podcast pamphlet newsletter questionnaire survey census statistic
    index benchmark threshold ceiling quota ratio margin forecast estimate scenario simulation
    rehearsal drill manoeuvre patrol reconnaissance sortie ambush blockade embargo sanction
    ceasefire truce armistice withdrawal deployment rotation stockpile procurement tender contract
    supplier subcontractor consortium cooperative foundation charity volunteer donor refugee
    migrant shelter canteen blanket ration well latrine classroom playground nursery orphanage
    guardian pensioner tenant landlord household neighbourhood municipality mayor councillor
    ratepayer commuter pedestrian cyclist motorist passport visa fingerprint photograph portrait
    signature certificate licence permit badge register catalogue inventory checklist handbook
    manual guideline doctrine concept strategy roadmap milestone deadline timetable calendar
    agenda minute communiqué declaration resolution amendment annex preamble paragraph footnote
    appendix summary dialogue consultation hearing briefing debriefing reception banquet ceremony
    anniversary centenary inauguration farewell tribute wreath memorial cemetery monument statue
    chapel cathedral monastery synagogue mosque pilgrimage parish bishop imam rabbi chorister
    instrument violin cello trumpet drum sculpture fresco tapestry manuscript parchment mosaic
    amphora antiquity excavation artefact heirloom auction collector dealer jeweller diamond
    emerald sapphire bracelet necklace wristwatch banknote coin ingot bullion safe vault padlock
    crowbar jammer scanner microscope spectrometer centrifuge pipette reagent solvent precursor
    stimulant opiate cannabis tablet capsule syringe greenhouse cultivation cigarette tobacco
    liquor perfume handbag sneaker toy tyre gearbox windscreen chassis odometer garage scrapyard
    motorcycle scooter minibus coach taxi limousine caravan
""".split()
)

ADJECTIVES = tuple(
    """
    joint regional international common military civil digital national maritime coastal criminal
    financial political technical practical legal medical industrial scientific cultural local
    northern southern eastern western central inland overseas remote rural urban alpine arctic
    baltic nordic balkan iberian adriatic aegean caspian danubian pannonian carpathian levantine
    atlantic mobile airborne amphibious armoured motorised mechanised logistical tactical
    operational strategic nuclear ballistic hypersonic seismic thermal optical acoustic magnetic
    electronic electric hydraulic solar geothermal renewable sustainable circular organic
    synthetic chemical biological radiological toxic infectious respiratory veterinary
    agricultural botanical meteorological hydrological geological oceanic tidal volcanic glacial
    seasonal annual quarterly monthly weekly daily nightly early late recent former current future
    interim provisional permanent temporary emergency voluntary mandatory statutory constitutional
    parliamentary ministerial presidential diplomatic consular bilateral trilateral multilateral
    transnational domestic foreign federal municipal provincial communal private public corporate
    commercial charitable academic vocational experimental clinical forensic judicial penal fiscal
    monetary budgetary economic social demographic humanitarian environmental climatic ecological
    historical archaeological architectural musical literary linguistic religious secular ethical
    responsible transparent accountable inclusive equitable impartial independent resilient robust
    flexible agile modular portable wireless encrypted anonymous covert clandestine illicit
    illegal fraudulent counterfeit forged stolen hidden sealed armed violent extremist hateful
    corrupt negligent reckless dangerous hazardous volatile fragile unstable contested disputed
    occupied liberated neutral allied friendly hostile rival shared mutual reciprocal collective
    coordinated integrated combined simultaneous parallel successive gradual rapid swift sudden
    unexpected unprecedented historic landmark ambitious comprehensive detailed thorough rigorous
    careful cautious modest substantial considerable significant notable remarkable outstanding
    exemplary professional skilled seasoned junior senior principal deputy honorary retired
    wounded missing elderly young vulnerable displaced homeless stranded isolated crowded empty
    abandoned derelict restored modern contemporary traditional ancient medieval baroque wooden
    metallic concrete porous waterproof fireproof bulletproof lightweight heavy compact spacious
    shallow deep narrow broad steep rugged fertile arid humid frozen muddy dusty smoky bright dim
    silent noisy quiet calm turbulent stormy cloudy misty amber scarlet crimson azure ivory
    emerald silver golden copper bronze granite marble velvet
""".split()
)

VERBS = tuple("""
    support discuss announce launch welcome adopt review assess strengthen deliver complete open
    inspect search seize arrest dismantle identify question detain charge extradite trace monitor
    intercept disrupt expose uncover examine analyse test repair restore replace renew extend
    expand deepen widen accelerate streamline simplify harmonise coordinate integrate connect
    equip train educate instruct mentor recruit deploy relocate evacuate rescue assist treat
    vaccinate house shelter protect safeguard defend secure guard patrol escort observe survey map
    chart measure calculate estimate forecast publish circulate translate archive catalogue
    digitise encrypt download upload update install configure maintain operate host chair convene
    attend address join visit tour unveil inaugurate celebrate commemorate honour decorate thank
    praise commend congratulate encourage urge remind warn advise consult brief inform notify
    report document record register certify license authorise approve ratify sign endorse reaffirm
    reiterate underline stress emphasise highlight outline explain clarify define propose
    recommend request demand require order purchase procure finance fund sponsor subsidise award
    grant allocate transfer deposit confiscate destroy recycle collect gather store stockpile
    transport ship load unload import export produce manufacture assemble construct design develop
    patent refine improve enhance modernise upgrade reform reshape reorganise restructure merge
    separate suspend cancel postpone resume reopen close seal block obstruct evade conceal
    disguise forge counterfeit smuggle launder invest borrow compensate insure reward punish
    sentence convict acquit release pardon challenge contest reject condemn deplore criticise
    tackle confront counter prevent deter contain mitigate reduce limit restrict regulate
    supervise audit evaluate compare validate confirm verify demonstrate display exhibit
    illustrate rehearse simulate practise perform accompany
""".split())  # fmt: skip

ADVERBS = tuple(
    """
    jointly recently formally swiftly quietly publicly gradually successfully repeatedly carefully
    unanimously provisionally immediately subsequently previously thoroughly independently
    separately simultaneously remotely officially discreetly deliberately consistently effectively
    generously patiently visibly firmly boldly tirelessly methodically promptly reluctantly
    voluntarily systematically partially fully largely eventually nominally legally technically
    politically financially
""".split()
)

GROUPS = tuple(
    """
    experts officers delegates investigators ministers ambassadors analysts engineers inspectors
    officials specialists partners allies prosecutors commanders instructors pilots sailors
    soldiers divers firefighters doctors nurses paramedics scientists researchers students
    teachers librarians archivists historians economists lawyers judges auditors guards
    coastguards meteorologists geologists technicians programmers negotiators mediators observers
    volunteers donors residents farmers fishermen shipowners manufacturers contractors retailers
    journalists photographers translators veterans cadets reservists survivors witnesses
""".split()
)

UNITS = tuple(
    """
    days weeks months hours kilometres tonnes litres vehicles vessels premises households officers
    countries sites flights documents servers samples pages passengers containers hectares
""".split()
)

ROLES = tuple(
    """
    Ambassador Minister Commissioner General Admiral Professor Doctor Colonel Director Inspector
    Prosecutor Mayor Senator Captain Commodore Judge Councillor Rapporteur
""".split()
)

# Town, country: where things happen. Pairs, so that a dateline is never wrong about the map.
PLACES = tuple(
    tuple(pair.strip().split("/"))
    for pair in """
    Brussels/Belgium, Lisbon/Portugal, Vienna/Austria, Helsinki/Finland, Kraków/Poland,
    Reykjavík/Iceland, Málaga/Spain, Chișinău/Moldova, Zürich/Switzerland, Łódź/Poland,
    Ålesund/Norway, Göteborg/Sweden, Århus/Denmark, Tromsø/Norway, Jyväskylä/Finland,
    Tallinn/Estonia, Pärnu/Estonia, Rīga/Latvia, Liepāja/Latvia, Šiauliai/Lithuania,
    Klaipėda/Lithuania, Gdańsk/Poland, Brno/Czechia, Plzeň/Czechia, Košice/Slovakia, Győr/Hungary,
    Pécs/Hungary, Cluj-Napoca/Romania, Iași/Romania, Timișoara/Romania, Plovdiv/Bulgaria,
    Skopje/North Macedonia, Tiranë/Albania, Podgorica/Montenegro, Mostar/Bosnia and Herzegovina,
    Šibenik/Croatia, Maribor/Slovenia, Piräus/Greece, Thessaloniki/Greece, Nicosia/Cyprus,
    Valletta/Malta, Siracusa/Italy, Forlì/Italy, Cefalù/Italy, Nîmes/France, Besançon/France,
    Orléans/France, Liège/Belgium, Gent/Belgium, Groningen/Netherlands, Würzburg/Germany,
    Lübeck/Germany, Saarbrücken/Germany, Düsseldorf/Germany, Linz/Austria, Genève/Switzerland,
    Cork/Ireland, Dún Laoghaire/Ireland, Aberdeen/United Kingdom, Swansea/United Kingdom,
    Porto/Portugal, Évora/Portugal, A Coruña/Spain, Cádiz/Spain, San Sebastián/Spain,
    İzmir/Türkiye, Eskişehir/Türkiye, Tbilisi/Georgia, Gyumri/Armenia, Almaty/Kazakhstan,
    Ulaanbaatar/Mongolia, Sapporo/Japan, Busan/Republic of Korea, Đà Nẵng/Viet Nam,
    Cebu/Philippines, Surabaya/Indonesia, Dunedin/New Zealand, Hobart/Australia,
    Nouméa/New Caledonia, Antofagasta/Chile, Córdoba/Argentina, São Luís/Brazil,
    Asunción/Paraguay, Bogotá/Colombia, Mérida/Mexico, Québec/Canada, Halifax/Canada,
    Praia/Cabo Verde, Dakar/Senegal, Lomé/Togo, Yaoundé/Cameroon, Kigali/Rwanda, Mombasa/Kenya,
    Antsirabe/Madagascar, Windhoek/Namibia, Sfax/Tunisia, Agadir/Morocco, Nouakchott/Mauritania,
    Aqaba/Jordan, Muscat/Oman
""".split(",")
)

FIRST_NAMES = tuple(
    """
    Anna Marek Elena Tomáš Ingrid Pavel Sofia Henrik Maria Andrei Katarína László Zoë Jürgen Chloé
    Søren Núria Ștefan Agnieszka Kristjan Māris Rūta Aistė Björn Åsa Mirela Radu Ivana Goran
    Željka Darko Milena Nikos Despina Giorgos Elif Kemal Ayşe Levan Nino Aram Dinara Baatar Haruka
    Jisoo Thị Luz Benedito Inês João Álvaro Begoña Íñigo Amélie Étienne Gaël Solène Wout Marijke
    Sjoerd Liesbeth Uwe Heike Gernot Ursula Siobhán Cillian Rhys Morag Fergus Edith Clement
    Harriet Oswald Beatrix Lucian Ottilie Casimir Philippa Ambrose Leocadia Balthazar Ysolde
    Thelonius Wanjiru Kofi Aminata Ousmane Nomvula Thabo Fatoumata Idriss Leïla Karim Salma Yusuf
    Noor Tariq
""".split()
)

# A surname is one of each: some 60 × 24 × 40 of them, so that many turn up once, as names do.
SURNAME_STARTS = tuple(
    """
    Vest Lind Berg Kov Mar Petr Nov Stan Horv Bal Dob Rad Mil Zel Kral Bart Kowal Wis Zaj Grab Jan
    Ola Hal Ster Gud Thor Eir Sig Kall Niem Virt Koiv Tamm Sepp Ozol Kalv Jank Kaz Popes Ion
    Dumitr Mold Vas Geor Papad Kost Theod Demir Yıld Özt Kap Saar Ribeir Carv Esp Font Mor Duv Lec
    Roch Vand Hoog Schön Gräf Brück Mül
""".split()
)
SURNAME_MIDDLES = tuple(
    "a e i o u an el in or er al is en ar il et av ov ul as ik om und ent".split()
)
SURNAME_ENDS = tuple(
    """
    son sen ström holm nen lä ski cka wicz ová ić čić enko escu eanu iu akis idis poulos oğlu dır
    eira ães ez ano etti ino ier eau oux mans stra dijk haus berger mann feld aitis ienė iņš saar
    kov rup
""".split()
)

MONTHS = (
    "January February March April May June July August September October November December"
).split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
