"""Time the desk of duplicates in a browser: `python -m tests.benchmarks.duplicates_queue [--pairs N] [--answers N]`.

So many pairs wait (seeded, invented, made in bulk, on SQLite); so many are answered by key. Prints p50, p95 and max from
the key to the next pair painted, how often none was ready, how many answers arrived, and what the server takes.
"""

import argparse
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.browser.conftest import QUIET, Silent
from tests.factories import PASSWORD, a_record, a_review, an_import, sign_in, the_lead
from workbench import db
from workbench.app import create_app, database_of
from workbench.deduplication.models import CandidatePair, Verdict
from workbench.records.models import Record
from workbench.reviews.models import Member
from workbench.serving import collect_seldom

DESK = "/reviews/size/duplicates"
ABSTRACT = "BACKGROUND: Night cramps are common. METHODS: We randomised adults. RESULTS: " + (
    "Cramps fell more after warm foot baths than after cold ones. " * 25
)
KEYS = "sdsdsdklsd5"
"""What is pressed in turn: joins, partings, links, one put off."""
MEASURE = """
() => {
  window.taken = [];
  addEventListener("keydown", (event) => {
    const began = performance.now();
    requestAnimationFrame(() => { const painted = new MessageChannel(); painted.port1.onmessage = () =>
      window.taken.push([performance.now() - began, document.querySelector(".pair-card").dataset.pair ?? ""]); painted.port2.postMessage(0); });
  }, { capture: true });
}
"""


def main() -> None:
    """Build the house, press the keys, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between two keys")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'size.sqlite'}"
        db.upgrade(url)
        app = create_app(Path(folder), url, "Testing")
        collect_seldom()
        with database_of(app).write.begin() as session:
            lead = build(session, given.pairs, given.seed)
        with listening(app) as address:
            rows = {"key to paint": press(address, lead, given.answers, given.pause)}
        with database_of(app).read() as session:
            arrived = session.scalar(select(func.count(Verdict.id)))
        rows |= serve(sign_in(app.test_client(), lead.user))
        database_of(app).engine.dispose()
    print(f"{given.pairs} pairs, {given.answers} answers by key, {arrived} arrived, ms")
    print(f"{'':14}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, taken in rows.items():
        p95 = statistics.quantiles(taken, n=20)[-1]
        print(f"{name:14}{statistics.median(taken):8.1f}{p95:8.1f}{max(taken):8.1f}")


def build(session: Session, n_pairs: int, seed: int) -> Member:
    """A review with two records for each pair; the pairs differ in what a person looks at."""
    review = a_review(session, "size")
    lead, dice = the_lead(session, review), random.Random(seed)
    like = a_record(
        session, review, of=an_import(session, review), authors=["Holm, A.", "Brandt, S."], abstract=ABSTRACT
    )
    columns = [column.name for column in Record.__table__.columns if column.name not in {"id", "number"}]
    values = {name: getattr(like, name) for name in columns}
    session.execute(
        insert(Record),
        [
            values | {"id": like.id + k, "number": like.number + k, "journal": dice.choice(["J Foot", "Journal of Foot"]),
                      "title": f"Warm foot baths in night cramps, trial {(k + 1) // 2}{' of adults' if k % 2 else ''}",
                      "year": dice.randint(2000, 2020), "pages": f"{k}-{k + 9}"}
            for k in range(1, 2 * n_pairs + 1)
        ],
    )  # fmt: skip
    session.execute(
        insert(CandidatePair),
        [
            {"review_id": review.id, "low_id": like.id + 2 * k - 1, "high_id": like.id + 2 * k,
             "score": round(1 - k / (2 * n_pairs), 4), "reason": dice.choice(["pages differ", "years differ"]),
             "evidence": [["same", "same DOI"], ["near", f"title {dice.randint(90, 99)} %"], ["differs", "pages differ"]]}
            for k in range(1, n_pairs + 1)
        ],
    )  # fmt: skip
    return lead


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The application on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(10)


def press(address: str, lead: Member, answers: int, pause: float) -> list[float]:
    """Answer so many pairs by key; milliseconds from each key to the next pair painted."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        page = browser.new_page(base_url=address)
        page.goto("/sign-in")
        page.fill("[name=email]", lead.user.email)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        page.goto(DESK)
        page.evaluate(MEASURE)
        for number in range(answers):
            page.wait_for_timeout(pause * 1000)
            page.keyboard.press(KEYS[number % len(KEYS)])
        page.wait_for_function(f"window.taken.length === {answers}")
        page.wait_for_function(
            "!Object.keys(localStorage).some((name) => name.startsWith('workbench.vote.'))", timeout=60_000
        )
        taken = shown_pairs(page, answers)
        browser.close()
    return taken


def shown_pairs(page: Page, answers: int) -> list[float]:
    """The times; says how often a key brought the word that the next pair is on its way."""
    rows = page.evaluate("window.taken")
    pairs = [pair for _ms, pair in rows]
    late = pairs.count("")
    assert len(set(pairs) - {""}) == answers - late, "a pair came twice"
    print(f"{late} of {answers} keys found no pair ready")
    return [ms for ms, _pair in rows]


def serve(client: FlaskClient) -> dict[str, list[float]]:
    """What the server takes for the page, the next pairs and an answer, without the browser."""
    page = client.get(DESK).text
    headers = {"X-CSRFToken": re.search(r'csrf-token" content="([^"]+)', page)[1]}
    taken: dict[str, list[float]] = {"page": [], "next pairs": [], "answer": []}
    for number in range(40):
        if number < 20:
            _timed(taken["page"], lambda: client.get(DESK))
        found = _timed(taken["next pairs"], lambda: client.post(f"{DESK}/queue", json={"skip": []}, headers=headers))
        low, high = map(int, found.json[0]["pair"].split("-"))
        said = {"first": low, "second": high, "answer": "same" if number % 2 else "two", "key": f"measured-{number}"}
        _timed(taken["answer"], lambda sent=said: client.post(DESK, json=sent, headers=headers))
    return taken


def _timed(taken: list[float], ask: Callable[[], object]) -> object:
    began = time.perf_counter()
    answer = ask()
    taken.append((time.perf_counter() - began) * 1000)
    assert answer.status_code == 200, answer.text
    return answer


if __name__ == "__main__":
    main()
