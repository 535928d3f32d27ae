// Outlines of nodes, the same on a canvas, in an SVG file and in the legend.

const corners = (number, turn) =>
  Array.from({ length: number }, (_, i) => {
    const angle = turn + (i * 2 * Math.PI) / number;
    return [Math.cos(angle), Math.sin(angle)];
  });

const STAR = corners(10, -Math.PI / 2).map(([x, y], i) => (i % 2 ? [x * 0.5, y * 0.5] : [x * 1.15, y * 1.15]));

// Unit outlines, scaled so that every shape has about the area of the circle.
const OUTLINES = {
  square: [[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
  diamond: corners(4, -Math.PI / 2).map(([x, y]) => [x * 1.22, y * 1.22]),
  hexagon: corners(6, 0).map(([x, y]) => [x * 1.08, y * 1.08]),
  triangle: corners(3, -Math.PI / 2).map(([x, y]) => [x * 1.35, y * 1.35 + 0.2]),
  triangleDown: corners(3, Math.PI / 2).map(([x, y]) => [x * 1.35, y * 1.35 - 0.2]),
  star: STAR,
};

/** Add the outline of a shape to a canvas path. */
export function trace(context, shape, x, y, radius) {
  const outline = OUTLINES[shape];
  if (!outline) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  if (shape === "square" && radius > 3 && context.roundRect) {
    const half = radius * 0.88;
    context.roundRect(x - half, y - half, 2 * half, 2 * half, radius * 0.3);
    return;
  }
  outline.forEach(([dx, dy], i) => {
    if (i) context.lineTo(x + dx * radius, y + dy * radius);
    else context.moveTo(x + dx * radius, y + dy * radius);
  });
  context.closePath();
}

const SVG = "http://www.w3.org/2000/svg";

/** Make an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Make the SVG element of a shape. */
export function drawn(shape, x, y, radius, attributes) {
  const outline = OUTLINES[shape];
  if (!outline) return svg("circle", { cx: x, cy: y, r: radius, ...attributes });
  const points = outline.map(([dx, dy]) => `${(x + dx * radius).toFixed(1)},${(y + dy * radius).toFixed(1)}`);
  return svg("polygon", { points: points.join(" "), "stroke-linejoin": "round", ...attributes });
}

/** Make the small picture of a class for a list. */
export function glyph(shape, colour) {
  const mark = drawn(shape, 8, 8, 5.5, { fill: colour });
  return svg("svg", { class: "glyph", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, mark);
}
