// The screening desk: show my queue, take one vote a key, keep every vote until the server has it.
import { Outbox, keepSwitch, remember, remembered } from "./outbox.js";

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
const notMine = document.querySelectorAll("[data-not-mine]"); // to bar oneself, and to pass a record on for its language
const bar = document.querySelector("[data-progress]");
const lookNote = document.querySelector("[data-look]");
const doing = (name) => document.querySelector(`[data-do=${name}]`);
const keys = JSON.parse(place.dataset.keyMap);
const wish = JSON.parse(place.dataset.wish); // what the desk is narrowed to
const FEW = 3; // with so many left to show, ask for more
const MOST_IN_HAND = 20;
const FIELDS = ["note", "private_note", "tags"];

const ahead = [];   // parsed articles that wait to be shown
const behind = [];  // what I voted on or put off since the page was opened, newest last: the article, its fields, its vote
const undone = [];  // what I took back since my last vote, newest last
let looking = null; // an earlier vote of mine that I look at: its record, its place in `behind`, and where I came from
let left = Number(place.dataset.left);
let done = Number(place.dataset.done);
let inHand = Number(place.dataset.inHand);
let asking = false;
let putOffs = 0; // so many records were put off here
let puttingOff = 0; // so many of them the server has not been told yet
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
  saved(_vote, answer) { if (outbox.waiting.length === 0) countInHand(answer.in_hand ?? inHand); }, // the desk went on long ago
  refused,
});

function unsent() { // records whose newest vote on its way is a vote, not a withdrawal
  const newest = new Map(outbox.waiting.map(({ vote }) => [vote.record, vote.decision]));
  return [...newest].filter(([, decision]) => !["withdrawn", "back"].includes(decision)).map(([record]) => record);
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
  if (vote.to) return undefined;
  leaveLook();
  if (!vote.changes) step(-1);
  if (at >= 0) putBack(behind.splice(at, 1)[0]);
}

// ---- the queue ------------------------------------------------------------------
async function lookAhead() {
  if (asking || puttingOff || exhausted || ahead.length > FEW) return;
  asking = true;
  const before = putOffs;
  try {
    const skip = [...new Set([...ahead.map(idOf), idOf(shown()), ...unsent()])].filter(Boolean);
    const answer = await outbox.post(place.dataset.queue, { skip, wish });
    if (!answer.ok) throw new Error(answer.status);
    exhausted = answer.data.length === 0 && before === putOffs; // what was put off meanwhile comes last
    const known = new Set([...ahead.map(idOf), idOf(shown()), ...unsent()]);
    ahead.push(...answer.data.filter(({ id }) => !known.has(id)).map(parsed));
  } catch { setTimeout(lookAhead, 4000); }
  asking = false;
  if (isWaiting()) goOn();
  if (before !== putOffs) lookAhead();
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
  doing("redo").disabled = undone.length === 0;
  doing("later").disabled = !isRecord || looking !== null;
  count();
  scrollTo(0, 0);
  if (withFocus) article.querySelector("h1").focus({ preventScroll: true });
}

function ask(article) { // "I should not judge this record" and "Not my language" are asked anew of each record
  for (const part of notMine) {
    part.hidden = !idOf(article);
    part.open = false;
    const { record, reason } = (part.elements ? part : part.querySelector("form")).elements;
    record.value = idOf(article) || "";
    if (reason) reason.value = "";
  }
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
  const ofRound = shown().querySelector("[data-pilot-left]");
  if (ofRound) ofRound.textContent = counted(left);
  bar.setAttribute("width", done);
}

function countInHand(n) {
  inHand = n;
  finish.querySelector("[data-finish-label]").textContent = fill(n === 1 ? words.finish_one : words.finish_many, { n });
  finishButton.disabled = n === 0;
}

// ---- deeds ------------------------------------------------------------------------
const given = () => Object.fromEntries(FIELDS.map((name) => [name, ballot.elements[name].value]));

function vote(button, byKey) {
  const article = shown();
  if (!idOf(article) || button.disabled) return;
  const { vote: decision, reason } = button.dataset;
  const because = reason ? button.querySelector("span").textContent.trim() : "";
  const deed = { article, fields: given(), decision, reason: reason ? Number(reason) : null, because };
  if (looking) return change(deed);
  undone.length = 0;
  cast(deed, byKey);
  say.textContent = byKey ? `${said(deed)}.` : `${said(deed)}. ${fill(words.next, { title: titleOf(shown()) })}`; // a key moves the focus, which reads the title
}

const titleOf = (article) => article.querySelector("h1").textContent;
const said = ({ decision, because }) => `${words[decision]}${because ? `: ${because}` : ""}`;

function cast(deed, byKey) {
  behind.push(deed);
  refusal.hidden = true;
  send(deed);
  goOn(byKey);
  step(1);
  undoButton.disabled = false;
  voted();
  lookAhead();
}

