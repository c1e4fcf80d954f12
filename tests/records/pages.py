"""The pages of searches and records as a person without scripts uses them."""

import io
import re
from pathlib import Path

from sqlalchemy import select

from workbench.app import FOLLOWS, database_of, tasks
from workbench.jobs import service as jobs
from workbench.jobs.models import Job

CEMENT = (Path(__file__).resolve().parent.parent / "data" / "protocol.yaml").read_bytes()
BASE = "/reviews/cement-spine"


def token(client):
    return re.search(r'name="csrf-token" content="([^"]+)"', client.get("/reviews/new").text)[1]


def send(client, address, *files, **form):
    data = form | {"csrf_token": token(client)}
    if files:
        data["file"] = [(io.BytesIO(content), name) for name, content in files]
    return client.post(BASE + address, data=data, content_type="multipart/form-data")


def work(app, *, follow=False):
    """Do every job that waits, and those that come of them; with what follows put on the list, where wanted."""
    sessions, store, after = database_of(app), app.extensions["workbench.files"], FOLLOWS if follow else None
    while True:
        with sessions.read() as session:
            job_id = session.scalar(select(Job.id).where(Job.finished_at.is_(None)).order_by(Job.id).limit(1))
        if job_id is None:
            return
        jobs.run(sessions, store, tasks(), job_id, "w", after=after)
