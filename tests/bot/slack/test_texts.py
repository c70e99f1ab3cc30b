"""Texts are cut, cleaned and escaped, never broken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.texts import cut, escaped, shown


@given(st.text(), st.integers(2, 80))
def test_a_cut_text_fits_and_a_short_one_is_left_alone(text: str, most: int) -> None:
    found = cut(text, most)
    assert len(found) <= most
    if len(shown(text)) <= most:
        assert found == shown(text)
    else:
        assert found.endswith("…")


@given(st.text(st.sampled_from("<>&ab!@# |"), max_size=200), st.integers(10, 60))
def test_an_escaped_text_fits_holds_no_markup_and_is_not_cut_inside_an_escape(text: str, most: int) -> None:
    found = escaped(text, most)
    assert len(found) <= most
    bare = found.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set(bare) & {"<", ">", "&"}


def test_what_cannot_be_shown_is_left_out() -> None:
    assert shown("a\x00b\x1bc\x7f\ud800d\r\ne\tf") == "abcd\ne\tf"
