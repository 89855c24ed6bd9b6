"""The link key of a nexus, and the one before it while both are valid.

``keys/link.key`` in the data folder is made on first use, whole or not at all; two processes
that start at once agree on one. Rotation keeps the old key as ``keys/link.previous.key``
until it is retired: what is sealed for either is opened.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from kaname.model.errors import ConflictError, InputError, NotFoundError
from kaname.sealing.files import replaced
from kaname.sealing.hybrid import Kem
from kaname.sealing.keyfiles import write_new
from kaname.sealing.link_keys import LinkKey, link_key

__all__ = ["NexusKeys"]

_CURRENT, _PREVIOUS = "link.key", "link.previous.key"


class NexusKeys:
    """The keys of the nexus whose data folder is ``data``; safe from any thread."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "keys"
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[tuple[int, int], LinkKey]] = {}

    @property
    def current(self) -> LinkKey:
        """The key, made now where there is none.

        Raises:
            InputError: the file cannot be read or written, or has no key.
        """
        found = self._kept(_CURRENT)
        if found is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(ConflictError):  # another process was first
                write_new(self._folder / _CURRENT, LinkKey.drawn().text, 0o600)
            found = self._kept(_CURRENT)
        if found is None:
            reason = os.strerror(2)
            raise InputError("sealing.error.key_file", path=self._folder / _CURRENT, reason=reason)
        return found

    @property
    def valid(self) -> tuple[LinkKey, ...]:
        """The keys that open: the current one first."""
        current, previous = self.current, self._kept(_PREVIOUS)
        if previous is None or previous.public == current.public:
            return (current,)
        return (current, previous)

    def rotate(self, kem: Kem | None = None) -> LinkKey:
        """A new key beside the present one, which stays valid until `retire`.

        ``kem`` is its kind; that of the present one where none is named.

        Whoever is killed in between has both files with one key, and rotates again.

        Raises:
            ConflictError: an earlier one was not retired.
        """
        if len(self.valid) > 1:
            raise ConflictError("sealing.error.not_retired")
        before = self.current
        self._replace(_PREVIOUS, before.text)
        made = LinkKey.drawn(kem or before.opening.kem)
        self._replace(_CURRENT, made.text)
        return made

    def retire(self) -> LinkKey:
        """End the key before the present one; gives it.

        Raises:
            NotFoundError: there is none.
        """
        valid = self.valid
        if len(valid) < 2:
            raise NotFoundError("sealing.error.no_previous")
        (self._folder / _PREVIOUS).unlink(missing_ok=True)
        return valid[1]

    def _kept(self, name: str) -> LinkKey | None:
        """The key in a file, read again only when the file is another."""
        path = self._folder / name
        try:
            state = path.stat()
        except FileNotFoundError:
            return None
        stamp = (state.st_ino, state.st_mtime_ns)
        with self._lock:
            known = self._seen.get(name)
            if known is None or known[0] != stamp:
                known = self._seen[name] = (stamp, link_key(path))
            return known[1]

    def _replace(self, name: str, text: str) -> None:
        with replaced(self._folder / name) as file:  # made for its owner only
            file.write(text.encode())
