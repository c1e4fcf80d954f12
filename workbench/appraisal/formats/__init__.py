"""Judgements in from other programs: robvis, Covidence and RevMan 5."""

from workbench.appraisal.formats.judged import LEVELS, WORDS, Column, Judged, Line, Mark, UnreadableJudgements
from workbench.appraisal.formats.robvis import read_robvis

__all__ = ["LEVELS", "WORDS", "Column", "Judged", "Line", "Mark", "UnreadableJudgements", "read_robvis"]
