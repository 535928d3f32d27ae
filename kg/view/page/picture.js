// The picture as a file, as the camera shows it.

import { highlighted } from "./scene.js";
import { FADED, drawLit, paint, whole } from "./painter.js";
import { pageColours } from "./palette.js";
import { state } from "./state.js";
import { network } from "./canvas.js";
import { vector } from "./vector.js";

const SHARPER = 2; // pixels of a PNG for one on the screen

/** Return where the world lies in a picture that is so many times larger than the screen's. */
function camera(times) {
  const frame = network.canvas.frame.canvas;
  const { x, y } = network.getViewPosition();
  const scale = network.getScale() * times;
  const [width, height] = [frame.clientWidth * times, frame.clientHeight * times];
  return { scale, width, height, window: whole(width, height), ratio: times, x: width / 2 - x * scale, y: height / 2 - y * scale };
}

function sheet({ width, height, scale, x, y }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, x, y);
  return { canvas, context };
}

/** Return the picture as a PNG blob. */
export function png() {
  const view = camera(SHARPER);
  const lit = highlighted(state.selection);
  const [all, picture] = [sheet(view), sheet(view)];
  const { canvas, context } = picture;
  paint(all.context, view);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = pageColours().ground;
  context.fillRect(0, 0, view.width, view.height);
  context.globalAlpha = lit ? FADED : 1;
  context.drawImage(all.canvas, 0, 0);
  context.restore();
  if (lit) drawLit(context, lit, view);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Return the picture as the text of an SVG file. */
export const svgText = () => vector(camera(1));