function send({ article, fields, decision, reason }, changes = false) {
  outbox.put({
    record: idOf(article), decision, reason, note: fields.note || null, private_note: fields.private_note || null,
    tags: fields.tags.split(",").map((tag) => tag.trim()).filter(Boolean), ...(changes ? { changes } : {}),
  });
}

function later() {
  if (!idOf(shown()) || looking) return;
  undone.length = 0;
  putOff();
}

function putOff() {
  const article = shown();
  behind.push({ article, fields: given(), decision: "later" });
  outbox.put({ record: idOf(article), decision: "later", to: place.dataset.later });
  exhausted = false;
  putOffs += 1;
  puttingOff += 1;
  goOn();
  undoButton.disabled = false;
  say.textContent = words.put_off;
  outbox.send().then(() => { puttingOff -= 1; return lookAhead(); }); // asked sooner, the queue would not have it yet
}

function undo() {
  leaveLook();
  const last = behind.pop();
  if (!last) return undoEarlier();
  undone.push(last);
  const isLater = last.decision === "later";
  outbox.put(isLater ? { record: idOf(last.article), decision: "back", to: place.dataset.later } : { record: idOf(last.article), decision: "withdrawn" });
  if (!isLater) step(-1);
  putBack(last);
  say.textContent = isLater ? words.called_back : words.undone;
}

function undoEarlier() { // a vote from before this page was opened: the server knows the record
  if (outbox.waiting.length) say.textContent = words.wait;
  else if (inHand > 0 && !undoForm.action.endsWith("/votes")) undoForm.submit(); // a list voted on at once
  else if (undoForm.elements.record && inHand > 0) undoForm.submit();
  else say.textContent = words.nothing;
}

function redo() {
  leaveLook();
  const last = undone.at(-1);
  if (!last || idOf(last.article) !== idOf(shown())) { say.textContent = words.no_redo; return; }
  undone.pop();
  if (last.decision === "later") return putOff();
  cast({ ...last, fields: given() }, true);
  say.textContent = fill(words.redone, { what: said(last) });
}

function putBack({ article, fields }) {
  const again = ahead.findIndex((one) => idOf(one) === idOf(article)); // put off, and served again meanwhile
  if (again >= 0) ahead.splice(again, 1);
  if (idOf(shown()) && idOf(shown()) !== idOf(article)) ahead.unshift(shown());
  show(article, true, fields);
}

// ---- my own earlier votes ------------------------------------------------------------
const votes = () => behind.filter(({ decision }) => decision !== "later");

async function back() {
  const mine = votes();
  const at = looking?.at ?? mine.length;
  if (at > 0 && at <= mine.length) return look(at - 1, mine[at - 1], mine.length - at >= MOST_IN_HAND);
  const found = await voteBeside("earlier", looking ? idOf(shown()) : idOf(mine[0]?.article) || null);
  if (found) look(-1, found, found.isFinal);
  else say.textContent = words.no_earlier;
}

async function forward() {
  if (!looking) { say.textContent = words.no_later; return; }
  const mine = votes();
  if (looking.at >= 0 && looking.at < mine.length - 1) return look(looking.at + 1, mine[looking.at + 1], mine.length - looking.at - 2 >= MOST_IN_HAND);
  const found = looking.at >= 0 ? null : await voteBeside("later", idOf(shown()));
  if (!found && looking.at < 0 && mine.length) return look(0, mine[0], mine.length > MOST_IN_HAND);
  const known = found ? mine.findIndex(({ article }) => idOf(article) === idOf(found.article)) : -1;
  if (known >= 0) look(known, mine[known], mine.length - known > MOST_IN_HAND);
  else if (found) look(-1, found, found.isFinal);
  else leaveLook();
}

