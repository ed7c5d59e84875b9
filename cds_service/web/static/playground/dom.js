// Elements made of text: whatever stands in a request or an answer is shown as it is and never run.
export const $ = (id) => document.getElementById(id);

// make("p", "text"), make("p.quiet", {role: "status"}, child, "text"); of the attributes null and false are left out.
export const make = (kind, ...parts) => {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const part of parts.flat()) {
    if (part === null || part === undefined || part === false) continue;
    if (part instanceof Node || typeof part !== "object") element.append(part);
    else for (const [name, value] of Object.entries(part)) set(element, name, value);
  }
  return element;
};

const set = (element, name, value) => {
  if (typeof value === "function") element.addEventListener(name, value);
  else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
};

export const fill = (element, ...parts) => element.replaceChildren(...parts.flat().filter((part) => part));

// HTML that this service has rendered and made safe.
export const rendered = (html) => [...new DOMParser().parseFromString(html, "text/html").body.childNodes];

export const counted = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

// A link only to the web; anything else stays text.
export const link = (label, url) =>
  /^https?:\/\//i.test(url || "") ? make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label) : label;
