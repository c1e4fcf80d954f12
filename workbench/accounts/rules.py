"""Secrets of links: the link carries them, the database keeps their hash only."""

import hashlib
import secrets
from datetime import timedelta

LINK_LIVES = timedelta(days=14)
SHORTEST_PASSWORD = 10


def new_token() -> str:
    """A secret of 256 bits for one link."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What the database keeps of a link's secret."""
    return hashlib.sha256(token.encode()).hexdigest()
