"""A person at a browser without scripts: signs in, sends forms and JSON with their token, as the pages do."""

import io
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Person:
    """One signed-in person and their browser."""

    def __init__(self, app: Flask, email: str, password: str) -> None:
        self.email, self.password = email, password
        self.browser = app.test_client()
        self._token = ""

    def token(self, page: str | None = None) -> str:
        """The token of this person's session, read off a page and kept; a page that is named is read afresh."""
        if page is not None or not self._token:
            answer = self.browser.get(page or "/reviews/new", follow_redirects=True)
            found = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
            assert found, page
            self._token = found[1]
        return self._token

    def sign_in(self) -> "Person":
        """Sign in through the form."""
        self.send("/sign-in", {"email": self.email, "password": self.password}, token_of="/sign-in")
        return self

    def send(self, address: str, form: dict[str, Any], token_of: str | None = None, expect: int = 303) -> TestResponse:
        """Send a form and expect to be led on."""
        answer = self.browser.post(
            address, data={**form, "csrf_token": self.token(token_of)}, content_type="multipart/form-data"
        )
        assert answer.status_code in {expect, 302 if expect == 303 else expect}, (
            f"{address}: {answer.status_code} {answer.text[:2000]}"
        )
        if token_of is not None:  # signing in or up begins a new session
            self._token = ""
        return answer

    def say(self, address: str, payload: Any) -> Any:
        """Send JSON, as the desk's module does."""
        answer = self.browser.post(address, json=payload, headers={"X-CSRFToken": self.token()})
        assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text[:2000]}"
        return answer.json


def a_file(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    """A file as a form sends it."""
    return io.BytesIO(data), name
