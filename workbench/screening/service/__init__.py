"""The deeds of screening: running a stage, voting, settling conflicts, retrieving reports."""
