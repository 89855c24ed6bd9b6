"""Who may deliver: a sensor with its own token, and nobody else.

Such a token opens one door only, and is no account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kaname.knowledge.sensors import Sensors
from kaname.model.errors import AuthenticationError

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.knowledge.sensor_records import Sensor

__all__ = ["Throttle", "admitted"]


class Throttle(Protocol):
    """What slows those down who try tokens; see `kaname.api.throttle`."""

    def check(self, client: str, secret: str, /) -> None:
        """Refuse a client that failed too often."""

    def failed(self, client: str, secret: str, /) -> None:
        """The client sent a token that is none."""

    def passed(self, secret: str, /) -> None:
        """The token is one."""


def admitted(
    knowledge: Knowledge, throttle: Throttle, name: str, authorization: str, client: str
) -> Sensor:
    """The sensor called ``name``, if the header ``authorization`` holds its token.

    Raises:
        AuthenticationError: it holds none, or another.
    """
    scheme, _, secret = authorization.partition(" ")
    secret = secret.strip() if scheme.lower() == "bearer" else ""
    if not secret:
        raise AuthenticationError("api.error.no_token")
    throttle.check(client, secret)
    found = knowledge.part(Sensors).authenticate(name, secret)
    if found is None:
        throttle.failed(client, secret)
        raise AuthenticationError("api.error.bad_token")
    throttle.passed(secret)
    return found
