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
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

export function link(url, label) {
  if (!/^(https?|mailto):/i.test(url || "")) return document.createTextNode(label || url || "");
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: label || url });
}

// Dark enough for white letters on them.
const COLOURS = ["#2f6f9f", "#8a4f7d", "#2d7d5a", "#a3552b", "#5a5fa8", "#86651a", "#9b3f4f", "#3a7575"];

export function avatar(name, id, size = "") {
  const seed = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7);
  const initials = name.split(/[\s-]+/).map(word => word[0] || "").join("").slice(0, 2).toUpperCase();
  const shown = make("span", { class: `avatar ${size}`, text: initials, "aria-hidden": "true" });
  shown.style.background = COLOURS[seed % COLOURS.length];
  return shown;
}

// Put `shown` into `parent` and touch only what is not there yet: focus, selection, entries and scrolling stay.
export function arrange(parent, shown) {
  const wanted = new Set(shown);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  shown.forEach((child, place) => { if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] || null); });
}

const FOCUSABLE = "button, a, select, input, textarea";

// The focus within an element that is about to be drawn anew; call the result when it is.
export function keepFocus(key, root) {
  const held = document.activeElement?.closest?.(`[${key}]`);
  if (!held || !root.contains(held)) return () => {};
  const [name, place] = [held.getAttribute(key), [...held.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement)];
  return () => {
    if (held.isConnected) return;
    const again = [...root.querySelectorAll(`[${key}]`)].find(one => one.getAttribute(key) === name);
    (place < 0 ? again : again?.querySelectorAll(FOCUSABLE)[place])?.focus();
  };
}

let closeOpen = () => {};

// A menu at an element: [{label, note, choose, picture}]; arrow keys, Home and End move, Escape closes.
export function popup(anchor, entries, { across = false, label = "Menu" } = {}) {
  closeOpen();
  const close = closeOpen = () => {
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    closeOpen = () => {};
  };
  const outside = event => { if (!menu.contains(event.target)) close(); };
  const buttons = entries.map(entry => make("button", { type: "button", role: "menuitem", class: entry.danger ? "danger" : undefined, "aria-label": entry.picture ? entry.label : undefined, title: entry.picture ? entry.label : undefined,
    onclick: () => { close(); anchor.focus(); entry.choose(); } },
  entry.picture || entry.label, entry.note && make("small", { text: entry.note })));
  const move = event => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) { event.preventDefault(); buttons.at(to % buttons.length)?.focus(); }
    if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); event.stopPropagation(); close(); anchor.focus(); }
  };
  const menu = make("div", { class: across ? "popup across" : "popup", role: "menu", "aria-label": label, onkeydown: move }, ...buttons);
  (anchor.closest("dialog") || document.body).append(menu);
  const box = anchor.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${box.bottom + menu.offsetHeight + 8 > innerHeight ? Math.max(8, box.top - menu.offsetHeight - 4) : box.bottom + 4}px`;
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  buttons[0]?.focus();
}

// Whether one really wants it: the `confirm` object of an element, or of the page's own.
export function confirmed({ title, text, confirm, deny, style }) {
  return new Promise(resolve => {
    const answer = yes => { box.close(); box.remove(); resolve(yes); };
    const yes = make("button", { class: `button ${style || "primary"}`, type: "button", text: confirm.text, onclick: () => answer(true) });
    const box = make("dialog", { class: "ask", role: "alertdialog", "aria-label": title.text, oncancel: event => { event.preventDefault(); answer(false); } },
      make("header", { text: title.text }), make("div", { class: "content", text: text.text }),
      make("footer", {}, make("button", { class: "button", type: "button", text: deny.text, onclick: () => answer(false) }), yes));
    document.body.append(box);
    box.showModal();
    yes.focus();
  });
}
