// Every call that the page makes; what fails comes back as what it is: {status, body, text, error}.
const call = async (path, options = {}) => {
  const begun = performance.now();
  try {
    const response = await fetch(path, options);
    const text = await response.text();
    return { path, status: response.status, ok: response.ok, text, body: read(text), took: performance.now() - begun };
  } catch (error) {
    return { path, status: 0, ok: false, text: "", error: String(error.message || error), took: performance.now() - begun };
  }
};

const read = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const fixture = (name) => call(`/fixtures/hook_requests/${name.split("/").map(encodeURIComponent).join("/")}.json`);
export const drugs = (text, signal) => call(`/playground/drugs?q=${encodeURIComponent(text)}`, { signal });
export const draft = (request, order) => post("/playground/draft", { request, ...order });
export const markdown = (texts) => post("/playground/markdown", texts);
export const words = () => call("/playground/words");
export const fire = (service, request) => post(`/cds-services/${service}`, request);
export const feedback = (service, entry) => post(`/cds-services/${service}/feedback`, { feedback: [entry] });

// What a refusal says, in its own words.
export const trouble = (reply) => {
  if (reply.status === 0) return `The service could not be reached: ${reply.error}.`;
  const issues = (reply.body?.issue || []).map((issue) => issue.details?.text).filter(Boolean);
  return `The service answered ${reply.status}: ${issues.join(" ") || reply.text.slice(0, 300) || "nothing more."}`;
};
