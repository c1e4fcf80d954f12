// Lets files be dropped anywhere on a form that takes them; without this module the file field does the same.
for (const form of document.querySelectorAll("[data-drop]")) {
  const field = form.querySelector("input[type=file]");
  const ground = form.closest("li, .sheet") ?? form;
  const over = (is) => ground.classList.toggle("drop-here", is);
  ground.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  ground.addEventListener("dragleave", (event) => { if (!ground.contains(event.relatedTarget)) over(false); });
  ground.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
