"""What the parts of a protocol are called where people read and write them, and the words for what can be chosen."""

from collections.abc import Mapping

from workbench.protocols.formats import Path
from workbench.words import _

LONG_KEYS = frozenset(
    {"text", "population", "intervention", "comparison", "query", "justification", "condition", "updates", "method"}
    | {"why", "what", "rule", "hits_note", "reason"}
)
"""Keys whose text takes more than one line to write."""


def label(path: Path) -> str:
    """The name of a part: the one it has within its own list or group, else the one it has everywhere."""
    key, parent = _last_names(path)
    words = _labels()
    return words.get(f"{parent}.{key}") or words.get(key) or key.replace("_", " ")


def hint(path: Path) -> str:
    """What helps to fill the field in; empty where its name says it all."""
    key, parent = _last_names(path)
    words = _hints()
    return words.get(f"{parent}.{key}") or words.get(key, "")


def singular(path: Path) -> str:
    """What one entry of a list is called."""
    key, _parent = _last_names(path)
    return _singulars().get(key) or _("entry")


def choice_words(path: Path, value: object) -> str:
    """What a choice is called; itself where there is no other word for it."""
    key, _parent = _last_names(path)
    words = _choices()
    return words.get(f"{key}.{value}") or words.get(str(value)) or str(value)


def _last_names(path: Path) -> tuple[str, str]:
    names = [part for part in path if isinstance(part, str)]
    return (names[-1] if names else "", names[-2] if len(names) > 1 else "")


def _labels() -> Mapping[str, str]:
    return {
        "review": _("Review"),
        "id": _("Short name"),
        "review.id": _("Address of the review"),
        "title": _("Title"),
        "type": _("Kind of review"),
        "updates": _("Plan for updates"),
        "registration": _("Registration"),
        "registry": _("Registry"),
        "registration.id": _("Number"),
        "date": _("Date"),
        "team": _("Team"),
        "name": _("Name"),
        "orcid": _("ORCID"),
        "role": _("Role"),
        "source_document": _("Where this protocol comes from"),
        "provenance": _("How it is known"),
        "questions": _("Questions"),
        "text": _("Text"),
        "questions.text": _("Question"),
        "population": _("Population"),
        "intervention": _("Intervention"),
        "comparison": _("Comparison"),
        "outcomes": _("Outcomes"),
        "importance": _("Importance"),
        "timepoint": _("Point in time"),
        "measure": _("Measure"),
        "study_designs": _("Study designs"),
        "eligibility": _("Criteria"),
        "include": _("Included"),
        "exclude": _("Not included"),
        "highlights.include": _("Words that speak for a record"),
        "highlights.exclude": _("Words that speak against it"),
        "applies_at": _("At the stages"),
        "exclusion_reasons": _("Reasons to exclude"),
        "label": _("Reason"),
        "criterion": _("Criterion it stands for"),
        "concerns": _("Concerns"),
        "limits": _("Limits"),
        "date_field": _("Which date counts"),
        "from": _("From"),
        "to": _("To"),
        "languages": _("Languages"),
        "publication_types": _("Publication types"),
        "other": _("Other limits"),
        "justification": _("Justification"),
        "applied_in": _("Applied in"),
        "box": _("Where a list outside the limits is counted"),
        "screening": _("Screening"),
        "title-abstract": _("Title and abstract"),
        "full-text": _("Full text"),
        "votes": _("Votes per record"),
        "variant": _("Who decides"),
        "check_percent": _("Share of the excluded that is checked, in percent"),
        "senior_in_pair": _("One of each pair is a senior"),
        "seniors": _("Who is a senior"),
        "reasons_asked": _("An exclusion names its reason"),
        "masked": _("Authors, journal and identifiers are hidden"),
        "reasons_at_once": _("Who adjudicates sees the reasons at once"),
        "order": _("Order"),
        "seed": _("Seed of the random order"),
        "voters": _("Who may vote"),
        "adjudicators": _("Who adjudicates"),
        "highlights": _("Highlighted words"),
        "deduplication": _("Deduplication"),
        "software": _("Software"),
        "version": _("Version"),
        "method": _("Method"),
        "scope": _("Scope"),
        "strictness": _("Strictness"),
        "versions": _("Versions of one work"),
        "people": _("People who answer each pair"),
        "steps": _("Search steps"),
        "targets": _("What it looks for"),
        "condition": _("Depends on"),
        "sources": _("Sources"),
        "platform": _("Platform"),
        "vendor": _("Vendor"),
        "url": _("Address on the web"),
        "prisma_lane": _("Lane in the flow diagram"),
        "multi_database": _("Databases searched together"),
        "search_filters": _("Search filters"),
        "citation": _("Citation"),
        "modified": _("Changed for this search"),
        "runs": _("Runs"),
        "searched_on": _("Searched on"),
        "by": _("By"),
        "kind": _("Kind of run"),
        "strategy": _("Strategy"),
        "n": _("Line"),
        "query": _("Search"),
        "hits": _("Hits"),
        "concept": _("Concept"),
        "note": _("Note"),
        "final_line": _("Line that was exported"),
        "interface_version": _("Version of the interface"),
        "database_segment": _("Segment of the database"),
        "hits_reported": _("Hits the database reported"),
        "hits_note": _("Note on the hits"),
        "evidence": _("Evidence of the run"),
        "imports": _("Imports"),
        "difference": _("Difference"),
        "prior_work": _("Earlier searches that were reused"),
        "contacts": _("People and organisations asked"),
        "peer_review": _("Peer review of the search"),
        "done": _("Done"),
        "tool": _("Tool"),
        "amendments": _("Earlier amendments"),
        "what": _("What was changed"),
        "why": _("Why"),
        "path": _("Place in the protocol"),
        "before": _("Before"),
        "after": _("After"),
        "stage": _("When"),
        "known_studies": _("Studies the searches must find"),
        "doi": _("DOI"),
        "pmid": _("PMID"),
        "appraisal": _("Appraisal"),
        "by_design": _("Instrument for each design"),
        "amstar2": _("AMSTAR 2"),
        "critical": _("Critical items"),
        "partial_yes": _("A partial yes counts as"),
        "agree2": _("AGREE II"),
        "appraisers": _("Appraisers"),
        "thresholds": _("Thresholds"),
        "rob1": _("Risk of bias, 2011"),
        "key_domains": _("Key domains"),
        "outcome_groups": _("Groups of outcomes"),
        "rob2": _("Risk of bias 2"),
        "effect": _("Effect of interest"),
        "gates": _("What leads from one step to the next"),
        "tier": _("Tier"),
        "rule": _("Rule"),
        "reason": _("Reason"),
        "schema": _("Form of the file"),
    }


