"""From answers to a suggested judgement: which rule fired, what is still needed, what cannot be."""

from workbench.appraisal.rules.answers import Answers, Form, Refusal
from workbench.appraisal.rules.domains import judge_domain
from workbench.appraisal.rules.finding import Finding, Status
from workbench.appraisal.rules.judging import OVERALL, UnknownDomain, judge, variant
from workbench.appraisal.rules.scales import DomainScore, Ratings, Scored, score_domain, wide_items
from workbench.appraisal.rules.settings import LeftOut, PartialYes, Settings, UnknownSetting, offered, settings_of
from workbench.appraisal.rules.vectors import gaps, legal_answers
from workbench.appraisal.rules.weaknesses import answer_of_boxes, rule_for

__all__ = [
    "OVERALL",
    "Answers",
    "DomainScore",
    "Finding",
    "Form",
    "LeftOut",
    "PartialYes",
    "Ratings",
    "Refusal",
    "Scored",
    "Settings",
    "Status",
    "UnknownDomain",
    "UnknownSetting",
    "answer_of_boxes",
    "gaps",
    "judge",
    "judge_domain",
    "legal_answers",
    "offered",
    "rule_for",
    "score_domain",
    "settings_of",
    "variant",
    "wide_items",
]
