"""Asking somebody at a terminal, or reading answers from a pipe, one a line."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping

import typer

from bot.admin.questions import Question


class Asking:
    """Asks until an answer can be used. Enter keeps what stands in `before`, or else takes the question's default."""

    def __init__(self, before: Mapping[str, str]) -> None:
        self._before = before
        self._terminal = sys.stdin.isatty()

    def __call__(self, question: Question) -> str:
        """Return an answer that has passed the question's check.

        Raises:
            EOFError: nobody answers any more.
        """
        kept = self._before.get(question.name, "")
        shown = "keep it" if kept and question.hidden else kept or ("" if question.hidden else question.default)
        prompt = f"{question.words}{f' [{shown}]' if shown else ''}: "
        while True:
            answer = self.line(prompt, hidden=question.hidden).strip() or kept or question.default
            fault = question.check(answer)
            if not fault:
                return answer
            typer.echo(f"  {fault[:1].upper()}{fault[1:]}.")

    def agrees(self, words: str) -> bool:
        """Return whether the answer to a question of yes or no is yes; Enter means yes."""
        return self.line(f"{words} [Y/n]: ", hidden=False).strip().lower() in {"", "y", "yes", "j", "ja"}

    def line(self, prompt: str, *, hidden: bool) -> str:
        """Return one line as it was typed. What is hidden is not shown on a terminal; a pipe shows nothing anyway."""
        if self._terminal and hidden:
            return getpass.getpass(prompt)
        typer.echo(prompt, nl=False)
        line = sys.stdin.readline()
        if not self._terminal:
            typer.echo("")
        if not line:
            raise EOFError
        return line
