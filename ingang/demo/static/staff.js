// What staff see: the inbox, the sign-ups, one person's page with an answer box, and the work device.

import { Refused, newId, post } from "./api.js";
import { $, $$, button, el, fill, mend } from "./dom.js";

let refresh = () => {};
let open = sessionStorage.getItem("person") ?? "";
let drawnFor = "";

export const opened = () => open;

export function start(refreshed) {
  refresh = refreshed;
  const tabs = $$('[role="tab"]');
  const choose = (tab) => {
    for (const each of tabs) {
      const on = each === tab;
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      $(`#${each.getAttribute("aria-controls")}`).hidden = !on;
    }
  };
  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
      const other = tabs[(tabs.indexOf(tab) + step) % tabs.length];
      choose(other);
      other.focus();
    });
  }
}

/** Show the staff side. `asked` is the person that `now` was asked for: meanwhile another may have been opened. */
export function show(now, asked, first) {
  $("#inbox-count").textContent = now.inbox.length;
  $("#referral-count").textContent = now.referrals.filter((each) => !each.answered).length;
  $("#meeting-count").textContent = now.meetings.filter((each) => each.ahead).length;
  fill($("#meetings .items"), now.meetings, (each) => each.id, meeting);
  fill($("#inbox .items"), now.inbox, (each) => each.id, item);
  fill($("#referrals .items"), now.referrals, (each) => each.id, referral);
  fill($(".alarms"), now.device, (each) => each.id, alarm);
  if (first) $(".alarms").setAttribute("aria-live", "assertive");
  if (asked !== open) return;
  if (open && !now.person) close();
  $(".lists").hidden = Boolean(open);
  $(".person").hidden = !open;
  if (open) person(now.person);
}

function item(each) {
  const tags = el("span", "tags", el("span", `tag ${each.urgent ? "urgent" : each.kind}`, each.title));
  if (each.taken) tags.append(el("span", "tag taken", each.taken));
  return card(each, tags, each.note, `${each.waited}${each.promise ? ` · ${each.promise}` : ""}`);
}

function referral(each) {
  const tags = el("span", "tags", el("span", `tag ${each.answered ? "done" : "referral"}`, each.answered ? "Besvarad" : "Ny anmälan"));
  if (!each.complete) tags.append(el("span", "tag taken", "skickad med KLAR"));
  return card(each, tags, [each.place, each.channel, each.source].filter(Boolean).join(" · "), `${each.at}${each.promise ? ` · ${each.promise}` : ""}`);
}

function meeting(each) {
  const tags = el("span", "tags", el("span", `tag ${each.tag}`, each.standing));
  return card(each, tags, each.what, `${each.when} · ${each.since}`);
}

function card(each, tags, note, meta) {
  const inside = el("button", "open", el("span", "row", el("strong", "", each.name), tags), el("span", "about", note), el("span", "meta", meta));
  inside.type = "button";
  inside.disabled = !each.person;
  inside.addEventListener("click", () => enter(each.person));
  return el("li", `item${each.urgent ? " urgent" : ""}${each.late ? " late" : ""}`, inside);
}

function alarm(each) {
  return el("div", "alarm", el("p", "meta", `${each.who}s telefon · ${each.at}`), el("p", "", each.text));
}

async function enter(id) {
  open = id;
  sessionStorage.setItem("person", id);
  post(`/demo/people/${id}/open`).catch(() => {});
  await refresh();
  $(".person h3")?.focus({ preventScroll: true });
}

function close() {
  open = "";
  drawnFor = "";
  sessionStorage.removeItem("person");
}

// --- one person -------------------------------------------------------------------------------------------------------

function person(now) {
  const page = $(".person");
  if (drawnFor !== now.id) {
    drawnFor = now.id;
    page.replaceChildren(...frame(now.id));
  }
  $("h3", page).textContent = now.name;
  mend($(".flags", page), now.flags, (each) => each, (each) => el("li", "", each));
  mend($(".facts", page), now.facts, (each) => each[0], (each) => el("div", "", el("dt", "", each[0]), el("dd", "", each[1])));
  mend($(".todo", page), todo(now), (each) => each.id, task);
  mend($(".times", page), now.meetings, (each) => each.id, time);
  mend($(".with", page), now.staff.map((name) => ({ name })), (each) => each.name, (each) => el("option", "", each.name));
  const talk = $(".timeline", page);
  const atEnd = !talk.childElementCount || talk.scrollHeight - talk.scrollTop - talk.clientHeight < 120;
  const fresh = mend(talk, now.lines, (each) => each.id, line);
  if (fresh && atEnd) talk.scrollTop = talk.scrollHeight;
}

