/* The report: head, filters, what is late, and the frame around the elements. */
"use strict";
(function () {
  const { doc, state, text, told, number, make, named, change, dayText } = window.PlanPage;
  const unique = (list) => [...new Set(list)].filter(Boolean);

  function choice(key, label, values, show) {
    const found = make("select", { id: "filter-" + key }, make("option", { value: "" }, text("web.filter.all")),
      ...values.map((value) => make("option", { value, selected: state[key] === value }, show ? show(value) : value)));
    found.addEventListener("change", () => change({ [key]: found.value }));
    return make("label", { for: "filter-" + key }, text("web.filter." + label) + " ", found);
  }

  function filters() {
    const areas = unique(doc.regions.map((row) => row.area));
    const types = unique(doc.trips.map((trip) => window.PlanPage.typeName(trip.vehicle))).sort();
    const search = make("input", { type: "search", id: "filter-search", value: state.search, autocomplete: "off" });
    search.addEventListener("input", () => change({ search: search.value }));
    const parts = [...(doc.public ? [] : [choice("day", "day", doc.clock.days, dayText), choice("type", "type", types)]),
      make("label", { for: "filter-search" }, text("web.filter.search") + " ", search)];
    if (areas.length > 1) parts.unshift(choice("area", "area", areas));
    document.getElementById("filters").replaceChildren(...parts);
    document.getElementById("filters").setAttribute("aria-label", text("web.filter.title"));
  }

  function head() {
    const answer = doc.answer;
    document.title = doc.name + ": " + answer.status;
    document.getElementById("name").replaceChildren(named(doc.name));
    const checked = answer.checked === null ? "unchecked" : answer.checked ? "checked" : "rejected";
    const said = told(answer.sentence);
    const rest = said.startsWith(answer.status + ": ") ? said.slice(answer.status.length + 2) : said;
    const parts = [make("p", { class: "answer " + answer.status }, make("strong", {}, answer.status), " ", named(rest)),
      make("p", {}, text("web.head." + checked))];
    if (doc.area) parts.push(make("p", {}, text("web.head.area", { area: doc.area })));
    if (answer.now_s !== null && !doc.public) parts.push(known());
    if (answer.chance !== null) {
      parts.push(make("p", {}, text("web.head.chance", { runs: number(answer.runs),
        percent: number(Math.floor(answer.chance * 100)) })));
    }
    parts.push(make("p", { class: "modelled" }, told(answer.modelled)));
    if (told(answer.lines).length) {
      parts.push(make("details", {}, make("summary", {}, text("web.head.more")),
        make("ul", {}, ...told(answer.lines).map((line) => make("li", {}, named(line.trim()))))));
    }
    document.getElementById("answer").replaceChildren(...parts);
  }

  function known() {
    const counts = {};
    for (const row of doc.regions) counts[row.known] = (counts[row.known] || 0) + 1;
    const done = (counts.confirmed || 0) + (counts.bulk || 0);
    const late = doc.colours.status.classes.find((one) => one.key === "late");
    return make("p", {}, text("web.head.reports", { moment: window.PlanPage.moment(doc.answer.now_s),
      confirmed: number(done), percent: number(Math.floor((100 * done) / Math.max(1, doc.regions.length))),
      assumed: number(counts.assumed || 0), overdue: number(counts.overdue || 0), future: number(counts.future || 0),
      late: number(late ? late.regions.length : 0) }));
  }

  function late() {
    if (doc.public) return;
    const rows = doc.regions.filter((row) => row.status !== "on_time");
    const list = rows.map((row) => make("li", {}, make("strong", {}, named(doc.places[row.place].name)), " (",
      named(row.area), "): ", text("map.class." + row.status), ". ", named(told(row.why)), " ", named(told(row.action))));
    if (doc.answer.now_s !== null) {
      for (const kind of doc.colours.status.classes.filter((one) => one.key === "late" || one.key === "undelivered")) {
        for (const at of kind.regions) {
          const row = doc.regions[at];
          list.push(make("li", {}, make("strong", {}, named(doc.places[row.place].name)), " (", named(row.area), "): ",
            named(told(kind.label))));
        }
      }
    }
    document.getElementById("late").replaceChildren(
      list.length ? make("ul", {}, ...list) : make("p", {}, text("web.late.nobody")));
  }

  function foot() {
    const lines = [...told(doc.answer.credits), text("web.foot.leaflet"),
      text("web.foot.made", { version: doc.planner, digest: doc.instance_digest })];
    const parts = lines.map((line) => make("p", {}, line));
    if (doc.answer.notices) {
      parts.push(make("details", {}, make("summary", {}, text("web.foot.licences")), make("pre", {}, doc.answer.notices)));
    }
    document.getElementById("foot").replaceChildren(...parts);
  }

  function languages() {
    const names = { en: "English", id: "Bahasa Indonesia" };
    document.getElementById("languages").replaceChildren(...Object.keys(doc.texts).map((code) => {
      const button = make("button", { type: "button", lang: code, "aria-pressed": String(state.language === code) },
        names[code] || code);
      button.addEventListener("click", () => {
        change({ language: code });
        document.querySelector('#languages button[aria-pressed="true"]').focus();
      });
      return button;
    }));
  }

  function draw() {
    for (const found of document.querySelectorAll("[data-text]")) found.textContent = text(found.dataset.text);
    head();
    filters();
    late();
    foot();
    languages();
  }

  window.PlanPage.listen((what) => {
    if (what.includes("language")) draw();
  });
  state.language = document.documentElement.lang in doc.texts ? document.documentElement.lang : "en";
  draw();
})();
