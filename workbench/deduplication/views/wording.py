"""What pages of duplicates call an answer and a link."""

from collections.abc import Mapping

from workbench.deduplication.models import Answer, LinkKind
from workbench.words import _


def link_words() -> Mapping[str, str]:
    """Each kind of link, in the order of its key, as one says what the first record is of the second."""
    return {
        LinkKind.VERSION_OF.value: _("a newer version of"),
        LinkKind.ERRATUM_OF.value: _("an erratum of"),
        LinkKind.RETRACTION_OF.value: _("a retraction of"),
        LinkKind.COMMENT_ON.value: _("a comment on"),
        LinkKind.ABSTRACT_OF.value: _("a congress abstract of"),
        LinkKind.PREPRINT_OF.value: _("a preprint of"),
        LinkKind.SAME_TRIAL.value: _("of the same trial as"),
    }


def answer_words() -> Mapping[str, str]:
    """Each answer to a pair."""
    return {
        Answer.SAME.value: _("same report"),
        Answer.TWO.value: _("two reports"),
        Answer.LINKED.value: _("linked"),
        Answer.LATER.value: _("later"),
    }
