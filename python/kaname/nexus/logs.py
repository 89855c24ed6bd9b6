"""Logs: one JSON line per event on standard error; short lines for a person at a terminal."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import msgspec

from kaname.model.instant import format_us

__all__ = ["JsonLines", "Short", "configure"]

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_QUIET = ("uvicorn", "uvicorn.error", "watchfiles", "alembic", "litestar")


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, event, further fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for a record."""
        line: dict[str, Any] = {
            "at": format_us(int(record.created * 1_000_000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class Short(logging.Formatter):
    """``12:34:56 event field=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for a record."""
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        more = "".join(f" {name}={value}" for name, value in fields.items())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.getMessage()}{more}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(stream: TextIO | None = None) -> None:
    """Send kaname's events to ``stream`` (standard error); libraries speak when it matters."""
    target = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(target)
    handler.setFormatter(Short() if target.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    logging.getLogger("kaname").setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
