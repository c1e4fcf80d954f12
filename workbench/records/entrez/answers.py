"""What the E-utilities answer, read without DTD, entity or network: a search, a set of articles, or a refusal."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from workbench.errors import Invalid
from workbench.words import _

LONGEST_WORDS = 300
"""Characters of PubMed's own words that are passed on."""

_PASSING = re.compile(r"backend failed|rate limit|temporar|timed? ?out|try again|unavailable|overload", re.IGNORECASE)
_OPEN = re.compile(rb"<PubmedArticleSet(?:\s[^<>]*)?>")
_SET = "PubmedArticleSet"
_ARTICLES = {"PubmedArticle": "MedlineCitation/PMID", "PubmedBookArticle": "BookDocument/PMID"}


class Refused(Invalid):
    """PubMed is asked what it understands."""

    hint = "Look at the line in the protocol, and try it on PubMed's own page."


class Busy(Exception):
    """PubMed could not answer just now; asked again it may. `wait` is how many seconds it asks to be left alone."""

    def __init__(self, words: str, wait: float | None = None) -> None:
        super().__init__(words)
        self.wait = wait


class History(NamedTuple):
    """A list of records that PubMed keeps for some hours, so that they can be fetched part by part."""

    web: str
    key: str


@dataclass(frozen=True, slots=True)
class Found:
    """What PubMed finds for a term, and how it understood the words.

    Attributes:
        term: as it was sent.
        count: how many records fit, however many numbers are listed.
        uids: PubMed's numbers of the records, as many as were asked for.
        translation: the term as PubMed searched it.
        warnings: what PubMed remarked, each with its kind, such as ("QuotedPhraseNotFound", '"no such words"').
        errors: what PubMed could not find or read, likewise.
    """

    term: str
    count: int
    uids: tuple[int, ...] = ()
    translation: str | None = None
    warnings: tuple[tuple[str, str], ...] = ()
    errors: tuple[tuple[str, str], ...] = ()


def search_answer(body: bytes, term: str) -> Found:
    """Read what esearch answered.

    Raises:
        Busy: it is no answer, or one that says to try again.
        Refused: PubMed says that it cannot search this.
    """
    root = _root(body, "eSearchResult")
    count = root.findtext("Count")
    if count is None or not count.strip().isdecimal():
        raise Busy(_("PubMed's answer holds no count."))
    return Found(
        term=term,
        count=int(count),
        uids=tuple(int(one.text) for one in root.iterfind("IdList/Id") if one.text and one.text.strip().isdecimal()),
        translation=root.findtext("QueryTranslation"),
        warnings=_remarks(root, "WarningList"),
        errors=_remarks(root, "ErrorList"),
    )


def post_answer(body: bytes) -> History:
    """Read what epost answered: where the list is kept."""
    history = _history(_root(body, "ePostResult"))
    if history is None:
        raise Busy(_("PubMed did not say where it keeps the list."))
    return history


def articles_answer(body: bytes) -> tuple[int, ...]:
    """Name the records in what efetch answered, by PubMed's numbers, in the order delivered."""
    root = _root(body, _SET)
    found = [child.findtext(_ARTICLES[child.tag]) or "" for child in root if child.tag in _ARTICLES]
    return tuple(int(uid) for uid in found if uid.strip().isdecimal())


def refusal(body: bytes) -> str | None:
    """What an answer says against the request, where it does: an <ERROR>, or JSON with an error."""
    text = body.strip()
    if text.startswith(b"{"):
        return _json_error(text)
    found = re.search(rb"<ERROR>(.*?)</ERROR>", text, re.DOTALL)
    return _short(found[1].decode("utf-8", "replace")) if found else None


def joined(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """Put answers of efetch together as one valid file, piece by piece: the first head, all articles as delivered.

    >>> b"".join(joined([b"<PubmedArticleSet><a/></PubmedArticleSet>", b"<PubmedArticleSet><b/></PubmedArticleSet>"]))
    b'<PubmedArticleSet><a/><b/></PubmedArticleSet>'
    """
    for place, body in enumerate(bodies):
        head, inside = _taken_apart(body)
        yield inside if place else head + inside
    yield b"</PubmedArticleSet>"


def _taken_apart(body: bytes) -> tuple[bytes, bytes]:
    """Cut a set of articles after its opening tag and before its closing one; an empty set holds nothing."""
    opening = _OPEN.search(body)
    if opening is None or opening[0].endswith(b"/>"):
        return b"<PubmedArticleSet>", b""
    closing = body.rfind(b"</PubmedArticleSet>")
    return body[: opening.end()], body[opening.end() : closing]


def _root(body: bytes, wanted: str) -> etree._Element:
    """Parse an answer and see that it is the one asked for."""
    if words := refusal(body):
        raise Busy(words) if _PASSING.search(words) else Refused(_("PubMed says: %(words)s", words=words))
    if re.match(rb"\s*(?:<!doctype\s+html|<html|<!--)", body, re.IGNORECASE):
        raise Busy(_("PubMed showed a page for people instead of an answer."))
    if b"<!ENTITY" in body[:20_000]:
        raise Busy(_("PubMed's answer defines entities, which it never does."))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Busy(_("PubMed's answer is cut off or no XML.")) from None
    if root.tag != wanted:
        raise Busy(_("PubMed answered something else than was asked for."))
    return root


def _history(root: etree._Element) -> History | None:
    web, key = root.findtext("WebEnv"), root.findtext("QueryKey")
    return History(web, key) if web and key else None


def _remarks(root: etree._Element, name: str) -> tuple[tuple[str, str], ...]:
    """The remarks of one list, each with its kind; those without a word are left out."""
    found = root.find(name)
    rows = [] if found is None else [(str(one.tag), " ".join((one.text or "").split())) for one in found]
    return tuple((kind, words[:LONGEST_WORDS]) for kind, words in rows if words)


def _json_error(text: bytes) -> str | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return _short(str(told["error"])) if isinstance(told, dict) and told.get("error") else None


def _short(words: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", " ", words).split())[:LONGEST_WORDS]
