// What the page knows and whom it asks: the state, the control API, names.

export const state = { me: null, channel: null, thread: null, tab: "messages", version: 0, world: null, seen: {}, votes: {} };

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

export function toast(text) {
  const shown = document.getElementById("toast");
  shown.textContent = text;
  shown.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { shown.hidden = true; }, 5000);
}

export const user = id => state.world.users.find(one => one.id === id) || { id, name: id, real_name: id };
export const userName = id => { const one = user(id); return one.real_name || one.profile?.real_name || one.name; };
export const channelName = id => (state.world.channels.find(one => one.id === id) || { name: id }).name;
export const app = () => state.world.apps[0];
