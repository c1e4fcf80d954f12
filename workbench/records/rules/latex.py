r"""LaTeX in a value to plain text: accents, named letters and signs, escapes; a command not known here stays as it is.

Only what reference managers write is known. Nothing is dropped: of a command for italics or a superscript its text
stays, and of a formula between dollars what stands in it.
"""

import re
import unicodedata

# The combining mark of each accent command; i and j lose their dot under one.
_ACCENTS = {
    **{"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307"},
    **{'"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328"},
    **{"b": "\u0331"},
}
_SIGNS = {
    **{"ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å"},
    **{"AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ"},
    **{"NG": "Ŋ", "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€", "dag": "†", "ddag": "‡"},
    **{"textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~", "textless": "<"},
    **{"textasciicircum": "^", "textgreater": ">", "textbar": "|", "textunderscore": "_", "textquotesingle": "'"},
    **{"textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”"},
    **{"textquotedbl": '"', "textendash": "–", "textemdash": "—", "textellipsis": "…", "dots": "…", "ldots": "…"},
    **{
        "textbullet": "•",
        "hyphen": "-",
        "slash": "/",
        "textdegree": "°",
        "textmu": "µ",
        "textregistered": "®",
        "texttrademark": "™",
    },
    **{"textcopyright": "©", "texteuro": "€", "textsterling": "£", "textyen": "¥", "textordfeminine": "ª"},
    **{"textordmasculine": "º", "textexclamdown": "¡", "textquestiondown": "¿", "textdollar": "$", "textpm": "±"},
    **{"texttimes": "×", "textperiodcentered": "·", "textonehalf": "½", "guillemotleft": "«", "guillemotright": "»"},
    **{"pm": "±", "times": "×", "cdot": "·", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "neq": "≠", "approx": "≈"},
    **{"sim": "∼", "infty": "∞", "rightarrow": "→", "to": "→", "leftarrow": "←", "circ": "°", "degree": "°"},
    **{"beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η"},
    **{"alpha": "α", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ"},
    **{"pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ"},
    **{"psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π"},
    **{"Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω"},
}
_FORMATTING = frozenset(
    (
        *("textit", "textbf", "textrm", "textsf", "texttt", "textsc", "textup", "textsl", "textmd", "textnormal"),
        *("text", "emph", "mbox", "textsuperscript", "textsubscript", "mathrm", "mathit", "mathbf", "mathsf"),
        *("ensuremath", "url", "path", "it", "bf", "rm", "em", "sc", "tt", "sl", "sf", "itshape", "bfseries"),
        *("relax", "enspace", "protect", "noopsort"),
    )
)
_COMMAND = re.compile(
    r"""\\(?:
      (?P<accent>[`'^"~=.]|[uvHckrdb](?![A-Za-z]))\s*
        (?:\{\s*(?:\\(?P<dotless>[ij])|(?P<braced>[^\W\d_]))?\s*\}|\\(?P<bare_dotless>[ij])(?![A-Za-z])\s?|(?P<bare>[^\W\d_]))
      |(?P<name>[A-Za-z]+)(?P<tail>\{\}|\s+)?
      |(?P<escaped>[&%$\#_{}])
      |(?P<space>[ ,;:~\n])
      |(?P<nothing>[!/@-])
      |(?P<line>\\)
    )""",
    re.VERBOSE,
)
_FORMULA = re.compile(r"(?<!\\)\$([^$]*?[\\^_<>=][^$]*|[A-Za-z])\$")
_TIE = re.compile(r"(?<=[^\s~])~(?=[^\s~])")
_KEPT = {sign: chr(0xFDD0 + place) for place, sign in enumerate("\\{}~-`'$")}
"""Signs that mean something in LaTeX and were meant as signs: out of the way until all is done."""
_OUT = str.maketrans(_KEPT)
_BACK = str.maketrans({kept: sign for sign, kept in _KEPT.items()})
_SIGN = re.compile(r"\\(text(?:underscore|asciitilde|asciicircum|braceleft|braceright|backslash))(?:\{\}|\s)?")
_ESCAPE = re.compile(r"\\([_%&#$~{}])|[{}]")
_SPECIAL = re.compile(r"[\\{}~$]|--|``")


def plain(value: str) -> str:
    r"""Return a value as text.

    >>> plain(r"Erd{\H o}s, M{\"u}ller \& {\'{\i}}, 5\,\%")
    'Erdős, Müller & í, 5 %'
    >>> plain(r"pages 12--14 of $\alpha_{2}$ and \unknown{it}")
    'pages 12–14 of α_2 and \\unknownit'
    """
    if not _SPECIAL.search(value):
        return value
    if "\\" in value or "$" in value:
        value = _COMMAND.sub(_meant, _FORMULA.sub(r"\1{}", value))
    if "``" in value:
        value = value.replace("``", "“").replace("''", "”")
    value = _TIE.sub(" ", value.replace("---", "—").replace("--", "–"))
    return value.replace("{", "").replace("}", "").translate(_BACK)


def unescaped(value: str) -> str:
    r"""Return an address or identifier without the escapes that LaTeX needs; nothing else in it is a command.

    >>> unescaped(r"10.1007/978-3\_5{\_}6")
    '10.1007/978-3_5_6'
    """
    if "\\" not in value and "{" not in value:
        return value
    value = _SIGN.sub(lambda found: _SIGNS[found[1]].translate(_OUT), value)
    return _ESCAPE.sub(r"\1", value).translate(_BACK)


def _meant(found: re.Match[str]) -> str:
    """Return what a command stands for."""
    if accent := found["accent"]:
        letter = found["braced"] or found["bare"] or found["dotless"] or found["bare_dotless"] or ""
        return unicodedata.normalize("NFC", letter + _ACCENTS[accent]) if letter else accent.translate(_OUT)
    if name := found["name"]:
        if name in _SIGNS:
            return _SIGNS[name].translate(_OUT)
        return "" if name in _FORMATTING else found[0].translate(_OUT)
    if escaped := found["escaped"]:
        return escaped.translate(_OUT)
    return " " if found["space"] or found["line"] else ""
