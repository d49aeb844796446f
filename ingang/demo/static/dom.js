// Building and mending the page. Text only ever becomes text nodes: nothing here reads markup.

export const $ = (selector, from = document) => from.querySelector(selector);
export const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

/** Make an element: el("p", "note", "text", child, ...). */
export function el(tag, className = "", ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside.filter((each) => each !== null && each !== undefined && each !== ""));
  return made;
}

/** Mark which of several is shown now. */
export function current(element, on) {
  if (on) element.setAttribute("aria-current", "true");
  else element.removeAttribute("aria-current");
}

/** Make a button that does something when pressed. */
export function button(className, label, pressed) {
  const made = el("button", className, label);
  made.type = "button";
  made.addEventListener("click", pressed);
  return made;
}

/**
 * Let a list's children be these items, in this order, changing only what differs: focus, scrolling and what a screen
 * reader has already said stay as they are. Returns how many children are new.
 */
export function mend(list, items, key, draw) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let fresh = 0;
  let at = list.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const looks = JSON.stringify(item);
    let child = known.get(name);
    known.delete(name);
    if (!child || child.dataset.looks !== looks) {
      const drawn = draw(item);
      drawn.dataset.key = name;
      drawn.dataset.looks = looks;
      if (child) {
        if (child === at) at = child.nextElementSibling;
        const focused = child.contains(document.activeElement);
        child.replaceWith(drawn);
        if (focused) (drawn.matches("button, a") ? drawn : $("button, a", drawn))?.focus();
      } else {
        fresh += 1;
        list.insertBefore(drawn, at);
      }
      child = drawn;
    } else if (child === at) {
      at = at.nextElementSibling;
    } else {
      list.insertBefore(child, at);
    }
  }
  for (const gone of known.values()) gone.remove();
  return fresh;
}

/** Fill a list, and show the line that says it is empty when it is. */
export function fill(list, items, key, draw) {
  const fresh = mend(list, items, key, draw);
  const nothing = list.parentElement.querySelector(":scope > .nothing");
  if (nothing) nothing.hidden = items.length > 0;
  return fresh;
}

const OURS = `${location.origin}/d/`;

/** Text as nodes, with the addresses of our own that may stand in it as links. */
export function linked(text) {
  return text.split(OURS).flatMap((part, at) => {
    if (!at) return [part];
    const name = /^[\w-]*/.exec(part)[0];
    const link = el("a", "", OURS + name);
    link.href = `/d/${name}`;
    link.target = "_blank";
    return [link, part.slice(name.length)];
  });
}

const SVG = "http://www.w3.org/2000/svg";

/** Draw a line icon from a path. */
export function icon(path) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawn.append(line);
  return drawn;
}
