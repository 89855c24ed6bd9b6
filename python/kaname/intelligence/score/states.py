"""Where an indicator is in its life (RFC 9424, section 3.2), as a view.

Each step is an assertion of somebody who saw it happen (shared, deployed, detected,
reacted). The end is none: it follows from the score, so that it cannot disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaname.knowledge.assertions import Assertion
from kaname.model.marking import Tlp
from kaname.model.records import Indicator, State

__all__ = ["PREDICATE", "state_at", "step"]

PREDICATE = "state"
_STEPS = (State.SHARED, State.DEPLOYED, State.DETECTED, State.REACTED)


def state_at(indicator: Indicator, at: int, said: Iterable[Assertion] = ()) -> State:
    """The state at ``at``: the furthest that was asserted until then, or the end."""
    if indicator.revoked or at >= indicator.valid_until:
        return State.ENDED
    known = {one.value for one in said if one.predicate == PREDICATE and one.at <= at}
    reached = [state for state in _STEPS if state.value in known]
    return reached[-1] if reached else indicator.state


def step(indicator: Indicator, state: State, *, source: str, at: int, tlp: Tlp) -> Assertion:
    """That ``indicator`` came to ``state`` at ``at``, says ``source``."""
    return Assertion(
        source=source, subject=indicator.id, predicate=PREDICATE, value=state.value, at=at, tlp=tlp
    )
