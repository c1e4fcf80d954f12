"""Time the desk in a browser: `python -m tests.benchmarks.desk [--records N] [--votes N] [--keys N] [--seed N]`.

One reviewer who has cast 90,000 votes on 100,000 records, on SQLite, with Chromium at the running server: from the press
of a key to the next record painted (two frames later, as a frame is painted after its callbacks), in milliseconds, for
keys pressed at random intervals. Beside it what the server takes for the queue, for a vote and for the page, and how it
finds its way to them (`--plans`).
"""

import argparse
import random
import re
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import event
from waitress.server import create_server

from tests.benchmarks.queue import build, measure
from tests.factories import PASSWORD, sign_in
from workbench import db
from workbench.app import create_app, database_of
from workbench.serving import collect_seldom

DESK = "/reviews/size/screen/title-abstract"
STOPWATCH = """() => {
  window.taken = [];
  const title = () => document.querySelector('.record h1').closest('[data-record]').dataset.record;
  addEventListener('keydown', (event) => {
    if (!'ymn'.includes(event.key)) return;
    const before = title(), began = event.timeStamp;
    const look = () => requestAnimationFrame(() => {
      if (title() === before) return look();
      const port = new MessageChannel();
      port.port1.onmessage = () => window.taken.push(performance.now() - began);
      port.port2.postMessage(0);
    });
    look();
  }, true);
}"""
"""Takes the time of a key from the moment it was pressed; the message after the frame's callback comes once it is painted."""


def main() -> None:
    """Build the house, press the keys, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--votes", type=int, default=90_000)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20200101)
    parser.add_argument("--plans", action="store_true", help="print how SQLite finds the queue and the vote")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'size.sqlite'}"
        db.upgrade(url)
        app = create_app(Path(folder), url, "Testing")
        began = time.perf_counter()
        with database_of(app).write.begin() as session:
            reader = build(session, given.records, given.votes, 2)
        print(f"{given.records} records, {given.votes} own votes; built in {time.perf_counter() - began:.0f} s")
        collect_seldom()
        taken = {"key to paint": pressed(app, reader.user.email, given.keys, random.Random(given.seed))}
        taken |= measure(sign_in(app.test_client(), reader.user), 60)
        table(taken)
        if given.plans:
            plans(app, reader.user)
        database_of(app).engine.dispose()


def table(taken: dict[str, list[float]]) -> None:
    """Print p50, p95 and the longest of each."""
    print(f"{'ms':14}{'p50':>8}{'p95':>8}{'max':>8}{'n':>6}")
    for name, some in taken.items():
        p95 = statistics.quantiles(some, n=20)[-1]
        print(f"{name:14}{statistics.median(some):8.1f}{p95:8.1f}{max(some):8.1f}{len(some):6}")


def pressed(app: Flask, email: str, n: int, dice: random.Random) -> list[float]:
    """What so many keys took in a browser."""
    server = create_server(app, host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(base_url=f"http://127.0.0.1:{server.effective_port}")
        taken = _walk(page, email, n, dice)
        chromium.close()
    server.close()
    return taken


def _walk(page: Page, email: str, n: int, dice: random.Random) -> list[float]:
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.goto(DESK)
    page.wait_for_load_state("networkidle")
    page.evaluate(STOPWATCH)
    for _ in range(n):
        page.keyboard.press(dice.choice("yymnnnnn"))
        page.wait_for_timeout(dice.uniform(100, 600))
    page.wait_for_function("document.querySelector('.state').dataset.state === 'saved'")
    taken: list[float] = page.evaluate("window.taken")
    if len(taken) != n:
        raise SystemExit(f"{n} keys were pressed, but {len(taken)} records followed")
    return taken


def plans(app: Flask, person: object) -> None:
    """Print SQLite's way to the next five records and through one vote."""
    client = sign_in(app.test_client(), person)
    headers = {"X-CSRFToken": re.search(r'csrf-token" content="([^"]+)', client.get(DESK).text)[1]}
    said: list[tuple[str, object]] = []
    engine = database_of(app).engine
    event.listen(engine, "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
    found = client.post(f"{DESK}/queue", json={"skip": []}, headers=headers).json
    ballot = {"record": found[0]["id"], "decision": "exclude", "key": "planned-0001"}
    client.post(f"{DESK}/votes", json=ballot, headers=headers)
    with engine.connect() as connection:
        for statement, values in [one for one in said if one[0].startswith("SELECT")]:
            print(f"\n{' '.join(statement.split())[:160]}")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
                print(f"  {row[3]}")


if __name__ == "__main__":
    main()
