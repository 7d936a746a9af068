"""Words that ask nothing of any picture: greetings and thanks, a call for help, the number of cameras.

Read as questions they would repeat the last answer, or look for "help" in every picture. Only a whole text is meant;
"thanks, and the total?" is a question.
"""

from __future__ import annotations

import re

from core.errors import UnplannableQuestion

_EXAMPLE = "Ask something like “How many cars are visible?”."
_TALK = re.compile(
    r"(?:(?:hi|hiya|hello|hey|namaste|good (?:morning|afternoon|evening|night|day)|bye|goodbye|cheers|ta|"
    r"(?:many )?thanks|thank you|thx|ty)(?: (?:there|all|again|so much|very much|a lot|you|sir|madam|team|everyone))*"
    r"[\s,]*)+"
)
_HELP = re.compile(
    r"(?:please )?help(?: me)?(?: please)?|(?:who|what) are you|what (?:is|s) sightline|"
    r"what (?:can|could|should|do) (?:you|i|we|it|this)(?: \w+)? (?:do|ask|answer)(?: (?:you|here|for (?:me|us)))?|"
    r"how (?:do|does|can|should) (?:this|it|i|you|we)(?: \w+)? (?:work|ask|use (?:this|it))"
)
_STOCK = re.compile(
    r"(?:how many|what number of|number of) (?:cameras|cams|cctvs?|cctv cameras|districts|pictures|images|photos) "
    r"(?:do (?:we|you|i) have|have (?:we|you|i)(?: got)?|"
    r"are (?:installed|registered|connected|in the (?:system|register)))"
    r"(?: (?:here|in total|altogether|now))*"
)


def refuse_what_is_outside(question: str) -> None:
    """Raise :class:`~core.errors.UnplannableQuestion` for a text that is no question about pictures."""
    text = " ".join(re.sub(r"[^\w\s]", " ", question.casefold()).split())
    if _TALK.fullmatch(text):
        raise UnplannableQuestion("There is no question in this.", _EXAMPLE)
    if _HELP.fullmatch(text):
        raise UnplannableQuestion("Questions here are about what the cameras see.", _EXAMPLE)
    if _STOCK.fullmatch(text):
        raise UnplannableQuestion(
            "This is about the cameras themselves, not about what they see.",
            "They are listed and counted under Cameras.",
        )
