"""The outbox, emptied: to the bus and the console, to mailboxes, to webhooks.

A notice is marked as sent after it was. Who is killed in between sends it once more,
under the same key (the Message-ID of a mail, the Idempotency-Key of a webhook). Only
addresses that are in the registry at that moment are written to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.bus import mail, webhook
from kaname.knowledge.organisation_records import Channel, Notice
from kaname.knowledge.organisations import Organisations
from kaname.model.errors import KanameError, NotFoundError
from kaname.model.instant import DAY, HOUR, MINUTE, SECOND
from kaname.telescope.organisations import letters

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["TOPIC", "WAITS", "Delivery"]

TOPIC = "organisation.alert"
WAITS = (10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, DAY)
"""Before each further try; after the last one a notice is given up."""

_AT_ONCE = 4  # a server that does not answer holds up no other
_PAGE = 100
_MOST = 100_000
_LINE = 300
_log = logging.getLogger(__name__)

Publish = Callable[[str, dict[str, Any]], object]


class _GoneError(Exception):
    """The address is none of the registry any more, or there is no mail server."""


class Delivery:
    """Sends what waits in the outbox; used by one thread at a time."""

    def __init__(
        self,
        knowledge: Knowledge,
        publish: Publish | None,
        server: mail.MailServer | None,
        *,
        waits: tuple[int, ...] = WAITS,
    ) -> None:
        self._part = knowledge.part(Organisations)
        self._publish = publish
        self._server = server
        self._waits = waits

    def pump(self, now: int, only: Collection[str] | None = None) -> int:
        """Try everything that is due (and in ``only``); the number of notices that were sent."""
        sent = 0
        if only is not None:
            due = [notice for notice in self._part.due(now, _MOST) if notice.key in only]
            return sum(self._try(notice, now).state == "sent" for notice in due)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="notice") as pool:
            while due := self._part.due(now, _PAGE):
                # What everybody in this house sees comes first.
                due.sort(key=lambda notice: notice.channel is not Channel.CONSOLE)
                settled = list(pool.map(lambda notice: self._try(notice, now), due))
                sent += sum(one.state == "sent" for one in settled)
        return sent

    def _try(self, notice: Notice, now: int) -> Notice:
        try:
            self._send(notice)
        except _GoneError as error:
            return self._settled(notice, now, state="failed", error=str(error))
        except (*mail.FAILURES, *webhook.FAILURES, KanameError) as error:
            return self._postponed(notice, now, error)
        except Exception as error:  # noqa: BLE001 - one must not hold up the others
            _log.exception("notice stumbled", extra={"notice": notice.key})
            return self._postponed(notice, now, error)
        return self._settled(notice, now, state="sent", error="")

    def _postponed(self, notice: Notice, now: int, error: Exception) -> Notice:
        reason = f"{type(error).__name__}: {error}"[:_LINE]
        _log.warning("notice not sent", extra={"notice": notice.key, "reason": reason})
        if notice.tries >= len(self._waits):
            return self._settled(notice, now, state="failed", error=reason)
        waiting = msgspec.structs.replace(notice, tries=notice.tries + 1, error=reason)
        self._part.settle(waiting, due=now + self._waits[notice.tries])
        return waiting

    def _settled(self, notice: Notice, now: int, *, state: Any, error: str) -> Notice:
        ended = msgspec.structs.replace(
            notice, state=state, error=error, tries=notice.tries + 1, finished=now
        )
        self._part.settle(ended, due=now)
        return ended

    def _send(self, notice: Notice) -> None:
        if notice.channel is Channel.CONSOLE:
            if self._publish is not None:
                self._publish(TOPIC, letters.summary(notice))
            return
        self._check(notice)
        if notice.channel is Channel.WEBHOOK:
            headers = {"Idempotency-Key": notice.key, "X-Kaname-Event": notice.reason.value}
            secret = notice.organisation.secret
            body = letters.document(notice)
            webhook.post(notice.target, body, headers=headers, secret=secret)
        elif self._server is None:
            raise _GoneError("no mail server is set")
        else:
            mail.send(self._server, letters.mail(notice, self._server.sender))

    def _check(self, notice: Notice) -> None:
        """Refuse an address that was taken out of the registry since."""
        try:
            present = self._part.organisation(notice.organisation.id)
        except NotFoundError:
            raise _GoneError("the organisation is not registered any more") from None
        known = {*present.mail} if notice.channel is Channel.MAIL else {present.webhook}
        if notice.target not in known:
            raise _GoneError("the address is not registered any more")
