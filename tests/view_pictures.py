"""Takes the pictures of the page that the documentation shows.

    python tests/view_pictures.py kg-store docs/images "Twitter"

The store is one that `kg demo` made; the name is of the entity to select.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from view_browser import Page, start_chromium

from kg.store import open_store
from kg.view import write_page

SIZES = {"page.png": (1440, 900), "page-768.png": (768, 900), "page-360.png": (360, 740)}

SELECT = """
const [name] = arguments;
const called = kgPage.graph.nodes.filter((node) => node.label === name);
const node = called.sort((a, b) => b.ties.length - a.ties.length)[0];
kgPage.goTo(node);
"""


def main(store: str, folder: str, name: str) -> None:
    with tempfile.TemporaryDirectory() as made, open_store(store, read_only=True) as opened:
        path = write_page(opened, Path(made) / "graph.html", title="Forty-five articles").path
        with start_chromium() as chrome:
            page = Page(chrome, path)
            for file, (width, height) in SIZES.items():
                page.open(width=width, height=height)
                page.run(SELECT, name)
                page.settle()
                page.click("#details .fact summary")
                page.run("document.activeElement.blur()")
                page.settle()
                chrome.save_screenshot(str(Path(folder) / file))


if __name__ == "__main__":
    main(*sys.argv[1:])
