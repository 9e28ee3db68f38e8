// The modal on top: its blocks, what one enters, and what is wrong with it.

import { idOf, renderBlocks } from "./blocks.js";
import { field } from "./fields.js";
import { make } from "./making.js";
import { act, call, interact, state } from "./world.js";

let drawn = null;
let open = null; // {id, inputs}: the view that is shown, and its inputs by block and action

export function renderModal(dialog, view) {
  const key = view && `${state.me} ${view.id} ${view.hash}`;
  if (key === drawn) return;
  drawn = key;
  if (!view) { open = null; dialog.close(); return; }
  const entered = open?.id === view.id ? Object.fromEntries(Object.entries(open.inputs).map(([name, one]) => [name, one.read()])) : {};
  open = { id: view.id, inputs: {} };
  const parts = view.blocks.map((block, place) => block.type === "input" ? entry({ ...block, block_id: idOf(block, place) }, view) : renderBlocks([block], { view: view.id })[0]);
  for (const [name, value] of Object.entries(entered)) if (value !== undefined) open.inputs[name]?.write(value);
  const close = () => act(() => call("close_view", { user: state.me, view: view.id }));
  const send = view.submit && make("button", { class: "button primary", type: "submit", text: view.submit.text });
  const general = make("p", { class: "error", role: "alert" });
  dialog.replaceChildren(make("form", { noValidate: true, onsubmit: event => { event.preventDefault(); submit(view, send, general); } },
    make("header", { id: "modal-title", text: view.title.text }),
    make("div", { class: "content" }, ...parts, general),
    make("footer", {}, make("button", { class: "button", type: "button", text: view.close?.text || "Cancel", onclick: close }), send)));
  dialog.oncancel = event => { event.preventDefault(); close(); };
  // A browser may close it all the same when Escape is pressed twice.
  dialog.onclose = () => { if (drawn === key) { drawn = null; close(); } };
  if (!dialog.open) dialog.showModal();
  const wanted = Object.values(open.inputs).find(one => one.first) || Object.values(open.inputs)[0];
  wanted?.focus();
}

async function submit(view, send, general) {
  const { inputs } = open;
  for (const one of Object.values(inputs)) one.complain("");
  general.textContent = "";
  const wrong = Object.values(inputs).filter(one => one.problem());
  for (const one of wrong) one.complain(one.problem());
  if (wrong.length) { wrong[0].focus(); return; }
  const filled = value => value !== undefined && value !== "" && value.length !== 0;
  const values = Object.fromEntries(Object.values(inputs).map(one => [one.action, one.read()]).filter(([, value]) => filled(value)));
  send.disabled = true;
  const answer = await act(() => call("submit", { user: state.me, view: view.id, values }));
  send.disabled = false;
  if (!answer) return;
  if (answer.outcome !== "acknowledged") general.textContent = "The app did not answer. Try again.";
  const refused = Object.values(inputs).filter(one => answer.errors?.[one.block]);
  for (const one of refused) one.complain(answer.errors[one.block]);
  refused[0]?.focus();
}

// An input block: label, field, hint, and a place for what is wrong.
function entry(block, view) {
  const { element } = block;
  const id = `entry-${view.id}-${block.block_id}`;
  const dispatch = value => { if (block.dispatch_action) interact("click", { action_id: element.action_id, block_id: block.block_id, value, view: view.id }); };
  const made = field(element, { id, changed: dispatch });
  const complaint = make("p", { class: "error", id: `${id}-error`, role: "alert" });
  const hint = block.hint && make("p", { class: "note", id: `${id}-hint`, text: block.hint.text });
  const described = [hint && hint.id, complaint.id].filter(Boolean).join(" ");
  const label = [block.label.text, block.optional && make("span", { class: "optional", text: " (optional)" })];
  const shown = made.group ? make("fieldset", { class: "entry", "aria-describedby": described }, make("legend", {}, ...label.filter(Boolean)), made.shown, hint, complaint)
    : make("div", { class: "entry" }, make("label", { htmlFor: id }, ...label.filter(Boolean)), made.shown, hint, complaint);
  if (!made.group) {
    made.shown.setAttribute("aria-describedby", described);
    if (!block.optional) made.shown.setAttribute("aria-required", "true");
  }
  const empty = () => { const value = made.read(); return value === undefined || value === "" || value.length === 0; };
  open.inputs[`${block.block_id} ${element.action_id}`] = { ...made, block: block.block_id, action: element.action_id, first: element.focus_on_load,
    problem: () => {
      if (empty()) return block.optional ? "" : "Please complete this required field.";
      if (element.min_length && made.read().length < element.min_length) return `Please write ${element.min_length} characters or more.`;
      return made.inputs[0]?.validationMessage || "";
    },
    complain: text => {
      complaint.textContent = text;
      for (const input of made.inputs) input.setAttribute("aria-invalid", String(Boolean(text)));
    } };
  return shown;
}
