// The page: who one is, where one looks, and drawing it anew whenever something changes.

import { renderBlock } from "./blocks.js";
import { composer } from "./composer.js";
import { icon } from "./icons.js";
import { make } from "./making.js";
import { fill } from "./messages.js";
import { renderModal } from "./modal.js";
import { act, app, call, state, toast, userName } from "./world.js";

const $ = id => document.getElementById(id);
const writing = composer($("composer"), () => ({ channel: state.channel }), () => `Message ${$("title").textContent}`);
const replying = composer($("reply"), () => ({ channel: state.channel, thread_ts: state.thread }), () => "Reply…");

function go(change) {
  Object.assign(state, change);
  $("sidebar").classList.remove("open");
  $("menu").setAttribute("aria-expanded", "false");
  act(draw);
}
const openThread = ts => { go({ thread: ts }); setTimeout(replying.focus, 150); };

async function places() {
  const rooms = state.world.channels.filter(one => ["public", "private"].includes(one.kind)).map(one => ({ id: one.id, sign: one.kind === "private" ? "" : "#", name: one.name, purpose: one.purpose?.value || "", joined: one.members.includes(state.me) }));
  const stranger = state.world.users.find(one => one.id === state.me)?.is_stranger;
  const directs = stranger ? [] : await Promise.all(state.world.apps.map(async one => ({ id: (await call("open_direct", { users: [state.me, one.bot_user_id] })).channel, sign: "●", name: one.name, purpose: "Ask here; nobody else reads it", joined: true, app: true })));
  return { rooms, directs };
}

async function draw() {
  state.world = await call("workspace", { as_user: state.me });
  const { rooms, directs } = await places();
  const all = [...rooms, ...directs];
  if (!all.some(one => one.id === state.channel)) { state.channel = (all.find(one => one.name.startsWith("ask")) || all[0])?.id; state.thread = null; }
  const here = all.find(one => one.id === state.channel);
  if (!here) { $("title").textContent = "No channel to see"; return; }
  if (!here.app) state.tab = "messages";
  sidebar(rooms, directs);
  $("team").textContent = state.world.team.name;
  $("title").textContent = `${here.sign === "#" ? "# " : ""}${here.name}`;
  $("purpose").textContent = here.purpose;
  document.title = `${here.name} · ${state.world.team.name}`;
  tabs(Boolean(here.app));
  const seen = { channel: state.channel, as_user: state.me };
  const top = await call("messages", seen);
  const onHome = state.tab === "home";
  $("home").hidden = !onHome;
  $("messages").hidden = onHome;
  $("composer").hidden = onHome || !here.joined;
  fill($("messages"), top.messages, { inThread: false, openThread, status: top.status, empty: here.joined ? `Nothing here yet. Ask something: @${app().name} how …` : "You can read this channel; join it to write." });
  const open = await call("views", { user: state.me });
  if (onHome) home(open.homes[0]);
  $("thread").hidden = !state.thread;
  if (state.thread) {
    const replies = await call("messages", { ...seen, thread_ts: state.thread });
    $("thread-in").textContent = $("title").textContent;
    fill($("replies"), replies.messages, { inThread: true, status: replies.status });
  }
  renderModal($("modal"), open.modals.at(-1));
  writing.draw();
  replying.draw();
  state.version = Math.max(state.version, top.version);
}

function sidebar(rooms, directs) {
  const row = one => make("button", { type: "button", "data-name": one.name, "aria-current": String(one.id === state.channel), onclick: () => go({ channel: one.id, thread: null }) },
    make("span", { class: "sign", "aria-hidden": "true" }, one.sign || icon("lock")), one.name, one.app ? make("span", { class: "badge", text: "APP" }) : null);
  const focused = document.activeElement?.closest?.("#rooms button");
  const place = focused ? [...$("rooms").querySelectorAll("button")].indexOf(focused) : -1;
  $("rooms").replaceChildren(make("h2", { text: "Channels" }), ...rooms.map(row), ...(directs.length ? [make("h2", { text: "Apps" }), ...directs.map(row)] : []));
  if (place >= 0) $("rooms").querySelectorAll("button")[place]?.focus();
}

function tabs(shown) {
  $("tabs").hidden = !shown;
  if (!shown) return;
  $("tabs").replaceChildren(...["home", "messages"].map(tab => make("button", { type: "button", role: "tab", "aria-selected": String(state.tab === tab), text: tab === "home" ? "Home" : "Messages",
    onclick: () => { act(() => call("open_home", { user: state.me, tab })); go({ tab }); } })));
}

function home(view) {
  $("home").replaceChildren(...(view ? [make("div", { class: "body" }, ...view.blocks.map(block => renderBlock(block, { view: view.id })))] : [make("p", { class: "empty", text: "One moment …" })]));
}

function become(id) {
  go({ me: id, thread: null, tab: "messages" });
  toast(`You are ${userName(id)} now.`);
}

async function start() {
  state.world = await call("workspace");
  const people = state.world.users.filter(one => !one.is_bot && !one.deleted && one.id !== "USLACKBOT");
  const standing = one => one.is_admin ? "admin" : one.is_restricted ? "guest" : one.is_stranger ? "external" : "member";
  $("person").replaceChildren(...people.map(one => make("option", { value: one.id, text: `${userName(one.id)} · ${standing(one)}` })));
  $("person").onchange = () => become($("person").value);
  $("close").onclick = () => go({ thread: null });
  $("menu").onclick = () => $("menu").setAttribute("aria-expanded", String($("sidebar").classList.toggle("open")));
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || $("modal").open || document.querySelector(".popup")) return;
    if ($("sidebar").classList.contains("open")) { $("sidebar").classList.remove("open"); $("menu").focus(); }
    else if (state.thread) go({ thread: null });
  });
  state.me = people[0].id;
  for (;;) {
    try {
      await draw();
      await call("wait", { after: state.version, timeout: 30 });
    } catch (error) {
      toast(error.message);
      await new Promise(resolve => setTimeout(resolve, 2000));
    }
  }
}
start();
