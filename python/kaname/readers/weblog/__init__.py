"""Logs of web servers and proxies: access, error, Squid, W3C extended (IIS)."""

from __future__ import annotations

from kaname.readers.weblog.access import AccessLogReader
from kaname.readers.weblog.error import ErrorLogReader
from kaname.readers.weblog.squid import SquidReader
from kaname.readers.weblog.w3c import W3cReader

__all__ = ["AccessLogReader", "ErrorLogReader", "SquidReader", "W3cReader"]
