// Small drawings, in the colour of the text around them.

const PATHS = {
  up: "M7 10v10H4V10h3zm2 10V10l4-7c1.6 0 2.4 1.3 2 3l-.8 3H19c1.4 0 2.3 1.2 2 2.5l-1.4 6.4c-.3 1.3-1.3 2.1-2.6 2.1H9z",
  down: "M17 14V4h3v10h-3zM15 4v10l-4 7c-1.6 0-2.4-1.3-2-3l.8-3H5c-1.4 0-2.3-1.2-2-2.5l1.4-6.4C4.7 4.8 5.7 4 7 4h8z",
  check: "M4 12.5 9.5 18 20 6.5",
  heart: "M12 20S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3C20 15 12 20 12 20z",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
  star: "m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z",
  face: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8.5 14.2a4.2 4.2 0 0 0 7 0M9 9.5v.4M15 9.5v.4",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  clip: "M16.5 6.5v9.3a4.5 4.5 0 0 1-9 0V5.8a3 3 0 0 1 6 0v9.2a1.5 1.5 0 0 1-3 0V6.5",
  at: "M15.5 8.5v5a2.5 2.5 0 0 0 5 0V12a8.5 8.5 0 1 0-3.5 6.9M15.5 12a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0z",
  bubble: "M4 5h16v11H10l-4.5 4v-4H4V5z",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6l1-7z",
  send: "M4 4.5 20.5 12 4 19.5l2-7.5zM6 12h7",
  hash: "M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16",
  lock: "M7.5 11V8a4.5 4.5 0 0 1 9 0v3M5.5 11h13v9h-13z",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
  bin: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  page: "M6 3h8l4 4v14H6V3zM14 3v4h4",
  shut: "M6 6l12 12M18 6 6 18",
  stop: "M7 7h10v10H7z",
  pencil: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
};

export function icon(name, size = 16) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const stroke = name === "more" ? 3 : 1.8;
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": stroke, "stroke-linejoin": "round", "stroke-linecap": "round", "aria-hidden": "true", class: "drawn" }))
    svg.setAttribute(key, value);
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
