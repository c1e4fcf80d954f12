"""Judgements and appraisals out: for robvis, for RevMan, one row an answer, and everything as JSON."""

from workbench.appraisal.writers.appraised import as_json, as_long_csv
from workbench.appraisal.writers.judged import as_revman_csv, as_robvis_csv

__all__ = ["as_json", "as_long_csv", "as_revman_csv", "as_robvis_csv"]
