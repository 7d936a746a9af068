"""What stands around a question: politeness, "and what about", lists of places with their prepositions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.planner.days import DAY
from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import NUMBER, PLACE, Phrase
from analyzer.planner.sides import set_sides_against
from analyzer.planner.words import Token

_CONNECTIVES = (
    r"^(?:(?:and|what about|how about|what of|now|also|then|ok|okay|but|or|so|same for|same in|same at|"
    r"same again|actually|the same|likewise|similarly|again|plus|just|only|as for|instead|try|same question|ditto|"
    r"(?:zoom|drill)(?: down)? (?:in|into|in on|in to|on)|focus on|narrow (?:it )?(?:down )?to|limit (?:it )?to|"
    r"repeat|do the same|do that|and what about)(?! \d| one\b| two\b| three\b| a\b) )+"
)

# "queue longer than ten people" counts the people.
LONG_QUEUE = (
    r"\b(?P<t>queues?|lines?|crowds?|groups?|gatherings?)(?: (?:is|are|of|with|that is))* (?:longer|"
    r"bigger|larger|more) than "
    rf"(?P<n>{NUMBER}) (?P<of>people|persons|customers|cars|vehicles|trucks|students)\b"
)

HAVING = r"\b(?:have|has|had|having|show|shows|with|there|see|sees|contain|contains)\b"

LEFT_BY_VIEW = (
    r"^(?:(?:(?:please|can|could|you|i|want|need|show|see|give|get|display|list|me|us|the|a|and|"
    r"with) )+(?=\|))?(?:\| ?)*"
    r"(?:(?:of|for|showing) (?:(?:the|all|any) )*)?"
)

# The whole register, in other words; nothing is looked for there that isn't looked for everywhere.
WHOLE = (
    r"\b(?:(?:in|across|around|over|throughout|within|from|of|all over) )+(?:the |our |my )?(?:(?:whole|entire|"
    r"full) \w+|city|"
    r"town|authority|network|system|register)(?: area| limits)?\b(?= ?\||$| (?:where|that|which|with|have|has|is|"
    r"are|please|pls|today|yesterday|right|now|at|this|last)\b)|\b(?:on|around|across|off) (?:campus|site)\b(?= ?\||$)"
)

_REPEATS = (
    r"\b(?:(?:do |show |give |tell )?(?:me )?(?:the )?same(?: (?:thing|question|again|analysis|count|"
    r"query|figures?|numbers?))?(?: (?:for|in|at|on|but))?|ditto|instead|repeat(?: (?:it|that|this))?"
    r"(?: for)?|again)\b"
)


# "Are the pictures blurry?" asks which of them are: there is more than one, and nobody wants a yes.
_ARE_THEY = (
    r"^(?:is|are|was|were) (?:(?:any|some|all|most) of )?(?:the|these|those|my|our) "
    r"(?P<of>pictures?|photos?|photographs?|images?|snapshots?|cameras?) "
    r"(?P<state>(?:too |very )?(?:dark|blurred|blurry|blocked|covered|foggy|out of focus|overexposed))(?= *(?:\||$))"
)


def joined(tokens: Sequence[Token]) -> str:
    """The question in lower case, its end marks as gaps."""
    words = [token.word for token in tokens]
    text = " ".join(
        {"?": "|", "!": "|", ".": "|", ";": "|", "(": "|", ")": "|", "&": "and", "/": "or", "#": "number of"}.get(
            word, word
        )
        for word in words
    )
    text = re.sub(r"\bwith out\b", "without", text).strip("| ")
    return re.sub(_ARE_THEY, r"which \g<of> are \g<state>", text)


# What people say around a question, in the Englishes of many places: none of it asks for anything.
_GREETING = (
    r"(?:(?:good|gd) ?(?:morning|afternoon|evening|day|night)|(?:morning|afternoon|evening)(?= ?[,|]| (?:all|team|"
    r"sir|madam|"
    r"folks|guys|everyone|i|could|can|would|please|how|what|which|where|is|are|do|did|just)\b)|g'?day|yeah(?: so| "
    r"nah)?|yep|hi|hiya|hello|hey|yo|oi|"
    r"greetings|namaste|salaam|dear (?:sir|madam|team|all)|right(?= so\b| then\b| ?[,|])|alright|aye|abeg|oga|boss|"
    r"mate|bro|"
    r"bhai|listen|look(?= ?,)|quick (?:question|one)|question|excuse me|sorry to (?:bother|trouble)(?: you)?|hope "
    r"(?:you're|you are|"
    r"all is|all's|this finds you) well|i hope (?:you're|you are|all is) well)"
)
_ADDRESSED = r"(?: (?:there|all|everyone|everybody|team|sir|madam|ma'am|folks|guys|again))?"
_WELL = (
    r"(?:wow|cool|great|nice|ok(?:ay)?|thanks|thank you|perfect|got it|fine|right|interesting|good|brilliant|lovely|"
    r"super|excellent|awesome|sure|yes|yep)"
)
_FILLER = (
    r"(?:um+|uh+m?|erm*|hmm+|you know|basically|literally|kinda|sorta|i guess|i suppose|i reckon|to be honest|"
    r"(?<=are )like(?= \w+ing\b)|(?<=is )like(?= \w+ing\b)|(?<=have )like(?= \d))"
)
_PARTICLE = (
    r"(?:lah?|leh|lor|liao|ah|hor|sia|meh|mah|eh|innit|mind|ken|mate|pal|boss|bro|love|guv|yaar|na|ji|bhai|sha|abi|sef|"
    r"jare|biko|abeg|o|aye|though|hey|cheers|ta|asap|tq|thx|ty|regards)"
)
_TAIL = (
    rf"(?:{_PARTICLE}|(?:many |so many |with )?thanks?(?: (?:you|so much|very much|a lot|a million|a bunch|again|"
    rf"all|mate|team|"
    r"in (?:advance|anticipation)))*|(?:much |greatly )?appreciate(?:d| it)?|(?:would|will|could|can) you|"
    r"if (?:(?:that|it)(?: is|'s)? ?)?(?:possible|ok|okay|alright)|if you (?:don't mind|can|could|would|please|get "
    r"a \w+)|"
    r"when(?:ever)? you (?:can|could|have a \w+|get a \w+)|at your earliest convenience|in advance)"
)
_CORE = r"(?:how many|how much|the (?:total )?(?:number|count) of|which|what|where|whether|who)\b"
# A view or a figure that is named before the question proper is part of it.
_MEANT = (
    r"\b(?:maps?|charts?|graphs?|tables?|export|excel|csv|coordinates|pictures?|images?|photos?|compar\w+|count\w*|average|"
    r"total|most|least|rank\w*|top|bottom|share|percent\w*|those|these|them|same|find|each|every|per|by|classify|describe|is|"
    r"are|was|were|do|does|did|has|have|people|vehicles|cars)\b"
)


def drop_preamble(phrase: Phrase) -> None:
    """ "I would be grateful if you could ...", "which mandal, sorry, which district ...", "cheers mate"."""
    phrase.take(
        r"^(?:\S+ ){2,}?(?:,|\|)? ?(?:sorry|i mean|i meant|no wait|scratch that|make that|"
        r"or rather) (?!to\b)(?:,|\|)? ?(?=(?:\S+ ){2,})",
        leave="",
    )
    phrase.take_all(rf"(?<!\S){_FILLER}(?!\S)(?: ,)?", leave="")
    phrase.take(rf"^(?:[|,] ?)*{_WELL}(?: {_WELL})*(?: ?[,|])+(?= \S)", leave="")
    while phrase.take(rf"^(?:[|,] ?)*{_GREETING}{_ADDRESSED}(?=$|[ ,|])(?: ?[,|])*(?= \S)", leave="") is not None:
        pass
    while phrase.take(rf"(?<=\S)(?: ?[,|])* {_TAIL}(?= ?\||$)(?: ?\|)*$", leave="") is not None:
        pass
    phrase.take(
        r"^(?:(?!how\b|which\b|what\b|where\b|count\b|find\b)\S+ ){1,14}?(?:if you (?:could|can|would)|"
        r"would you mind|(?:could|can|would|will) (?:you|(?:some|any)(?:one|body)(?= (?:please|kindly|tell|confirm|"
        r"check|give|show|"
        r"let|help|count|find|say|advise)\b)))(?: (?:please|(?<=kindly )confirm|(?<=please )confirm|kindly|"
        r"possibly|just|help me|help|"
        r"also|quickly))*(?: (?:and|to))? ",
        leave="",
    )
    phrase.take(rf"^(?:[|,] ?)*are you (?:sure|certain)(?: that)? (?=(?:\S+ ){{2,}})(?!{_ABOUT_IT})", leave="")
    _drop_before_the_question(phrase)


_ABOUT_IT = (
    r"(?:(?:of|about|in|on) )?(?:it|that|this|them|those|these|the (?:answers?|numbers?|results?|counts?|figures?))\b"
)
_SPEAKS = r"\b(?:i|i'd|i'm|i'll|me|my|we|us|you|you'd|your|possible|needs?|wants?|wonder\w*)\b"
# Of what a person says of themselves, the words that would mean something elsewhere.
_OF_ONESELF = (
    r"\b(?:i|it|that|what|you|this)(?:'s| is| was| have| had)\b|\bis $|\b(?:do|did|have) (?:you|i|we)\b|"
    r"\b(?:be|able|possible|find out)\b"
)


def _drop_before_the_question(phrase: Phrase) -> None:
    """ "what I need to know is how many ...": whoever speaks of themselves before asking asks nothing there; a place
    and a day that they name stay."""
    for found in re.finditer(rf"(?<=\S ){_CORE}", phrase.text):
        before = phrase.text[: found.start()]
        counts = re.match(r"how m|the ", found[0])
        if len(before.split()) > 20 or (not counts and re.search(r"\b(?:of|in|at|on|from|with) $", before)):
            return
        rest = re.sub(_OF_ONESELF, "", re.sub(rf"^{_CORE}", "", before))
        if re.search(_SPEAKS, before) and not re.search(_MEANT, rest):
            days = [day[0] for day in re.finditer(rf"\b(?:(?:on|since|during) )?{DAY}\b", before) if len(day[0]) > 4]
            named = re.findall(rf"(?:(?:in|at|from|near) )?{PLACE}\d+", before) + days
            phrase.text = " ".join(f"{' '.join(named)} {phrase.text[found.start() :]}".split())
            return


_AND_WHERE = r"(?:,|\|)? ?and where(?: exactly)? (?:are|is|were|was) (?:they|it|those|these)(?= ?\||$)"
_EVERY_ONE_WITH = (
    r"\b(?P<v>show|find|list|see|give|get|identify|detect|spot|display|bring up|pull up|map(?: out)?|plot|mark|pin|"
    r"of|for)"
    r"(?P<me> me| us)? "
    rf"(?:each and every|every single|every|each) (?P<n>{ANY_NOUN}) (?=(?:with|where|that|which|showing|of|having|in "
    r"which|at which|containing|who)\b)"
)


def drop_every(phrase: Phrase) -> None:
    """ "show me every picture with a dog" asks for all of them, and for no figure of each; "how many, and where are
    they" asks for one of each place."""
    counts = phrase.search(r"^(?:\| )*(?:how many|count|number of)\b") is not None
    phrase.text = re.sub(_AND_WHERE, " at each location" if counts else "", phrase.text)
    phrase.text = re.sub(_EVERY_ONE_WITH, r"\g<v>\g<me> all \g<n> ", phrase.text)


