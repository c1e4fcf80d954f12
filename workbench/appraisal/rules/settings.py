"""What a protocol settles about an instrument; every output says it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from workbench.appraisal.instruments import Instrument, OfCount, OfDomains, OfWeaknesses
from workbench.errors import Invalid
from workbench.words import _


class UnknownSetting(Invalid):
    """A setting must be one that the instrument has, with a value that it takes."""


class PartialYes(StrEnum):
    """What a partial yes counts as; the paper of AMSTAR 2 does not say."""

    MET = "met"
    NONCRITICAL = "noncritical_weakness"
    WEAKNESS = "weakness"


class LeftOut(StrEnum):
    """What an item that is not applicable does to a count."""

    NOT_MET = "not_met"
    SMALLER = "smaller_total"


@dataclass(frozen=True)
class Settings:
    """The settings of one instrument in one protocol; what an instrument has no use for stays as it is."""

    critical: tuple[str, ...] = ()
    """AMSTAR 2: the items whose weakness is critical."""
    partial_yes: PartialYes = PartialYes.MET
    raise_from: int = 0
    """RoB 2 and ROBINS-I: how many domains at one level make the whole one level worse by themselves; 0 is never."""
    key_domains: tuple[str, ...] = ()
    """RoB 1: the domains that count for the summary; none, no summary."""
    deviations: tuple[str, ...] = ()
    """RoB 2, effect of adhering: the kinds of deviations that are looked at; none, not agreed."""
    not_applicable: LeftOut = LeftOut.NOT_MET
    bands: tuple[int, ...] = ()
    """Counts: from which number on a band begins, best first; a custom of users."""
    skipped: tuple[str, ...] = ()
    """AGREE II: items that nobody rates, decided beforehand."""
    per_rating: bool = False
    """AGREE II: whether an item that only some skipped counts for those who rated it."""

    @property
    def agreed(self) -> Mapping[str, frozenset[str]]:
        """The preliminaries that are settled here."""
        return {"deviations": frozenset(self.deviations)} if self.deviations else {}

    def told(self, instrument: Instrument) -> Iterator[tuple[str, str]]:
        """Name the settings that bear on an instrument with their values, to be printed on every output."""
        for key in offered(instrument):
            value = getattr(self, key)
            yield key, ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def offered(instrument: Instrument) -> tuple[str, ...]:
    """Name the settings that an instrument has."""
    if instrument.scale:
        return ("skipped", "per_rating")
    match instrument.overall:
        case OfWeaknesses():
            return ("critical", "partial_yes")
        case OfCount():
            return ("bands",) if instrument.overall.counts_stars else ("bands", "not_applicable")
        case OfDomains(needs_key_domains=True):
            return ("key_domains",)
        case OfDomains(escalations=ups) if ups:
            has_deviations = any(one.id == "deviations" for one in instrument.preliminaries)
            return ("raise_from", "deviations") if has_deviations else ("raise_from",)
    return ()


def settings_of(instrument: Instrument, given: Mapping[str, str]) -> Settings:
    """Read settings from their texts; what is not given stands as the instrument has it.

    Raises:
        UnknownSetting: the instrument has no such setting, or it does not take this value.
    """
    known = offered(instrument)
    overall = instrument.overall
    settings = Settings(critical=overall.critical) if isinstance(overall, OfWeaknesses) else Settings()
    for key, text in given.items():
        if key not in known:
            listed = ", ".join(known) or _("none")
            raise UnknownSetting(
                _("%(name)s has no setting “%(key)s”.", name=instrument.short, key=key),
                _("Its settings: %(known)s.", known=listed),
            )
        settings = replace(settings, **{key: _READERS[key](instrument, key, text)})
    return settings


def _names(instrument: Instrument, key: str, text: str) -> tuple[str, ...]:
    """Read names apart by commas; each must be there."""
    there = _there(instrument, key)
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in there:
            raise UnknownSetting(_("“%(name)s” is none that %(key)s can name.", name=name, key=key), ", ".join(there))
    return names


def _there(instrument: Instrument, key: str) -> list[str]:
    if key == "key_domains":
        return list(instrument.slots)
    if key == "deviations":
        return [option for one in instrument.preliminaries if one.id == "deviations" for option in one.options]
    return list(dict.fromkeys(item.part_of or item.id for item in instrument.items.values()))


def _word(kind: type[StrEnum]) -> Callable[[Instrument, str, str], StrEnum]:
    def read(_instrument: Instrument, key: str, text: str) -> StrEnum:
        try:
            return kind(text)
        except ValueError as error:
            words = ", ".join(kind)
            raise UnknownSetting(_("“%(given)s” is no value of %(key)s.", key=key, given=text), words) from error

    return read


def _number(_instrument: Instrument, key: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise UnknownSetting(_("%(key)s is a whole number, not “%(given)s”.", key=key, given=text))
    return int(text[:9])


def _falling(instrument: Instrument, key: str, text: str) -> tuple[int, ...]:
    numbers = tuple(_number(instrument, key, part.strip()) for part in text.split(","))
    if list(numbers) != sorted(set(numbers), reverse=True):
        raise UnknownSetting(_("The numbers of %(key)s fall from the best band to the worst: 8,4.", key=key))
    return numbers


def _flag(_instrument: Instrument, key: str, text: str) -> bool:
    if text not in {"yes", "no"}:
        raise UnknownSetting(_("%(key)s is yes or no, not “%(given)s”.", key=key, given=text))
    return text == "yes"


_READERS: Mapping[str, Callable[[Instrument, str, str], Any]] = {
    "critical": _names,
    "partial_yes": _word(PartialYes),
    "raise_from": _number,
    "key_domains": _names,
    "deviations": _names,
    "not_applicable": _word(LeftOut),
    "bands": _falling,
    "skipped": _names,
    "per_rating": _flag,
}
assert set(_READERS) == {field.name for field in fields(Settings)}  # noqa: S101
