"""How much mail one sender or one token may bring."""

from __future__ import annotations

from bot.mail.allowance import Allowance


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    clock = Hand()
    allowance = Allowance(3, 10.0, clock=clock)
    assert [allowance.take("a") for _ in range(5)] == [True, True, True, False, False]
    clock.now += 10
    assert [allowance.take("a") for _ in range(2)] == [True, False]
    clock.now += 1000
    assert [allowance.take("a") for _ in range(4)] == [True, True, True, False]


def test_one_key_does_not_use_up_anothers() -> None:
    allowance = Allowance(1, 10.0, clock=Hand())
    assert allowance.take("a")
    assert allowance.take("b")
    assert not allowance.take("a")


def test_names_without_end_do_not_fill_the_memory() -> None:
    allowance = Allowance(1, 10.0, remembered=100, clock=Hand())
    for number in range(10_000):
        allowance.take(str(number))
    assert len(allowance) == 100
