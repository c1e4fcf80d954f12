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
    """Do every job that waits; with what follows put on the list, where wanted."""
    with database_of(app).read() as session:
        waiting = list(session.scalars(select(Job.id).where(Job.finished_at.is_(None))))
    for job_id in waiting:
        jobs.run(
            database_of(app), app.extensions["workbench.files"], tasks(), job_id, "w", after=FOLLOWS if follow else None
        )
