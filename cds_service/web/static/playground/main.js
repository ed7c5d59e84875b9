// The playground: what is on the page, what was chosen, and what happens next.
import * as address from "./address.js";
import { card, noCard, showStatus } from "./cards.js";
import { showChart, showDrafts } from "./chart.js";
import { amountLabel, combobox } from "./combobox.js";
import { $, counted, fill, make } from "./dom.js";
import * as held from "./request.js";
import * as service from "./service.js";
import { sift } from "./sift.js";
import { showTrace } from "./trace.js";

const main = $("main");
const SERVICES = JSON.parse(main.dataset.services);
const FIRST = main.dataset.first;
const DOES = {
  "patient-view": "Open the chart",
  "order-select": "Choose the order",
  "order-sign": "Sign the orders",
  "medication-prescribe": "Prescribe",
};
// A pasted request stays in this page and nowhere else; an example is kept in the browser's history, too.
const pasted = new Map();
let words = {};
let place = address.read(location.search);
let request = null;
let key = null;
let marked = [];
let turn = 0;

const today = () => new Date(main.dataset.today + "T12:00:00");

const remember = (how) => {
  if (key) pasted.set(key, held.copy(request));
  const state = key ? { key, marked } : { request: held.copy(request), marked };
  history[how](state, "", key ? `/?pasted=yes${place.fired ? "&fired=yes" : ""}` : address.written(place));
};

