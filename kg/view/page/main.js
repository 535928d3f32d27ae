// Puts the page together: who listens to what, the bar at the top, the start.

import { byId, make, announce, count } from "./text.js";
import { graph, state, on, changed, restore, isOwnAddress, fragment, address, select } from "./state.js";
import { buildScene, scene, setApart } from "./scene.js";
import { refresh } from "./painter.js";
import { theme, onSystemTheme } from "./palette.js";
import { startCanvas, showScene, fit, zoom, network, thingAt, lookAt, describe } from "./canvas.js";
import { moveTo, frame, reveal, whereNow } from "./camera.js";
import { startFilters, showFilters, showCounts } from "./filters.js";
import { startTimeline, showTimeline } from "./timeline.js";
import { startSearch, goTo } from "./search.js";
import { showDetails, closeDetails } from "./details.js";
import { showTable } from "./table.js";
import { copy, csv, save, sparql, turtle, fileName, say } from "./copy.js";
import { png, svgText } from "./picture.js";
import { startKeys } from "./keys.js";

function showTheme() {
  document.documentElement.dataset.theme = theme();
  byId("theme").setAttribute("aria-label", theme() === "dark" ? "Light colours" : "Dark colours");
}

function showView() {
  const table = state.view === "table";
  document.body.classList.toggle("as-table", table);
  byId("as-graph").setAttribute("aria-pressed", String(!table));
  byId("as-table").setAttribute("aria-pressed", String(table));
  showTable();
  if (!table && network) {
    network.setSize("100%", "100%");
    network.redraw();
  }
}

function redraw() {
  buildScene();
  showScene();
}

on("graph filter sliding scene", redraw);
on("graph filter sliding view", showTable);
on("graph filter sliding", showTimeline);
on("graph filter", showFilters);
on("sliding", showCounts);
on("selection", () => {
  showDetails();
  if (setApart(state.selection)) redraw();
  else network.redraw();
  requestAnimationFrame(() => bringIntoView(state.selection));
});
on("look", () => {
  showTheme();
  scene.version += 1;
  refresh();
  showFilters();
  showDetails();
});
on("view", showView);

/** Move the camera to what is selected, where the panel that opened has left it hidden. */
function bringIntoView(chosen) {
  if (!chosen || state.view !== "graph") return;
  const { kind } = chosen;
  if (kind === "path") {
    const nodes = new Set([chosen.from, chosen.to, ...(chosen.ties || []).flatMap((tie) => [tie.a, tie.b])]);
    frame([...nodes].filter((node) => scene.byId.has(node.id)), { closest: 1.2 });
  } else if (kind === "node" && scene.byId.has(chosen.id)) reveal(chosen);
  else if (kind === "tie") reveal({ x: (chosen.a.x + chosen.b.x) / 2, y: (chosen.a.y + chosen.b.y) / 2 });
}

const MENU = {
  "copy-link": () => copy(`${location.href.split("#")[0]}#${fragment(address.camera())}`, "Link"),
  "copy-sparql": () => copy(sparql(), "SPARQL query"),
  "copy-turtle": () => copy(turtle(), "Turtle"),
  "copy-csv": () => copy(csv(), "CSV"),
  "save-png": async () => save(await png(), `${fileName()}.png`),
  "save-svg": () => save(new Blob([svgText()], { type: "image/svg+xml" }), `${fileName()}.svg`),
};

function startBar() {
  byId("as-graph").addEventListener("click", () => turnTo("graph"));
  byId("as-table").addEventListener("click", () => turnTo("table"));
  byId("theme").addEventListener("click", () => {
    state.theme = theme() === "dark" ? "light" : "dark";
    changed("look");
  });
  byId("show-help").addEventListener("click", () => byId("help").showModal());
  byId("close-help").addEventListener("click", () => byId("help").close());
  byId("close-details").addEventListener("click", closeDetails);
  byId("show-filters").addEventListener("click", () => showPanel(!document.body.classList.contains("with-filters")));
  byId("zoom-in").addEventListener("click", () => zoom(1.3));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
  byId("fit").addEventListener("click", () => fit());
  startMenu();
}

function turnTo(view) {
  state.view = view;
  changed("view");
}

function showPanel(shown) {
  document.body.classList.toggle("with-filters", shown);
  byId("show-filters").setAttribute("aria-expanded", String(shown));
}

function startMenu() {
  const menu = byId("share");
  for (const [id, act] of Object.entries(MENU)) {
    byId(id).addEventListener("click", () => {
      menu.open = false;
      act();
    });
  }
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.firstElementChild.focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

function start() {
  const camera = restore(location.hash);
  showTheme();
  showPanel(matchMedia("(min-width: 900px)").matches);
  buildScene();
  startFilters();
  startTimeline();
  startCanvas(camera);
  startSearch();
  startBar();
  startKeys();
  showView();
  showDetails();
  if (setApart(state.selection)) redraw();
  onSystemTheme(() => state.theme === "auto" && changed("look"));
  window.addEventListener("hashchange", () => {
    if (isOwnAddress()) return;
    const where = restore(location.hash);
    changed("filter", "look", "selection", "view");
    if (where) moveTo(where, { flying: false });
  });
  announce(`${count(graph.nodes.length, "entity", "entities")}, ${count(graph.facts.length, "fact")}`);
}

start();

// For tests and for pages that frame this one.
window.kgPage = {
  graph, state, scene, select, changed, goTo, fit, moveTo, where: whereNow, thingAt, lookAt, describe, turtle, csv, sparql, png, svgText, fragment,
  network,
  /** Where a drawn thing lies, in pixels of the window. */
  screen(thing) {
    const box = byId("canvas").getBoundingClientRect();
    const at = network.canvasToDOM(thing.a ? { x: (thing.a.x + thing.b.x) / 2, y: (thing.a.y + thing.b.y) / 2 } : thing);
    return { x: at.x + box.left, y: at.y + box.top };
  },
};
