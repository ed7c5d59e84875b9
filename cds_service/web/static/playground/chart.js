// The left side: the patient as an EHR shows one, and the orders of the session.
import { counted, fill, make } from "./dom.js";
import { drafts, isDrug, listed } from "./request.js";

const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);
const text = (value) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export const concept = (value) => {
  const one = list(value)[0]?.concept || list(value)[0];
  const coding = list(one?.coding)[0];
  return text(one?.text) || text(coding?.display) || (coding?.code ? `code ${text(coding.code)}` : "");
};

const drug = (order) =>
  concept(order.medicationCodeableConcept || order.medication || order.code) ||
  list(order.item).map((item) => concept(item.code)).join(", ") ||
  text(order.medicationReference?.display || order.medication?.reference?.display) ||
  "a drug that is only referred to";

const quantity = (value) => (value?.value === undefined ? "" : `${value.value} ${text(value.unit || value.code)}`.trim());

const line = (dosage) => {
  if (text(dosage?.text)) return dosage.text;
  const dose = quantity(dosage?.doseQuantity || list(dosage?.doseAndRate)[0]?.doseQuantity);
  const times = dosage?.timing?.repeat?.frequency;
  return [dose, times && `${times} times a day`].filter(Boolean).join(", ");
};

export const dosage = (order) => list(order.dosageInstruction).concat(list(order.dosage)).map(line).filter(Boolean).join("; then ");

const reason = (order) => concept(order.reasonCode || order.reasonCodeableConcept || order.reason);
const status = (value) => text(value) || text(list(value?.coding)[0]?.code) || text(value?.text);
const day = (value) => text(value).slice(0, 10);

const age = (born, today) => {
  const [year, month = 1, date = 1] = text(born).split("-").map(Number);
  if (!year) return "";
  const before = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < date);
  return `${today.getFullYear() - year - (before ? 1 : 0)} years`;
};

const problems = (request) =>
  listed(request, "Condition").map((one) => {
    const state = status(one.clinicalStatus);
    return [concept(one.code) || "a problem without a name", state && state !== "active" ? `(${state})` : ""];
  });

const medicines = (request) =>
  listed(request, "MedicationRequest", "MedicationOrder", "MedicationStatement").map((one) => {
    const state = status(one.status);
    return [drug(one), [dosage(one), state !== "active" && `(${state})`].filter(Boolean).join(" "), one.id];
  });

const value = (one) => quantity(one.valueQuantity) || text(one.valueString) || concept(one.valueCodeableConcept);

const results = (request) =>
  listed(request, "Observation").map((one) => [
    concept(one.code) || "a result",
    [value(one), day(one.effectiveDateTime || one.issued) && `(${day(one.effectiveDateTime || one.issued)})`].filter(Boolean).join(" "),
  ]);

const tests = (request) =>
  listed(request, "ServiceRequest", "ProcedureRequest", "DiagnosticOrder").map((one) => [drug(one), status(one.status), one.id]);

const MOST = 5;

const part = (title, rows, none, marked) => {
  const item = ([name, more, id]) =>
    make("li", make("strong", name), more ? ` ${more}` : "", marked.includes(id) ? make("span.badge.good", "changed") : "");
  const rest = rows.slice(MOST);
  return make(
    "div",
    make("dt", title),
    make(
      "dd",
      rows.length ? make("ul.plain", rows.slice(0, MOST).map(item)) : make("span.quiet", none),
      rest.length > 0 && make("details", make("summary", `${rest.length} more`), make("ul.plain", rest.map(item))),
    ),
  );
};

const supplied = (request, key) => request.prefetch?.[key] !== undefined;

export const showChart = (whose, box, request, marked, today) => {
  const patient = listed(request, "Patient")[0];
  const named = patient?.name?.[0] || {};
  const who = [...list(named.given), ...list(named.family)].join(" ") || `Patient ${text(request.context?.patientId) || "without an id"}`;
  const drugsKnown = ["medicationRequests", "medicationOrders", "medicationStatements"].some((key) => supplied(request, key));
  const facts = [text(patient?.gender), age(patient?.birthDate, today)].filter(Boolean).join(", ");
  const ordered = tests(request);
  fill(whose, make("strong", who), facts ? `, ${facts}` : "");
  fill(
    box,
    make(
      "dl.chart",
      part("Problems", problems(request), supplied(request, "conditions") ? "none on the list" : "the EHR sent no problem list", marked),
      part("Medicines", medicines(request), drugsKnown ? "none on the list" : "the EHR sent no medication list", marked),
      part("Results", results(request), supplied(request, "observations") ? "none" : "the EHR sent no results", marked),
      ordered.length > 0 && part("Tests ordered", ordered, "", marked),
    ),
  );
};

export const showDrafts = (box, request, marked, dropped) => {
  const found = drafts(request);
  const remove = (order) =>
    make("button.small", { type: "button", "aria-label": `Remove ${drug(order)}`, click: () => dropped(order) }, "Remove");
  const row = (order) =>
    make(
      "li",
      make("div", make("strong", drug(order)), " ", dosage(order), reason(order) && ` for ${reason(order)}`,
        text(order.status) && order.status !== "draft" ? ` (${order.status})` : "",
        marked.includes(order.id) ? make("span.badge.good", "changed") : ""),
      remove(order),
    );
  fill(box, found.length ? make("ul.orders", found.map(row)) : make("p.quiet", "No order is being written."));
  return counted(found.filter(isDrug).length, "draft");
};
