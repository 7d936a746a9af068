"""The form in which an answer is wanted: "on a map", "as a table", "export to Excel". A map on a wall is none."""

from __future__ import annotations

from analyzer.plan import View
from analyzer.planner.phrase import PLACE, Phrase

_FILES = r"(?:excel|csv|spreadsheet|pdf|json|geojson|kml|file|sheet|word|xlsx|zip)"
_PICTURES = (
    r"(?:images?|pictures?|photos?|photographs|snapshots?|snaps|frames|pics|thumbnails|screenshots?|"
    r"stills|shots|footage|gallery|(?:(?<=unreadable )|(?<=unsure )|(?<=uncertain )|(?<=failed )|"
    r"(?<=doubtful ))ones)"
)
_SHOW = r"(?:show|see|view|display|open|give|let me see|get|bring up|pull up|i want|want)"
_CHART = r"(?:(?:bar|line|pie|column|area)[ -])?(?:charts?|graphs?|histogram|plot|diagram|trend ?line|time series)"

_LED = (
    r"^(?:please |can you |could you |now |and )*(?:(?:show|see|give|draw|make|create|get|display|build|"
    r"prepare|produce|i want|i need|need|want|plot|put)(?: me| us)? )?(?:an? |the )?"
)
_PATTERNS: tuple[tuple[View, str], ...] = (
    (View.MAP, rf"{_LED}(?:heat ?)?map (?:of|for|showing|with) (?!it\b|that\b|this\b|them\b|those\b)(?:all |the )*"),
    (View.TABLE, rf"{_LED}table (?:of|for|showing|with) (?!it\b|that\b|this\b|them\b|those\b)(?:all |the )*"),
    (View.EXPORT, rf"{_LED}(?:excel|csv|spreadsheet|export)(?: sheet| file)? (?:of|for|showing|with) (?!it\b|that\b|"
    r"this\b|them\b|those\b)(?:all |the )*"),
    (View.EXPORT, r"^(?:please |can (?:you|i) |could (?:you|i) )?(?:export|download|save|send|e-?mail)"
    r"(?: me| us)?(?: (?:all|the|"
    rf"these|those|of|them|its|their|matching))* {_PICTURES}(?: please| (?:as|in|into|to) (?:an? )?{_FILES})*$"),
    (View.EXPORT, r"\b(?:export|download|save|send|email|mail|get|give|put|want|need|have|share|dump|write|"
    r"extract)(?: me| us)?(?: (?:it|that|this|them|these|those|all|everything|(?:the |an |a )?(?:answers?|"
    r"results?|data|list|report|figures|numbers|details|table|matches)|out|of))* (?:as|in|into|to|an?|the|"
    rf"in the form of)(?: (?:an?|the))? (?:ms |microsoft )?{_FILES}\b(?: (?:file|sheet|format|form|"
    r"please))*"),
    (View.EXPORT, r"^(?:please |can (?:you|i) |could (?:you|i) |let me |may i |i (?:want|need) to )?(?:export|download)"
    r"\b(?! (?!it|that|this|them|these|those|all|"
    r"the (?:results?|answers?|data|list|figures|matches|table)|results?|data|answers?|everything|"
    r"\|)\w)(?: (?:it|that|this|them|these|those|all|everything|the|results?|data|answers?|list|figures|"
    rf"matches|table|please|of))*(?: (?:as|to|in|into) (?:an? )?{_FILES})?"),
    (View.EXPORT, r"\b(?:as|in|into|to) (?:an? |the )?(?:ms )?(?:excel|csv|spreadsheet|pdf|json|geojson|kml|"
    r"xlsx)\b(?: (?:file|sheet|format|form))*"),
    (View.EXPORT, r"^(?:(?:please|give|get|send|share|want|need|i|we|me|us) )*(?:an? |the |in )?"
    r"(?:excel|csv|spreadsheet|pdf)(?: (?:file|sheet|export|please|format))*$"),
    (View.EXPORT, r"^(?:an? )?(?:(?:excel|csv) )?(?:export|download)(?: please)?$"),
    (View.COORDINATES, r"\b(?:(?:what|which|where) (?:are|is) )?"
    r"(?:with |and |also |as |in |by )*(?:the |their |its |all |"
    r"all the |exact |gps |geo |geographic )*(?:gps|geo ?location|geo ?locations|geo-?coordinates|"
    r"coordinates?|coords?|co-ordinates?|latitudes?|longitudes?|gps positions?)(?: (?:and|or) (?:the )?"
    r"(?:longitudes?|coordinates))?(?: (?:of|for) (?:it|them|those|these|each|all|that|the (?:locations|"
    r"places|results|matches|cameras|ones)))?\b(?: (?:coordinates|positions?|points?|data|values))?"),
    (View.MAP, r"^(?:please |now )?(?:make|turn) (?:it|that|this|them|those)(?: into)? (?:a )?map(?= ?\||$)"),
    (View.MAP, r"^(?:ok |and |please |now )*(?:show|give|put|see)(?: me| us| it| that| this| them)+ (?:for|by) "
     r"(?:the )?"
    r"map(?= ?\||$)"),
    (View.MAP, r"\b(?:(?:on|in|onto|over|to|as|using|with(?! an? map of))(?: (?:an?|the|our|your|google))? "
    r"(?:google )?map(?:(?<!with map)s|"
    r" view)?(?! (?:shop|board|seller))|map (?:view|form|please)|in map form)\b"),
    (View.MAP, r"^(?:please |can you |could you |now )*(?:map(?: |$)(?:it|that|this|them|these|those|all|out|the|"
    r"results?|locations|answers?|matches|places|please|where|they|are| )*|(?:show|see|display|view|open|"
    r"give|want|draw)(?: me| us)? (?:the |a )?map)(?: (?:please|of (?:it|that|this|them|these|those|"
    r"the results?)))*$"),
    (View.MAP, r"^(?:please )?map (?:all )?(?:the )?(?=[a-z]{3})(?!of\b|it\b|that\b|them\b|those\b|these\b)"),
    (View.MAP, r"^(?:the )?map(?: please| view)?$|^(?:and |show me |show |tell me |see )*where (?:exactly |precisely )?"
    r"(?:(?:are|is|"
    r"were) (?:they|those|these|it|that|the (?:matches|ones|results))(?: located)?|(?:they|those|these|it|"
    r"that|the (?:matches|ones|results)) (?:are|is|were)(?: located)?)$|^(?:plot|pin|mark|locate) (?:it|"
    r"them|those|these|that|all)(?: (?:all|out|please))?$|\b(?:pin|pins) on\b"),
    (View.MAP, r"\b(?:plot|pin|mark|map) (?=(?:all |the |every )?(?:locations|places|junctions|areas|cameras|spots))"),
    (View.CHART, r"\b(?:(?:as|in|on|with|into|using|to|draw|make|plot|create|give|show|see|build|prepare|need|want|get|"
    r"display)(?: me| us)? (?:it |that |this |them |these |those )?(?:(?:as|in|on|into|to) )?(?:an? |"
    rf"the )?{_CHART})(?! (?:boards?|papers?))\b(?: (?:form|format|view|of (?:it|that|this|them|those|"
    r"these)(?! \w)|of|for|showing))?"),
    (View.CHART, rf"^(?:an? |the )?{_CHART}"
    r"(?: (?:please|view|form|of (?:it|that|this|them)|of|it|that|this|them))*(?= |"
    r"$)|^(?:chart|graph|visuali[sz]e)(?: (?:it|that|this|them|these|those|please|the results?|"
    r"over time))*$"),
    (View.TABLE, r"\b(?:(?:as|in|into|with|to|draw|make|create|give|show|see|build|prepare|need|want|get|put)(?: me|"
    r" us)? (?:it |that |this |them |these |those |the results? )?(?:(?:as|in|into|to) )?(?:an? |the )?"
    r"(?:table|tabular)(?: (?:form|format|view|of (?:it|that|this|them|those|these|results)))?"
    r")(?! (?!please|pls|now|thanks|sorted|ordered|ranked|by|and|with the|for each|per)"
    r"\w+)|\btabulated?\b(?: (?:it|that|this|them|these|those))?|\b(?:in|"
    r"as) (?:a )?(?:table|tabular) (?:form|format|view)\b|\bin (?:a )?table(?: of)?\b(?=.*\b(?:show|list|"
    r"give))"),
    (View.TABLE, r"^(?:an? |the )?(?:table|table view|tabular|tabular form)(?: (?:please|form|format|it|of (?:it|that|"
    r"them)))*$"),
)  # fmt: skip

