// Draws the scene. vis-network draws each line and each name by itself, which takes a fifth
// of a second for 30,000 lines; here lines of one look are one path, the picture is kept in
// a bitmap while the reader pans, and names that would lie on each other are left out.

import { scene, highlighted, radiusOf } from "./scene.js";
import { state } from "./state.js";
import { direction, tieLabel } from "./graph.js";
import { colourOf, pageColours } from "./palette.js";
import { trace } from "./shapes.js";
import { placeLabels, lineLabel } from "./labels.js";

const MARGIN = 0.35; // of the canvas, kept around it in the bitmap
const SLOW = 24; // milliseconds: a picture that takes longer is stretched while zooming
const THICKET = 3000; // lines from which they grow fainter the more there are
const FEW = 900; // lines on the screen up to which each shows its direction
const MOST_LIT = 400; // lines of a selection that bear their names
export const FADED = 0.2; // how much of the rest is seen beside a selection

const kept = { canvas: document.createElement("canvas"), key: "", scale: 0, x: 0, y: 0, cost: 0 };
export const pointer = { hovered: null, lifted: null };
let colours = null;
let repaint = () => {};
let sharpTimer = 0;

/** Draw into the network's frames from now on. */
export function attachPainter(network) {
  repaint = () => network.redraw();
  network.on("beforeDrawing", (context) => drawFrame(context));
}

/** Forget the colours and the bitmap: the look has changed. */
export function refresh() {
  colours = pageColours();
  kept.key = "";
  repaint();
}

function drawFrame(context) {
  colours ||= pageColours();
  const { a: scale, e: x, f: y } = context.getTransform();
  const { width, height } = context.canvas;
  const lit = highlighted(state.selection);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  keepPicture(scale, x, y, width, height);
  const stretch = scale / kept.scale;
  context.globalAlpha = lit ? FADED : 1;
  context.drawImage(
    kept.canvas,
    x - kept.x * stretch,
    y - kept.y * stretch,
    kept.canvas.width * stretch,
    kept.canvas.height * stretch,
  );
  context.restore();
  const view = { scale, x, y, width, height, window: whole(width, height), ratio: window.devicePixelRatio || 1 };
  if (lit) drawLit(context, lit, view);
  drawPointer(context, view);
}

/** Make sure that the bitmap shows the scene where the camera is. */
function keepPicture(scale, x, y, width, height) {
  const marginX = Math.round(width * MARGIN);
  const marginY = Math.round(height * MARGIN);
  const key = `${scene.version} ${width} ${height} ${pointer.lifted?.id ?? ""}`;
  const same = kept.key === key;
  const near = Math.abs(x + marginX - kept.x) <= marginX && Math.abs(y + marginY - kept.y) <= marginY;
  if (same && kept.scale === scale && near) return;
  if (same && kept.scale !== scale && kept.cost > SLOW) {
    clearTimeout(sharpTimer);
    sharpTimer = setTimeout(() => {
      kept.key = "";
      repaint();
    }, 140);
    return;
  }
  const started = performance.now();
  kept.canvas.width = width + 2 * marginX;
  kept.canvas.height = height + 2 * marginY;
  Object.assign(kept, { key, scale, x: x + marginX, y: y + marginY });
  const context = kept.canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, kept.x, kept.y);
  const size = { width: kept.canvas.width, height: kept.canvas.height };
  const shown = { left: marginX, right: marginX + width, top: marginY, bottom: marginY + height };
  paint(context, { ...size, window: shown, scale, x: kept.x, y: kept.y, ratio: window.devicePixelRatio || 1 });
  kept.cost = performance.now() - started;
}

/** Return the window of a canvas of which all can be seen. */
export const whole = (width, height) => ({ left: 0, right: width, top: 0, bottom: height });

/** Draw the whole scene; `view` holds the size of the canvas, the window of it that can be seen,
 * where the world lies in it, and how many of its pixels make one of the screen. */
