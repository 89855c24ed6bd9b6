"""What sudo and su say (sudo's logging.c; shadow-utils and util-linux su)."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["elevation"]

Row = dict[str, Any]

_SUDO = re.compile(r"\s*(?P<user>\S+) : (?:(?P<refused>[^=;]*?) ; )?(?P<rest>TTY=.*)")
_FIELD = re.compile(r"(TTY|PWD|USER|GROUP|ENV|COMMAND)=(.*?)(?: ; (?=[A-Z]+=)|$)")
_SU = re.compile(
    r"(?P<what>Successful su|FAILED su|FAILED SU|\+|-)[ (](?:for |to )?(?P<target>\S+?)\)?"
    r" (?:by )?(?P<user>\S+)"
)


def elevation(program: str, text: str) -> Row | None:
    """Columns of ``user_events``; None when it is not the use of another account."""
    if program == "sudo":
        return _sudo(text)
    if program == "su":
        return _su(text)
    return None


def _sudo(text: str) -> Row | None:
    found = _SUDO.match(text)
    if found is None:
        return None
    fields = {name.lower(): value for name, value in _FIELD.findall(found["rest"])}
    refused = found["refused"]
    if refused:
        fields["reason"] = refused
    fields["target"] = fields.pop("user", "")
    result = "failure" if refused else "success"
    return {"app": "auth", "method": "sudo", "user": found["user"], "result": result, "ext": fields}


def _su(text: str) -> Row | None:
    found = _SU.match(text)
    if found is None:
        return None
    good = found["what"] in {"Successful su", "+"}
    return {
        "app": "auth",
        "method": "su",
        "user": found["user"],
        "result": "success" if good else "failure",
        "ext": {"target": found["target"]},
    }