def take_connectives(phrase: Phrase) -> bool:
    """ "And ...", "what about ...": whether the question leans on the one before."""
    phrase.text = phrase.text.strip("| ,")
    led = phrase.take(_CONNECTIVES, leave="") is not None
    led |= (
        phrase.take(r"^(?:do|try|run)(?: it| that)?(?: for| with)? (?=[^|]+ (?:now|next|instead) ?$)", leave="")
        is not None
    )
    phrase.take(rf"(?<={PLACE}\d) alone(?= ?\||$)|(?<={PLACE}\d\d) alone(?= ?\||$)", leave="")
    if len(phrase.words()) <= 4 and phrase.take(r"(?<=\w) (?:too|as well|also)(?= ?\||$)", leave="") is not None:
        led = True
    repeats = (
        phrase.take(
            _REPEATS + r"(?! (?:places?|locations?|cameras?|pictures?|images?|areas?|junctions?|spots?|sites?|photos?|"
            r"frames?|shops?|stores?|districts?|feeds?|set|scope|period|time|day|ones|scenes?|stations?))",
            leave="",
        )
        if phrase.search(r"\bsame\b|\bditto\b|\binstead\b|\brepeat\b|\bagain$")
        else None
    )
    phrase.text = phrase.text.strip("| ,")
    return led or repeats is not None


