// Headless Chromium over the DevTools protocol, through pipes: no port, no library.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
  // Nothing outside can be reached, whatever a page asks for.
  "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
];

/** A running browser; `send` is one command, `on` hears events of one session. */
export class Chromium {
  #next = 1;
  #waiting = new Map();
  #heard = new Map();
  #rest = "";

  constructor(program = "chromium") {
    this.profile = mkdtempSync(join(tmpdir(), "carnet-browser-"));
    this.child = spawn(program, [...FLAGS, `--user-data-dir=${this.profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.child.on("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`chromium ended (${code})`));
    });
    this.child.on("error", (e) => {
      for (const { reject } of this.#waiting.values()) reject(e);
    });
    this.child.stdio[4].setEncoding("utf8").on("data", (text) => this.#read(text));
  }

  #read(text) {
    const parts = (this.#rest + text).split("\0");
    this.#rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      if (message.id) {
        const { resolve, reject, method } = this.#waiting.get(message.id) ?? {};
        this.#waiting.delete(message.id);
        if (message.error) reject?.(new Error(`${method}: ${message.error.message}`));
        else resolve?.(message.result);
      } else {
        this.#heard.get(message.sessionId)?.(message.method, message.params);
      }
    }
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, method });
      this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** A new tab, with what it asks for and complains about in `requests` and `complaints`. */
  async tab() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, sessionId);
    this.#heard.set(sessionId, (method, params) => tab.hear(method, params));
    for (const domain of ["Page", "Runtime", "Network", "Log", "Audits"]) await tab.send(`${domain}.enable`);
    return tab;
  }

  async close() {
    await this.send("Browser.close").catch(() => {});
    await new Promise((done) => (this.child.exitCode === null ? this.child.once("exit", done) : done()));
    rmSync(this.profile, { recursive: true, force: true });
  }
}

class Tab {
  requests = [];
  complaints = [];
  #loaded = () => {};

  constructor(browser, session) {
    this.browser = browser;
    this.session = session;
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  hear(method, params) {
    if (method === "Page.loadEventFired") this.#loaded();
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Log.entryAdded") this.complaints.push(`${params.entry.source}: ${params.entry.text}`);
    if (method === "Runtime.exceptionThrown") this.complaints.push(`exception: ${params.exceptionDetails.text}`);
    if (method === "Runtime.consoleAPICalled") this.complaints.push(`console.${params.type}`);
    if (method === "Audits.issueAdded") this.complaints.push(`issue: ${params.issue.code}`);
  }

  async open(url) {
    this.requests = [];
    this.complaints = [];
    const loaded = new Promise((done) => (this.#loaded = done));
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** The value of an expression on the page. */
  async ask(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** What a function says that runs on the page. */
  run(f, ...values) {
    return this.ask(`(${f})(...${JSON.stringify(values)})`);
  }

  width(width, height = 900) {
    return this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  theme(theme) {
    return this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }, { name: "prefers-reduced-motion", value: "reduce" }] });
  }

  async key(key, code = key) {
    const windowsVirtualKeyCode = { Tab: 9, Enter: 13 }[key];
    const text = key === "Enter" ? "\r" : undefined;
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code, windowsVirtualKeyCode, text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code, windowsVirtualKeyCode });
  }
}
