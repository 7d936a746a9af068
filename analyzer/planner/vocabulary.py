"""The words of the trade: nouns that stand for places, cameras and pictures, and the words that typing errors are
mended to first. Grammar is not here."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


# What a figure can belong to. Matched as whole words; a plural or singular stands for both.
GROUP_NOUNS = {
    "image": "images? pictures? photos? photographs? frames? snapshots? snaps? stills? pics? screenshots? shots?",
    "camera": "cameras? cams? cctvs? feeds? streams? channels?",
    "district": (
        "districts? regions? county counties divisions? boroughs? provinces? states? lgas? municipality municipalities "
        "prefectures? cantons? parish parishes governorates?"
    ),
    "hour": "hours?",
    "day": "days? dates? weekdays?",
    "location": (
        "locations? places? areas? junctions? sites? spots? intersections? crossings? crossroads? chowks? circles? "
        "streets? roads? zones? localities locality mandals? taluks? wards? villages? towns? cities city "
        "neighbourhoods? neighborhoods? shops? stores? branches branch outlets? stations? gates? platforms? "
        "entrances? exits? stops? corners? signals? lanes? points? premises buildings? floors? rooms? squares? "
        "highways? avenues? roundabouts? tills? checkouts? aisles? blocks? colonies colony "
        "campuses campus halls? markets? where anywhere everywhere somewhere"
    ),
}
# Said of any place: "crowded locations" look for "crowded"; "congested junctions" look for just that.
VAGUE_PLACES = "locations?|places?|areas?|sites?|spots?|points?|localities|locality|zones?"

# The politeness of other languages in an English question.
_HELLO = (
    "hola bonjour salut ciao hallo moin servus gruezi grüezi howzit howdy ahoy shalom salam hej hei ola olá merhaba "
    "czesc cześć"
)
_THANKS = "merci danke gracias grazie obrigado obrigada dankie takk tack spasibo arigato"
_POLITE = (
    dict.fromkeys(words(_HELLO), "hello")
    | dict.fromkeys(words(_THANKS), "thanks")
    | dict.fromkeys(words("bitte svp asseblief"), "please")
)

SHORT_FORMS = {
    "ppl": "people", "peeps": "people", "pls": "please", "plz": "please", "u": "you", "r": "are", "btwn": "between",
    "btw": "between", "bw": "between", "yday": "yesterday", "yest": "yesterday", "hrs": "hours", "hr": "hour",
    "mins": "minutes", "min": "min", "veh": "vehicles", "vehs": "vehicles", "avg": "average", "approx": "about",
    "jn": "junction", "jct": "junction", "jns": "junctions", "locs": "locations", "loc": "location", "qty": "count",
    "pcs": "", "tot": "total", "pct": "percent", "wid": "with", "wit": "with", "wich": "which", "hw": "how",
    "mny": "many", "teh": "the", "hte": "the", "adn": "and", "nd": "and", "n": "and", "thru": "through",
    "tonite": "tonight", "nite": "night", "tdy": "today", "todays": "today's", "yesterdays": "yesterday's",
    "whats": "what is", "what's": "what is", "where's": "where is", "who's": "who is", "there's": "there is",
    "how'd": "how did", "wheres": "where is", "hows": "how is", "how's": "how is", "theres": "there is",
    "gimme": "give me",
    "lemme": "let me", "dont": "don't", "doesnt": "doesn't", "isnt": "isn't", "arent": "aren't", "cant": "can't",
    "lakh": "lakh", "im": "i'm", "w": "with", "abt": "about", "frm": "from", "evng": "evening",
    "mrng": "morning", "mng": "morning", "mornin": "morning", "aftn": "afternoon", "b4": "before", "dis": "this",
    "da": "the", "dat": "that", "wht": "what", "whr": "where", "ther": "there", "xl": "excel", "xls": "excel",
    "xlsx": "excel", "pix": "pictures", "fotos": "photos", "foto": "photo",
    "rn": "now", "arvo": "afternoon", "wherein": "where", "em": "them",
    "dey": "are", "wetin": "what is", "pikin": "child", "una": "you",
    "wat": "what", "wats": "what is", "nos": "number", "nr": "number", "num": "number", "hav": "have", "hv": "have",
    **_POLITE,
    "sun": "sun", "dist": "dist", "hoe": "how", "cud": "could", "cn": "can",
}  # fmt: skip

CLOTHING = words(
    "saree sarees sari saris lungi lungis kurta kurtas burqa burqas hijab hijabs dhoti dhotis chudidar khaki "
    "uniform uniforms helmet helmets vest vests hi-vis hivis hi-viz ppe mask masks gloves jackets jacket suits "
    "suit shorts jeans shirts shirt hoodie hoodies boots cap caps hats hat black white red green blue yellow "
    "orange brown grey gray"
)

_GRAMMAR = words(
    "how many much number count counts which what where when who find show list detect identify locate give "
    "display check tell compare export download table chart graph plot map coordinates pictures picture images "
    "image photos photo average total most least highest lowest maximum minimum share percentage percent "
    "proportion between more than less fewer above below under over exactly about each every per the and with "
    "without not are there have has visible today yesterday morning afternoon evening night tonight weekend "
    "week month hour hours minutes last this monday tuesday wednesday thursday friday saturday sunday january "
    "february march april june july august september october november december any all only those them same "
    "please people person persons busiest quietest top bottom district districts location locations camera "
    "cameras mandal mandals junction junctions area areas place places road roads street streets anyone "
    "anybody someone from until since before after during near outside inside along "
)
_THINGS = words(
    "car cars vehicle vehicles bus buses truck trucks lorry lorries van vans bike bikes bicycle bicycles "
    "motorcycle motorcycles motorbike motorbikes scooter scooters rickshaw rickshaws auto autos autorickshaw "
    "autorickshaws two-wheeler two-wheelers wheeler wheelers tractor tractors ambulance ambulances taxi taxis "
    "cab cabs train trains tram trams pedestrian pedestrians cyclist cyclists rider riders driver drivers "
    "passenger passengers child children kids man men woman women crowd crowds crowded customer customers "
    "shopper shoppers queue queues guard guards police policeman worker workers student students beggar "
    "beggars hawker hawkers vendor vendors dog dogs cow cows cattle buffalo buffaloes goats cat cats animal "
    "animals bird birds monkey monkeys horse horses helmet helmets seatbelt seatbelts mask masks bag bags "
    "luggage suitcase umbrella umbrellas backpack backpacks phone traffic congestion congested accident "
    "accidents collision crash violation violations jam jams parking parked potholes pothole garbage litter "
    "trash waste rubbish smoke fire flood flooded flooding waterlogging waterlogged water fog foggy rain "
    "raining visibility street-lights streetlight streetlights light lights lamp lamps signal signals sign "
    "signs barricade barricades graffiti damage damaged broken blocked blurred dark night bright heavy "
    "moderate empty closed open weapon weapons gun knife fight fighting fallen loitering jaywalking crossing "
    "riding walking standing running sitting waiting wearing carrying encroachment encroachments tree trees "
    "queueing queuing kerb kerbs tyre tyres hoarding hoardings signboard signboards handcart handcarts nallah "
    "drain drains manhole manholes divider dividers bench benches parcel parcels doorstep till tills counter "
    "counters plate plates number wall gate door window shutter shutters shelf shelves zebra footpath pavement "
    "sidewalk construction roadworks demonstrators protest protests stall stalls cart carts cone cones cctv "
)
# Typing errors are mended to these first.
DOMAIN = _GRAMMAR | _THINGS | CLOTHING

# Places that a register may lack and that nobody takes for clothes or things.
KNOWN_PLACES = words(
    "india andhra telangana hyderabad delhi mumbai chennai kolkata bangalore bengaluru pune ahmedabad jaipur "
    "lucknow kanpur nagpur indore bhopal patna kerala tamilnadu karnataka maharashtra gujarat punjab goa odisha "
    "warangal secunderabad tirupati vijayawada visakhapatnam vizag kochi mysore surat london manchester "
    "birmingham leeds glasgow edinburgh liverpool bristol cardiff belfast dublin paris berlin madrid rome vienna "
    "amsterdam brussels boston chicago seattle dallas houston denver miami atlanta detroit philadelphia texas "
    "california florida ohio brooklyn manhattan queens toronto sydney melbourne singapore dubai tokyo beijing "
    "shanghai karachi lahore dhaka kathmandu colombo nairobi lagos cairo york jersey england scotland wales "
    "ireland america france germany spain"
)
