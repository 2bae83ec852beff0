// A visit of one's own images, as the page knows it: a token, where its files lie, and how the server is asked about it.
// Only the server says that a visit is over, and then a new one begins; a request that is lost ends none.

const WAIT_MS = 700;

let open = null; // of this page, for as long as it is open: it outlives the tab
addEventListener("pagehide", () => { if (open) navigator.sendBeacon(`${open.base}/leave`); });

export class Visit {
  /** `on.say(text, tone)`; `on.begun(visit)`; `on.gone(why)` when the server no longer has it. */
  constructor(server, on) {
    Object.assign(this, { server, on, beginning: null });
    if (open) on.begun(open);
  }

  /** Where its files lie; nothing while there is no visit. */
  get base() {
    return open?.base;
  }

  /** Begin a new one; whoever needs one meanwhile waits for the same. */
  begin() {
    open = null;
    this.beginning ??= this.ask("open_visit").then((begun) => {
      open = begun;
      this.beginning = null;
      if (begun) this.on.begun(begun);
    });
    return this.beginning;
  }

  /** Ask the server; what went wrong is said, and null comes back. Waits for the encoder, and when `patient` also for a
      server that does not answer. */
  async ask(name, asked = {}, patient = false) {
    for (let waited = false; ; waited = true) {
      if (name !== "open_visit") await this.beginning;
      const token = open?.token;
      // Gradio hands on nothing, and sometimes throws, when a request is lost.
      const reply = (await this.server[name]({ ...asked, token }).catch(() => null))
        ?? (patient ? { wait: "The server does not answer; it is asked again …" } : { error: "The server did not answer. Try again in a moment." });
      if (reply.wait) {
        this.on.say(reply.wait);
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
      } else if (reply.error) {
        if (reply.gone && token !== open?.token) return null; // of a visit before this one
        if (reply.gone) {
          this.on.gone(reply.error);
          await this.begin();
        }
        this.on.say(reply.error, "bad");
        return null;
      } else {
        if (waited) this.on.say("");
        return reply;
      }
    }
  }
}
