// The picture and what hands and keys do on it: vis-network carries the camera, the
// gestures and the dragging.

/* global vis */
import { scene, isClosed, radiusOf } from "./scene.js";
import { state, settings, address, changed, select, toggle, keepAddress } from "./state.js";
import { attachCamera, whereNow, moveTo, centreOn, reveal, frame } from "./camera.js";
import { attachPainter, pointer, nameOf } from "./painter.js";
import { byId, announce, count, cut, plain } from "./text.js";

// vis-network goes over its nodes in every frame; of more than this many it is told only of
// the one under the pointer, which may be dragged.
const WHOLE = 2000;
const NEAR = 7; // pixels of the screen within which a line counts as hit
const nodes = new vis.DataSet();
const place = byId("canvas");
export let network = null;

// vis-network needs a node's room to find it under the pointer; the painter draws it.
const invisible = (size) => ({ ctx, x, y }) => ({
  drawNode() {
    ctx.beginPath();
    ctx.rect(x, y, 0, 0);
  },
  nodeDimensions: { width: 2 * size, height: 2 * size },
});

const asVis = (node) => ({
  id: node.id,
  x: node.x,
  y: node.y,
  shape: "custom",
  size: node.size,
  ctxRenderer: invisible(Math.max(node.size, 8)),
  fixed: state.pinned.has(node),
});

/** Put up the picture with its gestures; `camera` is where to look, null for all. */
export function startCanvas(camera) {
  network = new vis.Network(place, { nodes, edges: [] }, { ...settings.options, edges: { smooth: false } });
  attachCamera(network);
  attachPainter(network);
  network.on("click", (event) => choose(thingAt(event.pointer.DOM), event.event.srcEvent));
  network.on("doubleClick", (event) => open(thingAt(event.pointer.DOM)));
  network.on("dragStart", ({ nodes: [id] }) => lift(scene.byId.get(id)));
  network.on("dragging", ({ nodes: [id] }) => follow(scene.byId.get(id)));
  network.on("dragEnd", ({ nodes: [id] }) => settle(scene.byId.get(id)));
  network.on("zoom", keepAddress);
  place.addEventListener("mousemove", hover);
  place.addEventListener("mouseleave", () => point(null));
  address.camera = whereNow;
  showScene();
  if (camera) moveTo(camera, { flying: false });
  else fit({ flying: false });
}

/** Bring vis-network's nodes in line with the scene. */
export function showScene() {
  const held = scene.byId.get((pointer.lifted || pointer.hovered)?.id);
  tell(scene.nodes.length <= WHOLE ? scene.nodes : held ? [held] : []);
  network.redraw();
}

function tell(told) {
  const ids = new Set(told.map((node) => node.id));
  nodes.remove(nodes.getIds().filter((id) => !ids.has(id)));
  nodes.update(told.filter((node) => node.bubble || !nodes.get(node.id)).map(asVis));
}

/** Let hands drag a node or not, as it is pinned or not. */
export function holdStill(node) {
  if (nodes.get(node.id)) nodes.update(asVis(node));
}


/** Show everything. */
export function fit({ flying = true } = {}) {
  frame(scene.nodes, { flying });
}

export function zoom(factor) {
  const { x, y, scale } = whereNow();
  moveTo({ x, y, scale: scale * factor });
}

/** Bring things into view, gently. */
export function lookAt(things) {
  const shown = things.filter((node) => node && scene.byId.has(node.id));
  if (!shown.length) return;
  if (shown.length === 1) centreOn({ ...shown[0], scale: Math.max(network.getScale(), 0.9) });
  else frame(shown, { closest: 1.2 });
}

/** Return the drawn node or line at a place of the canvas, in pixels from its corner. */
export function thingAt(at) {
  const point = network.DOMtoCanvas(at);
  const node = nodeAt(point);
  if (node) return node;
  let best = null;
  let nearest = NEAR / network.getScale();
  for (const tie of scene.ties) {
    const distance = distanceTo(point, tie.a, tie.b, nearest);
    if (distance < nearest) [best, nearest] = [tie, distance];
  }
  return best;
}

function nodeAt(point) {
  const view = { scale: network.getScale(), ratio: 1 };
  let best = null;
  let nearest = 3 / view.scale; // pixels of the screen beyond its rim
  for (const node of scene.nodes) {
    const distance = Math.hypot(node.x - point.x, node.y - point.y) - radiusOf(node, view);
    if (distance < nearest) [best, nearest] = [node, distance];
  }
  return best;
}

