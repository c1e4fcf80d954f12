"""A second process that does half of the work and sends what it makes."""

import multiprocessing
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from workbench.errors import Invalid
from workbench.words import _

IS_COPY = sys.platform == "linux"
"""Whether the second process begins as a copy of the first: no start, nothing to send. Elsewhere a copy is not safe."""
AHEAD = 8
NO_MATTER_HOW_FAR = 0


class HelperDied(Invalid):
    """Large files are worked on by two processes; both are needed to the end."""

    hint = "Most often the memory was full. Close other programs, or give the files in smaller portions."


def pays() -> bool:
    """Say whether there is a processor for it."""
    return multiprocessing.cpu_count() > 1


@contextmanager
def second(make: Callable[..., Iterator[Any]], *given: Any, ahead: int = AHEAD) -> Iterator[Iterator[Any]]:
    """Let another process make something, lot by lot; it is so many lots ahead of who takes them, and then waits.

    What goes wrong there with the files (Invalid) only ends it: the first process meets it too, and says it.
    """
    context: Any = multiprocessing.get_context("fork" if IS_COPY else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(sender, make, given), daemon=True)
    child.start()
    sender.close()
    try:
        yield _received(receiver, ahead)
    finally:
        child.terminate()
        child.join()


def _send(sender: Connection, make: Callable[..., Iterator[Any]], given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Invalid, BrokenPipeError):
        for one in make(*given):
            sender.send(one)
        sender.send(None)


def _received(receiver: Connection, most: int) -> Iterator[Any]:
    """Take what the other process sends, while this one works.

    Raises:
        HelperDied: it ended too early.
    """
    ahead: queue.Queue[tuple[bool, Any]] = queue.Queue(most)

    def fetch() -> None:
        with suppress(EOFError, OSError):
            while (lot := receiver.recv()) is not None:
                ahead.put((True, lot))
            ahead.put((False, None))
        ahead.put((False, HelperDied(_("The second process that prepared the records ended early."))))

    threading.Thread(target=fetch, daemon=True).start()
    while True:
        goes_on, lot = ahead.get()
        if goes_on:
            yield lot
        elif lot is None:
            return
        else:
            raise lot
