"""Notices to webhooks and by mail: behind the scenes, tried again, never in the way.

What goes out says less than what is kept: the watch, the artifact, when, and the marking.
A hit marked above TLP:AMBER goes nowhere but to the bus and the console, because nobody
knows who reads a mailbox.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from typing import Final, NamedTuple

import msgspec

from kaname.bus import mail, webhook
from kaname.knowledge.watch_records import Watch, WatchHit
from kaname.model.instant import format_us
from kaname.model.marking import Tlp

__all__ = ["Courier", "Delivered"]

WAITS: Final = (0.0, 1.0, 10.0, 60.0)
"""Seconds before each try."""

_MOST_WAITING = 10_000
_LONGEST_BODY = 64 * 1024
_FAILURES = (*webhook.FAILURES, *mail.FAILURES)


class Delivered(NamedTuple):
    """What became of notices: sent, given up, not taken (queue full, marking too high)."""

    sent: int
    failed: int
    refused: int
    last_error: str


class Courier:
    """A thread that delivers; ``send`` returns at once."""

    def __init__(self, waits: tuple[float, ...] = WAITS) -> None:
        self._waits = waits
        self._queue: queue.Queue[tuple[Watch, WatchHit] | None] = queue.Queue(_MOST_WAITING)
        self._stop = threading.Event()
        self._sent = self._failed = self._refused = 0
        self._last_error = ""
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    @property
    def delivered(self) -> Delivered:
        """The account so far."""
        return Delivered(self._sent, self._failed, self._refused, self._last_error)

    def send(self, watch: Watch, hit: WatchHit) -> None:
        """Deliver the hit where the watch says."""
        if not hit.tlp.visible_to(Tlp.AMBER):
            self._refused += 1
            return
        try:
            self._queue.put_nowait((watch, hit))
        except queue.Full:
            self._refused += 1

    def close(self, patience: float = 5.0) -> None:
        """Deliver what waits, as far as that goes within ``patience`` seconds."""
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)
        self._thread.join(patience)
        self._stop.set()

    def _run(self) -> None:
        while (one := self._queue.get()) is not None:
            watch, hit = one
            if watch.delivery.webhook:
                self._try(partial(webhook.post, watch.delivery.webhook, _body(watch, hit)))
            if watch.delivery.mail:
                self._try(partial(_mail, watch, hit))

    def _try(self, deliver: Callable[[], None]) -> None:
        for wait in self._waits:
            if self._stop.wait(wait):
                return
            try:
                deliver()
            except _FAILURES as error:
                self._last_error = f"{type(error).__name__}: {error}"[:200]
            else:
                self._sent += 1
                return
        self._failed += 1


def _body(watch: Watch, hit: WatchHit) -> bytes:
    document = {
        "type": "watch.hit",
        "id": hit.id,
        "watch": {"id": watch.id, "kind": watch.kind, "value": watch.value[:1000]},
        "subject": hit.subject[:8000],
        "entry": hit.entry,
        "at": format_us(hit.at),
        "tlp": hit.tlp.label,
    }
    return msgspec.json.encode(document)[:_LONGEST_BODY]


def _mail(watch: Watch, hit: WatchHit) -> None:
    """Hand one mail to the server, encrypted when it can be."""
    message = EmailMessage()
    message["From"] = watch.delivery.sender
    message["To"] = ", ".join(watch.delivery.mail)
    # Nothing of what was met is in the subject: it would be on every screen on the way.
    message["Subject"] = f"[{hit.tlp.label}] kaname: {watch.id}"
    message.set_content(
        f"{watch.kind.value}: {watch.value[:1000]}\n{hit.subject[:8000]}\n{format_us(hit.at)}\n"
    )
    host, _, port = watch.delivery.smtp.rpartition(":")
    mail.send(mail.MailServer(host, int(port), watch.delivery.sender), message)
