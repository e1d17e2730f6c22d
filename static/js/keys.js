// Keys for the whole page. A page says what they find: [data-failure], [data-search], [data-key="f"] to be clicked.

let prefix = "";
let prefixTimer = 0;

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

function nextFailure() {
  const failures = [...document.querySelectorAll("[data-failure]")].filter((element) => element.checkVisibility());
  if (failures.length === 0) return;
  const at = failures.indexOf(document.activeElement.closest?.("[data-failure]"));
  const next = failures[(at + 1) % failures.length];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "center" });
  next.dispatchEvent(new CustomEvent("keelway:failure", { bubbles: true }));
}

function follow(selector) {
  const link = document.querySelector(selector);
  if (link) link.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const { key } = event;
  if (prefix === "g") {
    prefix = "";
    if (key === "d") { event.preventDefault(); follow(".logo"); return; }
    if (key === "p") { event.preventDefault(); follow("[data-goto=project]"); return; }
  }
  if (key === "g") {
    prefix = "g";
    clearTimeout(prefixTimer);
    prefixTimer = setTimeout(() => { prefix = ""; }, 1200);
    return;
  }
  if (key === "?") { document.getElementById("keys")?.togglePopover(); return; }
  if (key === "n") { event.preventDefault(); nextFailure(); return; }
  if (key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select?.(); }
    return;
  }
  const button = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
  if (button && button.checkVisibility()) { event.preventDefault(); button.click(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && typing(event.target)?.matches("[data-search]")) event.target.blur();
});
