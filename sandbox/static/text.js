// Text as Slack writes it, as elements: mrkdwn, text objects, mentions, and how one edits what one wrote.

import { emoji } from "./emoji.js";
import { link, make } from "./making.js";
import { channelName, groupName, handle, userName } from "./world.js";

export const unescaped = text => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
export const mention = text => make("span", { class: "mention", text });

// Between < and >: a person, a channel, a group, a date, a link.
export function token(body) {
  const [target, label] = body.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(`@${userName(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${channelName(target.slice(1))}`);
  if (target.startsWith("!subteam^")) return mention(label || `@${groupName(target.slice(9))}`);
  if (target.startsWith("!date^")) return make("time", { class: "inline", text: unescaped(label || moment(target.split("^")[1])) });
  if (target.startsWith("!")) return mention(`@${label || target.slice(1)}`);
  return link(unescaped(target), label && unescaped(label));
}

export const moment = seconds => new Date(Number(seconds) * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

// The text between the matches as it is, the matches as `render` makes them.
export function spelled(text, pattern, render) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    nodes.push(unescaped(text.slice(end, match.index)), render(match));
    end = match.index + match[0].length;
  }
  return [...nodes, unescaped(text.slice(end))];
}

const INLINE = /<([^<>\s][^<>]*)>|`([^`\n]+)`|(?<![\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])|(?<!\w)_([^_\n]+)_(?!\w)|(?<![\w~])~([^~\n]+)~(?![\w~])|:([a-z0-9_+-]+):/g;

const inline = text => spelled(text, INLINE, ([, tag, code, bold, italic, struck, name]) => {
  if (tag) return token(tag);
  if (code) return make("code", { text: unescaped(code) });
  if (bold) return make("b", {}, ...inline(bold));
  if (italic) return make("i", {}, ...inline(italic));
  if (struck) return make("s", {}, ...inline(struck));
  return emoji(name);
});

// Fences first, then quoted lines, then what stands in a line.
export function mrkdwn(text) {
  const shown = make("div", { class: "text" });
  for (const [place, part] of text.split("```").entries()) {
    if (place % 2) { shown.append(make("pre", { text: unescaped(part.replace(/^\n|\n$/g, "")) })); continue; }
    for (const [quoted, lines] of runs(part.split("\n"), line => /^(&gt;|>)/.test(line))) {
      if (quoted) shown.append(make("blockquote", {}, ...inline(lines.map(line => line.replace(/^(&gt;|>) ?/, "")).join("\n"))));
      else shown.append(...inline(lines.join("\n")));
    }
  }
  return shown;
}

function runs(lines, test) {
  const found = [];
  for (const line of lines) {
    const kind = test(line);
    if (found.at(-1)?.[0] === kind) found.at(-1)[1].push(line);
    else found.push([kind, [line]]);
  }
  return found;
}

export const textObject = text => text.type === "mrkdwn" ? mrkdwn(text.text) : make("div", { class: "text", text: text.text || "" });

// What one typed, out of what Slack made of it.
export const editable = text => unescaped(text.replace(/<([^<>]+)>/g, (whole, body) => {
  const [target] = body.split("|");
  if (target.startsWith("@")) return `@${handle(target.slice(1))}`;
  if (target.startsWith("#")) return `#${channelName(target.slice(1))}`;
  if (target.startsWith("!subteam^")) return `@${groupName(target.slice(9))}`;
  return target.startsWith("!") ? `@${target.slice(1)}` : target;
}));
