// Fires the chosen fixture at the service and shows the cards as text: no HTML of an answer is ever run.
const show = (tag, text, parent, className) => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  parent.append(element);
  return element;
};

const card = (card, parent) => {
  const article = show("article", "", parent, card.indicator);
  show("h3", `${card.indicator}: ${card.summary}`, article);
  show("p", card.detail, article, "detail");
  for (const suggestion of card.suggestions || []) {
    show("p", `${suggestion.isRecommended ? "Recommended: " : "Offered: "}${suggestion.label}`, article);
  }
  if (card.overrideReasons) {
    show("p", `Override reasons: ${card.overrideReasons.map((reason) => reason.display).join("; ")}`, article);
  }
  show("p", card.source.label, article, "source");
};

const fire = async () => {
  const cards = document.getElementById("cards");
  const rules = document.getElementById("rules");
  const chosen = document.getElementById("request").selectedOptions[0];
  const request = await (await fetch(`/fixtures/${chosen.value}`)).json();
  request.extension = { "io.cds-service.explain": true };
  const response = await fetch(`/cds-services/${chosen.dataset.service}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
  });
  const answer = await response.json();
  cards.replaceChildren();
  rules.replaceChildren();
  if (!response.ok) {
    show("p", `Refused (${response.status}): ${answer.issue[0].details.text}`, cards);
    return;
  }
  answer.cards.forEach((one) => card(one, cards));
  if (answer.cards.length === 0) show("p", "No card: every rule that applies was checked and is silent.", cards);
  for (const line of answer.extension["io.cds-service.trace"].rules) {
    const missing = (line.missing || []).map((part) => `${part.need} ${part.why}`).join(", ");
    show("li", `${line.rule}: ${line.answer}${missing ? ` (${missing})` : ""}`, rules);
  }
};

document.getElementById("fire").addEventListener("click", fire);
