// Elements out of text. Whatever people or apps wrote goes through textContent: nothing here ever reads it as HTML.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.startsWith("aria")) element[name] = value;
    else element.setAttribute(name, value === true ? "true" : value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

export function link(url, label) {
  if (!/^(https?|mailto):/i.test(url || "")) return document.createTextNode(label || url || "");
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: label || url });
}

const COLOURS = ["#2f6f9f", "#8a4f7d", "#2d7d5a", "#a3552b", "#5a5fa8", "#8a6d1f", "#9b3f4f", "#3f7a7a"];

export function avatar(name, id, small = false) {
  const seed = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7);
  const initials = name.split(/[\s-]+/).map(word => word[0] || "").join("").slice(0, 2).toUpperCase();
  const shown = make("span", { class: small ? "avatar small" : "avatar", text: initials, "aria-hidden": "true" });
  shown.style.background = COLOURS[seed % COLOURS.length];
  return shown;
}

// A menu at an element: [{label, note, choose}]; arrow keys move, Escape closes.
export function popup(anchor, entries) {
  document.querySelector(".popup")?.remove();
  const close = () => { menu.remove(); document.removeEventListener("pointerdown", outside, true); };
  const outside = event => { if (!menu.contains(event.target)) close(); };
  const buttons = entries.map(entry => make("button", { type: "button", role: "menuitem", onclick: () => { close(); entry.choose(); } },
    entry.label, entry.note ? make("small", { text: entry.note }) : null));
  const menu = make("div", { class: "popup", role: "menu", onkeydown: event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus(); }
    if (event.key === "Escape") { close(); anchor.focus(); }
  } }, ...buttons);
  document.body.append(menu);
  const box = anchor.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${box.bottom + menu.offsetHeight + 8 > innerHeight ? Math.max(8, box.top - menu.offsetHeight - 4) : box.bottom + 4}px`;
  document.addEventListener("pointerdown", outside, true);
  buttons[0]?.focus();
}
