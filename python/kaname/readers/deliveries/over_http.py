"""Deliveries over HTTP: what the route of every kind of sensor does.

A sensor has a token of its own and no account, and its token opens one door only.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from litestar import Request, Response
from litestar.concurrency import sync_to_thread

from kaname.model.errors import InputError
from kaname.sealing import RECEIPT

if TYPE_CHECKING:
    from kaname.knowledge.sensor_records import Sensor
    from kaname.readers.deliveries.form import Form

__all__ = ["MOST_BODY", "take"]

MOST_BODY = (64 << 20) + (1 << 16)
"""Bytes of a delivery, and of what seals it."""


async def take(
    request: Request[Any, Any, Any], services: Any, name: str, form: Form
) -> Response[bytes]:
    """Take a delivery of the sensor ``name``; with the sensor's token only.

    Raises:
        AuthenticationError: the token is not that sensor's.
        InputError: nothing was sent, or it is no such delivery.
    """
    sensor = await sync_to_thread(_authenticated, request, services, name)
    body = await request.body()
    if not body:
        raise InputError("readers.error.delivery", reason="-")
    return await sync_to_thread(functools.partial(_received, services, form, sensor, body))


def _authenticated(request: Request[Any, Any, Any], services: Any, name: str) -> Sensor:
    """The sensor whose token was sent, if it is the one that is named."""
    from kaname.readers.deliveries.door import admitted

    sent = request.headers.get("authorization", "")
    client = request.client.host if request.client else "local"
    return admitted(services.knowledge, services.throttle, name, sent, client)


def _received(services: Any, form: Form, sensor: Sensor, body: bytes) -> Response[bytes]:
    from kaname.readers.deliveries.sealed import Door, receive

    door = Door(services.lake, services.knowledge, services.link_keys)
    answer = receive(door, form, sensor, body)
    headers = {RECEIPT: answer.receipt} if answer.receipt else None
    return Response(answer.document, headers=headers, media_type="application/json")
