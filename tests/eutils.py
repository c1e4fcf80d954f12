"""A PubMed of our own on loopback: esearch, epost and efetch as NCBI answers them, with every mishap a test may want.

Searches know `AND`, `OR`, parentheses, `n[uid]`, `a:b[uid]`, `"doi"[aid]`, `all` and plain words of the titles.
"""

import contextlib
import http.server
import itertools
import json
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

HEAD = (
    '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)
PAGE = "<!DOCTYPE html>\n<html><head><title>Down for maintenance</title></head><body>Please wait</body></html>"
GONE = "<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"
NOT_ENOUGH = "<eSearchResult><ERROR>Search Backend failed: temporarily out of order</ERROR></eSearchResult>"


@dataclass
class Asked:
    """One request as it came."""

    utility: str
    values: dict[str, str]
    address: str
    method: str
    at: float


Mishap = Callable[["Handler", Asked], bool]
"""Answers in place of the server where it returns True."""


def status(code: int, body: str = "<ERROR>boom</ERROR>", **headers: str) -> Mishap:
    """Answer with this status."""

    def answer(handler: "Handler", _asked: Asked) -> bool:
        handler.send(code, body, **headers)
        return True

    return answer


def says(body: str) -> Mishap:
    """Answer 200 with this body."""
    return status(200, body)


def fine(_handler: "Handler", _asked: Asked) -> bool:
    """No mishap this time."""
    return False


@dataclass
class Eutils:
    """What the server holds, what it was asked, and which mishaps come next."""

    titles: dict[int, str]
    dois: dict[int, str] = field(default_factory=dict)
    books: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    mishaps: list[Mishap] = field(default_factory=list)
    always: dict[str, Mishap] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    kept: dict[str, list[int]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    url: str = ""

    def find(self, term: str) -> list[int]:
        """The records that fit, newest first."""
        return sorted(_Terms(self, term).whole(), reverse=True)

    def article(self, uid: int) -> str:
        """One record as efetch delivers it."""
        title = escape(self.titles[uid])
        doi = f'<ArticleId IdType="doi">{escape(self.dois[uid])}</ArticleId>' if uid in self.dois else ""
        if uid in self.books:
            return (
                f'<PubmedBookArticle><BookDocument><PMID Version="1">{uid}</PMID><Book><BookTitle>{title}</BookTitle>'
                f"<PubDate><Year>2019</Year></PubDate></Book></BookDocument></PubmedBookArticle>"
            )
        return (
            f'<PubmedArticle><MedlineCitation><PMID Version="1">{uid}</PMID><Article><Journal><Title>Spine</Title>'
            f"<JournalIssue><PubDate><Year>2014</Year></PubDate></JournalIssue></Journal>"
            f"<ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation><PubmedData><ArticleIdList>"
            f'<ArticleId IdType="pubmed">{uid}</ArticleId>{doi}</ArticleIdList></PubmedData></PubmedArticle>'
        )

    def utilities(self) -> list[str]:
        """Which utilities were asked, in order."""
        return [one.utility for one in self.asked]


class _Terms:
    """A small reader of PubMed's search language."""

    def __init__(self, held: Eutils, term: str) -> None:
        self.held = held
        self.words = re.findall(r"\(|\)|\"[^\"]*\"(?:\[\w+\])?|[^\s()]+", term)

    def whole(self) -> set[int]:
        found = self._one()
        while self.words and self.words[0] in {"AND", "OR"}:
            operator, other = self.words.pop(0), self._one()
            found = found & other if operator == "AND" else found | other
        return found

    def _one(self) -> set[int]:
        word = self.words.pop(0)
        if word == "(":
            found = self.whole()
            self.words.pop(0)
            return found
        return self._plain(word)

    def _plain(self, word: str) -> set[int]:
        every = self.held.titles
        if span := re.fullmatch(r"(\d+):(\d+)\[uid\]", word):
            return {uid for uid in every if int(span[1]) <= uid <= int(span[2])}
        if number := re.fullmatch(r"(\d+)\[uid\]", word):
            return {int(number[1])} & set(every)
        if doi := re.fullmatch(r'"([^"]*)"\[aid\]', word):
            return {uid for uid, name in self.held.dois.items() if name.lower() == doi[1].lower()}
        if word == "all":
            return set(every)
        return {uid for uid, title in every.items() if word.strip('"').lower() in title.lower()}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the E-utilities do."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *_arguments: object) -> None:
        """Be silent."""

    def send(self, code: int, body: str, kind: str = "text/xml; charset=UTF-8", **headers: str) -> None:
        data = body.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer(urllib.parse.urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, query: str) -> None:
        held = self.server.held
        utility = urllib.parse.urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".fcgi")
        asked = Asked(utility, dict(urllib.parse.parse_qsl(query)), self.path, self.command, time.monotonic())
        held.asked.append(asked)
        mishap = held.mishaps.pop(0) if held.mishaps else held.always.get(utility, fine)
        if not mishap(self, asked):
            getattr(self, f"_{utility}", self._unknown)(held, asked.values)

    def _unknown(self, _held: Eutils, _values: dict[str, str]) -> None:
        self.send(404, "<ERROR>no such utility</ERROR>")

    def _esearch(self, held: Eutils, values: dict[str, str]) -> None:
        found = held.find(values["term"])
        most = min(int(values.get("retmax", "20")), 9_999)
        ids = "".join(f"<Id>{uid}</Id>" for uid in found[:most])
        remarks = ""
        if "nosuchword" in values["term"]:
            remarks = (
                "<ErrorList><PhraseNotFound>nosuchword</PhraseNotFound></ErrorList><WarningList>"
                "<QuotedPhraseNotFound>nosuchword</QuotedPhraseNotFound><OutputMessage>No items found.</OutputMessage>"
                "</WarningList>"
            )
        self.send(
            200,
            '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
            '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n<eSearchResult>'
            f"<Count>{len(found)}</Count><RetMax>{len(found[:most])}</RetMax><RetStart>0</RetStart><IdList>{ids}</IdList>"
            f"<TranslationSet/><QueryTranslation>{escape(values['term'])} as understood</QueryTranslation>{remarks}"
            "</eSearchResult>",
        )

    def _epost(self, held: Eutils, values: dict[str, str]) -> None:
        web = f"MCID_{next(held.numbers)}"
        held.kept[web] = sorted((int(uid) for uid in values["id"].split(",")), reverse=True)
        self.send(200, f"<ePostResult><QueryKey>1</QueryKey><WebEnv>{web}</WebEnv></ePostResult>")

    def _efetch(self, held: Eutils, values: dict[str, str]) -> None:
        if "WebEnv" in values:
            if values["WebEnv"] not in held.kept:
                return self.send(400, GONE)
            start = int(values["retstart"])
            uids = held.kept[values["WebEnv"]][start : start + int(values["retmax"])]
        else:
            uids = [int(uid) for uid in values["id"].split(",")]
        articles = "\n".join(held.article(uid) for uid in uids if uid in held.titles and uid not in held.hidden)
        return self.send(200, f"{HEAD}<PubmedArticleSet>\n{articles}\n</PubmedArticleSet>")


class Server(http.server.ThreadingHTTPServer):
    """The server; it listens on loopback alone."""

    daemon_threads = True

    def __init__(self, held: Eutils) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.held = held


def forgets(handler: Handler, _asked: Asked) -> bool:
    """From now on none of the lists that were handed in is known."""
    handler.server.held.kept.clear()
    return False


def api_key_invalid(handler: Handler, asked: Asked) -> bool:
    """NCBI repeats the key in this complaint."""
    handler.send(400, json.dumps({"error": f"API key invalid: {asked.values.get('api_key')}"}), "application/json")
    return True


@contextlib.contextmanager
def serving(held: Eutils) -> Iterator[Eutils]:
    """Serve until the block ends."""
    server = Server(held)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_address[1]}/entrez/eutils/"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()


def some(n: int, first: int = 30_000_001, step: int = 7) -> dict[int, str]:
    """So many records with invented titles and numbers that are not in a row."""
    return {first + step * place: f"Cement trial {place} of vertebrae" for place in range(n)}
