// The search among all patients: a story stays if it, or what it is about, holds every word.
import { $, counted } from "./dom.js";

export const sift = () => {
  const wanted = $("sift").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const topic of document.querySelectorAll("[data-topic]")) {
    let here = 0;
    for (const row of topic.querySelectorAll("li")) {
      const text = `${topic.dataset.topic} ${row.textContent}`.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      here += row.hidden ? 0 : 1;
    }
    topic.hidden = here === 0;
    count += here;
  }
  $("sifted").textContent = `${counted(count, "patient")} found.`;
};
