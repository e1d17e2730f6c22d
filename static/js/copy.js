// [data-copy="#id"] copies a field's value or an element's text. Without a secure origin browsers have no clipboard
// object, and a server in a private network often is reached by plain HTTP: then the older way is taken.

async function put(text) {
  if (navigator.clipboard && isSecureContext) { await navigator.clipboard.writeText(text); return; }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  await put("value" in source ? source.value : source.textContent.trim());
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = before; }, 1500);
});
