// The camera: where it looks, and how it gets there.

import { byId } from "./text.js";
import { keepAddress } from "./state.js";

const DURATION = 350; // milliseconds of a flight
const EDGE = { x: 56, y: 36 }; // pixels around the outermost nodes, for their names
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
  const { clientWidth, clientHeight } = byId("canvas");
  const scale = Math.min(
    closest,
    Math.max(40, clientWidth - 2 * EDGE.x) / (box.right - box.left || 1),
    Math.max(40, clientHeight - 2 * EDGE.y) / (box.bottom - box.top || 1),
  );
  moveTo({ x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale }, { flying });
}
