// What is shown, for other tools: Turtle, CSV, and a SPARQL query that finds it again.

import { announce, byId, localName } from "./text.js";
import { graph, state, settings } from "./state.js";
import { rows } from "./table.js";
import { highlighted } from "./scene.js";

const RDFS_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>";
const XSD_STRING = "http://www.w3.org/2001/XMLSchema#string";

/** Return the facts that a copy holds: those of the selection, else all that are shown. */
export function chosenFacts() {
  const chosen = state.selection;
  if (chosen?.kind === "fact") return [chosen];
  if (chosen?.kind === "node") return chosen.facts.filter((f) => f.visible);
  const lit = chosen && chosen.kind !== "community" ? highlighted(chosen) : null;
  if (lit) return [...lit.ties].flatMap((tie) => tie.facts || []).filter((f) => f.visible);
  return rows("facts");
}

const escapes = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f" };
const string = (text) => `"${text.replace(/[\\"\n\r\t\b\f]/g, (c) => escapes[c])}"`;

// IRIs are written whole: characters that may not stand in one are escaped.
const iri = (text) =>
  `<${text.replace(/[\u0000-\u0020<>"{}|^`\\]/g, (c) => `\\u${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`)}>`;

function objectTerm(fact) {
  if (fact.object) return iri(fact.object.iri);
  const typed = fact.datatype && fact.datatype !== XSD_STRING;
  return string(fact.value) + (typed ? `^^${iri(fact.datatype)}` : "");
}

/** Return facts and the names of their entities as Turtle. */
export function turtle(facts = chosenFacts()) {
  const named = new Set(facts.flatMap((f) => [f.subject, f.object].filter(Boolean)));
  const labels = [...named].map((n) => `${iri(n.iri)} ${RDFS_LABEL} ${string(n.label)} .`);
  const types = [...named]
    .filter((n) => n.type.iri)
    .map((n) => `${iri(n.iri)} a ${iri(n.type.iri)} .`);
  const triples = facts.map((f) => `${iri(f.subject.iri)} ${iri(f.predicate.iri)} ${objectTerm(f)} .`);
  return [...new Set([...labels, ...types, ...triples])].join("\n") + "\n";
}

const cell = (value) => {
  // A cell that begins like a formula would be run by spreadsheets.
  const text = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};

/** Return facts as comma-separated values, one line for each evidence. */
export function csv(facts = chosenFacts()) {
  const head = ["subject", "predicate", "object", "confidence", "modality", "from", "to", "quote", "title", "publisher", "published", "url", "subject_iri", "object_iri"];
  const lines = facts.flatMap((f) =>
    (f.evidence.length ? f.evidence : [{ quote: "", article: null }]).map((e) => [
      f.subject.label, f.predicate.label, f.object ? f.object.label : [f.currency, f.value].filter(Boolean).join(" "),
      f.confidence, f.modality, f.valid.from, f.valid.to, e.quote, e.article?.title || "", e.article?.publisher || "",
      e.article?.published || "", e.article?.url || "", f.subject.iri, f.object?.iri || "",
    ]),
  );
  return [head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Return a SPARQL query that gives the chosen facts with their sentences. */
export function sparql() {
  const facts = chosenFacts();
  const few = facts.length < graph.facts.length && facts.length <= 500;
  const values = few ? `\n  VALUES ?fact { ${facts.map((f) => iri(f.iri)).join("\n    ")} }` : "";
  return `PREFIX kg: <https://w3id.org/kg-builder/ns#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?subject ?predicate ?object ?confidence ?article ?quote WHERE {${values}
  ?fact a kg:Fact ; rdf:subject ?s ; rdf:predicate ?predicate ; rdf:object ?o ; kg:confidence ?confidence .
  OPTIONAL { ?s rdfs:label ?subject }
  OPTIONAL { ?o rdfs:label ?name }
  BIND(COALESCE(?name, ?o) AS ?object)
  OPTIONAL { GRAPH ?article {
    ?evidence oa:hasBody ?fact ; oa:hasTarget/oa:hasSelector/oa:exact ?quote } }
}
ORDER BY DESC(?confidence)
`;
}

/** Put a text on the clipboard, or into a file where there is none. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    save(new Blob([text], { type: "text/plain" }), `${fileName()}.txt`);
    say(`${what} saved as a file: the browser keeps the clipboard closed`);
  }
}

export const fileName = () =>
  localName(settings.title).normalize("NFKD").replace(/[^\w]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, 60) || "graph";

/** Let the browser save a file. */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

let hideTimer = 0;

/** Show a short message, and say it. */
export function say(message) {
  const note = byId("note");
  note.textContent = message;
  note.hidden = false;
  announce(message);
  clearTimeout(hideTimer);
  hideTimer = setTimeout(() => (note.hidden = true), 2600);
}
