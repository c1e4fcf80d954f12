"""A reviewer's browser as a program: signed in through the form, on one kept connection, with the page's own token."""

import http.client
import json
import re
from collections.abc import Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.factories import PASSWORD

AHEAD = 5
"""So many records come at once."""


class Refused(Exception):
    """The server answered, and did not do what it was asked."""


class DeskClient:
    """One person at one desk. A lost connection is opened again with the next request; nothing is sent again by itself."""

    def __init__(self, port: int, desk: str) -> None:
        self.desk = desk
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookies: dict[str, str] = {}
        self._token = ""

    def sign_in(self, email: str, password: str = PASSWORD) -> "DeskClient":
        """Sign in and open the desk, which gives the token that every deed is sent with."""
        page = self._ask("GET", "/sign-in")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
        form = urlencode({"email": email, "password": password, "csrf_token": token})
        self._ask("POST", "/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})
        found = re.search(r'csrf-token" content="([^"]+)', self._ask("GET", self.desk))
        if found is None:
            raise Refused(f"{email} was not let in")
        self._token = found[1]
        return self

    def beside(self) -> "DeskClient":
        """The same person's second connection, as a browser opens one."""
        other = DeskClient(self._connection.port, self.desk)
        other._cookies, other._token = self._cookies, self._token
        return other

    def next_five(self, skip: Sequence[int] = ()) -> list[int]:
        """The next records to judge."""
        return [one["id"] for one in self.say("/queue", {"skip": list(skip)})]

    def vote(self, record_id: int, decision: str, key: str) -> None:
        """Send one vote, or take it back; returns once the server has it."""
        answer = self.say("/votes", {"record": record_id, "decision": decision, "key": key})
        assert answer["record"] == record_id, answer

    def finish(self) -> int:
        """Hand in what is in hand."""
        return int(self.say("/finish", {})["handed_in"])

    def say(self, address: str, payload: Mapping[str, object]) -> Any:
        """Send what the desk's module sends; the answer is its JSON."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": self._token}
        return json.loads(self._ask("POST", self.desk + address, json.dumps(payload), headers))

    def _ask(self, method: str, address: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> str:
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        try:
            self._connection.request(method, address, body and body.encode(), {**cookies, **(headers or {})})
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except BaseException:
            self._connection.close()
            raise
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        if answer.status >= 400:
            raise Refused(f"{method} {address}: {answer.status} {text[:500]}")
        return text
