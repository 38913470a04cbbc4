/* <plan-chart kind="margins|costs|fleet|docks" by="area|echelon|type|day">: bars in a table of their own. */
"use strict";
(function () {
  const { doc, text, number, money, duration, dayText, make, named } = window.PlanPage;
  const HOURS = [0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 72];

  function margins() {
    const rows = [{ label: text("web.chart.missing"), value: 0 }, { label: text("web.chart.late"), value: 0 }];
    HOURS.forEach((from, at) => {
      const to = HOURS[at + 1];
      const label = to === undefined ? text("web.chart.from", { from }) : text("web.chart.between", { from, to });
      rows.push({ label, value: 0 });
    });
    for (const region of doc.regions.filter(window.PlanPage.showsRegion)) {
      const margin = region.margin_s;
      if (region.status === "undelivered") rows[0].value++;
      else if (region.status === "late") rows[1].value++;
      else if (margin !== null) rows[2 + HOURS.filter((hour) => margin >= hour * 3600).length - 1].value++;
    }
    while (rows.length > 3 && !rows[rows.length - 1].value) rows.pop();
    return { columns: ["range", "regions"], rows: rows.map((one) => [one.label, number(one.value)]),
      bars: rows.map((one) => one.value) };
  }

  function costs(by) {
    const labels = { trunk: "web.chart.trunk", local: "web.chart.local", use: "web.chart.use",
      nights: "web.chart.nights" };
    const rows = doc.costs[by];
    const label = (key) => key in labels && (by !== "area" || key === "use" || key === "nights") ? text(labels[key])
      : by === "day" ? dayText(key) : named(key);
    const bounds = rows.some((one) => one.bound !== undefined && one.bound !== null);
    return {
      columns: bounds ? [by, "cost", "bound"] : [by, "cost"],
      rows: rows.map((one) => [label(one.key), money(one.cost),
        ...(bounds ? [one.bound === null || one.bound === undefined ? "–" : money(one.bound)] : [])]),
      bars: rows.map((one) => one.cost),
      marks: bounds ? rows.map((one) => one.bound) : null,
    };
  }

  function fleet() {
    const rows = doc.resources.types;
    return {
      columns: ["type", "used", "has", "trips", "km"],
      rows: rows.map((one) => [named(one.key), number(one.used), number(one.has), number(one.trips),
        number(one.distance_m / 1000)]),
      bars: rows.map((one) => one.used),
      marks: rows.map((one) => one.has),
    };
  }

  function docks() {
    const rows = doc.resources.docks;
    return {
      columns: ["place", "has", "trips", "busy"],
      rows: rows.map((one) => [named(one.key), one.has === null ? "–" : number(one.has), number(one.trips),
        duration(one.busy_s)]),
      bars: rows.map((one) => one.busy_s),
    };
  }

  class PlanChart extends HTMLElement {
    connectedCallback() {
      window.PlanPage.listen((what) => {
        if (what.some((key) => ["language", "area", "day", "type"].includes(key))) this.draw();
      });
      this.draw();
    }

    draw() {
      const kind = this.getAttribute("kind"), by = this.getAttribute("by");
      const found = { margins, fleet, docks, costs: () => costs(by) }[kind]();
      if (!found.rows.length) {
        this.replaceChildren();
        return;
      }
      const title = text("web.chart.title." + (by ? kind + "_" + by : kind));
      const most = Math.max(1, ...found.bars, ...(found.marks || []));
      const head = make("tr", {}, ...found.columns.map((key, at) =>
        make("th", { scope: "col", class: at ? "number" : null }, text("web.chart.column." + key))),
      make("td", { class: "bar", "aria-hidden": "true" }));
      const rows = found.rows.map((cells, row) => {
        const bar = make("span", { class: "fill" });
        bar.style.width = (100 * found.bars[row]) / most + "%";
        const parts = [bar];
        if (found.marks && found.marks[row] !== null && found.marks[row] !== undefined) {
          const mark = make("span", { class: "mark" });
          mark.style.left = (100 * found.marks[row]) / most + "%";
          parts.push(mark);
        }
        return make("tr", {}, ...cells.map((cell, at) =>
          make(at ? "td" : "th", { class: at ? "number" : null, scope: at ? null : "row" }, cell)),
        make("td", { class: "bar", "aria-hidden": "true" }, make("span", { class: "track" }, ...parts)));
      });
      const table = make("table", { class: "chart" }, make("caption", {}, title), make("thead", {}, head),
        make("tbody", {}, ...rows));
      const inside = make("div", { class: "scroll low", tabindex: "0", role: "region", "aria-label": title }, table);
      this.replaceChildren(inside);
    }
  }
  customElements.define("plan-chart", PlanChart);
})();
