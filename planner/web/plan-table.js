/* <plan-table>: every region in a row; sorted by its headings, searched, a page at a time. */
"use strict";
(function () {
  const { doc, state, text, told, number, moment, duration, make, named, typeName } = window.PlanPage;
  const PAGE = 100;
  const place = (at) => doc.places[at];
  const vehicles = (row) => row.vehicles.map((at) => doc.vehicles[at].sign || doc.vehicles[at].id).join(", ");
  const status = (row) => text("map.class." + (row.known || row.status));
  const columns = [
    { key: "name", of: (row) => place(row.place).name, show: named },
    { key: "id", of: (row) => place(row.place).id, show: named },
    { key: "area", of: (row) => row.area, show: named },
    { key: "subarea", of: (row) => row.subarea, show: named },
    { key: "status", of: status },
    { key: "received", of: (row) => row.received_s, show: moment, number: true },
    { key: "deadline", of: (row) => row.deadline_s, show: moment, number: true },
    { key: "margin", of: (row) => row.margin_s, show: duration, number: true },
    { key: "worst", of: (row) => row.worst_margin_s, show: duration, number: true },
    { key: "units", of: (row) => row.units, show: number, number: true },
    { key: "vehicle", of: vehicles, show: named },
    { key: "hubs", of: (row) => row.hubs.map((at) => place(at).name).join(", "), show: named },
  ];
  if (doc.answer.runs !== null) {
    const share = (value) => (value === undefined ? "–" : number(Math.floor(value * 1000) / 10) + " %");
    columns.push({ key: "chance", of: (row) => row.chance, show: share, number: true });
  }
  /* Words without accents and capitals, each with a blank in front: what is searched begins a word. */
  if (doc.public) columns.splice(0, columns.length, ...columns.filter((one) => ["name", "id", "area", "subarea", "status",
    "received"].includes(one.key)));
  const plain = (value) => " " + String(value).normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, " ").trim();
  for (const row of doc.regions) {
    const types = row.vehicles.map(typeName);
    row.words = plain([place(row.place).name, place(row.place).id, row.area, row.subarea, vehicles(row), ...types,
      ...row.hubs.map((at) => place(at).name)].join(" "));
  }

  window.PlanPage.searched = (row) =>
    plain(state.search).split(" ").filter(Boolean).every((word) => row.words.includes(" " + word));

  class PlanTable extends HTMLElement {
    connectedCallback() {
      this.sort = { key: doc.public ? "name" : "margin", up: true };
      this.page = 0;
      this.all = false;
      window.PlanPage.listen((what) => {
        if (what.some((key) => key !== "time" && key !== "chosen")) {
          this.page = 0;
          this.draw();
        }
      });
      window.addEventListener("beforeprint", () => { this.all = true; this.draw(); });
      window.addEventListener("afterprint", () => { this.all = false; this.draw(); });
      this.draw();
    }

    rows() {
      const found = doc.regions.filter((row) => window.PlanPage.showsRegion(row) && window.PlanPage.searched(row));
      const column = columns.find((one) => one.key === this.sort.key);
      const turn = this.sort.up ? 1 : -1;
      const order = new Intl.Collator(state.language);
      const rank = (value) => (value === null || value === undefined ? Infinity : value);
      return found.sort((one, other) => {
        const a = column.of(one), b = column.of(other);
        const by = column.number ? (rank(a) === rank(b) ? 0 : rank(a) - rank(b)) : order.compare(a, b);
        return turn * by || order.compare(place(one.place).id, place(other.place).id);
      });
    }

    draw() {
      const rows = this.rows();
      const pages = Math.max(1, Math.ceil(rows.length / PAGE));
      this.page = Math.min(this.page, pages - 1);
      const shown = this.all ? rows : rows.slice(this.page * PAGE, (this.page + 1) * PAGE);
      const count = make("p", { role: "status" },
        text("web.table.count", { number: number(rows.length), total: number(doc.regions.length) }));
      const head = make("tr", {}, ...columns.map((column) => this.heading(column)));
      const body = make("tbody", {}, ...shown.map((row) => this.row(row)));
      const table = make("table", {}, make("caption", { class: "hidden" }, text("web.table.title")),
        make("thead", {}, head), body);
      const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("web.table.title") },
        table);
      this.replaceChildren(count, scroll, this.pages(pages, rows.length));
    }

    heading(column) {
      const sorted = this.sort.key === column.key;
      const button = make("button", { type: "button", "data-key": column.key }, text("web.table." + column.key),
        make("span", { "aria-hidden": "true" }, sorted ? (this.sort.up ? " ▲" : " ▼") : ""));
      button.addEventListener("click", () => {
        this.sort = { key: column.key, up: sorted ? !this.sort.up : true };
        this.draw();
        this.querySelector('button[data-key="' + column.key + '"]').focus();
      });
      const order = sorted ? (this.sort.up ? "ascending" : "descending") : "none";
      return make("th", { scope: "col", class: column.number ? "number" : null, "aria-sort": order }, button);
    }

    row(row) {
      const at = doc.regions.indexOf(row);
      return make("tr", { "data-region": place(row.place).id }, ...columns.map((column) => {
        const value = column.of(row);
        const cell = column.show ? column.show(value) : value;
        if (column.key === "name") {
          const button = make("button", { type: "button", class: "link" }, cell);
          button.addEventListener("click", () => window.PlanPage.change({ chosen: at }));
          return make("th", { scope: "row" }, button);
        }
        const late = column.key === "status" && row.status !== "on_time";
        return make("td", { class: column.number ? "number" : late ? "late" : null }, cell);
      }));
    }

    pages(pages, rows) {
      const go = (key, page, possible) => {
        const button = make("button", { type: "button", disabled: !possible }, text("web.table." + key));
        button.addEventListener("click", () => { this.page = page; this.draw(); });
        return button;
      };
      const told = text("web.table.page", { page: number(this.page + 1), pages: number(pages) });
      return make("p", { class: "pages", hidden: rows <= PAGE || this.all },
        go("before", this.page - 1, this.page > 0), make("span", {}, told),
        go("after", this.page + 1, this.page < pages - 1));
    }
  }
  customElements.define("plan-table", PlanTable);
})();
