// The screening desk: show my queue, take one vote a key, keep every vote until the server has it.
import { Outbox, remember, remembered } from "./outbox.js";

const place = document.querySelector("[data-place]");
const words = JSON.parse(place.dataset.words);
const say = document.querySelector("[data-say]");
const state = document.querySelector(".state");
const undoForm = document.querySelector("[data-undo]");
const undoButton = undoForm.querySelector("button");
const help = document.querySelector("[data-help]");
const ballot = document.querySelector("[data-ballot]");
const finish = document.querySelector("[data-finish]");
const finishButton = finish.querySelector("button");
const refusal = document.querySelector("[data-refused]");
const single = document.querySelector("[data-single]");
const notMine = document.querySelector("[data-not-mine]");
const bar = document.querySelector("[data-progress]");
const FEW = 3; // with so many left to show, ask for more
const MOST_IN_HAND = 20;
const FIELDS = ["note", "private_note", "tags"];

const ahead = [];   // parsed articles that wait to be shown
const behind = [];  // what I voted on since the page was opened, newest last: the article and its fields
let left = Number(place.dataset.left);
let done = Number(place.dataset.done);
let inHand = Number(place.dataset.inHand);
let asking = false;
let exhausted = false;

const shown = () => place.querySelector(".record");
const idOf = (article) => Number(article?.dataset.record ?? 0);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const counted = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const copy = (name) => document.querySelector(`[data-${name}]`).content.firstElementChild.cloneNode(true);

// ---- votes on their way -------------------------------------------------------
const outbox = new Outbox({
  review: place.dataset.review, stage: place.dataset.stage, reviewer: Number(place.dataset.reviewer), name: place.dataset.name,
  votes: place.dataset.votes, mine: place.dataset.mine, words,
  tell(name, text) {
    if (name === "offline" && state.dataset.state !== "offline") say.textContent = text;
    state.dataset.state = name;
    if (state.textContent !== text) state.firstElementChild.textContent = text;
  },
  saved() {}, // the desk went on long ago
  refused,
});

function unsent() { // records whose newest vote on its way is a vote, not a withdrawal
  const newest = new Map(outbox.waiting.map(({ vote }) => [vote.record, vote.decision]));
  return [...newest].filter(([, decision]) => decision !== "withdrawn").map(([record]) => record);
}

function refused(vote, problem) {
  refusal.querySelector("[data-refused-title]").textContent = problem.title ?? words.refused;
  refusal.querySelector("[data-refused-hint]").textContent = problem.hint ?? "";
  const link = refusal.querySelector("[data-refused-link]");
  const at = behind.findLastIndex(({ article }) => idOf(article) === vote.record);
  link.href = `${place.dataset.desk}?record=${vote.record}`;
  link.hidden = at >= 0 || vote.decision === "withdrawn";
  refusal.hidden = false;
  if (vote.decision === "withdrawn") return idOf(shown()) === vote.record ? goOn() : undefined; // the vote stands
  step(-1);
  if (at >= 0) putBack(behind.splice(at, 1)[0]);
}

// ---- the queue ------------------------------------------------------------------
async function lookAhead() {
  if (asking || exhausted || ahead.length > FEW) return;
  asking = true;
  try {
    const skip = [...new Set([...ahead.map(idOf), idOf(shown()), ...unsent()])].filter(Boolean);
    const answer = await outbox.post(place.dataset.queue, { skip });
    if (!answer.ok) throw new Error(answer.status);
    exhausted = answer.data.length === 0;
    const known = new Set([...ahead.map(idOf), idOf(shown()), ...unsent()]);
    ahead.push(...answer.data.filter(({ id }) => !known.has(id)).map(parsed));
  } catch { setTimeout(lookAhead, 4000); }
  asking = false;
  if (isWaiting()) goOn();
}

function parsed({ html }) {
  const fragment = document.createElement("template");
  fragment.innerHTML = html; // our own fragment, in which the server escaped every word of the record
  return fragment.content.querySelector(".record");
}

const isWaiting = () => shown().hasAttribute("data-waiting");

function goOn(withFocus = true) { // the next record; the end of the queue; or the word that it is on its way
  const next = ahead.shift();
  if (next) show(next, withFocus);
  else if (exhausted) { left = 0; show(copy("over"), withFocus); }
  else if (!isWaiting()) {
    const coming = copy("coming");
    coming.setAttribute("data-waiting", "");
    show(coming, withFocus);
  }
}

function show(article, withFocus = true, fields = {}) {
  shown().replaceWith(article);
  const isRecord = idOf(article) > 0;
  for (const button of ballot.querySelectorAll("[data-vote]")) button.disabled = !isRecord;
  for (const name of FIELDS) ballot.elements[name].value = fields[name] ?? "";
  ballot.elements.record.value = idOf(article) || "";
  ask(article);
  undoButton.disabled = behind.length === 0 && inHand === 0;
  count();
  scrollTo(0, 0);
  if (withFocus) article.querySelector("h1").focus({ preventScroll: true });
}

