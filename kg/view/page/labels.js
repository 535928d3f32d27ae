// Names on the picture: of one size on the screen at every scale, the important ones first,
// none on top of another.

import { cut } from "./text.js";
import { state } from "./state.js";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
const CELL = 48; // pixels: the side of the squares by which taken room is looked up
const MOST_NAMES = 260; // names on one picture
const widths = new Map();

/** Room on the screen that is taken already. */
class Room {
  constructor() {
    this.cells = new Map();
  }

  *#keys(box) {
    for (let i = Math.floor(box.left / CELL); i <= Math.floor(box.right / CELL); i += 1) {
      for (let j = Math.floor(box.top / CELL); j <= Math.floor(box.bottom / CELL); j += 1) yield i * 100003 + j;
    }
  }

  isFree(box, own = null) {
    for (const key of this.#keys(box)) {
      for (const other of this.cells.get(key) || []) {
        const apart =
          box.right <= other.left || box.left >= other.right || box.bottom <= other.top || box.top >= other.bottom;
        if (!apart && (!own || other.owner !== own)) return false;
      }
    }
    return true;
  }

  take(box) {
    for (const key of this.#keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }
}

function measure(context, font, text) {
  const key = `${font} ${text}`;
  if (!widths.has(key)) {
    if (widths.size > 20000) widths.clear();
    widths.set(key, context.measureText(text).width);
  }
  return widths.get(key);
}

const rank = (node, first) =>
  (node === first ? 1e9 : 0) + (state.pinned.has(node) ? 1e6 : 0) + (node.bubble ? 1e5 : 0) + node.size * 100 + node.ties.length;

/** Write the names of nodes where there is room; return the room that is taken then. */
export function placeLabels(context, nodes, view, colours, { first = null } = {}) {
  const { ratio } = view;
  const room = new Room();
  const ranked = [...nodes].sort((a, b) => rank(b, first) - rank(a, first));
  const dense = ranked.length > 700;
  for (const node of dense ? ranked.slice(0, 80) : ranked) {
    const { x, y, radius } = onScreen(node, view);
    if (radius > 3 * ratio) {
      room.take({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius, owner: node });
    }
  }
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  let written = 0;
  for (const node of ranked.slice(0, MOST_NAMES * 4)) {
    if (written >= MOST_NAMES) break;
    if (writeName(context, node, view, colours, room, ratio, node === first)) written += 1;
  }
  context.restore();
  return room;
}

function onScreen(node, view) {
  return {
    x: node.x * view.scale + view.x,
    y: node.y * view.scale + view.y,
    radius: node.size * view.scale,
  };
}

function writeName(context, node, view, colours, room, ratio, must) {
  const { x, y, radius } = onScreen(node, view);
  const big = node.bubble || node.size > 14;
  const size = (big ? 13.5 : 12) * ratio;
  const font = `${big ? 600 : 400} ${size}px ${FONT}`;
  const text = cut(node.label, node.bubble ? 40 : 30);
  context.font = font;
  const width = measure(context, font, text) + 6 * ratio;
  const high = size * 1.25;
  const gap = Math.max(radius, 2 * ratio) + high / 2 + 1.5 * ratio;
  const side = radius + width / 2 + 3 * ratio;
  const places = [[0, gap], [0, -gap], [side, 0], [-side, 0]];
  for (const [dx, dy] of must ? places.slice(0, 1) : places) {
    const box = {
      left: x + dx - width / 2, right: x + dx + width / 2, top: y + dy - high / 2, bottom: y + dy + high / 2,
    };
    if (!must && !room.isFree(box, node)) continue;
    room.take(box);
    haloed(context, text, x + dx, y + dy, colours.ink, colours.ground, 3.5 * ratio);
    return true;
  }
  return false;
}

function haloed(context, text, x, y, ink, ground, width) {
  context.strokeStyle = ground;
  context.lineWidth = width;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

/** Write the name of a tie along its line where it is long enough and there is room. */
export function lineLabel(context, tie, name, view, colours, room, lit = false) {
  if (!name) return;
  const { ratio } = view;
  const a = onScreen(tie.a, view);
  const b = onScreen(tie.b, view);
  const long = Math.hypot(b.x - a.x, b.y - a.y) - a.radius - b.radius;
  const size = (lit ? 11.5 : 10.5) * ratio;
  if (long < 40 * ratio) return;
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  const font = `400 ${size}px ${FONT}`;
  context.font = font;
  const text = cut(name, 44);
  const width = measure(context, font, text) + 8 * ratio;
  let angle = Math.atan2(b.y - a.y, b.x - a.x);
  if (angle > Math.PI / 2 || angle < -Math.PI / 2) angle += Math.PI;
  const centre = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const boxes = long > width + 16 * ratio ? alongLine(centre, angle, width, size) : [];
  if (boxes.length && boxes.every((box) => room.isFree(box))) {
    boxes.forEach((box) => room.take(box));
    context.translate(centre.x, centre.y);
    context.rotate(angle);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    haloed(context, text, 0, 0, lit ? colours.ink : colours.muted, colours.ground, 4 * ratio);
  }
  context.restore();
}

/** Return small boxes that cover a text turned by an angle. */
function alongLine(centre, angle, width, size) {
  const number = Math.max(1, Math.ceil(width / size));
  return Array.from({ length: number }, (_, i) => {
    const along = (i + 0.5) * (width / number) - width / 2;
    const x = centre.x + Math.cos(angle) * along;
    const y = centre.y + Math.sin(angle) * along;
    return { left: x - size * 0.6, right: x + size * 0.6, top: y - size * 0.6, bottom: y + size * 0.6 };
  });
}
