// What Python gathered, see zc_bench/report/page.py.
const DATA = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 64, right: 16, top: 12, bottom: 44 };
const REACH = 24; // pixels from the pointer within which a point is found

const byId = (id) => document.getElementById(id);

function svg(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

function html(name, text = "") {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/* Axes. */

function format(value) {
  const size = Math.abs(value);
  const power = size !== 0 && (size < 1e-3 || size >= 1e6);
  // Five digits are what there is, see zc_bench/report/points.py.
  const text = power ? value.toExponential(4).replace(/\.?0*e\+?/, "e") : String(Number(value.toPrecision(5)));
  return text.replaceAll("-", "−");
}

function linearTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const ticks = [];
  for (let tick = Math.ceil(low / step); tick * step <= high; tick += 1) ticks.push(tick * step);
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** power);
  }
  const inside = ticks.filter((tick) => tick >= low && tick <= high);
  const powers = inside.filter((tick) => Number.isInteger(Number(Math.log10(tick).toFixed(9))));
  return powers.length > 1 ? powers : inside;
}

function axis(values, from, to, logarithmic) {
  const inner = logarithmic ? Math.log10 : (value) => value;
  const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]).map(inner);
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  const [start, end] = [low - room, high + room];
  const place = (value) => from + ((inner(value) - start) / (end - start)) * (to - from);
  const count = Math.max(2, Math.abs(to - from) / 60);
  const ticks = logarithmic ? logTicks(10 ** start, 10 ** end) : linearTicks(start, end, count);
  return { place, ticks };
}

// Empties a picture and draws axes in it; returns where values come to lie, in pixels.
function axes(picture, xs, ys, { x, y, logarithmic = false }) {
  const width = Math.max(picture.clientWidth, 240);
  const height = Math.round(Math.min(440, Math.max(260, width * 0.7)));
  picture.replaceChildren();
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  picture.setAttribute("height", height);
  const across = axis(xs, MARGIN.left, width - MARGIN.right, logarithmic);
  const along = axis(ys, height - MARGIN.bottom, MARGIN.top, false);
  const bottom = height - MARGIN.bottom;
  for (const tick of across.ticks) {
    const at = across.place(tick);
    picture.append(svg("path", { class: "grid", d: `M${at} ${MARGIN.top}V${bottom}` }));
    picture.append(svg("text", { class: "soft", x: at, y: bottom + 16, "text-anchor": "middle" }, format(tick)));
  }
  for (const tick of along.ticks) {
    const at = along.place(tick);
    picture.append(svg("path", { class: "grid", d: `M${MARGIN.left} ${at}H${width - MARGIN.right}` }));
    picture.append(svg("text", { class: "soft", x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" }, format(tick)));
  }
  const middle = (MARGIN.top + bottom) / 2;
  picture.append(svg("text", { x: (MARGIN.left + width) / 2, y: height - 8, "text-anchor": "middle" }, x));
  picture.append(svg("text", { transform: `translate(13 ${middle}) rotate(-90)`, "text-anchor": "middle" }, y));
  return xs.map((value, index) => ({ x: across.place(value), y: along.place(ys[index]) }));
}

// One path of dots of no length: far lighter than an element for each.
function dots(places, kind) {
  return svg("path", { class: kind, d: places.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("") });
}

/* Points: scores by architecture. */

const TRUTH = -1; // on the vertical axis, instead of the place of a proxy
const shown = { points: [], at: null };

function ranks(values) {
  const order = values.map((_, index) => index).sort((one, other) => values[one] - values[other]);
  const result = new Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]] === values[order[start]]) end += 1;
    for (let place = start; place < end; place += 1) result[order[place]] = (start + end + 1) / 2;
  }
  return result;
}

