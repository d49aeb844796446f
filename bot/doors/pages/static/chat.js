// The web chat, nicer: no page is drawn anew, and an answer appears when it comes.
// Everything here also works without this script. What people wrote only ever becomes text nodes.

const chat = document.querySelector(".chat");
const talk = document.querySelector("#samtal");
const form = document.querySelector("#skriv");
const box = form.querySelector("textarea");
const wrong = document.querySelector(".wrong");
const WORDS = JSON.parse(chat.dataset.words);
const LANG = document.documentElement.lang;

let mark = chat.dataset.mark;
let events = null;
let fetching = false;
let again = false;

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.append(text);
  return made;
}

const INFO = `${location.origin}/d/info`;

function linked(text) {
  return text.split(INFO).flatMap((part, at) => {
    if (!at) return [part];
    const link = make("a", "", INFO);
    link.href = `/d/info?lang=${LANG}`;
    return [link, part];
  });
}

function drawn(line) {
  const item = make("div", `line ${line.who}`);
  item.dataset.id = line.id;
  if (line.note) item.append(make("p", "note", line.note));
  if (line.text) {
    const said = make("p", "said");
    said.append(make("span", "seen-by-readers", `${WORDS[line.who]}: `), ...linked(line.text));
    item.append(said);
  }
  const from = line.who === "staff" ? `${WORDS.staff}, ` : "";
  item.append(make("p", "when", from + line.moment));
  if (line.buttons.length) {
    const choices = make("form", "choices");
    for (const each of line.buttons) {
      const button = make("button", "button plain", each.label);
      button.name = "button";
      button.value = each.value;
      choices.append(button);
    }
    item.append(choices);
  }
  return item;
}

function show(lines) {
  const known = new Set([...talk.children].map((item) => item.dataset.id));
  talk.querySelectorAll(".choices").forEach((old) => old.remove());
  let fresh = null;
  for (const line of lines) {
    if (known.has(line.id)) {
      if (line.buttons.length) talk.querySelector(`[data-id="${line.id}"]`).replaceWith(drawn(line));
    } else {
      fresh = drawn(line);
      talk.append(fresh);
    }
  }
  fresh?.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

async function look() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(`/chatt/messages?mark=${encodeURIComponent(mark)}`);
    const data = await answer.json();
    if (data.lang && data.lang !== LANG) {
      location.replace("/chatt"); // another language was chosen in the talk: the page follows
      return;
    }
    if (data.changed) {
      mark = data.mark;
      show(data.messages);
    }
    say("");
  } finally {
    fetching = false;
    if (again) {
      again = false;
      look();
    }
  }
}

function listen() {
  events?.close();
  events = new EventSource("/chatt/events");
  events.addEventListener("changed", look);
}

function say(text) {
  wrong.textContent = text;
  wrong.hidden = !text;
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(fields) {
  const message = { id: newId(), start: chat.dataset.start, lang: LANG, ...fields };
  for (const wait of [0, 1000, 2000, 3000, 5000, 8000, 12000]) {
    await new Promise((go) => setTimeout(go, wait));
    let answer;
    try {
      answer = await fetch("/chatt/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(message),
      });
    } catch {
      say(WORDS.no_contact);
      continue; // the same id may be sent again without harm
    }
    if (answer.ok) {
      say("");
      listen();
      await look();
      return true;
    }
    const told = await answer.json().catch(() => ({}));
    say(answer.status === 429 ? told.detail : WORDS.not_sent);
    if (answer.status !== 503) return false;
  }
  say(WORDS.not_sent);
  return false;
}

document.addEventListener("submit", async (event) => {
  const pressed = event.submitter;
  if (event.target === form) {
    event.preventDefault();
    const text = box.value;
    if (!text.trim()) return;
    box.value = "";
    if (!(await send({ text }))) box.value ||= text;
    box.focus();
  } else if (pressed?.name === "button") {
    event.preventDefault();
    pressed.disabled = true;
    await send({ button: pressed.value });
    box.focus();
  } else if (pressed?.name === "begin") {
    event.preventDefault();
    if (await send({ begin: "1" })) {
      document.querySelector(".before").remove();
      document.querySelectorAll(".language").forEach((link) => link.remove()); // from now on the talk's own language holds
      form.hidden = false;
      document.querySelector(".leave").hidden = false;
      box.focus();
    }
  }
});

box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

if (mark) {
  listen();
  talk.lastElementChild?.scrollIntoView({ block: "nearest" });
}
