// The picture as SVG: what the canvas shows, with an element of its own for each node and line.

import { scene, highlighted, radiusOf } from "./scene.js";
import { arrowOf, isUnsure, lineWidth, litParts, seen, shapeOf, writeLitNames, writeNames } from "./painter.js";
import { colourOf, pageColours } from "./palette.js";
import { svg, drawn } from "./shapes.js";
import { settings, state } from "./state.js";
import { cut } from "./text.js";

const FONT_FAMILY = "system-ui, sans-serif";
const tenth = (number) => +number.toFixed(1);

/** Takes what is written on a canvas, and makes SVG of it. */
class Pen {
  constructor() {
    this.texts = svg("g", { "font-family": FONT_FAMILY, "text-anchor": "middle", "dominant-baseline": "central", "stroke-linejoin": "round", "paint-order": "stroke" });
    this.ruler = document.createElement("canvas").getContext("2d");
    this.placed = "";
  }

  set font(font) {
    this.ruler.font = font;
    [, this.weight, this.size] = /^(\d+) ([\d.]+)px/.exec(font);
  }

  measureText(text) {
    return this.ruler.measureText(text);
  }

  save() {}

  restore() {
    this.placed = "";
  }

  setTransform() {
    this.placed = "";
  }

  translate(x, y) {
    this.placed = `translate(${tenth(x)} ${tenth(y)})`;
  }

  rotate(angle) {
    this.placed += ` rotate(${tenth((angle * 180) / Math.PI)})`;
  }

  /** Keep the halo for the text that follows. */
  strokeText() {
    this.halo = { stroke: this.strokeStyle, "stroke-width": tenth(this.lineWidth) };
  }

  fillText(text, x, y) {
    const place = this.placed ? { transform: this.placed } : { x: tenth(x), y: tenth(y) };
    this.texts.append(svg("text", { ...place, "font-size": this.size, "font-weight": this.weight, fill: this.fillStyle, ...this.halo }, text));
  }
}

const placeOn = (node, view) => ({
  x: node.x * view.scale + view.x,
  y: node.y * view.scale + view.y,
  r: radiusOf(node, view) * view.scale,
});

function lineOf(tie, view, extra) {
  const [a, b] = [placeOn(tie.a, view), placeOn(tie.b, view)];
  const ends = { x1: tenth(a.x), y1: tenth(a.y), x2: tenth(b.x), y2: tenth(b.y) };
  return svg("line", { ...ends, "stroke-width": lineWidth(tie) + extra, ...(isUnsure(tie) ? { "stroke-dasharray": "5 4" } : {}) });
}

function headOf(tie, view) {
  const corners = arrowOf(tie, view).map((corner) => `${tenth(corner.x * view.scale + view.x)},${tenth(corner.y * view.scale + view.y)}`);
  return corners.length ? [svg("polygon", { points: corners.join(" ") })] : [];
}

function markOf(node, view) {
  const { x, y, r } = placeOn(node, view);
  const mark = drawn(shapeOf(node), tenth(x), tenth(y), tenth(r), { fill: colourOf(node) });
  mark.append(svg("title", {}, cut(node.label, 200)));
  return mark;
}

/** Return lines, nodes and names as a group. */
function layer({ ties, nodes, arrows }, view, write, { colour, extra = 0 }) {
  const pen = new Pen();
  write(pen, nodes, ties, view);
  return svg(
    "g",
    {},
    svg("g", { stroke: colour, fill: "none" }, ...ties.map((tie) => lineOf(tie, view, extra))),
    svg("g", { fill: colour }, ...(arrows ? ties.flatMap((tie) => headOf(tie, view)) : [])),
    svg("g", { stroke: pageColours().ground, "stroke-width": 1.2 }, ...nodes.map((node) => markOf(node, view))),
    pen.texts,
  );
}

function ringOf(view, colours) {
  const chosen = state.selection;
  const nodes = chosen.kind === "path" ? [chosen.from, chosen.to] : [chosen];
  const drawnOnes = nodes.filter((node) => scene.byId.get(node.id) === node);
  return drawnOnes.map((node) => {
    const { x, y, r } = placeOn(node, view);
    return drawn(shapeOf(node), tenth(x), tenth(y), tenth(r + 4), { fill: "none", stroke: colours.accent, "stroke-width": 2.5 });
  });
}

/** Return the picture in a view as the text of an SVG file. */
export function vector(view) {
  const colours = pageColours();
  const { width, height } = view;
  const lit = highlighted(state.selection);
  const all = layer(seen(view), view, writeNames, { colour: colours.line });
  const whole = svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" },
    svg("title", {}, cut(settings.title, 200)),
    svg("rect", { width: "100%", height: "100%", fill: colours.ground }),
    all,
  );
  if (lit) {
    all.setAttribute("opacity", "0.2");
    whole.append(layer(litParts(lit, view), view, writeLitNames, { colour: colours.strong, extra: 0.6 }), ...ringOf(view, colours));
  }
  return new XMLSerializer().serializeToString(whole);
}