const show = () => {
  const hook = request.hook;
  showChart($("who"), $("chart"), request, marked, today());
  showDrafts($("drafts"), request, marked, dropped);
  $("hook").value = SERVICES[hook] ? hook : "";
  $("fire").textContent = DOES[hook] || "Fire the hook";
  $("fires").textContent = `POST /cds-services/${SERVICES[hook] || "?"}`;
  $("request").textContent = JSON.stringify(request, null, 1);
  for (const link of document.querySelectorAll("[data-example]")) {
    if (!key && link.dataset.example === place.example) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};

const unfired = () => {
  turn += 1;
  fill($("cards"), make("p.quiet", "Nothing fired yet. Press the blue button above."));
  fill($("rules"), make("p.quiet", "Every rule's answer stands here once the hook was fired."));
  $("wire").textContent = "Nothing was sent yet.";
  $("answer").textContent = "";
};

const failed = (words) => {
  fill($("cards"), make("div.card.critical", make("h3", "This did not work"), make("p", words)));
  showStatus(words);
};

// Fires the real hook, and shows what came of it; a reply that another firing has overtaken is dropped.
const fire = async (before = "") => {
  const mine = (turn += 1);
  const body = held.sent(request);
  const id = SERVICES[request.hook];
  $("request").textContent = JSON.stringify(body, null, 1);
  if (!id) return failed(`There is no service for the hook ${JSON.stringify(request.hook)}. Choose one under "Fires".`);
  const reply = await service.fire(id, body);
  const cards = Array.isArray(reply.body?.cards) ? reply.body.cards : [];
  const details = cards.length ? await service.markdown(cards.map((one) => String(one.detail || ""))) : null;
  if (mine !== turn) return;
  $("wire").textContent = `POST ${reply.path}: ${reply.status || "no answer"}, ${Math.round(reply.took)} ms`;
  $("answer").textContent = reply.body === undefined ? reply.text : JSON.stringify(reply.body, null, 1);
  if (!reply.ok || !Array.isArray(reply.body?.cards)) {
    fill($("rules"), make("p.quiet", "No rule answered."));
    failed(reply.ok ? "The answer is no list of cards; it stands below as it came." : service.trouble(reply));
    if (before) $("cards").prepend(make("p", before));
    return;
  }
  const trace = reply.body.extension?.["io.cds-service.trace"];
  const does = { accepted, overridden };
  const html = details?.ok ? details.body : [];
  fill(
    $("cards"),
    before && make("p.note", before),
    cards.map((one, number) => card(one, html[number], does)),
    !cards.length && noCard(trace?.rules),
    again(trace),
  );
  showTrace($("rules"), trace, words);
  showStatus(`${before} ${cards.length ? counted(cards.length, "card") : "No card"}. ${cards.map((one) => one.summary).join(" ")}`);
};

const again = (trace) => {
  const quiet = (trace?.rules || []).filter((line) => line.answer === "suppressed" && line.by === "override");
  if (!quiet.length) return null;
  const another = () => {
    held.asAnother(request);
    remember("pushState");
    fire("Another clinician has overridden nothing yet.");
  };
  const why = "this user overrode the same for this patient. Another user would still see it.";
  return make(
    "div.note",
    make("p", `${counted(quiet.length, "finding")} not shown again: ${why}`),
    make("button", { type: "button", click: another }, "Fire as another clinician"),
  );
};

const said = (reply) => {
  if (reply.ok) return "Feedback sent, and kept.";
  if (reply.status === 404) return "Feedback sent: this service keeps no feedback.";
  return `Feedback was not kept. ${service.trouble(reply)}`;
};

const accepted = async (one, suggestion, told) => {
  const reply = await service.feedback(SERVICES[request.hook], {
    card: one.uuid,
    outcome: "accepted",
    acceptedSuggestions: [{ id: suggestion.uuid }],
    outcomeTimestamp: new Date().toISOString(),
  });
  const done = held.accept(request, suggestion, main.dataset.today);
  marked = done.marked;
  place = { ...place, hook: request.hook, fired: true };
  remember("pushState");
  show();
  told.textContent = said(reply);
  await fire(`Accepted: ${suggestion.label}. ${done.told} ${said(reply)} The hook ${request.hook} was fired again.`);
  $("cards-title").focus();
};

const overridden = async (one, reason, comment, told, details) => {
  const entry = { card: one.uuid, outcome: "overridden", outcomeTimestamp: new Date().toISOString() };
  const given = { ...(reason ? { reason } : {}), ...(comment ? { userComment: comment } : {}) };
  const reply = await service.feedback(SERVICES[request.hook], { ...entry, ...(Object.keys(given).length ? { overrideReason: given } : {}) });
  told.textContent = `${reason ? `Overridden: ${reason.display || reason.code}.` : "Dismissed."} ${said(reply)} Fire again to see what is shown next.`;
  details.open = false;
  details.hidden = true;
  details.closest(".card").classList.add("answered");
  told.tabIndex = -1;
  told.focus();
};

const dropped = (order) => {
  held.remove(request, order.id || "");
  changed("The draft was removed.");
};

const changed = (words, how = "pushState") => {
  place = { ...place, fired: false };
  remember(how);
  show();
  unfired();
  showStatus(words);
};

// An example from its address: the request, the orders that were typed, the hook; null with what was wrong.
const load = async (wanted) => {
  const name = wanted.example || FIRST;
  const reply = await service.fixture(name);
  if (reply.status === 404) return [null, `There is no example ${name}. Choose another one.`];
  if (!reply.ok) return [null, service.trouble(reply)];
  const found = reply.body;
  let added = [];
  for (const order of wanted.orders) {
    const drafted = await write(found, order);
    if (!drafted.ok) return [null, service.trouble(drafted)];
    added = [drafted.id];
  }
  if (wanted.hook) held.atHook(found, wanted.hook);
  return [found, "", added];
};

// Puts a typed order among the drafts; in an open chart it is an order that is being chosen.
const write = async (into, order) => {
  if (into.hook === "patient-view") held.atHook(into, "order-select");
  const reply = await service.draft(into, order);
  return reply.ok ? { ...reply, id: held.add(into, reply.body.order).id } : reply;
};

const arrive = async () => {
  const mine = (turn += 1);
  const wanted = address.read(location.search);
  const state = history.state || {};
  const kept = state.key ? pasted.get(state.key) : state.request;
  const lost = !kept && new URLSearchParams(location.search).has("pasted");
  $("fire").disabled = true;
  const [found, trouble, added] = kept ? [held.copy(kept), "", state.marked] : await load(wanted);
  if (mine !== turn) return;
  key = kept && state.key ? state.key : null;
  request = found || { hook: "", context: {} };
  marked = added || [];
  place = { ...wanted, example: key ? "" : wanted.example || FIRST };
  $("gone").hidden = !lost;
  show();
  unfired();
  if (!found) return failed(trouble);
  remember("replaceState");
  $("fire").disabled = false;
  if (place.fired) await fire();
};

const choose = async (event) => {
  const link = event.target.closest("[data-example]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.getAttribute("href"));
  await arrive();
  showStatus(`Chosen: ${link.dataset.title}.`);
  $("chart-title").focus({ preventScroll: true });
  $("chart-title").scrollIntoView();
};

const paste = () => {
  let found;
  try {
    found = JSON.parse($("pasted").value);
  } catch (error) {
    $("paste-told").textContent = `This is no JSON: ${error.message}`;
    return;
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    $("paste-told").textContent = "This is no request: a request is a JSON object with hook, context and prefetch.";
    return;
  }
  $("paste-told").textContent = "";
  key = held.uuid();
  $("gone").hidden = true;
  $("fire").disabled = false;
  request = found;
  marked = [];
  place = { example: "", hook: "", orders: [], fired: false };
  changed("The pasted request is in the chart.");
  $("chart-title").focus();
};

let drug = null;

const order = async (event) => {
  event.preventDefault();
  const name = $("drug").value.trim();
  if (!name) return;
  const one = {
    ...(drug ? { code: drug.code } : { name }),
    amount: Number($("amount").value), times: Number($("times").value), cramps: $("reason").value === "cramps",
  };
  const reply = await write(request, one);
  if (!reply.ok) {
    $("typed").textContent = service.trouble(reply);
    return;
  }
  const fhir = reply.body.fhir;
  marked = [reply.id];
  place = { ...place, orders: [...place.orders, one], hook: request.hook };
  changed(`${name} was added to the drafts, in FHIR ${fhir}.`);
  $("typed").textContent = `${name} was added, in FHIR ${fhir}. Press "${DOES[request.hook]}".`;
  $("drug").value = "";
  drug = null;
  amountLabel(null);
};

const start = async () => {
  $("stories").addEventListener("click", choose);
  $("sift").addEventListener("input", sift);
  $("take").addEventListener("click", paste);
  $("order").addEventListener("submit", order);
  $("fire").addEventListener("click", async () => {
    place = { ...place, fired: true };
    remember("pushState");
    await fire();
    $("cards-title").focus({ preventScroll: true });
    $("cards-title").scrollIntoView({ block: "nearest" });
  });
  $("hook").addEventListener("change", () => {
    held.atHook(request, $("hook").value);
    place = { ...place, hook: request.hook };
    changed(`Now fires ${request.hook}.`);
  });
  combobox($("drug"), $("drugs"), $("typed"), (found) => { drug = found; amountLabel(found); });
  window.addEventListener("popstate", arrive);
  const reply = await service.words();
  words = reply.ok ? reply.body : {};
  await arrive();
};

start();
