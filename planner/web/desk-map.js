/* The map of the desk: vehicles where they are expected to be now, renewed when something is told. */
"use strict";
(function () {
  const { doc, state, text, change, renew, make, named, listen } = window.PlanPage;
  const frame = document.querySelector("plan-map");
  const news = document.getElementById("map-news");
  const AGAIN = 30000;
  let revision = frame.dataset.revision;
  let busy = false;

  async function look() {
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch("/map/data?part=1&rev=" + encodeURIComponent(revision), { credentials: "same-origin" });
      if (answer.status === 204) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      const followed = state.time === doc.answer.now_s;
      revision = String(told.revision);
      renew(told.document);
      if (followed) change({ time: doc.answer.now_s });
      news.textContent = "";
    } catch {
      news.textContent = text("web.desk.lost");
    } finally {
      busy = false;
    }
  }

  /* Below the map a link to the region that was pressed on it. */
  listen((what) => {
    if (!what.includes("chosen") || state.chosen < 0) return;
    const place = doc.places[doc.regions[state.chosen].place];
    const link = make("a", { href: "/region?id=" + encodeURIComponent(place.id) }, named(place.name));
    document.getElementById("map-chosen").replaceChildren(link);
  });

  change({ language: document.documentElement.lang, time: doc.answer.now_s });
  const stream = new EventSource("/live");
  stream.addEventListener("changed", look);
  setInterval(look, AGAIN);
})();
