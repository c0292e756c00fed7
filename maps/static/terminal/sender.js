/* The outgoing half of the protocol, without a socket: taps first, then live fixes, then backfill in messages of
 * at most 50, at most 4 unacknowledged. What was on its way when a connection broke goes out again on the next. */
const MAX_FIXES = 50;
const MAX_ON_THE_WAY = 4;

export class Sender {
  /* now(): what the clock shows that fixes are stamped by, told along where there is room for it. */
  constructor(unsent = [], now = () => undefined) {
    this.now = now;
    this.taps = [];
    this.live = [];
    this.backfill = [];
    this.onTheWay = [];
    this.have = null;
    this.open = false;
    this.n = 0;
    for (const entry of unsent) this.add(entry, false);
  }

  get pending() {
    const waiting = this.taps.length + this.live.length + this.backfill.length;
    return waiting + this.onTheWay.reduce((sum, message) => sum + message.entries.length, 0);
  }

  add(entry, live = true) {
    if (entry.item.event) this.taps.push(entry);
    else if (live && this.open) this.live.push(entry);
    else this.backfill.push(entry);
  }

  drawn(have) {
    this.have = have;
  }

  opened() {
    this.open = true;
    this.n = 0;
  }

  lost() {
    this.open = false;
    const entries = this.onTheWay.flatMap((message) => message.entries);
    this.onTheWay = [];
    this.taps.unshift(...entries.filter((entry) => entry.item.event));
    this.backfill.unshift(...entries.filter((entry) => entry.item.fix));
    this.backfill.push(...this.live.splice(0));
  }

  /* The next message, or null while there is none to send or too many are on the way. */
  next() {
    if (!this.open || this.onTheWay.length >= MAX_ON_THE_WAY) return null;
    if (this.taps.length) {
      const entry = this.taps.shift();
      return this.number({ event: entry.item.event }, [entry]);
    }
    if (this.have) {
      const have = this.have;
      this.have = null;
      return this.number({ have: { ...have, t: this.now() } }, []);
    }
    for (const queue of [this.live, this.backfill]) {
      if (queue.length) {
        const entries = queue.splice(0, MAX_FIXES);
        const fixes = entries.map((entry) => entry.item.fix);
        return this.number(fixes.length === 1 ? { fix: fixes[0] } : { fixes }, entries);
      }
    }
    return null;
  }

  number(parts, entries) {
    this.n += 1;
    this.onTheWay.push({ n: this.n, entries });
    return { n: this.n, ...parts };
  }

  /* Keys of the entries that the platform has committed (or keeps in quarantine) with every message up to n. */
  acknowledged(n) {
    const keys = [];
    while (this.onTheWay.length && this.onTheWay[0].n <= n) {
      keys.push(...this.onTheWay.shift().entries.map((entry) => entry.key));
    }
    return keys;
  }
}
