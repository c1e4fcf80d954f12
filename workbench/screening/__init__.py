"""Votes, conflicts, settlement and retrieval, at both stages, blinded."""