function drawScatter() {
  const column = DATA.columns[byId("column").value];
  const [x, y] = [Number(byId("x").value), Number(byId("y").value)];
  const [scores, others] = [column.scores[x], y === TRUTH ? column.truth : column.scores[y]];
  const there = scores.map((_, index) => index).filter((index) => scores[index] !== null && others[index] !== null);
  const picture = byId("scatter");
  shown.at = null;
  const other = y === TRUTH ? `ground truth: ${column.metric}` : DATA.proxies[y];
  const name = `${DATA.proxies[x]} against ${other}, ${column.space} ${column.task}`;
  picture.setAttribute("aria-label", `${name}: ${there.length} points`);
  if (!there.length) {
    picture.replaceChildren(svg("text", { x: 16, y: 32 }, "No architecture has both."));
    shown.points = [];
    byId("card").replaceChildren(html("p", "Nothing to show: choose another score or another axis."));
    return;
  }
  const values = [scores, others].map((all) => there.map((index) => all[index]));
  const [xs, ys] = byId("scale").value === "rank" ? values.map(ranks) : values;
  const unit = byId("scale").value === "rank" ? "rank of " : "";
  const places = axes(picture, xs, ys, { x: unit + DATA.proxies[x], y: unit + other });
  picture.append(dots(places, "points"));
  shown.points = places
    .map((place, index) => ({ ...place, trial: there[index] }))
    .sort((one, two) => one.x - two.x || one.y - two.y);
  byId("card").replaceChildren(html("p", `${there.length.toLocaleString("en")} points: choose one to see its cell.`));
}

function choose(at) {
  if (!shown.points.length || at === shown.at) return;
  shown.at = at;
  const picture = byId("scatter");
  const { x, y, trial } = shown.points[at];
  picture.querySelector(".mark")?.remove();
  picture.append(svg("circle", { class: "mark", cx: x, cy: y, r: 7 }));
  byId("card").replaceChildren(...card(DATA.columns[byId("column").value], trial));
}

function card(column, trial) {
  const facts = html("dl");
  const [x, y] = [Number(byId("x").value), Number(byId("y").value)];
  const told = [[DATA.proxies[x], column.scores[x][trial]]];
  if (y !== TRUTH && y !== x) told.push([DATA.proxies[y], column.scores[y][trial]]);
  told.push([column.metric, column.truth[trial]], ["seed", column.seeds[trial]]);
  for (const [name, value] of told) {
    facts.append(html("dt", name), html("dd", value === null ? "unknown" : format(value)));
  }
  const architecture = column.architectures[trial];
  return [html("code", DATA.keys[architecture]), facts, ...DATA.cells[architecture].flatMap(drawCell)];
}

function nearest(event) {
  const box = byId("scatter").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let [found, least] = [null, REACH];
  shown.points.forEach((point, index) => {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance < least) [found, least] = [index, distance];
  });
  return found;
}

