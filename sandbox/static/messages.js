// Messages in a list: who, when, what; what can be done with each.

import { renderBlock } from "./blocks.js";
import { icon } from "./icons.js";
import { avatar, link, make, popup } from "./making.js";
import { mrkdwn } from "./text.js";
import { act, app, call, state, user, userName } from "./world.js";

const DRAWN = { thumbsup: "up", "+1": "up", thumbsdown: "down", "-1": "down" };
const TOGETHER_SECONDS = 300; // messages of one person that share a head

const clock = ts => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const day = ts => new Date(Number(ts) * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
const today = ts => day(ts) === day(Date.now() / 1000) ? "Today" : day(ts);

export function fill(list, messages, { inThread, status, openThread, empty }) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  const held = document.activeElement?.closest?.("[data-ts]");
  const focused = held && list.contains(held) ? [held.dataset.ts, [...held.querySelectorAll("button, a, select, input")].indexOf(document.activeElement)] : null;
  const shown = [];
  let before = null;
  for (const message of messages) {
    if (!before || today(before.ts) !== today(message.ts)) { shown.push(make("div", { class: "day", text: today(message.ts) })); before = null; }
    const same = before && before.user === message.user && before.ephemeral_to === message.ephemeral_to && message.ts - before.ts < TOGETHER_SECONDS && !before.reply_count;
    shown.push(renderMessage(message, { inThread, same, openThread }));
    before = message;
  }
  if (!messages.length && empty) shown.push(make("p", { class: "empty", text: empty }));
  if (status?.status) shown.push(make("div", { class: "status" }, make("span", {}, `${app().name} ${status.status}`, make("span", { class: "dots" }))));
  list.replaceChildren(...shown);
  if (focused) list.querySelector(`[data-ts="${focused[0]}"]`)?.querySelectorAll("button, a, select, input")[focused[1]]?.focus();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function renderMessage(message, { inThread, same, openThread }) {
  const where = { channel: message.channel, ts: message.ts };
  const author = user(message.user);
  const name = author.is_bot ? message.user_name : userName(message.user);
  const streaming = message.streaming_state === "in_progress";
  const blocks = (message.blocks || []).map(block => renderBlock(block, where));
  const body = make("div", { class: streaming ? "body growing" : "body" }, ...(blocks.length ? blocks : message.text ? [mrkdwn(message.text)] : []), ...(message.files || []).map(file));
  const head = make("div", { class: "by" }, make("b", { text: name }), author.is_bot ? make("span", { class: "badge", text: "APP" }) : null,
    author.is_restricted ? make("span", { class: "badge", text: "GUEST" }) : null, author.is_stranger ? make("span", { class: "badge", text: "EXTERNAL" }) : null,
    make("time", { text: clock(message.ts) }), message.edited && !author.is_bot ? make("span", { class: "note", text: "(edited)" }) : null,
    message.ephemeral_to ? make("span", { class: "note", text: "Only visible to you" }) : null);
  const content = make("div", {}, same ? null : head, body);
  if (streaming) content.append(make("div", { class: "actions" }, make("button", { class: "button", type: "button", text: "■ Stop",
    onclick: () => act(() => call("stop", { user: state.me, channel: message.channel, thread_ts: message.thread_ts || message.ts })) })));
  if (message.reactions?.length) content.append(make("div", { class: "reactions" }, ...message.reactions.map(one => {
    const mine = one.users.includes(state.me);
    return make("button", { type: "button", "aria-pressed": String(mine), "aria-label": `${one.name}, ${one.count}`, onclick: () => act(() => call("react", { user: state.me, ...where, name: one.name, remove: mine })) },
      DRAWN[one.name] ? icon(DRAWN[one.name]) : `:${one.name}:`, ` ${one.count}`);
  })));
  if (!inThread && message.reply_count) content.append(make("button", { class: "replies", type: "button", onclick: () => openThread(message.ts) },
    ...message.reply_users.slice(0, 4).map(id => avatar(userName(id), id, true)), `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`, make("time", { text: `last at ${clock(message.latest_reply)}` })));
  return make("article", { class: `message${same ? " same" : ""}${message.ephemeral_to ? " private" : ""}`, "data-ts": message.ts, "aria-label": `${name}, ${clock(message.ts)}` },
    same ? make("span") : avatar(name, message.user), content, message.ephemeral_to ? null : tools(message, where, inThread ? null : openThread));
}

function tools(message, where, openThread) {
  const more = make("button", { class: "icon", type: "button", "aria-label": "More actions", text: "⋯", onclick: () => popup(more, menu(message, where)) });
  return make("div", { class: "tools" },
    make("button", { class: "icon", type: "button", "aria-label": "React with thumbs up", onclick: () => act(() => call("react", { user: state.me, ...where, name: "thumbsup" })) }, icon("up")),
    openThread && make("button", { class: "icon", type: "button", "aria-label": "Reply in thread", onclick: () => openThread(message.ts) }, icon("bubble")), more);
}

function menu(message, where) {
  const entries = app().shortcuts.filter(one => one.type === "message").map(one => ({ label: one.name, note: app().name,
    choose: () => act(() => call("shortcut", { user: state.me, callback_id: one.callback_id, ...where })) }));
  if (message.user === state.me) {
    entries.push({ label: "Edit message", choose: () => { const text = prompt("Edit message", message.text); if (text) act(() => call("edit", { user: state.me, ...where, text })); } });
    entries.push({ label: "Delete message", choose: () => act(() => call("delete", { user: state.me, ...where })) });
  }
  return entries.length ? entries : [{ label: "Nothing to do here", choose: () => {} }];
}

function file(one) {
  return make("div", { class: "file" }, icon("page"), make("div", {}, one.url_private ? link(one.url_private, one.name) : make("b", { text: one.name || "a file" }),
    make("div", { class: "note", text: one.size ? `${Math.max(1, Math.round(one.size / 1024))} KB` : "" })));
}
