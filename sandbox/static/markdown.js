// Markdown blocks, line by line: headings, lists, quotes, fences, tables, rules. Small, and without any HTML.

import { emoji } from "./emoji.js";
import { link, make } from "./making.js";
import { spelled, token } from "./text.js";

const INLINE = /\\([\\`*_{}[\]()#+.!|~>-])|\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)|<([^<>\s][^<>]*)>|`([^`\n]+)`|\*\*((?:[^*\n]|\*(?!\*))+)\*\*|(?<![\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])|(?<!\w)_([^_\n]+)_(?!\w)|~~([^~\n]+)~~|:([a-z][a-z0-9_+-]*):/g;

export const inlineMarkdown = text => spelled(text, INLINE, ([, escaped, label, url, tag, code, bold, starred, italic, struck, name]) => {
  if (escaped) return escaped;
  if (url) return link(url, label);
  if (tag) return token(tag);
  if (code) return make("code", { text: code });
  if (bold) return make("b", {}, ...inlineMarkdown(bold));
  if (starred || italic) return make("i", {}, ...inlineMarkdown(starred || italic));
  if (struck) return make("s", {}, ...inlineMarkdown(struck));
  return emoji(name);
});

const FENCE = /^\s*```/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
const QUOTE = /^>\s?/;
const ROW = /^\s*\|.*\|\s*$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const PLAIN = line => line.trim() && ![FENCE, HEADING, ITEM, QUOTE, ROW, RULE].some(pattern => pattern.test(line));

export function markdown(text) {
  const shown = make("div", { class: "body" });
  const lines = text.split("\n");
  const take = test => { const taken = []; while (lines.length && test(lines[0])) taken.push(lines.shift()); return taken; };
  while (lines.length) {
    const line = lines[0];
    if (!line.trim()) lines.shift();
    else if (FENCE.test(line)) {
      lines.shift();
      shown.append(make("pre", { text: take(one => !FENCE.test(one)).join("\n") }));
      lines.shift();
    } else if (HEADING.test(line)) {
      const [, marks, title] = HEADING.exec(lines.shift());
      shown.append(make("div", { class: `heading level${Math.min(marks.length, 3)}`, role: "heading", "aria-level": String(marks.length + 2) }, ...inlineMarkdown(title)));
    } else if (RULE.test(line)) { lines.shift(); shown.append(make("hr")); }
    else if (ITEM.test(line)) shown.append(...lists(take(one => ITEM.test(one) || /^\s{2,}\S/.test(one))));
    else if (QUOTE.test(line)) shown.append(make("blockquote", {}, ...inlineMarkdown(take(one => QUOTE.test(one)).map(one => one.replace(QUOTE, "")).join("\n"))));
    else if (ROW.test(line)) shown.append(table(take(one => ROW.test(one))));
    else shown.append(make("div", { class: "text" }, ...inlineMarkdown(take(PLAIN).join("\n"))));
  }
  return shown;
}

// Lists in lists, by how far a line stands in; a line without a mark goes on with the item above it.
function lists(lines) {
  const items = [];
  for (const line of lines) {
    const [, space, mark, text] = ITEM.exec(line) || [];
    if (mark) items.push({ indent: space.length, ordered: /\d/.test(mark), start: parseInt(mark, 10), text });
    else if (items.length) items.at(-1).text += ` ${line.trim()}`;
  }
  const roots = [];
  let open = [];
  for (const item of items) {
    while (open.length > 1 && item.indent < open.at(-1).indent) open.pop();
    const inside = open.at(-1);
    if (!inside || item.indent > inside.indent + 1 || (inside.ordered !== item.ordered && open.length === 1)) {
      const list = make(item.ordered ? "ol" : "ul", { start: item.ordered && item.start > 1 ? item.start : undefined });
      if (inside && item.indent > inside.indent + 1) inside.list.lastElementChild.append(list);
      else { roots.push(list); open = []; }
      open.push({ indent: item.indent, ordered: item.ordered, list });
    }
    open.at(-1).list.append(make("li", {}, ...inlineMarkdown(item.text)));
  }
  return roots;
}

function table(lines) {
  const cells = line => line.trim().slice(1, -1).split(/(?<!\\)\|/).map(cell => inlineMarkdown(cell.trim()));
  return grid(lines.filter(line => !/^[|\s:-]+$/.test(line)).map(cells));
}

// Rows of cells, each a list of nodes; the first row is the head. `columns` says how they are aligned.
export function grid(rows, columns = []) {
  const row = (cells, place) => make("tr", {}, ...cells.map((cell, column) => {
    const shown = make(place ? "td" : "th", { scope: place ? undefined : "col" }, ...cell);
    if (columns[column]?.align) shown.style.textAlign = columns[column].align;
    return shown;
  }));
  return make("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Table" }, make("table", {}, make("tbody", {}, ...rows.map(row))));
}
