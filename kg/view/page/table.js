// The same graph as a table, for sorting, reading and screen readers.

import { make, byId, isolated, capital, count, valueText, cut } from "./text.js";
import { graph, state, select, changed } from "./state.js";
import { opener, citation } from "./evidence.js";
import { classColour } from "./palette.js";
import { glyph } from "./shapes.js";

const PAGE = 100; // rows that are shown at once
const sorted = { facts: { by: "subject", down: false }, entities: { by: "neighbours", down: true } };
const at = { facts: 0, entities: 0 };

const newest = (fact) => fact.dates[fact.dates.length - 1] || "";

const COLUMNS = {
  facts: [
    { key: "subject", label: "Subject", value: (f) => f.subject.label, cell: (f) => opener(f.subject) },
    { key: "predicate", label: "Predicate", value: (f) => f.predicate.label, cell: (f) => isolated(f.predicate.label) },
    {
      key: "object",
      label: "Object",
      value: (f) => f.object?.label || f.value,
      cell: (f) => (f.object ? opener(f.object) : isolated(valueText(f))),
    },
    {
      key: "sentence",
      label: "Sentence",
      value: (f) => f.evidence[0]?.quote || "",
      cell: (f) => make("button", { class: "plain", type: "button", onclick: () => select(f) }, isolated(cut(f.evidence[0]?.quote || "\u2014", 240))),
    },
    { key: "confidence", label: "Confidence", value: (f) => f.confidence, cell: (f) => `${Math.round(f.confidence * 100)} %` },
    { key: "date", label: "Latest", value: newest, cell: (f) => newest(f) },
    { key: "articles", label: "Articles", value: (f) => f.sources.length, cell: (f) => String(f.sources.length) },
    { key: "statement", label: "Statement", value: (f) => f.modality, cell: (f) => f.modality },
  ],
  entities: [
    { key: "name", label: "Name", value: (n) => n.label, cell: (n) => opener(n) },
    {
      key: "class",
      label: "Class",
      value: (n) => n.type.label,
      cell: (n) => make("span", { class: "kind" }, glyph(n.type.shape, classColour(n.type)), capital(n.type.label)),
    },
    { key: "aliases", label: "Also known as", value: (n) => n.aliases.join(", "), cell: (n) => isolated(cut(n.aliases.join(", "), 80)) },
    { key: "facts", label: "Facts", value: (n) => n.shownFacts, cell: (n) => String(n.shownFacts) },
    { key: "neighbours", label: "Neighbours", value: (n) => n.ties.filter((t) => t.visible).length, cell: (n) => String(n.ties.filter((t) => t.visible).length) },
  ],
};

/** Return the shown facts or entities in the order of the table. */
export function rows(kind = state.rows) {
  const { by, down } = sorted[kind];
  const { value } = COLUMNS[kind].find((column) => column.key === by);
  const shown = (kind === "facts" ? graph.facts : graph.nodes).filter((item) => item.visible);
  const keyed = shown.map((item) => [value(item), item]);
  const order = new Intl.Collator("en", { numeric: true }).compare;
  keyed.sort(([a], [b]) => (typeof a === "number" ? a - b : order(a, b)) * (down ? -1 : 1));
  return keyed.map(([, item]) => item);
}

function heading(kind, column) {
  const { by, down } = sorted[kind];
  const sort = () => {
    sorted[kind] = { by: column.key, down: by === column.key ? !down : false };
    at[kind] = 0;
    showTable();
    byId("table").querySelector(`[data-sort="${column.key}"]`)?.focus();
  };
  const mine = by === column.key;
  return make(
    "th",
    { scope: "col", "aria-sort": mine ? (down ? "descending" : "ascending") : "none" },
    make("button", { type: "button", onclick: sort, "data-sort": column.key }, column.label, make("span", { class: "sign", "aria-hidden": "true" }, mine ? (down ? "\u2193" : "\u2191") : "")),
  );
}

/** Draw the table, when it is what the reader looks at. */
export function showTable() {
  const panel = byId("table");
  panel.hidden = state.view !== "table";
  if (panel.hidden) return;
  const kind = state.rows;
  const all = rows(kind);
  at[kind] = Math.min(at[kind], Math.max(0, Math.ceil(all.length / PAGE) - 1));
  const shown = all.slice(at[kind] * PAGE, (at[kind] + 1) * PAGE);
  const columns = COLUMNS[kind];
  panel.replaceChildren(
    switcher(),
    make(
      "div",
      { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Table" },
      make(
        "table",
        {},
        make("caption", { class: "unseen" }, kind === "facts" ? "Facts" : "Entities"),
        make("thead", {}, make("tr", {}, columns.map((column) => heading(kind, column)))),
        make("tbody", {}, shown.map((item) => make("tr", {}, columns.map((c) => make("td", { class: c.key }, c.cell(item)))))),
      ),
    ),
    pager(kind, all.length),
  );
}

function switcher() {
  const tab = (kind, label) =>
    make("button", { type: "button", "aria-pressed": String(state.rows === kind), onclick: () => { state.rows = kind; changed("view"); } }, label);
  return make("div", { class: "segments", role: "group", "aria-label": "Rows" }, tab("facts", "Facts"), tab("entities", "Entities"));
}

function pager(kind, total) {
  const turn = (by) => {
    at[kind] += by;
    showTable();
  };
  const start = at[kind] * PAGE;
  const button = (label, by, disabled) => make("button", { class: "small", type: "button", disabled, onclick: () => turn(by) }, label);
  return make(
    "div",
    { class: "pager" },
    make("span", { class: "muted" }, total ? `${start + 1}\u2013${Math.min(total, start + PAGE)} of ${count(total, "row")}` : "Nothing is left to show."),
    button("Previous", -1, start === 0),
    button("Next", 1, start + PAGE >= total),
  );
}

export { citation };
