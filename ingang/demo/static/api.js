// Talking with the program. A message carries an id of its own, so that sending it again changes nothing.

export class Refused extends Error {}

export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Post JSON. Throws Refused with what is wrong, or TypeError when there is no contact. */
export async function post(path, data = {}) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(data),
  });
  if (answer.ok) return answer.json();
  if (answer.status === 503) throw new TypeError("not now");
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.detail ?? "Det gick inte.");
}

/** Post until it has come in: the program may be away for a moment. `waiting` is called when it is. */
export async function postUntilKept(path, data, waiting) {
  for (;;) {
    try {
      return await post(path, data);
    } catch (fault) {
      if (fault instanceof Refused) throw fault;
      waiting();
      await new Promise((go) => setTimeout(go, 1200));
    }
  }
}

export async function state(person) {
  const answer = await fetch(person ? `/demo/state?person=${encodeURIComponent(person)}` : "/demo/state");
  if (!answer.ok) throw new TypeError("not now");
  return answer.json();
}

/** Call `changed` when there is something new, and `contact(true|false)` when the program comes and goes. */
export function listen(changed, contact) {
  let events = null;
  let away = null;
  const begin = () => {
    events = new EventSource("/demo/events");
    events.addEventListener("changed", changed);
    events.onopen = () => {
      clearTimeout(away);
      contact(true);
      changed();
    };
    events.onerror = () => {
      clearTimeout(away);
      away = setTimeout(() => contact(false), 800);
      if (events.readyState === EventSource.CLOSED) setTimeout(begin, 1500);
    };
  };
  begin();
}
