// Charts in opened rows, drawn by uPlot: partitions, sizes of files, retries.

import uPlot from "uplot";
import { h } from "./dom.js";
import { bytes, count, seconds } from "./format.js";
import { colour, onThemeChange } from "./theme.js";

const HEIGHT = 170;
const FONT = '12px system-ui, "Liberation Sans", Arial, sans-serif';
const LABEL = 14;
const live = new Set();

onThemeChange(() => {
  for (const chart of live) {
    if (chart.root.isConnected) chart.redraw(false);
    else live.delete(chart);
  }
});

// A figure whose chart is made once the width is known. `readings` says what a position holds.
function figure(title, summary, options, data, readings) {
  const reading = h("p", { class: "reading", "aria-hidden": "true" }, summary);
  const host = h("div", { class: "canvas", role: "img", "aria-label": `${title}: ${summary}` });
  let chart = null;
  const hooks = { setCursor: [(plot) => {
    const at = plot.cursor.idx;
    reading.textContent = at === null || at === undefined ? summary : readings(at);
  }] };
  const watch = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (width === 0) return;
    if (chart) chart.setSize({ width, height: options.height ?? HEIGHT });
    else {
      chart = new uPlot({ width, height: HEIGHT, legend: { show: false }, hooks, ...options }, data, host);
      live.add(chart);
    }
  });
  watch.observe(host);
  return h("figure", { class: "chart" }, h("figcaption", null, title), reading, host);
}

function axis(more) {
  return { stroke: () => colour("--quiet"), font: FONT, grid: { show: false }, ticks: { show: false }, ...more };
}

function lines() {
  return { show: true, stroke: () => colour("--line"), width: 1 };
}

const still = { drag: { x: false, y: false, setScale: false }, y: false, points: { show: false } };

// One bar for each value; a few of the labels stand below.
function bars(title, summary, labels, values, write, readings, property = "--bar") {
  const last = labels.length - 1;
  const widest = 7 * Math.min(LABEL, Math.max(...labels.map((label) => [...label].length))) + 16;
  // As many labels as have room, evenly.
  const marks = (plot) => {
    const room = Math.max(1, Math.floor(plot.bbox.width / devicePixelRatio / widest));
    const every = Math.ceil(labels.length / room);
    return labels.map((_, number) => number).filter((number) => number % every === 0);
  };
  return figure(title, summary, {
    cursor: still, padding: [8, 24, 0, 0],
    scales: { x: { time: false, range: [-0.7, last + 0.7] }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.05 : 1] } },
    series: [{}, { paths: uPlot.paths.bars({ size: [0.75, 40] }), fill: () => colour(property), width: 0, points: { show: false } }],
    axes: [
      axis({ splits: marks, values: (_, at) => at.map((number) => short(labels[number], LABEL)), size: 28 }),
      axis({ values: (_, at) => at.map(write), grid: lines(), size: 64, space: 34 }),
    ],
  }, [labels.map((_, number) => number), values], readings);
}

function short(text, room) {
  const letters = [...text];
  return letters.length <= room ? text : `…${letters.slice(1 - room).join("")}`;
}

function between(values, write) {
  const [low, high] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, 0]);
  return low === high ? write(low) : `${write(low)} to ${write(high)}`;
}

export function partitionCharts({ partitions_per_bar: perBar, first, bytes: sizes, files }) {
  const each = perBar > 1 ? `${count(perBar)} partitions each` : "one partition each";
  const at = (number) => `${first[number]}${perBar > 1 ? " and on" : ""}: ${bytes(sizes[number])} in ${count(files[number])} files`;
  const labels = first.map((value) => value.replace(/^[^=/]*=/, ""));
  return [
    bars("Bytes over partitions", `${each}: ${between(sizes, bytes)}`, labels, sizes, bytes, at),
    bars("Files over partitions", `${each}: ${between(files, count)}`, labels, files, count, at),
  ];
}

export function sizeChart(sizes) {
  const powers = sizes.map(([power]) => power);
  const [low, high] = [Math.min(...powers), Math.max(...powers)];
  const found = new Map(sizes.map(([power, files, size]) => [power, [files, size]]));
  const all = Array.from({ length: high - low + 1 }, (_, number) => low + number);
  const labels = all.map((power) => bytes(2 ** power));
  const files = all.map((power) => found.get(power)?.[0] ?? 0);
  const at = (number) => `${bytes(2 ** all[number])} to ${bytes(2 ** (all[number] + 1))}: ${count(files[number])} files, ${bytes(found.get(all[number])?.[1] ?? 0)} together`;
  const total = files.reduce((sum, value) => sum + value, 0);
  return bars("Sizes of files", `${count(total)} files from ${bytes(2 ** low)} to ${bytes(2 ** (high + 1))}`, labels, files, count, at);
}

// Steps of time that people count in.
const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 5184000, 8640000, 15552000, 31536000, 315360000];

// A line for each state, a dot where each try begins.
export function retryChart(retries) {
  const known = retries.filter((one) => one.seconds?.length);
  if (known.length === 0) return null;
  const times = [...new Set(known.flatMap((one) => one.seconds))].sort((a, b) => a - b);
  const end = times[times.length - 1];
  const data = known.map((one, number) => {
    const starts = new Set(one.seconds);
    return times.map((time) => (starts.has(time) ? known.length - number : null));
  });
  const summary = `each dot is a try; the last begins after ${seconds(end)}${known.some((one) => one.more) ? ", and there are more" : ""}`;
  return figure("When tries begin, each after the one before failed at once", summary, {
    height: 60 + 34 * known.length, padding: [8, 40, 0, 0],
    cursor: { ...still, x: false },
    scales: { x: { time: false, range: [-0.02 * (end || 1), 1.02 * (end || 1)] }, y: { range: [0.4, known.length + 0.6] } },
    series: [{}, ...known.map((one) => ({
      spanGaps: true, stroke: () => colour(one.more ? "--accent" : "--bar"), width: 1.5,
      points: { show: true, size: 8, fill: () => colour(one.more ? "--accent" : "--bar") },
    }))],
    axes: [
      axis({ values: (_, at) => at.map(seconds), incrs: TIMES, space: 90, grid: lines(), size: 28 }),
      axis({ splits: () => known.map((_, number) => known.length - number), values: () => known.map((one) => short(one.state, 22)), size: 160 }),
    ],
  }, [times, ...data], () => summary);
}
