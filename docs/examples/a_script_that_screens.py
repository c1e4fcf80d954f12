"""A script as a reviewer: reads the criteria, votes on fifty records, takes two votes back, and finishes.

Or it judges full texts, each with its PDF before it.

It needs Python alone. Give it the address of the workbench, a token of scope "vote" (your page "Access for programs"),
and the review:

    export WORKBENCH_URL=http://127.0.0.1:8000 WORKBENCH_TOKEN=wb_…
    python3 a_script_that_screens.py SLUG
    python3 a_script_that_screens.py SLUG full-text

It judges by the terms of the protocol, which is no way to screen: put your own judgement into `judge`, and for full
texts into `judge_report`.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

MOST = 50
"""So many records in one go."""


class Workbench:
    """The JSON API with one token."""

    def __init__(self, url, token):
        self._base, self._token = f"{url.rstrip('/')}/api/v1", token

    def get(self, address):
        """What stands at an address."""
        return self._ask("GET", address, None)

    def file(self, address):
        """The bytes of a file, such as a full text."""
        return self._ask("GET", address, None, read=lambda answer: answer.read())

    def post(self, address, **body):
        """Do something; a request that got no answer is sent again, which a vote's key makes safe."""
        for wait in (1, 2, 4):
            try:
                return self._ask("POST", address, json.dumps(body).encode())
            except (ConnectionError, TimeoutError):
                time.sleep(wait)
        return self._ask("POST", address, json.dumps(body).encode())

    def _ask(self, method, address, data, read=json.load):
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._base + address, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return read(answer)
        except urllib.error.HTTPError as error:
            told = json.load(error)
            raise SystemExit(f"{told['message']} {told['hint']}") from None
        except urllib.error.URLError as error:
            raise ConnectionError(str(error.reason)) from None


def judge(card, terms):
    """Say include, exclude or unclear of one record: here by the first term of the protocol that it holds."""
    text = " ".join([card["title"], *(part["text"] for part in card["abstract"])]).lower()
    if any(term.rstrip("*").lower() in text for term in terms["exclude"]):
        return "exclude"
    return "include" if any(term.rstrip("*").lower() in text for term in terms["include"]) else "unclear"


def screen(workbench, slug, run):
    """Vote on the next records, not more than MOST; gives the records in the order of the votes."""
    review, here = workbench.get(f"/reviews/{slug}"), f"/reviews/{slug}/stages/title-abstract"
    print(f"{review['title']}: {len(review['criteria'])} criteria, {len(review['exclusion_reasons'])} reasons")
    voted = []
    while len(voted) < MOST:
        cards = workbench.post(f"{here}/queue", limit=min(20, MOST - len(voted)))["items"]
        if not cards:
            break
        for card in cards:
            decision = judge(card, review["terms"])
            workbench.post(f"{here}/votes", record=card["record"], decision=decision, key=f"{run}-{card['record']}")
            voted.append(card["record"])
    return voted


def judge_report(card, pdf, review):
    """Say what a full text is: here an include for the first question, where there is anything to read at all."""
    if not pdf.startswith(b"%PDF-"):
        reasons = [one["code"] for one in review["exclusion_reasons"] if "full-text" in one["applies_at"]]
        return {"decision": "exclude", "reason": reasons[0]}
    kinds = " ".join(card["publication_types"]).lower()
    design = "randomised-trial" if "random" in kinds + card["title"].lower() else "other"
    return {"decision": "include", "questions": [review["questions"][0]["code"]], "design": design}


def read_full_texts(workbench, slug, run):
    """Judge the full texts that wait, not more than MOST; gives how many."""
    review, here = workbench.get(f"/reviews/{slug}"), f"/reviews/{slug}/stages/full-text"
    read = 0
    while read < MOST:
        cards = workbench.post(f"{here}/queue", limit=min(20, MOST - read))["items"]
        if not cards:
            break
        for card in cards:
            files = [workbench.file(f"/reviews/{slug}/full-texts/{one['id']}/file") for one in card["full_texts"]]
            said = judge_report(card, files[0] if files else b"", review)
            workbench.post(f"{here}/votes", record=card["record"], key=f"{run}-full-{card['record']}", **said)
            read += 1
    return read


def take_back(workbench, slug, run, records):
    """Take some votes back; they were in hand still, so nobody ever saw them."""
    for record in records:
        where = f"/reviews/{slug}/stages/title-abstract/votes"
        workbench.post(where, record=record, decision="withdrawn", key=f"{run}-{record}-undo")


def main(slug, stage="title-abstract"):
    """Screen, think better of the last two, finish; or judge full texts and finish."""
    workbench = Workbench(os.environ["WORKBENCH_URL"], os.environ["WORKBENCH_TOKEN"])
    run = time.strftime("run-%Y%m%d-%H%M%S")
    if stage == "full-text":
        read = read_full_texts(workbench, slug, run)
        final = workbench.post(f"/reviews/{slug}/stages/full-text/finish")["handed_in"]
        print(f"{read} full texts judged, {final} votes handed in")
        return
    voted = screen(workbench, slug, run)
    take_back(workbench, slug, run, voted[-2:])
    workbench.post(f"/reviews/{slug}/stages/title-abstract/finish")
    mine = workbench.get(f"/reviews/{slug}/stages/title-abstract")["mine"]
    print(f"{len(voted)} votes cast, 2 taken back, {mine['voted']} stand, {mine['left']} left")


if __name__ == "__main__":
    main(*sys.argv[1:3])