function ask(article) { // "I should not judge this record" is asked anew of each record
  notMine.hidden = !idOf(article);
  notMine.open = false;
  const { record, reason } = notMine.querySelector("form").elements;
  record.value = idOf(article) || "";
  reason.value = "";
}

function step(by) {
  done += by;
  left = Math.max(0, left - by);
  countInHand(Math.min(MOST_IN_HAND, Math.max(0, inHand + by)));
  count();
}

function count() {
  document.querySelector("[data-shown-left]").textContent = counted(left);
  document.querySelector("[data-shown-done]").textContent = counted(done);
  bar.setAttribute("width", done);
}

function countInHand(n) {
  inHand = n;
  finish.querySelector("[data-finish-label]").textContent = fill(n === 1 ? words.finish_one : words.finish_many, { n });
  finishButton.disabled = n === 0;
}

// ---- deeds ------------------------------------------------------------------------
function vote(button, byKey) {
  const article = shown();
  if (!idOf(article)) return;
  const fields = Object.fromEntries(FIELDS.map((name) => [name, ballot.elements[name].value]));
  const { vote: decision, reason } = button.dataset;
  behind.push({ article, fields });
  refusal.hidden = true;
  outbox.put({
    record: idOf(article), decision, reason: reason ? Number(reason) : null, note: fields.note || null,
    private_note: fields.private_note || null, tags: fields.tags.split(",").map((tag) => tag.trim()).filter(Boolean),
  });
  goOn(byKey);
  step(1);
  undoButton.disabled = false;
  const why = reason ? `: ${button.querySelector("span").textContent.trim()}` : "";
  const next = byKey ? "" : ` ${fill(words.next, { title: shown().querySelector("h1").textContent })}`; // a key moves the focus, which reads the title
  say.textContent = `${words[decision]}${why}.${next}`;
  lookAhead();
}

function undo() {
  const last = behind.pop();
  if (!last) return undoEarlier();
  outbox.put({ record: idOf(last.article), decision: "withdrawn" });
  step(-1);
  putBack(last);
  say.textContent = words.undone;
}

function undoEarlier() { // a vote from before this page was opened: the server knows the record
  if (outbox.waiting.length) say.textContent = words.wait;
  else if (undoForm.elements.record && inHand > 0) undoForm.submit();
  else say.textContent = words.nothing;
}

function putBack({ article, fields }) {
  if (idOf(shown())) ahead.unshift(shown());
  show(article, true, fields);
}

function toggleMarks() {
  const off = document.body.classList.toggle("no-marks");
  remember("workbench.marks", off ? "off" : "on");
  say.textContent = off ? words.marks_off : words.marks_on;
}

function goToFinish() {
  if (finishButton.disabled) { say.textContent = words.finish_none; return; }
  finishButton.focus();
  say.textContent = fill(words.finish_say, { n: inHand });
}

function toDuplicate() { // its page proposes what the record may be a duplicate of
  shown().querySelector("[data-duplicate]")?.click();
}

// ---- hands --------------------------------------------------------------------------
const KEYS = { y: "[data-vote=include]", m: "[data-vote=unclear]", n: "[data-vote=exclude]:not([data-reason])" };
const DEEDS = { u: undo, h: toggleMarks, f: goToFinish, d: toDuplicate, "?": () => help.showModal(), "/": () => ballot.elements.note.focus() };

addEventListener("keydown", (event) => {
  if (event.isComposing || help.open || event.altKey) return;
  const key = event.key.toLowerCase();
  if (event.target.closest("input, textarea, select")) {
    if (key === "escape") shown().querySelector("h1").focus();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && key === "z") { event.preventDefault(); return undo(); }
  if (event.ctrlKey || event.metaKey || !single.checked || event.repeat) return;
  const button = ballot.querySelector(KEYS[key] ?? (/^[1-9]$/.test(key) ? `[data-number="${key}"]` : "no-such"));
  if (button) vote(button, true);
  else if (DEEDS[key]) DEEDS[key]();
  else return;
  event.preventDefault();
});
ballot.addEventListener("submit", (event) => { // without this module the form posts the vote
  event.preventDefault();
  if (event.submitter) vote(event.submitter, false);
});
undoForm.addEventListener("submit", (event) => { event.preventDefault(); undo(); });
finish.addEventListener("submit", async (event) => { // every vote arrives before they are handed in
  if (!outbox.waiting.length) return;
  event.preventDefault();
  say.textContent = words.finish_wait;
  await outbox.send();
  if (!outbox.waiting.length) finish.requestSubmit();
});
const helpButton = document.querySelector("[data-do=help]");
helpButton.hidden = false;
helpButton.addEventListener("click", () => help.showModal());
single.checked = remembered("workbench.single", "on") !== "off";
single.addEventListener("change", () => remember("workbench.single", single.checked ? "on" : "off"));
document.body.classList.toggle("no-marks", remembered("workbench.marks", "on") === "off");
addEventListener("online", lookAhead);

// Votes that an earlier page could not send: they go first, and their records are not asked again.
const kept = unsent();
if (kept.length) {
  step(kept.length);
  outbox.send();
}
if (kept.includes(idOf(shown()))) goOn();
if (idOf(shown()) || isWaiting()) lookAhead();
