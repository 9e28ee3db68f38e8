// Block Kit as elements. `where` says where a block stands: {channel, ts} of a message, or {view}.

import { field } from "./fields.js";
import { icon } from "./icons.js";
import { confirmed, link, make, popup } from "./making.js";
import { grid, markdown } from "./markdown.js";
import { richText } from "./rich_text.js";
import { textObject } from "./text.js";
import { interact, state } from "./world.js";

// A block without an id has one by its place, for the app and for the page.
export const idOf = (block, place) => block.block_id || `b${place}`;
export const renderBlocks = (blocks, where) => blocks.map((block, place) => renderBlock({ ...block, block_id: idOf(block, place) }, where));

function renderBlock(block, where) {
  switch (block.type) {
    case "section": return section(block, where);
    case "header": return make("div", { class: "heading", role: "heading", "aria-level": String((block.level || 1) + 2), text: block.text.text });
    case "divider": return make("hr");
    case "context": return make("div", { class: "context" }, ...block.elements.map(one => one.type === "image" ? picture(one) : textObject(one)));
    case "actions": case "context_actions": return make("div", { class: "actions" }, ...block.elements.map(element => control(element, block, where)));
    case "rich_text": return richText(block);
    case "markdown": return markdown(block.text);
    case "image": return make("div", { class: "picture" }, icon("page"), picture(block));
    case "table": case "data_table": return grid(block.rows.map(row => row.map(cell)), block.column_settings);
    case "task_card": return task(block);
    case "plan": return make("section", { class: "plan", "aria-label": block.title }, make("b", { text: block.title }), ...(block.tasks || []).map(task));
    case "alert": return make("div", { class: `alert ${block.level || ""}`, role: "note" }, textObject(block.text));
    case "card": return make("div", { class: "card" }, block.title && make("b", { text: block.title.text }), block.subtitle && make("span", { class: "note", text: block.subtitle.text }), block.body && textObject(block.body),
      block.actions && make("div", { class: "actions" }, ...block.actions.map(element => control(element, block, where))));
    case "carousel": return make("div", {}, ...renderBlocks(block.elements, where));
    case "container": return make("div", { class: "card" }, block.title && make("b", { text: block.title.text }), ...renderBlocks(block.child_blocks, where));
    case "video": return link(block.title_url || block.video_url, block.title.text);
    default: return make("div", { class: "note", text: `[${block.type}]` });
  }
}

function section(block, where) {
  const texts = make("div", {}, block.text && textObject(block.text), block.fields && make("div", { class: "fields" }, ...block.fields.map(textObject)));
  return block.accessory ? make("div", { class: "withside" }, texts, control(block.accessory, block, where)) : texts;
}

// Nothing is fetched from elsewhere: an image is a link to it.
const picture = one => link(one.image_url || one.slack_file?.url, one.title?.text || one.alt_text);
const cell = one => [one.type === "rich_text" ? richText(one) : String(one.text ?? one.value ?? "")];

const DONE = { complete: ["check", "done"], error: ["shut", "failed"], in_progress: [null, "under way"], pending: [null, "to come"] };

function task(one) {
  const [drawn, said] = DONE[one.status] || DONE.pending;
  const more = given => given && (typeof given === "string" ? make("div", { class: "note", text: given }) : richText(given));
  return make("div", { class: `task ${one.status || "pending"}` }, make("span", { class: "mark", role: "img", "aria-label": said }, drawn && icon(drawn, 12)),
    make("div", {}, make("span", { text: one.title }), more(one.details), more(one.output),
      one.sources?.length ? make("div", { class: "context" }, ...one.sources.map(source => link(source.url, source.text))) : null));
}

function control(element, block, where) {
  const click = async value => {
    if (element.confirm && !await confirmed({ ...element.confirm })) return;
    interact("click", { action_id: element.action_id, block_id: block.block_id, value, ...where });
  };
  switch (element.type) {
    case "button": return make("button", { class: `button ${element.style || ""}`, type: "button", text: element.text.text, "aria-label": element.accessibility_label,
      onclick: () => { if (/^(https?|mailto):/i.test(element.url || "")) window.open(element.url, "_blank", "noopener"); click(); } });
    case "feedback_buttons": return votes(element, click, where);
    case "icon_button": return element.visible_to_user_ids && !element.visible_to_user_ids.includes(state.me) ? null
      : make("button", { class: "icon", type: "button", title: element.text.text, "aria-label": element.accessibility_label || element.text.text, onclick: () => click() }, icon("bin"));
    case "overflow": {
      const button = make("button", { class: "icon", type: "button", "aria-label": "More", "aria-haspopup": "menu", onclick: () => popup(button, element.options.map(option => ({ label: option.text.text, note: option.description?.text, choose: () => click(option.value) }))) }, icon("more"));
      return button;
    }
    case "image": return picture(element);
    default: return chooser(element, block, click);
  }
}

function chooser(element, block, click) {
  const label = element.placeholder?.text || block.text?.text || "Choose";
  const { shown, group } = field(element, { label, changed: click });
  if (group) { shown.setAttribute("role", "group"); shown.setAttribute("aria-label", label); }
  return shown;
}

// Thumbs up and down; the one that was pressed stays so.
function votes(element, click, where) {
  const key = [state.me, where.channel, where.ts, where.view, element.action_id].join(" ");
  const half = (name, sign) => make("button", { type: "button", "aria-label": element[name].accessibility_label || element[name].text.text, "aria-pressed": String(state.votes[key] === name),
    onclick: event => {
      state.votes[key] = name;
      for (const button of event.currentTarget.parentElement.children) button.setAttribute("aria-pressed", String(button === event.currentTarget));
      click(element[name].value);
    } }, icon(sign), element[name].text.text);
  return make("span", { class: "votes", role: "group", "aria-label": "Was this helpful?" }, half("positive_button", "up"), half("negative_button", "down"));
}
