// Votes on their way: each stands in the browser under an entry of its own until the server has answered for it, so
// that a lost connection, a closed tab or an expired sign-in loses none, and two tabs never write over each other.
const AGAIN = 4000;
const FITS_KEEPALIVE = 30000; // a browser refuses larger bodies of requests that may outlive the page

export function newKey() { // randomUUID would need https; a hospital's own server may not have it
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  #memory = new Map(); // where the browser stores nothing, votes live as long as the page
  #round = null;
  #timer = 0;
  #last = 0;

  // given: review, stage, reviewer, name; votes, mine (addresses); words; tell(state, words); saved(vote, answer); refused(vote, problem)
  constructor(given) {
    Object.assign(this, given);
    this.prefix = `workbench.vote.${this.review}.${this.stage}.${this.reviewer}.`;
    this.token = document.querySelector("meta[name=csrf-token]").content;
    addEventListener("online", () => this.send());
  }

  get waiting() {
    const stored = [];
    try {
      for (const name of Object.keys(localStorage)) if (name.startsWith(this.prefix)) stored.push([name, localStorage.getItem(name)]);
    } catch { /* no store: memory alone */ }
    return [...stored, ...this.#memory].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => ({ name, vote: JSON.parse(text) }));
  }

  put(vote) { // a vote; or, with `to`, another deed that must keep its place among them
    this.#last = Math.max(Date.now(), this.#last + 1);
    const name = this.prefix + String(this.#last).padStart(15, "0");
    const text = JSON.stringify({ key: newKey(), reviewer: this.reviewer, ...vote });
    try { localStorage.setItem(name, text); } catch { this.#memory.set(name, text); }
    this.tell("sending", this.words.saving);
    this.send();
  }

  send() { // one round at a time; whoever asks meanwhile waits for the round that is under way
    return this.#round ??= this.#all().finally(() => { this.#round = null; });
  }

  async #all() {
    clearTimeout(this.#timer);
    let fine = true;
    for (let next; fine && (next = this.waiting[0]);) fine = await this.#one(next);
    if (fine) this.tell("saved", this.words.saved);
    else this.#timer = setTimeout(() => this.send(), AGAIN);
  }

  // One request with the token of this session; after a new sign-in in another tab, once more with the new token.
  async post(address, body, renewed = false) {
    const text = JSON.stringify(body);
    const answer = await fetch(address, {
      method: "POST", redirect: "manual", keepalive: text.length < FITS_KEEPALIVE, body: text,
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
    });
    const problem = answer.ok ? {} : await answer.json().catch(() => ({}));
    const out = answer.type === "opaqueredirect" || answer.status === 401 || problem.type === "form-too-old";
    if (out && !renewed && await this.#renew()) return this.post(address, body, true);
    return { out, problem, status: answer.status, ok: answer.ok, data: answer.ok ? await answer.json() : null };
  }

  async #one({ name, vote }) {
    let answer;
    try { answer = await this.post(vote.to ?? this.votes, vote); } catch { return this.#wait(this.waiting.length === 1 ? "offline_one" : "offline_many"); }
    if (answer.out) return this.#wait("sign_in");
    if (answer.problem.type === "other-account") return this.#wait("other");
    if (!answer.ok && (answer.status >= 500 || answer.status === 408 || answer.status === 429)) return this.#wait("unsaved");
    this.#drop(name);
    if (answer.ok) this.saved(vote, answer.data);
    else this.refused(vote, answer.problem);
    return true;
  }

  async #renew() {
    const answer = await fetch(this.mine, { redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.token = page.querySelector("meta[name=csrf-token]")?.content ?? this.token;
    return true;
  }

  #wait(word) {
    this.tell("offline", this.words[word].replace("{n}", this.waiting.length).replace("{name}", this.name));
    return false;
  }

  #drop(name) {
    this.#memory.delete(name);
    try { localStorage.removeItem(name); } catch { /* it was in memory */ }
  }
}

// The single keys are kept by the server, so that they follow to another device.
export function keepSwitch(outbox, address, areOn) {
  outbox.post(address, { are_on: areOn }).catch(() => { /* offline: it holds for this page */ });
}

// What the switches of the desk remember in this browser.
export function remembered(name, otherwise) {
  try { return localStorage.getItem(name) ?? otherwise; } catch { return otherwise; }
}

export function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* it holds for this page */ }
}
