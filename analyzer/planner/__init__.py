"""Understanding a question: rules first, and no network but in ``interpreter``. What may be asked of a picture is
:mod:`analyzer.ask`'s business.

``words`` mends and cuts the text, ``places`` and ``times`` find where and when, ``conditions``, ``grouping`` and
``views`` take their phrases out of it, what is left is the target (``targets``), and ``followups`` reads it against
the questions before. Where they are unsure, ``interpreter`` asks a language model and ``proposal`` checks what it says.
"""

from analyzer.planner.chips import Chip, chips
from analyzer.planner.editing import Alteration, Change, Grouping, Places, Times, alter
from analyzer.planner.planner import Planner
from analyzer.planner.removal import leave_out, removable
from analyzer.planner.starters import starters

__all__ = ["Alteration", "Change", "Chip", "Grouping", "Places", "Planner", "Times", "alter", "chips", "leave_out",
           "removable", "starters"]  # fmt: skip
