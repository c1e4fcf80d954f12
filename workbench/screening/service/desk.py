"""What one sets up at the own desk: records put off, words to mark, keys. It is nobody else's business.

Only what changes everybody's desk leaves an entry in the trail: an entry on what one person puts off or marks would
tell others of that person's doubts (B1), and the rows themselves say when.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.protocols.queries import plan_in_force
from workbench.protocols.rules import Highlights, is_markable
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import TermsSaved
from workbench.screening.models import DeskKeys, Postponement, TermList
from workbench.screening.queries import desk as queries
from workbench.screening.queries import votes
from workbench.screening.rules import WORKBENCH_KEYS, is_key, unusable_keys
from workbench.screening.service.voting import KeyUsed
from workbench.words import _

MOST_TERMS = 200


class UnusableKeys(Invalid):
    """Each deed of the desk has a key of its own: one letter or sign, no number."""

    hint = "Numbers stay with the exclusion reasons."


class UnmarkableTerm(Invalid):
    """A word to mark has at least two letters; a * may stand at its end."""

    hint = "Write one per line; a * at the end stands for any ending."


class ListChanged(Clash):
    """A list of words is saved by one person after the other."""

    hint = "Your words are still in the form below. Compare them with the list as it is now, then save again."


def postpone(session: Session, reviewer: Member, record_id: int, stage: Stage, key: str) -> Postponement:
    """Put a record off to the end of one's own queue; the same key twice is one postponement."""
    allowed(reviewer.roles, Deed.VOTE, stage)
    sent = queries.postponement_by_key(session, reviewer, key)
    if sent is not None:
        if (sent.record_id, sent.stage) != (record_id, stage):
            raise KeyUsed(_("This key belongs to another record."))
        return sent
    votes.screenable(session, reviewer.review_id, record_id)
    call_back(session, reviewer, record_id, stage)
    made = Postponement(
        record_id=record_id, stage=stage, reviewer_id=reviewer.id, idempotency_key=key, postponed_at=now()
    )
    session.add(made)
    session.flush()
    return made


def call_back(session: Session, reviewer: Member, record_id: int, stage: Stage) -> None:
    """Let a record that one put off stand in the queue where it stood."""
    allowed(reviewer.roles, Deed.VOTE, stage)
    for one in queries.put_off(session, reviewer, stage, record_id):
        one.ended_at = now()
    session.flush()


def save_terms(session: Session, member: Member, terms: Highlights, known: int, *, for_review: bool) -> TermList:
    """Save the words that are marked: one's own, or for the whole review.

    Args:
        session: the transaction this is part of.
        member: who saves.
        terms: the whole list, as it is from now on.
        known: the list that the person looked at (0: none); a list that was saved since then is not overwritten.
        for_review: whether everybody's desk marks them.
    """
    allowed(member.roles, Deed.RUN_STAGE if for_review else Deed.VOTE)
    now_there = queries.terms_of(session, member, plan_in_force(session, member.review_id))
    if known != (now_there.review_list if for_review else now_there.own_list):
        raise ListChanged(_("This list was saved meanwhile, by you or by somebody else."))
    cleaned = clean(terms)
    made = TermList(
        review_id=member.review_id, member_id=None if for_review else member.id, include=list(cleaned.include),
        exclude=list(cleaned.exclude), pico=list(cleaned.pico), saved_by=member.id, saved_at=now(),
    )  # fmt: skip
    session.add(made)
    if for_review:
        n = len(cleaned.include) + len(cleaned.exclude) + len(cleaned.pico)
        audit.record(session, member.review_id, member.id, TermsSaved(n))
    session.flush()
    return made


def clean(terms: Highlights) -> Highlights:
    """The words without blanks around them, each once.

    Raises:
        UnmarkableTerm: one cannot be marked, stands on two lists, or there are too many.
    """
    cleaned = Highlights(_each_once(terms.include), _each_once(terms.exclude), _each_once(terms.pico))
    seen: set[str] = set()
    for term in (*cleaned.include, *cleaned.exclude, *cleaned.pico):
        if not is_markable(term):
            raise UnmarkableTerm(_("“%(term)s” cannot be marked in a text.", term=term[:60]))
        if term.casefold() in seen:
            raise UnmarkableTerm(_("“%(term)s” stands on two lists.", term=term), "Keep it on one.")
        seen.add(term.casefold())
    if len(seen) > MOST_TERMS:
        raise UnmarkableTerm(_("These are more than %(n)s words.", n=MOST_TERMS), "Keep those that tell records apart.")
    return cleaned


def _each_once(terms: Sequence[str]) -> tuple[str, ...]:
    """Each once, whatever its case, as it was written first."""
    spelt = (" ".join(term.replace("\0", "").split()) for term in reversed(terms))
    by_word = {term.casefold(): term for term in spelt if term}
    return tuple(reversed(by_word.values()))


def save_keys(session: Session, person: Member, keys: Mapping[str, str], *, are_on: bool) -> DeskKeys:
    """Keep the keys of one person, for every desk and every device.

    Raises:
        UnusableKeys: a deed has no key, a number, or the key of another deed.
    """
    chosen = {deed: keys.get(deed, "").strip().casefold() for deed in WORKBENCH_KEYS}
    if faulty := unusable_keys(chosen):
        same = [deed for deed in faulty if is_key(chosen[deed])]
        raise UnusableKeys(
            _("Two deeds have the same key: “%(key)s”.", key=chosen[same[0]]) if same
            else _("“%(key)s” cannot be a key.", key=chosen[faulty[0]][:20])
        )  # fmt: skip
    kept = session.get(DeskKeys, person.user_id) or DeskKeys(user_id=person.user_id)
    kept.keys, kept.are_on, kept.saved_at = chosen, are_on, now()
    session.add(kept)
    session.flush()
    return kept
