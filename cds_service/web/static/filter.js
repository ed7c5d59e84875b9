// Hides what does not hold all words of a search field. Without it the page is whole, or the server searches.
const field = document.querySelector("[data-filters]");
const place = document.getElementById(field.dataset.filters);
const found = document.getElementById("found");
const items = [...place.querySelectorAll("[data-item]")].map((element) => ({
  element,
  text: element.textContent.toLowerCase(),
}));
const groups = [...place.querySelectorAll("[data-group]")].map((element) => ({
  element,
  title: element.querySelector("h2").textContent.toLowerCase(),
  items: items.filter((item) => element.contains(item.element)),
  details: element.querySelector("details[data-codes]"),
}));
const parts = [...place.querySelectorAll("[data-part]")];

const search = () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (text) => words.every((word) => text.includes(word));
  let shown = 0;
  for (const group of groups) {
    const whole = holds(group.title);
    let here = 0;
    for (const { element, text } of group.items) {
      element.hidden = !whole && !holds(text);
      here += !element.hidden;
    }
    group.element.hidden = here === 0;
    if (group.details) group.details.open = words.length > 0 && !whole && here > 0;
    shown += here;
  }
  for (const part of parts) part.hidden = !part.querySelector("[data-item]:not([hidden])");
  found.textContent = words.length ? `${shown} of ${items.length} found` : "";
};

field.closest(".filter").hidden = false;
field.addEventListener("input", search);
