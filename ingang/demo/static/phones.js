// The three phones. What they show is what the store says was sent; what is typed goes in by the same door as for anyone.

import { Refused, newId, post, postUntilKept } from "./api.js";
import { $, $$, button, current, el, icon, linked, mend } from "./dom.js";

const MIC = "M12 4a2.5 2.5 0 0 0-2.5 2.5v5a2.5 2.5 0 0 0 5 0v-5A2.5 2.5 0 0 0 12 4M6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3";
const FROM = { me: "Du", bot: "Boten", staff: "En av oss" };
const FINGER = matchMedia("(pointer: coarse)");

let refresh = () => {};
const sending = { sms: Promise.resolve(), telegram: Promise.resolve(), web: Promise.resolve() };
const pending = { sms: [], telegram: [], web: [] };
const latest = {};

export function start(refreshed) {
  refresh = refreshed;
  for (const phone of $$(".phone")) {
    const key = phone.dataset.phone;
    const box = $("input", phone);
    $(".write", phone).addEventListener("submit", (event) => {
      event.preventDefault();
      const text = box.value;
      if (!text.trim()) return;
      box.value = "";
      send(key, { text }, text);
    });
    $(".begin", phone).addEventListener("click", () => {
      send(key, { begin: true }, "");
      if (!FINGER.matches) box.focus();
    });
    $(".renew", phone).addEventListener("click", async () => {
      await post(`/demo/phones/${key}/renew`).catch(() => {});
      await refresh();
      if (!FINGER.matches) box.focus();
    });
  }
  carousel();
}

/** Send from a phone, one after the other, again until it is kept. */
function send(key, content, text) {
  const message = { id: newId(), ...content };
  const mine = { id: `p-${message.id}`, who: "me", text, note: "", buttons: [], clock: "", day: "", label: "skickas" };
  if (text) pending[key].push(mine);
  draw(key);
  fault(key, "");
  sending[key] = sending[key].then(async () => {
    try {
      await postUntilKept(`/demo/phones/${key}/messages`, message, () => {
        mine.label = "väntar på kontakt";
        draw(key);
      });
      await refresh().catch(() => {});
    } catch (why) {
      fault(key, why instanceof Refused ? why.message : "Det gick inte att skicka.");
    } finally {
      pending[key] = pending[key].filter((each) => each !== mine);
      draw(key);
    }
  });
}

function fault(key, text) {
  const line = $(`[data-phone="${key}"] .fault`);
  line.textContent = text;
  line.hidden = !text;
}

export function show(phones, first) {
  for (const [key, phone] of Object.entries(phones)) {
    latest[key] = phone;
    draw(key);
    receipts(key, phone);
    if (first) $(`[data-phone="${key}"] .talk`).setAttribute("aria-live", "polite");
  }
}

/** The SMS phone tells, as an operator does, that a message has come. */
function receipts(key, phone) {
  if (key !== "sms") return;
  const ids = phone.messages.filter((each) => each.who !== "me" && each.state !== "delivered").map((each) => each.id);
  if (ids.length) post(`/demo/phones/${key}/received`, { ids }).catch(() => {});
}

function draw(key) {
  const phone = $(`[data-phone="${key}"]`);
  const now = latest[key];
  if (!now) return;
  const own = $(".own", phone);
  if (own) own.textContent = now.address;
  const talk = $(".talk", phone);
  const atEnd = pending[key].length > 0 || talk.scrollHeight - talk.scrollTop - talk.clientHeight < 160;
  const began = now.began || pending[key].length > 0;
  $(".begin", phone).hidden = began || key === "sms";
  $(".write", phone).hidden = !began && key !== "sms";
  const focused = talk.contains(document.activeElement) && document.activeElement !== talk;
  const fresh = mend(talk, lines(now.messages, pending[key]), (line) => line.id, (line) => drawn(key, line));
  if (focused && !talk.contains(document.activeElement) && !FINGER.matches) $("input", phone).focus();
  chips(key, phone, now, began);
  if (atEnd && fresh) talk.scrollTop = talk.scrollHeight;
}

/** Messages, with a line for each new day. */
function lines(messages, waiting) {
  const all = [];
  let day = "";
  for (const each of messages) {
    if (each.day !== day) all.push({ id: `d-${each.day}-${each.id}`, day: (day = each.day), divider: true });
    const { state, label, ...rest } = each;
    all.push(each.who === "me" ? { ...rest, label } : rest);
  }
  return [...all, ...waiting];
}

function drawn(key, line) {
  if (line.divider) return el("div", "divider", line.day);
  const item = el("div", `line ${line.who}${line.pressed ? " pressed" : ""}`);
  if (line.note) item.append(el("p", "note", line.note));
  if (line.text) {
    const said = el("p", "said", el("span", "seen-by-readers", `${FROM[line.who]}: `), ...linked(line.text));
    if (line.clock) said.append(el("span", "clock", line.clock));
    item.append(said);
  }
  if (line.who === "staff" && key === "web") item.append(el("p", "note", "En av oss skrev det här"));
  if (line.label) item.append(el("p", "note waiting", line.label));
  if (line.buttons.length) {
    const short = line.buttons.length > 6 && line.buttons[0].label.length < 3;
    const keys = el("div", short ? "keys numbers" : "keys");
    for (const each of line.buttons) keys.append(button("key", each.label, () => send(key, { button: each.value }, "")));
    item.append(keys);
  }
  return item;
}

function chips(key, phone, now, began) {
  const row = $(".chips", phone);
  const wanted = began || key === "sms" ? [...now.suggest.map((text) => ({ text })), ...(began ? [{ voice: true }] : [])] : [];
  const focused = row.contains(document.activeElement);
  const fresh = mend(row, wanted, (each) => each.text ?? "voice", (each) => {
    if (each.voice) return button("chip voice", el("span", "", icon(MIC), "Röstmeddelande"), () => send(key, { kind: "voice" }, ""));
    return button("chip", each.text, () => send(key, { text: each.text }, each.text));
  });
  row.hidden = !wanted.length;
  if (fresh) row.scrollLeft = 0;
  if (focused && !row.contains(document.activeElement)) (FINGER.matches ? row : $("input", phone)).focus();
}

/** On a small screen the phones stand side by side and one shows: swipe, or press its name. */
function carousel() {
  const shelf = $(".shelf");
  const picks = $$("[data-pick]");
  const mark = (key) => picks.forEach((each) => current(each, each.dataset.pick === key));
  for (const pick of picks) {
    pick.addEventListener("click", () => {
      const phone = $(`[data-phone="${pick.dataset.pick}"]`);
      shelf.scrollTo({ left: phone.offsetLeft - shelf.offsetLeft, behavior: "smooth" });
    });
  }
  const watching = new IntersectionObserver(
    (seen) => seen.forEach((each) => each.isIntersecting && mark(each.target.dataset.phone)),
    { root: shelf, threshold: 0.6 },
  );
  $$(".phone").forEach((phone) => watching.observe(phone));
}
