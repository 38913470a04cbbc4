/* What pages of the desk do beside htmx: copy a text by one press. */
"use strict";
(function () {
  function picked(from) {
    const box = document.createElement("textarea");
    box.value = from.textContent;
    box.setAttribute("readonly", "");
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy"); // where the page is not served safely there is no other way
    box.remove();
    return done;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const from = document.getElementById(button.dataset.copy);
    let done = false;
    try {
      await navigator.clipboard.writeText(from.textContent);
      done = true;
    } catch {
      done = picked(from);
    }
    if (done) button.textContent = button.dataset.done;
  });
})();
