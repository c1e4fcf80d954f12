"""A review: its question, team and roles, criteria and exclusion reasons; the door of every review page."""
