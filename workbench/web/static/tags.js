// Offered tags: a press adds one to the field, once; the field stays free text.
const list = document.querySelector("[data-offered]");
const field = list && document.getElementById(list.dataset.offered);

function words() {
  return field.value.split(",").map((word) => word.trim()).filter(Boolean);
}

if (field) {
  for (const button of list.querySelectorAll("[data-tag]")) {
    button.hidden = false;
    button.parentElement.querySelector("[data-plain]").hidden = true;
    button.addEventListener("click", () => {
      if (!words().includes(button.dataset.tag)) field.value = [...words(), button.dataset.tag].join(", ");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}