# Asking for the pictures of the answer before: nothing is named but the pictures.
_PICTURES_OF_BEFORE = (
    rf"^(?:please |can you |could you |can i |could i |may i |now |and |ok |let's |let us )*(?:{_SHOW}|"
    r"have|look at)?(?: me| us)?(?: (?:all|only|just))*(?: (?:the|those|these|that|their|its|some|every|"
    r"of))* ?(?:same |matching |matched |relevant |actual |unreadable |unsure |uncertain |failed |"
    rf"doubtful |broken |original |corresponding |first \d+ )*{_PICTURES}(?: (?:please|too|again|now|"
    r"instead|view|themselves|of (?:it|that|this|them|these|those|each|the (?:matches|results?|ones))|"
    r"for (?:it|that|this|them|these|those|each)|(?:that|which) match(?:ed|es)?|with (?:matches|a match)|"
    r"behind (?:it|that|this)|(?:that |which )?(?:you|it) (?:looked at|used|saw|counted|checked|found)))*(?: (?:for|"
    r"of|from|at|in))?(?: \|)?$"
)
# "Show me", "how sure are you", "why so few": the pictures behind the answer are all that can be shown for it.
_IT = r"(?:it|this|that|them|these|those|there|the (?:answers?|results?|numbers?|counts?|figures?))"
_GROUNDS = (
    rf"^(?:\| )*(?:(?:so|and|but|ok|please|may i|can i|could i|can you|could you|let me|let's|let us) )*(?:"
    rf"(?:show|see|(?<=let me )look|(?<=let's )look|(?<=let us )look)(?: me| us)?(?: {_IT})?(?: (?:please|then|now|"
    rf"all|to me|to us))*|"
    rf"(?:how|(?:are )?you|is {_IT}|was {_IT}) (?:(?:really|quite|absolutely|so|all) )*(?:sure|certain|confident|"
    rf"positive|"
    rf"right|"
    rf"correct|true|accurate|reliable|trustworthy|wrong)(?: (?:are|is) (?:you|{_IT}))?(?: (?:of|about|in|with|on) "
    rf"{_IT})?(?: (?:that )?{_IT} (?:is|are|was|were) (?:correct|right|true|accurate|so))?|"
    rf"how (?:do|did|can|could|would) you (?:know|get|count|find|work|arrive|come|reach|figure)\b[^|{PLACE}]*|"
    rf"how (?:was|is|were) {_IT} (?:counted|found|worked out|measured|calculated|made|determined)|"
    rf"explain(?: (?:yourself|how|why|{_IT}))*|"
    rf"(?:why|how come)(?: (?:is|are|was|were|does|do|did))?(?: (?:{_IT}|(?:the )?\|))?(?: (?:so|have|has|that|such))*"
    r"(?: (?:few|many|much|little|low|high|quiet|busy|bad|empty|full|crowded|different))?|"
    rf"i (?:do not|don't|can't|cannot) (?:really )?(?:believe|trust|buy) (?:you|{_IT})|"
    rf"(?:(?:what|which) is {_IT} )?based on(?: what)?|says who|prove {_IT}|"
    rf"(?:{_IT} )?(?:doesn't|does not|don't|can't|cannot) (?:look|seem|sound|be)(?: all)? (?:right|correct|true|"
    rf"plausible)|"
    rf"(?:{_IT} )?(?:looks?|seems?|sounds?) (?:wrong|off|odd|strange|too (?:high|low|many|few))|"
    rf"(?:which|what) {_PICTURES} (?:did|do|have|were|was|are|is)\b(?: (?:you|it|that|this|been))?(?: (?:used?|"
    rf"look(?:ed)?|"
    rf"counted|count|checked|check|seen|see|saw|base|based|behind))+(?: (?:at|on|for|in|with|{_IT}))*"
    rf")(?= ?\||$)(?: ?\|)*$"
)
_MATCHES = r"\b(?:only |just )?(?:the )?(?:matches|matching ones|matched ones|positive ones|hits)\b"


