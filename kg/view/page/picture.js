// The picture as a file, as the camera shows it.

import { scene, radiusOf } from "./scene.js";
import { paint, lineWidth, shapeOf, whole } from "./painter.js";
import { colourOf, pageColours } from "./palette.js";
import { svg, drawn } from "./shapes.js";
import { settings } from "./state.js";
import { network } from "./canvas.js";
import { cut } from "./text.js";

const FONT_FAMILY = "system-ui, sans-serif";

function camera() {
  const frame = network.canvas.frame.canvas;
  const { x, y } = network.getViewPosition();
  const scale = network.getScale();
  const [width, height] = [frame.clientWidth, frame.clientHeight];
  return { scale, width, height, ratio: 1, x: width / 2 - x * scale, y: height / 2 - y * scale };
}

/** Return the picture as a PNG blob, at twice the size on the screen. */
export function png() {
  const view = camera();
  const times = 2;
  const canvas = document.createElement("canvas");
  canvas.width = view.width * times;
  canvas.height = view.height * times;
  const context = canvas.getContext("2d");
  context.fillStyle = pageColours().ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const large = { scale: view.scale * times, x: view.x * times, y: view.y * times, width: canvas.width, height: canvas.height, window: whole(canvas.width, canvas.height), ratio: times };
  context.setTransform(large.scale, 0, 0, large.scale, large.x, large.y);
  paint(context, large);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Return the picture as the text of an SVG file. */
export function svgText() {
  const view = camera();
  const colours = pageColours();
  const at = (node) => ({ x: node.x * view.scale + view.x, y: node.y * view.scale + view.y, r: radiusOf(node, view) * view.scale });
  const inside = ({ x, y }) => x > -200 && y > -200 && x < view.width + 200 && y < view.height + 200;
  const round = (number) => number.toFixed(1);
  const lines = svg("g", { stroke: colours.line, fill: "none" });
  for (const tie of scene.ties) {
    const [a, b] = [at(tie.a), at(tie.b)];
    if (inside(a) || inside(b)) {
      lines.append(svg("line", { x1: round(a.x), y1: round(a.y), x2: round(b.x), y2: round(b.y), "stroke-width": lineWidth(tie) }));
    }
  }
  const marks = svg("g", { stroke: colours.ground, "stroke-width": 1.5 });
  const names = svg("g", { "font-family": FONT_FAMILY, "font-size": 12, "text-anchor": "middle", fill: colours.ink, stroke: colours.ground, "stroke-width": 3, "paint-order": "stroke", "stroke-linejoin": "round" });
  for (const node of scene.nodes) {
    const place = at(node);
    if (!inside(place)) continue;
    const mark = drawn(shapeOf(node), place.x, place.y, place.r, { fill: colourOf(node) });
    mark.append(svg("title", {}, cut(node.label, 200)));
    marks.append(mark);
    names.append(svg("text", { x: round(place.x), y: round(place.y + place.r + 13) }, cut(node.label, 30)));
  }
  const whole = svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${view.width} ${view.height}`, width: view.width, height: view.height, role: "img" },
    svg("title", {}, cut(settings.title, 200)),
    svg("rect", { width: "100%", height: "100%", fill: colours.ground }),
    lines,
    marks,
    names,
  );
  return new XMLSerializer().serializeToString(whole);
}
