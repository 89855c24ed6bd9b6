"""What a block of a host is: a function from literals it may take to literals it gives."""

from __future__ import annotations

from collections.abc import Callable

from kaname.hardware.netlist.corpus.words import Words

__all__ = ["Block", "Take"]

#: Gives so many literals: primary inputs, or what earlier blocks made.
Take = Callable[[int], list[int]]
#: Network and style, where to take inputs from, size (1 small .. 10 large) -> outputs.
Block = Callable[[Words, Take, int], list[int]]
