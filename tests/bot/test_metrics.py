"""What is counted, and that labels never hold what people wrote."""

from __future__ import annotations

from bot.metrics import Metrics


def lines(metrics: Metrics) -> list[str]:
    return metrics.render().decode().splitlines()


def test_dead_letters_are_counted_from_nothing_on() -> None:
    """The name stands in the contract, so it is there before the first one dies."""
    assert "sipbot_outbox_dead_total 0.0" in lines(Metrics())


def test_a_restart_does_not_set_dead_letters_back() -> None:
    metrics = Metrics()
    metrics.outbox(waiting=0, dead=7, oldest_seconds=0)
    metrics.died()
    metrics.outbox(waiting=0, dead=8, oldest_seconds=0)
    assert "sipbot_outbox_dead_total 8.0" in lines(metrics)


def test_labels_are_fixed_words() -> None:
    metrics = Metrics()
    metrics.dropped("19121212-1212")
    metrics.again("mail", "recipient_refused 550 5.1.1 <anna@example.se>")
    assert 'sipbot_outbox_dropped_total{why="other"} 1.0' in lines(metrics)
    text = metrics.render().decode()
    assert "example.se" not in text
    assert 'why="recipient_refused"' in text


def test_two_processes_parts_do_not_share_numbers() -> None:
    one, two = Metrics(), Metrics()
    one.died()
    assert "sipbot_outbox_dead_total 0.0" in lines(two)


def test_the_clocks_lag_and_a_refusing_platform_are_seen() -> None:
    metrics = Metrics()
    metrics.tick_lag(1.5)
    metrics.halted("slack", now=True)
    assert "sipbot_tick_lag_seconds 1.5" in lines(metrics)
    assert 'sipbot_platform_halted{platform="slack"} 1.0' in lines(metrics)
