"""Judgements in from other programs (robvis, Covidence, RevMan 5), and appraisals in from our own."""

from workbench.appraisal.formats.appraised import Answer, Appraisal, Judgement, read_appraisals
from workbench.appraisal.formats.covidence import read_covidence
from workbench.appraisal.formats.judged import LEVELS, WORDS, Column, Judged, Line, Mark, UnreadableJudgements
from workbench.appraisal.formats.revman5 import read_revman5
from workbench.appraisal.formats.robvis import read_robvis

__all__ = [
    "LEVELS",
    "WORDS",
    "Answer",
    "Appraisal",
    "Column",
    "Judged",
    "Judgement",
    "Line",
    "Mark",
    "UnreadableJudgements",
    "read_appraisals",
    "read_covidence",
    "read_revman5",
    "read_robvis",
]
