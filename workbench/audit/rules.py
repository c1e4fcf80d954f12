"""How an entry is sealed: sha256 over the salt and the payload, chained to the entry before it (domain B11)."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping

GENESIS = "0" * 64


def new_salt() -> str:
    """128 random bits as 32 hexadecimal digits, so that no payload can be guessed from its hash."""
    return secrets.token_hex(16)


def canonical(payload: Mapping[str, object]) -> str:
    """One spelling for one payload: sorted keys, no blanks."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(salt: str, payload: Mapping[str, object]) -> str:
    """The sealed payload: sha256(salt + payload)."""
    return hashlib.sha256((salt + canonical(payload)).encode()).hexdigest()


def link(previous: str, event: str, sealed: str) -> str:
    """The next head of the chain."""
    return hashlib.sha256(f"{previous}\n{event}\n{sealed}".encode()).hexdigest()


def broken_at(entries: Iterable[tuple[int, str, str, Mapping[str, object], str]]) -> int | None:
    """Walk (position, event, salt, payload, head) in order; name the first position that does not hold, or None."""
    head = GENESIS
    for expected, (position, event, salt, payload, stored) in enumerate(entries, start=1):
        head = link(head, event, digest(salt, payload))
        if position != expected or head != stored:
            return expected
    return None
