// Small drawings, since not every system has the letters for them.

const PATHS = {
  up: "M7 10v10H4V10h3zm2 10V10l4-7c1.6 0 2.4 1.3 2 3l-.8 3H19c1.4 0 2.3 1.2 2 2.5l-1.4 6.4c-.3 1.3-1.3 2.1-2.6 2.1H9z",
  down: "M17 14V4h3v10h-3zM15 4v10l-4 7c-1.6 0-2.4-1.3-2-3l.8-3H5c-1.4 0-2.3-1.2-2-2.5l1.4-6.4C4.7 4.8 5.7 4 7 4h8z",
  clip: "M16.5 6.5v9.3a4.5 4.5 0 0 1-9 0V5.8a3 3 0 0 1 6 0v9.2a1.5 1.5 0 0 1-3 0V6.5",
  bubble: "M4 5h16v11H10l-4.5 4v-4H4V5z",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6l1-7z",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  bin: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  page: "M6 3h8l4 4v14H6V3zM14 3v4h4",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: 16, height: 16, fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linejoin": "round", "stroke-linecap": "round", "aria-hidden": "true", class: "drawn" }))
    svg.setAttribute(key, value);
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
