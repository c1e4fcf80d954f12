// Reading a full text: the search in its text without leaving the page, jumps to a page, a split of one's own width.
import { remember, remembered } from "./outbox.js";

const WIDTH = "workbench.reading.width";
const LEAST = 25;
const MOST = 80;
const frame = () => document.querySelector("iframe[name=pdf]");

// A viewer heeds the page in an address only as it loads, so a jump is a new frame in the place of the old one.
function jump(address) {
  const old = frame();
  const next = old.cloneNode(false);
  next.src = address;
  old.replaceWith(next);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[target=pdf]");
  if (!link || !frame() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  jump(link.href);
});

const form = document.querySelector("[data-full-text]");
function offerQuotes(panel) { // only where a vote is given
  if (form) for (const button of panel.querySelectorAll("[data-take]")) button.hidden = false;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (!button || !form) return;
  form.elements.page.value = button.dataset.page;
  form.elements.quote.value = button.dataset.quote;
  form.elements.quoted_from.value = button.dataset.file;
  form.elements.quote.focus();
});

for (const panel of document.querySelectorAll("[data-in-text]")) {
  let asked = 0;
  const say = (words) => {
    let place = panel.querySelector(".in-text-found");
    if (!place) {
      place = Object.assign(document.createElement("div"), { className: "in-text-found small mt-2" });
      place.setAttribute("role", "status");
      panel.append(place);
    }
    place.textContent = words;
  };
  const load = async (words) => {
    const mine = ++asked;
    const waiting = setTimeout(() => say(panel.dataset.waiting), 300);
    try {
      const answer = await fetch(`${panel.dataset.inText}&q=${encodeURIComponent(words)}`, { redirect: "manual" });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (mine !== asked) return;
      const typed = panel.querySelector("[name=q]");
      const had = document.activeElement === typed;
      const since = typed.value;
      panel.innerHTML = html;
      if (had) panel.querySelector("[name=q]").focus();
      if (since !== words) panel.querySelector("[name=q]").value = since;
      offerQuotes(panel);
    } catch {
      if (mine === asked) say(panel.dataset.failed);
    } finally {
      clearTimeout(waiting);
    }
  };
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    load(event.target.elements.q.value.trim());
  });
  if ("isHere" in panel.dataset) offerQuotes(panel);
  else load("");
}

for (const split of document.querySelectorAll("[data-split]")) {
  const bar = split.querySelector("[data-splitter]");
  const set = (percent, keep = true) => {
    const width = Math.round(Math.min(MOST, Math.max(LEAST, percent)));
    split.style.setProperty("--wb-split", `${width}%`);
    bar.setAttribute("aria-valuenow", width);
    if (keep) remember(WIDTH, width);
  };
  const now = () => Number(bar.getAttribute("aria-valuenow"));
  bar.hidden = false;
  split.classList.add("adjustable");
  set(Number(remembered(WIDTH, 60)) || 60, false);
  bar.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: now() - 2, ArrowRight: now() + 2, PageUp: now() + 10, PageDown: now() - 10, Home: LEAST, End: MOST }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  });
  bar.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    bar.focus();
    split.classList.add("moving"); // the frame takes no pointer meanwhile
    const move = (at) => {
      const box = split.getBoundingClientRect();
      set(((at.clientX - box.left) / box.width) * 100);
    };
    const end = () => {
      split.classList.remove("moving");
      bar.removeEventListener("pointermove", move);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", end, { once: true });
  });
}
