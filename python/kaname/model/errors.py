"""Every error that kaname raises on purpose.

::

    KanameError
    ├── UsageError            the request is wrong                 exit 2   HTTP 400
    │   ├── SettingError      a setting is unknown or unfit
    │   └── QueryError        a query is not valid or not allowed
    ├── AuthenticationError   no token, or a wrong one             exit 1   HTTP 401
    ├── ForbiddenError        the role or clearance is too low     exit 1   HTTP 403
    ├── NotFoundError         nothing has that name                exit 1   HTTP 404
    ├── ConflictError         it is there already, or in use       exit 1   HTTP 409
    ├── LimitError            a row, time or memory limit          exit 1   HTTP 413
    ├── InputError            input that cannot be read            exit 1   HTTP 422
    │   └── UnknownFormatError   no reader knows the bytes
    ├── CancelledError        somebody asked to stop               exit 130 HTTP 499
    ├── StoreError            a store failed                       exit 1   HTTP 500
    │   ├── StoreFullError    no space left                        exit 1   HTTP 507
    │   ├── StoreAccessError  the folder cannot be written
    │   └── IntegrityError    what is stored is not what was written
    └── UnavailableError      a port, service or tool is missing   exit 1   HTTP 503

A message is a key of the catalogue plus values, so that it can be said in the user's
language: it states what was expected, what was found and what to do.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AuthenticationError",
    "CancelledError",
    "ConflictError",
    "ForbiddenError",
    "InputError",
    "IntegrityError",
    "KanameError",
    "LimitError",
    "NotFoundError",
    "QueryError",
    "SettingError",
    "StoreAccessError",
    "StoreError",
    "StoreFullError",
    "UnavailableError",
    "UnknownFormatError",
    "UsageError",
]


class KanameError(Exception):
    """Base of all: ``key`` names the message, ``values`` fill it."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def render(self, language: str = "en") -> str:
        """The message in ``language`` ("en" or "ja")."""
        from kaname.model.messages import text

        values = {
            name: value.render(language) if isinstance(value, KanameError) else value
            for name, value in self.values.items()
        }
        return text(self.key, language, **values)

    def __str__(self) -> str:
        return self.render("en")


class UsageError(KanameError):
    """The request is wrong."""

    exit_code = 2
    http_status = 400


class SettingError(UsageError):
    """A setting is unknown, or its value does not fit."""


class QueryError(UsageError):
    """A query is not valid, or does what queries may not."""


class AuthenticationError(KanameError):
    """No token, or one that is not known."""

    http_status = 401


class ForbiddenError(KanameError):
    """The role or the clearance is too low."""

    http_status = 403


class NotFoundError(KanameError):
    """Nothing has that name."""

    http_status = 404


class ConflictError(KanameError):
    """It is there already, or somebody else uses it."""

    http_status = 409


class LimitError(KanameError):
    """A row, time or memory limit was reached."""

    http_status = 413


class InputError(KanameError):
    """Input that cannot be read at all."""

    http_status = 422


class UnknownFormatError(InputError):
    """No reader knows the bytes."""


class CancelledError(KanameError):
    """Somebody asked to stop."""

    exit_code = 130
    http_status = 499


class StoreError(KanameError):
    """A store failed."""


class StoreFullError(StoreError):
    """No space is left."""

    http_status = 507


class StoreAccessError(StoreError):
    """The data folder cannot be read or written."""


class IntegrityError(StoreError):
    """What is stored is not what was written."""


class UnavailableError(KanameError):
    """A port, a service or a tool is missing."""

    http_status = 503
