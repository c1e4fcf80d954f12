"""The sums a PRISMA 2020 flow must keep (R1–R15), each true, false or not checked, and what marks a draft.

R16 to R18 are about search runs, questions and links: they are held where those live, not in the numbers of one flow.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal

from workbench.reporting.rules.flow import (
    COUNTS,
    INCLUDED,
    META_ANALYSIS,
    OPEN,
    OTHER_ASIDE,
    PREVIOUS,
    SPECIFIC,
    TOTALS,
    Flow,
    Template,
    total,
)
from workbench.words import _

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Equation:
    """One rule applied to one flow: `holds` is None where a member is not known, and then it does not fail."""

    id: str
    severity: Severity
    holds: bool | None
    left: int | None
    right: int | None
    text: str
    detail: bool = False
    """Whether it is not checked only because a detail the template does not ask for was never given."""

    def as_dict(self) -> dict[str, object]:
        """Give what `prisma check --json` prints."""
        return {key: value for key, value in asdict(self).items() if key != "detail"}


@dataclass(frozen=True, slots=True)
class _Term:
    """One number in a sum, with the words it is read out with; a quiet term is left out while it is 0."""

    key: str
    n: int | None
    words: str
    sign: int = 1
    quiet: bool = False


def equations(flow: Flow) -> list[Equation]:
    """Check every rule that applies to the flow's template, in the order of their numbers.

    The rules are those of PRISMA 2020 (Page et al., BMJ 2021;372:n71) read as sums: R6 applies where other methods
    were used, R12 where a previous version of the review is known and not empty, R8 where a total stands beside the
    reasons, R13 where a meta-analysis is reported.
    """
    template = flow.template
    checks = [*_sources(flow), _screened(flow), _sought(flow), _assessed(flow)]
    if template.has_other_methods:
        checks += [_other_identified(flow), _other_assessed(flow)]
    checks += [*_reasons(flow), _reports(flow, template), *_studies_and_reports(flow, template)]
    if template.is_update:
        checks += [_with_previous(flow, "studies"), _with_previous(flow, "reports")]
    if flow["total_studies_ma"] is not None:
        checks.append(_meta_analysis(flow, template))
    return [*checks, _whole_numbers(flow), _nothing_open(flow)]


def is_draft(flow: Flow, checks: Iterable[Equation] | None = None) -> bool:
    """Say whether work remains: something is open, or a number that the diagram shows is not known.

    A list that was never given (numbers per database, what was put aside among other methods) is named as not
    checked and makes no draft: the template does not ask for it.
    """
    return any(
        (check.id == "R15" and not check.holds) or (check.holds is None and not check.detail)
        for check in (equations(flow) if checks is None else checks)
    )


def _sources(flow: Flow) -> Iterator[Equation]:
    """R1, R2: records from databases (registers) are the sum over each of them."""
    said = {
        "R1": (_("%(n)s records from databases"), _("the numbers per database add up to %(right)s")),
        "R2": (_("%(n)s records from registers"), _("the numbers per register add up to %(right)s")),
    }
    for rule, key, listed in zip(("R1", "R2"), ("database_results", "register_results"), SPECIFIC, strict=True):
        whole = _Term(key, flow[key], said[rule][0])
        yield _compared_with_list(flow, rule, whole, listed, said[rule][1])


def _reasons(flow: Flow) -> Iterator[Equation]:
    """R8: reports excluded at full text are the sum over the reasons, one primary reason each."""
    for key, sum_key in TOTALS.items():
        if flow.lists[key] is not None and flow[sum_key] is not None:
            whole = _Term(sum_key, flow[sum_key], _("%(n)s reports excluded"))
            yield _compared_with_list(flow, "R8", whole, key, _("the reasons add up to %(right)s"))


def _compared_with_list(flow: Flow, rule: str, whole: _Term, listed: str, says: str) -> Equation:
    """Compare a total with the sum of its parts."""
    given = flow.lists[listed]
    parts = None if given is None else total(given.values())
    missing = [whole.key] * (whole.n is None) + [listed] * (parts is None)
    if missing:
        check = _not_checked(rule, whole.n, parts, missing)
        return replace(check, detail=given is None and whole.n is not None)
    holds = parts == whole.n
    joined = _(", and %(whole)s") if holds else _(", but %(whole)s")
    text = says % {"right": parts} + joined % {"whole": whole.words % {"n": whole.n}}
    return _checked(rule, holds, whole.n, parts, text)


def _screened(flow: Flow) -> Equation:
    """R3: what is identified, less what is removed before screening, is screened."""
    return _balance("R3", [
        _Term("database_results", flow["database_results"], _("%(n)s from databases")),
        _Term("register_results", flow["register_results"], _("%(n)s from registers")),
        _Term("duplicates", flow["duplicates"], _("%(n)s duplicates"), -1),
        _Term("excluded_automatic", flow["excluded_automatic"], _("%(n)s by automation"), -1),
        _Term("excluded_other", flow["excluded_other"], _("%(n)s for other reasons"), -1),
    ], [_Term("records_screened", flow["records_screened"], _("%(n)s records screened"))])  # fmt: skip


def _sought(flow: Flow) -> Equation:
    """R4: screened records that are neither excluded nor open become reports sought, one to one."""
    return _balance("R4", [
        _Term("records_screened", flow["records_screened"], _("%(n)s screened")),
        _Term("records_excluded", flow["records_excluded"], _("%(n)s excluded"), -1),
        _Term("records_undecided", flow["records_undecided"], _("%(n)s undecided"), -1, quiet=True),
    ], [_Term("dbr_sought_reports", flow["dbr_sought_reports"], _("%(n)s reports sought"))])  # fmt: skip


def _assessed(flow: Flow) -> Equation:
    """R5: reports sought that are neither missing nor awaited are assessed."""
    return _balance("R5", *_retrieval(flow, "dbr"))


def _other_assessed(flow: Flow) -> Equation:
    """R6, second half: the same for reports found by other methods."""
    return _balance("R6", *_retrieval(flow, "other"))


def _retrieval(flow: Flow, lane: str) -> tuple[list[_Term], list[_Term]]:
    """Write sought − not retrieved − awaited = assessed for one lane."""
    sought, missing, awaited, assessed = (
        f"{lane}_{word}" for word in ("sought_reports", "notretrieved_reports", "awaited", "assessed")
    )
    return [
        _Term(sought, flow[sought], _("%(n)s sought")),
        _Term(missing, flow[missing], _("%(n)s not retrieved"), -1),
        _Term(awaited, flow[awaited], _("%(n)s awaited"), -1, quiet=True),
    ], [_Term(assessed, flow[assessed], _("%(n)s reports assessed"))]


def _other_identified(flow: Flow) -> Equation:
    """R6, first half: what other methods found is put aside, sought or still open.

    The template has no box for what is put aside; where none of it is given, the sum is a detail.
    """
    check = _balance("R6", [
        _Term("website_results", flow["website_results"], _("%(n)s from websites")),
        _Term("organisation_results", flow["organisation_results"], _("%(n)s from organisations")),
        _Term("citations_results", flow["citations_results"], _("%(n)s from citation searching")),
        _Term("other_results", flow["other_results"], _("%(n)s from elsewhere")),
    ], [
        _Term("other_duplicates", flow["other_duplicates"], _("%(n)s duplicates")),
        _Term("other_not_eligible", flow["other_not_eligible"], _("%(n)s not eligible")),
        _Term("other_sought_reports", flow["other_sought_reports"], _("%(n)s reports sought")),
        _Term("other_records_undecided", flow["other_records_undecided"], _("%(n)s undecided"), quiet=True),
    ])  # fmt: skip
    boxes = ("website_results", "organisation_results", "citations_results", "other_sought_reports")
    none_aside = all(flow[key] is None for key in OTHER_ASIDE) and all(flow[key] is not None for key in boxes)
    return replace(check, detail=none_aside)


def _reports(flow: Flow, template: Template) -> Equation:
    """R10: every report assessed is excluded, undecided, included, awaiting classification or ongoing.

    In the diagram of one question a report may be included for another question only (R17).
    """
    left = _assessed_terms(flow, "dbr", "dbr_excluded")
    if template.has_other_methods:
        left += _assessed_terms(flow, "other", "other_excluded")
    return _balance("R10", left, [
        _Term("new_reports", flow["new_reports"], _("%(n)s reports included")),
        _Term("awaiting_classification", flow["awaiting_classification"],
              _("%(n)s awaiting classification"), quiet=True),
        _Term("ongoing", flow["ongoing"], _("%(n)s ongoing"), quiet=True),
        _Term("included_other_question", flow["included_other_question"],
              _("%(n)s included for another question only"), quiet=True),
    ])  # fmt: skip


def _assessed_terms(flow: Flow, lane: str, excluded: str) -> list[_Term]:
    """Write assessed − excluded − undecided for one lane."""
    words = _("%(n)s assessed") if lane == "dbr" else _("%(n)s assessed from other methods")
    return [
        _Term(f"{lane}_assessed", flow[f"{lane}_assessed"], words),
        _Term(excluded, flow.excluded(excluded), _("%(n)s excluded"), -1),
        _Term(f"{lane}_undecided", flow[f"{lane}_undecided"], _("%(n)s undecided"), -1, quiet=True),
    ]


def _studies_and_reports(flow: Flow, template: Template) -> Iterator[Equation]:
    """R11: a study has at least one report."""
    for which in ("new", "total") if template.is_update else ("new",):
        studies = _Term(f"{which}_studies", flow[f"{which}_studies"], _("%(n)s studies"))
        reports = _Term(f"{which}_reports", flow[f"{which}_reports"], _("%(n)s reports"))
        yield _at_most("R11", "error", studies, reports)


def _with_previous(flow: Flow, what: Literal["studies", "reports"]) -> Equation:
    """R12: what the previous version held and what is new make the total."""
    whole = _("%(n)s studies in total") if what == "studies" else _("%(n)s reports in total")
    return _balance("R12", [
        _Term(f"previous_{what}", flow[f"previous_{what}"], _("%(n)s previous")),
        _Term(f"new_{what}", flow[f"new_{what}"], _("%(n)s new")),
    ], [_Term(f"total_{what}", flow[f"total_{what}"], whole)])  # fmt: skip


def _meta_analysis(flow: Flow, template: Template) -> Equation:
    """R13: a meta-analysis holds no more studies than the review."""
    key = "total_studies" if template.is_update else "new_studies"
    pooled = _Term("total_studies_ma", flow["total_studies_ma"], _("%(n)s studies in the meta-analysis"))
    return _at_most("R13", "warning", pooled, _Term(key, flow[key], _("%(n)s studies in the review")))


def _whole_numbers(flow: Flow) -> Equation:
    """R14: every number is whole and not below 0."""
    listed = {f"{key}: {name}": n for key in flow.lists for name, n in flow.listed(key).items()}
    wrong = dict(flow.not_whole)
    wrong |= {key: str(n) for key, n in (dict(flow.counts) | listed).items() if n is not None and n < 0}
    cases = "; ".join(f"{key} = {value}" for key, value in wrong.items())
    says = _("%(cases)s, but numbers are whole and not below 0", cases=cases) if wrong else _("all numbers are whole")
    return _checked("R14", not wrong, len(wrong), 0, says)


def _nothing_open(flow: Flow) -> Equation:
    """R15: what is not decided yet makes the diagram a draft."""
    if open_numbers := flow.open_numbers:
        cases = ", ".join(f"{key} = {n}" for key, n in open_numbers.items())
        says = _("%(cases)s; the diagram is a draft", cases=cases)
        return _checked("R15", False, sum(open_numbers.values()), 0, says, "warning")
    if missing := [key for key in OPEN if flow[key] is None]:
        return _not_checked("R15", None, 0, missing, "warning")
    return _checked("R15", True, 0, 0, _("nothing is open"), "warning")


def _balance(rule: str, left: list[_Term], right: list[_Term]) -> Equation:
    """Compare two sums."""
    sum_left, sum_right = (
        total(None if term.n is None else term.sign * term.n for term in side) for side in (left, right)
    )
    if missing := [term.key for term in (*left, *right) if term.n is None]:
        return _not_checked(rule, sum_left, sum_right, missing)
    if sum_left == sum_right:
        return _checked(rule, True, sum_left, sum_right, f"{_read_out(left)} = {_read_out(right)}")
    says = _("%(left)s, but %(right)s", left=_with_result(left), right=_with_result(right))
    return _checked(rule, False, sum_left, sum_right, says)


def _at_most(rule: str, severity: Severity, part: _Term, whole: _Term) -> Equation:
    """Compare a number with the most it can be."""
    if part.n is None or whole.n is None:
        return _not_checked(rule, part.n, whole.n, [t.key for t in (part, whole) if t.n is None], severity)
    words = {"part": part.words % {"n": part.n}, "whole": whole.words % {"n": whole.n}}
    holds = part.n <= whole.n
    text = _("%(part)s, %(whole)s", **words) if holds else _("%(part)s, but only %(whole)s", **words)
    return _checked(rule, holds, part.n, whole.n, text, severity)


def _read_out(terms: list[_Term]) -> str:
    """Read a sum out: `1873 screened − 1840 excluded`."""
    said = [term for term in terms if term.n or not term.quiet]
    return " ".join(("− " if term.sign < 0 else "+ ") + term.words % {"n": term.n} for term in said).removeprefix("+ ")


def _with_result(terms: list[_Term]) -> str:
    """Read a sum out with what it comes to; one number alone needs no result."""
    said = [term for term in terms if term.n or not term.quiet]
    result = sum(term.sign * (term.n or 0) for term in said)
    return _read_out(terms) if len(said) == 1 else f"{_read_out(terms)} = {result}"


def _checked(
    rule: str, holds: bool, left: int | None, right: int | None, says: str, severity: Severity = "error"
) -> Equation:
    """Say that a rule holds or fails, with its numbers."""
    sentence = _("%(rule)s holds: %(says)s") if holds else _("%(rule)s fails: %(says)s")
    return Equation(rule, severity, holds, left, right, sentence % {"rule": rule, "says": says})


def _not_checked(
    rule: str, left: int | None, right: int | None, missing: Iterable[str], severity: Severity = "error"
) -> Equation:
    """Say which numbers a rule lacks."""
    sentence = _("%(rule)s is not checked, since not known: %(keys)s", rule=rule, keys=", ".join(missing))
    return Equation(rule, severity, None, left, right, sentence)


def unknown_keys(flow: Flow) -> list[str]:
    """Name the numbers that the flow's template shows and that are not known."""
    template = flow.template
    hidden = {*OTHER_ASIDE, *META_ANALYSIS, *TOTALS.values()}
    if not template.is_update:
        hidden |= {*PREVIOUS, *INCLUDED[2:]}
    if not template.has_other_methods:
        hidden |= {key for key in COUNTS if key.startswith(("other_", "website", "organisation", "citations"))}
    excluded = ["dbr_excluded", *(["other_excluded"] if template.has_other_methods else [])]
    return [key for key in COUNTS if key not in hidden and flow[key] is None] + [
        key for key in excluded if flow.excluded(key) is None
    ]
