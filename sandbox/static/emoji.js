// Emoji: a few are drawn, since not every system has the letters for them; the others are letters, or their names.

import { icon } from "./icons.js";
import { make } from "./making.js";

const DRAWN = { thumbsup: "up", "+1": "up", thumbsdown: "down", "-1": "down", white_check_mark: "check", heavy_check_mark: "check", heart: "heart", eyes: "eye", star: "star" };

const LETTERS = {
  smile: "😄", slightly_smiling_face: "🙂", joy: "😂", thinking_face: "🤔", pray: "🙏", clap: "👏", wave: "👋", raised_hands: "🙌",
  tada: "🎉", rocket: "🚀", fire: "🔥", bulb: "💡", memo: "📝", book: "📖", books: "📚", mag: "🔍", lock: "🔒", link: "🔗",
  warning: "⚠️", x: "❌", question: "❓", hourglass: "⌛", hourglass_flowing_sand: "⏳", bell: "🔔", calendar: "📅", page_facing_up: "📄",
};

// What one may react with, from the menu of a message.
export const REACTIONS = ["thumbsup", "thumbsdown", "white_check_mark", "heart", "eyes", "star"];

export const spoken = name => name.replace(/^\+1$/, "thumbsup").replace(/^-1$/, "thumbsdown").replace(/_/g, " ");

export function emoji(name, unicode) {
  if (DRAWN[name]) return make("span", { class: `emoji ${DRAWN[name]}`, role: "img", "aria-label": spoken(name) }, icon(DRAWN[name], 18));
  const letters = unicode ? String.fromCodePoint(...unicode.split("-").map(code => parseInt(code, 16))) : LETTERS[name];
  return letters ? make("span", { class: "emoji", role: "img", "aria-label": spoken(name), text: letters }) : document.createTextNode(`:${name}:`);
}
