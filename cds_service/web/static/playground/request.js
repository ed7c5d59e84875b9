// A hook request as an EHR holds it: its drafts, its lists, and what an accepted suggestion does to them.
const FIELDS = { "order-select": "draftOrders", "order-sign": "draftOrders", "medication-prescribe": "medications" };
const LISTS = {
  MedicationRequest: "medicationRequests",
  MedicationOrder: "medicationOrders",
  ServiceRequest: "serviceRequests",
  ProcedureRequest: "procedureRequests",
  DiagnosticOrder: "diagnosticOrders",
};
const DRUGS = ["MedicationRequest", "MedicationOrder"];

export const isDrug = (resource) => DRUGS.includes(resource?.resourceType);
export const copy = (value) => JSON.parse(JSON.stringify(value));
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Not crypto.randomUUID, which a page that was not loaded from this machine or over https does not have.
export const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

export const entries = (bundle) =>
  Array.isArray(bundle?.entry) ? bundle.entry.map((entry) => entry?.resource).filter(isObject) : [];

const field = (request) => FIELDS[request.hook] || "draftOrders";

export const drafts = (request) => entries(request.context?.[field(request)]);

// All that the EHR supplied, by resource type.
export const listed = (request, ...types) =>
  Object.values(request.prefetch || {})
    .flatMap((value) => (value?.resourceType === "Bundle" ? entries(value) : isObject(value) ? [value] : []))
    .filter((resource) => types.includes(resource.resourceType));

const bundle = (request) => {
  request.context ??= {};
  const held = (request.context[field(request)] ??= { resourceType: "Bundle", type: "collection" });
  if (!Array.isArray(held.entry)) held.entry = [];
  return held;
};

// Moves the drafts along, as an EHR does from choosing to signing.
export const atHook = (request, hook) => {
  if (!isObject(request.context) || request.hook === hook) return;
  const held = request.context[field(request)];
  delete request.context[field(request)];
  delete request.context.selections;
  request.hook = hook;
  if (held !== undefined || FIELDS[hook]) request.context[field(request)] = held ?? { resourceType: "Bundle", type: "collection" };
  if (hook === "order-select") select(request, drafts(request).at(-1));
};

const name = (resource) => `${resource.resourceType}/${resource.id}`;

const select = (request, resource, beside = []) => {
  if (request.hook !== "order-select") return;
  request.context.selections = [...beside, ...(resource ? [name(resource)] : [])];
};

// What somebody types is what is being chosen; what comes of a suggestion is chosen beside it.
export const add = (request, resource, beside = []) => {
  const taken = new Set([...drafts(request), ...listed(request, ...Object.keys(LISTS))].map((one) => one.id));
  let number = 1;
  while (taken.has(`draft-new-${number}`)) number += 1;
  const added = { ...resource, id: resource.id || `draft-new-${number}` };
  bundle(request).entry.push({ resource: added });
  if (isDrug(added)) select(request, added, beside);
  return added;
};

export const remove = (request, named) => {
  const id = String(named).split("/").at(-1);
  for (const held of holders(request)) held.entry = held.entry.filter((entry) => entry?.resource?.id !== id);
  if (request.context?.selections) {
    request.context.selections = request.context.selections.filter((one) => String(one).split("/").at(-1) !== id);
  }
};

// The drafts first: an update of a draft must not touch a listed order of the same id.
const holders = (request) => {
  const inDrafts = request.context?.[field(request)];
  return [inDrafts, ...Object.values(request.prefetch || {})].filter((held) => Array.isArray(held?.entry));
};

const replace = (request, resource) => {
  for (const held of holders(request)) {
    const found = held.entry.find((entry) => entry?.resource?.id === resource.id);
    if (found) {
      found.resource = resource;
      return held === request.context?.[field(request)];
    }
  }
  bundle(request).entry.push({ resource });
  return true;
};

// What an EHR does with an accepted suggestion; tells what was done, in words, and which resources to mark.
export const accept = (request, suggestion, today) => {
  const done = (suggestion.actions || []).map((action) => act(request, copy(action), today));
  return { told: [...new Set(done.map(([told]) => told))].join(" "), marked: done.map(([, id]) => id).filter(Boolean) };
};

const act = (request, action, today) => {
  if (action.type === "delete") {
    remove(request, action.resourceId || (typeof action.resource === "string" ? action.resource : action.resource?.id));
    return ["The draft was removed."];
  }
  if (action.type === "update") {
    const draft = replace(request, action.resource);
    return [draft ? "The draft was replaced." : "The order on the list was changed.", action.resource.id];
  }
  if (request.hook === "patient-view") return created(request, action.resource, today);
  return ["A draft was added.", add(request, action.resource, request.context?.selections).id];
};

// In an open chart nothing is being signed: a drug becomes a draft that is now being chosen, a test is ordered at once.
const created = (request, resource, today) => {
  if (isDrug(resource)) {
    atHook(request, "order-select");
    return ["A draft was added, and is now being chosen.", add(request, resource).id];
  }
  const id = `ordered-${uuid().slice(0, 8)}`;
  const key = LISTS[resource.resourceType] || "serviceRequests";
  const held = ((request.prefetch ??= {})[key] ??= { resourceType: "Bundle", type: "searchset" });
  const old = resource.resourceType === "DiagnosticOrder"; // of DSTU2
  const ordered = old ? { status: "requested", event: [{ status: "requested", dateTime: today }] } : { status: "active", authoredOn: today };
  (held.entry ??= []).push({ resource: { ...resource, id, ...ordered } });
  return ["It was ordered.", id];
};

// The request as it is sent: a new firing each time, and asked to explain itself.
export const sent = (request) => ({
  ...copy(request),
  hookInstance: uuid(),
  extension: { ...(isObject(request.extension) ? request.extension : {}), "io.cds-service.explain": true },
});

export const asAnother = (request) => {
  if (isObject(request.context)) request.context.userId = `Practitioner/example-${uuid().slice(0, 8)}`;
};
