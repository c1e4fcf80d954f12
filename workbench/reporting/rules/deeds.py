"""The trail in words: what each event says that somebody did, and which of its particulars may be told. Pure."""

from collections.abc import Iterator, Mapping

from workbench.words import _

ASIDE = {"record_id", "stage", "reason_id", "member_id", "engine"}
"""Particulars that are told elsewhere: the record and the stage in the sentence, reason and member by their names."""


def deed(event: str, payload: Mapping[str, object], n: int = 1) -> str:
    """Say what was done, without what was decided: `voted on a record, title and abstract`.

    Args:
        event: the event's name, `room:thing:deed`.
        payload: its particulars; only the stage, and what was done to it, are used.
        n: how many such deeds are told at once.
    """
    if event == "screening:stage:moved":
        return _moved(payload)
    words = (_many(n) if n > 1 else {}).get(event) or _one().get(event) or _unknown(event)
    stage = stage_words(payload.get("stage"))
    return f"{words}, {stage}" if stage else words


def _moved(payload: Mapping[str, object]) -> str:
    """Opened, closed or reopened a stage."""
    words = {"opened": _("opened the stage %(stage)s"), "closed": _("closed the stage %(stage)s")}
    said = words.get(str(payload.get("deed")), _("reopened the stage %(stage)s"))
    return said % {"stage": stage_words(payload.get("stage"))}


def stage_words(stage: object) -> str:
    """Name a stage as pages do; empty for none."""
    return {"title-abstract": _("title and abstract"), "full-text": _("full text")}.get(str(stage), "")


