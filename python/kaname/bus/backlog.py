"""How far a durable subscriber is behind: the measure of back-pressure."""

from __future__ import annotations

import re

from kaname.bus.log import Durable, Log
from kaname.bus.message import pattern

__all__ = ["Backlog"]


class Backlog:
    """What waits for one durable subscriber; counted only when it may be too much."""

    def __init__(self, state: Durable) -> None:
        self.state = state
        self.selects: re.Pattern[str] = pattern(state.pattern)
        self._counted = 0
        self._head = state.floor

    def full(self, log: Log, head: int) -> bool:
        """Whether one message more would be too many, ``head`` being the newest cursor."""
        if self._counted + head - self._head < self.state.max_pending:
            return False  # even if all that came since were for it
        self._counted = log.count(self.state.pattern, self.state.floor) - len(self.state.acked)
        self._head = head
        return self._counted >= self.state.max_pending
