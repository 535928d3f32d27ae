// Returns every text that a reader can see: its beginning, its contrast against the grounds
// below it, and the least contrast that WCAG 2.2 (1.4.3) asks for, 3 for large texts.

const parse = (text) => {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return numbers.length > 3 ? numbers : [...numbers, 1];
};
const over = (top, below) =>
  [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const straight = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) =>
  0.2126 * straight(r / 255) + 0.7152 * straight(g / 255) + 0.0722 * straight(b / 255);
const upwards = (element) => (element ? [element, ...upwards(element.parentElement)] : []);
const style = (element, name) => getComputedStyle(element)[name];
const opacity = (element) =>
  upwards(element).reduce((all, e) => all * Number(style(e, "opacity")), 1);

function groundOf(element) {
  const layers = upwards(element).map((e) => parse(style(e, "backgroundColor")));
  return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
}

function isSeen(element) {
  return (
    element.checkVisibility({ visibilityProperty: true }) &&
    opacity(element) > 0.05 &&
    !element.closest(":disabled, .unseen, script, style, noscript")
  );
}

const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const element = walk.currentNode.parentElement;
  const text = walk.currentNode.data.trim();
  if (!text || !isSeen(element)) continue;
  const below = groundOf(element);
  const [r, g, b, alpha] = parse(style(element, "color"));
  const ink = over([r, g, b, alpha * opacity(element)], below);
  const [one, other] = [luminance(ink), luminance(below)].sort((x, y) => y - x);
  const size = parseFloat(style(element, "fontSize"));
  const isBold = Number(style(element, "fontWeight")) >= 700;
  const isLarge = size >= 24 || (isBold && size >= 18.66);
  found.push([text.slice(0, 40), (one + 0.05) / (other + 0.05), isLarge ? 3 : 4.5]);
}
return found;
