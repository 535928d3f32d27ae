// A fact and where it is said: the sentence with both names marked, and its article.

import { make, isolated, link, marked, plain, valueText } from "./text.js";
import { select, state } from "./state.js";

const percent = (number) => `${Math.round(number * 100)} %`;

/** Return a button that shows a node, an article or another thing. */
export function opener(thing, label = thing.label) {
  return make("button", { class: "plain", type: "button", onclick: () => select(thing) }, isolated(label));
}

/** Return what a fact says, its parts leading on; `from` is the node that speaks for itself. */
export function statement(fact, from = null) {
  const object = fact.object ? opener(fact.object) : isolated(valueText(fact), { class: "value" });
  if (from && fact.object === from && fact.subject !== from) {
    return make("span", { class: "statement" }, opener(fact.subject), " ", relation(fact), " this");
  }
  if (from) return make("span", { class: "statement" }, relation(fact), " ", object);
  return make("span", { class: "statement" }, opener(fact.subject), " ", relation(fact), " ", object);
}

const relation = (fact) => make("span", { class: "relation" }, isolated(fact.predicate.label));

/** Return how sure a fact is, how it is put and when it holds. */
export function qualities(fact) {
  const { from, to } = fact.valid;
  const held = from && to ? `${from} to ${to}` : from ? `since ${from}` : to ? `until ${to}` : "";
  return make(
    "span",
    { class: "qualities" },
    meter(fact.confidence),
    fact.modality === "asserted" ? null : make("span", { class: `tag ${fact.modality}` }, fact.modality),
    held ? make("span", { class: "tag" }, isolated(held)) : null,
  );
}

function meter(confidence) {
  const bar = make("span", { class: "bar" });
  bar.style.setProperty("--share", confidence);
  return make(
    "span",
    { class: "meter", title: "Confidence", role: "img", "aria-label": `Confidence ${percent(confidence)}` },
    bar,
    make("span", { "aria-hidden": "true" }, percent(confidence)),
  );
}

/** Return every place that states a fact; what several extractors read at one place is one. */
export function quotes(fact) {
  if (!fact.evidence.length) return make("p", { class: "muted" }, "No sentence is recorded.");
  const places = new Map();
  for (const evidence of fact.evidence) {
    const place = [evidence.article?.key, evidence.start, evidence.end, evidence.quote].join(" ");
    if (!places.has(place)) places.set(place, []);
    places.get(place).push(evidence);
  }
  return make("div", { class: "quotes" }, [...places.values()].map((readings) => quote(fact, readings)));
}

function quote(fact, readings) {
  const [evidence] = readings;
  const { speaker } = readings.find((reading) => reading.speaker) || evidence;
  const names = [
    ...[fact.subject.label, ...fact.subject.aliases].map((name) => ({ name, mark: "subject" })),
    ...(fact.object ? [fact.object.label, ...fact.object.aliases] : [fact.value]).map((name) => ({
      name,
      mark: "object",
    })),
  ];
  const { article } = evidence;
  return make(
    "figure",
    { class: "quote" },
    make(
      "blockquote",
      {},
      around(evidence.before, (words) => `${words} `),
      make("bdi", { class: "said" }, marked(evidence.quote, names)),
      around(evidence.after, (words) => ` ${words}`),
    ),
    make(
      "figcaption",
      {},
      speaker ? make("span", { class: "speaker" }, "Said by ", isolated(speaker)) : null,
      article ? citation(article) : null,
      placeOf(readings),
    ),
  );
}

/** Return the words of the article beside a quote. */
const around = (words, join) => (words ? make("bdi", { class: "around" }, join(plain(words))) : null);

/** Return an article's title, publisher, date and link. */
export function citation(article) {
  const about = [article.publisher, article.published.slice(0, 10)].filter(Boolean);
  return make(
    "span",
    { class: "citation" },
    opener(article, article.title),
    about.length ? make("span", { class: "muted" }, isolated(about.join(", "))) : null,
    article.url ? link(article.url, shortAddress(article.url)) : null,
  );
}

function shortAddress(address) {
  return address.replace(/^https?:\/\/(www\.)?/, "").replace(/^([^/]{1,32}).*$/, "$1");
}

function placeOf(readings) {
  const [{ start, end }] = readings;
  const sure = readings.map((e) => percent(e.confidence) + (e.extractor ? ` (${e.extractor})` : ""));
  return make("small", { class: "muted" }, isolated(`characters ${start}\u2013${end} \u00b7 confidence ${sure.join(", ")}`));
}

/** Return a fact that opens to its sentences. */
export function foldedFact(fact, { from = null, open = false } = {}) {
  return make(
    "details",
    { class: "fact", open: open || state.selection === fact },
    make("summary", {}, statement(fact, from), qualities(fact)),
    quotes(fact),
  );
}
