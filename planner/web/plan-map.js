/* <plan-map>: the ground, regions by colour, ways, places, and vehicles at the moment of the slider. */
"use strict";
(function () {
  const { doc, state, text, told, number, moment, duration, points, position, make, named } = window.PlanPage;
  const L = window.L;
  const MODES = { road: "#7a6a58", river: "#1f6fb5", sea: "#2a93b8", foot: "#5c7a2e", air: "#8a3f8f" };
  const DOES = { load: "#6d4c9f", wait: "#8a8a8a", drive: "#c2185b", serve: "#0b6e5a" };
  const STEP = 300;

  const Vehicles = L.Layer.extend({
    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide");
      this.canvas.style.pointerEvents = "none";
      if (!map.getPane("vehicles")) map.createPane("vehicles").style.zIndex = 450;
      map.getPane("vehicles").appendChild(this.canvas);
      map.on("moveend resize zoomend", this.draw, this);
      this.draw();
    },
    onRemove(map) {
      this.canvas.remove();
      map.off("moveend resize zoomend", this.draw, this);
    },
    draw() {
      const map = this._map;
      if (!map) return;
      const size = map.getSize(), ratio = window.devicePixelRatio || 1;
      if (this.canvas.width !== size.x * ratio || this.canvas.height !== size.y * ratio) {
        this.canvas.width = size.x * ratio;
        this.canvas.height = size.y * ratio;
        this.canvas.style.width = size.x + "px";
        this.canvas.style.height = size.y + "px";
      }
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      const pen = this.canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, size.x, size.y);
      pen.lineWidth = 1.5;
      pen.strokeStyle = "#ffffff";
      const counts = { load: 0, wait: 0, drive: 0, serve: 0 };
      for (const trip of doc.trips) {
        if (!window.PlanPage.showsTrip(trip)) continue;
        const found = position(trip, state.time);
        if (!found) continue;
        counts[found.does]++;
        const at = map.latLngToContainerPoint(found.where);
        if (at.x < -9 || at.y < -9 || at.x > size.x + 9 || at.y > size.y + 9) continue;
        pen.fillStyle = DOES[found.does];
        pen.beginPath();
        if (found.does === "drive") pen.arc(at.x, at.y, 4.5, 0, 7);
        else pen.rect(at.x - 4, at.y - 4, 8, 8);
        pen.fill();
        pen.stroke();
      }
      this.counts = counts;
    },
  });

  /* After Paul Tol's "bright": told apart by people who see no red or green; what has several kinds is dark. */
  const LINES = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee7733"];
  const SEVERAL = "#3b3b3b", OTHERS = "#9a9a9a";

  /* What ways are coloured by: the key of a trip, how a key is called, and which come first. */
  const WAYS = {
    mode: null,
    day: { of: (trip) => window.PlanPage.dayKey(trip.load_s), named: (key) => window.PlanPage.dayText(key),
      order: (rows) => rows.sort(([one], [other]) => (one < other ? -1 : 1)) },
    type: { of: (trip) => window.PlanPage.typeName(trip.vehicle), named: (key) => named(key),
      order: (rows) => rows.sort(([, one], [, other]) => other - one) },
  };

  const sign = (colour, form) => {
    const found = make("span", { class: "key " + (form || ""), "aria-hidden": "true" });
    found.style.background = colour;
    return found;
  };

  class PlanMap extends HTMLElement {
    connectedCallback() {
      this.colour = doc.against ? "change" : doc.answer.now_s === null && !doc.public ? "day" : "status";
      this.by = "mode";
      this.box = make("div", { class: "map", role: "region" });
      this.controls = make("div", { class: "controls" });
      this.time = make("div", { class: "time", hidden: Boolean(doc.public) });
      this.legend = make("div", { class: "legend" });
      this.replaceChildren(this.controls, this.box, this.time, this.legend);
      this.map = L.map(this.box, { preferCanvas: true, attributionControl: false, zoomControl: false,
        zoomSnap: 0.25, fadeAnimation: false, zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches });
      this.zoom = L.control.zoom().addTo(this.map);
      L.control.scale({ imperial: false }).addTo(this.map);
      this.view();
      this.ground();
      this.regions = L.layerGroup().addTo(this.map);
      this.ways = L.layerGroup().addTo(this.map);
      this.places = L.layerGroup().addTo(this.map);
      this.names = L.layerGroup().addTo(this.map);
      this.vehicles = new Vehicles().addTo(this.map);
      this.map.on("zoomend moveend", () => this.drawNames());
      this.timeControls();
      this.redraw(true);
      window.PlanPage.listen((what) => this.changed(what));
    }

    changed(what) {
      if (what.includes("chosen") && state.chosen >= 0) this.choose(state.chosen);
      if (what.includes("language")) this.timeControls();
      if (what.some((key) => ["language", "area", "day", "type", "document"].includes(key))) this.redraw(what.includes("area"));
      else if (what.includes("time")) this.moved();
    }

    redraw(fit) {
      this.headings();
      this.drawRegions();
      this.drawWays();
      this.drawPlaces();
      if (fit) this.view();
      this.drawNames();
      this.drawLegend();
      this.moved();
    }

    view() {
      const shown = doc.regions.filter((row) => !state.area || row.area === state.area);
      const spots = (shown.length ? shown : doc.regions).map((row) => doc.places[row.place].where);
      for (const place of doc.places) if (!state.area && place.kind !== "node") spots.push(place.where);
      this.map.fitBounds(L.latLngBounds(spots).pad(0.04), { animate: false, maxZoom: 13 });
    }

    rings(item) {
      return item.lines.map((lines) => lines.map(points));
    }

    ground() {
      const under = { interactive: false };
      const area = (kind, style) => {
        for (const item of doc.ground[kind]) L.polygon(this.rings(item), { ...under, ...style }).addTo(this.map);
      };
      if (doc.ground.land.length) {
        const [west, south, east, north] = doc.ground_box;
        L.rectangle([[south, west], [north, east]], { ...under, stroke: false, fillColor: "#dbe9f3", fillOpacity: 1 }).addTo(this.map);
      }
      area("land", { stroke: false, fillColor: "#f5f1e8", fillOpacity: 1 });
      this.box.classList.toggle("sea", doc.ground.land.length > 0);
      this.shapes = new Map(doc.ground.region.map((item) => [item.code, item]));
      this.borders = () => {
        area("subarea", { fill: false, color: "#8d8778", weight: 0.7, dashArray: "3 3" });
        area("area", { fill: false, color: "#5d4a70", weight: 1.4, dashArray: "8 3 2 3" });
        area("lake", { stroke: false, fillColor: "#9cc7e6", fillOpacity: 1 });
        for (const item of doc.ground.river) {
          for (const lines of item.lines) L.polyline(lines.map(points), { ...under, color: "#6aa9d6", weight: 2 }).addTo(this.map);
        }
      };
    }

    drawRegions() {
      this.regions.clearLayers();
      this.marks = [];
      for (const kind of doc.colours[this.colour].classes) {
        for (const at of kind.regions) {
          const row = doc.regions[at];
          const place = doc.places[row.place];
          const shape = this.shapes.get(place.id);
          const shows = window.PlanPage.showsRegion(row);
          const style = { color: kind.ink, weight: 0.6, opacity: 0.5, fillColor: kind.fill, fillOpacity: shows ? 0.85 : 0.12 };
          const layer = shape && !kind.is_alarm ? L.polygon(this.rings(shape), style)
            : L.circleMarker(place.where, { ...style, weight: 1, opacity: 1, radius: kind.is_alarm ? 7 : 5 });
          layer.bindTooltip(() => this.about(row), { sticky: true });
          layer.on("click", () => window.PlanPage.change({ chosen: at }));
          layer.addTo(this.regions);
          if (shape && kind.is_alarm) L.polygon(this.rings(shape), { ...style, interactive: false }).addTo(this.regions);
        }
      }
      if (this.borders) {
        this.borders();
        this.borders = null;
      }
    }

    about(row) {
      const place = doc.places[row.place];
      const lines = [make("strong", {}, named(place.name)), named([row.subarea, row.area].filter(Boolean).join(", ")),
        text("map.class." + (row.known || row.status)) + (row.received_s === null ? "" : ": " + moment(row.received_s)),
        ...(row.margin_s === null ? [] : [text("web.map.margin", { margin: duration(row.margin_s) })])];
      return make("div", {}, ...lines.flatMap((line, at) => (at ? [make("br"), line] : [line])));
    }

    drawWays() {
      this.ways.clearLayers();
      const counts = new Map();
      const kinds = new Map(); /* of each edge the keys of its trips, where ways are not coloured by mode */
      const by = WAYS[this.by], often = new Map();
      for (const trip of doc.trips) {
        if (!window.PlanPage.showsTrip(trip)) continue;
        const kind = by && by.of(trip);
        if (by) often.set(kind, (often.get(kind) || 0) + 1);
        for (const edge of new Set(trip.legs.flatMap((leg) => leg.way.map((step) => Math.abs(step) - 1)))) {
          counts.set(edge, (counts.get(edge) || 0) + 1);
          if (by) kinds.set(edge, (kinds.get(edge) || new Set()).add(kind));
        }
      }
      const rows = by ? by.order([...often]) : [];
      const colours = new Map(rows.map(([key], at) => [key, at < LINES.length ? LINES[at] : OTHERS]));
      const colourOf = (edge, mode) => {
        if (!by) return MODES[mode];
        const mine = new Set([...kinds.get(edge)].map((key) => colours.get(key)));
        return mine.size > 1 ? SEVERAL : [...mine][0];
      };
      const groups = new Map();
      for (const [edge, trips] of counts) {
        const [from, to, at] = doc.edges[edge];
        const mode = doc.modes[at], colour = colourOf(edge, mode);
        const width = Math.min(5, 1 + Math.round(Math.sqrt(trips)) / 1.5);
        const key = mode + " " + colour + " " + width;
        if (!groups.has(key)) groups.set(key, { mode, colour, width, lines: [] });
        groups.get(key).lines.push([doc.places[from].where, doc.places[to].where]);
      }
      const seen = new Set([...groups.values()].map((one) => one.colour));
      const modes = new Set([...groups.values()].map((one) => one.mode));
      this.used = by
        ? [...rows.slice(0, LINES.length).map(([key]) => [colours.get(key), () => by.named(key)]),
          ...(rows.length > LINES.length ? [[OTHERS, () => text("web.map.ways_others")]] : []),
          ...(seen.has(SEVERAL) ? [[SEVERAL, () => text("web.map.ways_several")]] : [])]
        : [...modes].map((mode) => [MODES[mode], () => text("report.mode." + mode)]);
      for (const group of [...groups.values()].sort((one, other) => one.width - other.width)) {
        L.polyline(group.lines, { interactive: false, color: group.colour, weight: group.width, opacity: 0.85,
          dashArray: group.mode === "sea" ? "6 5" : group.mode === "foot" || group.mode === "air" ? "2 5" : null })
          .addTo(this.ways);
      }
    }

    drawPlaces() {
      this.places.clearLayers();
      for (const place of doc.places) {
        if (place.kind !== "hub" && place.kind !== "warehouse") continue;
        const house = place.kind === "warehouse";
        L.circleMarker(place.where, { radius: house ? 6 : 3.5, color: house ? "#ffffff" : "#1b1f23", weight: house ? 1.5 : 1,
          fillColor: house ? "#1b1f23" : "#f4d03f", fillOpacity: 1 })
          .bindTooltip(() => make("div", {}, named(place.name)), { sticky: true }).addTo(this.places);
      }
    }

    /* Names of towns and areas, the most important first; those that would lie on another one are left out. */
    drawNames() {
      if (!this.names) return;
      this.names.clearLayers();
      const taken = [];
      const towns = [...doc.ground.seat.map((one) => ({ ...one, seat: true })), ...doc.ground.town]
        .sort((one, other) => one.rank - other.rank);
      const wanted = towns.map((one) => ({ name: one.name, at: points(one.at)[0], kind: one.seat ? "seat" : "town" }));
      if (!wanted.length && doc.places.length < 400) {
        for (const place of doc.places) if (place.kind !== "node") wanted.push({ name: place.name, at: place.where, kind: "town" });
      }
      const size = this.map.getSize();
      for (const one of wanted) {
        const at = this.map.latLngToContainerPoint(one.at);
        const short = one.name.length > 40 ? one.name.slice(0, 39) + "…" : one.name;
        const wide = short.length * 7 + 10;
        const box = [at.x, at.y - 9, at.x + wide, at.y + 9];
        if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
        if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
        taken.push(box);
        const icon = L.divIcon({ className: "name " + one.kind, html: make("span", {}, named(short)), iconSize: null });
        L.marker(one.at, { icon, interactive: false, keyboard: false }).addTo(this.names);
      }
    }

    choose(at) {
      const row = doc.regions[at];
      const place = doc.places[row.place];
      this.map.setView(place.where, Math.max(this.map.getZoom(), 10), { animate: false });
      L.popup({ closeButton: false }).setLatLng(place.where).setContent(this.about(row)).openOn(this.map);
      this.box.scrollIntoView({ block: "nearest" });
    }

    headings() {
      this.box.setAttribute("aria-label", text("web.map.title"));
      const zoom = this.zoom.getContainer().querySelectorAll("a");
      ["zoom_in", "zoom_out"].forEach((key, at) => {
        zoom[at].title = text("web.map." + key);
        zoom[at].setAttribute("aria-label", text("web.map." + key));
      });
      const choice = make("select", {}, ...Object.keys(doc.colours).map((key) =>
        make("option", { value: key, selected: key === this.colour }, text("web.map.colour_" + key))));
      choice.addEventListener("change", () => {
        this.colour = choice.value;
        this.drawRegions();
        this.drawLegend();
      });
      const ways = make("select", {}, ...Object.keys(WAYS).map((key) =>
        make("option", { value: key, selected: key === this.by }, text("web.map.ways_" + key))));
      ways.addEventListener("change", () => {
        this.by = ways.value;
        this.drawWays();
        this.drawLegend();
      });
      const all = make("button", { type: "button" }, text("web.map.all"));
      all.addEventListener("click", () => this.view());
      this.controls.replaceChildren(make("label", {}, text("web.map.colour") + " ", choice),
        ...(doc.public ? [] : [make("label", {}, text("web.map.ways") + " ", ways)]), all);
    }

    drawLegend() {
      const colour = doc.colours[this.colour];
      const items = (rows) => make("ul", {}, ...rows.map((row) => make("li", {}, ...row)));
      const classes = colour.classes.filter((one) => one.regions.length || one.key === "late" || one.key === "undelivered")
        .map((one) => [sign(one.fill, "area"), named(told(one.label)), " " + number(one.regions.length)]);
      const ways = this.used.map(([colour, label]) => [sign(colour, "line"), label()]);
      const does = Object.keys(DOES).map((key) =>
        [sign(DOES[key], key === "drive" ? "round" : "square"), text("web.map." + key)]);
      if (doc.public) {
        this.legend.replaceChildren(make("div", {}, make("h3", {}, told(colour.title)), items(classes)));
        return;
      }
      this.legend.replaceChildren(
        make("div", {}, make("h3", {}, told(colour.title)), items(classes)),
        make("div", {}, make("h3", {}, text("web.map.ways")), items(ways)),
        make("div", {}, make("h3", {}, text("web.map.vehicles")), items(does)),
        make("div", {}, make("h3", {}, text("web.map.places")), items([
          [sign("#1b1f23", "round"), text("web.map.warehouse")], [sign("#f4d03f", "round rim"), text("web.map.hub")]])));
    }

    timeControls() {
      clearInterval(this.playing);
      this.playing = null;
      this.slider = make("input", { type: "range", min: doc.clock.first_s, max: doc.clock.last_s, step: 60,
        id: "plan-time" });
      this.slider.value = state.time;
      this.slider.addEventListener("input", () => window.PlanPage.change({ time: Number(this.slider.value) }));
      this.play = make("button", { type: "button" }, text("web.map.play"));
      this.play.addEventListener("click", () => this.toggle());
      this.now = make("output", { for: "plan-time" });
      this.time.replaceChildren(this.play, make("label", { for: "plan-time" }, text("web.map.moment")), this.slider, this.now);
    }

    toggle() {
      if (this.playing) {
        clearInterval(this.playing);
        this.playing = null;
      } else {
        if (state.time >= doc.clock.last_s) window.PlanPage.change({ time: doc.clock.first_s });
        this.playing = setInterval(() => {
          const time = Math.min(doc.clock.last_s, state.time + STEP);
          window.PlanPage.change({ time });
          if (time >= doc.clock.last_s) this.toggle();
        }, 50);
      }
      this.play.textContent = text(this.playing ? "web.map.pause" : "web.map.play");
    }

    moved() {
      this.vehicles.draw();
      this.slider.value = state.time;
      const counts = this.vehicles.counts;
      const received = doc.regions.filter((row) => window.PlanPage.showsRegion(row) && row.received_s !== null &&
        row.received_s <= state.time).length;
      const said = text("web.map.at", { moment: moment(state.time), drive: number(counts.drive),
        others: number(counts.load + counts.wait + counts.serve), received: number(received) });
      this.slider.setAttribute("aria-valuetext", said);
      this.now.textContent = said;
    }
  }
  customElements.define("plan-map", PlanMap);
})();
