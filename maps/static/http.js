/* Asking our own server: JSON in and out, the CSRF header on every write, a person's sentence on failure. */
import { _ } from "/static/words.js";

const csrf = document.querySelector('meta[name="csrf"]')?.content || "";

export class Refused extends Error {
  /* `field` is the form's field that the sentence is about, where there is one. */
  constructor(status, sentence, field = "") {
    super(sentence);
    this.status = status;
    this.field = field;
  }
}

/* What a response that failed says. */
export async function refusal(response) {
  try {
    const body = await response.json();
    const said = body.error ?? body.message ?? body.detail;
    const sentence = typeof said === "string" ? said : said?.message;
    if (typeof sentence === "string") return new Refused(response.status, sentence, body.field);
  } catch {
    // not JSON: fall through to the plain sentence
  }
  return new Refused(response.status, _("The server answered {status}. Try again.", { status: response.status }));
}

async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: "application/json",
        ...(method === "GET" ? {} : { "X-CSRF-Token": csrf }),
        ...(body === undefined || body instanceof FormData ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, _("The server cannot be reached. Check the network; it is tried again by itself."));
  }
  if (response.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? null : response.json();
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);
export const put = (path, body = {}) => ask("PUT", path, body);

/* A file as a form of one field. */
export function upload(path, file) {
  const form = new FormData();
  form.append("file", file);
  return ask("POST", path, form);
}