function step(event) {
  const last = shown.points.length - 1;
  const at = shown.at;
  const to = {
    ArrowRight: at === null ? 0 : Math.min(last, at + 1),
    ArrowLeft: at === null ? last : Math.max(0, at - 1),
    Home: 0,
    End: last,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  choose(to);
}

/* Cells: boxes in layers, edges from left to right. */

const BOX = { height: 18, row: 30, gap: 26, character: 6.1, pad: 10 };

function drawCell([shapeAt, ...labelsAt]) {
  const { name, places, routes } = DATA.shapes[shapeAt];
  const labels = labelsAt.map((at) => DATA.labels[at]);
  const widths = [];
  places.forEach(([layer], box) => {
    widths[layer] = Math.max(widths[layer] ?? 0, labels[box][0].length * BOX.character + BOX.pad);
  });
  const lefts = widths.map((_, layer) => 4 + widths.slice(0, layer).reduce((sum, width) => sum + width + BOX.gap, 0));
  const heights = [...places, ...routes.flat()].map(([, height]) => height);
  const top = Math.min(...heights);
  const down = (height) => (height - top + 0.5) * BOX.row;
  const width = lefts.at(-1) + widths.at(-1) + 4;
  const height = (Math.max(...heights) - top + 1) * BOX.row;
  const title = `${name}: ${labels.map(([text]) => text).join(", ")}`;
  const picture = svg("svg", { class: "cell", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  for (const route of routes) picture.append(...drawRoute(route, lefts, widths, down));
  places.forEach(([layer, at], box) => {
    const [text, kind] = labels[box];
    const [x, y] = [lefts[layer], down(at) - BOX.height / 2];
    picture.append(svg("rect", { class: kind, x, y, width: widths[layer], height: BOX.height, rx: 4 }));
    picture.append(svg("text", { x: x + widths[layer] / 2, y: down(at) }, text));
  });
  // Small screens scroll it, so that its text can be read.
  picture.style.minWidth = `${width * 0.8}px`;
  picture.style.maxWidth = `${width * 1.3}px`;
  const frame = html("div");
  frame.append(picture);
  return [html("h3", name), frame];
}

function drawRoute(route, lefts, widths, down) {
  let path = "";
  route.slice(1).forEach(([layer, height], place) => {
    const [before, from] = route[place];
    const start = lefts[before] + widths[before];
    const middle = (start + lefts[layer]) / 2;
    // Straight across the layers that it passes, curved between them.
    path += place ? `H${start}` : `M${start} ${down(from)}`;
    path += `C${middle} ${down(from)} ${middle} ${down(height)} ${lefts[layer]} ${down(height)}`;
  });
  const [layer, height] = route.at(-1);
  const tip = `M${lefts[layer]} ${down(height)}l-6 -3v6z`;
  return [svg("path", { d: path }), svg("path", { class: "tip", d: tip })];
}

/* Cost: seconds against correlation, each point with its name. */

function drawCosts() {
  const picture = byId("price");
  if (!DATA.costs.length) {
    picture.replaceChildren(svg("text", { x: 16, y: 32 }, "No proxy has both a time and a correlation."));
    return;
  }
  const titles = { x: "seconds per score", y: "mean of Spearman's ρ", logarithmic: true };
  const columns = ["seconds", "rho"].map((name) => DATA.costs.map((cost) => cost[name]));
  const places = axes(picture, ...columns, titles);
  picture.append(dots(places, "dots"));
  const taken = places.map(({ x, y }) => [x - 4, y - 4, x + 4, y + 4]);
  const page = picture.viewBox.baseVal;
  places.forEach((place, index) => picture.append(label(place, DATA.costs[index].proxy, taken, page)));
}

// Puts a name where it covers neither a point nor another name, as far as there is room.
function label({ x, y }, text, taken, page) {
  const width = text.length * 7;
  const spots = [-1, 0, 1, -2, 2, -3, 3].flatMap((row) => [
    { x: x + 7, anchor: "start", left: x + 7, y: y + 4 + row * 12 },
    { x: x - 7, anchor: "end", left: x - 7 - width, y: y + 4 + row * 12 },
  ]);
  spots.sort((one, other) => Math.abs(one.y - y - 4) - Math.abs(other.y - y - 4));
  const boxes = spots.map((spot) => [spot.left, spot.y - 10, spot.left + width, spot.y + 2]);
  const meets = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
  const inside = (box) => box[0] > MARGIN.left && box[2] < page.width;
  const free = boxes.findIndex((box) => inside(box) && !taken.some((other) => meets(box, other)));
  const spot = spots[Math.max(free, 0)];
  taken.push(boxes[Math.max(free, 0)]);
  return svg("text", { class: "name", x: spot.x, y: spot.y, "text-anchor": spot.anchor }, text);
}

/* Start. */

function fill(select, options) {
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
}

function start() {
  const proxies = DATA.proxies.map((name, place) => [place, name]);
  fill(byId("x"), proxies);
  fill(byId("column"), DATA.columns.map(({ space, task }, place) => [place, `${space} ${task}`]));
  fill(byId("y"), [[TRUTH, "ground truth"], ...proxies]);
  // Without ground truth there are still scores to compare.
  const known = DATA.columns.findIndex(({ truth }) => truth.some((value) => value !== null));
  if (known < 0) byId("y").value = DATA.proxies.length - 1;
  else byId("column").value = known;
  for (const id of ["x", "column", "y", "scale"]) byId(id).addEventListener("change", drawScatter);
  const picture = byId("scatter");
  for (const kind of ["pointermove", "pointerdown"]) {
    picture.addEventListener(kind, (event) => {
      const found = nearest(event);
      if (found !== null) choose(found);
    });
  }
  picture.addEventListener("keydown", step);
  byId("heat").addEventListener("click", ({ target }) => {
    const cell = target.closest("td");
    if (!cell) return;
    byId("x").value = DATA.proxies.indexOf(cell.parentElement.cells[0].dataset.by);
    byId("column").value = DATA.columns.findIndex(({ space, task }) => `${space}-${task}` === cell.dataset.column);
    byId("y").value = TRUTH;
    drawScatter();
    byId("points").scrollIntoView();
  });
  let width = 0;
  new ResizeObserver(() => {
    // Not the height, which drawing changes.
    if (width === picture.clientWidth) return;
    width = picture.clientWidth;
    drawScatter();
    drawCosts();
  }).observe(picture);
}

start();
