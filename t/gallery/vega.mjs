// Vega-Lite's pictures of the gallery's cases: reads each NAME.json of a folder and writes
// NAME.vega.png beside it. Its look is left as it comes; only what a person would have to say
// to get the chart at all is said.
//
//     node vega.mjs FOLDER

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import * as vega from "vega";
import { compile } from "vega-lite";

const FONT = "DejaVu Sans";
const MARKS = {
  bar: "bar",
  line: "line",
  area: "area",
  pie: "arc",
  donut: { type: "arc", innerRadius: 80 },
  histogram: "bar",
  scatter: "point",
  heatmap: "rect",
};

/** The name of the column that a channel's values are in. */
function columnOf(channel) {
  if (channel.aggregate === "count") return "count";
  const done = channel.bin ? "bin" : channel.timeUnit ?? channel.aggregate;
  return done === undefined ? channel.field : `${done}_${channel.field}`;
}

/** The rows as objects; each ends in an empty one, which is dropped. */
function objects({ columns, rows }) {
  const named = columns.split(",").map((column) => column.split(":"));
  const value = (v, type) => (type === "boolean" && v !== null ? Boolean(v) : v);
  return rows
    .filter((row) => row.length > 0)
    .map((row) => Object.fromEntries(named.map(([name, type], i) => [name, value(row[i], type)])));
}

/** A channel over rows that are aggregated already. */
function channelOf(channel) {
  const { type, title, sort, stack, timeUnit } = channel;
  const made = { field: columnOf(channel), type, title };
  if (sort !== undefined) made.sort = sort;
  if (stack !== undefined) made.stack = stack;
  if (type === "temporal" && timeUnit !== undefined) made.timeUnit = timeUnit;
  if (timeUnit === "day") made.axis = { labelExpr: "dayAbbrevFormat(datum.value)" };
  return made;
}

function encodingOf(chart) {
  const { type, encoding, columns } = chart;
  const made = {};
  for (const [name, channel] of Object.entries(encoding)) made[name] = channelOf(channel);
  if (type === "histogram" && !encoding.x.bin) {
    made.x.bin = { maxbins: 30 };
    made.y = { aggregate: "count" };
  } else if (type === "histogram") {
    made.x.bin = "binned";
    made.x2 = { field: `${made.x.field}_end` };
  }
  // Means do not add up: bars of them stand side by side.
  if (type === "bar" && encoding.color && encoding.y?.aggregate === "mean") {
    made.xOffset = { field: made.color.field };
  }
  if (made.theta) made.theta.stack = true;
  return made;
}

function vegaLite(chart) {
  const { type, title, subtitle, width, height } = chart;
  return compile({
    title: { text: title, subtitle },
    width,
    height,
    autosize: { type: "fit", contains: "padding" },
    background: "white",
    data: { values: objects(chart) },
    mark: MARKS[type],
    encoding: encodingOf(chart),
  }).spec;
}

/** Vega-Lite has no treemap; Vega has, as a transform. */
function treemap(chart) {
  const { title, subtitle, width, height, encoding } = chart;
  const size = columnOf(encoding.size);
  const leaf = columnOf(encoding.detail);
  const group = encoding.color && columnOf(encoding.color);
  const keys = group ? [group, leaf] : [leaf];
  const centre = {
    x: { signal: "(datum.x0 + datum.x1) / 2" },
    y: { signal: "(datum.y0 + datum.y1) / 2" },
    align: { value: "center" },
    baseline: { value: "middle" },
    limit: { signal: "datum.x1 - datum.x0" },
  };
  return {
    title: { text: title, subtitle },
    width,
    height,
    padding: 5,
    autosize: { type: "fit", contains: "padding" },
    background: "white",
    data: [
      {
        name: "tree",
        values: objects(chart),
        transform: [
          { type: "nest", keys, generate: true },
          {
            type: "treemap",
            field: size,
            sort: { field: "value", order: "descending" },
            size: [{ signal: "width" }, { signal: "height" }],
          },
        ],
      },
      { name: "leaves", source: "tree", transform: [{ type: "filter", expr: "!datum.children" }] },
    ],
    scales: [
      { name: "color", type: "ordinal", range: "category", domain: { data: "leaves", field: group ?? size } },
    ],
    marks: [
      {
        type: "rect",
        from: { data: "leaves" },
        encode: {
          enter: {
            x: { field: "x0" },
            y: { field: "y0" },
            x2: { field: "x1" },
            y2: { field: "y1" },
            stroke: { value: "white" },
            fill: group ? { scale: "color", field: group } : { value: "#4c78a8" },
          },
        },
      },
      { type: "text", from: { data: "leaves" }, encode: { enter: { text: { field: leaf }, ...centre } } },
    ],
  };
}

const folder = process.argv[2];
for (const file of (await readdir(folder)).filter((name) => name.endsWith(".json")).sort()) {
  const chart = JSON.parse(await readFile(join(folder, file), "utf8"));
  const spec = chart.type === "treemap" ? treemap(chart) : vegaLite(chart);
  const view = new vega.View(vega.parse(spec), { renderer: "none", logLevel: vega.Error });
  const svg = await view.toSVG();
  const font = { loadSystemFonts: true, defaultFontFamily: FONT, sansSerifFamily: FONT };
  const png = new Resvg(svg, { font }).render().asPng();
  await writeFile(join(folder, file.replace(/json$/, "vega.png")), png);
}
