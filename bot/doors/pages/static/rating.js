// The true form of a rating: a line of 10 cm to mark on, with nothing marked from the start.
// Without this script each question has a field for a number. The field is what is sent in both cases.

const form = document.querySelector("form.items");
const how = form.querySelector('input[name="how"]');
const PAGE = 10; // tenths
const END = 100;
const WORDS = JSON.parse(form.dataset.words);

function show(inside, shown) {
  for (const part of inside) part.hidden = !shown;
}

function written(tenths) {
  return `${Math.floor(tenths / 10)}${WORDS.decimal}${tenths % 10}`;
}

function tenthsOf(text) {
  const found = /^(\d{1,2})(?:[.,](\d))?$/.exec(text.trim());
  if (!found) return null;
  const tenths = Number(found[1]) * 10 + Number(found[2] ?? 0);
  return tenths <= END ? tenths : null;
}

function drawLine(item) {
  const line = item.querySelector(".line");
  const range = line.querySelector("input");
  const typed = item.querySelector('input[type="text"]');
  const state = item.querySelector(".state span");
  const away = item.querySelector(".again");
  let mark = null;

  function set(tenths) {
    mark = tenths === null ? null : Math.min(END, Math.max(0, tenths));
    range.classList.toggle("unmarked", mark === null);
    range.value = String((mark ?? END / 2) / 10);
    range.setAttribute("aria-valuetext", mark === null ? WORDS.none : WORDS.of_ten.replace("{mark}", written(mark)));
    typed.value = mark === null ? "" : written(mark);
    state.textContent = mark === null ? WORDS.not_marked : WORDS.marked;
    away.hidden = mark === null;
  }

  function at(event) {
    const box = line.getBoundingClientRect();
    set(Math.round(((event.clientX - box.left) / box.width) * END));
  }

  // The first key comes from the end that it points away from: no mark is given by anything else than a choice.
  const moves = {
    ArrowRight: () => (mark ?? 0) + 1,
    ArrowUp: () => (mark ?? 0) + 1,
    ArrowLeft: () => (mark ?? END) - 1,
    ArrowDown: () => (mark ?? END) - 1,
    PageUp: () => (mark ?? 0) + PAGE,
    PageDown: () => (mark ?? END) - PAGE,
    Home: () => 0,
    End: () => END,
    Delete: () => null,
    Backspace: () => null,
  };

  range.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (/^\d$/.test(event.key)) {
      event.preventDefault();
      set(Number(event.key) * 10);
    } else if (moves[event.key]) {
      event.preventDefault();
      set(moves[event.key]());
    }
  });
  // Fingers and pointers mark where they touch; reading aids change the value by themselves.
  range.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    range.focus({ preventScroll: true });
    range.setPointerCapture(event.pointerId);
    at(event);
  });
  range.addEventListener("pointermove", (event) => {
    if (range.hasPointerCapture(event.pointerId)) at(event);
  });
  range.addEventListener("input", () => set(Math.round(Number(range.value) * 10)));
  away.addEventListener("click", () => {
    set(null);
    range.focus();
  });

  set(tenthsOf(typed.value));
  show(item.querySelectorAll(".by-line"), true);
  show(item.querySelectorAll(".by-number, .zero"), false);
}

const items = [...form.querySelectorAll(".item")].filter((item) => item.querySelector(".line"));
const readable = items.every((item) => {
  const text = item.querySelector('input[type="text"]').value;
  return !text.trim() || tenthsOf(text) !== null;
});
if (readable) {
  items.forEach(drawLine);
  how.value = "line";
  show(document.querySelectorAll("p.by-line:not(.state)"), true);
  show(document.querySelectorAll("p.by-number"), false);
}

// Nothing that was filled in is shown again by the back button: what a browser kept of the page is fetched anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Pressed twice it is sent once.
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
