// Block Kit as elements. `where` says where a block stands: {channel, ts} of a message, or {view}.

import { icon } from "./icons.js";
import { link, make, popup } from "./making.js";
import { grid, markdown, richText, textObject } from "./text.js";
import { act, call, state } from "./world.js";

function control(element, block, where) {
  const click = value => act(() => call("click", { user: state.me, action_id: element.action_id, block_id: block.block_id, value, ...where }));
  if (element.type === "feedback_buttons") return votes(element, click, where);
  if (element.type === "overflow") {
    const button = make("button", { class: "icon", type: "button", text: "⋯", "aria-label": "More", onclick: () => popup(button, element.options.map(option => ({ label: option.text.text, choose: () => click(option.value) }))) });
    return button;
  }
  if (element.type === "checkboxes" || element.type === "radio_buttons")
    return make("div", {}, ...element.options.map(option => make("label", { class: "option" },
      make("input", { type: element.type === "checkboxes" ? "checkbox" : "radio", name: element.action_id, onchange: () => click(option.value) }), option.text.text)));
  if (element.options) {
    const select = make("select", { "aria-label": element.placeholder?.text || "Choose", onchange: () => click(select.value) },
      make("option", { text: element.placeholder?.text || "Choose", value: "" }), ...element.options.map(option => make("option", { text: option.text.text, value: option.value })));
    return select;
  }
  if (element.type === "icon_button") return make("button", { class: "icon", type: "button", title: element.text.text, "aria-label": element.text.text, onclick: () => click() }, icon("bin"));
  if (element.type === "image") return link(element.image_url, element.alt_text);
  return make("button", { class: `button ${element.style || ""}`, type: "button", text: element.text?.text || element.type, "aria-label": element.accessibility_label,
    onclick: () => { if (element.url) window.open(element.url, "_blank", "noopener"); click(); } });
}

function votes(element, click, where) {
  const key = `${state.me} ${where.ts || where.view}`;
  const half = (name, sign) => make("button", { type: "button", "aria-label": element[name].accessibility_label || element[name].text.text, "aria-pressed": String(state.votes[key] === name),
    onclick: event => {
      state.votes[key] = name;
      for (const button of event.currentTarget.parentElement.children) button.setAttribute("aria-pressed", String(button === event.currentTarget));
      click(element[name].value);
    } }, icon(sign), element[name].text.text);
  return make("span", { class: "votes", role: "group", "aria-label": "Was this helpful?" }, half("positive_button", "up"), half("negative_button", "down"));
}

export function renderBlock(block, where) {
  switch (block.type) {
    case "section": return section(block, where);
    case "header": return make("div", { class: "heading", role: "heading", "aria-level": "2", text: block.text.text });
    case "divider": return make("hr");
    case "context": return make("div", { class: "context" }, ...block.elements.map(textObject));
    case "actions": case "context_actions": return make("div", { class: "actions" }, ...block.elements.map(element => control(element, block, where)));
    case "rich_text": return richText(block);
    case "markdown": return markdown(block.text);
    case "image": return link(block.image_url || block.slack_file?.url, block.title?.text || block.alt_text);
    case "table": return grid(block.rows.map(row => row.map(cell => [cell.type === "rich_text" ? richText(cell) : String(cell.text ?? cell.value ?? "")])));
    case "task_card": return make("div", { class: "task" }, { complete: "✓", error: "✕", in_progress: "◌" }[block.status] || "○", make("span", { text: block.title }));
    case "plan": return make("div", {}, make("div", { class: "heading", text: block.title }), ...(block.tasks || []).map(task => renderBlock({ type: "task_card", ...task }, where)));
    case "alert": return make("div", { class: "alert" }, textObject(block.text));
    default: return make("div", { class: "note", text: `[${block.type}]` });
  }
}

function section(block, where) {
  const texts = make("div", {}, ...(block.text ? [textObject(block.text)] : []), ...(block.fields ? [make("div", { class: "fields" }, ...block.fields.map(textObject))] : []));
  return block.accessory ? make("div", { class: "withside" }, texts, control(block.accessory, block, where)) : texts;
}
