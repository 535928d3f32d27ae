// Names on the picture: of one size on the screen at every scale, the important ones first,
// none on top of another.

import { cut } from "./text.js";
import { state } from "./state.js";
import { scene, radiusOf } from "./scene.js";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
const CELL = 48; // pixels: the side of the squares by which taken room is looked up
const MOST_NAMES = 260; // names on one picture
const FEW_NAMES = 80; // drawn things up to which no name is written small
const CONCISE = 40; // drawn things from which a community bears one name
const ROOM_EACH = 13_000; // square pixels for each name while the camera is far
const NEAR_SIZE = 3; // pixels of a node's radius from which its name is written wherever it fits
const STYLES = {
  big: { pixels: 13.5, weight: 600, ink: "ink" },
  middle: { pixels: 12, weight: 400, ink: "ink" },
  small: { pixels: 11, weight: 400, ink: "muted" },
};
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

  /** Say whether a box is free of names, and of nodes but `over` (all, for "names"). */
  isFree(box, over = null) {
    for (const key of this.#keys(box)) {
      for (const other of this.cells.get(key) || []) {
        const apart =
          box.right <= other.left || box.left >= other.right || box.bottom <= other.top || box.top >= other.bottom;
        const mayCover = other.owner && (over === "names" || other.owner === over);
        if (!apart && !mayCover) return false;
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

/** Write the names of nodes where there is room; return the room that is taken then.
 *
 * `lit` nodes lie over the same ones faded: their names go where those are, `first` in any case.
 */
export function placeLabels(context, nodes, view, colours, { lit = false, first = null } = {}) {
  const { ratio } = view;
  const far = lit ? MOST_NAMES : (view.width * view.height) / (ROOM_EACH * ratio * ratio);
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
  for (const node of ranked) {
    const side = lit ? node.side : -1;
    if (!lit) node.side = -1;
    if (written >= MOST_NAMES || (written >= far && node.size * view.scale < NEAR_SIZE * ratio)) continue;
    const taken = writeName(context, node, view, { colours, room, side, must: node === first });
    if (taken < 0) continue;
    written += 1;
    if (!lit) node.side = taken;
  }
  context.restore();
  return room;
}

function onScreen(node, view) {
  return {
    x: node.x * view.scale + view.x,
    y: node.y * view.scale + view.y,
    radius: radiusOf(node, view) * view.scale,
  };
}

/** Write a name at the first of its places that is free; return which, -1 for none. */
function writeName(context, node, view, { colours, room, side, must }) {
  const { ratio } = view;
  const { x, y, radius } = onScreen(node, view);
  const style = must || node.bubble || node.size >= scene.large ? STYLES.big : node.size > 9.5 || scene.nodes.length < FEW_NAMES ? STYLES.middle : STYLES.small;
  const { pixels, weight, ink } = style;
  const size = pixels * ratio;
  const font = `${weight} ${size}px ${FONT}`;
  const text = node.bubble && scene.nodes.length > CONCISE ? node.short : cut(node.label, node.bubble ? 40 : 30);
  context.font = font;
  const width = measure(context, font, text) + 6 * ratio;
  const high = size * 1.25;
  const gap = Math.max(radius, 2 * ratio) + high / 2 + 1.5 * ratio;
  const beside = radius + width / 2 + 3 * ratio;
  const places = [[0, gap], [0, -gap], [beside, 0], [-beside, 0], [0, 0]];
  for (const index of orderOfPlaces(node, side, { wide: 2 * radius > width, high: radius > high })) {
    const [dx, dy] = places[index];
    const at = { x: index === 2 || index === 3 ? x + dx : pushedIn(x, width / 2, view), y: y + dy };
    const box = { left: at.x - width / 2, right: at.x + width / 2, top: at.y - high / 2, bottom: at.y + high / 2 };
    const mayCoverAll = index === INSIDE || (style === STYLES.big && !node.bubble);
    if (!must && !(isWhole(box, view) && room.isFree(box, mayCoverAll ? "names" : node))) continue;
    room.take(box);
    haloed(context, text, at.x, at.y, colours[ink], colours.ground, 3.5 * ratio);
    return index;
  }
  return -1;
}

const INSIDE = 4;

/** Return where to write a name, so that the window's sides do not cut it: as near to `x` as can be. */
function pushedIn(x, half, { window }) {
  const { left, right } = window;
  if (x < left) return Math.min(x, left - half);
  if (x > right) return Math.max(x, right + half);
  return Math.max(left + half, Math.min(right - half, x));
}

/** Say whether a box lies in the window as a whole, or as a whole outside. */
function isWhole(box, { window }) {
  const { left, right, top, bottom } = window;
  const inside = box.left >= left && box.right <= right && box.top >= top && box.bottom <= bottom;
  return inside || box.right <= left || box.left >= right || box.bottom <= top || box.top >= bottom;
}

/** Return the places of a name by number: below, above, right, left, for communities inside. */
function orderOfPlaces(node, side, { wide, high }) {
  const order = [0, 1, 2, 3];
  if (node.bubble && high) order.splice(wide ? 0 : 4, 0, INSIDE);
  return side > 0 ? [side, ...order] : order;
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
