// The desk of duplicates: one answer a key, shown at once; every answer is kept until the server has it.
import { newKey, Outbox } from "./outbox.js";

const place = document.querySelector("[data-place]");
const words = JSON.parse(place.dataset.words);
const say = document.querySelector("[data-say]");
const state = document.querySelector(".state");
const undoForm = document.querySelector("[data-undo]");
const refusal = document.querySelector("[data-refused]");
const FEW = 6; // with so many left to show, ask for more

const ahead = [];  // parsed articles that wait to be shown
const behind = []; // what I answered since the page was opened, newest last: the article and the key of the answer
let left = Number(place.dataset.left);
let asking = false;
let exhausted = false;
let isBack = false; // the last deed took back the answer that came to the end
let touched = new Set(); // clusters of answers that the server may not have had when it was last asked for more

const shown = () => place.querySelector(".pair-card");
const pairOf = (article) => article?.dataset.pair ?? "";
const endsOf = (article) => (article.dataset.ends ?? "").split(" ");
const counted = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const copy = (name) => document.querySelector(`[data-${name}]`).content.firstElementChild.cloneNode(true);

// ---- answers on their way -----------------------------------------------------
const outbox = new Outbox({
  review: place.dataset.review, stage: "duplicates", reviewer: Number(place.dataset.reviewer), name: place.dataset.name,
  votes: place.dataset.answer, mine: place.dataset.page, words,
  tell(name, text) {
    if (name === "offline" && state.dataset.state !== "offline") say.textContent = text;
    state.dataset.state = name;
    if (state.textContent !== text) state.firstElementChild.textContent = text;
  },
  saved: recount, // the desk went on long ago
  refused,
});

function unsent() { // pairs with an answer on its way that is not taken back again
  const taken = new Set(outbox.waiting.map(({ vote }) => vote.act).filter(Boolean));
  return outbox.waiting.filter(({ vote }) => vote.first && !taken.has(vote.key)).map(({ vote }) => `${Math.min(vote.first, vote.second)}-${Math.max(vote.first, vote.second)}`);
}

function refused(answer, problem) {
  refusal.querySelector("[data-refused-title]").textContent = problem.title ?? words.refused;
  refusal.querySelector("[data-refused-hint]").textContent = problem.hint ?? "";
  refusal.hidden = false;
  const at = behind.findIndex(({ key }) => key === answer.key);
  if (at >= 0) behind.splice(at, 1);
}

// ---- the queue ------------------------------------------------------------------
const held = () => [...new Set([...ahead.map(pairOf), pairOf(shown()), ...unsent()])].filter(Boolean);

async function lookAhead() {
  if (asking || exhausted || ahead.length > FEW) return;
  asking = true;
  try {
    if (!outbox.waiting.length) touched = new Set();
    const answer = await outbox.post(place.dataset.queue, { skip: held() });
    if (!answer.ok) throw new Error(answer.status);
    exhausted = answer.data.length === 0;
    const known = new Set(held());
    const more = answer.data.filter(({ pair }) => !known.has(pair)).map(parsed);
    ahead.push(...more.filter((one) => !endsOf(one).some((end) => touched.has(end)))); // the others are asked for anew
  } catch { setTimeout(lookAhead, 4000); }
  asking = false;
  if (isWaiting()) goOn();
  if (!exhausted && ahead.length <= FEW) setTimeout(lookAhead, 200);
}

function parsed({ html }) {
  const fragment = document.createElement("template");
  fragment.innerHTML = html; // our own fragment, in which the server escaped every word of the records
  return fragment.content.querySelector(".pair-card");
}

const isOver = () => shown().classList.contains("empty");
const isWaiting = () => shown().hasAttribute("data-waiting");

function goOn() { // the next pair; the end of the queue; or the word that it is on its way
  const next = ahead.shift();
  if (next) show(next);
  else if (exhausted) { count(-left); show(copy("over")); recount(); }
  else if (!isWaiting()) {
    const coming = copy("coming");
    coming.setAttribute("data-waiting", "");
    show(coming);
  }
}

