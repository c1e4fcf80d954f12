"""The team's pages, the list of one's reviews, and the progress of long work."""

from workbench.reviews.views.team import AskWaiting, Waiting

__all__ = ["AskWaiting", "Waiting"]