def _hints() -> Mapping[str, str]:
    several = _("One per line.")
    return {
        "review.id": _(
            "Small letters, digits and hyphens, such as vertebral-augmentation. It cannot be changed later."
        ),
        "id": _("Left empty, one is made from the name."),
        "date": _("Such as 2026-05-12, or as much of it as is known."),
        "from": _("A year, month or day: 2009, 2009-05 or 2009-05-31."),
        "to": _("Empty: until today."),
        "languages": _("Codes such as en, da, de or no, one per line. Empty: every language."),
        "searched_on": _("Such as 2026-05-12; before the search, the year in which it is planned."),
        "study_designs": several,
        "publication_types": several,
        "other": several,
        "seniors": _("Roles or addresses, one per line. Empty: the leads."),
        "voters": _("Roles or addresses, one per line. Empty: everybody who may vote."),
        "adjudicators": _("Roles or addresses, one per line. Empty: everybody who may adjudicate."),
        "highlights.include": _("One per line; a * at the end stands for any ending."),
        "highlights.exclude": _("One per line; a * at the end stands for any ending."),
        "multi_database": _("Where one platform searches several at once; one per line."),
        "condition": _("Such as: run for the questions that step 1 does not answer. Empty: always."),
        "questions": _("None chosen: all of them."),
        "applies_at": _("None chosen: both."),
        "prior_work": several,
        "contacts": several,
        "critical": several,
        "key_domains": several,
        "outcome_groups": several,
        "evidence": several,
        "by_design": _("One per line, such as guideline: agree2."),
        "thresholds": _("One per line, such as rigour: 50."),
        "tool": _("Such as PRESS 2015."),
        "hits_reported": _("As the database shows it; empty where it is not known."),
    }


def _singulars() -> Mapping[str, str]:
    return {
        "team": _("person"),
        "questions": _("question"),
        "outcomes": _("outcome"),
        "include": _("criterion"),
        "exclude": _("criterion"),
        "exclusion_reasons": _("reason"),
        "steps": _("step"),
        "sources": _("source"),
        "search_filters": _("filter"),
        "runs": _("run"),
        "strategy": _("line"),
        "amendments": _("amendment"),
        "known_studies": _("study"),
        "gates": _("rule"),
    }


def _choices() -> Mapping[str, str]:
    return {
        "True": _("yes"),
        "False": _("no"),
        "full-dual": _("Two people judge every record (full dual)"),
        "liberal-accelerated": _("One include passes, an exclusion needs two (liberal accelerated; not independent)"),
        "single": _("One person (not independent)"),
        "single-plus-check": _("One person; a second checks a share of the excluded (not independent)"),
        "title-abstract": _("title and abstract"),
        "full-text": _("full text"),
        "variant.full-dual": _("Two people judge every record (full dual)"),
        "outcome-data": _("outcome data alone (MECIR C40: the workbench warns)"),
        "systematic_reviews": _("systematic reviews"),
        "primary_studies": _("primary studies"),
        "any": _("anything"),
        "verbatim": _("as it was run"),
        "reconstructed": _("put together later"),
        "planned": _("planned, not yet run"),
        "citation_backward": _("citation searching, backward"),
        "citation_forward": _("citation searching, forward"),
        "handsearch": _("searching by hand"),
        "browse": _("browsing"),
        "prisma_lane.database": _("database"),
        "prisma_lane.register": _("register"),
        "prisma_lane.website": _("website (other methods)"),
        "prisma_lane.organisation": _("organisation (other methods)"),
        "prisma_lane.citation": _("citation searching (other methods)"),
        "prisma_lane.other": _("other (other methods)"),
        "box.automation": _("marked as ineligible by automation tools"),
        "box.other": _("removed for other reasons: outside limits"),
        "as-imported": _("as imported"),
        "newest": _("newest first"),
        "order.title": _("by title"),
        "across_all_steps": _("across all steps"),
        "within_step": _("within each step"),
        "before_screening": _("before screening"),
        "during_screening": _("during screening"),
        "after_screening": _("after screening"),
        "noncritical_weakness": _("a weakness that is not critical"),
        "assignment": _("of assignment"),
        "adhering": _("of adhering"),
    }
