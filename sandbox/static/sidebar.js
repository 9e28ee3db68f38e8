// The sidebar: who one is, and the places one may look into, with marks on those where something is new.

import { icon } from "./icons.js";
import { arrange, avatar, keepFocus, make } from "./making.js";
import { call, people, standing, state, user, userName } from "./world.js";

// Channels, then apps and people one writes to directly: [{id, name, kind, purpose, joined, app?, newest}].
export async function places() {
  const { channels, apps } = state.world;
  const rooms = channels.filter(one => ["public", "private"].includes(one.kind))
    .map(one => ({ id: one.id, name: one.name, kind: one.kind, purpose: one.purpose?.value || "", members: one.members, joined: one.members.includes(state.me), archived: one.is_archived, newest: one.newest }));
  const between = channels.filter(one => ["im", "mpim"].includes(one.kind) && one.members.includes(state.me));
  const withApp = async one => {
    const open = between.find(channel => channel.members.length === 2 && channel.members.includes(one.bot_user_id));
    const id = open?.id || (await call("open_direct", { users: [state.me, one.bot_user_id] })).channel;
    return { id, name: one.name, kind: "app", bot: one.bot_user_id, app: one.id, purpose: "Ask here; nobody else reads it", joined: true, newest: open?.newest };
  };
  const directs = user(state.me).is_stranger ? [] : await Promise.all(apps.map(withApp));
  const bots = apps.map(one => one.bot_user_id);
  for (const one of between.filter(channel => !channel.members.some(member => bots.includes(member)) && channel.newest)) {
    const others = one.members.filter(member => member !== state.me);
    directs.push({ id: one.id, name: others.map(userName).join(", ") || userName(state.me), kind: "person", bot: others[0] || state.me, purpose: "", joined: true, newest: one.newest });
  }
  return { rooms, directs };
}

const seenKey = place => `${state.me} ${place.id}`;
export const markSeen = place => { state.seen[seenKey(place)] = place.newest?.ts; };
const unread = place => place.newest && place.joined && place.newest.user !== state.me && place.id !== state.channel && Number(place.newest.ts) > Number(state.seen[seenKey(place)] || state.began || 0);

export function drawSidebar(root, { rooms, directs }, go) {
  const refocus = keepFocus("data-name", root);
  const known = root.known || new Map();
  root.known = new Map();
  const kept = (key, content, render) => {
    const old = known.get(key);
    const entry = old?.content === content ? old : { content, element: render() };
    root.known.set(key, entry);
    return entry.element;
  };
  const row = place => {
    const here = place.id === state.channel;
    const fresh = unread(place);
    return kept(place.id, JSON.stringify([place.name, place.kind, here, fresh]), () => make("button", { type: "button", "data-name": place.name, class: fresh ? "unread" : undefined, "aria-current": here ? "page" : undefined, onclick: () => go({ channel: place.id, thread: null, tab: "messages" }) },
      make("span", { class: "sign" }, place.bot ? avatar(place.name, place.bot, "tiny") : icon(place.kind === "private" ? "lock" : "hash", 16)),
      make("span", { class: "name", text: place.name }), place.app && make("span", { class: "badge", text: "APP" }),
      fresh && make("span", { class: "fresh", role: "img", "aria-label": "new messages" })));
  };
  const title = text => kept(`title ${text}`, text, () => make("h2", { text }));
  arrange(root, [title("Channels"), ...rooms.map(row), ...(directs.length ? [title("Direct messages and apps"), ...directs.map(row)] : [])]);
  refocus();
}

// The switch between people, and what the one chosen may do.
export function drawPerson(select, note, picture) {
  const everybody = people();
  if (select.options.length !== everybody.length) select.replaceChildren(...everybody.map(one => make("option", { value: one.id, text: `${userName(one.id)} · ${standing(one)}` })));
  select.value = state.me;
  picture.replaceChildren(avatar(userName(state.me), state.me));
  note.textContent = { admin: "Administers the workspace", guest: "Sees only the channels they are in", external: "From another company: sees what is shared", member: "Sees all public channels" }[standing(user(state.me))];
}
