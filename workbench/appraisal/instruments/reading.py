"""From a file to an instrument: every key is known, every name leads somewhere, else file, line and place are told."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from workbench.appraisal.instruments.model import (
    NOT_ASKED,
    Boxes,
    Combine,
    Condition,
    Domain,
    Escalation,
    Instrument,
    Item,
    Level,
    Match,
    OfCount,
    OfDomains,
    OfWeaknesses,
    Overall,
    OverallRule,
    Preliminary,
    Rule,
    Scale,
    Table,
    Trust,
    WeaknessRule,
)
from workbench.errors import Invalid
from workbench.protocols.formats import Path, Problem, Written, path_text, read_yaml
from workbench.words import _

Kind = TypeVar("Kind", bound=StrEnum)
Made = TypeVar("Made")

_TOP = (
    *("id", "version", "name", "short", "unit", "trust", "citation", "official_form", "licence", "note", "answers"),
    *("responses", "sets", "judgements", "preliminaries", "closing", "domains", "overall", "scale"),
)
_DOMAIN = (
    *("slot", "label", "name", "items", "rules", "parts", "combine", "after", "judged", "when", "per", "repeatable"),
    *("applicability", "judgements", "ends_at"),
)
_ITEM = ("label", "responses", "asked_if", "applicable_if", "yes_is_bad", "part_of", "boxes", "stars")
_OVERALL = ("judgements", "rules", "raise", "key_domains", "weaknesses", "count", "stars")


class BadInstrument(Invalid):
    """The file of an instrument must hold: known keys, and names that lead somewhere."""

    hint = "Mend the file; docs/appraisal.md describes every key."

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(f"{file}, {problem}" for problem in self.problems))


def read_instrument(data: bytes, file: str) -> Instrument:
    """Read an instrument from the bytes of its file.

    Args:
        data: YAML.
        file: what errors call the file.

    Raises:
        BadInstrument: something in it does not hold; all that was found is told, each with its line and place.
    """
    written = read_yaml(data)
    found = Checked(written)
    instrument = _instrument(found, hashlib.sha256(data).hexdigest()) if not written.problems else None
    if instrument is None or found.problems:
        raise BadInstrument(file, [*written.problems, *found.problems])
    return instrument


@dataclass
class Checked:
    """A document being read: gives values of the kind that is asked for, and notes what is not so."""

    written: Written
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, path: Path, message: str, remedy: str = "") -> None:
        """Note what does not hold."""
        self.problems.append(Problem(self.written.line(path), path_text(path), message, remedy))

    def mapping(self, value: object, path: Path, known: Iterable[str] | None = None) -> Mapping[str, Any]:
        """Ask for keys with values; where the keys are known, for no others."""
        if not isinstance(value, dict):
            if value is not None:
                self.wrong(path, _("Keys with values are expected here."))
            return {}
        for key in value.keys() - set(known if known is not None else value):
            names = ", ".join(known or ())
            self.wrong((*path, key), _("“%(key)s” is no key that is read here.", key=key), _("Known: %(n)s.", n=names))
        return value

    def text(self, value: object, path: Path, *, is_needed: bool = False) -> str:
        """Ask for a text; a number is taken as it is written."""
        if isinstance(value, (dict, list)) or (is_needed and value in {None, ""}):
            self.wrong(path, _("A text is expected here."))
            return ""
        return "" if value is None else str(value)

    def texts(self, value: object, path: Path) -> tuple[str, ...]:
        """Ask for a list of texts."""
        if not isinstance(value, list):
            if value is not None:
                self.wrong(path, _("A list is expected here, such as [Y, N]."))
            return ()
        return tuple(self.text(one, (*path, place), is_needed=True) for place, one in enumerate(value))

    def number(self, value: object, path: Path) -> int:
        """Ask for a whole number, 0 or more; 0 where none is given."""
        if value is None:
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.wrong(path, _("A whole number is expected here."))
            return 0
        return value

    def flag(self, value: object, path: Path) -> bool:
        """Ask for true or false; false where nothing is given."""
        if value is not None and not isinstance(value, bool):
            self.wrong(path, _("true or false is expected here."))
        return value is True

    def one_of(self, kind: type[Kind], value: object, path: Path, default: Kind) -> Kind:
        """Ask for one of the words of a kind."""
        if value is None:
            return default
        try:
            return kind(str(value))
        except ValueError:
            words = ", ".join(one.value for one in kind)
            self.wrong(path, _("“%(value)s” is none of: %(words)s.", value=value, words=words))
            return default

    def among(self, value: str, names: Iterable[str], path: Path, what: str) -> str:
        """Ask for a name that is there."""
        known = list(names)
        if value not in known:
            listed = _("Known: %(names)s.", names=", ".join(known))
            self.wrong(path, _("“%(value)s” is no %(what)s of this file.", value=value, what=what), listed)
        return value

    def listed(self, value: object, path: Path, make: Callable[[Any, Path], Made]) -> tuple[Made, ...]:
        """Ask for a list, and make something of each of its members."""
        if not isinstance(value, list):
            self.wrong(path, _("A list is expected here."))
            return ()
        return tuple(make(one, (*path, place)) for place, one in enumerate(value))


def _instrument(found: Checked, sha256: str) -> Instrument:
    top = found.mapping(found.written.document, (), _TOP)
    said = {
        key: found.text(top.get(key), (key,), is_needed=key not in {"licence", "note"})
        for key in ["id", "version", "name", "short", "unit", "citation", "official_form", "licence", "note"]
    }
    answers = {
        key: found.text(one, ("answers", key)) for key, one in found.mapping(top.get("answers"), ("answers",)).items()
    }
    judgements = _levels(found, top.get("judgements"), ("judgements",))
    reader = _Reader(
        found, answers, judgements, _named(found, top, "responses", answers), _named(found, top, "sets", answers)
    )
    reader.preliminaries = {
        one.id: one for one in found.listed(top.get("preliminaries", []), ("preliminaries",), reader.preliminary)
    }
    domains = found.mapping(top.get("domains"), ("domains",))
    if not domains:
        found.wrong(("domains",), _("An instrument has at least one domain."))
    made = {key: reader.domain(key, one, ("domains", key)) for key, one in domains.items()}
    overall, of_whole = reader.overall(top.get("overall"), made)
    return Instrument(
        **said,
        trust=found.one_of(Trust, top.get("trust"), ("trust",), Trust.BY_HAND),
        answers=answers,
        sets={key: frozenset(one) for key, one in reader.sets.items()},
        judgements=judgements,
        domains=made,
        overall=overall,
        overall_judgements=of_whole,
        scale=_scale(found, top.get("scale")),
        preliminaries=tuple(reader.preliminaries.values()),
        closing=found.listed(top.get("closing", []), ("closing",), reader.preliminary),
        sha256=sha256,
    )


def _levels(found: Checked, value: object, path: Path) -> dict[str, Level]:
    named = found.mapping(value, path)
    return {key: found.one_of(Level, one, (*path, key), Level.UNKNOWN) for key, one in named.items()}


def _named(found: Checked, top: Mapping[str, Any], key: str, answers: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read lists of answers that have a name; every answer must be one of the instrument's."""
    lists = {name: found.texts(one, (key, name)) for name, one in found.mapping(top.get(key), (key,)).items()}
    for name, codes in lists.items():
        for place, code in enumerate(codes):
            found.among(code, answers, (key, name, place), _("answer"))
    return lists


