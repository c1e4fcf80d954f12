"""An answer to a pair as it is sent: by the page's module as JSON, with a key of its own, or by a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.deduplication.models import Answer, LinkKind
from workbench.deduplication.queries import Pair
from workbench.deduplication.service import Link, LinkUnclear
from workbench.errors import Invalid, NotAllowed
from workbench.records.queries import NoSuchRecord
from workbench.reviews.models import Member
from workbench.words import _

WITHDRAWN = "withdrawn"
LARGEST_ID = 2**53
MOST_SKIPPED = 200
_KEY = re.compile(r"[\w.:-]{8,40}")


class NoSuchAnswer(Invalid):
    """A pair of records is answered with same report, two reports, linked or later."""

    hint = "Go back to the pair and press one of the buttons."


class UnreadableAnswer(Invalid):
    """An answer names its pair, what it says of it, and a key of its own."""

    hint = "Load the page again. Nothing was changed."


class OtherAccount(NotAllowed):
    """An answer that was kept in a browser is sent by the person who gave it, and by nobody else."""

    hint = "Sign in again as the person who answered; the answers are kept until then."


@dataclass(frozen=True)
class Sent:
    """One answer on its way; `taken_back` is the key of an earlier one, where that is taken back instead."""

    key: str | None
    pair: Pair = (0, 0)
    answer: Answer = Answer.LATER
    link: Link | None = None
    taken_back: str | None = None


def from_json(payload: object, member: Member) -> Sent:
    """Read an answer from the page's module.

    Raises:
        UnreadableAnswer: a part is missing or is of the wrong kind.
        OtherAccount: somebody else gave this answer in the same browser.
    """
    if not isinstance(payload, Mapping):
        raise UnreadableAnswer(_("This answer cannot be read."))
    if payload.get("reviewer", member.id) != member.id:
        raise OtherAccount(_("This answer was given under another account."))
    if payload.get("answer") == WITHDRAWN:
        return Sent(None, taken_back=_key(payload.get("act")))
    return read(payload, _key(payload.get("key")))


def read(values: Mapping[str, Any], key: str | None) -> Sent:
    """Read the pair, the answer and its link from the values of a form or of a request.

    Raises:
        NoSuchAnswer, LinkUnclear, NoSuchRecord: as their names say.
    """
    said = values.get("answer")
    if not isinstance(said, str) or said not in set(Answer):
        raise NoSuchAnswer(_("“%(answer)s” is no answer to a pair.", answer=str(said)[:40]))
    answer = Answer(said)
    link = _link(values) if answer is Answer.LINKED else None
    return Sent(key, (number(values.get("first")), number(values.get("second"))), answer, link)


def form_key(text: str | None) -> str | None:
    """The key that a form carries, where it is one."""
    return text if text and _KEY.fullmatch(text) else None


def skipped(payload: object) -> list[Pair]:
    """The pairs that the page holds already, from its request for more."""
    wanted = payload.get("skip", []) if isinstance(payload, Mapping) else None
    if not isinstance(wanted, list) or len(wanted) > MOST_SKIPPED:
        raise UnreadableAnswer(_("This request cannot be read."))
    return [_pair(one) for one in wanted]


def number(value: object) -> int:
    """The id of a record, as it was sent."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > LARGEST_ID:
        raise NoSuchRecord(_("The form names no record of this review."))
    return int(text)


def _pair(value: object) -> Pair:
    low, dash, high = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash:
        raise UnreadableAnswer(_("This request cannot be read."))
    return number(low), number(high)


def _link(values: Mapping[str, Any]) -> Link:
    kind = values.get("link")
    if not isinstance(kind, str) or kind not in set(LinkKind):
        raise LinkUnclear(_("This answer does not say what kind of link it is."))
    return Link(LinkKind(kind), number(values.get("pointing")))


def _key(value: object) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise UnreadableAnswer(_("This answer has no key."))
    return value
