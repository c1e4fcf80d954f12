"""Names and codes of languages to ISO 639-1, so that a language limit can be checked."""

import re

# ISO 639-1 code, ISO 639-2 codes, English name, own names; nb and nn stay apart from no, as MARC and ISO have them.
_TABLE = """
af afr afrikaans|ar ara arabic|az aze azerbaijani|be bel belarusian|bg bul bulgarian|bn ben bengali|bs bos bosnian
ca cat catalan|cs cze ces czech|cy wel cym welsh|da dan danish dansk|de ger deu german deutsch|el gre ell greek
en eng english engelsk|es spa spanish castilian español espanol|et est estonian|eu baq eus basque
fa per fas persian farsi|fi fin finnish suomi|fo fao faroese|fr fre fra french français francais|ga gle irish
gl glg galician|he heb hebrew|hi hin hindi|hr hrv scr croatian|hu hun hungarian|hy arm hye armenian|id ind indonesian
is ice isl icelandic|it ita italian italiano|ja jpn japanese|ka geo kat georgian|kk kaz kazakh|kl kal greenlandic
ko kor korean|la lat latin|lt lit lithuanian|lv lav latvian|mk mac mkd macedonian|mn mon mongolian|ms may msa malay
nb nob bokmål|nl dut nld dutch flemish|nn nno nynorsk|no nor norwegian norsk|pl pol polish
pt por portuguese português|ro rum ron romanian moldavian|ru rus russian|se sme sami|sk slo slk slovak
sl slv slovenian slovene|sq alb sqi albanian|sr srp scc serbian|sv swe swedish svenska|th tha thai|tr tur turkish
uk ukr ukrainian|ur urd urdu|uz uzb uzbek|vi vie vietnamese|zh chi zho chinese mandarin
"""
_CODES = {word: group.split()[0] for group in _TABLE.replace("\n", "|").split("|") if group for word in group.split()}
_BETWEEN = re.compile(r"[;,/|]|\band\b")
_REGION = re.compile(r"^([a-z]{2})[-_][a-z]{2,4}$")


def language_codes(value: str) -> list[str]:
    """Return ISO 639-1 codes for a field that names one or more languages; an unknown name stays as delivered.

    >>> language_codes("English; German"), language_codes("nob"), language_codes("Norwegian (Bokmål)")
    (['en', 'de'], ['nb'], ['nb'])
    """
    codes = [_code(part.strip(" .")) for part in _BETWEEN.split(value)]
    return list(dict.fromkeys(code for code in codes if code))


def _code(name: str) -> str:
    """Return one code; `Norwegian (Bokmål)` is told by the narrower name."""
    word = name.casefold()
    if region := _REGION.match(word):
        word = region[1]
    if word in _CODES:
        return _CODES[word]
    known = [_CODES[part] for part in re.findall(r"\w+", word) if part in _CODES]
    return known[-1] if known else name
