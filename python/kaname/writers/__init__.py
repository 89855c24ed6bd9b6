"""Writers turn indicators into bytes that others can use, one format a file.

Ours and those of third parties are found the same way, by entry points of the group
``kaname.writers``.
"""

from __future__ import annotations

from kaname.writers.frame import FindingOf, Sink, Writer, WriterDoc
from kaname.writers.registry import writer, writers

__all__ = ["FindingOf", "Sink", "Writer", "WriterDoc", "writer", "writers"]
