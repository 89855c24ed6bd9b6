"""Alerts to organisations as it goes: what was committed is looked at, notices are sent.

One thread looks whenever something was committed (and every two seconds at the lake's
generation, since other processes commit too), one looks at packets as they arrive, and one
empties the outbox, so that a mail server that does not answer holds up no detection. Where
no organisation is registered each finds that out by one number, and does nothing else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from kaname.model.errors import KanameError
from kaname.model.instant import SECOND, now_us

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.bus.mail import MailServer
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.model.settings import Settings
    from kaname.telescope.organisations.delivery import Delivery
    from kaname.telescope.organisations.early import EarlyWatch
    from kaname.telescope.organisations.watching import OrganisationWatch

__all__ = ["Alerting"]

_LOOK_S = 2.0
_TEND_S = 60.0
_BACK_OFF_S = 5.0
_log = logging.getLogger("kaname.nexus")


class Alerting:
    """Keeps alerts and notices going in threads of its own."""

    def __init__(self, settings: Settings, lake: Lake, knowledge: Knowledge, bus: Bus) -> None:
        self._settings = settings
        self._lake = lake
        self._knowledge = knowledge
        self._bus = bus
        self._stop = threading.Event()
        self._new = threading.Event()
        self._waiting = threading.Event()
        self._tended = 0.0
        self._server: MailServer | None = None
        self._threads = [
            threading.Thread(target=self._work, args=(step, event), name=name, daemon=True)
            for name, step, event in (
                ("alerts", self._looking, self._new),
                ("early-alerts", self._watching, self._stop),
                ("notices", self._sending, self._waiting),
            )
        ]

    def start(self) -> None:
        """Begin; what was committed while nobody looked comes first.

        Raises:
            SettingError: the setting ``mail`` describes no mail server.
        """
        from kaname.bus.mail import MailServer

        self._server = MailServer.of(self._settings.mail)
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End; what is under way is finished first, or taken up again by the next start."""
        self._stop.set()
        self.poke()
        self._waiting.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout)

    def poke(self) -> None:
        """Say that something was committed, or that the registry changed."""
        self._new.set()

    def _work(self, made: Callable[[], Callable[[], None]], event: threading.Event) -> None:
        step: Callable[[], None] | None = None
        wait = 0.0
        while not self._stop.is_set():
            event.wait(wait)
            if event is not self._stop:
                event.clear()
            wait = _LOOK_S
            if self._stop.is_set():
                return
            try:
                step = step or made()
                step()
            except KanameError as error:
                _log.warning("alerting failed", extra={"reason": str(error)})
                self._stop.wait(_BACK_OFF_S)
            except Exception:  # noqa: BLE001 - a fault here must not end the process
                _log.exception("alerting stumbled")
                self._stop.wait(_BACK_OFF_S)

    def _looking(self) -> Callable[[], None]:
        """What is done at every look; loaded only when there is an organisation."""
        from kaname.knowledge.organisations import Organisations

        part = self._knowledge.part(Organisations)
        watch: OrganisationWatch | None = None

        def look() -> None:
            nonlocal watch
            if watch is None:
                if part.version() == 0:
                    return
                watch = self._made()
            self._look(watch)

        return look

    def _made(self) -> OrganisationWatch:
        from kaname.telescope.organisations.snapshot import ANALYSIS
        from kaname.telescope.organisations.watching import OrganisationWatch

        params = self._settings.analyses.get(ANALYSIS, {})
        addresses = int(params.get("addresses", 0))
        data = self._settings.data
        return OrganisationWatch(self._lake, self._knowledge, data, addresses=addresses)

    def _look(self, watch: OrganisationWatch) -> None:
        changed = watch.look(now_us())
        if time.monotonic() - self._tended >= _TEND_S:
            self._tended = time.monotonic()
            changed += watch.tend(now_us())
        if changed:
            self._waiting.set()
            _log.info("alerts", extra={"changed": len(changed)})

    def _watching(self) -> Callable[[], None]:
        """Packets as they arrive are followed as long as there is an organisation."""
        from kaname.knowledge.organisations import Organisations
        from kaname.readers.live.tap import packet_tap

        part = self._knowledge.part(Organisations)

        def watch() -> None:
            if part.version() == 0 or not self._settings.listen_to:
                return
            early = self._made_early()
            with packet_tap.follow() as follower:
                while not self._stop.is_set():
                    blocks, _ = follower.take(_LOOK_S / 2)
                    if blocks and early.see(blocks, now_us()):
                        self._waiting.set()

        return watch

    def _made_early(self) -> EarlyWatch:
        from kaname.telescope.organisations.early import EarlyWatch

        return EarlyWatch(self._made(), self._knowledge, tlp=self._settings.tlp)

    def _courier(self) -> Delivery:
        from kaname.telescope.organisations.delivery import Delivery

        return Delivery(self._knowledge, self._bus.publish, self._server)

    def _sending(self) -> Callable[[], None]:
        from kaname.knowledge.organisations import Organisations

        part = self._knowledge.part(Organisations)
        delivery: Delivery | None = None

        def send() -> None:
            nonlocal delivery
            due = part.next_due()
            if due is None or due > now_us() + SECOND // 10:
                return
            if delivery is None:
                delivery = self._courier()
            sent = delivery.pump(now_us())
            _log.info("notices", extra={"sent": sent})

        return send
