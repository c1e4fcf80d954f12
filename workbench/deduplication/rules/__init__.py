"""Which records are one report: normalise, block, compare, decide, cluster. Pure thought; no database, no web."""

from workbench.deduplication.rules.engine import ENGINE, Before, Likeness, Mark, Memo, alike, find, mark_of, why_apart
from workbench.deduplication.rules.findings import Doubt, Findings, Join, Link, Pair
from workbench.deduplication.rules.form import NormalForm, normal_form
from workbench.deduplication.rules.settings import Settings
from workbench.deduplication.rules.titles import may_bear, same_title, title_key, titled

__all__ = [
    "ENGINE",
    "Before",
    "Doubt",
    "Findings",
    "Join",
    "Likeness",
    "Link",
    "Mark",
    "Memo",
    "NormalForm",
    "Pair",
    "Settings",
    "alike",
    "find",
    "mark_of",
    "may_bear",
    "normal_form",
    "same_title",
    "title_key",
    "titled",
    "why_apart",
]
