"""What pages of studies call a state, a deed, a late change and an outcome."""

from collections.abc import Mapping, Sequence

from workbench.records.rules.notices import NoticeKind
from workbench.screening.rules import Design, Outcome
from workbench.studies.queries.history import Done
from workbench.studies.rules import DeedKind, State
from workbench.words import _

SIGNS = {
    State.INCLUDED: "include",
    State.ONGOING: "open",
    State.AWAITING: "unclear",
    State.UNDECIDED: "open",
    State.EXCLUDED: "exclude",
}
"""The sign and colour of each state."""


def state_words() -> Mapping[State, str]:
    """Each state of a study."""
    return {
        State.INCLUDED: _("Included"),
        State.ONGOING: _("Ongoing"),
        State.AWAITING: _("Awaiting classification"),
        State.UNDECIDED: _("Not decided"),
        State.EXCLUDED: _("Excluded"),
    }


def outcome_words() -> Mapping[Outcome | None, str]:
    """Where a report stands at full text."""
    return {
        Outcome.INCLUDED: _("Included"),
        Outcome.EXCLUDED: _("Excluded"),
        Outcome.AWAITING: _("Awaiting classification"),
        Outcome.CONFLICT: _("In conflict"),
        Outcome.PENDING: _("Waits for votes"),
        None: _("Not assessed"),
    }


def design_words() -> Mapping[Design, str]:
    """Each design of a report."""
    return {
        Design.GUIDELINE: _("Guideline"),
        Design.SYSTEMATIC_REVIEW: _("Systematic review"),
        Design.RANDOMISED_TRIAL: _("Randomised trial"),
        Design.NON_RANDOMISED: _("Non-randomised study"),
        Design.OTHER: _("Other design"),
    }


def notice_words(kind: NoticeKind) -> str:
    """A late change, as one says it of a report."""
    return {
        NoticeKind.RETRACTION: _("This report was retracted."),
        NoticeKind.CONCERN: _("The journal expressed concern about this report."),
        NoticeKind.ERRATUM: _("An erratum to this report was printed."),
    }[kind]


def deed_words(done: Done) -> str:
    """What one deed did to the study whose trail is shown."""
    match done.deed.kind:
        case DeedKind.PRIMARY:
            return str(_("named the primary report"))
        case DeedKind.NAME:
            return str(_("named the study"))
        case DeedKind.UNDO:
            return str(_("undid a deed"))
    parts = []
    if done.came:
        words = _("gathered record %(ids)s"), _("gathered records %(ids)s")
        parts.append(words[len(done.came) > 1] % {"ids": _ids(done.came)})
    if done.left:
        words = _("took record %(ids)s out"), _("took records %(ids)s out")
        parts.append(words[len(done.left) > 1] % {"ids": _ids(done.left)})
    return "; ".join(parts) or str(_("changed the study"))


def _ids(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))
