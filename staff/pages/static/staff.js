// What every staff page gets a little nicer by: a form is sent once, and the first thing that is wrong is in view.
// Rooms listen to `ingang:changed` on the document: something has happened since the page was drawn.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000); // a form whose answer is a file leaves the page as it is
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const wrong = document.querySelector(".wrongs, [aria-invalid='true']");
if (wrong) wrong.focus();

// The stream is shared by the tabs' pages only while they are looked at: a browser has few connections to one host.
let news = null;

function listen() {
  if (news || !document.body.classList.contains("inside") || document.hidden) return;
  news = new EventSource("/personal/handelser");
  // "hello" too: something may have happened between the drawing of the page and the opening of the stream.
  for (const word of ["hello", "changed"]) {
    news.addEventListener(word, (event) => {
      document.dispatchEvent(new CustomEvent("ingang:changed", { detail: event.data }));
    });
  }
  news.addEventListener("ended", () => {
    news.close();
    location.reload();
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    if (news) news.close();
    news = null;
  } else {
    listen();
    document.dispatchEvent(new CustomEvent("ingang:changed"));
  }
});

listen();
