/* Asking our own server: JSON in and out, the CSRF header on every write, a person's sentence on failure. */
import { _ } from "/static/words.js";

const csrf = document.querySelector('meta[name="csrf"]')?.content || "";

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function sentenceOf(response) {
  try {
    const body = await response.json();
    const said = body.error ?? body.message ?? body.detail;
    if (typeof said === "string") return said;
    if (typeof said?.message === "string") return said.message;
  } catch {
    // not JSON: fall through to the plain sentence
  }
  return _("The server answered {status}. Try again.", { status: response.status });
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
  if (!response.ok) throw new Refused(response.status, await sentenceOf(response));
  return response.status === 204 ? null : response.json();
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);

/* A file as a form of one field. */
export function upload(path, file) {
  const form = new FormData();
  form.append("file", file);
  return ask("POST", path, form);
}
