// The right side: what every rule answered, in words, with the facts it used and what it missed.
import { counted, fill, make } from "./dom.js";

const KINDS = [
  ["finding", "spoke on a card of its own"],
  ["merged", "told on another rule's card"],
  ["suppressed", "found something that is not shown"],
  ["not-evaluated", "not evaluated (data were missing)"],
  ["silent", "checked and silent"],
  ["off", "off (a site must switch them on)"],
];
const BY = {
  override: "overridden lately by this user for this patient",
  "order-select": "shown minutes ago, while the order was chosen",
  cap: "enough cards were shown",
  shadow: "in shadow: recorded, not shown",
};
// What is long and says little is folded.
const FOLDED = ["silent", "off"];

const UNITS = { a: "years" };
const quantity = (fact) => [fact.value, UNITS[fact.unit] || fact.unit].filter((part) => part !== undefined).join(" ");

const factual = (fact) =>
  make("li", make("strong", String(fact.what)), ` ${quantity(fact)}`, fact.date ? ` on ${fact.date}` : "",
    fact.against ? `, judged against ${fact.against}` : "", fact.reference ? make("span.quiet", ` ${fact.reference}`) : "");

const why = (line, words) => {
  if (line.answer === "merged") return `on the card of: ${title(line.by, words)}`;
  if (line.answer === "suppressed") return BY[line.by] || `excluded by: ${title(line.by, words)}`;
  return "";
};

const title = (rule, words) => words.rules?.[rule]?.title || rule;

const missed = (part, words) =>
  make("li", "Missing: ", make("strong", words.needs?.[part.need] || part.need), `: ${part.why}`, part.detail ? ` (${part.detail})` : "");

const row = (line, words) =>
  make(
    "li",
    { "data-rule": line.rule, "data-answer": line.answer },
    make("a", { href: `/evidence/${encodeURIComponent(line.rule)}` }, title(line.rule, words)),
    why(line, words) && make("span", ` (${why(line, words)})`),
    line.answer === "silent" || line.answer === "off" || !(line.facts || line.missing)
      ? ""
      : make("ul.facts", (line.facts || []).map(factual), (line.missing || []).map((part) => missed(part, words))),
  );

const group = ([kind, meaning], lines, words) => {
  const found = lines.filter((line) => line.answer === kind);
  if (!found.length) return null;
  const rows = make("ul.answers", found.map((line) => row(line, words)));
  const head = `${counted(found.length, "rule")}: ${meaning}`;
  if (FOLDED.includes(kind)) return make("details", make("summary", head), rows);
  return make("section", make("h3", head), rows);
};

const laboratory = (facts) =>
  facts?.length
    ? make("details", make("summary", `The laboratory, as it was read: ${counted(facts.length, "result")}`), make("ul.facts", facts.map(factual)))
    : null;

export const showTrace = (box, trace, words) => {
  if (!trace) return fill(box, make("p.quiet", "The answer explains nothing: there was no order to judge."));
  const unread = trace.unread ? make("p", `${counted(trace.unread, "entry", "entries")} of the request could not be read.`) : null;
  fill(
    box,
    make("p", `${counted(trace.rules.length, "rule")} of this hook answered. Three answers, never two: found something, silent, or not evaluated.`),
    KINDS.map((kind) => group(kind, trace.rules, words)),
    laboratory(trace.laboratory),
    unread,
  );
};
