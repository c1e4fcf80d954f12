"""The protocol as people read it: its stage rules in words, what an amendment changed, and the file with its log."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML

from workbench.protocols.rules import StagePlan, plan_part
from workbench.words import _


@dataclass(frozen=True, slots=True)
class RunLog:
    """What one run brought, as the file says it: hits, imports, and the difference with its reason."""

    source: str
    searched_on: str
    hits: int | None = None
    imports: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    difference: int | None = None
    reason: str | None = None


def with_log(source: str, log: Mapping[str, RunLog]) -> str:
    """The protocol file as it was uploaded, comments and all, with the log of its runs (by short name) written in.

    A run that was documented later stands at the end of its source's runs.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.representer.add_representer(type(None), _null)
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(source)
    _write_log(document, log)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _null(representer: Any, _value: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _write_log(document: Any, log: Mapping[str, RunLog]) -> None:
    written = {run["id"] for source in _sources(document) for run in source.get("runs") or []}
    for source in _sources(document):
        for run in source.get("runs") or []:
            _write_run(run, log.get(run["id"]))
        for code, entry in log.items():
            if entry.source == source["id"] and code not in written:
                source.setdefault("runs", []).append(_write_run({"id": code, "searched_on": entry.searched_on}, entry))


def _sources(document: Any) -> Iterator[Any]:
    return (source for step in document["steps"] for source in step["sources"])


def _write_run(run: Any, entry: RunLog | None) -> Any:
    """Write the facts of the house over what the file said; what the house does not know it leaves as it was."""
    if entry is None:
        return run
    if entry.hits is not None:
        run["hits_reported"] = entry.hits
    for key in ("imports", "difference"):
        run.pop(key, None)
    if entry.imports:
        run["imports"] = [dict(one) for one in entry.imports]
    if entry.difference and entry.reason:
        run["difference"] = {"n": entry.difference, "reason": entry.reason}
    return run


def stage_words(rule: StagePlan) -> list[str]:
    """The rule of one stage as sentences, for the protocol's page and the methods text."""
    said = [_votes(rule)]
    if rule.senior_in_pair:
        said.append(_("One of each pair is a senior."))
    if rule.voters:
        said.append(_("Votes are given by: %(who)s.", who=", ".join(rule.voters)))
    if rule.adjudicators:
        said.append(_("Disagreements that remain are decided by: %(who)s.", who=", ".join(rule.adjudicators)))
    said.append(_("An exclusion names its reason.") if rule.reasons_asked else _("An exclusion names no reason."))
    if rule.masked:
        said.append(_("Authors, journal, identifiers and links are hidden."))
    if rule.reasons_at_once:
        said.append(_("Whoever adjudicates sees the reasons at once."))
    said.append(_order(rule.order))
    return said


def _votes(rule: StagePlan) -> str:
    return {
        "full-dual": _("Two people judge every record, independently of each other."),
        "liberal-accelerated": _("One include or unclear passes; an exclusion needs two people."),
        "single": _("One person judges every record."),
        "single-plus-check": _(
            "One person judges every record; a second checks %(share)s %% of the excluded.",
            share=f"{rule.check_percent or 0:g}",
        ),
    }[rule.variant]


def _order(order: str) -> str:
    return {
        "random": _("Records come in random order."),
        "newest": _("The newest records come first."),
        "title": _("Records come in the order of their titles."),
        "as-imported": _("Records come in the order in which they were imported."),
    }[order]


def independence_warning(rule: StagePlan) -> str | None:
    """Why this stage is not independent, or None where two people judge every record without knowing of each other."""
    if rule.is_independent:
        return None
    return {
        "liberal-accelerated": _(
            "Not independent: the second list says by its nature what the first person decided. "
            "Agreement rests on first exclusions only."
        ),
        "single": _(
            "Not independent: nobody checks what one person excludes. Single screening misses about 13 % of "
            "eligible studies, dual about 3 % (Gartlehner 2020)."
        ),
        "single-plus-check": _("Not independent: who checks the excluded knows what the first person decided."),
    }[rule.variant]


def changed_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name the parts of the plan that differ between two versions.

    >>> changed_parts({"steps": [], "updates": "none"}, {"steps": [], "updates": "yearly"})
    ['updates']
    """
    old, new = plan_part(before), plan_part(after)
    return [key.replace("_", " ") for key in dict.fromkeys([*new, *old]) if old.get(key) != new.get(key)]
