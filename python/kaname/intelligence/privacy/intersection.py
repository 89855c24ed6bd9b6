"""Private set intersection: two members learn what they share, and nothing more.

Elliptic-curve Diffie-Hellman as OpenMined's PSI does it (extra ``privacy``): three messages
of bytes, which go by file or by HTTP alike::

    member S: server = Server.new(); setup = server.setup(values, other_count)  ->
    member C: client = Client.new(); request = client.request(values)           ->
    member S: response = server.respond(request)                                ->
    member C: client.shared(setup, response)

The client learns which of its values the server has; the server learns how many were asked.
The setup is a compressed set: of other values a share of ``RATE`` at most would be wrong, for
all values of the client together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from kaname.model.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Client", "Server"]

RATE: Final = 1e-9


def _library() -> ModuleType:
    try:
        import private_set_intersection.python as psi
    except ImportError as error:
        raise UnavailableError("intelligence.error.psi_missing") from error
    return psi  # type: ignore[no-any-return]


def _message(kind: str, data: bytes) -> Any:
    """A message of the protocol.

    Raises:
        InputError: the bytes are none.
    """
    made = getattr(_library(), kind)()
    try:
        made.ParseFromString(data)
    except Exception as error:  # the library raises what its C++ side gives
        raise InputError("intelligence.error.psi_message", kind=kind) from error
    return made


class Server:
    """The member who answers; its key serves one exchange after another, and is secret."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @classmethod
    def new(cls) -> Self:
        """With a fresh key.

        Raises:
            UnavailableError: the library is not installed.
        """
        return cls(_library().server.CreateWithNewKey(True))

    @classmethod
    def restored(cls, key: bytes) -> Self:
        """With the key of an earlier one, so that its setups stay of use."""
        return cls(_library().server.CreateFromKey(key, True))

    @property
    def key(self) -> bytes:
        """The secret key."""
        return bytes(self._server.GetPrivateKeyBytes())

    def setup(self, values: Sequence[str], asked: int) -> bytes:
        """The first message, for a client of ``asked`` values."""
        psi = _library()
        message = self._server.CreateSetupMessage(
            RATE, asked, sorted(set(values)), psi.DataStructure.GCS
        )
        return bytes(message.SerializeToString())

    def respond(self, request: bytes) -> bytes:
        """The answer to a request."""
        answer = self._server.ProcessRequest(_message("Request", request))
        return bytes(answer.SerializeToString())


class Client:
    """The member who asks, once."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._values: list[str] = []

    @classmethod
    def new(cls) -> Self:
        """With a fresh key.

        Raises:
            UnavailableError: the library is not installed.
        """
        return cls(_library().client.CreateWithNewKey(True))

    @classmethod
    def restored(cls, key: bytes, values: Sequence[str]) -> Self:
        """With the key and the values of an earlier one that made a request."""
        found = cls(_library().client.CreateFromKey(key, True))
        found._values = sorted(set(values))
        return found

    @property
    def key(self) -> bytes:
        """The secret key."""
        return bytes(self._client.GetPrivateKeyBytes())

    def request(self, values: Sequence[str]) -> bytes:
        """The message to the server; the order of the values is not in it."""
        self._values = sorted(set(values))
        message = self._client.CreateRequest(self._values)
        return bytes(message.SerializeToString())

    def shared(self, setup: bytes, response: bytes) -> list[str]:
        """The values that both have."""
        places = self._client.GetIntersection(
            _message("ServerSetup", setup), _message("Response", response)
        )
        return sorted(self._values[place] for place in places)
