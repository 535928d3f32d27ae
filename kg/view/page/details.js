// The panel beside the picture: what is selected, down to the sentence.

import { make, byId, isolated, capital, link, count, announce, cut } from "./text.js";
import { graph, state, settings, select, changed, toggle } from "./state.js";
import { otherEnd, shortestPath } from "./graph.js";
import { foldedFact, opener, qualities, quotes, statement, citation } from "./evidence.js";
import { classColour } from "./palette.js";
import { glyph } from "./shapes.js";
import { holdStill, lookAt, openCommunity } from "./canvas.js";
import { pathForm } from "./search.js";

const MOST_SHOWN = 40; // facts of one list that are shown at once

/** Show what is selected; nothing selected closes the panel. */
export function showDetails() {
  const panel = byId("details");
  const chosen = state.selection;
  document.body.classList.toggle("with-details", Boolean(chosen));
  panel.hidden = !chosen;
  if (!chosen) return;
  if (chosen.kind === "path") chosen.ties = shortestPath(chosen.from, chosen.to);
  const content = { node, tie, fact, path, article, community }[chosen.kind](chosen);
  byId("details-body").replaceChildren(...content.filter(Boolean));
  byId("details-body").scrollTop = 0;
  const title = panel.querySelector("h2");
  announce(title ? title.textContent : "");
}

const action = (label, act, attributes = {}) =>
  make("button", { class: "small", type: "button", onclick: act, ...attributes }, label);

const section = (title, ...content) => make("section", {}, make("h3", {}, title), ...content);

function node(it) {
  const shown = it.facts.filter((f) => f.visible);
  return [
    make("p", { class: "kind" }, glyph(it.type.shape, classColour(it.type)), capital(it.type.label)),
    make("h2", {}, isolated(it.label)),
    it.aliases.length
      ? make("p", { class: "muted" }, "Also: ", it.aliases.flatMap((a, i) => [i ? ", " : "", isolated(a)]))
      : null,
    make("div", { class: "actions" }, nodeActions(it)),
    pathForm(it),
    it.links.length ? make("ul", { class: "links" }, it.links.map((l) => make("li", {}, link(l, shortLink(l))))) : null,
    section(count(shown.length, "fact"), factsByPredicate(shown, it)),
    articlesOf(shown),
  ];
}

/** Return the host of an address and the last part of its path, for a link to be read. */
function shortLink(address) {
  const [, host, last] = /^https?:\/\/(?:www\.)?([^/]+)\/(?:.*\/)?([^/]+)\/?$/.exec(address) || [];
  return host ? `${last} on ${host}` : address;
}

function nodeActions(it) {
  const pinned = state.pinned.has(it);
  return [
    action("Expand", () => expand(it), { title: "Show all its neighbours (E)" }),
    action("Collapse", () => collapse(it), { title: "Hide neighbours tied to nothing else (C)" }),
    action(pinned ? "Unpin" : "Pin", () => pin(it), {
      title: "Keep its place and keep it shown (P)",
      "aria-pressed": String(pinned),
    }),
    action("Hide", () => hide(it), { title: "Hide it (H)" }),
    action("Centre", () => lookAt([it])),
  ];
}

/** Show all neighbours of a node; a page with a server asks it for more. */
export async function expand(it) {
  for (const tie of it.ties) {
    const other = otherEnd(tie, it);
    state.hidden.delete(other);
    if (state.overview && other.community >= 0) state.open.add(other.community);
  }
  if (settings.service) await grow(it);
  changed("graph", "selection");
  lookAt([it, ...it.ties.map((tie) => otherEnd(tie, it))]);
}

async function grow(it) {
  const address = new URL(settings.service, location.href);
  address.searchParams.set("node", it.iri);
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) return announce("The server did not answer");
  const fresh = graph.add(await answer.json(), it);
  return announce(count(fresh.length, "new entity", "new entities"));
}

/** Hide the neighbours of a node that are tied to nothing else on the page. */
export function collapse(it) {
  for (const tie of it.ties) {
    const other = otherEnd(tie, it);
    const elsewhere = other.ties.some((t) => t !== tie && t.visible);
    if (tie.visible && !elsewhere && !state.pinned.has(other)) state.hidden.add(other);
  }
  changed("filter", "selection");
}

export function pin(it) {
  toggle(state.pinned, it);
  holdStill(it);
  changed("filter", "selection");
  announce(`${it.label} ${state.pinned.has(it) ? "pinned" : "unpinned"}`);
}

