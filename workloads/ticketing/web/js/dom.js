// Elements are made here and nowhere else, with text set as text: nothing that anyone wrote is ever read as HTML.

/** An element by id; a page without it is a defect. */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** A new element: its tag, its properties (`class`, `text`, `on...`, attributes) and its children. */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "text") made.textContent = value;
    else if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** An instant (ISO 8601) for people; as it came where it is none. */
export function moment(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : moments.format(at);
}
