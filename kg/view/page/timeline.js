// The time slider: how many articles were published when, and two handles over them.

import { make, byId } from "./text.js";
import { graph, state, slide } from "./state.js";

const DAY = 86_400_000;
const BARS = 60;
const days = graph.articles.map((a) => Date.parse(a.published.slice(0, 10))).filter(Number.isFinite);
const first = Math.min(...days);
const last = Math.max(...days);
const span = days.length ? Math.round((last - first) / DAY) : 0;

const iso = (day) => new Date(first + day * DAY).toISOString().slice(0, 10);
const dayOf = (text, otherwise) => {
  const at = Math.round((Date.parse(text) - first) / DAY);
  return Number.isFinite(at) ? Math.min(span, Math.max(0, at)) : otherwise;
};

function handle(name, label) {
  const input = make("input", {
    type: "range",
    min: "0",
    max: String(span),
    step: "1",
    id: `time-${name}`,
    "aria-label": label,
    oninput: () => move(name, Number(input.value)),
  });
  return input;
}

function move(name, day) {
  const other = name === "from" ? dayOf(state.to, span) : dayOf(state.from, 0);
  const kept = name === "from" ? Math.min(day, other) : Math.max(day, other);
  if (name === "from") state.from = kept <= 0 ? "" : iso(kept);
  else state.to = kept >= span ? "" : iso(kept);
  slide();
}

/** Put up the slider, where there are at least two days to choose between. */
export function startTimeline() {
  const panel = byId("timeline");
  panel.hidden = span < 1;
  document.body.classList.toggle("with-timeline", span >= 1);
  if (span < 1) return;
  const bars = Array(Math.min(BARS, span + 1)).fill(0);
  for (const day of days) bars[Math.min(bars.length - 1, Math.floor(((day - first) / DAY / (span + 1)) * bars.length))] += 1;
  const most = Math.max(...bars);
  const drawn = bars.map((number) => {
    const bar = make("span");
    bar.style.height = `${number ? Math.max(8, (100 * number) / most) : 0}%`;
    return bar;
  });
  panel.replaceChildren(
    make("output", { id: "time-first" }),
    make("div", { class: "track" }, make("div", { class: "bars", "aria-hidden": "true" }, drawn), handle("from", "Articles from"), handle("to", "Articles to")),
    make("output", { id: "time-last" }),
  );
  showTimeline();
}

/** Bring the handles in line with the chosen dates. */
export function showTimeline() {
  if (span < 1) return;
  const from = dayOf(state.from, 0);
  const to = dayOf(state.to, span);
  for (const [name, day] of [["from", from], ["to", to]]) {
    const input = byId(`time-${name}`);
    input.value = String(day);
    input.setAttribute("aria-valuetext", iso(day));
  }
  byId("time-first").textContent = iso(from);
  byId("time-last").textContent = iso(to);
  const bars = [...byId("timeline").querySelectorAll(".bars span")];
  bars.forEach((bar, i) => {
    const day = (i / bars.length) * (span + 1);
    bar.classList.toggle("out", day + (span + 1) / bars.length <= from || day > to);
  });
}