export function hide(it) {
  state.hidden.add(it);
  state.pinned.delete(it);
  state.selection = null;
  changed("filter", "selection");
  announce(`${it.label} hidden`);
}

function factsByPredicate(facts, it) {
  const groups = new Map();
  for (const f of facts) {
    if (!groups.has(f.predicate)) groups.set(f.predicate, []);
    groups.get(f.predicate).push(f);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  return sorted.map((group) => longList(group.sort((a, b) => b.confidence - a.confidence), (f) => foldedFact(f, { from: it })));
}

/** Return a list that shows its beginning, and the rest when asked to. */
function longList(items, show) {
  const list = make("div", { class: "list" }, items.slice(0, MOST_SHOWN).map(show));
  if (items.length > MOST_SHOWN) {
    const rest = action(`Show ${items.length - MOST_SHOWN} more`, () => rest.replaceWith(...items.slice(MOST_SHOWN).map(show)));
    list.append(rest);
  }
  return list;
}

function articlesOf(facts) {
  const articles = [...new Set(facts.flatMap((f) => f.sources))].sort((a, b) => b.published.localeCompare(a.published));
  if (!articles.length) return null;
  return section(count(articles.length, "article"), longList(articles, (a) => make("p", {}, citation(a))));
}

function tie(it) {
  const facts = it.facts.filter((f) => f.visible);
  return [
    make("p", { class: "kind" }, count(facts.length, "fact")),
    make("h2", {}, opener(it.a), make("span", { class: "muted" }, " and "), opener(it.b)),
    ...facts.map((f) => make("section", { class: "stated" }, make("h3", {}, statement(f)), qualities(f), quotes(f))),
  ];
}

function fact(it) {
  return [
    make("p", { class: "kind" }, "Fact"),
    make("h2", {}, statement(it)),
    qualities(it),
    quotes(it),
  ];
}

function path(it) {
  const title = make("h2", {}, opener(it.from), make("span", { class: "muted" }, " to "), opener(it.to));
  if (!it.ties) {
    return [make("p", { class: "kind" }, "Path"), title, make("p", {}, "No way leads from one to the other over what is shown.")];
  }
  return [
    make("p", { class: "kind" }, `Shortest path: ${count(it.ties.length, "step")}`),
    title,
    make("ol", { class: "path" }, it.ties.map(stepOf)),
  ];
}

const stepOf = (it) =>
  make("li", {}, it.facts.filter((f) => f.visible).map((f, i) => foldedFact(f, { open: i === 0 })));

function article(it) {
  const facts = [...it.facts].filter((f) => f.visible);
  const about = [it.publisher, it.published.slice(0, 10), it.authors.join(", ")].filter(Boolean).join(" \u00b7 ");
  const only = state.articles.size === 1 && state.articles.has(it.key);
  return [
    make("p", { class: "kind" }, "Article"),
    make("h2", {}, isolated(it.title)),
    about ? make("p", { class: "muted" }, isolated(about)) : null,
    it.url ? make("p", {}, link(it.url, cut(it.url, 60))) : null,
    make(
      "div",
      { class: "actions" },
      action(only ? "Show all articles" : "Show only this article", () => {
        state.articles.clear();
        if (!only) state.articles.add(it.key);
        changed("filter", "selection");
      }),
    ),
    section(count(facts.length, "fact"), longList(facts, (f) => foldedFact(f))),
  ];
}

function community(it) {
  const members = (graph.communities.get(it.number) || []).filter((n) => n.visible);
  const isOpen = !state.overview || state.open.has(it.number);
  return [
    make("p", { class: "kind" }, "Community"),
    make("h2", {}, isolated(members.slice(0, 2).map((n) => n.label).join(", ")), members.length > 2 ? " and others" : ""),
    make("p", { class: "muted" }, `${count(members.length, "entity", "entities")} that are tied to each other more than to the rest.`),
    state.overview
      ? make("div", { class: "actions" }, action(isOpen ? "Close community" : "Open community", () => openCommunity(it.number, !isOpen)))
      : null,
    section(
      "Best connected",
      longList(members, (n) =>
        make("p", { class: "member" }, glyph(n.type.shape, classColour(n.type)), opener(n), make("span", { class: "muted" }, count(n.ties.length, "neighbour"))),
      ),
    ),
  ];
}

/** Close the panel and give the keyboard back to the picture. */
export function closeDetails() {
  select(null);
  byId("canvas").focus();
}