export function paint(context, view) {
  colours ||= pageColours();
  const { nodes, ties, arrows } = seen(view);
  paintTies(context, ties, view, { colour: colours.line, arrows });
  paintNodes(context, nodes, view);
  writeNames(context, nodes, ties, view);
}

/** Return the nodes and lines that a view shows, and whether there is room for arrows. */
export function seen(view) {
  const nodes = scene.nodes.filter((node) => node !== pointer.lifted && isSeen(node, view));
  const ties = scene.ties.filter(
    (tie) => tie.a !== pointer.lifted && tie.b !== pointer.lifted && mayCross(tie, view),
  );
  return { nodes, ties, arrows: ties.length <= FEW };
}

/** Write the names of nodes and lines where there is room. */
export function writeNames(context, nodes, ties, view) {
  const taken = placeLabels(context, nodes, view, colours);
  if (ties.length > FEW) return;
  for (const tie of ties) lineLabel(context, tie, nameOf(tie), view, colours, taken);
}

/** Write the names of what is selected, over the faded rest. */
export function writeLitNames(context, nodes, ties, view) {
  const taken = placeLabels(context, nodes, view, colours, { lit: true, first: state.selection });
  for (const tie of ties.slice(0, MOST_LIT)) lineLabel(context, tie, nameOf(tie), view, colours, taken, true);
}

function isSeen(node, view) {
  const x = node.x * view.scale + view.x;
  const y = node.y * view.scale + view.y;
  const reach = node.size * view.scale + 60;
  return x > -reach && y > -reach && x < view.width + reach && y < view.height + reach;
}

function mayCross({ a, b }, view) {
  const left = -view.x / view.scale;
  const top = -view.y / view.scale;
  const right = left + view.width / view.scale;
  const bottom = top + view.height / view.scale;
  return !(
    (a.x < left && b.x < left) || (a.x > right && b.x > right) ||
    (a.y < top && b.y < top) || (a.y > bottom && b.y > bottom)
  );
}

export const nameOf = (tie) => (tie.kind === "tie" ? tieLabel(tie) : "");

/** Say whether no shown fact of a tie is asserted as holding now. */
export const isUnsure = (tie) =>
  tie.kind === "tie" && tie.facts.every((fact) => !fact.visible || fact.modality !== "asserted");

/** Return the width of a line in pixels of the screen, in few steps so that many share one. */
export function lineWidth(tie) {
  const number = tie.kind === "bundle" ? tie.count : tie.facts.length;
  return number > 30 ? 5 : number > 8 ? 3.2 : number > 2 ? 2.2 : number > 1 ? 1.6 : 1.1;
}

