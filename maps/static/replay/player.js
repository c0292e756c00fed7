/* The playing head over a span of the day, told the wall's milliseconds. Mirrors replay/playback.py. */
const held = (value, low, high) => Math.min(Math.max(value, low), high);

export class Player {
  constructor(start, end) {
    this.start = start;
    this.end = end;
    this.at = start;
    this.wall = 0;
    this.speed = 10;
    this.playing = false;
  }

  head(wall) {
    const run = this.playing ? (wall - this.wall) * this.speed : 0;
    return held(this.at + run, this.start, this.end);
  }

  hold(wall) {
    this.at = this.head(wall);
    this.wall = wall;
  }

  play(wall) {
    this.hold(wall);
    if (this.at >= this.end) this.at = this.start;
    this.playing = true;
  }

  pause(wall) {
    this.hold(wall);
    this.playing = false;
  }

  seek(ms, wall) {
    this.at = held(ms, this.start, this.end);
    this.wall = wall;
  }

  atSpeed(speed, wall) {
    this.hold(wall);
    this.speed = held(speed, 1, 60);
  }
}
