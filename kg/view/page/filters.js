// The choices at the left: classes, which are the legend too, predicates, confidence,
// how facts are put, publishers, articles, dates.

import { make, byId, isolated, capital, fold, count } from "./text.js";
import { graph, state, changed, slide, toggle, reset, isFiltered } from "./state.js";
import { classColour } from "./palette.js";
import { glyph } from "./shapes.js";
import { FEW_ENOUGH } from "./scene.js";

const MOST_LISTED = 12; // articles that are listed at once
const MOST_CHOICES = 40; // rows of one list, until the reader asks for all

function tally(things, keyOf) {
  const found = new Map();
  for (const thing of things) for (const key of [keyOf(thing)].flat()) found.set(key, (found.get(key) || 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1] || String(a[0].label || a[0]).localeCompare(b[0].label || b[0]));
}

const unfolded = new WeakSet();

/** Return a list of checkboxes; each row also has a button that leaves only itself. */
function choices(off, rows) {
  const all = rows.map((row) => row.key);
  const shown = unfolded.has(off) ? rows : rows.slice(0, MOST_CHOICES);
  const list = make("ul", { class: "choices" }, shown.map((row) => choice(off, row, all)));
  if (shown.length < rows.length) {
    const unfold = () => {
      unfolded.add(off);
      showFilters();
    };
    const label = `Show ${rows.length - shown.length} more`;
    list.append(make("li", {}, make("button", { class: "small", type: "button", onclick: unfold }, label)));
  }
  return list;
}

function choice(off, { key, label, number, mark }, all) {
  const box = make("input", {
    type: "checkbox",
    checked: !off.has(key),
    onchange: () => {
      toggle(off, key, !box.checked);
      changed("filter");
    },
  });
  const only = () => {
    const alone = !off.has(key) && off.size === all.length - 1;
    off.clear();
    if (!alone) all.filter((other) => other !== key).forEach((other) => off.add(other));
    changed("filter");
  };
  return make(
    "li",
    {},
    make("label", {}, box, mark || null, isolated(label, { class: "name" }), make("span", { class: "number" }, number.toLocaleString("en"))),
    all.length > 1 ? make("button", { class: "only", type: "button", onclick: only, "aria-label": `Only ${label}` }, "only") : null,
  );
}

function group(title, content, open = true) {
  return make("details", { class: "group", open }, make("summary", {}, title), content);
}

let opened = new Map();

/** Draw the panel anew, keeping open what was open and the keyboard where it was. */
export function showFilters() {
  const panel = byId("filters-body");
  panel.querySelectorAll("details").forEach((d) => opened.set(d.firstChild.textContent, d.open));
  const focused = [...panel.querySelectorAll("input, button, summary")].indexOf(document.activeElement);
  const groups = [
    group("Classes", classes()),
    group("Predicates", choices(state.off.predicates, tally(graph.facts, (f) => f.predicate).map(([p, number]) => ({ key: p.iri, label: p.label, number })))),
    group("Confidence", confidence()),
    group("Statement", choices(state.off.modalities, tally(graph.facts, (f) => f.modality).map(([key, number]) => ({ key, label: capital(key), number }))), false),
    group("Publishers", choices(state.off.publishers, tally(graph.articles, (a) => a.house).map(([key, number]) => ({ key, label: key, number }))), false),
    group("Articles", articles(), false),
    group("Dates", dates(), false),
    group("Picture", picture()),
  ];
  for (const details of groups) {
    const title = details.firstChild.textContent;
    if (opened.has(title)) details.open = opened.get(title);
  }
  panel.replaceChildren(...groups);
  if (focused >= 0) [...panel.querySelectorAll("input, button, summary")][focused]?.focus();
  showCounts();
}

function classes() {
  const rows = tally(graph.nodes, (n) => n.type);
  return choices(
    state.off.classes,
    rows.map(([type, number]) => ({ key: type.name, label: capital(type.label), number, mark: glyph(type.shape, classColour(type)) })),
  );
}

function confidence() {
  const shown = make("output", { for: "confidence" }, `at least ${Math.round(state.confidence * 100)} %`);
  const slider = make("input", {
    id: "confidence",
    type: "range",
    min: "0",
    max: "1",
    step: "0.01",
    value: String(state.confidence),
    "aria-label": "Least confidence",
    oninput: () => {
      state.confidence = Number(slider.value);
      shown.textContent = `at least ${Math.round(state.confidence * 100)} %`;
      slide();
    },
  });
  return make("div", { class: "slider" }, slider, shown);
}

let articleWords = "";

function articles() {
  const list = make("ul", { class: "choices" });
  const show = (words) => {
    articleWords = words;
    const sought = fold(words);
    const chosen = graph.articles.filter((a) => state.articles.has(a.key));
    const others = graph.articles.filter((a) => !state.articles.has(a.key) && fold(a.title).includes(sought));
    others.sort((a, b) => b.published.localeCompare(a.published));
    const rows = [...chosen, ...others.slice(0, MOST_LISTED)].map((article) => {
      const box = make("input", {
        type: "checkbox",
        checked: state.articles.has(article.key),
        onchange: () => {
          toggle(state.articles, article.key, box.checked);
          changed("filter");
        },
      });
      return make("li", {}, make("label", {}, box, isolated(article.title, { class: "name" })));
    });
    list.replaceChildren(...rows);
  };
  show(articleWords);
  const input = make("input", { type: "search", value: articleWords, placeholder: "Find an article\u2026", "aria-label": "Find an article", oninput: () => show(input.value) });
  return make("div", {}, make("p", { class: "muted hint" }, "Choose some to see only these."), input, list);
}

function dates() {
  const field = (name, label) => {
    const input = make("input", {
      type: "date",
      value: state[name],
      onchange: () => {
        state[name] = input.value;
        changed("filter");
      },
    });
    return make("label", { class: "date" }, label, input);
  };
  return make("div", { class: "dates" }, field("from", "From"), field("to", "To"));
}

function picture() {
  const box = (label, checked, change) => {
    const input = make("input", { type: "checkbox", checked, onchange: () => change(input.checked) });
    return make("li", {}, make("label", {}, input, make("span", { class: "name" }, label)));
  };
  return make(
    "ul",
    { class: "choices" },
    box("Colour communities", state.colour === "community", (value) => {
      state.colour = value ? "community" : "class";
      changed("look");
    }),
    graph.nodes.length > FEW_ENOUGH
      ? box("Overview of communities", state.overview, (value) => {
          state.overview = value;
          state.open.clear();
          changed("scene");
        })
      : null,
  );
}

/** Say how much is shown, and offer to show all when that is not all. */
export function showCounts() {
  const nodes = graph.nodes.filter((n) => n.visible).length;
  const facts = graph.facts.filter((f) => f.visible).length;
  const all = nodes === graph.nodes.length && facts === graph.facts.length;
  const parts = all
    ? [count(nodes, "entity", "entities"), count(facts, "fact"), count(graph.articles.length, "article")]
    : [`${nodes.toLocaleString("en")} of ${count(graph.nodes.length, "entity", "entities")}`, `${facts.toLocaleString("en")} of ${count(graph.facts.length, "fact")}`];
  byId("counts").replaceChildren(...parts.map((part, i) => make("span", {}, i ? ` \u00b7 ${part}` : part)));
  byId("reset").hidden = all && !isFiltered();
}

export function startFilters() {
  byId("reset").addEventListener("click", reset);
  showFilters();
}
