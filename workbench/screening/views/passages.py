"""The text of a full text: searched for words, and the pages on which one's own terms stand."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from workbench.files import service as files
from workbench.files.formats import Reader, Reading, State
from workbench.files.formats import in_words as state_in_words
from workbench.files.models import FileText
from workbench.protocols.queries import plan_in_force
from workbench.reviews.access import apart, asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening.models import FullText
from workbench.screening.queries import desk, reports
from workbench.screening.queries import votes as queries
from workbench.screening.rules.passages import Hits, TermPages, find, term_pages
from workbench.screening.views.retrieval import limits, opened
from workbench.web.transactions import current_session, short_write

bp = Blueprint("passages", __name__, url_prefix="/reviews/<slug>/full-texts")

PAGES = 1500
"""So many pages of a file are read, from the first."""
LONGEST = 200
"""Characters of what is searched for."""


@dataclass(frozen=True)
class InText:
    """What is found in one file: places of the words, pages of the terms, and what could not be looked through."""

    file: FullText
    words: str
    hits: Hits
    terms: list[TermPages]
    trouble: str
    """Why there is no text to search; empty where there is."""
    read: int
    of: int

    @property
    def is_cut(self) -> bool:
        """Whether only the first pages were looked through."""
        return self.read < self.of


@bp.get("/<int:full_text_id>/text")
@door(Deed.READ_FULL_TEXT)
def search(slug: str, full_text_id: int) -> str:
    """Search the text of a file; a part of a page for the module, else a page with the file beside it.

    A file that nobody has searched before is read first, in a process of its own, and its text kept.
    """
    row = reports.full_text(current_session(), asking_member().review_id, full_text_id)
    sha256, name = row.sha256, row.file_name
    if current_session().get(FileText, sha256) is None:
        _read(sha256, name)
    session = current_session()
    row = reports.full_text(session, asking_member().review_id, full_text_id)
    found = _in_text(session, row, request.args.get("q", "").replace("\x00", "")[:LONGEST].strip())
    if request.args.get("part"):
        return render_template("screening/_in_text.html", found=found)
    kept = queries.kept_of(session, row.record_id)
    return render_template("screening/in_text.html", found=found, kept=kept, files=reports.files_of(session, kept))


def _read(sha256: str, name: str) -> None:
    """Read a file and keep its text; the page then looks at the database as it is afterwards."""
    with apart():
        with opened(sha256, name) as file, Reader(limits()) as reader:
            reading = reader.read(file, PAGES)
        with short_write() as beside:
            files.keep_text(beside, sha256, reading)


def _in_text(session: Session, row: FullText, words: str) -> InText:
    member = asking_member()
    text = session.get_one(FileText, row.sha256)
    state = State(text.state)
    marked = desk.terms_of(session, member, plan_in_force(session, member.review_id)).all
    trouble = "" if state is State.READ else state_in_words(Reading(state, text.of_pages), limits())
    pages = text.pages
    return InText(row, words, find(pages, words), term_pages(pages, marked), trouble, len(pages), text.of_pages or 0)