def particulars(payload: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Name the particulars of an event that can be read; hashes, and what the sentence tells, are left out (B11)."""
    for key, value in payload.items():
        if value is not None and key not in ASIDE and not key.endswith("sha256"):
            yield key.removesuffix("_id").replace("_", " "), _value(value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _unknown(event: str) -> str:
    """An event of a room that has no sentence yet: its own words."""
    return event.replace(":", ", ").replace("-", " ")


def _one() -> dict[str, str]:
    return {
        "reviews:review:created": _("began the review"),
        "reviews:member:joined": _("joined the team"),
        "reviews:role:changed": _("changed a role"),
        "reviews:member:left": _("took note that a member left"),
        "reviews:invitation:made": _("invited somebody"),
        "protocols:version:registered": _("put a version of the protocol in force"),
        "protocols:lines:counted": _("wrote down the hits of the lines of a strategy"),
        "protocols:draft:begun": _("began a draft of the protocol"),
        "protocols:draft:saved": _("wrote in the draft of the protocol"),
        "protocols:draft:ended": _("put the draft of the protocol in force, laid it aside or took it up again"),
        "protocols:run:documented": _("documented a search run"),
        "protocols:hits:reported": _("wrote down the hits of a search run"),
        "protocols:difference:explained": _("explained a difference between hits and records"),
        "records:import:started": _("handed in a file"),
        "records:import:completed": _("had a file imported"),
        "records:import:taken-back": _("took an import back"),
        "records:decisions:added": _("added the decisions of another tool to an import"),
        "records:upload:held": _("handed in a table whose columns wait to be explained"),
        "records:upload:dropped": _("let a table go that waited for its columns"),
        "records:columns:mapped": _("said what the columns of a table hold"),
        "records:letters:mended": _("had garbled letters of an import put right"),
        "records:letters:restored": _("put the letters of an import back as delivered"),
        "records:field:added": _("added to a record what it lacked"),
        "records:field:withdrawn": _("withdrew what was added to a record"),
        "jobs:job:cancelled": _("cancelled an import under way"),
        "records:search:asked": _("asked PubMed how many records a line of a search finds"),
        "records:known-studies:asked": _("asked PubMed which known studies a line of a search finds"),
        "records:harvest:started": _("had a search run on PubMed"),
        "records:harvest:resumed": _("let the fetching from PubMed go on"),
        "records:harvest:completed": _("had everything fetched that PubMed finds for a search run"),
        "records:harvest:dropped": _("gave the fetching from PubMed up"),
        "deduplication:run:finished": _("had duplicates searched"),
        "deduplication:pair:answered": _("answered on a pair of records"),
        "deduplication:pair:suspected": _("pointed out two records that may be one report, or took that back"),
        "deduplication:pair:settled": _("settled a pair of records that two people saw differently"),
        "deduplication:group:answered": _("answered a group of pairs of records at once"),
        "deduplication:field:chosen": _("chose where a field of a report comes from, or left it to the fullest record"),
        "deduplication:record:parted": _("parted a record from its cluster"),
        "deduplication:answer:withdrawn": _("took back an answer on a pair of records"),
        "deduplication:import:released": _("parted the records of an import from their clusters"),
        "screening:vote:cast": _("voted on a record"),
        "screening:votes:handed-in": _("handed in votes"),
        "screening:votes:in-bulk": _("voted on a filtered list of records at once"),
        "screening:terms:saved": _("changed the words that the desk marks for everybody"),
        "screening:consensus:proposed": _("proposed a way out of a conflict"),
        "screening:conflict:settled": _("settled a conflict"),
        "screening:discussion:said": _("wrote in the discussion of a record"),
        "screening:conflict:looked-at": _("asked for what the voters of a conflict said"),
        "screening:bar:set": _("set or lifted a bar from voting on a record"),
        "screening:record:passed-on": _("passed a record on, not reading its language"),
        "screening:report:logged": _("noted where a full text stands"),
        "screening:full-text:attached": _("attached a full text or took it off"),
        "screening:report:withdrawn": _("took back a word on where a full text stands"),
        "screening:pdf:sent": _("sent a PDF to find its report"),
        "screening:pdf:none-fits": _("said that a PDF is none of the reports proposed for it"),
        "screening:pdf:let-go": _("let a PDF go that was sent"),
        "screening:records:removed": _("removed records outside the limits"),
        "screening:records:put-back": _("put removed records back"),
        "screening:records:allocated": _("allocated records to people, or freed them"),
        "screening:pilot:begun": _("began a pilot round"),
        "screening:pilot:opened": _("opened a pilot round, since all have handed in"),
        "screening:pilot:released": _("had a pilot round wait no longer for somebody"),
        "screening:languages:said": _("said which languages they read"),
        "screening:tag:defined": _("gave a tag its meaning or took it out of use"),
        "screening:team:asked": _("asked the team about a record"),
        "screening:team:replied": _("replied to a question about a record"),
        "screening:replies:read": _("read the replies to a question"),
        "studies:reports:gathered": _("gathered reports into a study"),
        "studies:reports:split": _("took reports out of a study"),
        "studies:studies:merged": _("merged two studies"),
        "studies:primary:named": _("named the primary report of a study"),
        "studies:study:named": _("named a study"),
        "studies:deed:undone": _("undid a deed on studies"),
        "studies:pair:said": _("said whether reports are of different studies"),
        "studies:report:ongoing": _("said whether a study is still under way"),
        "studies:notice:seen": _("looked at a late change of a report"),
    }


def _many(n: int) -> dict[str, str]:
    return {
        "screening:vote:cast": _("voted %(n)s times", n=n),
        "screening:votes:handed-in": _("handed in votes %(n)s times", n=n),
        "screening:conflict:settled": _("settled %(n)s conflicts", n=n),
        "screening:discussion:said": _("wrote %(n)s messages about records", n=n),
        "screening:report:logged": _("noted %(n)s times where a full text stands", n=n),
        "screening:full-text:attached": _("attached full texts or took them off, %(n)s times", n=n),
        "screening:pdf:sent": _("sent %(n)s PDFs to find their reports", n=n),
        "deduplication:pair:answered": _("answered on %(n)s pairs of records", n=n),
        "deduplication:answer:withdrawn": _("took back answers on pairs of records, %(n)s times", n=n),
        "protocols:draft:saved": _("wrote in the draft of the protocol, %(n)s times", n=n),
        "protocols:hits:reported": _("wrote down the hits of search runs, %(n)s times", n=n),
        "records:import:started": _("handed in %(n)s files", n=n),
        "records:import:completed": _("had %(n)s files imported", n=n),
        "records:search:asked": _("asked PubMed %(n)s times how many records a line of a search finds", n=n),
        "records:known-studies:asked": _("asked PubMed %(n)s times which known studies a line finds", n=n),
    }
