// Search with suggestions, as the ARIA combobox pattern has it.

import { make, byId, fold, isolated, count, announce } from "./text.js";
import { graph, state, select, changed } from "./state.js";
import { classColour } from "./palette.js";
import { glyph } from "./shapes.js";
import { lookAt } from "./canvas.js";

const MOST_SUGGESTED = 8;

/** Return the nodes whose names hold the words, the closest first. */
export function suggest(words) {
  const sought = fold(words.trim());
  if (!sought) return [];
  const found = [];
  for (const node of graph.nodes) {
    const at = Math.min(...node.sought.map((name) => closeness(name, sought)));
    if (at < Infinity) found.push({ node, at });
  }
  found.sort((a, b) => a.at - b.at || b.node.ties.length - a.node.ties.length || a.node.id - b.node.id);
  return found.slice(0, MOST_SUGGESTED).map((item) => item.node);
}

function closeness(name, sought) {
  if (name === sought) return 0;
  if (name.startsWith(sought)) return 1;
  const at = name.indexOf(sought);
  if (at < 0) return Infinity;
  return name[at - 1] === " " ? 2 : 3;
}

/** Make an input suggest nodes in a list; `chosen` gets the one that is taken. */
export function combobox(input, list, chosen) {
  let nodes = [];
  let active = -1;
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const take = (node) => {
    close();
    input.value = "";
    chosen(node);
  };
  const mark = (index) => {
    active = (index + nodes.length) % nodes.length;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", `${list.id}-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const show = () => {
    nodes = suggest(input.value);
    list.replaceChildren(...nodes.map((node, i) => option(node, `${list.id}-${i}`, () => take(node))));
    list.hidden = !nodes.length;
    input.setAttribute("aria-expanded", String(nodes.length > 0));
    active = -1;
    if (input.value.trim()) announce(count(nodes.length, "suggestion"));
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  input.addEventListener("blur", () => setTimeout(close, 120));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      input.value = "";
      close();
    }
    if (!nodes.length || list.hidden) return;
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? nodes.length - 1 : active - 1);
    else if (event.key === "Enter") take(nodes[Math.max(active, 0)]);
    else return;
    event.preventDefault();
  });
}

function option(node, id, take) {
  return make(
    "li",
    { id, role: "option", "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: take },
    glyph(node.type.shape, classColour(node.type)),
    isolated(node.label),
    make("span", { class: "muted" }, node.type.label),
  );
}

/** Go to a node wherever it is: shown again, its community open, in view. */
export function goTo(node) {
  const unseen = !node.visible || (state.overview && node.community >= 0 && !state.open.has(node.community));
  if (unseen) {
    state.hidden.delete(node);
    state.off.classes.delete(node.type.name);
    if (state.overview && node.community >= 0) state.open.add(node.community);
    changed("filter");
  }
  select(node);
  requestAnimationFrame(() => lookAt([node])); // once the panel has taken its room
}

export function startSearch() {
  combobox(byId("search"), byId("suggestions"), goTo);
}

/** Return the field that asks for the other end of a path. */
export function pathForm(from) {
  const input = make("input", {
    type: "search",
    class: "path-to",
    placeholder: "Shortest path to\u2026",
    "aria-label": "Shortest path to",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "path-suggestions",
    autocomplete: "off",
    spellcheck: false,
  });
  const list = make("ul", { id: "path-suggestions", class: "suggestions", role: "listbox", hidden: true, "aria-label": "Suggestions" });
  combobox(input, list, (to) => {
    if (to !== from) select({ kind: "path", from, to });
  });
  return make("div", { class: "combobox" }, input, list);
}
