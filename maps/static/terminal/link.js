/* The socket: dials again with a growing pause, says hello, feeds the sender, hands the pushes on. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const QUIET_MS = 20000;
const UNKNOWN_TOKEN = 4401;
const KINDS = ["plan", "task", "withdraw", "say"];

export class Link {
  /* handlers: welcome(told), state(told), push(seq, kind, body), committed(keys), refused(told), dismissed(), changed() */
  constructor(sender, hello, handlers) {
    this.sender = sender;
    this.hello = hello;
    this.on = handlers;
    this.wait = FIRST_WAIT_MS;
    this.socket = null;
    this.online = false;
    this.heard = 0;
    window.addEventListener("online", () => this.again(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && !this.online) this.again(0);
    });
    setInterval(() => this.watch(), 5000);
  }

  start() {
    this.again(0);
  }

  again(wait) {
    if (this.stopped || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.dial(), wait);
  }

  dial() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/terminal/ws`, "carevan.v1");
    this.socket = socket;
    socket.onopen = () => {
      this.heard = Date.now();
      socket.send(JSON.stringify({ hello: this.hello() }));
    };
    socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.closed(event, socket);
  }

  /* A dead network does not always close a socket: the platform speaks each 5 s, so silence means it is gone. */
  watch() {
    if (this.online && Date.now() - this.heard > QUIET_MS) {
      const { socket } = this;
      socket.close();
      this.closed({ code: 1006 }, socket);
    }
  }

  closed(event, socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.online = false;
    this.sender.lost();
    this.on.changed();
    if (event.code === UNKNOWN_TOKEN) {
      this.stopped = true;
      this.on.dismissed();
      return;
    }
    const wait = this.wait * (0.5 + Math.random() / 2);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    this.again(wait);
  }

  receive(told) {
    this.heard = Date.now();
    if (told.welcome) {
      this.wait = FIRST_WAIT_MS;
      this.online = true;
      this.sender.opened();
      this.on.welcome(told.welcome);
    } else if (told.ack !== undefined) {
      this.on.committed(this.sender.acknowledged(told.ack));
    } else if (told.refused) {
      this.on.refused(told.refused);
    } else if (told.seq !== undefined) {
      const kind = KINDS.find((name) => name in told);
      if (kind) this.on.push(told.seq, kind, told[kind]);
    } else if (told.state !== undefined) {
      this.on.state(told);
    }
    this.flush();
    this.on.changed();
  }

  flush() {
    if (!this.online) return;
    for (let message = this.sender.next(); message; message = this.sender.next()) {
      this.socket.send(JSON.stringify(message));
    }
  }
}
