"""Sending a request to NCBI's E-utilities: spaced as NCBI asks, patient with a busy server, silent about the key.

Bio.Entrez builds the request; `_open` is the one place where it would be sent, and sends it through here instead:
Biopython tries again at once, knows no time limit, and puts the key into the address.
"""

import email.utils
import io
import os
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any, BinaryIO, ClassVar, TypeVar, cast
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, urlencode, urlsplit

from Bio import Entrez

from workbench.errors import Invalid
from workbench.records.entrez.answers import Busy, Refused, refusal
from workbench.words import _

NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
APART, APART_WITH_KEY = 0.34, 0.1
"""Seconds between two requests: NCBI allows three a second, ten with a key."""

LONGEST_WAIT = 120.0
"""Seconds that a server may ask to be left alone for; beyond it, the person is told instead."""

MOST_BYTES = 500_000_000
"""No answer to one request is larger."""

Answer = TypeVar("Answer")


class NoAnswer(Invalid):
    """PubMed is asked over the network, and its server has to answer."""

    hint = "Nothing was lost. Try again in some minutes; if it stays like this, ask who runs this installation."


class BadSetting(Invalid):
    """The address of the E-utilities begins with https:// (or http:// on a machine of one's own)."""

    hint = "Mend WORKBENCH_PUBMED_URL, or leave it out: then NCBI is asked."


@dataclass(frozen=True, slots=True)
class Access:
    """Where PubMed is asked and who asks. The key is in no text that this object gives of itself."""

    base: str = NCBI
    email: str = ""
    key: str = field(default="", repr=False)
    tool: str = "screening-workbench"

    @classmethod
    def configured(cls, environment: Mapping[str, str] = os.environ) -> "Access":
        """As WORKBENCH_PUBMED_URL, _EMAIL, _API_KEY and _TOOL say in the environment.

        Raises:
            BadSetting: the address is none.
        """
        told = {
            name: environment.get(f"WORKBENCH_PUBMED_{word}", "").strip()
            for name, word in (("base", "URL"), ("email", "EMAIL"), ("key", "API_KEY"), ("tool", "TOOL"))
        }
        access = cls(**{name: value for name, value in told.items() if value})
        if urlsplit(access.base).scheme not in {"https", "http"}:
            raise BadSetting(_("WORKBENCH_PUBMED_URL is no address on the network."))
        return access


class Pace:
    """Keeps requests apart. One serves the whole process, since NCBI counts the requests of an address."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self._lock, self._free_at = threading.Lock(), 0.0

    def wait(self, apart: float) -> None:
        """Wait until the next request may be sent, and keep the one after it `apart` seconds away."""
        with self._lock:
            start = max(self.clock(), self._free_at)
            self._free_at = start + apart
        if (left := start - self.clock()) > 0:
            self.sleep(left)


PACE = Pace()


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, and how many seconds an answer may take."""

    tries: int = 5
    timeout: float = 60.0

    WAITS: ClassVar[tuple[float, ...]] = (1.0, 2.0, 4.0, 8.0)
    """Seconds before the second try, the third, …; a little chance is added, so that two askers part."""


AT_A_PAGE = Patience(tries=2, timeout=20.0)
"""While somebody waits for a page."""


@dataclass(frozen=True, slots=True)
class Transport:
    """Sends requests and sees each through to an answer, or says why there is none."""

    access: Access
    patience: Patience = Patience()
    pace: Pace = PACE
    draw: Callable[[], float] = random.random

    def ask(self, utility: Callable[..., Any], understood: Callable[[bytes], Answer], **asked: Any) -> Answer:
        """Ask one utility of Bio.Entrez, and give back what `understood` makes of the answer.

        Raises:
            NoAnswer: the server is not reached or stays busy.
            Refused: it answers that it cannot do this.
        """
        for attempt in range(1, self.patience.tries + 1):
            self.pace.wait(APART_WITH_KEY if self.access.key else APART)
            try:
                return understood(self._once(utility, asked))
            except Busy as busy:
                if attempt == self.patience.tries or (busy.wait or 0) > LONGEST_WAIT:
                    raise self._given_up(busy, attempt) from None
                self.pace.sleep(self._pause(attempt, busy))
        raise AssertionError("a request is tried at least once")

    def _once(self, utility: Callable[..., Any], asked: Mapping[str, Any]) -> bytes:
        who = {"tool": self.access.tool, "email": self.access.email, "api_key": self.access.key or None}
        token = _sender.set(self._send)
        try:
            body: bytes = utility(db="pubmed", **asked, **who).read()
        finally:
            _sender.reset(token)
        return body

    def _send(self, request: urllib.request.Request) -> BinaryIO:
        """Send what Bio.Entrez built, always by POST, so that neither key nor strategy stands in an address."""
        address = urlsplit(request.full_url)
        asked = request.data.decode() if isinstance(request.data, bytes) else address.query
        posted = urllib.request.Request(  # noqa: S310  # the scheme was looked at in Access
            self.access.base.rstrip("/") + "/" + address.path.rsplit("/", 1)[-1],
            data=urlencode(parse_qsl(asked)).encode(),
            method="POST",
        )
        try:
            with urllib.request.urlopen(posted, timeout=self.patience.timeout) as answer:  # noqa: S310
                return io.BytesIO(self._unkeyed(answer.read(MOST_BYTES)))
        except HTTPError as error:
            raise self._complaint(error) from None
        except (OSError, HTTPException) as error:
            raise Busy(_reason(error)) from None

    def _complaint(self, error: HTTPError) -> Exception:
        """What an answer with an error status means: to come back later, or never with this."""
        with error:
            words = refusal(self._unkeyed(error.read(100_000))) or str(error.reason)
        told = _("status %(code)s, %(words)s", code=error.code, words=words)
        if error.code == 429 or error.code >= 500:
            return Busy(told, _seconds(error.headers.get("Retry-After")))
        return Refused(_("PubMed says: %(words)s", words=told))

    def _unkeyed(self, body: bytes) -> bytes:
        """An answer without the key, which NCBI repeats in some of its complaints."""
        return body.replace(self.access.key.encode(), b"[key]") if self.access.key else body

    def _pause(self, attempt: int, busy: Busy) -> float:
        wait = Patience.WAITS[min(attempt, len(Patience.WAITS)) - 1]
        return max(busy.wait or 0, wait * (1 + self.draw() / 4))

    def _given_up(self, busy: Busy, attempt: int) -> NoAnswer:
        if (busy.wait or 0) > LONGEST_WAIT:
            return NoAnswer(_("PubMed asks to be left alone for %(n)s seconds.", n=round(busy.wait or 0)))
        return NoAnswer(_("PubMed did not answer, tried %(n)s times: %(why)s.", n=attempt, why=str(busy).rstrip(".")))


_sender: ContextVar[Callable[[urllib.request.Request], BinaryIO] | None] = ContextVar("sender", default=None)
_biopython = Entrez._open


def _open(request: urllib.request.Request) -> Any:
    """Send by the transport that asks just now; without one, as Biopython would."""
    send = _sender.get()
    return send(request) if send else _biopython(request)


Entrez._open = cast(Any, _open)


def _reason(error: Exception) -> str:
    """Why no answer came, without any address."""
    why = error.reason if isinstance(error, URLError) else error
    if isinstance(why, TimeoutError):
        return _("no answer in time")
    return str(getattr(why, "strerror", None) or why or type(why).__name__)


def _seconds(retry_after: str | None) -> float | None:
    """The wait a server asks for, in seconds, told as a number or as a moment; None where it says none."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