_ASKING = "any|no|some|more|fewer|less|all|those|these|which|what|only|just|find|count|show|list|where|does|is|was|has"


def names_a_thing(phrase: Phrase) -> bool:
    """ "Forklifts?": one or two words and no verb, which ask nothing by themselves."""
    return re.fullmatch(rf"(?!(?:{_ASKING})\b)[a-z-]+(?:(?<!s) [a-z-]+)?s(?: \|)*", phrase.text) is not None


def take_places(phrase: Phrase) -> None:
    """Lists of places become one mark, with the preposition before."""
    one = rf"{PLACE}\d+"
    lead = (
        r"(?:\b(?:(?:at|on|in|by|near) the (?:corner|end|top|foot|entrance|exit|edge|middle|centre|center|vicinity|"
        r"mouth) (?:of|to)|"
        r"in front of|next to|close to|opposite to|adjacent to|by the side of|at the back of|"
        r"outside of|in and around|in|at|on|near|from|of|for|around|outside|inside|within|across|along|to|by|"
        r"opposite|between|behind|towards|about|over|under) (?:the |old |new |both |all of |only |just )*)?"
    )
    nouns = (
        r"(?:(?<!many )(?<!which )(?<!what )(?<!every )(?<!each )"
        r"(?:cameras?|cams?|locations?|districts?|mandals?|junctions?|places?|areas?|stations?|city|town|"
        r"village|cities|towns|sites?)(?: (?:of|named|called|no|number|nos|id|ip|address|like|such as))* )?"
    )
    joint = r"(?: ?, ?(?:and )?| and | or | & )"
    listed = rf"{lead}{nouns}{one}(?:{joint}(?:in |at |near |the )*{one})*(?: (?:in|at|near|on|of) (?:the )?{one})*"
    # "which Guntur cameras" asks cameras in Guntur
    asked = rf"\b(which|what|all|any|every|each|the)(?: of)?(?: the)? ({one}) (?=(?:{ANY_NOUN})\b)(\w+)"
    phrase.text = re.sub(asked, r"\1 \3 in \2", phrase.text)
    set_sides_against(phrase)
    versus = phrase.search(rf"{one} (?:vs|versus|against|compared (?:to|with)|v|with|to) {one}|\bcompar")
    if versus is None:
        phrase.take_all(listed)
