// rich_text blocks: sections, lists in lists, quotes, code, and everything that can stand in them.

import { emoji } from "./emoji.js";
import { link, make } from "./making.js";
import { mention, moment } from "./text.js";
import { channelName, groupName, userName } from "./world.js";

const STYLES = { code: "code", bold: "b", italic: "i", strike: "s", underline: "u" };

function piece(element) {
  switch (element.type) {
    case "link": return link(element.url, element.text);
    case "user": return mention(`@${userName(element.user_id)}`);
    case "channel": return mention(`#${channelName(element.channel_id)}`);
    case "usergroup": return mention(`@${groupName(element.usergroup_id)}`);
    case "broadcast": return mention(`@${element.range}`);
    case "emoji": return emoji(element.name, element.unicode);
    case "date": return make("time", { class: "inline", text: element.fallback || moment(element.timestamp) });
    case "color": {
      const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = /^#[0-9a-f]{3,8}$/i.test(element.value) ? element.value : "transparent";
      return make("span", {}, swatch, element.value);
    }
    default: return document.createTextNode(element.text || element.fallback || "");
  }
}

function inline(element) {
  let node = piece(element);
  for (const [name, tag] of Object.entries(STYLES)) if (element.style?.[name]) node = make(tag, {}, node);
  return node;
}

function list(part) {
  const shown = make(part.style === "ordered" ? "ol" : "ul", { class: `indent${(part.indent || 0) % 3}`, start: part.offset ? part.offset + 1 : undefined },
    ...part.elements.map(item => make("li", {}, ...item.elements.map(inline))));
  if (part.indent) shown.style.marginLeft = `${part.indent * 24}px`;
  return shown;
}

export function richText(block) {
  return make("div", { class: "text" }, ...block.elements.map(part => {
    if (part.type === "rich_text_list") return list(part);
    const tag = { rich_text_quote: "blockquote", rich_text_preformatted: "pre" }[part.type] || "div";
    return make(tag, {}, ...part.elements.map(inline));
  }));
}