def _scale(found: Checked, value: object) -> Scale | None:
    if value is None:
        return None
    ends = found.mapping(value, ("scale",), ("lowest", "highest"))
    scale = Scale(*(found.number(ends.get(end), ("scale", end)) for end in ("lowest", "highest")))
    if scale.lowest >= scale.highest:
        found.wrong(("scale",), _("The highest number must be above the lowest."))
    return scale


class _Reader:
    """Reads domains and the whole, with the names that the file has set before."""

    def __init__(
        self,
        found: Checked,
        answers: Mapping[str, str],
        judgements: Mapping[str, Level],
        responses: Mapping[str, tuple[str, ...]],
        sets: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.found = found
        self.answers = answers
        self.judgements = judgements
        self.responses = responses
        self.sets = sets
        self.preliminaries: dict[str, Preliminary] = {}

    def preliminary(self, value: object, path: Path) -> Preliminary:
        """Read one thing that is agreed beforehand."""
        found, one = self.found, self.found.mapping(value, path, ("id", "label", "options", "several"))
        return Preliminary(
            found.text(one.get("id"), (*path, "id"), is_needed=True),
            found.text(one.get("label"), (*path, "label"), is_needed=True),
            found.texts(one.get("options"), (*path, "options")),
            found.flag(one.get("several"), (*path, "several")),
        )

    def domain(self, key: str, value: object, path: Path) -> Domain:
        """Read a domain with its items and its table."""
        found, one = self.found, self.found.mapping(value, path, _DOMAIN)
        items: dict[str, Item] = {}
        for item_id, item in found.mapping(one.get("items"), (*path, "items")).items():
            items[item_id] = self.item(item_id, item, items, (*path, "items", item_id))
        own = found.texts(one.get("judgements"), (*path, "judgements")) or tuple(self.judgements)
        for judgement in own:
            found.among(judgement, self.judgements, (*path, "judgements"), _("judgement"))
        label = found.text(one.get("label"), (*path, "label"), is_needed=True)
        judged = found.text(one.get("judged"), (*path, "judged")) or ("by-rule" if self.has_table(one) else "")
        if judged not in {"by-rule", "partly", "by-hand", "no"}:
            message = _("Nothing says how this domain is judged.")
            found.wrong(path, message, _("Give it rules, or write `judged: by-hand` or `judged: no`."))
        return Domain(
            id=key,
            slot=found.text(one.get("slot"), (*path, "slot")) or key,
            label=label,
            name=found.text(one.get("name"), (*path, "name")) or label,
            items=items,
            table=self.table(one, items, own, path) if self.has_table(one) else None,
            is_judged=judged != "no",
            leaves_rest=judged == "partly",
            when=self.choice(one.get("when"), (*path, "when")),
            per=found.text(one.get("per"), (*path, "per")),
            is_repeatable=found.flag(one.get("repeatable"), (*path, "repeatable")),
            has_applicability=found.flag(one.get("applicability"), (*path, "applicability")),
            judgements=own,
            ends_at=self.end(one.get("ends_at"), own, (*path, "ends_at")),
        )

    def end(self, value: object, own: Iterable[str], path: Path) -> str:
        """Read the judgement that ends the appraisal."""
        judgement = self.found.text(value, path)
        return self.found.among(judgement, own, path, _("judgement")) if judgement else ""

    @staticmethod
    def has_table(one: Mapping[str, Any]) -> bool:
        """Whether a domain has rules."""
        return "rules" in one or "parts" in one

    def item(self, key: str, value: object, earlier: Mapping[str, Item], path: Path) -> Item:
        """Read an item; its condition may ask only for items before it."""
        found, one = self.found, self.found.mapping(value, path, _ITEM)
        named = found.text(one.get("responses"), (*path, "responses"))
        if named:
            found.among(named, self.responses, (*path, "responses"), _("list of responses"))
        responses = self.responses.get(named, ())
        condition = self.condition(one.get("asked_if"), earlier, (*path, "asked_if"))
        if condition and NOT_ASKED not in responses:
            found.wrong(path, _("An item that is not always asked needs NA among its answers."))
        stars = found.texts(one.get("stars"), (*path, "stars"))
        for star in stars:
            found.among(star, responses, (*path, "stars"), _("answer"))
        return Item(
            id=key,
            label=found.text(one.get("label"), (*path, "label"), is_needed=True),
            responses=responses,
            asked_if=condition,
            applicable_if=self.choice(one.get("applicable_if"), (*path, "applicable_if")),
            is_yes_bad=found.flag(one.get("yes_is_bad"), (*path, "yes_is_bad")),
            part_of=found.text(one.get("part_of"), (*path, "part_of")),
            boxes=self.boxes(one.get("boxes"), (*path, "boxes")),
            stars=stars,
        )

    def choice(self, value: object, path: Path) -> tuple[str, str] | None:
        """Read one preliminary with one of its values."""
        if value is None:
            return None
        for name, option in self.found.mapping(value, path).items():
            self.found.among(name, self.preliminaries, (*path, name), _("preliminary"))
            if name in self.preliminaries:
                self.found.among(str(option), self.preliminaries[name].options, (*path, name), _("option"))
            return name, str(option)
        return None

    def condition(self, value: object, earlier: Mapping[str, Item], path: Path) -> Condition | None:
        """Read when an item is asked."""
        if value is None:
            return None
        for match, clauses in self.found.mapping(value, path, ("any", "all")).items():
            pairs = self.found.listed(clauses, (*path, match), lambda one, at: self.clauses(one, earlier, at))
            return (
                Condition(Match(match), tuple(pair for one in pairs for pair in one))
                if match in {"any", "all"}
                else None
            )
        self.found.wrong(path, _("A condition is `any` or `all` of a list."))
        return None

    def clauses(self, value: object, items: Mapping[str, Item], path: Path) -> tuple[tuple[str, str], ...]:
        """Read which items must have an answer of which set."""
        pairs = []
        for item, name in self.found.mapping(value, path).items():
            self.found.among(item, items, (*path, item), _("item before this one"))
            self.found.among(str(name), self.sets, (*path, item), _("set"))
            pairs.append((item, str(name)))
        return tuple(pairs)

    def boxes(self, value: object, path: Path) -> Boxes | None:
        """Read the criteria of an item."""
        if value is None:
            return None
        found, one = self.found, self.found.mapping(value, path, ("full", "partial", "one_is_enough"))
        full, partial = (
            {
                name: found.text(label, (*path, key, name))
                for name, label in found.mapping(one.get(key), (*path, key)).items()
            }
            for key in ("full", "partial")
        )
        return Boxes(full, partial, found.flag(one.get("one_is_enough"), (*path, "one_is_enough")))

    def table(self, one: Mapping[str, Any], items: Mapping[str, Item], own: Iterable[str], path: Path) -> Table:
        """Read the rules of a domain, in one list or in parts."""
        found = self.found

        def read(rules: object, at: Path) -> tuple[Rule, ...]:
            return found.listed(rules, at, lambda rule, place: self.rule(rule, items, own, place))

        if "rules" in one:
            return Table((read(one["rules"], (*path, "rules")),))
        named = found.mapping(one.get("parts"), (*path, "parts"))
        parts = tuple(read(rules, (*path, "parts", key)) for key, rules in named.items())
        after = found.mapping(one.get("after"), (*path, "after"), ("judgement", "rules"))
        once_more = None
        if after:
            judgement = found.text(after.get("judgement"), (*path, "after", "judgement"))
            found.among(judgement, own, (*path, "after", "judgement"), _("judgement"))
            once_more = judgement, read(after.get("rules"), (*path, "after", "rules"))
        combine = found.one_of(Combine, one.get("combine"), (*path, "combine"), Combine.WORST)
        return Table(parts, combine, once_more)

    def rule(self, value: object, items: Mapping[str, Item], own: Iterable[str], path: Path) -> Rule:
        """Read one rule of a domain."""
        found, one = self.found, self.found.mapping(value, path, ("id", "if", "then", "disputed"))
        then = found.text(one.get("then"), (*path, "then"), is_needed=True)
        found.among(then, own, (*path, "then"), _("judgement"))
        return Rule(
            found.text(one.get("id"), (*path, "id"), is_needed=True),
            self.clauses(one.get("if"), items, (*path, "if")),
            then,
            found.text(one.get("disputed"), (*path, "disputed")),
        )

    def overall(self, value: object, domains: Mapping[str, Domain]) -> tuple[Overall | None, dict[str, Level]]:
        """Read how the whole is judged, and its own judgements where it has others than the domains."""
        found, path = self.found, ("overall",)
        one = found.mapping(value, path, _OVERALL)
        levels = _levels(found, one.get("judgements"), (*path, "judgements"))
        known = {**self.judgements, **levels}
        if "weaknesses" in one:
            return self.of_weaknesses(one, known, domains), levels
        if "rules" in one:
            return self.of_domains(one, known), levels
        if "count" in one or "stars" in one:
            return self.of_count(one), levels
        return None, levels

    def of_domains(self, one: Mapping[str, Any], known: Mapping[str, Level]) -> OfDomains:
        """Read a table over the judgements of the domains."""
        found = self.found
        rules = found.listed(one["rules"], ("overall", "rules"), lambda rule, at: self.overall_rule(rule, known, at))
        raised = found.listed(one.get("raise", []), ("overall", "raise"), lambda up, at: self.escalation(up, known, at))
        return OfDomains(rules, raised, found.flag(one.get("key_domains"), ("overall", "key_domains")))

    def overall_rule(self, value: object, known: Mapping[str, Level], path: Path) -> OverallRule:
        """Read one rule over the domains."""
        found, one = self.found, self.found.mapping(value, path, ("id", "any", "all", "then"))
        match = Match.ANY if "any" in one else Match.ALL
        judgements = found.texts(one.get(match), (*path, match))
        then = found.text(one.get("then"), (*path, "then"))
        for judgement in (*judgements, then):
            found.among(judgement, known, path, _("judgement"))
        return OverallRule(found.text(one.get("id"), (*path, "id"), is_needed=True), match, judgements, then)

    def escalation(self, value: object, known: Mapping[str, Level], path: Path) -> Escalation:
        """Read what a person may state to be worse."""
        found, one = self.found, self.found.mapping(value, path, ("from", "to", "at_least", "condition"))
        ends = [found.text(one.get(key), (*path, key)) for key in ("from", "to")]
        for end in ends:
            found.among(end, known, path, _("judgement"))
        at_least = found.number(one.get("at_least"), (*path, "at_least"))
        return Escalation(ends[0], ends[1], at_least, found.text(one.get("condition"), (*path, "condition")))

    def of_weaknesses(
        self, one: Mapping[str, Any], known: Mapping[str, Level], domains: Mapping[str, Domain]
    ) -> OfWeaknesses:
        """Read a table over weak items."""
        found, path = self.found, ("overall", "weaknesses")
        keys = ("answer", "partial", "left_out", "ranks", "critical")
        weak = found.mapping(one["weaknesses"], path, keys)
        texts = {key: found.texts(weak.get(key), (*path, key)) for key in ("left_out", "ranks", "critical")}
        wholes = {item.part_of or item.id for domain in domains.values() for item in domain.items.values()}
        for item in texts["critical"]:
            found.among(item, wholes, (*path, "critical"), _("item"))
        answer, partial = (found.text(weak.get(key), (*path, key)) for key in ("answer", "partial"))
        for code in (answer, partial, *texts["left_out"], *texts["ranks"]):
            found.among(code, self.answers, path, _("answer"))
        rules = found.listed(
            one.get("rules"), ("overall", "rules"), lambda rule, at: self.weakness_rule(rule, known, at)
        )
        return OfWeaknesses(answer, partial, rules=rules, **texts)

    def weakness_rule(self, value: object, known: Mapping[str, Level], path: Path) -> WeaknessRule:
        """Read one rule over numbers of weaknesses."""
        found = self.found
        one = found.mapping(value, path, ("id", "critical", "others", "then", "may_become"))
        then = found.among(found.text(one.get("then"), path), known, (*path, "then"), _("judgement"))
        return WeaknessRule(
            found.text(one.get("id"), (*path, "id"), is_needed=True),
            found.number(one.get("critical"), (*path, "critical")),
            found.number(one.get("others"), (*path, "others")),
            then,
            found.text(one.get("may_become"), (*path, "may_become")),
        )

    def of_count(self, one: Mapping[str, Any]) -> OfCount:
        """Read what is counted."""
        found, path = self.found, ("overall", "count")
        if found.flag(one.get("stars"), ("overall", "stars")):
            return OfCount((), counts_stars=True)
        counted = found.mapping(one.get("count"), path, ("answers", "may_leave_out"))
        answers, left_out = (found.texts(counted.get(key), (*path, key)) for key in ("answers", "may_leave_out"))
        for code in (*answers, *left_out):
            found.among(code, self.answers, path, _("answer"))
        return OfCount(answers, left_out)
