/* The platform's time on this device: corrected by every time the platform tells, also where its day runs
 * faster than the wall (a demo at ten times the speed). What it last knew is kept for starts without network. */
const NEAR_ONE = 0.05;

export class Clock {
  constructor(kept, wall = () => Date.now()) {
    this.wall = wall;
    this.at = kept?.at ?? null;
    this.domain = kept?.domain ?? null;
    this.rate = kept?.rate ?? 1;
  }

  /* Take a time from the platform, epoch milliseconds. */
  correct(domain) {
    const at = this.wall();
    if (this.at !== null && at - this.at > 2000) {
      const rate = (domain - this.domain) / (at - this.at);
      if (Math.abs(rate - 1) < NEAR_ONE) this.rate = 1;
      else if (rate > 0.1 && rate < 200) this.rate = rate;
    }
    this.at = at;
    this.domain = domain;
    return { at: this.at, domain: this.domain, rate: this.rate };
  }

  now() {
    return this.at === null ? this.wall() : Math.round(this.domain + (this.wall() - this.at) * this.rate);
  }

  /* The platform's time of a moment on the wall. */
  of(wallMs) {
    return Math.round(this.now() + (wallMs - this.wall()) * this.rate);
  }
}
