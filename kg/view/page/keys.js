// The keyboard: every gesture has a key, and the keys are listed on the page.

import { byId, announce } from "./text.js";
import { state, select, changed } from "./state.js";
import { step, isArrow, zoom, fit, openCommunity } from "./canvas.js";
import { expand, collapse, pin, hide, closeDetails } from "./details.js";

const onNode = (act) => () => state.selection?.kind === "node" && act(state.selection);

/** Go round the ties of the selected node, or on from one tie to the next. */
let turning = null;
function nextTie(by) {
  const chosen = state.selection;
  if (chosen?.kind === "node") turning = { node: chosen, at: by > 0 ? -1 : 0 };
  else if (chosen?.kind !== "tie" || !turning) return;
  const ties = turning.node.ties.filter((tie) => tie.visible);
  if (!ties.length) return;
  turning.at = (turning.at + by + ties.length) % ties.length;
  select(ties[turning.at]);
}

function enter() {
  const chosen = state.selection;
  if (chosen?.kind === "community") openCommunity(chosen.number, !state.open.has(chosen.number));
  else if (chosen) byId("details-body").querySelector("button, a, summary")?.focus();
}

const KEYS = {
  "+": () => zoom(1.3),
  "=": () => zoom(1.3),
  "-": () => zoom(1 / 1.3),
  0: () => fit(),
  e: onNode(expand),
  c: onNode(collapse),
  p: onNode(pin),
  h: onNode(hide),
  "]": () => nextTie(1),
  "[": () => nextTie(-1),
  b: () => turning && select(turning.node),
  Enter: enter,
};

const ANYWHERE = {
  "/": () => byId("search").focus(),
  "?": () => byId("help").showModal(),
  t: () => {
    state.view = state.view === "graph" ? "table" : "graph";
    changed("view");
    announce(state.view === "graph" ? "Graph" : "Table");
  },
  Escape: () => state.selection && closeDetails(),
};

const isTyping = (element) => /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox" && element.type !== "range";

export function startKeys() {
  byId("canvas").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = isArrow(event.key) ? () => step(event.key) : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || byId("help").open) return;
    const act = ANYWHERE[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