function show(article) {
  shown().replaceWith(article);
  scrollTo(0, 0);
  article.querySelector("h2").focus({ preventScroll: true });
}

async function recount() { // at the end, and back from it, the numbers on the page are those from before my answers
  if (outbox.waiting.length || !(isOver() || isBack)) return;
  isBack = false;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(place.dataset.page)).text(), "text/html");
    for (const part of [".lede", ".pair-card.empty p"]) {
      const [before, now] = [document.querySelector(part), page.querySelector(part)];
      if (before && now) before.replaceChildren(...now.childNodes);
    }
  } catch { /* the next visit shows them */ }
}

function count(by) {
  left = Math.max(0, left + by);
  document.querySelector("[data-left-words]").textContent = (left === 1 ? words.left_one : words.left_many).replace("{n}", counted(left));
}

// ---- deeds ------------------------------------------------------------------------
function answer(form, said) {
  const article = form.closest(".pair-card");
  const { first, second, link, pointing } = form.elements;
  const key = newKey();
  const linked = said === "linked" ? { link: link.value, pointing: Number(pointing.value) } : {};
  refusal.hidden = true;
  outbox.put({ key, first: Number(first.value), second: Number(second.value), answer: said, ...linked });
  behind.push({ article, key, counts: said !== "later" });
  forget(article, said);
  if (said !== "later") count(-1);
  else exhausted = false; // it comes back at the end
  undoForm.hidden = false;
  undoForm.querySelector("[data-last]")?.remove();
  goOn();
  say.textContent = words[said];
  lookAhead();
}

function forget(article, said) { // pairs in hand whose clusters are no longer what they were are asked for anew
  if (said === "later") return;
  const ends = endsOf(article);
  for (const end of ends) touched.add(end);
  const stale = ahead.filter((other) => endsOf(other).some((end) => ends.includes(end)));
  for (const one of stale) ahead.splice(ahead.indexOf(one), 1);
  if (stale.length) exhausted = false;
}

function undo() {
  const last = behind.pop();
  if (!last) { if (!outbox.waiting.length && undoForm.elements.act) undoForm.submit(); return; }
  outbox.put({ answer: "withdrawn", act: last.key });
  if (last.counts) count(1);
  isBack = isOver();
  if (pairOf(shown())) ahead.unshift(shown());
  forget(last.article, "same");
  exhausted = false;
  show(last.article);
  say.textContent = words.undone;
  undoForm.hidden = behind.length === 0 && !undoForm.elements.act;
}

function pointAsUsual(form) { // the record that probably points, for the kind of link chosen
  form.elements.pointing.value = form.elements.link.selectedOptions[0].dataset.pointing;
}

// ---- hands --------------------------------------------------------------------------
if ("may" in place.dataset) {
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.target.closest("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z") { event.preventDefault(); return undo(); }
    if (event.ctrlKey || event.metaKey || event.repeat) return;
    if (key === "u") { event.preventDefault(); return undo(); }
    const form = shown().querySelector("[data-answers]");
    if (!form) return;
    if (/^[1-7]$/.test(key)) {
      form.elements.link.selectedIndex = Number(key) - 1;
      pointAsUsual(form);
      answer(form, "linked");
    } else {
      const button = form.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!button) return;
      answer(form, button.value);
    }
    event.preventDefault();
  });
  place.addEventListener("submit", (event) => { // without this module the form posts the answer
    if (!event.target.matches("[data-answers]")) return;
    event.preventDefault();
    answer(event.target, event.submitter.value);
  });
  place.addEventListener("change", (event) => {
    if (event.target.name === "link") pointAsUsual(event.target.form);
  });
  undoForm.addEventListener("submit", (event) => { if (behind.length) { event.preventDefault(); undo(); } });
  addEventListener("online", lookAhead);

  // Answers that an earlier page could not send: they go first, and their pairs are not asked again.
  const kept = unsent();
  if (kept.length) {
    count(-kept.length);
    outbox.send();
  }
  if (kept.includes(pairOf(shown()))) goOn();
  if (pairOf(shown()) || isWaiting()) lookAhead();
}
