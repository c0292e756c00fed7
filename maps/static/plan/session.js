/* A planner's edits on one stored plan: tried on the server, never stored until saved. Undo and redo are here alone. */
import { post } from "/static/http.js";

const kept = new Map();

export class Session {
  constructor(plan, changed) {
    this.plan = plan;
    this.changed = changed;
    const before = kept.get(plan) ?? { edits: [], undone: [] };
    this.edits = before.edits;
    this.undone = before.undone;
    this.base = null;
    this.now = null;
    this.trial = 0;
  }

  get path() {
    return `/api/plans/${this.plan}/desk`;
  }

  get dirty() {
    return this.edits.length > 0;
  }

  async open() {
    const told = await post(this.path, { show: "whole" });
    if (told.why) throw new Error(told.why);
    this.base = { ...told, heard: performance.now() };
    this.now = this.base;
    if (this.dirty) await this.renew();
  }

  /* The same edits on the day as it is by now. */
  async refresh() {
    await this.open();
    if (!this.dirty) this.changed();
  }

  /* The vans that the edits do not touch are as they were. */
  merged(answer) {
    const touched = new Map(answer.vans.map((van) => [van.id, van]));
    const vans = this.base.vans.map((van) => touched.get(van.id) ?? van)
      .map((van) => (van.line ? van : { ...van, line: this.base.vans.find((one) => one.id === van.id)?.line ?? null }));
    return { ...this.base, ...answer, heard: performance.now(), vans, choices: this.base.choices };
  }

  async renew() {
    const answer = this.dirty ? await post(this.path, { edits: this.edits, show: "lines" }) : null;
    if (answer) this.edits = answer.edits;
    kept.set(this.plan, { edits: this.edits, undone: this.undone });
    this.now = answer ? this.merged(answer) : this.base;
    this.changed();
  }

  /* Carry out edits; what the server refuses is taken back and thrown on. */
  async commit(...edits) {
    const before = { edits: this.edits, undone: this.undone };
    this.edits = [...this.edits, ...edits];
    this.undone = [];
    try {
      await this.renew();
    } catch (error) {
      Object.assign(this, before);
      kept.set(this.plan, before);
      throw error;
    }
  }

  /* What an edit would do. Null when a newer trial has overtaken this one. */
  async try(edit) {
    const mine = ++this.trial;
    const answer = await post(this.path, { edits: [...this.edits, edit], show: "touched" });
    return mine === this.trial ? answer : null;
  }

  async why(...visits) {
    return post(`${this.path}/why`, { edits: this.edits, visits });
  }

  async vans(visit) {
    return post(`${this.path}/vans`, { edits: this.edits, visit });
  }

  async undo() {
    if (!this.edits.length) return;
    this.undone = [...this.undone, this.edits.at(-1)];
    this.edits = this.edits.slice(0, -1);
    await this.renew();
  }

  async redo() {
    if (!this.undone.length) return;
    this.edits = [...this.edits, this.undone.at(-1)];
    this.undone = this.undone.slice(0, -1);
    await this.renew();
  }

  async drop() {
    this.edits = [];
    this.undone = [];
    await this.renew();
  }

  async save(name) {
    const made = await post(`${this.path}/save`, { edits: this.edits, name });
    kept.delete(this.plan);
    return made;
  }
}
