// Messages in a list: who, when, what; what can be done with each.

import { renderBlocks } from "./blocks.js";
import { emoji, REACTIONS, spoken } from "./emoji.js";
import { icon } from "./icons.js";
import { arrange, avatar, confirmed, keepFocus, make, popup } from "./making.js";
import { editable, mrkdwn } from "./text.js";
import { act, app, call, interact, state, user, userName } from "./world.js";

const TOGETHER_SECONDS = 300; // messages of one person that share a head
const NEAR_END_PIXELS = 120; // who reads so near the end wants to see what comes

const clock = ts => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const whole = ts => new Date(Number(ts) * 1000).toLocaleString([], { dateStyle: "full", timeStyle: "short" });
const date = ts => new Date(Number(ts) * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
const day = ts => date(ts) === date(Date.now() / 1000) ? "Today" : date(ts) === date(Date.now() / 1000 - 86400) ? "Yesterday" : date(ts);

// Draw a channel or a thread. A message that did not change keeps its element, so that nothing flickers or loses the focus.
export function fill(list, messages, { place, inThread, status, openThread, intro }) {
  const moved = list.dataset.place !== place;
  const atEnd = moved || list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PIXELS;
  const before = moved ? new Map() : list.known || new Map();
  const known = new Map();
  const kept = (key, content, render) => {
    const old = before.get(key);
    const entry = old && (old.content === content || old.element.dataset.editing) ? old : { content, element: render() };
    known.set(key, entry);
    return entry.element;
  };
  const shown = intro ? [kept("intro", JSON.stringify([intro.title, intro.text]), () => beginning(intro))] : [];
  let last = null;
  let lastDay = null;
  for (const message of messages) {
    if (lastDay !== day(message.ts)) {
      const name = lastDay = day(message.ts);
      shown.push(kept(`day ${name}`, name, () => make("div", { class: "day", role: "separator", "aria-label": name }, make("span", { text: name }))));
      last = null;
    }
    const same = Boolean(last) && last.user === message.user && last.ephemeral_to === message.ephemeral_to && message.ts - last.ts < TOGETHER_SECONDS && !last.reply_count;
    shown.push(kept(message.ts, JSON.stringify([state.me, same, inThread, message]), () => renderMessage(message, { inThread, same, openThread })));
    if (inThread && message === messages[0] && messages.length > 1) {
      const count = replies(messages.length - 1);
      shown.push(kept("count", count, () => make("div", { class: "count" }, make("span", { text: count }))));
      last = null;
    } else last = message;
  }
  if (status?.status) shown.push(kept("status", status.status, () => make("div", { class: "status" }, avatar(app().name, app().bot_user_id || "", "small"), make("span", {}, make("b", { text: app().name }), ` ${status.status}`, make("span", { class: "dots", "aria-hidden": "true" })))));
  const refocus = keepFocus("data-ts", list);
  list.known = known;
  list.dataset.place = place;
  arrange(list, shown);
  refocus();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

const replies = count => `${count} ${count === 1 ? "reply" : "replies"}`;

const beginning = intro => make("header", { class: "intro" }, make("span", { class: "sign" }, intro.picture), make("h2", { text: intro.title }), make("p", { text: intro.text }),
  intro.prompts.length ? make("div", { class: "actions" }, ...intro.prompts.map(one => make("button", { class: "button", type: "button", text: one.title, onclick: () => intro.write(one.message) }))) : null);

function renderMessage(message, { inThread, same, openThread }) {
  const where = { channel: message.channel, ts: message.ts };
  const author = user(message.user);
  const name = author.is_bot ? message.user_name : userName(message.user);
  const streaming = message.streaming_state === "in_progress";
  const blocks = renderBlocks(message.blocks || [], where);
  const body = make("div", { class: streaming ? "body growing" : "body" }, ...(blocks.length ? blocks : message.text ? [mrkdwn(message.text)] : []), ...(message.files || []).map(file));
  if (message.edited && !author.is_bot) (body.querySelector(":scope > .text:last-child > div:last-child") || body.querySelector(":scope > .text:last-child") || body).append(make("span", { class: "note", text: " (edited)" }));
  const content = make("div", { class: "said" }, same ? null : head(message, author, name), body,
    streaming && make("button", { class: "button stop", type: "button", onclick: () => act(() => call("stop", { user: state.me, channel: message.channel, thread_ts: message.thread_ts || message.ts })) }, icon("stop", 14), "Stop"),
    message.reactions?.length ? reactions(message, where) : null,
    !inThread && message.reply_count ? thread(message, openThread) : null,
    !inThread && message.thread_status ? doing(message, openThread) : null);
  const aside = same ? make("time", { class: "aside", text: clock(message.ts), title: whole(message.ts) }) : avatar(name, message.user);
  const shown = make("article", { class: `message${same ? " same" : ""}${message.ephemeral_to ? " private" : ""}`, "data-ts": message.ts, tabIndex: -1, "aria-label": `${name}, ${clock(message.ts)}` },
    message.ephemeral_to && make("div", { class: "whose" }, icon("eye", 14), "Only visible to you"), aside, content);
  if (!message.ephemeral_to) shown.append(tools(message, where, inThread ? null : openThread, () => edit(shown, message, where)));
  return shown;
}

const head = (message, author, name) => make("div", { class: "by" }, make("b", { text: name }),
  author.is_bot && make("span", { class: "badge", text: "APP" }), author.is_restricted && make("span", { class: "badge", text: "GUEST" }), author.is_stranger && make("span", { class: "badge", text: "EXTERNAL" }),
  make("time", { text: clock(message.ts), title: whole(message.ts) }));

const thread = (message, openThread) => make("button", { class: "replies", type: "button", onclick: () => openThread(message.ts) },
  ...message.reply_users.slice(0, 4).map(id => avatar(userName(id), id, "small")), make("span", { text: replies(message.reply_count) }), make("time", { text: `last at ${clock(message.latest_reply)}` }));

const doing = (message, openThread) => make("button", { class: "replies doing", type: "button", onclick: () => openThread(message.ts) },
  avatar(app().name, app().bot_user_id || "", "small"), make("em", { text: `${app().name} ${message.thread_status}` }), make("span", { class: "dots", "aria-hidden": "true" }));

const react = (where, name, remove = false) => act(() => call("react", { user: state.me, ...where, name, remove }));

function reactions(message, where) {
  return make("div", { class: "reactions" }, ...message.reactions.map(one => {
    const mine = one.users.includes(state.me);
    const who = one.users.map(userName).join(", ");
    return make("button", { type: "button", "aria-pressed": String(mine), title: who, "aria-label": `${spoken(one.name)}, ${one.count}: ${who}`, onclick: () => react(where, one.name, mine) }, emoji(one.name), make("span", { text: one.count }));
  }));
}

function tools(message, where, openThread, startEdit) {
  const mine = name => message.reactions?.some(one => one.name === name && one.users.includes(state.me));
  const tool = (label, drawn, onclick, menu) => make("button", { class: "icon", type: "button", "aria-label": label, title: label, "aria-haspopup": menu && "menu", onclick }, icon(drawn));
  const face = tool("Add a reaction", "face", () => popup(face, REACTIONS.map(name => ({ label: spoken(name), picture: emoji(name), choose: () => react(where, name, mine(name)) })), { across: true, label: "Reactions" }), true);
  const more = tool("More actions", "more", () => popup(more, menu(message, where, startEdit), { label: "More actions" }), true);
  return make("div", { class: "tools", role: "group", "aria-label": "Message actions" }, tool("React with thumbs up", "up", () => react(where, "thumbsup", mine("thumbsup"))), face,
    openThread && tool("Reply in thread", "bubble", () => openThread(message.ts)), more);
}

function menu(message, where, startEdit) {
  const entries = app().shortcuts.filter(one => one.type === "message").map(one => ({ label: one.name, note: app().name, choose: () => interact("shortcut", { callback_id: one.callback_id, ...where }) }));
  if (message.user === state.me) entries.push({ label: "Edit message", choose: startEdit });
  if (message.user === state.me || user(state.me).is_admin) entries.push({ label: "Delete message", danger: true, choose: () => remove(where) });
  return entries.length ? entries : [{ label: "Nothing to do here", choose: () => {} }];
}

async function remove(where) {
  const sure = await confirmed({ title: { text: "Delete message" }, text: { text: "Nobody will be able to read it any more." }, confirm: { text: "Delete" }, deny: { text: "Cancel" }, style: "danger" });
  if (sure) act(() => call("delete", { user: state.me, ...where }));
}

// Edit where it stands. While one writes, what happens around it leaves it alone.
function edit(shown, message, where) {
  const body = shown.querySelector(".body");
  const area = make("textarea", { rows: 2, value: editable(message.text), "aria-label": "Edit message" });
  const end = () => { delete shown.dataset.editing; form.replaceWith(body); shown.focus(); };
  const form = make("form", { class: "editing", onsubmit: async event => {
    event.preventDefault();
    const text = area.value.trim();
    if (!text) return;
    end();
    await act(() => call("edit", { user: state.me, ...where, text }));
  } }, area, make("div", { class: "actions" }, make("button", { class: "button", type: "button", text: "Cancel", onclick: end }), make("button", { class: "button primary", type: "submit", text: "Save" })));
  area.onkeydown = event => {
    if (event.key === "Escape") { event.stopPropagation(); end(); }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  };
  shown.dataset.editing = "yes";
  body.replaceWith(form);
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}

function file(one) {
  return make("div", { class: "file" }, make("span", { class: "sheet" }, icon("page", 20)), make("div", {}, make("button", { class: "plain", type: "button", text: one.name || "a file", "aria-label": `Download ${one.name || "the file"}`, onclick: () => act(() => download(one)) }),
    make("div", { class: "note", text: [one.pretty_type, one.size && `${Math.max(1, Math.round(one.size / 1024))} KB`].filter(Boolean).join(" · ") })));
}

async function download(one) {
  const { content, name, mimetype } = await call("file", { as_user: state.me, file: one.id });
  const bytes = Uint8Array.from(atob(content), letter => letter.codePointAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: mimetype }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
