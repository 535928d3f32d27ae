"""The pages of the service in Chromium: with no network but the loopback, and no errors."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from programs import find_chromium
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from test_serve_pages import ENTITY, HALDEN, PAPER, fill, local
from test_serve_server import running

from kg.serve.pages import has_asset
from kg.store import open_store

pytestmark = pytest.mark.browser

QUERY = "SELECT ?a ?b { ?a kg:partnerOf ?b } ORDER BY ?a"


@pytest.fixture(scope="module")
def driver():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location, program = find_chromium()
    service = webdriver.ChromeService(executable_path=program)
    started = webdriver.Chrome(options=options, service=service)
    yield started
    started.quit()


@pytest.fixture
def address(tmp_path):
    with open_store(tmp_path / "store") as store:
        fill(store)
    with running(tmp_path / "store") as found:
        yield found


@pytest.fixture
def plain(monkeypatch, address):
    monkeypatch.setattr("kg.serve.editor.has_asset", lambda _: False)
    return address


@pytest.fixture
def yasgui(address):
    if not has_asset("yasgui.min.js"):
        pytest.skip("built without Yasgui: python hatch_build.py")
    return address


@pytest.fixture(autouse=True)
def no_errors(driver):
    """Hold that no page writes an error, such as a breach of its security policy."""
    driver.get_log("browser")
    yield
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []


def wait(driver, found):
    return WebDriverWait(driver, 20).until(lambda _: found())


def test_the_form_completes_runs_and_sorts(driver, plain):
    driver.get(plain)
    field = driver.find_element(By.ID, "query")
    field.clear()
    field.send_keys("SELECT * { ?s kg:partn")
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#completions li"))
    field.send_keys(Keys.ARROW_DOWN, Keys.TAB, "?o }")
    assert field.get_property("value") == "SELECT * { ?s kg:partnerOf ?o }"
    field.send_keys(Keys.CONTROL, Keys.ENTER)
    wait(driver, lambda: "query=" in driver.current_url)
    cells = [cell.text for cell in driver.find_elements(By.CSS_SELECTOR, "tbody td:first-child")]
    head = driver.find_element(By.CSS_SELECTOR, "th button")
    for _ in range(2):
        head.click()
    found = [cell.text for cell in driver.find_elements(By.CSS_SELECTOR, "tbody td:first-child")]
    assert found == sorted(cells, reverse=True)


def test_a_term_goes_into_the_form(driver, plain):
    driver.get(f"{plain}?query={quote('ASK {}')}")
    driver.find_element(By.CSS_SELECTOR, "a[data-term='kg:Person']").click()
    assert "kg:Person" in driver.find_element(By.ID, "query").get_property("value")


def test_yasgui_runs_a_query_and_shows_table_and_graph(driver, yasgui):
    driver.get(f"{yasgui}?query={quote(QUERY)}")
    link = wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "td a.iri"))[0]
    assert link.text.startswith("entity:")
    graph = next(
        button
        for button in driver.find_elements(By.CSS_SELECTOR, ".yasr_btnGroup button")
        if button.is_displayed() and "Graph" in button.text
    )
    graph.click()
    driver.switch_to.frame(driver.find_element(By.CSS_SELECTOR, "iframe.graph"))
    wait(driver, lambda: "2 entities" in driver.find_element(By.ID, "counts").text)
    driver.switch_to.default_content()


def test_yasgui_completes_from_the_store(driver, yasgui):
    driver.get(f"{yasgui}?query={quote('ASK { ?s ?p ?o }')}")
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".CodeMirror"))
    script = """
      const shown = [...document.querySelectorAll(".CodeMirror")].find((e) => e.offsetParent);
      const editor = shown.CodeMirror;
      editor.focus();
      editor.setValue("PREFIX kg: <https://w3id.org/kg-builder/ns#>\\nSELECT * { ?s kg:part");
      editor.setCursor(1, 21);
      editor.autocomplete();
    """
    driver.execute_script(script)
    hints = wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".CodeMirror-hints li"))
    assert "partnerOf" in hints[0].text


def test_what_the_graph_names_opens_here(driver, yasgui):
    driver.get(f"{yasgui}?query={quote(f'SELECT * {{ <{HALDEN.iri}> kg:partnerOf ?o }}')}")
    link = wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "td a.iri"))[0]
    driver.execute_script("arguments[0].removeAttribute('target'); arguments[0].click()", link)
    wait(driver, lambda: driver.current_url.endswith(f"{ENTITY}.html"))


def test_a_reader_walks_from_entity_to_sentence_and_back(driver, address):
    driver.get(f"{address}search?q=halden+cable")
    assert driver.current_url.endswith(f"/{local(HALDEN.iri)}.html")
    driver.find_element(By.CSS_SELECTOR, "figcaption a").click()
    wait(driver, lambda: driver.current_url.endswith(f"{PAPER}.html#c0"))
    assert driver.find_element(By.CSS_SELECTOR, "mark:target").text == "Norwind Turbines"
    driver.find_element(By.CSS_SELECTOR, "sup a").click()
    assert "partner of" in driver.find_element(By.CSS_SELECTOR, "li:target").text


def test_the_explorer_grows(driver, address):
    driver.get(f"{address}explore?focus={quote(HALDEN.iri)}")
    wait(driver, lambda: "2 entities" in driver.find_element(By.ID, "counts").text)


@pytest.mark.parametrize("path", ["", f"{ENTITY[1:]}.html", f"{PAPER[1:]}.html", "search?q=n"])
def test_pages_fit_a_narrow_screen(driver, plain, path):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 360, "height": 700, "deviceScaleFactor": 1, "mobile": True},
    )
    driver.get(f"{plain}{path}")
    width = driver.execute_script("return document.documentElement.scrollWidth")
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= 360
