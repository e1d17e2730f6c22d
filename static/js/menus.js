// Menus are <details data-menu>: they close on Escape, on a click elsewhere, and when something in them was chosen.

const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const inside = menu.contains(event.target);
    if (!inside || event.target.closest("[popovertarget], [data-theme-toggle]")) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) { menu.open = false; menu.querySelector("summary").focus(); }
});

// Where a page offers something once it is known to work (copy buttons, filters that apply at once).
document.documentElement.dataset.scripted = "";
