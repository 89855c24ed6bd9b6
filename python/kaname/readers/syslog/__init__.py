"""Syslog: the envelope of RFC 3164 and RFC 5424, and what some programs say in it."""

from __future__ import annotations

from kaname.readers.syslog.listener import SyslogListener
from kaname.readers.syslog.reader import SyslogReader

__all__ = ["SyslogListener", "SyslogReader"]
