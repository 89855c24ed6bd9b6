from __future__ import annotations

import pytest

from kaname.api.throttle import ATTEMPTS, REMEMBERED, WINDOW_S, Throttle, ThrottledError


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def fail(throttle, client, times):
    for _ in range(times):
        throttle.failed(client, "wrong")


def test_the_last_allowed_failure_still_leaves_the_door_open(clock):
    throttle = Throttle(clock)
    fail(throttle, "192.0.2.1", ATTEMPTS - 1)
    throttle.check("192.0.2.1", "next")


def test_one_more_closes_it_for_that_address_only(clock):
    throttle = Throttle(clock)
    fail(throttle, "192.0.2.1", ATTEMPTS)
    with pytest.raises(ThrottledError) as caught:
        throttle.check("192.0.2.1", "next")
    assert 1 <= caught.value.values["seconds"] <= WINDOW_S + 1
    throttle.check("192.0.2.2", "next")


def test_it_opens_again_when_the_window_has_passed(clock):
    throttle = Throttle(clock)
    fail(throttle, "192.0.2.1", ATTEMPTS)
    clock.now += WINDOW_S + 0.1
    throttle.check("192.0.2.1", "next")


def test_a_token_that_was_right_is_not_locked_out_by_its_neighbours(clock):
    throttle = Throttle(clock)
    throttle.passed("right")
    fail(throttle, "127.0.0.1", ATTEMPTS)
    throttle.check("127.0.0.1", "right")
    with pytest.raises(ThrottledError):
        throttle.check("127.0.0.1", "guess")


def test_a_token_that_stopped_being_right_loses_that_privilege(clock):
    throttle = Throttle(clock)
    throttle.passed("revoked")
    for _ in range(ATTEMPTS):
        throttle.failed("127.0.0.1", "revoked")
    with pytest.raises(ThrottledError):
        throttle.check("127.0.0.1", "revoked")


def test_memory_is_bounded(clock):
    throttle = Throttle(clock)
    for number in range(REMEMBERED + 100):
        throttle.failed(f"client-{number}", "wrong")
    assert len(throttle._failures) == REMEMBERED
