"""What stands around a question: politeness, "and what about", lists of places with their prepositions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import NUMBER, PLACE, Phrase
from analyzer.planner.words import Token

_CONNECTIVES = (
    r"^(?:(?:and|what about|how about|what of|now|also|then|ok|okay|but|or|so|same for|same in|same at|"
    r"same again|the same|likewise|similarly|again|plus|just|only|as for|instead|try|same question|ditto|"
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

_REPEATS = (
    r"\b(?:(?:do |show |give |tell )?(?:me )?(?:the )?same(?: (?:thing|question|again|analysis|count|"
    r"query|figures?|numbers?))?(?: (?:for|in|at|on|but))?|ditto|instead|repeat(?: (?:it|that|this))?"
    r"(?: for)?|again)\b"
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
    return re.sub(r"\bwith out\b", "without", text).strip("| ")


def drop_preamble(phrase: Phrase) -> None:
    """ "I would be grateful if you could ...", "which mandal, sorry, which district ..."."""
    phrase.take(
        r"^(?:\S+ ){2,}?(?:,|\|)? ?(?:sorry|i mean|i meant|no wait|scratch that|make that|"
        r"or rather) (?!to\b)(?:,|\|)? ?(?=(?:\S+ ){2,})",
        leave="",
    )
    phrase.take(
        r"^(?:(?!how\b|which\b|what\b|where\b|count\b|find\b)\S+ ){1,14}?(?:if you (?:could|can|would)|"
        r"would you mind|could you|can you|would you|will you)(?: (?:please|kindly|possibly|just|help me|help|"
        r"also|quickly))*(?: (?:and|to))? ",
        leave="",
    )


_EVERY_ONE_WITH = (
    r"\b(?P<v>show|find|list|see|give|get|identify|detect|spot|display|bring up|pull up)(?P<me> me| us)? "
    rf"(?:each and every|every single|every|each) (?P<n>{ANY_NOUN}) (?=(?:with|where|that|which|showing|of|having|in "
    r"which|at which|containing|who)\b)"
)


def drop_every(phrase: Phrase) -> None:
    """ "show me every picture with a dog" asks for all of them, and for no figure of each."""
    phrase.text = re.sub(_EVERY_ONE_WITH, r"\g<v>\g<me> all \g<n> ", phrase.text)


def take_connectives(phrase: Phrase) -> bool:
    """ "And ...", "what about ...": whether the question leans on the one before."""
    phrase.text = phrase.text.strip("| ,")
    led = phrase.take(_CONNECTIVES, leave="") is not None
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


def take_places(phrase: Phrase) -> None:
    """Lists of places become one mark, with the preposition before."""
    one = rf"{PLACE}\d+"
    lead = (
        r"(?:\b(?:in front of|next to|close to|opposite to|adjacent to|by the side of|at the back of|"
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
    phrase.text = re.sub(
        rf"\b(?:which|who|where)(?: (?:one|of the two|{ANY_NOUN}))?"
        r"(?: (?:has|have|had|sees?|is|are|was|were|shows?|gets?))?"
        rf"(?: there)? (?:the )?(?:more|fewer|less|busier|quieter)(?P<t> [^{PLACE}]*?)[ ,|:]*(?:in |at )?"
        rf"(?P<a>{one}),? or (?:in |at )?(?P<b>{one})",
        r"compare \g<t> \g<a> and \g<b>",
        phrase.text,
    )
    versus = phrase.search(rf"{one} (?:vs|versus|against|compared (?:to|with)|v|with|to) {one}|\bcompar")
    if versus is None:
        phrase.take_all(listed)
