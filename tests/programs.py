"""A program with a token: asks the API as a script would, without a browser and without cookies."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from workbench.accounts.models import User
from workbench.accounts.rules import Scope
from workbench.accounts.service import make_token
from workbench.app import database_of


class Program:
    """One program that acts as a person."""

    def __init__(self, app: Flask, person: User, scope: Scope = Scope.FULL) -> None:
        self._browser = app.test_client(use_cookies=False)
        with database_of(app).write.begin() as session:
            self.token, self.secret = make_token(session, person, f"{scope} {person.id}", scope, 30)

    def ask(self, address: str) -> TestResponse:
        """GET an address under /api/v1."""
        return self._browser.get(f"/api/v1{address}", headers=self.headers)

    def send(self, address: str, payload: Any = None, **more: Any) -> TestResponse:
        """POST JSON, or whatever `more` says, to an address under /api/v1."""
        sent = more or {"json": {} if payload is None else payload}
        return self._browser.post(f"/api/v1{address}", headers=self.headers, **sent)

    @property
    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        return {"Authorization": f"Bearer {self.secret}"}
