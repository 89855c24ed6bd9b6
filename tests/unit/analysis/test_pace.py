"""Open windows are put off in proportion to what they cost; ended ones never."""

from __future__ import annotations

from kaname.analysis.pace import Pace


class Clock:
    """Time by hand: seconds for the clock, microseconds for the calendar."""

    def __init__(self) -> None:
        self.seconds, self.day = 1000.0, 50

    def pace(self) -> Pace:
        return Pace(lambda: self.seconds, lambda: self.day)


def test_a_window_that_grows_waits_nine_times_as_long_as_it_took() -> None:
    clock = Clock()
    pace = clock.pace()
    pace.begin()
    assert pace.ready("a", 0, 100)
    pace.took("a", 0, 100, 4.0)
    clock.seconds += 35.9
    assert not pace.ready("a", 0, 100)
    assert pace.put_off() == 1036.0
    clock.seconds = 1036.0
    pace.begin()
    assert pace.ready("a", 0, 100)
    assert pace.put_off() is None


def test_a_window_that_has_ended_is_never_put_off() -> None:
    clock = Clock()
    pace = clock.pace()
    pace.took("a", 0, 100, 60.0)
    clock.day = 100
    assert pace.ready("a", 0, 100)
    pace.took("a", 0, 100, 60.0)
    assert pace.ready("a", 0, 100)


def test_others_are_not_put_off_with_it() -> None:
    pace = Clock().pace()
    pace.took("a", 0, 100, 60.0)
    assert pace.ready("b", 0, 100)
    assert pace.ready("a", 100, 200)
