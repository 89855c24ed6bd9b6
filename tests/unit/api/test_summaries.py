from __future__ import annotations

import pytest

from kaname.api.summaries import period
from kaname.model.errors import UsageError
from kaname.model.instant import DAY, MINUTE

NOW = 20_000 * DAY + 30_000_000


def test_with_fresh_data_the_day_ends_now():
    since, until, live = period(NOW - MINUTE, None, None, NOW)
    assert until == 20_000 * DAY + MINUTE  # the minute that is running is in it
    assert (until - since, live) == (DAY, True)


def test_with_old_data_it_ends_behind_the_newest_observation():
    newest = 10_000 * DAY + 7
    since, until, live = period(newest, None, None, NOW)
    assert since < newest < until
    assert (until - newest, live) == (MINUTE - 7, False)


def test_with_no_data_it_is_the_present():
    assert period(None, None, None, NOW)[2] is True


def test_a_given_period_is_kept_as_it_is():
    assert period(NOW, 5, 8, NOW) == (5, 8, False)
    assert period(NOW, NOW - DAY, NOW, NOW) == (NOW - DAY, NOW, True)


@pytest.mark.parametrize(("since", "until"), [(8, 8), (9, 8)])
def test_a_period_that_is_none_is_refused(since, until):
    with pytest.raises(UsageError):
        period(NOW, since, until, NOW)
