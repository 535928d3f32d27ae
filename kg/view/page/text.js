// Text on the page: every string of the graph goes in as text, never as markup.

/** Make an element; children are elements or strings, null ones are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

// Characters that turn the direction of the text around them: shown, so that no name can
// pose as another.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Return the text with its direction controls spelt out. */
export function plain(text) {
  return String(text).replace(
    TURNING,
    (c) => `\u2039U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}\u203a`,
  );
}

/** Return an element whose text cannot disturb the text around it. */
export function isolated(text, attributes = {}) {
  return make("bdi", attributes, plain(text));
}

/** Return the text cut to a length, with an ellipsis. */
export function cut(text, length) {
  const characters = [...plain(text)];
  return characters.length > length ? characters.slice(0, length - 1).join("") + "\u2026" : plain(text);
}

/** Return the text without case and accents, to search in. */
export function fold(text) {
  return String(text).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Return a link for http and https addresses, the bare text for any other. */
export function link(address, label = address) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    return isolated(label);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return isolated(label);
  return make(
    "a",
    { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" },
    isolated(label),
  );
}

const NUMBER = new Intl.NumberFormat("en");

/** Return "1 fact", "2,500 facts". */
export function count(number, one, many = one + "s") {
  return `${NUMBER.format(number)} ${number === 1 ? one : many}`;
}

/** Return the value of a fact as people write it. */
export function valueText(fact) {
  const numeric = /^-?\d+(\.\d+)?$/.test(fact.value) && !/(date|gYear)/i.test(fact.datatype || "");
  const shown = numeric ? NUMBER.format(Number(fact.value)) : plain(fact.value);
  return fact.currency ? `${plain(fact.currency)} ${shown}` : shown;
}

/** Return a label with its first letter large. */
export const capital = (label) => label.charAt(0).toUpperCase() + label.slice(1);

/** Return the last part of an IRI. */
export function localName(iri) {
  return iri.split(/[#/]/).pop();
}

/** Return the text in pieces, with the given names marked where they stand in it. */
export function marked(text, names) {
  const spans = [];
  const lower = text.toLowerCase();
  for (const { name, mark } of names) {
    const sought = name.toLowerCase();
    if (sought.length < 2 || lower.length !== text.length) continue;
    for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, at + 1)) {
      const end = at + sought.length;
      const inWord = /[\p{L}\p{N}]/u.test(text[at - 1] || "") || /[\p{L}\p{N}]/u.test(text[end] || "");
      if (!inWord) spans.push({ at, end, mark });
    }
  }
  spans.sort((a, b) => a.at - b.at || b.end - a.end);
  const pieces = [];
  let done = 0;
  for (const { at, end, mark } of spans) {
    if (at < done) continue;
    pieces.push(plain(text.slice(done, at)), make("mark", { class: mark }, plain(text.slice(at, end))));
    done = end;
  }
  pieces.push(plain(text.slice(done)));
  return pieces;
}

/** Say something to people who listen to the page. */
export function announce(message) {
  byId("announcer").textContent = plain(message);
}
