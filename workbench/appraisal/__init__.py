"""Appraisal: how far a study, a review or a guideline can be trusted, by a published instrument and two people."""
