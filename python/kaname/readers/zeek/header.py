"""The head of a tab-separated Zeek log: what its columns are called and how they are cut.

Lines that begin with ``#`` (Zeek manual, "Log formats": ASCII writer). A file may hold
several logs one after another, each with its own head.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Header", "read_line"]


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines after it mean; the defaults are those of Zeek."""

    separator: str = "\t"
    set_separator: str = ","
    empty: str = "(empty)"
    unset: str = "-"
    path: str = ""
    fields: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def type_of(self, name: str) -> str:
        """The Zeek type of a column, as ``vector[string]``; empty when not told."""
        return dict(zip(self.fields, self.types, strict=False)).get(name, "")


def read_line(header: Header, line: str) -> Header:
    r"""The head after one more of its lines.

    Lines that say nothing of the shape (``#open``, ``#close``, comments) change nothing;
    ``#separator`` begins a new head.
    """
    if line.startswith("#separator"):
        text = line[len("#separator") :].strip(" ")
        return Header(separator=_unescaped(text) or "\t")
    key, _, value = line.partition(header.separator)
    match key:
        case "#set_separator":
            return replace(header, set_separator=_unescaped(value) or ",")
        case "#empty_field":
            return replace(header, empty=value)
        case "#unset_field":
            return replace(header, unset=value)
        case "#path":
            return replace(header, path=value)
        case "#fields":
            return replace(header, fields=tuple(value.split(header.separator)), types=())
        case "#types":
            return replace(header, types=tuple(value.split(header.separator)))
        case _:
            return header


def _unescaped(text: str) -> str:
    r"""``\x09`` as the character it stands for."""
    if text.startswith("\\x"):
        try:
            return chr(int(text[2:4], 16))
        except ValueError:
            return ""
    return text
