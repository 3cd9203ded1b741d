// Keeps a page up to date: fetches it anew and puts its <main> in place of the old one, unless somebody is at work in it.
// Without this script everything works; the browser's reload does the same.
"use strict";

(function () {
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  const seconds = Number(document.getElementById("main")?.dataset.refresh ?? 0);
  if (!seconds) return;

  // Somebody types, chooses or selects: nothing is taken from under their hands.
  function isBusy(main) {
    const at = document.activeElement;
    const inField = at && main.contains(at) && at.matches("input, select, textarea, button, summary");
    const dirty = Array.from(main.querySelectorAll("input, textarea, select")).some(function (field) {
      if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
      if (field.tagName === "SELECT") return Array.from(field.options).some(function (o) { return o.selected !== o.defaultSelected; });
      return field.value !== field.defaultValue;
    });
    return inField || dirty || Boolean(String(document.getSelection()));
  }

  function openParts(main) {
    return Array.from(main.querySelectorAll("details")).map(function (part) { return part.open; });
  }

  async function refresh() {
    const main = document.getElementById("main");
    if (document.hidden || isBusy(main)) return;
    const answer = await fetch(location.href, { headers: { "x-desk-refresh": "1" }, credentials: "same-origin" });
    // The session has ended: the login page comes in its place.
    if (answer.redirected) { location.reload(); return; }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (!fresh || isBusy(main)) return;
    const open = openParts(main);
    fresh.querySelectorAll("details").forEach(function (part, i) { if (open[i] !== undefined) part.open = open[i]; });
    const focused = document.activeElement?.id;
    main.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  setInterval(function () { refresh().catch(function () { /* the gateway is away; the next turn tries again */ }); }, seconds * 1000);
})();
