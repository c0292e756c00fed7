/* The live feed: one WebSocket a page, resumed by cursor, tried again with back-off, watched for silence.
 *
 *   const feed = openFeed({ path: "/ws/live", onMessage(message), onLink(link) })
 *   link: "live" | "lost" | "frozen"   (frozen: nothing came for ten seconds)
 */
const SILENCE_MS = 10000;
const WAIT_MIN_MS = 500;
const WAIT_MAX_MS = 15000;
const LOG_IN_AGAIN = 4401;

export function openFeed({ path, onMessage, onLink }) {
  let cursor = "";
  let wait = WAIT_MIN_MS;
  let socket = null;
  let link = "";
  let heard = performance.now();
  let closed = false;

  function say(next) {
    if (next !== link) onLink?.((link = next));
  }

  function open() {
    if (closed) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const resume = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
    socket = new WebSocket(`${scheme}//${location.host}${path}${resume}`);
    socket.onmessage = ({ data }) => {
      heard = performance.now();
      wait = WAIT_MIN_MS;
      const message = JSON.parse(data);
      if (message.cursor) cursor = message.cursor;
      say("live");
      onMessage(message);
    };
    socket.onclose = ({ code }) => {
      if (closed) return;
      if (code === LOG_IN_AGAIN) {
        location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
        return;
      }
      if (link === "live") say("lost");
      setTimeout(open, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, WAIT_MAX_MS);
    };
  }

  const watch = setInterval(() => {
    if (performance.now() - heard > SILENCE_MS) {
      say("frozen");
      // A socket may hang without closing, after a laptop's sleep for instance.
      if (socket?.readyState === WebSocket.OPEN && performance.now() - heard > 2 * SILENCE_MS) socket.close();
    }
  }, 1000);

  open();
  return {
    close() {
      closed = true;
      clearInterval(watch);
      socket?.close();
    },
    /* Cut the connection; it is opened again as after any other cut. */
    drop: () => socket?.close(),
    silence_s: () => (performance.now() - heard) / 1000,
  };
}