function paintTies(context, ties, view, { colour, arrows, extra = 0 }) {
  const looks = new Map();
  for (const tie of ties) {
    const look = `${lineWidth(tie)} ${isUnsure(tie)}`;
    if (!looks.has(look)) looks.set(look, []);
    looks.get(look).push(tie);
  }
  context.strokeStyle = colour;
  context.globalAlpha *= Math.min(1, Math.max(0.35, THICKET / (ties.length || 1)));
  for (const [look, alike] of looks) {
    const [width, unsure] = look.split(" ");
    context.lineWidth = ((Number(width) + extra) * view.ratio) / view.scale;
    context.setLineDash(unsure === "true" ? [(5 * view.ratio) / view.scale, (4 * view.ratio) / view.scale] : []);
    context.beginPath();
    for (const { a, b } of alike) {
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
    }
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (arrows) paintArrows(context, ties, view, colour);
}

function paintArrows(context, ties, view, colour) {
  context.fillStyle = colour;
  context.beginPath();
  for (const tie of ties) {
    const [tip, ...others] = arrowOf(tie, view);
    if (!tip) continue;
    context.moveTo(tip.x, tip.y);
    for (const { x, y } of others) context.lineTo(x, y);
    context.closePath();
  }
  context.fill();
}

/** Return the corners of the head of a line, tip first; none for one without, or too short. */
export function arrowOf(tie, view) {
  const way = tie.kind === "tie" ? direction(tie) : 0;
  if (!way) return [];
  const long = (7 * view.ratio) / view.scale;
  const [from, to] = way > 0 ? [tie.a, tie.b] : [tie.b, tie.a];
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const radius = radiusOf(to, view);
  if (length < radiusOf(from, view) + radius + long) return [];
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const tip = { x: to.x - dx * (radius * 1.12 + long * 0.3), y: to.y - dy * (radius * 1.12 + long * 0.3) };
  return [
    tip,
    { x: tip.x - dx * long - dy * long * 0.5, y: tip.y - dy * long + dx * long * 0.5 },
    { x: tip.x - dx * long + dy * long * 0.5, y: tip.y - dy * long - dx * long * 0.5 },
  ];
}

function paintNodes(context, nodes, view) {
  const alike = new Map();
  for (const node of nodes) {
    const look = colourOf(node);
    if (!alike.has(look)) alike.set(look, []);
    alike.get(look).push(node);
  }
  context.strokeStyle = colours.ground;
  context.lineWidth = (1.2 * view.ratio) / view.scale;
  const tiny = (2 * view.ratio) / view.scale;
  for (const [colour, group] of alike) {
    context.fillStyle = colour;
    context.beginPath();
    for (const node of group) {
      const radius = radiusOf(node, view);
      if (radius < tiny) context.fillRect(node.x - radius, node.y - radius, 2 * radius, 2 * radius);
      else trace(context, shapeOf(node), node.x, node.y, radius);
    }
    context.fill();
    context.stroke();
  }
  paintPins(context, nodes, view);
}

export const shapeOf = (node) => (node.bubble ? "dot" : node.type.shape);

function paintPins(context, nodes, view) {
  context.strokeStyle = colours.ink;
  context.lineWidth = (1.6 * view.ratio) / view.scale;
  context.beginPath();
  for (const node of nodes) {
    if (state.pinned.has(node)) trace(context, shapeOf(node), node.x, node.y, radiusOf(node, view) + (3 * view.ratio) / view.scale);
  }
  context.stroke();
}

/** Draw what is selected, over the faded rest. */
export function drawLit(context, lit, view) {
  const { nodes, ties } = litParts(lit, view);
  paintTies(context, ties, view, { colour: colours.strong, arrows: true, extra: 0.6 });
  paintNodes(context, nodes, view);
  drawRing(context, state.selection, view);
  writeLitNames(context, nodes, ties, view);
}

/** Return the nodes and lines of a selection that a view shows. */
export function litParts(lit, view) {
  const ties = [...lit.ties].filter((tie) => mayCross(tie, view));
  const nodes = [...lit.nodes].filter((node) => scene.byId.has(node.id));
  return { nodes, ties, arrows: true };
}

function drawRing(context, chosen, view) {
  const drawn = chosen.kind === "community" ? scene.byId.get(`c${chosen.number}`) : chosen;
  const ends = chosen.kind === "path" ? [chosen.from, chosen.to] : [drawn];
  context.strokeStyle = colours.accent;
  context.lineWidth = (2.5 * view.ratio) / view.scale;
  for (const node of ends) {
    if (!node || node.size === undefined) continue;
    context.beginPath();
    trace(context, shapeOf(node), node.x, node.y, radiusOf(node, view) + (4 * view.ratio) / view.scale);
    context.stroke();
  }
}

function drawPointer(context, view) {
  const thing = pointer.hovered;
  if (!thing || thing === state.selection) return;
  context.strokeStyle = colours.accent;
  context.lineWidth = (2 * view.ratio) / view.scale;
  context.beginPath();
  if (thing.a) {
    context.moveTo(thing.a.x, thing.a.y);
    context.lineTo(thing.b.x, thing.b.y);
  } else trace(context, shapeOf(thing), thing.x, thing.y, radiusOf(thing, view) + (3 * view.ratio) / view.scale);
  context.stroke();
}
