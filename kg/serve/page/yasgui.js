// Sets Yasgui up for this service: its endpoint, its terms, and its graph beside the table.

const { Yasgui } = window;
const { Yasqe, Yasr } = Yasgui;

const place = document.getElementById("yasgui");
const endpoint = new URL("/sparql", location.href).href;
const settings = JSON.parse(document.getElementById("settings").textContent);

// Completion of classes and predicates comes from the store; nothing asks the network.
let terms = null;
async function readTerms(kind) {
  terms ??= fetch("/terms").then((answer) => (answer.ok ? answer.json() : { classes: [], predicates: [] }));
  return (await terms)[kind].map(({ iri }) => iri);
}
const declarations = Object.entries(settings.prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort();
const sources = {
  class: () => readTerms("classes"),
  property: () => readTerms("predicates"),
  prefixes: () => declarations,
};
for (const [completer, read] of Object.entries(sources)) {
  Object.assign(Yasqe.Autocompleters[completer], {
    bulk: false,
    persistenceId: null,
    get: async (_, token) => {
      const begun = token?.autocompletionString ?? token?.string ?? "";
      return (await read()).filter((term) => term.startsWith(begun));
    },
  });
}

/** Shows the entities of a result in the explorer. */
class Graph {
  priority = 5;
  label = "Graph";
  constructor(yasr) {
    this.yasr = yasr;
  }
  entities() {
    const cells = (this.yasr.results?.getBindings() ?? []).flatMap((row) => Object.values(row));
    const iris = cells.filter(({ type, value }) => type === "uri" && value.startsWith(`${settings.base}entity/`));
    return [...new Set(iris.map(({ value }) => value))].slice(0, 40);
  }
  canHandleResults() {
    return this.entities().length > 0;
  }
  draw() {
    const frame = document.createElement("iframe");
    frame.className = "graph";
    frame.title = "The entities of the result as a graph";
    frame.src = `/explore?${new URLSearchParams(this.entities().map((iri) => ["focus", iri]))}`;
    this.yasr.resultsEl.replaceChildren(frame);
  }
  getIcon() {
    const icon = document.createElement("div");
    icon.textContent = "\u25C9";
    return icon;
  }
}
Yasr.registerPlugin("graph", Graph);

/** Return a query with a declaration of each of our prefixes that it uses: Yasgui asks for them. */
function declare(text) {
  const bare = text.replace(/#.*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>/g, " ");
  const declared = new Set([...bare.matchAll(/\bPREFIX\s+([\w-]*):/gi)].map(([, name]) => name));
  const used = new Set([...bare.matchAll(/([A-Za-z][\w-]*):/g)].map(([, name]) => name));
  const missing = [...used].filter((name) => name in settings.prefixes && !declared.has(name)).sort();
  return missing.map((name) => `PREFIX ${name}: <${settings.prefixes[name]}>\n`).join("") + text;
}

// What the graph names is shown here, and not looked for at its own address.
place.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const local = link?.href.startsWith(settings.base) ? link.href.slice(settings.base.length) : "";
  if (/^(entity|article|fact)\/[\w-]+$/.test(local)) link.href = `/${local}.html`;
}, true);

const asked = new URLSearchParams(location.search).get("query");
document.getElementById("query-form").hidden = true;
document.querySelector("[aria-label=Results]")?.remove();

const yasgui = new Yasgui(place, {
  requestConfig: { endpoint, method: "POST" },
  copyEndpointOnNewTab: false,
  populateFromUrl: false,
  endpointCatalogueOptions: { getData: () => [], keys: [], renderItem: () => {} },
  yasqe: {
    value: declare(settings.example),
    prefixCcApi: null,
    createShareableLink: (yasqe) => new URL(`/?${new URLSearchParams({ query: yasqe.getValue() })}`, location.href).href,
  },
  yasr: { prefixes: { ...settings.prefixes, ...settings.names }, pluginOrder: ["table", "response", "boolean", "graph"] },
});

const current = () => yasgui.getTab() ?? yasgui.addTab(true);
if (asked) {
  const tab = yasgui.addTab(true, { name: "Query", yasqe: { value: declare(asked) } }, { avoidDuplicateTabs: true });
  tab.setQuery(declare(asked));
  tab.query();
}

for (const link of document.querySelectorAll("a[data-term]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const yasqe = current().getYasqe();
    yasqe.replaceSelection(`${link.dataset.term} `);
    const [prefix] = link.dataset.term.split(":");
    if (prefix in settings.prefixes) yasqe.addPrefixes({ [prefix]: settings.prefixes[prefix] });
    yasqe.focus();
  });
}
