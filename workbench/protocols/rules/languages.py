"""Languages of a limit: ISO 639 codes, and Norwegian in all its spellings."""

from collections.abc import Collection

_ISO_639_1 = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd
ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr
ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""

_ISO_639_2 = """
ara:ar bul:bg cat:ca chi:zh zho:zh cze:cs ces:cs dan:da deu:de ger:de dut:nl nld:nl ell:el gre:el
eng:en est:et eus:eu baq:eu fas:fa per:fa fin:fi fra:fr fre:fr gle:ga heb:he hin:hi hrv:hr hun:hu ice:is isl:is
ind:id ita:it jpn:ja kor:ko lav:lv lit:lt mac:mk mkd:mk may:ms msa:ms nno:nn nob:nb nor:no pol:pl por:pt ron:ro
rum:ro rus:ru slk:sk slo:sk slv:sl spa:es sqi:sq alb:sq srp:sr swe:sv tha:th tur:tr ukr:uk urd:ur vie:vi
"""

_OFTEN_WRITTEN = """
dk:da jp:ja cz:cs cn:zh gb:en us:en danish:da dansk:da deutsch:de dutch:nl english:en finnish:fi
french:fr german:de italian:it norsk:no norwegian:no spanish:es svensk:sv swedish:sv
"""
"""What people write for a language: its country, or its name."""


def _pairs(text: str) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in text.split())
    return {left: right for left, _colon, right in pairs}


_TWO_LETTER_CODES = frozenset(_ISO_639_1.split())
_THREE_TO_TWO = _pairs(_ISO_639_2)
_MEANT = _pairs(_OFTEN_WRITTEN)


def short_code(code: str) -> str:
    """The two-letter code of a language where it has one: "nor" is "no", "ger" and "deu" are "de"."""
    return _THREE_TO_TWO.get(code, code)


def all_languages() -> list[str]:
    """Every two-letter code of a language, in the order of the alphabet."""
    return sorted(_TWO_LETTER_CODES)


def spellings(code: str) -> list[str]:
    """Every code that a record may carry for a language of this two-letter code.

    >>> spellings("de")
    ['de', 'deu', 'ger']
    """
    return [code, *(three for three, two in _THREE_TO_TWO.items() if two == code)]


def is_language(code: str) -> bool:
    """Say whether this can be a language: a known code of two letters, or any of three."""
    return code in _TWO_LETTER_CODES if len(code) == 2 else len(code) == 3


def meant_language(text: str) -> str | None:
    """The code a person most likely meant: "dk" and "Danish" are "da"; None where there is no telling."""
    return _MEANT.get(text.strip().lower())


def expanded(codes: Collection[str]) -> frozenset[str]:
    """Every code a record may carry to be within the limit.

    `no` is Norwegian: Bokmål and Nynorsk. A limit that names either of the two also lets `no`
    through, because most databases do not say which of the two a report is written in.
    """
    short = {short_code(code) for code in codes}
    if "no" in short:
        return frozenset(short | {"nb", "nn"})
    return frozenset(short | {"no"} if short & {"nb", "nn"} else short)
