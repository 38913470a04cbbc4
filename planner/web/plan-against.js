/* <plan-against>: another plan beside this one: figures of both by area, and every region that changes. */
"use strict";
(function () {
  const { doc, text, told, number, money, moment, duration, make, named } = window.PlanPage;
  const dash = (value, show) => (value === null || value === undefined ? "–" : show(value));
  const FIGURES = [["on_time", (row) => number(row.on_time) + " / " + number(row.regions)], ["vehicles", (row) => number(row.vehicles)],
    ["cost", (row) => dash(row.cost, money)], ["margin", (row) => dash(row.smallest_margin_s, duration)],
    ["stretch", (row) => dash(row.stretch_percent, (value) => number(value) + " %")]];

  class PlanAgainst extends HTMLElement {
    connectedCallback() {
      window.PlanPage.listen((what) => {
        if (what.some((key) => key !== "time" && key !== "chosen")) this.draw();
      });
      this.draw();
    }

    draw() {
      const one = doc.against;
      const lines = [make("p", {}, text("web.against.which"), " ", named(one.name), ": ", one.status.before, ". ",
        text("web.against.claimed"))];
      if (!one.same_instance) lines.push(make("p", {}, text("web.against.other_files")));
      this.replaceChildren(...lines, this.areas(one.areas), ...this.regions(one.regions));
    }

    table(title, heads, rows, low) {
      const cells = heads.map(([label, kind]) => make("th", { scope: "col", class: kind }, label));
      const table = make("table", {}, make("caption", {}, title), make("thead", {}, make("tr", {}, ...cells)),
        make("tbody", {}, ...rows));
      return make("div", { class: low ? "scroll low" : "scroll", tabindex: "0", role: "region", "aria-label": title }, table);
    }

    areas(rows) {
      const two = (label) => [[label + " (" + text("web.against.this") + ")", "number"],
        [label + " (" + text("web.against.other") + ")", "number"]];
      const heads = [[text("web.table.area"), null], ...FIGURES.flatMap(([key]) => two(text("web.against." + key)))];
      const body = rows.map((row) => make("tr", {}, make("th", { scope: "row" }, named(told(row.name))),
        ...FIGURES.flatMap(([, show]) => [row.after, row.before].map((side) => make("td", { class: "number" }, show(side))))));
      return this.table(text("web.against.title_areas"), heads, body, true);
    }

    regions(all) {
      const labels = Object.fromEntries(doc.colours.change.classes.map((one) => [one.key, told(one.label)]));
      const rows = all.filter((one) => window.PlanPage.showsRegion(doc.regions[one.region]) &&
        window.PlanPage.searched(doc.regions[one.region]));
      const count = make("p", { role: "status" }, text("web.against.count", { number: number(rows.length),
        total: number(doc.regions.length), tolerance: duration(doc.against.tolerance_s) }));
      if (!rows.length) return [count];
      const heads = [["name", null], ["area", null], ["what", null], ["received", "number"], ["received_other", "number"],
        ["margin", "number"], ["margin_other", "number"], ["told", null]].map(([key, kind]) =>
        [key === "name" || key === "area" ? text("web.table." + key) : text("web.against." + key), kind]);
      return [count, this.table(text("web.against.title_regions"), heads, rows.map((one) => this.region(one, labels)))];
    }

    region(one, labels) {
      const row = doc.regions[one.region];
      const before = one.before || { received_s: null, margin_s: null };
      const button = make("button", { type: "button", class: "link" }, named(doc.places[row.place].name));
      button.addEventListener("click", () => window.PlanPage.change({ chosen: one.region }));
      const figure = (value) => make("td", { class: "number" }, value);
      return make("tr", { "data-region": doc.places[row.place].id }, make("th", { scope: "row" }, button),
        make("td", {}, named(row.area)), make("td", { class: one.change === "worse" ? "late" : null }, labels[one.change]),
        figure(moment(row.received_s)), figure(moment(before.received_s)), figure(duration(row.margin_s)),
        figure(duration(before.margin_s)), make("td", {}, named(told(one.told))));
    }
  }
  customElements.define("plan-against", PlanAgainst);
})();
