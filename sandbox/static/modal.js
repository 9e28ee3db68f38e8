// The modal on top: its blocks, its entries, what is wrong with them.

import { renderBlock } from "./blocks.js";
import { make } from "./making.js";
import { act, call, state } from "./world.js";

let drawn = null;

export function renderModal(dialog, view) {
  const key = view && `${state.me} ${view.id} ${view.hash}`;
  if (key === drawn) return;
  drawn = key;
  if (!view) { dialog.close(); return; }
  const entries = {};
  const errors = {};
  const parts = view.blocks.map(block => block.type === "input" ? entry(block, entries, errors) : renderBlock(block, { view: view.id }));
  const close = () => act(() => call("close_view", { user: state.me, view: view.id }));
  const submit = async event => {
    event.preventDefault();
    for (const shown of Object.values(errors)) shown.textContent = "";
    const values = Object.fromEntries(Object.entries(entries).map(([name, read]) => [name, read()]).filter(([, value]) => value && value.length));
    const answer = await act(() => call("submit", { user: state.me, view: view.id, values }));
    if (!answer) return;
    for (const [block, text] of Object.entries(answer.errors || {})) if (errors[block]) errors[block].textContent = text;
    if (answer.outcome !== "acknowledged") general.textContent = "The app did not answer. Try again.";
  };
  const general = make("p", { class: "error", role: "alert" });
  dialog.replaceChildren(make("form", { onsubmit: submit },
    make("header", { id: "modal-title", text: view.title.text }),
    make("div", { class: "content" }, ...parts, general),
    make("footer", {}, make("button", { class: "button", type: "button", text: view.close?.text || "Cancel", onclick: close }), view.submit ? make("button", { class: "button primary", type: "submit", text: view.submit.text }) : null)));
  dialog.oncancel = event => { event.preventDefault(); close(); };
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input, textarea, select")?.focus();
}

function entry(block, entries, errors) {
  const element = block.element;
  const problem = errors[block.block_id] = make("p", { class: "error", role: "alert" });
  const label = [block.label.text, ...(block.optional ? [make("span", { class: "optional", text: " (optional)" })] : [])];
  const hint = block.hint ? make("p", { class: "note", text: block.hint.text }) : null;
  if (element.type === "radio_buttons" || element.type === "checkboxes") {
    const many = element.type === "checkboxes";
    const chosen = many ? (element.initial_options || []).map(one => one.value) : [element.initial_option?.value];
    const inputs = element.options.map(option => make("input", { type: many ? "checkbox" : "radio", name: block.block_id, value: option.value, checked: chosen.includes(option.value) }));
    entries[element.action_id] = () => { const on = inputs.filter(input => input.checked).map(input => input.value); return many ? on : on[0]; };
    return make("fieldset", { class: "fieldset entry" }, make("legend", {}, ...label), ...inputs.map((input, place) => make("label", { class: "option" }, input, element.options[place].text.text)), hint, problem);
  }
  const id = `entry-${block.block_id}`;
  let field;
  if (element.options || element.option_groups) {
    const options = [...(element.options || []), ...(element.option_groups || []).flatMap(group => group.options)];
    field = make("select", { id }, make("option", { value: "", text: element.placeholder?.text || "Choose" }), ...options.map(option => make("option", { value: option.value, text: option.text.text })));
  } else if (element.type === "users_select") field = make("select", { id }, make("option", { value: "", text: "Choose a person" }), ...state.world.users.filter(one => !one.deleted).map(one => make("option", { value: one.id, text: one.real_name || one.name })));
  else if (/^(channels|conversations)_select$/.test(element.type)) field = make("select", { id }, make("option", { value: "", text: "Choose a channel" }), ...state.world.channels.filter(one => one.name).map(one => make("option", { value: one.id, text: `#${one.name}` })));
  else if (element.multiline) field = make("textarea", { id, placeholder: element.placeholder?.text });
  else field = make("input", { id, type: { number_input: "number", email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time" }[element.type] || "text", placeholder: element.placeholder?.text });
  if (element.max_length) field.maxLength = element.max_length;
  field.value = element.initial_value || element.initial_option?.value || element.initial_user || element.initial_channel || element.initial_date || "";
  entries[element.action_id] = () => field.value;
  return make("div", { class: "entry" }, make("label", { htmlFor: id }, ...label), field, hint, problem);
}
