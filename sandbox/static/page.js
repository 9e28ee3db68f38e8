// The page: who one is, where one looks, and drawing it anew whenever something changes.

import { renderBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { icon } from "./icons.js";
import { avatar, keepFocus, make } from "./making.js";
import { fill } from "./messages.js";
import { renderModal } from "./modal.js";
import { drawPerson, drawSidebar, markSeen, places } from "./sidebar.js";
import { act, app, call, people, state, toast, userName } from "./world.js";

const LONGEST_PRESS_MILLISECONDS = 1000;
const $ = id => document.getElementById(id);
const writing = composer($("composer"), () => ({ channel: state.channel }), () => `Message ${$("title").textContent.replace("# ", "#")}`);
const replying = composer($("reply"), () => ({ channel: state.channel, thread_ts: state.thread }), () => "Reply…");

function go(change) {
  Object.assign(state, change);
  drawer(false);
  return act(draw);
}
const openThread = async ts => { await go({ thread: ts }); replying.focus(); };

async function closeThread() {
  const head = document.querySelector(`#messages [data-ts="${state.thread}"]`);
  await go({ thread: null });
  // Unless somebody has gone on elsewhere meanwhile.
  if (document.activeElement === document.body) head?.focus();
}

function drawer(open) {
  $("sidebar").classList.toggle("open", open);
  $("menu").setAttribute("aria-expanded", String(open));
  $("shade").hidden = !open;
  if (open) $("person").focus();
}

// Nothing is drawn anew under a finger: a button that is replaced between press and release is never clicked. Not every press is
// seen to end (that on a list of choices is not), so nobody waits for long.
let released = Promise.resolve();
addEventListener("pointerdown", () => {
  released = new Promise(done => {
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(done), { once: true, capture: true });
    setTimeout(done, LONGEST_PRESS_MILLISECONDS);
  });
}, { capture: true });

// One drawing at a time; who asks meanwhile gets one more after it.
let drawing = null;
let again = null;
function draw() {
  if (drawing) return again ||= drawing.catch(() => {}).then(() => { again = null; return draw(); });
  drawing = drawOnce().finally(() => { drawing = null; });
  return drawing;
}

async function drawOnce() {
  state.world = await call("workspace", { as_user: state.me });
  const all = await places();
  const choices = [...all.rooms, ...all.directs];
  if (!choices.some(one => one.id === state.channel)) Object.assign(state, { channel: (choices.find(one => one.name.startsWith("ask")) || choices[0])?.id, thread: null, tab: "messages" });
  const here = choices.find(one => one.id === state.channel);
  state.version = state.world.version;
  drawPerson($("person"), $("standing"), $("face"));
  $("team").textContent = state.world.team.name;
  if (!here) { $("title").textContent = "No channel to see"; drawSidebar($("rooms"), all, go); return; }
  const seen = { channel: here.id, as_user: state.me };
  const [top, thread, open] = await Promise.all([call("messages", seen), state.thread && call("messages", { ...seen, thread_ts: state.thread }), call("views", { user: state.me })]);
  await released;
  markSeen(here);
  drawSidebar($("rooms"), all, go);
  drawHead(here);
  const onHome = state.tab === "home" && Boolean(here.app);
  $("home").hidden = !onHome;
  $("messages").hidden = onHome;
  $("composer").hidden = onHome || !here.joined || here.archived;
  $("visitor").hidden = onHome || here.joined;
  $("thread").hidden = !state.thread;
  if (onHome) drawHome(open.homes.find(view => view.app_id === here.app));
  fill($("messages"), top.messages, { place: `${state.me} ${here.id}`, inThread: false, openThread, status: top.status, intro: intro(here) });
  if (thread) {
    $("thread-in").textContent = $("title").textContent;
    fill($("replies"), thread.messages, { place: `${state.me} ${here.id} ${state.thread}`, inThread: true, status: thread.status });
  }
  renderModal($("modal"), open.modals.at(-1));
  writing.draw();
  replying.draw();
}

function drawHead(here) {
  const sign = { public: "# ", private: "", app: "", person: "" }[here.kind];
  $("title").replaceChildren(...(here.kind === "private" ? [icon("lock", 15), " "] : []), `${sign}${here.name}`);
  $("purpose").textContent = here.purpose;
  document.title = `${here.name} · ${state.world.team.name}`;
  $("members").hidden = !here.members;
  if (here.members) {
    $("members").setAttribute("aria-label", `${here.members.length} members: ${here.members.map(userName).join(", ")}`);
    $("members").title = here.members.map(userName).join(", ");
    $("members").replaceChildren(...here.members.slice(0, 3).map(id => avatar(userName(id), id, "small")), make("span", { text: here.members.length }));
  }
  $("tabs").hidden = !here.app;
  for (const tab of ["home", "messages"]) {
    $(`tab-${tab}`).setAttribute("aria-selected", String(state.tab === tab));
    $(`tab-${tab}`).tabIndex = state.tab === tab ? 0 : -1;
  }
}

// What stands at the beginning of a place, and of an app what one might ask it.
function intro(here) {
  const bot = app().name;
  const prompts = here.app ? state.world.suggested_prompts[here.id]?.prompts || [] : [];
  const shown = { prompts: prompts.map(one => ({ title: one.title, message: one.message })), write: text => act(() => call("post", { user: state.me, channel: here.id, text })) };
  if (here.bot) return { ...shown, picture: avatar(here.name, here.bot, "large"), title: here.name, text: here.app ? "Write a question. Only you and the app read this conversation." : "The beginning of your conversation." };
  return { ...shown, picture: icon(here.kind === "private" ? "lock" : "hash", 26), title: here.name, text: here.members.includes(app().bot_user_id) ? `This is where #${here.name} begins. ${here.purpose ? `${here.purpose}. ` : ""}Mention @${bot} to ask it something.` : `This is where #${here.name} begins. ${here.purpose}` };
}

let homeDrawn = null;
function drawHome(view) {
  const key = view ? `${state.me} ${view.id} ${view.hash}` : "";
  if (key === homeDrawn) return;
  homeDrawn = key;
  const refocus = keepFocus("id", $("home"));
  $("home").replaceChildren(view ? make("div", { class: "body", id: "home-body" }, ...renderBlocks(view.blocks, { view: view.id })) : make("p", { class: "empty", text: "One moment …" }));
  refocus();
}

function showTab(tab) {
  act(() => call("open_home", { user: state.me, tab }));
  $(`tab-${tab}`).focus();
  return go({ tab, thread: null });
}

function keys(event) {
  if (event.key !== "Escape" || document.querySelector("dialog[open], .popup")) return;
  if ($("sidebar").classList.contains("open")) { drawer(false); $("menu").focus(); }
  else if (state.thread) closeThread();
}

async function start() {
  state.world = await call("workspace");
  state.began = Math.max(0, ...state.world.channels.map(one => Number(one.newest?.ts || 0)));
  state.me = people()[0].id;
  $("person").onchange = () => go({ me: $("person").value, thread: null, tab: "messages" });
  $("close").onclick = closeThread;
  $("menu").onclick = () => drawer(!$("sidebar").classList.contains("open"));
  $("shade").onclick = () => drawer(false);
  $("join").onclick = () => act(() => call("join", { user: state.me, channel: state.channel }));
  for (const tab of ["home", "messages"]) $(`tab-${tab}`).onclick = () => showTab(tab);
  $("tabs").onkeydown = event => { if (["ArrowLeft", "ArrowRight"].includes(event.key)) showTab(state.tab === "home" ? "messages" : "home"); };
  document.addEventListener("keydown", keys);
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
