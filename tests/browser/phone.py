"""Find the parts of a page that cannot be read or touched on a phone: text outside the window or its panel, and buttons, links
and fields too small for a finger."""

from __future__ import annotations

from playwright.sync_api import Page

#: The smallest allowed height and width, in pixels, of an element that a finger must hit (WCAG 2.2, criterion 2.5.8).
LEAST = 24

#: A script that returns [the fault, the element's text or name] for each faulty element. It leaves out the list of a form's
#: sections, which scrolls sideways by design.
_FAULTS = """(least) => {
  const width = document.documentElement.clientWidth, faults = [];
  const words = (element) => (element.innerText || element.getAttribute('aria-label') || element.name || '').trim().slice(0, 40);
  const say = (what, element) => faults.push([what, words(element)]);
  for (const element of document.querySelectorAll('.topbar *, main *')) {
    const box = element.getBoundingClientRect();
    if (!element.checkVisibility() || box.width < 2 || element.closest('.visually-hidden, .tasks, pre')) continue;
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const panel = element.closest('.panel');
    if (text && box.right > width + 1) say('outside the window', element);
    else if (text && panel && box.right > panel.getBoundingClientRect().right + 1) say('outside its panel', element);
    if (!element.matches('button, select, summary, input, .tabs a, .crumbs a, .tools a')) continue;
    const labelled = element.matches('[type=checkbox], [type=radio]') && element.closest('label');
    const { width: wide, height: high } = (labelled || element).getBoundingClientRect();
    if (wide < least || high < least) say(`${Math.round(wide)} × ${Math.round(high)} px`, element);
  }
  return faults;
}"""


def faults_on_phone(page: Page) -> list[str]:
    """Return the faults of a page whose window is as narrow as a phone's."""
    return [f"{what}: {element}" for what, element in page.evaluate(_FAULTS, LEAST)]
