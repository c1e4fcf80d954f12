"""The workbench as an operator starts it, in a process of its own, to be loaded, killed and started again."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

CHEAP_PASSWORDS = {
    "WORKBENCH_SECURITY_PASSWORD_HASH": "plaintext",
    "WORKBENCH_SECURITY_PASSWORD_SCHEMES": '["plaintext"]',
}


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


class Nursery:
    """Servers that start in a blink: forked from one process that has the program loaded, each killed in its turn."""

    def __init__(self, home: Path, url: str) -> None:
        self.port = _free_port()
        self._pid = 0
        command = [sys.executable, "-c", "from tests.serving import nursery; nursery()", str(home), url, str(self.port)]
        pipe = subprocess.PIPE
        with (home / "server.log").open("ab") as log:
            self._parent = subprocess.Popen(
                command, env=os.environ | CHEAP_PASSWORDS, stdin=pipe, stdout=pipe, stderr=log, text=True
            )

    def launch(self) -> None:
        """Start the next server, and do not wait until it listens."""
        assert self._parent.stdin and self._parent.stdout
        print("next", file=self._parent.stdin, flush=True)
        self._pid = int(self._parent.stdout.readline())

    def kill(self) -> None:
        """End the server as a power cut would, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
            while True:
                os.kill(self._pid, 0)
                time.sleep(0.002)

    def close(self) -> None:
        """End the server and the process that it came from."""
        self.kill()
        self._parent.communicate(timeout=20)


def nursery() -> None:
    """The process that servers are forked from: one for each line that it reads, whose process it names."""
    from workbench.serving import serve

    home, url, port = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a killed one is gone at once
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(Path(home), url, port=int(port), worker=False, announce=lambda _address: None)
            os._exit(0)
        print(pid, flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
