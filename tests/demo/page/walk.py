"""A walk along views of the page at every width, noting what is too wide and what cannot be pressed."""

from __future__ import annotations

from typing import Any

from tests.demo.page.conftest import Visitor

WIDTHS = (320, 390, 640, 768, 1280)
HEIGHT = 780

# What is wider than its place, and what cannot be pressed: its middle, once scrolled to, is something else or off the
# screen. While a dialog or a list of
# suggestions is open, only that is looked at, as it covers the rest.
FAULTS = r"""() => {
  const held = '[popover]:popover-open', list = '.suggestions:not([hidden])';
  const top = document.querySelector('dialog[open]') ?? document.querySelector(held)
    ?? document.querySelector(list)?.parentElement ?? document;
  const words = node => (node.innerText ?? '').replace(/\s+/g, ' ').slice(0, 40);
  const named = node => `${node.tagName.toLowerCase()}.${node.className?.baseVal ?? node.className} ${words(node)}`;
  const places = `main, .scroll, .form-body, dialog[open], .behind-content, .tour, ${held}`;
  const scrolling = document.querySelectorAll(places);
  const wide = [document.documentElement, ...scrolling]
    .filter(n => n.checkVisibility() && n.scrollWidth > n.clientWidth)
    .map(n => `too wide: ${named(n)} ${n.scrollWidth} > ${n.clientWidth}`);
  const hidden = node => !node.checkVisibility({ visibilityProperty: true }) || node.disabled
    || node.closest('[hidden], [inert], .skip, .hidden-text');
  const lost = [...top.querySelectorAll('button, a[href], input, select, textarea, summary')];
  const unreachable = lost.filter(n => !hidden(n)).filter(n => {
    n.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const box = n.getClientRects()[0];
    if (!box) return true;
    const found = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!found) return true;
    const around = found.contains(n) && found.matches('label, a, button');
    return !(n.contains(found) || around || found.closest('label')?.control === n);
  });
  return [...wide, ...unreachable.map(n => `cannot be pressed: ${named(n)}`)];
}"""


class Walk:
    """Looks at one view after the other at every width, and notes what is wrong."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.found: dict[str, list[str]] = {}

    @property
    def told(self) -> str:
        return "\n".join(f"{view}: {fault}" for view, faults in self.found.items() for fault in faults)

    def look(self, view: str, widths: tuple[int, ...] = WIDTHS) -> None:
        page = self.visitor.page
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            page.wait_for_function("() => document.documentElement.dataset.pending === '0'")
            if self.visitor.shots_wanted and width in (390, 1280):
                self.visitor.shot(f"width-{view.replace('/', '-')}-{width}")
            faults: Any = page.evaluate(FAULTS)
            if faults:
                self.found[f"{view} at {width}"] = faults
