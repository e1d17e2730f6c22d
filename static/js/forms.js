// Small services of forms.

const slugOf = (name) =>
  name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);

document.addEventListener("input", (event) => {
  const { target } = event;
  // [data-slug-to="#id"]: suggests a slug for a name, until the reader writes their own.
  if (target.dataset.slugTo) {
    const slug = document.querySelector(target.dataset.slugTo);
    if (slug && !slug.dataset.own) slug.value = slugOf(target.value);
  }
  if (target.matches("[name=slug]")) target.dataset.own = target.value ? "1" : "";
  // [data-shows]: parts of a form that belong to one choice: <div data-for="ssh_key">.
  if (target.closest("[data-shows]")) choose(target.closest("[data-shows]"));
  target.closest("form[data-guard]")?.setAttribute("data-changed", "");
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

function choose(fieldset) {
  const chosen = fieldset.querySelector("input:checked")?.value;
  for (const part of fieldset.closest("form").querySelectorAll("[data-for]")) {
    part.hidden = !part.dataset.for.split(" ").includes(chosen);
  }
}
document.querySelectorAll("[data-shows]").forEach(choose);

// [data-reveal="#id"]: shows and hides a secret.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-reveal]");
  if (!button) return;
  const field = document.querySelector(button.dataset.reveal);
  const hide = field.type === "text";
  field.type = hide ? "password" : "text";
  button.setAttribute("aria-pressed", String(!hide));
  (button.querySelector("span") ?? button).textContent = hide ? "Show" : "Hide";
});

// A form sent twice by an impatient click would start two builds.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  form.removeAttribute("data-changed");
  setTimeout(() => delete form.dataset.sent, 5000);
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]")) event.preventDefault();
});
