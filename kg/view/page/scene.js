// What is drawn: shown nodes and ties, with closed communities as bubbles.

import { graph, state } from "./state.js";
import { byId, cut } from "./text.js";

export const scene = { nodes: [], ties: [], byId: new Map(), version: 0, room: 1, large: Infinity, closed: false, apart: new Set() };

export const FEW_ENOUGH = 150; // nodes that are drawn one by one even in an overview

/** Say whether a node is drawn as part of a closed community. */
export const isClosed = (node) =>
  scene.closed &&
  node.community >= 0 &&
  !state.open.has(node.community) &&
  !state.pinned.has(node) &&
  !scene.apart.has(node);

/** Take the nodes of the selection out of their closed communities; say whether that changes any. */
export function setApart(selection) {
  const before = scene.apart;
  scene.apart = new Set(selection && state.overview ? nodesOf(selection) : []);
  return before.size !== scene.apart.size || [...scene.apart].some((node) => !before.has(node));
}

function nodesOf(selection) {
  const { kind } = selection;
  if (kind === "node") return [selection];
  if (kind === "tie") return [selection.a, selection.b];
  if (kind === "fact") return [selection.subject, selection.object].filter(Boolean);
  if (kind === "path") return [selection.from, selection.to, ...(selection.ties || []).flatMap((tie) => [tie.a, tie.b])];
  return [];
}

const PROMINENT = 24; // nodes whose names are written large
const STRONGEST = 5; // lines between communities that each of them keeps, where they are many
const AMPLE = 28; // pixels between nodes from which even small ones are drawn in full

/** Return the radius of a drawn node in the world, large enough to be seen on the screen. */
export function radiusOf(node, view) {
  const least = Math.max(0.9, (1.8 + node.size * 0.17) * scene.room);
  return Math.max(node.size, (least * view.ratio) / view.scale);
}

/** Work out anew what is drawn. */
export function buildScene() {
  const bubbles = new Map();
  const visible = graph.nodes.filter((node) => node.visible);
  scene.closed = state.overview && visible.length > FEW_ENOUGH;
  scene.nodes = [];
  for (const node of visible) {
    if (!isClosed(node)) scene.nodes.push(node);
    else if (bubbles.has(node.community)) bubbles.get(node.community).members.push(node);
    else bubbles.set(node.community, bubble(node));
  }
  bubbles.forEach(settleBubble);
  scene.nodes.push(...bubbles.values());
  scene.ties = bubbles.size ? mergedTies(bubbles) : graph.ties.filter((tie) => tie.visible);
  scene.byId = new Map(scene.nodes.map((node) => [node.id, node]));
  const { clientWidth, clientHeight } = byId("canvas");
  scene.room = Math.min(1, Math.sqrt((clientWidth * clientHeight) / (scene.nodes.length || 1)) / AMPLE);
  const sizes = scene.nodes.map((node) => node.size).sort((a, b) => b - a);
  scene.large = Math.max(12, sizes[PROMINENT] + 0.1 || 0);
  scene.version += 1;
}

function bubble(first) {
  return {
    kind: "community",
    bubble: true,
    id: `c${first.community}`,
    number: first.community,
    community: first.community,
    members: [first],
    ties: [],
  };
}

/** Give a bubble its place, its size and the name of its best-tied members. */
function settleBubble(drawn) {
  const { members } = drawn;
  const all = graph.communities.get(drawn.number); // it stays where it is, whoever is left out
  const mean = (axis) => all.reduce((sum, node) => sum + node[axis], 0) / all.length;
  drawn.x = mean("x");
  drawn.y = mean("y");
  drawn.size = 14 + 11 * Math.sqrt(members.length);
  const best = [...members].sort((a, b) => b.ties.length - a.ties.length).slice(0, 2);
  drawn.label = best.map((node) => cut(node.label, 18)).join(", ");
  drawn.short = cut(best[0].label, 22);
}

function mergedTies(bubbles) {
  const merged = new Map();
  for (const tie of graph.ties) {
    if (!tie.visible) continue;
    const a = isClosed(tie.a) ? bubbles.get(tie.a.community) : tie.a;
    const b = isClosed(tie.b) ? bubbles.get(tie.b.community) : tie.b;
    if (a === b) continue;
    if (!a.bubble && !b.bubble) {
      merged.set(`tie ${tie.id}`, tie);
      continue;
    }
    const key = [a.id, b.id].sort().join(" ");
    if (!merged.has(key)) merged.set(key, { kind: "bundle", a, b, count: 0, visible: true });
    merged.get(key).count += 1;
  }
  for (const tie of merged.values()) {
    if (tie.kind !== "bundle") continue;
    if (tie.a.bubble) tie.a.ties.push(tie);
    if (tie.b.bubble) tie.b.ties.push(tie);
  }
  return bubbles.size > 2 * STRONGEST ? strongest(merged.values()) : [...merged.values()];
}

/** Leave out the lines between communities that are among the strongest of neither end. */
function strongest(ties) {
  const kept = new Map();
  const keep = (end, tie) => {
    const number = kept.get(end) || 0;
    kept.set(end, number + 1);
    return number < STRONGEST || tie.kind === "tie";
  };
  return [...ties]
    .sort((one, other) => (other.count || 0) - (one.count || 0))
    .filter((tie) => [keep(tie.a, tie), keep(tie.b, tie)].some(Boolean));
}

/** Return the drawn things of a selection: nodes in full, the ties between them. */
export function highlighted(selection) {
  if (!selection) return null;
  const nodes = new Set();
  const ties = new Set();
  const addTie = (tie) => {
    if (!tie.visible) return;
    ties.add(tie);
    nodes.add(tie.a).add(tie.b);
  };
  const { kind } = selection;
  if (kind === "node") {
    nodes.add(selection);
    selection.ties.forEach(addTie);
  } else if (kind === "tie") addTie(selection);
  else if (kind === "fact") {
    nodes.add(selection.subject);
    if (selection.tie) addTie(selection.tie);
  } else if (kind === "path") {
    nodes.add(selection.from).add(selection.to);
    (selection.ties || []).forEach(addTie);
  } else if (kind === "article") {
    for (const fact of selection.facts) if (fact.tie && fact.visible) addTie(fact.tie);
  } else if (kind === "community") {
    const drawn = scene.byId.get(`c${selection.number}`);
    if (drawn) {
      nodes.add(drawn);
      drawn.ties.forEach(addTie);
    } else {
      graph.communities.get(selection.number)?.forEach((node) => node.visible && nodes.add(node));
      for (const node of nodes) node.ties.forEach((t) => nodes.has(t.a) && nodes.has(t.b) && addTie(t));
    }
  }
  return { nodes, ties };
}
