"""The workbench as an operator starts it, in a process of its own, to be loaded, killed and started again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


class Server:
    """`workbench serve` on one home and one database, always at the same port; its worker comes and goes with it."""

    def __init__(self, home: Path, url: str, **more: str) -> None:
        self.home = home
        self.port = _free_port()
        self._environment = os.environ | {"WORKBENCH_HOME": str(home), "WORKBENCH_DATABASE_URL": url} | more
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it and wait until it listens."""
        self.launch(*options)
        self.wait()

    def launch(self, *options: str) -> None:
        """Start it, and do not wait."""
        command = [sys.executable, "-m", "workbench", "serve", "--port", str(self.port), *options]
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def wait(self, seconds: float = 60) -> None:
        """Wait until it listens; what it said is shown where it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the server does not listen: {self.said()}")

    def kill(self) -> None:
        """End it as a power cut would: no handler runs, nothing is written any more."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        """End it as an operator does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def cpu_seconds(self) -> float:
        """What the processor has worked for it so far; tells more than the clock where others work too."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        """What it wrote, newest last."""
        return (self.home / "server.log").read_text(errors="replace")[-4000:]

    def failures(self) -> list[str]:
        """The first line of each failure that it wrote down."""
        return re.findall(r"^\w*(?:Error|Exception)\b.*$", (self.home / "server.log").read_text(errors="replace"), re.M)

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The process, once it was started."""
        assert self._process is not None
        return self._process


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
