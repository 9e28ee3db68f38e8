// Where one writes: mentions and commands to choose from, files, shortcuts. Every place keeps what was begun in it.

import { icon } from "./icons.js";
import { avatar, make, popup } from "./making.js";
import { act, app, call, interact, state, userName } from "./world.js";

const COMMAND = /^(\/[\w-]+)\s*(.*)$/s;
const BYTES_AT_ONCE = 32768;

// Make a form a composer. `place()` gives {channel, thread_ts?}; `label()` what stands in it while it is empty.
export function composer(form, place, label) {
  const list = `${form.id}-choices`;
  const area = make("textarea", { rows: 1, "aria-label": "Message", role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": list });
  const send = make("button", { class: "send", type: "submit", "aria-label": "Send", title: "Send", disabled: true }, icon("send", 18));
  const picker = make("input", { type: "file", hidden: true, "aria-label": "File" });
  const choices = make("div", { class: "choices", id: list, role: "listbox", "aria-label": "Suggestions", hidden: true });
  const tool = (name, drawn, onclick, menu) => make("button", { class: "icon", type: "button", "aria-label": name, title: name, "aria-haspopup": menu && "menu", onclick }, icon(drawn, 18));
  const lightning = tool("Shortcuts", "bolt", () => popup(lightning, shortcuts(put), { label: "Shortcuts" }), true);
  const chip = make("div", { class: "held", hidden: true });
  const held = {};
  form.replaceChildren(choices, area, chip, make("div", { class: "row" },
    tool("Attach a file", "clip", () => picker.click()), tool("Mention somebody", "at", () => { area.setRangeText(gap(area) + "@", area.selectionStart, area.selectionEnd, "end"); area.focus(); suggest(); }), lightning, picker,
    make("span", { class: "tip", "aria-hidden": "true" }, make("b", { text: "Enter" }), " to send, ", make("b", { text: "Shift + Enter" }), " for a new line"), send));
  let options = [];
  let chosen = 0;
  let here = null;

  function put(text) {
    area.value = text;
    area.focus();
    suggest();
  }
  function fit() {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    send.disabled = !area.value.trim() && !held[here];
    if (here) state.drafts[here] = area.value;
  }
  function suggest() {
    fit();
    const before = area.value.slice(0, area.selectionStart);
    const at = /(?:^|\s)@([\w-]*)$/.exec(before);
    const slash = /^\/([\w-]*)$/.exec(before);
    options = at ? mentions(at[1]) : slash ? commands(slash[1]) : [];
    chosen = 0;
    drawChoices();
  }
  function drawChoices() {
    choices.hidden = !options.length;
    choices.replaceChildren(...options.map((option, at) => make("div", { role: "option", id: `${list}-${at}`, "aria-selected": String(at === chosen), onpointerdown: event => { event.preventDefault(); take(option); } },
      option.picture, make("b", { text: option.label }), make("small", { text: option.note }))));
    area.setAttribute("aria-expanded", String(Boolean(options.length)));
    if (options.length) area.setAttribute("aria-activedescendant", `${list}-${chosen}`); else area.removeAttribute("aria-activedescendant");
    choices.children[chosen]?.scrollIntoView({ block: "nearest" });
  }
  function take(option) {
    area.setRangeText(option.insert, area.selectionStart - option.length, area.selectionStart, "end");
    area.focus();
    suggest();
  }
  function hold(file) {
    held[here] = file;
    chip.hidden = !file;
    chip.replaceChildren(...file ? [icon("page", 18), make("b", { text: file.name }), make("button", { class: "icon", type: "button", "aria-label": `Remove ${file.name}`, title: "Remove", onclick: () => { hold(null); area.focus(); } }, icon("shut", 14))] : []);
    fit();
  }
  async function submit() {
    const text = area.value.trim();
    const to = place();
    const file = held[here];
    if (!(text || file) || !to.channel) return;
    put("");
    hold(null);
    if (file) {
      const shared = await act(async () => call("upload", { user: state.me, name: file.name, content: await encoded(file), text, ...to }));
      if (!shared && !area.value) { put(text); hold(file); }
      return;
    }
    const command = COMMAND.exec(text);
    const sent = await act(() => command ? call("command", { user: state.me, channel: to.channel, command: command[1], text: command[2] }) : call("post", { user: state.me, text, ...to }));
    if (!sent && !area.value) put(text);
  }
  function press(event) {
    if (options.length && ["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Tab") { take(options[chosen]); return; }
      if (event.key === "Escape") options = [];
      else chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      drawChoices();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  }
  form.onsubmit = event => { event.preventDefault(); submit(); };
  area.oninput = suggest;
  area.onblur = () => { options = []; drawChoices(); };
  area.onkeydown = press;
  picker.onchange = () => { const [file] = picker.files; picker.value = ""; if (file) hold(file); area.focus(); };
  return {
    focus: () => area.focus(),
    put,
    draw: () => {
      area.placeholder = label();
      area.setAttribute("aria-label", label());
      const { channel, thread_ts } = place();
      const now = [state.me, channel, thread_ts].join(" ");
      if (now === here) return;
      here = now;
      area.value = state.drafts[here] || "";
      hold(held[here]);
    },
  };
}

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let start = 0; start < bytes.length; start += BYTES_AT_ONCE) binary += String.fromCharCode(...bytes.subarray(start, start + BYTES_AT_ONCE));
  return btoa(binary);
}

const gap = area => /\S$/.test(area.value.slice(0, area.selectionStart)) ? " " : "";

const mentions = typed => state.world.users
  .filter(one => !one.deleted && one.id !== "USLACKBOT" && one.id !== state.me && [one.name, ...userName(one.id).split(" ")].some(name => name.toLowerCase().startsWith(typed.toLowerCase())))
  .sort((one, other) => Number(Boolean(other.is_bot)) - Number(Boolean(one.is_bot))).slice(0, 8)
  .map(one => ({ picture: avatar(userName(one.id), one.id, "small"), label: `@${one.name}`, note: one.is_bot ? "App" : userName(one.id), insert: `@${one.name} `, length: typed.length + 1 }));

const commands = typed => app().commands.filter(one => one.command.startsWith(`/${typed}`))
  .map(one => ({ picture: avatar(app().name, app().bot_user_id, "small"), label: one.command, note: [one.description, one.usage_hint].filter(Boolean).join(" · "), insert: `${one.command} `, length: typed.length + 1 }));

function shortcuts(put) {
  const entries = app().shortcuts.filter(one => one.type === "global").map(one => ({ label: one.name, note: one.description, choose: () => interact("shortcut", { callback_id: one.callback_id }) }));
  const typed = app().commands.map(one => ({ label: one.command, note: one.description, choose: () => put(`${one.command} `) }));
  return entries.length + typed.length ? [...entries, ...typed] : [{ label: "This app has no shortcuts", choose: () => {} }];
}
