"""The protocol as people read it: its stage rules in words, what an amendment changed, and the file with its log."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from workbench.protocols.formats import read_yaml
from workbench.protocols.rules import StagePlan
from workbench.words import _

IN_ORDER = (
    *("schema", "review", "questions", "eligibility", "exclusion_reasons", "limits", "screening", "deduplication"),
    *("appraisal", "known_studies", "steps", "contacts", "prior_work", "updates", "peer_review", "amendments"),
)
"""The parts of a file that is written from nothing, in the order in which people read it."""


@dataclass(frozen=True, slots=True)
class RunLog:
    """What one run brought, as the file says it: hits, imports, and the difference with its reason."""

    source: str
    searched_on: str
    hits: int | None = None
    imports: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    difference: int | None = None
    reason: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


def with_log(source: str, log: Mapping[str, RunLog], amendments: Sequence[Mapping[str, str]] = ()) -> str:
    """The protocol file as it was written, comments and all, with its log: what its runs brought, and its amendments.

    A run that was documented later stands at the end of its source's runs. The log is no part of the plan: the file has
    the fingerprint of the version in force, unless a run was documented later.
    """
    document = _yaml().load(source)
    _write_log(document, log)
    told = [dict(one) for one in document.get("amendments") or []]
    if fresh := [dict(one) for one in amendments if dict(one) not in told]:
        document["amendments"] = [*told, *(_tree(one) for one in fresh)]
    return _dumped(document)


def as_yaml(document: Mapping[str, Any], source: str | None = None) -> str:
    """Write a protocol as its file: what `read_yaml` reads back is the same document, to the letter.

    Args:
        document: plain JSON values; it need not hold.
        source: an earlier file, whose comments, order and quotes are kept where its values stand as they were.
    """
    for tree in _trees(document, source):
        text = _dumped(tree)
        if read_yaml(text.encode()).document == document:
            return text
    return json.dumps(
        document, ensure_ascii=False, indent=1
    )  # JSON is YAML too; control characters aside, never needed


def _trees(document: Mapping[str, Any], source: str | None) -> Iterator[Any]:
    """The ways to write it, the kindest to a reader first."""
    if source is not None:
        with suppress(YAMLError, ValueError, TypeError, AttributeError):  # a file that only its own reader understands
            yield _merged(_yaml().load(source), document)
    yield _tree({key: document[key] for key in [*IN_ORDER, *document] if key in document})


def _merged(tree: Any, value: Any) -> Any:
    """The node that stands there, changed where its value changed."""
    if isinstance(tree, CommentedMap) and isinstance(value, dict):
        for key in [key for key in tree if key not in value]:
            del tree[key]
        for key, each in value.items():
            tree[key] = _merged(tree[key], each) if key in tree else _tree(each)
        return tree
    if isinstance(tree, CommentedSeq) and isinstance(value, list):
        return _merged_rows(tree, value)
    return tree if tree == value and isinstance(tree, bool) is isinstance(value, bool) else _tree(value)


def _merged_rows(tree: CommentedSeq, value: list[Any]) -> CommentedSeq:
    known = {_name(node): node for node in tree if _name(node) is not None}
    if [_name(node) for node in tree] == [_name(each) for each in value]:
        for place, each in enumerate(value):
            tree[place] = _merged(tree[place], each)
        return tree
    rows = CommentedSeq(
        _merged(known.pop(_name(each)), each) if _name(each) in known else _tree(each) for each in value
    )
    if tree.fa.flow_style():
        rows.fa.set_flow_style()
    return rows


def _name(row: Any) -> object:
    """What a row of a list is known by; None where only its place tells."""
    keys = ("id", "n", "name")
    return next((str(row[key]) for key in keys if key in row), None) if isinstance(row, dict) else None


def _tree(value: Any) -> Any:
    """Plain values as a reader likes them: short lists in one line, long texts as they were typed."""
    if isinstance(value, dict):
        return CommentedMap({key: _tree(each) for key, each in value.items()})
    if isinstance(value, list):
        rows = CommentedSeq(_tree(each) for each in value)
        if not any(isinstance(each, (dict, list)) for each in value) and len(str(value)) < 100:
            rows.fa.set_flow_style()
        return rows
    if isinstance(value, str) and "\n" in value and not re.search(r"[^\S\n]\n|^\s|\s$|[^\n\x20-\ud7ff]", value):
        return LiteralScalarString(value)
    return value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.representer.add_representer(type(None), _null)
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(document: Any) -> str:
    out = io.StringIO()
    _yaml().dump(document, out)
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
    for line in run.get("strategy") or []:
        if (hits := entry.lines.get(str(line["n"]))) is not None:
            line["hits"] = hits
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
        who = ", ".join(rule.seniors) or _("the leads")
        said.append(_("One of each pair is a senior: %(who)s.", who=who))
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
