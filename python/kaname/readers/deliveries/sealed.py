"""Sealed deliveries: what a sensor seals, and what the nexus answers with its signature.

At the nexus `receive` opens what came; at the sensor a `Seal` closes it and holds the pin.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kaname.knowledge.links import Links
from kaname.model.errors import ForbiddenError, InputError, KanameError
from kaname.readers.deliveries.courier import NEVER
from kaname.readers.deliveries.receiving import take_in
from kaname.sealing.files import replaced
from kaname.sealing.keyfiles import read
from kaname.sealing.link_keys import LinkKey, LinkPublicKey, link_key, link_public_key
from kaname.sealing.message import Opened, is_sealed, open_message, seal_message

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.knowledge.sensor_records import Sensor
    from kaname.lake import Lake
    from kaname.readers.deliveries.form import Form
    from kaname.sealing.nexus_keys import NexusKeys

__all__ = ["Answered", "Door", "Receipted", "Seal", "purpose", "receive", "seal_for"]

_log = logging.getLogger("kaname.sensor")


class Answered(NamedTuple):
    """The answer to a delivery, and the receipt of one that was sealed ("": it was not)."""

    document: bytes
    receipt: str


class Receipted(msgspec.Struct, frozen=True):
    """What the nexus says of a sealed delivery; ``refused`` says why it never takes it.

    ``key`` is the text of its present key, when another one was used.
    """

    sequence: int = 0
    rows: int = 0
    already: bool = False
    refused: str = ""
    key: str = ""


class Door(NamedTuple):
    """Where deliveries come in."""

    lake: Lake
    knowledge: Knowledge
    keys: NexusKeys


def receive(door: Door, form: Form, sensor: Sensor, body: bytes) -> Answered:
    """Open a delivery where it has to be sealed, and take it in.

    Raises:
        ForbiddenError: the sensor has a key and did not seal, or seals and has none here.
        InputError: it is no sound delivery, or was changed on its way.
    """
    partner = door.knowledge.part(Links).partner("sensor", sensor.name)
    registered = partner.keys if partner else ()
    if not is_sealed(body):
        if registered:
            raise ForbiddenError("readers.error.must_seal", sensor=sensor.name)
        taken = take_in(door.lake, door.knowledge, form, sensor, body)
        return Answered(msgspec.json.encode(taken), "")
    if not registered:
        raise ForbiddenError("readers.error.no_sensor_key", sensor=sensor.name)
    senders = [link_public_key(one.text, sensor.name) for one in registered]
    opened = open_message(body, door.keys.valid, senders, purpose(form, sensor.name))
    said = _taken(door, form, sensor, opened)
    current = door.keys.current.public
    if opened.own.public != current:
        said = msgspec.structs.replace(said, key=current.text)
    document = msgspec.json.encode(said)
    return Answered(document, opened.own.receipt(body, document))


def _taken(door: Door, form: Form, sensor: Sensor, opened: Opened) -> Receipted:
    try:
        taken = take_in(door.lake, door.knowledge, form, sensor, opened.content)
    except KanameError as error:
        if error.http_status not in NEVER:
            raise
        return Receipted(refused=str(error)[:500])
    return Receipted(taken.sequence, taken.rows, taken.already)


def seal_for(
    data: Path, url: str, key: Path, given: Path | None, met: Callable[[str], None]
) -> Seal:
    """What the sensor whose data folder is ``data`` seals with for the nexus at ``url``.

    Raises:
        InputError: a file has no key.
    """
    name = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]
    return Seal(link_key(key), data / "keys" / f"nexus-{name}.pub", given=given, met=met)


def purpose(form: Form, sensor: str) -> str:
    """What a sealed delivery is for."""
    return f"delivery {form.name} {sensor}"


class Seal:
    """What a sensor seals with: its own key, and the nexus's, once it is known.

    ``pin`` is the file that keeps the nexus's key; it is written on first use, and again
    when the nexus says with its old key that it has a new one. ``given`` is a public file
    that takes its place and is never written. ``met`` is told of keys that are new here.
    """

    def __init__(
        self,
        own: LinkKey,
        pin: Path,
        *,
        given: Path | None = None,
        met: Callable[[str], None] = lambda _fingerprint: None,
    ) -> None:
        self.own = own
        self._pin = pin
        self._met = met
        self._given = given is not None
        self.nexus: LinkPublicKey | None = None
        place = given or pin
        if given is not None or pin.exists():
            self.nexus = link_public_key(read(place), place)

    def meet(self, text: str) -> None:
        """Trust the nexus's key on first use.

        Raises:
            InputError: it is none, or cannot be kept.
        """
        self._keep(link_public_key(text, "nexus"), text)

    def close(self, form: Form, sensor: str, body: bytes) -> bytes:
        """``body`` for the nexus alone.

        Raises:
            InputError: no key of the nexus is known yet.
        """
        if self.nexus is None:
            raise InputError("readers.error.nexus_unknown")
        return seal_message(body, self.nexus, self.own, purpose(form, sensor))

    def read_answer(self, sent: bytes, answer: bytes, receipt: str) -> Receipted | None:
        """What the nexus says of what was sent; None unless its signature says so."""
        nexus = self.nexus
        if nexus is None or not nexus.receipted(sent, answer, receipt):
            return None
        try:
            said = msgspec.json.decode(answer, type=Receipted)
        except msgspec.MsgspecError:
            return None
        if said.key:
            self._follow(said.key)
        return said

    def _follow(self, text: str) -> None:
        """The nexus has a new key, and the old one vouches for it."""
        try:
            made = link_public_key(text, "nexus")
            if self._given:
                _log.warning("the nexus has the new key %s: pin it", made.fingerprint)
            else:
                self._keep(made, text)
        except InputError as error:
            _log.warning("the new key of the nexus is not used: %s", error)

    def _keep(self, made: LinkPublicKey, text: str) -> None:
        self._pin.parent.mkdir(parents=True, exist_ok=True)
        with replaced(self._pin) as file:
            file.write(text.encode())
        self.nexus = made
        self._met(made.fingerprint)
