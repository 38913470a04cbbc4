/* What all elements of a page share: its document, texts, moments, filters, and where vehicles are. */
"use strict";
(function () {
  const doc = JSON.parse(document.getElementById("plan-data").textContent);
  const listeners = [];
  const state = { language: "en", area: "", day: "", type: "", search: "", time: doc.clock.first_s, chosen: -1 };

  function text(key, values) {
    const found = doc.texts[state.language][key];
    const filled = values || {};
    return (found === undefined ? key : found).replace(/\{(\w+)\}/g, (all, name) =>
      Object.prototype.hasOwnProperty.call(filled, name) ? String(filled[name]) : all);
  }

  function told(both) {
    return both === null || both === undefined ? "" : typeof both === "string" ? both : both[state.language];
  }

  function number(value) {
    const sign = state.language === "en" ? "," : ".";
    return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, sign);
  }

  function money(value) {
    return (doc.currency + " " + number(value)).trim();
  }

  function offset(second) {
    let found = doc.clock.offsets[0][1];
    for (const [from, value] of doc.clock.offsets) if (second >= from) found = value;
    return found;
  }

  function local(second) {
    return new Date((doc.clock.start_s + second + offset(second)) * 1000);
  }

  const two = (value) => String(value).padStart(2, "0");

  function dayKey(second) {
    return local(second).toISOString().slice(0, 10);
  }

  function dayText(key) {
    const months = text("report.months").split(" ");
    return Number(key.slice(8, 10)) + " " + months[Number(key.slice(5, 7)) - 1];
  }

  function moment(second) {
    if (second === null || second === undefined) return "–";
    const at = local(second);
    return dayText(dayKey(second)) + " " + two(at.getUTCHours()) + ":" + two(at.getUTCMinutes());
  }

  function duration(seconds) {
    if (seconds === null || seconds === undefined) return "–";
    const sign = seconds < 0 ? "-" : "";
    const rest = Math.abs(seconds);
    const unit = (name) => text("report.unit." + name);
    const day = Math.floor(rest / 86400), hour = Math.floor(rest / 3600), minute = Math.floor(rest / 60);
    if (day) return sign + day + " " + unit("day") + " " + (hour % 24) + " " + unit("hour");
    if (hour) return sign + hour + " " + unit("hour") + " " + (minute % 60) + " " + unit("minute");
    return sign + minute + " " + unit("minute");
  }

  function points(list) {
    const found = [];
    let x = 0, y = 0;
    for (let at = 0; at < list.length; at += 2) {
      x += list[at];
      y += list[at + 1];
      found.push([y / doc.unit, x / doc.unit]);
    }
    return found;
  }

  /* The nodes of a leg with the seconds that its edges take, the first node with 0. */
  function course(from, leg) {
    const found = [{ place: from, takes: 0 }];
    for (const step of leg.way) {
      const edge = doc.edges[Math.abs(step) - 1];
      found.push(step > 0 ? { place: edge[1], takes: edge[3] } : { place: edge[0], takes: edge[4] || edge[3] });
    }
    if (found.length === 1) found.push({ place: leg.to, takes: 1 });
    return found;
  }

  function along(from, leg, share) {
    const nodes = course(from, leg);
    let rest = share * nodes.reduce((sum, one) => sum + one.takes, 0);
    for (let at = 1; at < nodes.length; at++) {
      const takes = nodes[at].takes;
      if (rest <= takes || at === nodes.length - 1) {
        const a = doc.places[nodes[at - 1].place].where, b = doc.places[nodes[at].place].where;
        const part = takes ? Math.min(1, rest / takes) : 1;
        return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
      }
      rest -= takes;
    }
    return doc.places[leg.to].where;
  }

  /* Where a trip's vehicle is, and what it does: load, wait, drive or serve; null before and after the trip. */
  function position(trip, time) {
    if (time < trip.load_s || time >= trip.end_s) return null;
    let from = trip.origin;
    for (let at = 0; at < trip.legs.length; at++) {
      const leg = trip.legs[at];
      if (time < leg.depart_s) {
        const stop = trip.stops[at - 1];
        const does = !stop ? (time < trip.depart_s ? "load" : "wait")
          : time >= stop.start_s && time < stop.end_s ? "serve" : "wait";
        return { does: does, from: from, to: from, where: doc.places[from].where };
      }
      if (time < leg.arrive_s) {
        const share = (time - leg.depart_s) / (leg.arrive_s - leg.depart_s);
        return { does: "drive", from: from, to: leg.to, where: along(from, leg, share) };
      }
      from = leg.to;
    }
    const stop = trip.stops[trip.stops.length - 1];
    const does = stop && time >= stop.start_s && time < stop.end_s ? "serve" : "wait";
    return { does: does, from: from, to: from, where: doc.places[from].where };
  }

  /* What elements ask of places and trips beside what the document says. */
  function prepare() {
    for (const place of doc.places) place.where = points(place.at)[0];
    const areaOfPlace = new Map(doc.regions.map((region) => [region.place, region.area]));

    /* The areas that a trip brings something to: its own stops', else those of the trips that begin there. */
    const areasOfOrigin = new Map();
    for (const trip of doc.trips) {
      const found = areasOfOrigin.get(trip.origin) || new Set();
      for (const stop of trip.stops) if (areaOfPlace.has(stop.place)) found.add(areaOfPlace.get(stop.place));
      areasOfOrigin.set(trip.origin, found);
    }
    for (const trip of doc.trips) {
      trip.areas = new Set();
      for (const stop of trip.stops) {
        if (areaOfPlace.has(stop.place)) trip.areas.add(areaOfPlace.get(stop.place));
        for (const area of areasOfOrigin.get(stop.place) || []) trip.areas.add(area);
      }
    }
  }
  prepare();

  /* Take what has changed of the document since it was made. */
  function renew(values) {
    Object.assign(doc, values);
    prepare();
    for (const listener of listeners) listener(["document"]);
  }

  const typeName = (vehicle) => doc.types[doc.vehicles[vehicle].type].name;

  function showsTrip(trip) {
    return (!state.area || trip.areas.has(state.area)) &&
      (!state.type || typeName(trip.vehicle) === state.type) &&
      (!state.day || dayKey(trip.load_s) <= state.day && dayKey(trip.end_s) >= state.day);
  }

  function showsRegion(region) {
    return (!state.area || region.area === state.area) &&
      (!state.type || region.vehicles.some((one) => typeName(one) === state.type)) &&
      (!state.day || region.received_s !== null && dayKey(region.received_s) === state.day);
  }

  function change(values) {
    const what = Object.keys(values).filter((key) => state[key] !== values[key]);
    if (!what.length) return;
    Object.assign(state, values);
    if (what.includes("language")) document.documentElement.lang = state.language;
    for (const listener of listeners) listener(what);
  }

  /* An HTML element with attributes, and texts or elements inside; texts stay texts. */
  function make(name, attributes, ...inside) {
    const found = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === false || value === null || value === undefined) continue;
      found.setAttribute(key, value === true ? "" : value);
    }
    found.append(...inside);
    return found;
  }

  /* A name that people or files gave, whichever way it is written. */
  const named = (name) => make("bdi", {}, name);

  window.PlanPage = {
    doc, state, text, told, number, money, moment, duration, dayKey, dayText, points, position, course, make, named,
    typeName, showsTrip, showsRegion, change, renew,
    listen: (listener) => listeners.push(listener),
  };
})();