function distanceTo(p, a, b, within) {
  if (p.x < Math.min(a.x, b.x) - within || p.x > Math.max(a.x, b.x) + within) return Infinity;
  if (p.y < Math.min(a.y, b.y) - within || p.y > Math.max(a.y, b.y) + within) return Infinity;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const share = Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(p.x - a.x - share * dx, p.y - a.y - share * dy);
}

function choose(thing, event) {
  if (thing?.kind === "node" && event?.shiftKey && state.selection?.kind === "node") {
    select({ kind: "path", from: state.selection, to: thing });
  } else if (thing?.kind === "bundle") select(thing.a.bubble ? thing.a : thing.b);
  else select(thing);
}

function open(thing) {
  if (thing?.kind === "community") openCommunity(thing.number);
  else if (thing?.kind === "node") lookAt([thing, ...thing.ties.map((t) => (t.a === thing ? t.b : t.a))]);
}

/** Show a community node by node, or as one bubble again. */
export function openCommunity(number, into = true) {
  toggle(state.open, number, into);
  changed("scene");
  select({ kind: "community", number });
}

function lift(node) {
  if (!node || state.pinned.has(node)) return;
  pointer.lifted = node;
  if (node !== state.selection) select(node);
}

function follow(node) {
  if (!node || node !== pointer.lifted) return;
  const at = network.getPosition(node.id);
  node.x = at.x;
  node.y = at.y;
}

function settle(node) {
  follow(node);
  pointer.lifted = null;
  if (node?.kind === "node") state.moved.add(node);
  if (node) scene.version += 1;
  network.redraw();
  keepAddress();
}

function hover(event) {
  if (event.buttons) return;
  const box = place.getBoundingClientRect();
  point(thingAt({ x: event.clientX - box.left, y: event.clientY - box.top }), event);
}

function point(thing, event = null) {
  const tip = byId("tip");
  if (thing !== pointer.hovered) {
    pointer.hovered = thing;
    if (scene.nodes.length > WHOLE) tell(thing && !thing.a ? [thing] : []);
    place.style.cursor = thing ? "pointer" : "";
    tip.hidden = !thing;
    if (thing) tip.textContent = describe(thing);
    network.redraw();
  }
  if (thing && event) {
    const box = place.getBoundingClientRect();
    const x = Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 8);
    tip.style.transform = `translate(${Math.max(4, x)}px, ${event.clientY - box.top + 16}px)`;
  }
}

/** Return one line about a drawn thing. */
export function describe(thing) {
  if (thing.kind === "bundle") return `${count(thing.count, "tie")} between communities`;
  if (thing.kind === "tie") return `${cut(thing.a.label, 40)} \u2014 ${nameOf(thing)} \u2014 ${cut(thing.b.label, 40)}`;
  if (thing.bubble) return `${count(thing.members.length, "entity", "entities")} around ${thing.label}`;
  return `${plain(thing.label)}, ${thing.type.label}, ${count(thing.ties.filter((t) => t.visible).length, "neighbour")}`;
}

const ARROWS = { ArrowRight: 0, ArrowDown: 90, ArrowLeft: 180, ArrowUp: 270 };

/** Go to the nearest node in the direction of an arrow key; say so when one was found. */
export function step(key) {
  const chosen = state.selection;
  const from = scene.byId.get(chosen?.kind === "community" ? `c${chosen.number}` : chosen?.id) || null;
  const next = from ? nearestTowards(from, (ARROWS[key] * Math.PI) / 180) : largest();
  if (!next) return;
  select(next.bubble ? { kind: "community", number: next.number } : next);
  reveal(next);
  announce(describe(next));
}

export const isArrow = (key) => key in ARROWS;

const largest = () => scene.nodes.reduce((best, node) => (!best || node.size > best.size ? node : best), null);

function nearestTowards(from, angle) {
  let best = null;
  let least = Infinity;
  for (const node of scene.nodes) {
    if (node === from) continue;
    const [dx, dy] = [node.x - from.x, node.y - from.y];
    const along = dx * Math.cos(angle) + dy * Math.sin(angle);
    const aside = Math.abs(dy * Math.cos(angle) - dx * Math.sin(angle));
    if (along <= 0 || aside > along * 1.2) continue;
    const cost = along + 2 * aside;
    if (cost < least) [best, least] = [node, cost];
  }
  return best;
}

export { isClosed };
