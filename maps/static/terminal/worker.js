/* Keeps the terminal's page for times without network. The page is asked for freshly when the network answers
 * soon; everything it is made of comes from the cache of this version. Tiles seen once stay, a bounded number, and are
 * made new when they are seen again with network. */
"use strict";

const SHELL = "carevan-terminal-VERSION";
const TILES = "carevan-tiles";
const TILES_KEPT = 600;
const PATIENCE_MS = 3000;
const PAGE = "/terminal";
const MODULES = [
  "/static/words.js",
  ...["app", "clock", "day", "food", "geo", "ids", "link", "pairing", "route", "sender", "store", "view", "voice"].map(
    (name) => `/static/terminal/${name}.js`),
  "/terminal/manifest.webmanifest",
];

async function install() {
  const cache = await caches.open(SHELL);
  const page = await fetch(PAGE, { cache: "no-store" });
  const text = await page.clone().text();
  const parts = [...text.matchAll(/(?:src|href)="(\/(?:static|vendor)\/[^"]+)"/g)].map((found) => found[1]);
  await cache.put(PAGE, page);
  await cache.addAll([...new Set([...parts, ...MODULES])]);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("carevan-terminal-") && name !== SHELL) await caches.delete(name);
  }
  await self.clients.claim();
}

async function pageOf(request) {
  const cache = await caches.open(SHELL);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const fresh = await fetch(request.url, { signal: patience.signal, cache: "no-store" });
    if (fresh.ok) await cache.put(PAGE, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(PAGE)) || Response.error();
  } finally {
    clearTimeout(timer);
  }
}

async function partOf(request) {
  const kept = await (await caches.open(SHELL)).match(request, { ignoreSearch: true });
  return kept || fetch(request);
}

async function tileOf(event) {
  const kept = await (await caches.open(TILES)).match(event.request);
  if (!kept) return freshTile(event.request);
  // Shown at once, and asked for again: streets that were imported since are there the next time.
  event.waitUntil(freshTile(event.request).catch(() => null));
  return kept;
}

async function freshTile(request) {
  const fresh = await fetch(request);
  if (fresh.ok) {
    const cache = await caches.open(TILES);
    await cache.put(request, fresh.clone());
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - TILES_KEPT))) await cache.delete(old);
  }
  return fresh;
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === PAGE) event.respondWith(pageOf(request));
  } else if (pathname.startsWith("/tiles/") && pathname.endsWith(".mvt")) {
    event.respondWith(tileOf(event));
  } else if (/^\/(static|vendor)\/|^\/terminal\/manifest/.test(pathname)) {
    event.respondWith(partOf(request));
  }
});