async function voteBeside(way, than) {
  const address = `${place.dataset.mine}/${way}${than ? `?than=${than}` : ""}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
  const found = answer?.ok ? await answer.json() : {};
  if (!found.id) return null;
  const { note, private_note, tags, decision, reason, is_final: isFinal } = found;
  const button = reason && ballot.querySelector(`[data-reason="${reason}"] span`);
  return { article: parsed(found), fields: { note, private_note, tags }, decision, reason, because: button ? button.textContent.trim() : "", isFinal };
}

function look(at, deed, isFinal) {
  const from = looking ? looking.from : { article: shown(), fields: given() };
  looking = { at, deed, from };
  show(deed.article, true, deed.fields);
  for (const button of ballot.querySelectorAll("[data-vote]")) button.disabled = isFinal;
  markLook(fill(isFinal ? words.final : words.changeable, { what: said(deed) }));
}

function markLook(text) {
  lookNote.hidden = !text;
  lookNote.querySelector("[data-look-says]").textContent = text;
  doing("forward").hidden = !text;
  if (text) say.textContent = text;
}

function leaveLook() { // back to the record that I came from; or, where the page began with a look, to the next one
  if (!looking) return;
  const { from } = looking;
  looking = null;
  markLook("");
  if (from) show(from.article, true, from.fields);
  else { goOn(); lookAhead(); }
  say.textContent = words.returned;
}

function change(deed) {
  if (looking.at >= 0) Object.assign(votes()[looking.at], deed);
  send(deed, true);
  leaveLook();
  say.textContent = fill(words.changed, { what: said(deed) });
}

// ---- two tabs, two devices; the pace ---------------------------------------------------
async function agree() { // back in this tab: what I did elsewhere is done here too
  if (document.hidden || outbox.waiting.length || looking) return;
  const held = [...new Set([idOf(shown()), ...ahead.map(idOf)])].filter(Boolean);
  const asked = new URLSearchParams({ ...wish, held: held.join(",") });
  const answer = await fetch(`${place.dataset.now}?${asked}`, { headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
  if (!answer?.ok || outbox.waiting.length || looking) return;
  const now = await answer.json();
  const gone = new Set(now.gone);
  ahead.splice(0, ahead.length, ...ahead.filter((article) => !gone.has(idOf(article))));
  [left, done] = [now.left, now.done];
  countInHand(now.in_hand);
  exhausted = exhausted && left === 0;
  if (gone.has(idOf(shown()))) {
    goOn(false);
    say.textContent = fill(words.elsewhere, { title: titleOf(shown()) });
  }
  count();
  lookAhead();
}

const moments = []; // of the votes since the page was opened
function voted() {
  moments.push(Date.now());
  const gaps = moments.slice(-60).map((at, n, all) => (n ? at - all[n - 1] : 0)).filter((gap) => gap > 0 && gap <= 300000);
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  if (gaps.length < 5 || total < 1000 * gaps.length) return;
  const perHour = Math.round((gaps.length * 3600000) / total);
  document.querySelector("[data-pace]").hidden = false;
  document.querySelector("[data-pace-n]").textContent = fill(words.pace, { n: counted(perHour) });
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
const VOTES = { [keys.include]: "[data-vote=include]", [keys.unclear]: "[data-vote=unclear]", [keys.exclude]: "[data-vote=exclude]:not([data-reason])" };
const DEEDS = {
  [keys.undo]: undo, [keys.redo]: redo, [keys.later]: later, [keys.back]: back, [keys.forward]: forward, arrowleft: back, arrowright: forward,
  [keys.marks]: toggleMarks, [keys.finish]: goToFinish, [keys.help]: () => help.showModal(), [keys.note]: () => ballot.elements.note.focus(),
  [keys.find]: () => location.assign(place.dataset.find), [keys.duplicate]: toDuplicate,
};

addEventListener("keydown", (event) => {
  if (event.isComposing || help.open || event.altKey) return;
  const key = event.key.toLowerCase();
  if (event.target.closest("input, textarea, select")) {
    if (key === "escape") shown().querySelector("h1").focus();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && "zy".includes(key)) {
    event.preventDefault();
    return key === "y" || event.shiftKey ? redo() : undo();
  }
  if (event.ctrlKey || event.metaKey || !single.checked || event.repeat) return;
  const button = ballot.querySelector(VOTES[key] ?? (/^[1-9]$/.test(key) ? `[data-number="${key}"]` : "no-such"));
  if (button) vote(button, true);
  else if (DEEDS[key]) DEEDS[key]();
  else return;
  event.preventDefault();
});
ballot.addEventListener("submit", (event) => { // without this module the form posts the vote
  event.preventDefault();
  if (event.submitter?.dataset.do === "later") later();
  else if (event.submitter) vote(event.submitter, false);
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
doing("redo").hidden = false;
doing("redo").addEventListener("click", redo);
for (const [name, deed] of [["back", back], ["forward", forward], ["look-leave", leaveLook]]) {
  (doing(name) ?? document.querySelector(`[data-${name}]`)).addEventListener("click", (event) => { event.preventDefault(); deed(); });
}
if (place.dataset.looking) looking = { at: -1, deed: null, from: null };
single.addEventListener("change", () => keepSwitch(outbox, place.dataset.settings, single.checked));
document.body.classList.toggle("no-marks", remembered("workbench.marks", "on") === "off");
addEventListener("online", lookAhead);
addEventListener("visibilitychange", agree);
addEventListener("pageshow", (event) => { if (event.persisted) agree(); });

// Votes that an earlier page could not send: they go first, and their records are not asked again.
const kept = unsent();
if (kept.length) {
  step(kept.length);
  outbox.send();
}
if (kept.includes(idOf(shown())) && !looking) goOn();
if (idOf(shown()) || isWaiting()) lookAhead();
