// Where one writes: mentions and commands to choose from, files, shortcuts.

import { icon } from "./icons.js";
import { make, popup } from "./making.js";
import { act, app, call, state } from "./world.js";

const COMMAND = /^(\/[\w-]+)\s*(.*)$/s;

// Make a form a composer. `place()` gives {channel, thread_ts?}; `label()` what stands in it while it is empty.
export function composer(form, place, label) {
  const area = make("textarea", { rows: 1, "aria-label": "Message", "aria-autocomplete": "list" });
  const send = make("button", { class: "send", type: "submit", text: "Send", disabled: true });
  const picker = make("input", { type: "file", hidden: true, "aria-label": "File" });
  const choices = make("div", { class: "choices", role: "listbox", hidden: true });
  const lightning = make("button", { class: "icon", type: "button", "aria-label": "Shortcuts", title: "Shortcuts", onclick: () => popup(lightning, shortcuts(area)) }, icon("bolt"));
  form.replaceChildren(choices, area, make("div", { class: "row" },
    make("button", { class: "icon", type: "button", "aria-label": "Mention somebody", title: "Mention", text: "@", onclick: () => { area.setRangeText("@", area.selectionStart, area.selectionEnd, "end"); area.focus(); suggest(); } }),
    make("button", { class: "icon", type: "button", "aria-label": "Attach a file", title: "Attach a file", onclick: () => picker.click() }, icon("clip")), lightning, picker, send));
  let options = [];
  let chosen = 0;

  function suggest() {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    send.disabled = !area.value.trim();
    const before = area.value.slice(0, area.selectionStart);
    const at = /(?:^|\s)@([\w-]*)$/.exec(before);
    const slash = /^\/([\w-]*)$/.exec(before);
    if (at) options = people(at[1]).map(one => ({ label: `@${one.name}`, note: one.real_name || "", insert: `@${one.name} `, length: at[1].length + 1 }));
    else if (slash) options = app().commands.filter(one => one.command.startsWith(`/${slash[1]}`)).map(one => ({ label: one.command, note: `${one.description || ""} ${one.usage_hint ? `· ${one.usage_hint}` : ""}`, insert: `${one.command} `, length: slash[1].length + 1 }));
    else options = [];
    chosen = 0;
    list();
  }
  function list() {
    choices.hidden = !options.length;
    choices.replaceChildren(...options.map((option, place) => make("div", { role: "option", "aria-selected": String(place === chosen), onpointerdown: event => { event.preventDefault(); take(option); } }, make("b", { text: option.label }), make("small", { text: option.note }))));
    choices.children[chosen]?.scrollIntoView({ block: "nearest" });
  }
  function take(option) {
    area.setRangeText(option.insert, area.selectionStart - option.length, area.selectionStart, "end");
    options = [];
    list();
    suggest();
    area.focus();
  }
  async function submit() {
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    suggest();
    const command = COMMAND.exec(text);
    await act(() => command ? call("command", { user: state.me, channel: place().channel, command: command[1], text: command[2] }) : call("post", { user: state.me, text, ...place() }));
  }
  form.onsubmit = event => { event.preventDefault(); submit(); };
  area.oninput = suggest;
  area.onblur = () => { options = []; list(); };
  area.onkeydown = event => {
    if (options.length && ["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(event.key)) {
      event.preventDefault();
      if (event.key === "Escape") options = [];
      else if (event.key.startsWith("Arrow")) chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      else return take(options[chosen]);
      return list();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
    return undefined;
  };
  picker.onchange = async () => {
    const [file] = picker.files;
    picker.value = "";
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (let start = 0; start < bytes.length; start += 32768) binary += String.fromCharCode(...bytes.subarray(start, start + 32768));
    const text = area.value.trim();
    area.value = "";
    suggest();
    await act(() => call("upload", { user: state.me, name: file.name, content: btoa(binary), text, ...place() }));
  };
  return { focus: () => area.focus(), draw: () => { area.placeholder = label(); } };
}

const people = typed => state.world.users.filter(one => !one.deleted && one.id !== "USLACKBOT" && one.id !== state.me && one.name.startsWith(typed.toLowerCase()))
  .sort((one, other) => Number(Boolean(other.is_bot)) - Number(Boolean(one.is_bot))).slice(0, 8);

function shortcuts(area) {
  const entries = app().shortcuts.filter(one => one.type === "global").map(one => ({ label: one.name, note: one.description, choose: () => act(() => call("shortcut", { user: state.me, callback_id: one.callback_id })) }));
  const commands = app().commands.map(one => ({ label: one.command, note: one.description, choose: () => { area.value = `${one.command} `; area.focus(); area.dispatchEvent(new Event("input")); } }));
  return [...entries, ...commands];
}
