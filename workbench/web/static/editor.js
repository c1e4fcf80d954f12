// Keeps what is typed in the editor of the protocol a moment after it was typed, and when the page is left. The form's
// own buttons do the same without this module.
const form = document.querySelector(".editor-form");
const state = document.querySelector("[data-saving]");
const PAUSE = 1500;
let waiting = 0;
let running = null;
let dirty = false;

const say = (words) => { if (state) state.textContent = words; };

function asTyped() {
  const typed = new FormData(form);
  for (const field of form.querySelectorAll("[type=file]")) typed.delete(field.name);
  typed.set("act", "save");
  return new URLSearchParams(typed);
}

async function save() {
  if (!dirty) return;
  dirty = false;
  say(state?.dataset.saving ?? "");
  try {
    const answer = await fetch(form.action, { method: "POST", body: asTyped() });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const seen = page.querySelector("[name=seen]");
    if (answer.ok && seen) form.elements.seen.value = seen.value;
    if (!answer.ok) dirty = true;
    say(answer.ok ? state?.dataset.saved ?? "" : page.querySelector("[role=alert] strong")?.textContent ?? state?.dataset.failed ?? "");
  } catch {
    dirty = true;
    say(state?.dataset.failed ?? "");
  }
}

// One save after the other; `running` is there only while one is under way.
function keep() {
  const mine = (running ?? Promise.resolve()).then(save).then(() => { if (running === mine) running = null; });
  running = mine;
}

function soon(event) {
  if (event.target.name?.endsWith(".paste") || event.target.type === "file") return;
  dirty = true;
  clearTimeout(waiting);
  waiting = setTimeout(keep, PAUSE);
}

if (form) {
  form.addEventListener("input", soon);
  form.addEventListener("submit", async (event) => {
    clearTimeout(waiting);
    if (!running) { dirty = false; return; }
    event.preventDefault();
    const pressed = event.submitter;
    await running;
    dirty = false;
    setTimeout(() => form.requestSubmit(pressed)); // a form does not submit while it still tells of being submitted
  });
  addEventListener("pagehide", () => {
    if (dirty && !running) fetch(form.action, { method: "POST", body: asTyped(), keepalive: true });
  });
}
