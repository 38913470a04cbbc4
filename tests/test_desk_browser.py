"""The desk in a real Chromium: narrow pages fit, say nothing on the console, and axe-core finds nothing."""

import json
import os
import shutil
from pathlib import Path

import browser
import pytest
from desks import laid_out, served

browser.needed()
pytest.importorskip("starlette")
pytestmark = pytest.mark.usefixtures("no_database")

SHOTS = os.environ.get("DESK_SHOTS")  # where pictures are kept, for whoever wants to look
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW, WIDE = 360, 1200
CONTACTS = (
    "place,name,role,phone\nH,Budi Santoso,petugas PPK,0812-1\nA,Citra,PPS,0812-2\nW,Dewi,gudang,0812-3\n"
)
FLEET = "vehicle,call_sign,plate,driver,phone,language\nTRUCK-01,elang,KT 8123 AB,Eko Contoh,0812-4,id\n"
PAGES = [
    *("/", "/map", "/search?q=desa", "/region?id=A", "/vehicle?id=VAN-01", "/place?id=H", "/place?id=W"),
    *("/stop?trip=T1&at=1", "/stop?trip=T2&at=1", "/confirm?id=VAN-01", "/reports", "/proposals"),
]


@pytest.fixture(scope="module")
def driver():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as found:
        one = found.chromium.launch(executable_path=browser.chromium(), args=["--no-sandbox"])
        try:
            yield one
        finally:
            one.close()


@pytest.fixture
def desk(tmp_path, tables):
    named = shutil.copytree(tables, tmp_path / "tables")
    (named / "contacts.csv").write_text(CONTACTS, "utf-8")
    (named / "fleet.csv").write_text(FLEET, "utf-8")
    laid_out(tmp_path / "desk", named)
    with served(tmp_path / "desk", "--clock", "2024-11-22T06:40", "--pace", "0.1") as found:
        yield found


def come_in(driver, desk, language, width=NARROW):
    """A page of a browser of its own, of somebody who came in by the address that was printed."""
    page = driver.new_context(viewport={"width": width, "height": 780}).new_page()
    page.trouble = []
    page.on("console", lambda said: page.trouble.append(said.text))
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith(desk.origin) or page.trouble.append(asked.url))
    page.goto(desk.address)
    sound(page, f"enter-{language}")
    page.fill("#name", "Sari")
    page.click(f"button[lang={language}]")
    page.wait_for_url(desk.origin + "/")
    return page


def sound(page, name):
    """Fits, and axe-core finds nothing."""
    package = pytest.importorskip("axe_playwright_python")
    page.evaluate((Path(package.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("levels => axe.run(document, { runOnly: levels })", LEVELS)
    told = {one["id"]: [node["html"] for node in one["nodes"]] for one in found["violations"]}
    assert not told, (name, json.dumps(told, indent=1)[:2000])
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    if SHOTS:
        shown = name.strip("/").replace("/", "_").replace("?", "_").replace("&", "_") or "home"
        page.screenshot(path=Path(SHOTS) / f"{shown}-{width}.png", full_page=True)


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_page_fits_a_telephone_and_is_accessible(driver, desk, language):
    page = come_in(driver, desk, language)
    for path in PAGES:
        page.goto(desk.origin + path)
        assert page.evaluate("document.documentElement.lang") == language
        page.wait_for_load_state("load")
        sound(page, f"{path}-{language}")
    assert page.trouble == []


def test_a_day_by_presses_alone(driver, desk):
    """A delay is told, a plan tried, its message copied, it is approved; another screen follows by itself."""
    other = come_in(driver, desk, "id", WIDE)
    page = come_in(driver, desk, "en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(desk.origin + "/vehicle?id=TRUCK-01")
    page.locator("li", has_text="Kantor H").locator("a.tell").first.click()
    page.fill("#late", "90 min")
    page.fill("#note", "ferry")
    page.get_by_role("button", name="Is late").click()
    page.locator(".done").wait_for()
    sound(page, "told-en")
    other.locator("text=ferry").or_(other.locator("text=Laporan: 1")).first.wait_for(timeout=15_000)
    page.goto(desk.origin + "/proposals")
    page.get_by_role("button", name="Try a new plan").click()
    page.locator("text=to be decided").wait_for(timeout=90_000)  # the page renews itself
    sound(page, "proposal-en")
    copy = page.locator("[data-copy]").first
    text = page.locator(f"#{copy.get_attribute('data-copy')}").text_content()
    copy.click()
    page.wait_for_function("document.querySelector('[data-copy]').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == text
    page.get_by_role("link", name="Decide …").click()
    sound(page, "decide-en")
    page.get_by_role("button", name="Approve: put it in force").click()
    page.locator(".state.approved").wait_for()
    sound(other, "overview-after-id")
    other.locator("text=a-v2.json").first.wait_for(timeout=15_000)
    assert page.trouble == [] and other.trouble == []


def test_all_of_it_goes_by_keyboard(driver, desk):
    page = come_in(driver, desk, "en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(desk.origin + "/stop?trip=T1&at=1")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "arrived":
            break
    page.keyboard.press("Enter")
    page.locator(".done, .faults").first.wait_for()


def test_the_map_shows_where_vehicles_are_and_leads_to_regions(driver, desk):
    page = come_in(driver, desk, "en", WIDE)
    page.goto(desk.origin + "/map")
    said = page.locator("plan-map output").text_content()
    assert "22 Nov 06:40" in said and "1 vehicles on the way" in said
    page.evaluate("window.PlanPage.change({ chosen: 0 })")
    page.locator("#map-chosen a").click()
    page.wait_for_url("**/region?id=A")
    assert page.trouble == []


def test_without_scripts_pages_can_be_read_and_pressed(driver, desk):
    page = driver.new_context(viewport={"width": NARROW, "height": 780}, java_script_enabled=False).new_page()
    page.goto(desk.address)
    page.fill("#name", "Sari")
    page.click("button[lang=en]")
    page.goto(desk.origin + "/stop?trip=T1&at=0")
    page.fill("#from", "06.14")
    page.click("button[value=departed]")
    assert page.locator(".done").count() == 1
