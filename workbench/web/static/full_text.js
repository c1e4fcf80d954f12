// The full-text page: keys for the verdict and its reason, and a vote that is kept until the server has it.
import { Outbox, keepSwitch } from "./outbox.js";

const form = document.querySelector("[data-full-text]");
if (form) {
  const state = form.querySelector(".state");
  const refusal = form.querySelector("[data-refused]");
  const single = form.querySelector("[data-single]");
  const send = form.querySelector("button.btn-primary");
  const record = () => Number(form.elements.record.value);

  const outbox = new Outbox({
    review: form.dataset.review, stage: form.dataset.stage, reviewer: Number(form.dataset.reviewer), name: form.dataset.name,
    votes: form.action, mine: form.dataset.mine, words: JSON.parse(form.dataset.words),
    tell(name, text) {
      state.dataset.state = name;
      state.firstElementChild.textContent = text;
    },
    saved(vote) {
      if (vote.record === record()) location.assign(form.dataset.desk);
    },
    refused(vote, problem) {
      refusal.querySelector("[data-refused-title]").textContent = problem.title ?? "";
      refusal.querySelector("[data-refused-hint]").textContent = problem.hint ?? "";
      refusal.hidden = false;
      send.disabled = false;
      refusal.scrollIntoView({ block: "nearest" });
    },
  });

  const ballot = () => {
    const given = new FormData(form);
    return {
      record: record(), decision: given.get("decision"), reason: given.get("reason"), questions: given.getAll("questions"),
      design: given.get("design"), page: given.get("page"), quote: given.get("quote"), quoted_from: given.get("quoted_from"), note: given.get("note"), private_note: given.get("private_note"),
      tags: given.get("tags").split(","),
    };
  };

  const choose = (selector) => {
    const field = form.querySelector(selector);
    if (!field) return false;
    field.checked = true;
    field.focus();
    return true;
  };

  const byNumber = (key) => choose(`[data-number="${key}"]`) && choose("[name=decision][value=exclude]") && choose(`[data-number="${key}"]`);
  const keys = JSON.parse(form.dataset.keyMap);
  const VERDICTS = { [keys.include]: "include", [keys.unclear]: "unclear", [keys.exclude]: "exclude" };
  const isWriting = (field) => field.closest("textarea, select, input:not([type=radio], [type=checkbox])");

  addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (event.isComposing || event.repeat || event.altKey) return;
    if (key === "enter" && (event.ctrlKey || event.metaKey)) return form.requestSubmit();
    if (event.ctrlKey || event.metaKey || isWriting(event.target) || !single.checked) return;
    const taken = VERDICTS[key] ? choose(`[name=decision][value=${VERDICTS[key]}]`) : /^[1-9]$/.test(key) && byNumber(key);
    if (key === keys.note) form.elements.note.focus();
    if (key === keys.duplicate) document.querySelector("[data-duplicate]")?.click();
    if (taken || key === keys.note) event.preventDefault();
  });
  form.addEventListener("submit", (event) => { // without this module the form posts the vote
    if (event.submitter?.hasAttribute("data-later")) return; // putting a report off is a form, with or without this module
    event.preventDefault();
    refusal.hidden = true;
    send.disabled = true;
    outbox.put(ballot());
  });
  form.querySelector("[data-keys]").hidden = false;
  single.addEventListener("change", () => keepSwitch(outbox, form.dataset.settings, single.checked));

  // A vote that an earlier page could not send goes first; the page of its record then moves on by itself.
  if (outbox.waiting.length) {
    send.disabled = outbox.waiting.some(({ vote }) => vote.record === record());
    outbox.send();
  }
}
