// Colours: read from the style sheet for the page, from the data for classes.

import { state } from "./state.js";

// Twelve that stay apart on a light and on a dark ground (after Paul Tol's muted scheme).
const COMMUNITIES = {
  light: [
    "#2b66d9", "#b4560a", "#0f7f8c", "#b83271", "#66781a", "#7a4cc2",
    "#2f7d3b", "#9a3b3b", "#3d5a80", "#8a5a00", "#5b6770", "#a03fa0",
  ],
  dark: [
    "#7aa7ff", "#f2a65a", "#4fc3cf", "#f48fb8", "#b9cc5f", "#bb9af7",
    "#7ccf86", "#f09a9a", "#9dbce0", "#e0b050", "#b4bec6", "#e39be3",
  ],
};

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

export const theme = () =>
  state.theme === "auto" ? (darkSystem.matches ? "dark" : "light") : state.theme;

/** Call a function when the system turns dark or light. */
export const onSystemTheme = (listener) => darkSystem.addEventListener("change", listener);

/** Return the colours of the page as the style sheet has them now. */
export function pageColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["ground", "ink", "muted", "line", "strong", "accent", "panel"];
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}

/** Return the colour of a node or a closed community. */
export function colourOf(thing) {
  if (thing.bubble || state.colour === "community") return communityColour(thing.community);
  return classColour(thing.type);
}

export const classColour = (type) => type[theme()];

export function communityColour(number) {
  const colours = COMMUNITIES[theme()];
  return number < 0 ? colours[10] : colours[number % colours.length];
}
