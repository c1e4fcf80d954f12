// Sends many files in parts, one after the other, and says how many are there; without this module they go in one piece.
const MOST_FILES = 20;
const MOST_BYTES = 40e6;

function* parts(files) {
  let part = [], bytes = 0;
  for (const file of files) {
    if (part.length && (part.length === MOST_FILES || bytes + file.size > MOST_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(file);
    bytes += file.size;
  }
  if (part.length) yield part;
}

async function send(form, part) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  for (const file of part) body.append("file", file);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
}

async function sendAll(form) {
  const field = form.querySelector("input[type=file]"), place = form.querySelector("[data-sending]");
  const words = JSON.parse(form.dataset.words), files = [...field.files];
  const told = (what, n) => { place.querySelector("[role=status]").textContent = words[what].replace("{n}", n).replace("{all}", files.length); };
  let n = 0;
  place.hidden = false;
  place.querySelector("progress").max = files.length;
  form.querySelector("button:not([form])").disabled = true;
  try {
    for (const part of parts(files)) {
      told("sending", n);
      await send(form, part);
      n += part.length;
      place.querySelector("progress").value = n;
    }
    location.assign(form.dataset.page);
  } catch {
    told("broken", n);
    const rest = new DataTransfer();
    files.slice(n).forEach((file) => rest.items.add(file));
    field.files = rest.files;
    form.querySelector("button:not([form])").disabled = false;
  }
}

for (const form of document.querySelectorAll("[data-parts]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll(form);
  });
}
