"""A worker in a process of its own, to be killed at any moment, and waiting for what it has done."""

import os
import subprocess
import sys
import time

from workbench.jobs.models import Job


def a_worker(home, url, **more: str) -> subprocess.Popen:
    """A worker whose lease runs out after two seconds; `more` is said to it in its environment. What it says is kept."""
    environment = os.environ | {
        "WORKBENCH_HOME": str(home), "WORKBENCH_DATABASE_URL": url, "WORKBENCH_LEASE_SECONDS": "2"
    } | more  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", "worker"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def wait_until(sessions, job_id, wanted, seconds=60) -> Job:
    """Wait until a job stands as wanted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with sessions.read() as session:
            job = session.get_one(Job, job_id)
            if wanted(job):
                return job
        time.sleep(0.02)
    raise AssertionError(f"the job stands at {job.done} of {job.total}, {job.state}")
