// Text as Slack reads it: mrkdwn, Markdown blocks and rich_text, as elements.

import { link, make } from "./making.js";
import { channelName, userName } from "./world.js";

const unescaped = text => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
const mention = text => make("span", { class: "mention", text });

const MRKDWN = /<([^<>\s][^<>]*)>|`([^`\n]+)`|\*([^*\n]+)\*|(?<!\w)_([^_\n]+)_(?!\w)|~([^~\n]+)~/g;
const MARKDOWN = /\[([^\]]*)\]\(([^)\s]+)\)|<([^<>\s][^<>]*)>|`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<!\w)[*_]([^*_\n]+)[*_](?!\w)/g;

function token(body) {
  const [target, label] = body.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(`@${userName(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${channelName(target.slice(1))}`);
  if (target.startsWith("!")) return mention(`@${label || target.slice(1)}`);
  return link(unescaped(target), label && unescaped(label));
}

function spelled(text, pattern, render) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    nodes.push(unescaped(text.slice(end, match.index)), render(match));
    end = match.index + match[0].length;
  }
  return [...nodes, unescaped(text.slice(end))];
}

export const mrkdwn = text => make("div", { class: "text" }, ...spelled(text, MRKDWN, ([, tag, code, bold, italic, struck]) =>
  tag ? token(tag) : code ? make("code", { text: unescaped(code) }) : bold ? make("b", { text: unescaped(bold) })
    : italic ? make("i", { text: unescaped(italic) }) : make("s", { text: unescaped(struck) })));

const inlineMarkdown = text => spelled(text, MARKDOWN, ([, label, url, tag, code, bold, italic]) =>
  url ? link(url, label) : tag ? token(tag) : code ? make("code", { text: code }) : make(bold ? "b" : "i", { text: bold || italic }));

export const textObject = text => text.type === "mrkdwn" ? mrkdwn(text.text) : make("div", { class: "text", text: text.text || text.alt_text || "" });

// A markdown block, line by line: headings, lists, quotes, fences, tables, rules.
export function markdown(text) {
  const shown = make("div", { class: "body" });
  const lines = text.split("\n");
  for (let at = 0; at < lines.length;) {
    const take = (pattern, strip) => { const taken = []; while (at < lines.length && pattern.test(lines[at])) taken.push(lines[at++].replace(strip, "")); return taken; };
    const line = lines[at];
    if (/^```/.test(line)) {
      at += 1;
      const code = [];
      while (at < lines.length && !/^```/.test(lines[at])) code.push(lines[at++]);
      at += 1;
      shown.append(make("pre", { text: code.join("\n") }));
    } else if (/^#{1,6}\s/.test(line)) { shown.append(make("h3", {}, ...inlineMarkdown(line.replace(/^#+\s+/, "")))); at += 1; }
    else if (/^\s*[-*+]\s/.test(line)) shown.append(make("ul", {}, ...take(/^\s*[-*+]\s/, /^\s*[-*+]\s+/).map(item => make("li", {}, ...inlineMarkdown(item)))));
    else if (/^\s*\d+[.)]\s/.test(line)) shown.append(make("ol", {}, ...take(/^\s*\d+[.)]\s/, /^\s*\d+[.)]\s+/).map(item => make("li", {}, ...inlineMarkdown(item)))));
    else if (/^>/.test(line)) shown.append(make("blockquote", {}, ...inlineMarkdown(take(/^>/, /^>\s?/).join("\n"))));
    else if (/^\|.*\|\s*$/.test(line)) shown.append(grid(take(/^\|.*\|\s*$/, "").filter(row => !/^[|\s:-]+$/.test(row)).map(row => row.slice(1, row.lastIndexOf("|")).split("|").map(cell => inlineMarkdown(cell.trim())))));
    else if (/^(-{3,}|\*{3,})\s*$/.test(line)) { shown.append(make("hr")); at += 1; }
    else if (!line.trim()) at += 1;
    else shown.append(make("div", { class: "text" }, ...inlineMarkdown(take(/^(?!```|#{1,6}\s|\s*[-*+]\s|\s*\d+[.)]\s|>|\|.*\|\s*$)\s*\S/, "").join("\n"))));
  }
  return shown;
}

export const grid = rows => make("table", {}, ...rows.map((row, place) => make("tr", {}, ...row.map(cell => make(place ? "td" : "th", {}, ...cell)))));

function inline(element) {
  const style = element.style || {};
  let node;
  if (element.type === "link") node = link(element.url, element.text);
  else if (element.type === "user") node = mention(`@${userName(element.user_id)}`);
  else if (element.type === "channel") node = mention(`#${channelName(element.channel_id)}`);
  else if (element.type === "usergroup") node = mention(`@${element.usergroup_id}`);
  else if (element.type === "broadcast") node = mention(`@${element.range}`);
  else if (element.type === "emoji") node = document.createTextNode(element.unicode ? String.fromCodePoint(...element.unicode.split("-").map(code => parseInt(code, 16))) : `:${element.name}:`);
  else if (element.type === "date") node = document.createTextNode(element.fallback || new Date(element.timestamp * 1000).toLocaleString());
  else node = document.createTextNode(element.text || element.fallback || element.value || "");
  for (const [name, tag] of [["code", "code"], ["bold", "b"], ["italic", "i"], ["strike", "s"]])
    if (style[name]) node = make(tag, {}, node);
  return node;
}

export function richText(block) {
  return make("div", { class: "text" }, ...block.elements.map(part => {
    if (part.type === "rich_text_list") {
      const list = make(part.style === "ordered" ? "ol" : "ul", { start: part.offset ? part.offset + 1 : undefined },
        ...part.elements.map(item => make("li", {}, ...item.elements.map(inline))));
      list.style.marginLeft = `${(part.indent || 0) * 22}px`;
      return list;
    }
    const tag = { rich_text_quote: "blockquote", rich_text_preformatted: "pre" }[part.type] || "div";
    return make(tag, {}, ...part.elements.map(inline));
  }));
}
