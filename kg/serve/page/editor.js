// Makes the query form quicker: keys, terms at a click, completion, sorting.

const form = document.getElementById("query-form");
const field = document.getElementById("query");

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});

for (const link of document.querySelectorAll("a[data-term]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    field.focus();
    field.setRangeText(`${link.dataset.term} `, field.selectionStart, field.selectionEnd, "end");
  });
}

// Completion: a list below the field offers the terms that hold the word before the caret.

const list = document.createElement("ul");
list.id = "completions";
list.role = "listbox";
list.setAttribute("aria-label", "Terms");
list.hidden = true;
field.after(list);
field.setAttribute("aria-controls", list.id);
field.setAttribute("aria-autocomplete", "list");

let terms = null;
let chosen = -1;

async function readTerms() {
  const answer = await fetch("/terms");
  if (!answer.ok) return [];
  const found = await answer.json();
  const shorten = (iri) => {
    for (const [name, space] of Object.entries(found.prefixes)) {
      const local = iri.slice(space.length);
      if (iri.startsWith(space) && /^[\w-]+$/.test(local)) return `${name}:${local}`;
    }
    return `<${iri}>`;
  };
  const named = [...found.classes, ...found.predicates].map(({ iri, label }) => ({ text: shorten(iri), label }));
  return [...new Map(named.map((term) => [term.text, term])).values()];
}

const wordBefore = () => field.value.slice(0, field.selectionStart).match(/[\w-]*:?[\w-]+$/)?.[0] ?? "";

async function offer() {
  const word = wordBefore();
  if (word.length < 2 || /^[?$]/.test(field.value.slice(field.selectionStart - word.length - 1))) return close();
  terms ??= readTerms();
  const wanted = word.toLowerCase();
  const fits = ({ text, label }) => text.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted);
  const found = (await terms).filter(fits).slice(0, 8);
  if (wordBefore() !== word || found.some(({ text }) => text === word)) return close();
  list.replaceChildren(...found.map(option));
  list.hidden = found.length === 0;
  choose(-1);
}

function option({ text, label }, index) {
  const item = document.createElement("li");
  item.role = "option";
  item.id = `completion-${index}`;
  item.textContent = text;
  item.dataset.text = text;
  if (label) {
    const small = document.createElement("small");
    small.textContent = ` ${label}`;
    item.append(small);
  }
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    take(item);
  });
  return item;
}

function choose(index) {
  chosen = index;
  [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
  if (index < 0) field.removeAttribute("aria-activedescendant");
  else field.setAttribute("aria-activedescendant", list.children[index].id);
}

function take(item) {
  const end = field.selectionStart;
  field.setRangeText(`${item.dataset.text} `, end - wordBefore().length, end, "end");
  close();
}

function close() {
  list.hidden = true;
  choose(-1);
}

field.addEventListener("input", offer);
field.addEventListener("blur", close);
field.addEventListener("keydown", (event) => {
  if (list.hidden) return;
  const count = list.children.length;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose((chosen + step + count + (chosen < 0 && step < 0 ? 1 : 0)) % count);
  else if ((event.key === "Tab" || event.key === "Enter") && chosen >= 0) take(list.children[chosen]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});

// A click on the head of a column sorts by it; numbers by size.

for (const [index, head] of [...document.querySelectorAll("th")].entries()) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const compare = new Intl.Collator(undefined, { numeric: true }).compare;
    const text = (row) => row.cells[index].textContent;
    const rows = [...body.rows].sort((a, b) => compare(text(a), text(b)));
    body.append(...(down ? rows.reverse() : rows));
  });
}
