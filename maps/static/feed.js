/* The live feed: one WebSocket a page, resumed by cursor and state, tried again with back-off, watched for silence.
 *
 *   const feed = openFeed({ path: "/ws/live", onMessage(message), onLink(link) })
 *   link: "live" | "lost" | "frozen"   (frozen: nothing came for ten seconds)
 *
 * What messages hold: docs/feed.md.
 */
const SILENCE_MS = 10000;
const WAIT_MIN_MS = 250;
const WAIT_MAX_MS = 15000;
const LOG_IN_AGAIN = 4401;
const LOAD_AGAIN = 4410;

export function openFeed({ path, onMessage, onLink }) {
  let cursor = "";
  let state = null;
  let wait = WAIT_MIN_MS;
  let timer = 0;
  let socket = null;
  let link = "";
  let heard = performance.now();
  let opened = heard;
  let closed = false;

  function say(next) {
    if (next !== link) onLink?.((link = next));
  }

  function address() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const resume = new URLSearchParams();
    if (cursor) resume.set("cursor", cursor);
    if (state !== null) resume.set("state", state);
    return `${scheme}//${location.host}${path}${resume.size ? `?${resume}` : ""}`;
  }

  function open() {
    clearTimeout(timer);
    timer = 0;
    if (closed) return;
    opened = performance.now();
    const mine = (socket = new WebSocket(address()));
    mine.onmessage = ({ data }) => {
      heard = performance.now();
      wait = WAIT_MIN_MS;
      const message = JSON.parse(data);
      if (message.cursor) ({ cursor, state } = message);
      say("live");
      onMessage(message);
    };
    mine.onclose = ({ code }) => {
      if (code === LOG_IN_AGAIN) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
      else if (code === LOAD_AGAIN) location.reload();
      else again();
    };
  }

  /* The first try comes within WAIT_MIN_MS; jitter keeps a whole district's screens from coming at one moment. */
  function again() {
    if (closed || timer) return;
    if (link === "live") say("lost");
    timer = setTimeout(open, wait * (0.5 + Math.random() / 2));
    wait = Math.min(wait * 2, WAIT_MAX_MS);
  }

  /* A socket may hang without closing, after a laptop's sleep for instance: nobody waits for its farewell. */
  function abandon() {
    socket.onmessage = socket.onclose = null;
    socket.close();
    again();
  }

  const watch = setInterval(() => {
    const now = performance.now();
    if (now - heard <= SILENCE_MS) return;
    say("frozen");
    if (socket.readyState === WebSocket.OPEN && now - opened > SILENCE_MS) abandon();
  }, 1000);
  const hurry = () => timer && open();
  addEventListener("online", hurry);

  open();
  return {
    close() {
      closed = true;
      clearInterval(watch);
      clearTimeout(timer);
      removeEventListener("online", hurry);
      socket.close();
    },
    /* Cut the connection; it is opened again as after any other cut. */
    drop: () => socket.close(),
    silence_s: () => (performance.now() - heard) / 1000,
  };
}
