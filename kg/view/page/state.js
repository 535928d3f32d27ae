// What the reader has chosen, who wants to know, and the address that brings it back.

import { byId } from "./text.js";
import { Graph } from "./graph.js";

const data = JSON.parse(byId("data").textContent);

export const settings = { title: data.title, service: data.service, options: data.network.options };
// A window held upright shows the layout on its side; an address tells places of the layout.
const upright = matchMedia("(max-aspect-ratio: 4/5)").matches;
export const graph = new Graph(data, { upright });

// A page opens with its communities closed where its nodes would be no picture: from this
// many on, or when fewer pixels of the window than this lie between them.
const OVERVIEW_FROM = 1500;
const CROWDED = 20;
const opensClosed = () =>
  graph.nodes.length >= OVERVIEW_FROM || Math.sqrt((innerWidth * innerHeight) / graph.nodes.length) < CROWDED;

export const state = {
  view: "graph", // or "table"
  rows: "facts", // or "entities"
  selection: null, // a node, tie, fact, article, community or path
  off: { classes: new Set(), predicates: new Set(), publishers: new Set(), modalities: new Set() },
  articles: new Set(), // only these, all when empty
  confidence: 0,
  from: "",
  to: "",
  hidden: new Set(),
  pinned: new Set(),
  moved: new Set(),
  colour: "class", // or "community"
  overview: opensClosed(),
  open: new Set(), // communities shown node by node
  theme: "auto", // or "light", "dark"
};

const listeners = new Map();

/** Call a function whenever one of the topics changes. */
export function on(topics, listener) {
  for (const topic of topics.split(" ")) {
    if (!listeners.has(topic)) listeners.set(topic, []);
    listeners.get(topic).push(listener);
  }
}

const FILTERING = new Set(["graph", "filter", "sliding"]);

/** Tell those who listen; topics are graph, filter, sliding, scene, selection, look, view. */
export function changed(...topics) {
  if (topics.some((topic) => FILTERING.has(topic))) applyFilters();
  const called = new Set(topics.flatMap((topic) => listeners.get(topic) || []));
  for (const listener of called) listener();
  keepAddress();
}

let sliding = 0;

/** Apply what a slider chooses once a frame, however often it moves. */
export function slide() {
  sliding ||= requestAnimationFrame(() => {
    sliding = 0;
    changed("sliding");
  });
}

export function select(thing) {
  state.selection = thing;
  changed("selection");
}

/** Put an item into a set or take it out. */
export function toggle(set, item, into = !set.has(item)) {
  if (into) set.add(item);
  else set.delete(item);
}

/** Say whether any choice hides facts. */
export function isFiltered() {
  const { off } = state;
  return Boolean(
    off.predicates.size || off.publishers.size || off.modalities.size || state.articles.size ||
      state.confidence || state.from || state.to,
  );
}

function admits(fact) {
  const { off } = state;
  if (off.predicates.has(fact.predicate.iri) || off.modalities.has(fact.modality)) return false;
  if (fact.confidence < state.confidence) return false;
  if (!off.publishers.size && !state.articles.size && !state.from && !state.to) return true;
  return fact.sources.some((article) => {
    const day = article.published.slice(0, 10);
    return (
      !off.publishers.has(article.house) &&
      (!state.articles.size || state.articles.has(article.key)) &&
      (!state.from || (day && day >= state.from)) &&
      (!state.to || (day && day <= state.to))
    );
  });
}

function applyFilters() {
  const filtered = isFiltered();
  const classes = state.off.classes;
  for (const node of graph.nodes) {
    node.visible = !state.hidden.has(node) && (state.pinned.has(node) || !classes.has(node.type.name));
    node.shownFacts = 0;
  }
  for (const tie of graph.ties) tie.visible = false;
  for (const fact of graph.facts) {
    fact.visible = admits(fact) && fact.subject.visible && (!fact.object || fact.object.visible);
    if (!fact.visible) continue;
    fact.subject.shownFacts += 1;
    if (fact.object) fact.object.shownFacts += 1;
    if (fact.tie) fact.tie.visible = true;
  }
  if (!filtered) return;
  for (const node of graph.nodes) {
    if (!node.shownFacts && !state.pinned.has(node)) node.visible = false;
  }
}

/** Take back every choice that hides something. */
export function reset() {
  Object.values(state.off).forEach((set) => set.clear());
  state.articles.clear();
  state.hidden.clear();
  Object.assign(state, { confidence: 0, from: "", to: "" });
  changed("filter");
}

