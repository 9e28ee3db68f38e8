// What the page knows and whom it asks: the state, the control API, names.

export const state = { me: null, channel: null, thread: null, tab: "messages", version: 0, world: null, seen: {}, votes: {}, drafts: {} };

export async function call(verb, given = {}) {
  const reply = await fetch(`/control/${verb}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given),
  });
  const answer = await reply.json();
  if (!reply.ok) throw new Error([answer.error, ...(answer.messages || [])].join(": "));
  return answer;
}

// Do something; what goes wrong is shown for a while.
export async function act(action) {
  try { return await action(); } catch (error) { toast(error.message); return undefined; }
}

// An app that does not answer in three seconds is told of, as Slack does beside a button.
export async function interact(verb, given) {
  const answer = await act(() => call(verb, { user: state.me, ...given }));
  if (answer && answer.outcome && answer.outcome !== "acknowledged") toast("The app did not answer. Try again.");
  return answer;
}

export function toast(text) {
  const shown = document.getElementById("toast");
  shown.textContent = text;
  shown.hidden = false;
  // On top of a modal, too.
  if (shown.matches(":popover-open")) shown.hidePopover();
  shown.showPopover();
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { shown.hidePopover(); shown.hidden = true; }, 5000);
}

export const user = id => state.world.users.find(one => one.id === id) || { id, name: id, real_name: id };
export const userName = id => { const one = user(id); return one.real_name || one.profile?.real_name || one.name; };
export const handle = id => user(id).name;
export const channelName = id => (state.world.channels.find(one => one.id === id) || {}).name || id;
export const groupName = id => (state.world.usergroups.find(one => one.id === id) || { handle: id }).handle;
export const app = () => state.world.apps[0] || { name: "The app", commands: [], shortcuts: [] };
export const people = () => state.world.users.filter(one => !one.is_bot && !one.deleted && one.id !== "USLACKBOT");
export const standing = one => one.is_admin ? "admin" : one.is_restricted ? "guest" : one.is_stranger ? "external" : "member";
