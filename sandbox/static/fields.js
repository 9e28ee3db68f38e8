// What one types or chooses: every input of Block Kit as {shown, read, write}, in a modal and in a message alike.

import { make } from "./making.js";
import { people, state } from "./world.js";

const INPUTS = { number_input: "number", email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };
const PLACEHOLDERS = { users: "Choose a person", channels: "Choose a channel", conversations: "Choose a channel", static: "Choose", external: "Choose" };

let fields = 0;

// `changed(value)` is called whenever something else was chosen. `group` fields are several controls under one legend.
export function field(element, { id, label, changed = () => {} } = {}) {
  const { type } = element;
  if (type === "radio_buttons" || type === "checkboxes") return boxes(element, choices(element), type === "checkboxes", changed);
  if (type.startsWith("multi_")) return boxes(element, choices(element), true, changed);
  if (type.endsWith("_select")) return select(element, { id, label, changed });
  return typed(element, { id, label, changed });
}

// [{value, text, note, group}] of whatever can be chosen.
function choices(element) {
  const plain = (options, group) => options.map(one => ({ value: one.value, text: one.text.text, note: one.description?.text, group }));
  if (/users_select$/.test(element.type)) return people().map(one => ({ value: one.id, text: one.real_name || one.name }));
  if (/(channels|conversations)_select$/.test(element.type)) return state.world.channels.filter(one => one.name).map(one => ({ value: one.id, text: `#${one.name}` }));
  return [...plain(element.options || []), ...(element.option_groups || []).flatMap(group => plain(group.options, group.label.text))];
}

function boxes(element, options, many, changed) {
  const name = `field-${fields += 1}`;
  const at_first = many
    ? element.initial_options?.map(one => one.value) || element.initial_users || element.initial_channels || element.initial_conversations || []
    : [element.initial_option?.value];
  const inputs = options.map(option => make("input", { type: many ? "checkbox" : "radio", name, value: option.value, checked: at_first.includes(option.value) }));
  const read = () => { const on = inputs.filter(input => input.checked).map(input => input.value); return many ? on : on[0]; };
  const limit = element.max_selected_items;
  for (const input of inputs) input.addEventListener("change", () => {
    if (limit && read().length > limit) input.checked = false;
    changed(read());
  });
  const shown = make("div", { class: options.length > 8 ? "boxes many" : "boxes" }, ...inputs.map((input, place) =>
    make("label", { class: "option" }, input, make("span", {}, options[place].text, options[place].note && make("small", { text: options[place].note })))));
  return { shown, read, group: true, focus: () => (inputs.find(input => input.checked) || inputs[0])?.focus(), inputs,
    write: value => { for (const input of inputs) input.checked = [value].flat().includes(input.value); } };
}

function select(element, { id, label, changed }) {
  const options = choices(element);
  const option = one => make("option", { value: one.value, text: one.text });
  const groups = [...new Set(options.map(one => one.group))];
  const placeholder = element.placeholder?.text || PLACEHOLDERS[element.type.split("_")[0]] || "Choose";
  const shown = make("select", { id, "aria-label": label && `${label}: ${placeholder}`, onchange: () => changed(shown.value) }, make("option", { value: "", text: placeholder }),
    ...groups.flatMap(group => {
      const inside = options.filter(one => one.group === group).map(option);
      return group ? [make("optgroup", { label: group }, ...inside)] : inside;
    }));
  shown.value = element.initial_option?.value || element.initial_user || element.initial_channel || element.initial_conversation || "";
  return single(shown, () => shown.value);
}

function typed(element, { id, label, changed }) {
  const long = element.multiline || element.type === "rich_text_input";
  const shown = make(long ? "textarea" : "input", { id, type: long ? undefined : INPUTS[element.type] || "text", placeholder: element.placeholder?.text, "aria-label": label, onchange: () => changed(read()) });
  if (element.max_length) shown.maxLength = element.max_length;
  if (element.is_decimal_allowed) shown.step = "any";
  if (element.min_value !== undefined) shown.min = element.min_value;
  if (element.max_value !== undefined) shown.max = element.max_value;
  const instant = element.type === "datetimepicker";
  const local = seconds => new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  const read = () => instant && shown.value ? Math.floor(new Date(shown.value).getTime() / 1000) : shown.value;
  const write = value => { shown.value = instant && value ? local(value) : value ?? ""; };
  if (typeof element.initial_value !== "object") write(element.initial_value ?? element.initial_date ?? element.initial_time ?? element.initial_date_time);
  return { ...single(shown, read), write };
}

const single = (shown, read) => ({ shown, read, write: value => { shown.value = value ?? ""; }, focus: () => shown.focus(), group: false, inputs: [shown] });
