// The demo's page: fetches what the store says and shows it, whenever something has changed.

import * as api from "./api.js";
import { $, $$, current, el, fill } from "./dom.js";
import * as phones from "./phones.js";
import * as staff from "./staff.js";

let shown = false;
let asking = null;
let again = false;

/** Fetch and show everything; calls that come meanwhile are answered by one more round. */
function refresh() {
  if (asking) {
    again = true;
    return asking;
  }
  asking = (async () => {
    try {
      do {
        again = false;
        const person = staff.opened();
        show(await api.state(person), person);
      } while (again);
    } finally {
      asking = null;
    }
  })();
  return asking;
}

function show(now, person) {
  $("#now").textContent = now.clock.text;
  $("#now").dateTime = now.clock.iso;
  $("#reads").textContent = now.clock.reads;
  phones.show(now.phones, !shown);
  staff.show(now, person, !shown);
  fill($(".events"), now.happened, (each) => each.id, event);
  fill($(".plans"), now.coming.map((each, at) => ({ ...each, key: `${at}` })), (each) => each.key, plan);
  const count = $("#open-count");
  count.textContent = now.inbox.length;
  count.hidden = !now.inbox.length;
  shown = true;
}

function event(each) {
  const done = el("ul", "done");
  const row = (sort, label, text, more) => done.append(el("li", sort, el("span", "tag", label), el("span", "", text, more)));
  if (each.read) row("rule", "Läst som", each.read);
  each.rules.forEach((text) => row("rule", "Regel", text));
  each.stored.forEach((text) => row("stored", "Sparat", text));
  if (each.sealed) row("stored", "Sparat", "Meddelandet, krypterat med en egen nyckel: ", el("code", "", `${each.sealed} …`));
  each.answers.forEach((answer) => row("queued", answer.state || "i kö", answer.text));
  const said = each.said ? el("p", "quote", each.said) : null;
  return el("li", "event", el("p", "meta", `${each.phone} · ${each.at}`), said, done);
}

function plan(each) {
  return el("li", "", el("p", "meta", `${each.at} · ${each.where}`), el("p", "", each.what));
}

function views() {
  for (const pick of $$(".views button")) {
    pick.addEventListener("click", () => {
      document.body.dataset.view = pick.dataset.view;
      $$(".views button").forEach((each) => current(each, each === pick));
      scrollTo({ top: 0 });
    });
  }
}

function clock() {
  const steps = $$(".step");
  for (const step of steps) {
    step.addEventListener("click", async () => {
      steps.forEach((each) => (each.disabled = true));
      try {
        await api.post("/demo/clock", step.dataset.to ? { to: step.dataset.to } : { minutes: Number(step.dataset.minutes) });
        await refresh();
      } catch (fault) {
        $("#reads").textContent = fault instanceof api.Refused ? fault.message : "Klockan gick inte att flytta just nu.";
      } finally {
        steps.forEach((each) => (each.disabled = false));
        step.focus();
      }
    });
  }
}

views();
clock();
phones.start(refresh);
staff.start(refresh);
api.listen(
  () => refresh().catch(() => {}),
  (there) => {
    $(".lost").hidden = there;
  },
);
refresh().catch(() => {});
