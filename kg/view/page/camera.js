// The camera: where it looks, and how it gets there.

import { byId } from "./text.js";
import { keepAddress } from "./state.js";

const DURATION = 350; // milliseconds of a flight
const EDGE = { x: 56, y: 36, share: 0.08 }; // pixels around the outermost nodes, for their names
const FARTHEST = 0.01;
const CLOSEST = 6;

const still = matchMedia("(prefers-reduced-motion: reduce)");
let lens = null;
let flight = 0;

export function attachCamera(network) {
  lens = network;
  byId("canvas").addEventListener("pointerdown", stop);
  byId("canvas").addEventListener("wheel", stop, { passive: true });
}

/** Return the middle of the picture and its scale. */
export const whereNow = () => lens && { ...lens.getViewPosition(), scale: lens.getScale() };

function stop() {
  cancelAnimationFrame(flight);
}

/** Return the part of the picture that no panel lies over, in pixels from its corner. */
function openArea() {
  const area = byId("canvas").getBoundingClientRect();
  const { left, top, width, height } = area;
  let [right, bottom, start] = [width, height, 0];
  for (const id of ["details", "filters"]) {
    const panel = byId(id).getBoundingClientRect();
    if (!panel.width || panel.right <= left + 1 || panel.left >= left + width - 1) continue;
    if (panel.top > top + 40) bottom = Math.min(bottom, panel.top - top);
    else if (panel.left > left + 40) right = Math.min(right, panel.left - left);
    else if (panel.right < left + width - 40) start = Math.max(start, panel.right - left);
  }
  return { left: start, right, top: 0, bottom, middle: { x: width / 2, y: height / 2 } };
}

/** Move so that a place of the world is in the middle of what can be seen of the picture. */
export function centreOn({ x, y, scale }, { flying = true } = {}) {
  const { left, right, top, bottom, middle } = openArea();
  moveTo({
    x: x + (middle.x - (left + right) / 2) / scale,
    y: y + (middle.y - (top + bottom) / 2) / scale,
    scale,
  }, { flying });
}

/** Move to a place of the world if it lies outside what can be seen of the picture. */
export function reveal(place) {
  const at = lens.canvasToDOM(place);
  const { left, right, top, bottom } = openArea();
  const inside = at.x > left + 30 && at.x < right - 30 && at.y > top + 30 && at.y < bottom - 30;
  if (!inside) centreOn({ x: place.x, y: place.y, scale: lens.getScale() });
}

/** Move so that a place of the world is in the middle; at once, or in a short flight. */
export function moveTo({ x, y, scale }, { flying = true } = {}) {
  stop();
  const to = { x, y, scale: Math.min(CLOSEST, Math.max(FARTHEST, scale)) };
  const from = whereNow();
  const put = (at) => lens.moveTo({ position: { x: at.x, y: at.y }, scale: at.scale });
  if (!flying || still.matches) {
    put(to);
    keepAddress();
    return;
  }
  const started = performance.now();
  const step = (now) => {
    const time = Math.min(1, Math.max(0, (now - started) / DURATION));
    const share = time * time * (3 - 2 * time);
    const between = (a, b) => a + (b - a) * share;
    put({ x: between(from.x, to.x), y: between(from.y, to.y), scale: from.scale * (to.scale / from.scale) ** share });
    if (time < 1) flight = requestAnimationFrame(step);
    else keepAddress();
  };
  flight = requestAnimationFrame(step);
}

/** Bring nodes into view with room for their names, no closer than `closest`. */
export function frame(nodes, { closest = 1.4, flying = true } = {}) {
  if (!nodes.length) return;
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const { x, y, size } of nodes) {
    box.left = Math.min(box.left, x - size);
    box.right = Math.max(box.right, x + size);
    box.top = Math.min(box.top, y - size);
    box.bottom = Math.max(box.bottom, y + size);
  }
  const area = openArea();
  const wide = area.right - area.left;
  const scale = Math.min(
    closest,
    Math.max(40, wide - 2 * Math.min(EDGE.x, EDGE.share * wide)) / (box.right - box.left || 1),
    Math.max(40, area.bottom - area.top - 2 * EDGE.y) / (box.bottom - box.top || 1),
  );
  centreOn({ x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale }, { flying });
}