// The address: everything chosen, in the fragment, which no server sees.

const keys = (set) => [...set].map((thing) => thing.key);

function selectionText(chosen) {
  if (!chosen) return "";
  if (chosen.kind === "path") return `path ${chosen.from.key} ${chosen.to.key}`;
  if (chosen.kind === "tie") return `tie ${chosen.a.key} ${chosen.b.key}`;
  if (chosen.kind === "community") return `community ${chosen.number}`;
  return `${chosen.kind} ${chosen.key}`;
}

function layoutPlace(place) {
  const { x, y } = graph.turn(place);
  return [x, y];
}

/** Return the fragment for what is chosen now. */
export function fragment(camera) {
  const several = {
    ...state.off,
    articles: state.articles,
    hidden: keys(state.hidden),
    pinned: keys(state.pinned),
    moved: [...state.moved].map((n) => [n.key, ...layoutPlace(n).map(Math.round)].join(",")),
    open: state.open,
  };
  const single = {
    view: state.view === "graph" ? "" : state.view,
    rows: state.rows === "facts" ? "" : state.rows,
    at: selectionText(state.selection),
    confidence: state.confidence || "",
    from: state.from,
    to: state.to,
    colour: state.colour === "class" ? "" : state.colour,
    overview: state.overview || graph.nodes.length > CROWDED * CROWDED ? Number(state.overview) : "",
    theme: state.theme === "auto" ? "" : state.theme,
    camera: camera ? [...layoutPlace(camera), camera.scale].map((v) => +v.toFixed(3)).join(" ") : "",
  };
  const parts = new URLSearchParams(Object.entries(single).filter(([, value]) => value !== ""));
  for (const [name, values] of Object.entries(several)) {
    for (const value of values) parts.append(name, value);
  }
  return parts.toString();
}

function findSelection(text) {
  const [kind, one, other] = text.split(" ");
  const a = graph.byKey.get(one);
  const b = graph.byKey.get(other);
  if (kind === "path") return a && b ? { kind, from: a, to: b } : null;
  if (kind === "tie") return (a && b && a.ties.find((t) => t.a === b || t.b === b)) || null;
  if (kind === "community") return graph.communities.has(+one) ? { kind, number: +one } : null;
  if (kind === "article") return graph.articles.find((article) => article.key === one) || null;
  return a && a.kind === kind ? a : null;
}

/** Choose what a fragment says; return the camera that it holds. */
export function restore(text) {
  const given = new URLSearchParams(text.replace(/^#/, ""));
  const get = (name) => given.get(name) || "";
  const nodes = (name) => given.getAll(name).map((k) => graph.byKey.get(k)).filter((n) => n?.kind === "node");
  for (const name of Object.keys(state.off)) state.off[name] = new Set(given.getAll(name));
  state.view = get("view") === "table" ? "table" : "graph";
  state.rows = get("rows") === "entities" ? "entities" : "facts";
  state.articles = new Set(given.getAll("articles"));
  state.confidence = Math.min(1, Math.max(0, Number(get("confidence")) || 0));
  state.from = get("from");
  state.to = get("to");
  state.hidden = new Set(nodes("hidden"));
  state.pinned = new Set(nodes("pinned"));
  state.colour = get("colour") === "community" ? "community" : "class";
  state.overview = given.has("overview") ? get("overview") === "1" : opensClosed();
  state.open = new Set(given.getAll("open").map(Number));
  state.theme = ["light", "dark"].includes(get("theme")) ? get("theme") : "auto";
  for (const word of given.getAll("moved")) {
    const [key, x, y] = word.split(",");
    const node = graph.byKey.get(key);
    if (node?.kind !== "node" || !Number.isFinite(+x) || !Number.isFinite(+y)) continue;
    Object.assign(node, graph.turn({ x: +x, y: +y }));
    state.moved.add(node);
  }
  applyFilters();
  state.selection = findSelection(get("at"));
  const camera = get("camera").split(" ").map(Number);
  const usable = camera.length === 3 && camera.every(Number.isFinite) && camera[2] > 0;
  return usable ? { ...graph.turn({ x: camera[0], y: camera[1] }), scale: camera[2] } : null;
}

let addressTimer = 0;
let written = "";
export const address = { camera: () => null };

/** Write the fragment soon, so that the address can be copied at any time. */
export function keepAddress() {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    written = "#" + fragment(address.camera());
    history.replaceState(null, "", written);
  }, 200);
}

export const isOwnAddress = () => location.hash === written;
