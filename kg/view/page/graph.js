// The graph in memory: nodes, ties (pairs with all their facts), facts and articles.

import { fold, localName } from "./text.js";

/**
 * The graph of the page; `add` takes the JSON of a page or of a neighbourhood. With `upright`
 * the layout, which is wider than high, lies on its side.
 */
export class Graph {
  constructor(data, { upright = false } = {}) {
    this.upright = upright;
    this.classes = [];
    this.predicates = [];
    this.articles = [];
    this.nodes = [];
    this.facts = [];
    this.ties = [];
    this.byIri = new Map();
    this.byKey = new Map();
    this.pairs = new Map();
    this.add(data);
  }

  /** Take in nodes and facts that are not there yet; new nodes go around the anchor. */
  add(data, anchor = null) {
    const classes = data.classes.map((c) => this.#known(this.classes, c, (x) => x.name === c.name));
    const predicates = data.predicates.map((p) => this.#known(this.predicates, p, (x) => x.iri === p.iri));
    const articles = data.articles.map((a) => this.#article(a));
    const fresh = [];
    const nodes = data.nodes.map((node, index) => {
      const found = this.byIri.get(node.iri);
      if (found) return found;
      const made = this.#node(node, data.network.nodes[index], classes[node.class]);
      fresh.push(made);
      return made;
    });
    if (anchor) placeAround(anchor, fresh);
    for (const fact of data.facts) {
      if (!this.byIri.has(fact.iri)) this.#fact(fact, nodes, predicates, articles);
    }
    this.communities = this.#communities();
    return fresh;
  }

  /** Return a place of the layout as one of the picture, or the other way round: it turns back. */
  turn({ x, y }) {
    return this.upright ? { x: -y, y: -x } : { x, y };
  }

  #known(list, item, same) {
    const found = list.find(same);
    if (found) return found;
    list.push(item);
    return item;
  }

  #article(article) {
    const found = this.byIri.get(article.iri);
    if (found) return found;
    const made = {
      kind: "article",
      publisher: "",
      published: "",
      authors: [],
      url: "",
      ...article,
      key: localName(article.iri),
      house: article.publisher || "Unknown publisher",
      facts: new Set(),
    };
    this.articles.push(made);
    this.byIri.set(made.iri, made);
    return made;
  }

  #node(node, drawn, type) {
    const made = {
      kind: "node",
      id: this.nodes.length,
      iri: node.iri,
      key: localName(node.iri),
      label: node.label,
      type,
      aliases: node.aliases || [],
      links: node.links || [],
      ...this.turn(drawn),
      size: drawn.size,
      community: drawn.community,
      ties: [],
      facts: [],
      visible: true,
    };
    made.sought = [made.label, ...made.aliases].map(fold);
    this.nodes.push(made);
    this.byIri.set(made.iri, made);
    this.byKey.set(made.key, made);
    return made;
  }

  #fact(fact, nodes, predicates, articles) {
    const made = {
      kind: "fact",
      valid: { from: fact.from || "", to: fact.to || "" },
      iri: fact.iri,
      key: localName(fact.iri),
      subject: nodes[fact.subject],
      predicate: predicates[fact.predicate],
      object: fact.object === undefined ? null : nodes[fact.object],
      value: fact.value || "",
      datatype: fact.datatype || "",
      currency: fact.currency || "",
      confidence: fact.confidence,
      modality: fact.modality,
      evidence: (fact.evidence || []).map((e) => ({ extractor: "", before: "", after: "", ...e, article: articles[e.article] || null })),
      tie: null,
      visible: true,
    };
    this.facts.push(made);
    this.byIri.set(made.iri, made);
    this.byKey.set(made.key, made);
    made.subject.facts.push(made);
    if (made.object && made.object !== made.subject) {
      made.object.facts.push(made);
      made.tie = this.#tie(made.subject, made.object);
      made.tie.facts.push(made);
    }
    made.sources = [...new Set(made.evidence.map((e) => e.article).filter(Boolean))];
    for (const article of made.sources) article.facts.add(made);
    made.dates = made.sources.map((a) => a.published.slice(0, 10)).filter(Boolean).sort();
  }

  #tie(one, other) {
    const [a, b] = one.id < other.id ? [one, other] : [other, one];
    const key = `${a.id} ${b.id}`;
    let tie = this.pairs.get(key);
    if (!tie) {
      tie = { kind: "tie", id: this.ties.length, a, b, facts: [], visible: true };
      this.pairs.set(key, tie);
      this.ties.push(tie);
      a.ties.push(tie);
      b.ties.push(tie);
    }
    return tie;
  }

  /** Return the communities as lists of nodes, the best-tied members first. */
  #communities() {
    const groups = new Map();
    for (const node of this.nodes) {
      if (!groups.has(node.community)) groups.set(node.community, []);
      groups.get(node.community).push(node);
    }
    for (const members of groups.values()) members.sort((a, b) => b.ties.length - a.ties.length);
    return groups;
  }
}

/** Return the end of a tie that is not this node. */
export const otherEnd = (tie, node) => (tie.a === node ? tie.b : tie.a);

/** Say which way the shown facts of a tie point: 1 to b, -1 to a, 0 for both or neither. */
export function direction(tie) {
  let way = 0;
  for (const fact of tie.facts) {
    if (!fact.visible) continue;
    const own = fact.predicate.symmetric ? 0 : fact.subject === tie.a ? 1 : -1;
    if (own === 0 || (way !== 0 && own !== way)) return 0;
    way = own;
  }
  return way;
}

/** Return the predicates of the shown facts of a tie, each once. */
export function tieLabel(tie) {
  const labels = new Set(tie.facts.filter((f) => f.visible).map((f) => f.predicate.label));
  return [...labels].join(" \u00b7 ");
}

/** Return the ties of a shortest way between two nodes over shown ties, null for none. */
export function shortestPath(from, to) {
  const cameBy = new Map([[from, null]]);
  let row = [from];
  while (row.length && !cameBy.has(to)) {
    const next = [];
    for (const node of row) {
      for (const tie of node.ties) {
        const other = otherEnd(tie, node);
        if (!tie.visible || cameBy.has(other)) continue;
        cameBy.set(other, { tie, node });
        next.push(other);
      }
    }
    row = next;
  }
  if (!cameBy.has(to)) return null;
  const ties = [];
  for (let step = cameBy.get(to); step; step = cameBy.get(step.node)) ties.unshift(step.tie);
  return ties;
}

function placeAround(anchor, nodes) {
  nodes.forEach((node, index) => {
    const ring = Math.floor(index / 12);
    const angle = ((index % 12) / Math.min(12, nodes.length - ring * 12)) * 2 * Math.PI + ring * 0.3;
    node.x = Math.round(anchor.x + (150 + ring * 90) * Math.cos(angle));
    node.y = Math.round(anchor.y + (150 + ring * 90) * Math.sin(angle));
    node.community = anchor.community;
  });
}
