"""What a visitor does and sees on the search tab, as words the tests use."""

from __future__ import annotations

from playwright.sync_api import Page, expect

KEYS = """(grid) => [...document.querySelectorAll(`.${grid} .mrl-tile img`)].map(
  (img) => Number(/(\\d+)\\.webp/.exec(img.src)[1]))"""
PLACES = """() => [...document.querySelectorAll(".mrl-stat, .mrl-tile, .mrl-chart, .mrl-how")].map((part) => {
  const box = part.getBoundingClientRect();
  return [box.x, box.y, box.width, box.height].map(Math.round).join();
})"""
WEIGHT = """() => performance.getEntriesByType("resource")
  .filter((entry) => !entry.name.includes("/thumb/"))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
GIVE_PICTURE = """([way, data, words]) => {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], `by-${way}.png`, {type: "image/png"}));
  if (words) given.setData("text/plain", words);
  const how = {bubbles: true, cancelable: true};
  const event = way === "drop" ? new DragEvent("drop", {...how, dataTransfer: given})
    : new ClipboardEvent("paste", {...how, clipboardData: given});
  document.querySelector(".mrl-bar input").dispatchEvent(event);
}"""


def keys(page: Page, grid: str = "mrl-here") -> list[int]:
    """The keys of the pictures in a grid, best first."""
    found: list[int] = page.evaluate(KEYS, grid)
    return found


def dim(page: Page) -> int:
    """The dim looked at."""
    return int(page.locator(".mrl-dim-now").inner_text())


def stat(page: Page, name: str) -> str:
    return page.locator(f'[data-stat="{name}"]').inner_text()


def to_dim(page: Page, stop: int) -> None:
    """Move the slider to its `stop`-th stop, as a drag does."""
    page.locator("#mrl-dim-range").evaluate(
        "(range, stop) => { range.value = stop; range.dispatchEvent(new Event('input', {bubbles: true})); }",
        stop,
    )


def to_tab(page: Page, name: str) -> None:
    """Choose a tab, from the menu behind the dots where a narrow screen has no room for it."""
    tab = page.get_by_role("tab", name=name, exact=True)
    if not tab.is_visible():
        page.locator(".overflow-menu > button").click()
        tab = page.locator(".overflow-dropdown").get_by_text(name, exact=True)
    tab.click()


def press_at_once(page: Page, *buttons: str) -> None:
    """Click on what these selectors find, faster than any server answers."""
    page.evaluate("(all) => { for (const one of all) document.querySelector(one).click(); }", buttons)


def search(page: Page, text: str) -> None:
    page.fill("#mrl-text", text)
    page.press("#mrl-text", "Enter")


def settled(page: Page) -> None:
    """Wait until no question is under way."""
    expect(page.locator(".mrl-search")).to_have_attribute("aria-busy", "false")


def message(page: Page) -> str:
    return page.locator(".mrl-message").inner_text()


def expect_message(page: Page, text: str) -> None:
    expect(page.locator(".mrl-message")).to_contain_text(text)
