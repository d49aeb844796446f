// The inbox by itself: when something has happened the list is fetched and what differs is put in its place. A card that
// somebody writes in keeps the words and the place of the cursor; what is new is told to those who listen.

const place = document.getElementById("inkorg");
const told = document.getElementById("nytt");
const APART = 1500; // milliseconds between two looks: a talk that goes on is not fetched for every word of it
let busy = false;
let again = false;
let last = 0;

function kept(card) {
  const box = card.querySelector("textarea");
  if (!box || (!box.value && document.activeElement !== box)) return null;
  return { text: box.value, from: box.selectionStart, to: box.selectionEnd, focused: document.activeElement === box };
}

function giveBack(card, was) {
  const box = card.querySelector("textarea");
  if (!was || !box) return;
  box.value = was.text;
  box.closest("details").open = true;
  if (was.focused) {
    box.focus({ preventScroll: true });
    box.setSelectionRange(was.from, was.to);
  }
}

function focusedIn(card) {
  const at = document.activeElement;
  return at && card.contains(at) ? [...card.querySelectorAll("a, button, summary, textarea")].indexOf(at) : -1;
}

function put(fresh) {
  const list = document.getElementById("lista");
  const old = new Map([...list.children].map((each) => [each.dataset.key, each]));
  const news = [];
  const wanted = [...fresh.children];
  for (const card of wanted) {
    const before = old.get(card.dataset.key);
    if (before && before.dataset.mark === card.dataset.mark && card.dataset.mark) {
      card.replaceWith(before);
    } else if (before) {
      const [was, at] = [kept(before), focusedIn(before)];
      card.was = { was, at };
    } else if (card.dataset.name) {
      news.push(card.dataset.name);
    }
  }
  // A card that is written in, and is gone from the list, stays until the words are sent or taken away.
  for (const [key, card] of old) {
    if (!fresh.querySelector(`[data-key="${CSS.escape(key)}"]`) && kept(card)) fresh.prepend(card);
  }
  list.replaceWith(fresh);
  for (const card of fresh.children) {
    if (!card.was) continue;
    giveBack(card, card.was.was);
    const reachable = card.querySelectorAll("a, button, summary, textarea");
    if (card.was.at >= 0 && document.activeElement === document.body && reachable[card.was.at]) {
      reachable[card.was.at].focus({ preventScroll: true });
    }
  }
  return news;
}

function tell(count, news) {
  const rest = document.title.replace(/^\(\d+\) /, "");
  document.title = count > 0 ? `(${count}) ${rest}` : rest;
  if (news.length) told.textContent = `Nytt i inkorgen: ${news.join("; ")}`;
}

async function look() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  const wait = last + APART - Date.now();
  if (last && wait > 0) await new Promise((done) => setTimeout(done, wait));
  last = Date.now();
  try {
    const asked = new URLSearchParams(location.search);
    asked.set("sett", document.getElementById("lista").dataset.seen);
    const answer = await fetch(`${place.dataset.from}?${asked}`, { headers: { Accept: "text/html" } });
    if (answer.status === 200 && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("lista");
      const active = document.activeElement;
      const news = put(fresh);
      if (active && active !== document.activeElement && document.contains(active)) active.focus({ preventScroll: true });
      tell(Number(fresh.dataset.count), news);
    }
  } catch {
    // The connection is gone: the next word of change, or a reload, tries again.
  } finally {
    busy = false;
    if (again) {
      again = false;
      look();
    }
  }
}

if (place) document.addEventListener("ingang:changed", look);