def take_view(phrase: Phrase) -> View:
    """The view asked for, its words taken out; ``answer`` when none is."""
    for view, pattern in _PATTERNS:
        if phrase.take(pattern) is not None:
            # "stick it on a map": whatever is done with it, nothing is looked for
            phrase.take(
                r"^(?:\| )*(?!is\b|are\b|does\b|do\b|was\b)[a-z]+ (?:it|that|this|them|these|those|everything)(?: "
                r"all)?(?: to (?:me|us|my \w+))?(?= \||$)"
            )
            phrase.take(
                r"^(?:\| )*where (?:exactly )?(?:are|is|were|was) (?:they|it|(?:those|these|that|the)(?: (?:places?|"
                r"locations?|cameras?|spots?|sites?|ones?|areas?))?)(?: all)?(?= \|)"
            )
            phrase.take(r"^(?:\| )*where(?= \|$)")
            phrase.take(
                r"(?<=\w)(?: please)? (?:show|display|put|mark|plot|pin)(?: (?:me|us|it|them|that|this))*(?= \|$)"
            )
            if view is View.EXPORT:
                phrase.take(
                    rf"\b(?:as|in|into|to) (?:an? |the )?(?:ms )?{_FILES}(?: (?:file|sheet|format|form))*(?= \||$)"
                )
            if view is View.COORDINATES and any(phrase.take(also) for other, also in _PATTERNS if other is View.MAP):
                return View.MAP  # "on the map with coordinates": its pins have them
            return view
    if phrase.take(_PICTURES_OF_BEFORE) is not None or phrase.take(_GROUNDS) is not None:
        return View.IMAGES
    return View.ANSWER


def takes_pictures(phrase: Phrase) -> bool:
    """Whether the person wants to be shown pictures of something: "show me photos of people queueing"."""
    return (
        phrase.search(
            rf"\b(?:show|see|display|view|let me see)(?: me| us)?(?: (?:all|some|the|any|every|of))* {_PICTURES}\b"
        )
        is not None
    )


def matches_only(phrase: Phrase) -> bool:
    """Whether only what matched is to be shown."""
    return phrase.take(_MATCHES) is not None
