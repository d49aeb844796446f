// How far a release has come, by itself: the part of the page that changes is fetched when something has happened, and
// the seconds that are left to undo are counted. Without this the page says the clock, and a reload tells the rest.

const place = document.getElementById("utskick");
let busy = false;
let ends = 0;

function part() {
  return document.getElementById("lage");
}

function begin() {
  const left = Number(part().dataset.left);
  ends = left > 0 ? Date.now() + left * 1000 : 0;
}

function count() {
  const said = document.querySelector("#kvar .left");
  if (!ends || !said) return;
  const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
  said.textContent = `Om ${Math.floor(left / 60)} min ${left % 60} s.`;
  if (left === 0) {
    ends = 0;
    look();
  }
}

async function look() {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(place.dataset.from, { headers: { Accept: "text/html" } });
    if (answer.status === 200 && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("lage");
      const old = part();
      const at = document.activeElement && old.contains(document.activeElement) ? document.activeElement.textContent : "";
      old.replaceWith(fresh);
      if (at) [...fresh.querySelectorAll("button")].find((each) => each.textContent === at)?.focus();
      begin();
    }
  } catch {
    // The connection is gone: the next word of change, or a reload, tries again.
  } finally {
    busy = false;
  }
}

if (place) {
  begin();
  setInterval(count, 1000);
  document.addEventListener("ingang:changed", look);
}
