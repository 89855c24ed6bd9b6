from __future__ import annotations

import threading
from fractions import Fraction

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.ledger import Ledger
from kaname.model.errors import LimitError

TENTH = Fraction(1, 10)


def test_it_adds_up_exactly_and_refuses_when_spent(knowledge: Knowledge) -> None:
    ledger = knowledge.part(Ledger)
    for left in range(9, -1, -1):  # ten tenths of floats are not one
        assert ledger.spend("alpha", TENTH, budget=Fraction(1), what={}) == Fraction(left, 10)
    with pytest.raises(LimitError):
        ledger.spend("alpha", Fraction(1, 1000), budget=Fraction(1), what={})
    assert ledger.spent("alpha") == 1
    assert ledger.spent("beta") == 0


def test_what_does_not_fit_spends_nothing(knowledge: Knowledge) -> None:
    ledger = knowledge.part(Ledger)
    with pytest.raises(LimitError):
        ledger.spend("alpha", Fraction(2), budget=Fraction(1), what={})
    assert ledger.spent("alpha") == 0


def test_many_at_once_do_not_overspend(knowledge: Knowledge) -> None:
    ledger, refused = knowledge.part(Ledger), []

    def spend() -> None:
        for _ in range(5):
            try:
                ledger.spend("alpha", TENTH, budget=Fraction(1), what={"n": 1})
            except LimitError:
                refused.append(1)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.spent("alpha") == 1
    assert len(refused) == 10
