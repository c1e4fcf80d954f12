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


def field_words() -> Mapping[str, str]:
    """Each field of a report."""
    return {
        "title": _("Title"), "original_title": _("Original title"), "authors": _("Authors"), "year": _("Year"),
        "date": _("Date"), "journal": _("Journal"), "journal_abbreviation": _("Abbreviated journal"),
        "volume": _("Volume"), "issue": _("Issue"), "pages": _("Pages"), "doi": _("DOI"), "pmid": _("PubMed number"),
        "pmcid": _("PubMed Central number"), "embase_id": _("Embase number"), "cochrane_id": _("Cochrane number"),
        "registry_ids": _("Trial numbers"), "issn": _("ISSN"), "isbn": _("ISBN"), "abstract": _("Abstract"),
        "keywords": _("Keywords"), "subject_headings": _("Subject headings"), "languages": _("Language"),
        "publication_types": _("Publication types"), "databases": _("Databases"), "urls": _("Links"),
        "kind": _("Kind"),
    }  # fmt: skip
