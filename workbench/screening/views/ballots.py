"""A ballot as it is sent: by the desk's module as JSON, with a key of its own, or by a form without script."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from workbench.errors import Invalid, NotAllowed
from workbench.reviews.models import Member
from workbench.screening.rules import Ballot, Decision, Design, Wish
from workbench.screening.service.team import LONGEST_TAG, MOST_TAGS
from workbench.words import _

LONGEST_NOTE = 10_000
MOST_SKIPPED = 200
LARGEST_ID = 2**53
LAST_PAGE = 100_000


class UnreadableBallot(Invalid):
    """A ballot names its record, what it says of it, and a key of its own."""

    hint = "Load the page again. Nothing was changed."


class NoteTooLong(Invalid):
    """A note has at most 10 000 characters, a vote at most 20 tags of 80."""


class OtherAccount(NotAllowed):
    """A vote that was kept in a browser is sent by the person who gave it, and by nobody else."""

    hint = "Sign in again as the person who voted; the votes are kept until then."


@dataclass(frozen=True)
class Sent:
    """One ballot on its way: the record it is on, what it says, and the key that makes it one vote."""

    record_id: int
    ballot: Ballot
    key: str


def from_json(payload: object, reviewer: Member) -> Sent:
    """Read a ballot from the desk's module.

    Raises:
        UnreadableBallot: a part is missing or is of the wrong kind.
        OtherAccount: somebody else gave this vote in the same browser.
    """
    if not isinstance(payload, Mapping):
        raise UnreadableBallot(_("This vote cannot be read."))
    if payload.get("reviewer", reviewer.id) != reviewer.id:
        raise OtherAccount(_("This vote was given under another account."))
    return Sent(_number(payload.get("record")), _ballot(payload), key_of(payload))


def from_form(form: MultiDict[str, str], key: str) -> Sent:
    """Read a ballot from a form; a button of a reason alone says exclude."""
    return Sent(_number(form.get("record")), ballot_from(form), key)


def record_in(form: MultiDict[str, str]) -> int:
    """The record that a form names."""
    return _number(form.get("record"))


def form_key(form: MultiDict[str, str]) -> str:
    """The key of a form, so that it is one deed however often it is sent; a form without one is a deed of its own."""
    return form.get("key", "")[:80] or secrets.token_hex(12)


def ballot_from(form: MultiDict[str, str]) -> Ballot:
    """Read what a form says of a record, or of a list of them."""
    values: dict[str, Any] = form.to_dict()
    values["decision"] = values.get("decision") or (Decision.EXCLUDE.value if values.get("reason") else "")
    values["questions"] = form.getlist("questions")
    values["tags"] = values.get("tags", "").split(",")
    return _ballot(values)


def tags_from(value: object) -> tuple[str, ...]:
    """Tags as they were typed, each once, without blanks around them."""
    return tuple(dict.fromkeys(_texts(value, MOST_TAGS)))


def put_off_from(payload: object, reviewer: Member) -> tuple[int, str, bool]:
    """A record that is put off, or called back: its number, the key, and whether it is called back."""
    if not isinstance(payload, Mapping):
        raise UnreadableBallot(_("This request cannot be read."))
    if payload.get("reviewer", reviewer.id) != reviewer.id:
        raise OtherAccount(_("This was done under another account."))
    return _number(payload.get("record")), key_of(payload), payload.get("decision") == "back"


def skipped(payload: object) -> list[int]:
    """The records that the desk holds already, from its request for more."""
    wanted = payload.get("skip", []) if isinstance(payload, Mapping) else None
    if not isinstance(wanted, list) or len(wanted) > MOST_SKIPPED:
        raise UnreadableBallot(_("This request cannot be read."))
    return [_number(one) for one in wanted]


def key_of(payload: object) -> str:
    """The key that makes what a module sent one deed, however often it arrives."""
    key = payload.get("key") if isinstance(payload, Mapping) else None
    if not isinstance(key, str) or not re.fullmatch(r"[\w.:-]{8,80}", key):
        raise UnreadableBallot(_("This vote has no key."))
    return key


def listed(text: str) -> list[int]:
    """Record numbers with commas between them, as an address or a form carries a list."""
    numbers = [_number(one) for one in text.split(",") if one]
    if len(numbers) > MOST_SKIPPED:
        raise UnreadableBallot(_("This request cannot be read."))
    return numbers


def wish_from(values: object, *, masked: bool) -> Wish:
    """What the own queue is narrowed to, from an address or the desk's module; what makes no sense asks for nothing.

    Where a stage masks the sources, none is looked for either.
    """
    told = values if isinstance(values, Mapping) else {}
    text = {name: " ".join(str(told.get(name) or "").replace("\0", "").split())[:200] for name in Wish.__annotations__}
    number = {name: int(text[name]) if re.fullmatch(r"[0-9]{1,9}", text[name]) else None for name in text}
    return Wish(
        words=text["words"], term=text["term"], first_year=number["first_year"], last_year=number["last_year"],
        run_id=None if masked else number["run_id"],
        language=text["language"] if re.fullmatch(r"[\w-]{1,20}", text["language"]) else "",
        no_abstract=bool(text["no_abstract"]),
    )  # fmt: skip


def _ballot(values: Mapping[str, Any]) -> Ballot:
    decision = _one_of(Decision, values.get("decision"))
    if decision is Decision.WITHDRAWN:
        return Ballot(decision)
    reason, design = values.get("reason"), values.get("design")
    return Ballot(
        decision,
        reason_id=_number(reason) if reason and decision is Decision.EXCLUDE else None,
        questions=tuple(sorted(set(_texts(values.get("questions"), 100)))) if decision is Decision.INCLUDE else (),
        design=_one_of(Design, design) if design and decision is Decision.INCLUDE else None,
        note=_note(values.get("note")),
        private_note=_note(values.get("private_note")),
        tags=tags_from(values.get("tags")),
        **_passage(values),
    )


def _passage(values: Mapping[str, Any]) -> dict[str, Any]:
    """The page and the words that a decision rests on, and the file that has them; each may be left out."""
    page, quote = values.get("page"), _note(values.get("quote"))
    if page in (None, ""):
        return {"quote": quote}
    number = _number(page)
    if not 1 <= number <= LAST_PAGE:
        raise UnreadableBallot(_("“%(page)s” is no page.", page=page), _("Leave it empty, or give its number."))
    file = values.get("quoted_from")
    return {"page": number, "quote": quote, "quoted_from": _number(file) if file else None}


def _number(value: object) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > LARGEST_ID:
        raise UnreadableBallot(_("This vote names no record or reason that could be found."))
    return int(text)


def _one_of(words: Any, value: object) -> Any:
    if not isinstance(value, str) or value not in set(words):
        raise UnreadableBallot(_("Say include, unclear or exclude."), "Choose one of the three verdicts.")
    return words(value)


def _note(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise UnreadableBallot(_("A note is a text."))
    text = (value or "").replace("\x00", "").strip()
    if len(text) > LONGEST_NOTE:
        raise NoteTooLong(_("This note has more than %(n)s characters.", n=LONGEST_NOTE))
    return text or None


def _texts(value: object, most: int) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UnreadableBallot(_("Tags and questions are lists of words."))
    found = [text for one in value if (text := one.replace("\x00", "").strip())]
    if len(found) > most or any(len(one) > LONGEST_TAG for one in found):
        raise NoteTooLong(_("These are too many tags, or one of them is too long."))
    return found
