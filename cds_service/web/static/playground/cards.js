// The cards as an EHR shows them, with what a clinician can do about each.
import { $, counted, link, make, rendered } from "./dom.js";

const URGENT = { critical: "critical", warning: "warning", info: "info" };

export const card = (one, html, does) => {
  const tone = URGENT[one.indicator] || "info";
  const told = make("p.told", { role: "status" });
  const article = make(
    `article.card.${tone}`,
    make("h3", make(`span.badge.${tone}`, String(one.indicator)), " ", String(one.summary)),
    make("div.detail", html === undefined ? make("p", String(one.detail || "")) : rendered(html)),
    offers(one, does, told),
    override(one, does, told),
    told,
    source(one),
  );
  return article;
};

const offers = (one, does, told) => {
  const suggestions = one.suggestions || [];
  if (!suggestions.length) return null;
  const button = (suggestion) =>
    make(
      `button${suggestion.isRecommended ? ".first" : ""}`,
      { type: "button", click: () => does.accepted(one, suggestion, told) },
      suggestion.isRecommended ? `${suggestion.label} (recommended)` : suggestion.label,
    );
  const only = one.selectionBehavior === "at-most-one" && suggestions.length > 1;
  return make("div.offers", make("p.quiet", only ? "One of these can be accepted:" : "Can be accepted:"), suggestions.map(button));
};

// No reason is chosen beforehand: a reason that nobody meant would be stored, and would silence the card.
const override = (one, does, told) => {
  const group = `reason-${one.uuid}`;
  const reasons = one.overrideReasons || [];
  const radio = (reason, place) =>
    make("label.choice", make("input", { type: "radio", name: group, value: place }), reason.display || reason.code);
  const comment = make("input", { type: "text", maxlength: 4000, id: `comment-${one.uuid}`, autocomplete: "off" });
  const details = make("details.override", make("summary", reasons.length ? "Override with a reason" : "Dismiss"));
  const send = (reason) => does.overridden(one, reason, comment.value.trim(), told, details);
  const reasoned = () => {
    const chosen = details.querySelector("input:checked");
    if (chosen) send(reasons[Number(chosen.value)]);
    else told.textContent = "Choose a reason first, or dismiss the card without one.";
  };
  details.append(
    reasons.length
      ? make("fieldset", make("legend", "Why is it not followed?"), reasons.map(radio))
      : make("p.quiet", "This card offers no reasons. A dismissal silences nothing: next time it is shown again."),
    make("label", { for: `comment-${one.uuid}` }, "Comment (optional)"),
    comment,
    reasons.length ? make("button", { type: "button", click: reasoned }, "Override") : "",
    make("button", { type: "button", click: () => send(undefined) }, reasons.length ? "Dismiss without a reason" : "Dismiss"),
  );
  return details;
};

const source = (one) => {
  const links = (one.links || []).map((found) => make("span", link(found.label, found.url), " "));
  return make("p.source", links, String(one.source?.label || ""));
};

// Where there is no card: what that means, so that silence is never taken for "all clear".
export const noCard = (lines) => {
  if (!lines) {
    return make("div.note", make("h3", "No card"), make("p", "The service had no order to judge: nothing was checked."));
  }
  const count = (word) => lines.filter((line) => line.answer === word || line.by === word).length;
  const told = [
    [count("silent"), "checked and silent"],
    [count("not-evaluated"), "not evaluated, because data were missing"],
    [count("suppressed") - count("cap") - count("shadow"), "found something that need not be said again"],
    [count("cap"), "found something, but enough cards were shown"],
    [count("shadow"), "found something in shadow: recorded, not shown"],
    [count("off"), "switched off"],
  ];
  const shown = told.filter(([number]) => number > 0).map(([number, words]) => make("li", `${counted(number, "rule")}: ${words}.`));
  return make("div.note", make("h3", "No card"), make("ul.plain", shown));
};

export const showStatus = (words) => {
  $("status").textContent = words;
};
