/* <plan-gantt>: what each vehicle, or each dock, does when; only the rows in view are drawn. */
"use strict";
(function () {
  const { doc, state, text, number, moment, dayKey, dayText, make } = window.PlanPage;
  const SVG = "http://www.w3.org/2000/svg";
  const ROW = 20, HEAD = 22, NAMES = 132, MOST_PRINTED = 1000;

  function drawn(name, attributes, inside) {
    const found = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    if (inside !== undefined) found.append(inside);
    return found;
  }

  const placeName = (at) => doc.places[at].name;

  function bars(trip) {
    const found = [{ from: trip.load_s, to: trip.depart_s, does: "load", at: trip.origin }];
    let from = trip.origin;
    trip.legs.forEach((leg, at) => {
      found.push({ from: leg.depart_s, to: leg.arrive_s, does: "drive", at: from, next: leg.to });
      const stop = trip.stops[at];
      if (stop) found.push({ from: stop.start_s, to: stop.end_s, does: "serve", at: stop.place });
      from = leg.to;
    });
    return found;
  }

  class PlanGantt extends HTMLElement {
    connectedCallback() {
      this.of = "vehicles";
      this.height = 0;
      window.PlanPage.listen((what) => {
        if (what.includes("time")) this.cursor();
        if (what.some((key) => ["language", "area", "day", "type"].includes(key))) this.build();
      });
      window.addEventListener("resize", () => this.build());
      window.addEventListener("beforeprint", () => this.rows(true));
      window.addEventListener("afterprint", () => this.rows(false));
      this.build();
    }

    groups() {
      const found = new Map();
      for (const trip of doc.trips.filter(window.PlanPage.showsTrip)) {
        const vehicle = doc.vehicles[trip.vehicle];
        const isDock = this.of === "docks";
        const key = isDock ? trip.origin + "/" + trip.dock : trip.vehicle;
        const label = isDock ? placeName(trip.origin) + " " + trip.dock : vehicle.sign || vehicle.id;
        const more = isDock ? [{ from: trip.load_s, to: trip.depart_s, does: "load", at: trip.origin, trip }]
          : bars(trip).map((bar) => ({ ...bar, trip }));
        if (!found.has(key)) found.set(key, { label, first: trip.load_s, bars: [] });
        const group = found.get(key);
        group.first = Math.min(group.first, trip.load_s);
        group.bars.push(...more);
      }
      return [...found.values()].sort((one, other) =>
        this.of === "docks" ? one.label.localeCompare(other.label) : one.first - other.first);
    }

    build() {
      this.list = this.groups();
      const label = text("web.gantt.title_" + this.of);
      const choose = ["vehicles", "docks"].map((of) => {
        const button = make("button", { type: "button", "aria-pressed": String(this.of === of) },
          text("web.gantt." + of));
        button.addEventListener("click", () => {
          this.of = of;
          this.build();
          this.querySelector('button[aria-pressed="true"]').focus();
        });
        return button;
      });
      const legend = make("p", { class: "legend" }, ...["load", "drive", "serve"].flatMap((does) =>
        [make("span", { class: "key " + does, "aria-hidden": "true" }), text("web.gantt." + does) + " "]));
      const count = make("p", { role: "status" }, text("web.gantt.count_" + this.of, { number: number(this.list.length) }));
      this.box = make("div", { class: "gantt", tabindex: "0", role: "region", "aria-label": label });
      this.replaceChildren(make("p", { class: "choose" }, ...choose), legend, count, this.box);
      this.svg = drawn("svg", { role: "img", "aria-label": label + ": " + count.textContent });
      this.box.append(this.svg);
      this.box.addEventListener("scroll", () => this.rows(false));
      this.rows(false);
    }

    scale() {
      const days = doc.clock.days.filter((day) => !state.day || day === state.day);
      let from = doc.clock.first_s, to = doc.clock.last_s;
      if (state.day) {
        const at = (Date.parse(state.day + "T00:00:00Z") / 1000) - doc.clock.start_s - doc.clock.offsets[0][1];
        from = Math.max(from, at);
        to = Math.min(to, at + 86400);
      }
      const wide = Math.max(200, this.box.clientWidth - NAMES - 4, days.length * (state.day ? 0 : 110));
      return { from, to: Math.max(to, from + 3600), wide, x: (s) => NAMES + (wide * (s - from)) / (to - from || 1) };
    }

    rows(all) {
      const scale = this.scale();
      this.map = scale;
      const high = HEAD + this.list.length * ROW;
      this.svg.setAttribute("width", NAMES + scale.wide);
      this.svg.setAttribute("height", high);
      const first = all ? 0 : Math.max(0, Math.floor((this.box.scrollTop - HEAD) / ROW) - 2);
      const most = all ? MOST_PRINTED : Math.ceil((this.box.clientHeight || 400) / ROW) + 4;
      const parts = [];
      const hours = scale.to - scale.from <= 36 * 3600;
      for (let at = scale.from - (scale.from % 3600); at <= scale.to; at += 3600) {
        const hour = new Date((doc.clock.start_s + at + doc.clock.offsets[0][1]) * 1000).getUTCHours();
        if (at < scale.from || hour % (hours ? 3 : 24)) continue;
        const x = scale.x(at);
        parts.push(drawn("line", { class: "grid", x1: x, x2: x, y1: 0, y2: high }));
        const label = hours && hour ? String(hour).padStart(2, "0") + ":00" : dayText(dayKey(at));
        parts.push(drawn("text", { x: x + 3, y: 15 }, label));
      }
      this.list.slice(first, first + most).forEach((group, index) => {
        const y = HEAD + (first + index) * ROW;
        if ((first + index) % 2) parts.push(drawn("rect", { class: "band", x: 0, y, width: NAMES + scale.wide, height: ROW }));
        for (const bar of group.bars) {
          if (bar.to <= scale.from || bar.from >= scale.to) continue;
          const x = scale.x(Math.max(bar.from, scale.from));
          const width = Math.max(1, scale.x(Math.min(bar.to, scale.to)) - x);
          const inset = bar.does === "drive" ? 7 : 3;
          const rect = drawn("rect", { class: bar.does, x, y: y + inset, width, height: ROW - 2 * inset });
          rect.append(drawn("title", {}, this.title(bar)));
          parts.push(rect);
        }
        const clip = drawn("rect", { class: "names", x: 0, y, width: NAMES - 4, height: ROW });
        const label = group.label.length > 20 ? group.label.slice(0, 19) + "…" : group.label;
        parts.push(clip, drawn("text", { x: 4, y: y + 14 }, label));
      });
      this.line = drawn("line", { class: "now", y1: 0, y2: high });
      parts.push(this.line);
      this.svg.replaceChildren(...parts);
      this.cursor();
    }

    title(bar) {
      const where = bar.next === undefined ? placeName(bar.at) : placeName(bar.at) + " → " + placeName(bar.next);
      return text("web.gantt." + bar.does) + ": " + where + ", " + moment(bar.from) + " – " + moment(bar.to) + " (" +
        bar.trip.id + ")";
    }

    cursor() {
      const inside = state.time >= this.map.from && state.time <= this.map.to;
      const x = this.map.x(state.time);
      this.line.setAttribute("x1", x);
      this.line.setAttribute("x2", x);
      this.line.setAttribute("visibility", inside ? "visible" : "hidden");
    }
  }
  customElements.define("plan-gantt", PlanGantt);
})();
