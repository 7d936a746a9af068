"""Words that ask nothing of any picture: greetings and thanks, a call for help, the cameras and pictures themselves.

Read as questions they would repeat the last answer, or look for "help" in every picture. Only a whole text is meant;
"thanks, and the total?" is a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.planner.extremes import MORE_SO
from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import NUMBER, PLACE, Phrase
from analyzer.planner.place import Place, PlaceKind
from core.errors import UnplannableQuestion

_EXAMPLE = "Ask something like “How many cars are visible?”."
_TALK = re.compile(
    r"(?:(?:hi|hiya|hello|hey|namaste|good (?:morning|afternoon|evening|day|night)|bye|goodbye|cheers|ta|"
    r"(?:many )?thanks|thank you|thx|ty|ok(?:ay)?|go (?:ahead|on|back)|"
    r"zoom (?:in|out)|refresh|undo|stop|cancel|carry on|never ?mind|sounds good|got it|"
    r"(?:very |that is |that's )?(?:nice|cool|great|perfect|good|awesome|brilliant|interesting)(?: (?:one|work|job))?)"
    r"(?: (?:there|all|again|so much|very much|a lot|you|sir|madam|team|everyone|then|please))*[\s,]*)+"
)
_HELP = re.compile(
    r"(?:please )?help(?: me)?(?: please)?|(?:who|what) are you|what (?:is|s) sightline|"
    r"what (?:can|could|should|do) (?:you|i|we|it|this)(?: \w+)? (?:do|ask|answer)(?: (?:you|here|for (?:me|us)))?|"
    r"how (?:do|does|can|should) (?:this|it|i|you|we)(?: \w+)? (?:work|ask|use (?:this|it))"
)
_DEED = re.compile(
    r"(?:(?:please|kindly|can you|could you|now) )*"
    r"(?:delete|erase|wipe|reboot|restart|rename|unlock|uninstall|shut down|"
    r"(?:switch|turn) (?:on|off)(?= (?:the|all|my|our|every|lights?|cameras?)\b)) (?:\S+ ?)+"
)
_SENDS = re.compile(
    r"(?:(?:please|can you|could you|and|now) )*(?:send|forward|post|tweet|whatsapp|e-?mail|text|message) "
    r"(?:it|this|that|them|these|those|(?:the |all |your )*(?:results?|answers?|list|report|pictures?)) (?:to|with) "
    r"(?!(?:me|us)\b).+"
)
_SAME_ONE = re.compile(
    r"(?:(?:is|was|are|were) (?:it|that|this|they|there|those) )?(?:the )?same "
    rf"(?!(?:thing|question|time|number|figures?|as|again|for|in|at|{ANY_NOUN})\b)[a-z]+(?: [a-z]+)? (?:as|from) .+"
)
_OPPOSITE = re.compile(
    r"(?:(?:and|what|about|now|how|the|ok) )*(?:opposite|reverse|contrary|vice versa|other way (?:a)?round)"
)
_STOCK = re.compile(
    r"(?:and )?(?:how many|what number of|number of|total|total number of) (?P<what>cameras|cams|cctvs?|cctv cameras|"
    r"districts|"
    r"pictures|images|"
    r"photos)(?P<tail> do (?:we|you|i) have| have (?:we|you|i)(?: got)?|"
    r" are (?:there|installed|registered|connected|in the (?:system|register)))?"
    r"(?: (?:here|in total|altogether|in all|now))*"
)
_CAMERA = r"(?:the |our |my |all |any |of )*(?:web ?cams?|cameras?|cams?|cctvs?(?: cameras?)?|feeds?|streams?)"
_DELIVERS = (
    r"(?:offline|online|down|up|dead|alive|live|work(?:ing)?|functioning|functional|operational|running|connected|"
    r"disconnected|(?:switched |turned )?(?:on|off)|unreachable|reachable|responding|faulty|out of order|stale|stuck|"
    r"lagging|behind|delayed|frozen|failing|failed|recording|transmitting|"
    r"(?:(?:sending|giving|delivering|showing|receiving) )?(?:(?:no|any|a) )?(?:signal|connection|power|pictures?|"
    r"images?|feed|video|footage))"
)
_HEALTH = re.compile(
    r"(?:(?:which|what|how many|are|is|any|do|does|have|has|all|list|show|find|give|tell|check|if|whether|me|and|so|"
    r"of|please|there|where|can you|number|of|the|why|when|did|was|were) )*"
    rf"(?:{_CAMERA}(?: (?:ones?|are|is|was|were|that|which|have|has|had|do|does|did|gone|went|go|currently|still|now|"
    rf"been|being|not|aren't|isn't|don't|doesn't|didn't|haven't|hasn't|cannot|can't|all|to|with|without|stopped|"
    rf"ceased))* {_DELIVERS}|"
    r"(?:the )?(?:status|health) of (?:the |our |all )*(?:cameras|cams)|(?:cameras?|cams?) (?:status|health)|"
    r"(?:offline|dead|faulty|frozen|disconnected|non-? ?working) (?:cameras?|cams?|feeds?|streams?))"
    rf"(?: (?:and|or|not|which|{_DELIVERS}|right|now|today|currently|at the moment|properly|correctly|fine|please|"
    r"in total|ok|okay))*"
)
_ABOUT_CAMERAS = "This is about the cameras themselves, not about what they see."


def refuse_what_is_outside(question: str, *, found_some: bool) -> None:
    """Raise :class:`~core.errors.UnplannableQuestion` for a text that is no question about pictures. ``found_some``:
    the answer before found places or pictures, and "how many are there" asks for those."""
    text = _words(question.casefold())
    if _TALK.fullmatch(text):
        raise UnplannableQuestion("There is no question in this.", _EXAMPLE)
    if _HELP.fullmatch(text):
        raise UnplannableQuestion("Questions here are about what the cameras see.", _EXAMPLE)
    if _SAME_ONE.fullmatch(text):
        raise UnplannableQuestion(
            "No picture tells whether it is the same one.",
            "Ask for it at each of the two times, and look at the pictures.",
        )
    if _SENDS.fullmatch(text):
        raise UnplannableQuestion("Sightline sends nothing to anybody.", "Share the answer by a link, or export it.")
    if _OPPOSITE.fullmatch(text):
        raise UnplannableQuestion("What the opposite of that is isn't clear.", "Ask it in full.")
    if _DEED.fullmatch(text):
        raise UnplannableQuestion("A question changes nothing: Sightline only looks.", _EXAMPLE)
    stock = _STOCK.fullmatch(text)
    if stock and not (found_some and stock["tail"] in (None, " are there")):
        if stock["what"] in ("pictures", "images", "photos"):
            raise UnplannableQuestion(
                "This is about the pictures themselves, not about what they show.",
                "Each answer says how many pictures it is of.",
            )
        raise UnplannableQuestion(_ABOUT_CAMERAS, "They are listed and counted under Cameras.")


def refuse_how_cameras_fare(text: str, places: Sequence[Place]) -> None:
    """Raise :class:`~core.errors.UnplannableQuestion` for "which cameras are offline", "is CAM-07 working": no picture
    tells. ``text`` has the places marked."""
    named = {f"{PLACE}{at}": "camera" for at, place in enumerate(places) if place.kind is PlaceKind.CAMERA}
    if _HEALTH.fullmatch(" ".join(named.get(word, word) for word in _words(text).split())):
        raise UnplannableQuestion(
            _ABOUT_CAMERAS,
            "Each answer names the cameras that are behind, frozen or without a readable picture; all are listed under "
            "Cameras.",
        )


_NO_SECOND = (
    r"(?:that|this|it|there|them|those|these|they|before|usual|usually|normal|normally|ever|expected|earlier|last|the|a|"
    r"an|any|one|in|at|on|yesterday|today|\w+ly)\b"
)
_TWO_THINGS = (
    r"^(?:\| )*(?:(?:is|are|was|were|do|does|did|have|has)(?: (?:there|we|you|they))?(?: (?:have|see|any|many))* |"
    r"how (?:many|much) |(?:which|what|where|find|show|list)\b[^|]*? (?:have|has|had|are|with|there|where|see) )?"
    rf"(?:more|fewer|less) (?!than\b)(?P<one>[a-z][a-z -]*?) than (?!{_NO_SECOND})(?P<other>[a-z][a-z -]*[a-z])"
    r"(?= ?\||$)",
    r"^(?:\| )*(?:compare )?(?:the )?(?:(?:number|count) of )?(?P<one>[a-z-]+(?: [a-z-]+)?) (?:vs|versus) "
    r"(?P<other>[a-z-]+(?: [a-z-]+)?)(?= ?\||$)",
)
_BUT_NO_OTHER = (
    r"[a-z] (?:and|but) (?P<other>(?:(?:at (?:least|most)|(?:more|fewer|less) than) )?"
    rf"(?:no|without(?: any)?|{NUMBER}) [a-z][a-z -]*?[a-z])(?= (?:is|are|was|were)\b| ?\||$)"
)

_USUAL = r"(?:usual|usually|normal|normally|average|expected|typical|unusual|abnormal)"
_THAN_USUAL = (
    rf"\b(?:more|fewer|less|busier|quieter|higher|lower|worse|better)\b[^|]* (?:than|as) (?:is )?{_USUAL}(?= ?\||$)",
    rf"^(?:\| )*(?:is|are|was|were) (?:it|that|this|they|those|these) (?:{_USUAL}|a lot|many|much|high|low|good|bad|ok)"
    r"(?: for [^|]+)?(?= ?\||$)",
)


def refuse_what_is_usual(phrase: Phrase) -> None:
    """Raise :class:`~core.errors.UnplannableQuestion` for "more than usual", "is that a lot"."""
    if any(phrase.search(pattern) for pattern in _THAN_USUAL):
        raise UnplannableQuestion(
            "What is usual here isn't known.",
            "Ask of two times, for example “Were there more cars today or yesterday?”.",
        )


def refuse_two_things(phrase: Phrase, *, has_condition: bool) -> None:
    """Raise :class:`~core.errors.UnplannableQuestion` for "more men than women": a picture is asked for one of them. So
    it is where a figure must be reached (``has_condition``) by one thing and not by another."""
    if has_condition and (found := phrase.search(_BUT_NO_OTHER)):
        raise UnplannableQuestion(
            "Two things are asked of each picture, and one question counts one of them.",
            f"Leave out “{found['other']}”, then ask “Which of those show {found['other']}?”.",
        )
    for pattern in _TWO_THINGS:
        if found := phrase.search(pattern):
            raise UnplannableQuestion(
                "Two things are set against each other, and one question counts one of them.",
                f"Ask “How many {found['one']} are visible?”, then “And {found['other']}?”.",
            )


_GROWING = (
    r"^(?:\| )*(?:is|are|was|were) (?!(?:it|that|this|they|these|those|things)\b)[^|]*(?:\| )?"
    r"(?:getting|becoming|growing)(?: any| much)? "
    rf"{MORE_SO}(?: [a-z]+)?(?= ?\||$)"
)


_CHANGED = (
    r"^(?:\| )*(?:what|what all|anything|something)(?: (?:has|have|had|is|are|was|were|'s|got|been))* "
    r"(?:chang(?:ed|es|ing)|different|new)(?: (?:from|than|there|here))?(?= ?\||$)"
)


def refuse_growth(phrase: Phrase) -> None:
    """Raise :class:`~core.errors.UnplannableQuestion` for "is the queue getting longer", "what has changed": no picture
    tells."""
    if phrase.search(_CHANGED):
        raise UnplannableQuestion(
            "No single picture shows what has changed.",
            "Name a thing and two times, for example “Were there more cars today or yesterday?”.",
        )
    if phrase.search(_GROWING):
        raise UnplannableQuestion(
            "No single picture shows whether something grows.",
            "Ask for a number over time, for example “How many people per hour?”.",
        )


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s'-]", " ", text).split())
