// A drug by its first letters: a combobox by the pattern of the ARIA Authoring Practices.
import { $, counted, fill, make } from "./dom.js";
import { drugs, trouble } from "./service.js";

const PAUSE = 120;

// Calls `chosen` with a drug that was found, or with null while the text is only a text.
export const combobox = (input, box, told, chosen) => {
  let found = [];
  let active = -1;
  let waiting = 0;
  let asked = 0;

  const close = () => {
    box.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (place) => {
    active = (place + found.length) % found.length;
    [...box.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === active)));
    input.setAttribute("aria-activedescendant", box.children[active].id);
    box.children[active].scrollIntoView({ block: "nearest" });
  };
  const take = (place) => {
    input.value = found[place].name;
    chosen(found[place]);
    told.textContent = `${found[place].name} chosen.`;
    close();
  };
  const open = () => {
    const option = (one, place) => {
      const pressed = (event) => {
        event.preventDefault(); // the focus stays where it is
        take(place);
      };
      return make("li", { role: "option", id: `drug-${place}`, "aria-selected": "false", pointerdown: pressed }, one.name);
    };
    fill(box, found.map(option));
    box.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    told.textContent = found.length
      ? `${counted(found.length, "drug")} found. Use the arrow keys.`
      : "No drug of the guideline has this name. It can be ordered by its name all the same.";
  };
  const look = async () => {
    const number = (asked += 1);
    const reply = await drugs(input.value);
    if (number !== asked || document.activeElement !== input) return;
    if (!reply.ok) {
      told.textContent = trouble(reply);
      return;
    }
    found = reply.body;
    open();
  };
  input.addEventListener("input", () => {
    chosen(null);
    clearTimeout(waiting);
    asked += 1;
    if (!input.value.trim()) return close();
    waiting = setTimeout(look, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return close();
    if (box.hidden) return;
    if (event.key === "ArrowDown") point(active + 1);
    else if (event.key === "ArrowUp") point(active < 0 ? -1 : active - 1);
    else if (event.key === "Enter" && active >= 0) take(active);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => { asked += 1; clearTimeout(waiting); close(); });
};

export const amountLabel = (drug) => {
  const piece = drug?.piece || "mg";
  const words = ["mg", "mL"].includes(piece) ? piece : `${piece[0].toUpperCase()}${piece.slice(1)}s`;
  $("amount-label").textContent = `${words} each time`;
};