function frame(id) {
  const back = button("back", "‹ Tillbaka till listan", async () => {
    close();
    await refresh();
    $('[role="tab"][aria-selected="true"]').focus();
  });
  const name = el("h3", "");
  name.tabIndex = -1;
  const talk = el("div", "timeline");
  talk.tabIndex = 0;
  talk.setAttribute("role", "log");
  talk.setAttribute("aria-label", "Samtalet");
  return [back, name, el("ul", "flags"), el("dl", "facts"), el("ul", "todo"), el("ul", "times"), booking(id), talk, answer(id)];
}

/** One of the person's meetings, with what staff can do about it. */
function time(each) {
  const row = el("li", "", el("span", "", el("strong", "", each.when), ` ${each.what}`, el("span", `tag ${each.tag}`, each.standing)));
  const does = (label, deed) => button("small", label, async () => {
    await post(`/demo/meetings/${each.id}/${deed}`).catch(() => {});
    await refresh();
  });
  if (each.ahead) row.append(does("Vi kan inte", "cancel"));
  if (each.to_mark) row.append(does("Kom", "kom"), does("Kom inte", "uteblev"), does("Vi kom inte", "vi"));
  return row;
}

/** Book a walk, or let the bot ask which time suits. */
function booking(id) {
  const at = el("input", "");
  at.type = "datetime-local";
  at.required = true;
  at.setAttribute("aria-label", "Dag och tid för promenaden");
  const member = el("select", "with");
  member.setAttribute("aria-label", "Med");
  const fault = el("p", "fault");
  fault.setAttribute("role", "alert");
  fault.hidden = true;
  const tries = async (path, data) => {
    try {
      await post(path, data);
      fault.hidden = true;
    } catch (why) {
      fault.textContent = why instanceof Refused ? why.message : "Programmet svarar inte.";
      fault.hidden = false;
    }
    await refresh();
  };
  const form = el("form", "book", el("div", "fields", at, member, el("button", "small", "Boka promenad")), fault);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tries(`/demo/people/${id}/book`, { at: at.value, with: member.value });
  });
  $(".fields", form).append(button("small", "Låt boten fråga", () => tries(`/demo/people/${id}/offer`, {})));
  const fold = el("details", "", el("summary", "", "Boka en tid"), form);
  return fold;
}

function answer(id) {
  const label = el("label", "", "Skriv till personen, med dina egna ord");
  label.htmlFor = "staff-text";
  const box = el("textarea", "");
  box.id = "staff-text";
  box.rows = 2;
  const fault = el("p", "fault");
  fault.setAttribute("role", "alert");
  fault.hidden = true;
  const form = el("form", "answer", label, box, fault, el("button", "button", "Skicka"));
  let nonce = newId(); // the same words sent twice by a slip go out once
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!box.value.trim()) return;
    try {
      await post("/demo/say", { participant: id, text: box.value, id: nonce });
      nonce = newId();
      box.value = "";
      fault.hidden = true;
      await refresh();
      const talk = $(".timeline");
      talk.scrollTop = talk.scrollHeight;
    } catch (why) {
      fault.textContent = why instanceof Refused ? why.message : "Programmet svarar inte. Det du skrev står kvar.";
      fault.hidden = false;
    }
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  return form;
}

function todo(now) {
  const tasks = now.items.map((each) => ({ ...each, does: "item" }));
  return now.resting ? [...tasks, { id: "rest", does: "release", title: "Boten vilar" }] : tasks;
}

function task(each) {
  const row = el("li", each.urgent ? "urgent" : "", el("span", "", each.title, each.taken ? ` (${each.taken.toLowerCase()})` : ""));
  const does = (label, path) => button("small", label, async () => {
    await post(path).catch(() => {});
    await refresh();
  });
  if (each.does === "release") {
    row.append(does("Släpp boten", `/demo/people/${open}/release`));
    return row;
  }
  if (each.state === "open") row.append(does("Ta ärendet", `/demo/items/${each.id}/take`));
  row.append(does("Klart", `/demo/items/${each.id}/close`));
  return row;
}

function line(each) {
  const who = { person: "", bot: "Boten", staff: "Ni" }[each.who];
  const meta = [who, each.channel, each.at, each.state].filter(Boolean).join(" · ");
  const item = el("div", `spoken by-${each.who}${each.gone ? " gone" : ""}`, el("p", "words", each.text), el("p", "meta", meta));
  item.title = each.why;
  return item;
}
