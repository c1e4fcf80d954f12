// Ask every second how far a job is; when it is over, load the page that shows the result.
const spaced = (n) => n.toLocaleString("en").replaceAll(",", "\u202f");

async function ask(place) {
  try {
    const answer = await fetch(place.dataset.progressOf, { headers: { Accept: "application/json" } });
    const job = await answer.json();
    place.querySelector("progress").max = job.total || 1;
    place.querySelector("progress").value = job.done;
    place.querySelector("[data-done]").textContent = spaced(job.done);
    place.querySelector("[data-total]").textContent = spaced(job.total);
    place.querySelector("[data-whole]").hidden = job.total > 0 || job.is_over;
    place.querySelector("[data-counted]").hidden = !job.total;
    place.querySelector("[data-left]").hidden = job.seconds_left === null || job.is_over;
    place.querySelector("[data-minutes]").textContent = spaced(Math.floor((job.seconds_left ?? 0) / 60) + 1);
    if (job.is_over) return location.reload();
  } catch { /* the next round asks again */ }
  setTimeout(ask, 1000, place);
}

document.querySelectorAll("[data-progress-of]:not([data-over])").forEach((place) => setTimeout(ask, 500, place));
