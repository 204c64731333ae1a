// The access map: a grid of principals and resources. Only visible cells are in the document; arrow keys move the focus.

const ROW = 28, COLUMN = 68, HEAD = 196, BEYOND = 4;
const MOST_ON_PAPER = { rows: 200, columns: 60, abreast: 10 };
const map = { rows: [], columns: [], kind: "", text: "", resource: "", changed: false, at: [1, 1], names: 260 };

const byChange = (one, other) => (other.gains - one.gains) || (other.loses - one.loses);
const orderedRows = [...rows].sort((one, other) => byChange(one, other)
  || KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || one.name.localeCompare(other.name));

for (const column of columns) Object.assign(column, { gains: false, loses: false });
for (const row of rows) for (const [column, { gained, lost }] of row.marks) {
  columns[column].gains ||= gained > 0;
  columns[column].loses ||= lost > 0;
}
const orderedColumns = [...columns].sort((one, other) => byChange(one, other)
  || (one.service === "") - (other.service === "") || one.service.localeCompare(other.service)
  || (one.text !== "*") - (other.text !== "*") || one.label.localeCompare(other.label));

function choose() {
  const changes = (each) => !map.changed || each.gains || each.loses;
  map.rows = orderedRows.filter((row) => (!map.kind || row.kind === map.kind) && changes(row)
    && `${row.name} ${row.arn}`.toLowerCase().includes(map.text));
  const used = new Set(map.rows.flatMap((row) => [...row.marks.keys()]));
  for (const shape of new Set(map.rows.flatMap((row) => row.shapes)))
    for (let index = 0; index < data.shapes[shape].length; index += 2) used.add(data.shapes[shape][index]);
  map.columns = orderedColumns.filter((column) => used.has(column.number) && changes(column)
    && `${column.service} ${column.title} ${column.label}`.toLowerCase().includes(map.resource));
}

const cellAt = (row, column) => cellsOf(map.rows[row - 1]).get(map.columns[column - 1].number);
const heading = (column) => `${column.service || "all"}: ${column.title}`;

function describe(row, column) {
  if (row && column) return [map.rows[row - 1].name, heading(map.columns[column - 1]), inWords(cellAt(row, column))];
  if (row) return [map.rows[row - 1].name, map.rows[row - 1].arn, [...map.rows[row - 1].doubts].join("; ")];
  return column ? [heading(map.columns[column - 1]), "", ""] : ["", "", ""];
}

function tell(words) {
  select("#map .told").attr("data-hint", null).selectAll("bdi").data(words.filter(Boolean)).join("bdi").text((text) => text);
}

// The visible rows or columns, with a margin, and the focused one, so that the focus is never lost.
function inSight(start, size, each, number, focused) {
  const first = Math.max(0, Math.floor(start / each) - BEYOND);
  const last = Math.min(number, Math.ceil((start + size) / each) + BEYOND);
  const found = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index + 1);
  if (focused > 0 && focused <= number && (focused <= first || focused > last)) found.push(focused);
  return found;
}

const isFocused = (row, column) => map.at[0] === row && map.at[1] === column;
const focusable = (cells, row) => cells.attr("tabindex", (column) => (isFocused(row, column) ? 0 : -1))
  .attr("data-row", row).attr("data-column", (column) => column);

function drawHeads(grid, shown) {
  const head = grid.select(".heads");
  focusable(head.selectAll(".corner").data([0]), 0);
  const heads = head.selectAll(".head").data(shown, (column) => map.columns[column - 1].number)
    .join((enter) => enter.append("div").attr("class", "head").attr("role", "columnheader")
      .call((made) => made.append("span").attr("class", "service").attr("aria-hidden", "true").append("bdi"))
      .call((made) => made.append("span").attr("class", "label").attr("aria-hidden", "true").append("bdi"))
      .call((made) => made.append("span").attr("class", "unseen")));
  focusable(heads, 0).attr("aria-colindex", (column) => column + 1)
    .attr("data-change", (column) => changeOf(map.columns[column - 1]))
    .style("left", (column) => `${map.names + (column - 1) * COLUMN}px`)
    .classed("first", (column) => column === 1 || map.columns[column - 2].service !== map.columns[column - 1].service);
  heads.select(".service bdi").text((column) => map.columns[column - 1].service || "all");
  heads.select(".unseen").text((column) => heading(map.columns[column - 1]));
  heads.select(".label bdi").text((column) => shortened(map.columns[column - 1].short));
}

const changeOf = (each) => (each.gains ? "+" : "") + (each.loses ? "-" : "") || null;
const shortened = (text) => (text.length > 42 ? `${text.slice(0, 20)}…${text.slice(-20)}` : text);

function drawRows(grid, shown, across) {
  const lines = grid.select(".lines").selectAll(".line").data(shown, (row) => map.rows[row - 1].number)
    .join((enter) => enter.append("div").attr("class", "line").attr("role", "row")
      .call((made) => made.append("div").attr("class", "name").attr("role", "rowheader").attr("aria-colindex", 1)
        .append("a").attr("tabindex", -1).append("bdi")));
  lines.attr("aria-rowindex", (row) => row + 1).style("top", (row) => `${(row - 1) * ROW}px`);
  lines.each(function (row) { drawLine(select(this), row, across); });
}

function drawLine(line, row, across) {
  const who = map.rows[row - 1];
  const name = line.select(".name").attr("data-change", changeOf(who)).attr("data-kind", who.kind)
    .attr("tabindex", isFocused(row, 0) ? 0 : -1).attr("data-row", row).attr("data-column", 0);
  name.select("a").attr("href", link(who)).select("bdi").text(who.name);
  name.selectAll(".doubt").data(who.doubts.length ? [who] : []).join("span").attr("class", "doubt").attr("role", "img")
    .attr("aria-label", "something is undecided").text("?");
  const cells = line.selectAll(".cell").data(across, (column) => map.columns[column - 1].number)
    .join((enter) => enter.append("div").attr("class", "cell").attr("role", "gridcell")
      .each(function (column) { drawCell(select(this).datum(cellAt(row, column))); select(this).datum(column); }));
  focusable(cells, row).attr("aria-colindex", (column) => column + 1)
    .attr("aria-label", (column) => (cellAt(row, column) ? null : "nothing"))
    .style("left", (column) => `${map.names + (column - 1) * COLUMN}px`);
}

function drawMap() {
  const grid = select("#map .grid");
  const view = grid.node();
  const down = inSight(view.scrollTop, view.clientHeight - HEAD, ROW, map.rows.length, map.at[0]);
  const across = inSight(view.scrollLeft, view.clientWidth - map.names, COLUMN, map.columns.length, map.at[1]);
  drawHeads(grid, across);
  drawRows(grid, down, across);
}

function layMap() {
  choose();
  const section = select("#map");
  map.names = window.innerWidth < 700 ? 150 : 260;
  map.at = [Math.min(map.at[0], map.rows.length), Math.min(map.at[1], map.columns.length)];
  const grid = section.select(".grid").attr("aria-rowcount", map.rows.length + 1).attr("aria-colcount", map.columns.length + 1);
  const width = map.names + map.columns.length * COLUMN;
  grid.select(".heads").style("width", `${width}px`).style("height", `${HEAD}px`);
  grid.selectAll(".corner").style("width", `${map.names}px`);
  grid.select(".lines").style("width", `${width}px`).style("height", `${map.rows.length * ROW}px`);
  grid.style("--names", `${map.names}px`).style("max-width", `${width + 18}px`).style("height", `${Math.min(640, HEAD + map.rows.length * ROW + 18)}px`);
  grid.selectAll(".line, .head").remove();
  const is_empty = !map.rows.length || !map.columns.length;
  grid.property("hidden", is_empty);
  section.select(".empty").property("hidden", !is_empty);
  const all = rows.length === map.rows.length && columns.length === map.columns.length;
  section.select(".result").text(`${all ? "" : "showing "}${count(map.rows.length, "principal")} × ${count(map.columns.length, "resource")}`);
  if (!is_empty) drawMap();
}

function focusOn(row, column) {
  map.at = [Math.max(0, Math.min(row, map.rows.length)), Math.max(0, Math.min(column, map.columns.length))];
  const view = select("#map .grid").node();
  const reveal = (from, size, start, room) => (from < start ? from : from + size > start + room ? from + size - room : start);
  if (map.at[0]) view.scrollTop = reveal((map.at[0] - 1) * ROW, ROW, view.scrollTop, view.clientHeight - HEAD);
  if (map.at[1]) view.scrollLeft = reveal((map.at[1] - 1) * COLUMN, COLUMN, view.scrollLeft, view.clientWidth - map.names);
  drawMap();
  select("#map").select(`[data-row="${map.at[0]}"][data-column="${map.at[1]}"]`).node().focus({ preventScroll: true });
}

function step(event) {
  const [row, column] = map.at, many = 10, far = event.ctrlKey || event.metaKey;
  const to = {
    ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1],
    PageDown: [row + many, column], PageUp: [row - many, column],
    Home: [far ? 0 : row, 0], End: [far ? map.rows.length : row, map.columns.length],
  }[event.key];
  if (event.altKey || event.shiftKey) return;
  if (to) { event.preventDefault(); focusOn(...to); }
  if (event.key === "Enter" && row) { event.preventDefault(); location.hash = link(map.rows[row - 1]); }
}

function placeOf(node) {
  const cell = node.closest("[data-row]");
  return cell ? [Number(cell.dataset.row), Number(cell.dataset.column)] : null;
}

function drawLegend(section) {
  const legend = section.append("details").attr("class", "legend").property("open", true);
  legend.append("summary").text("How to read it");
  const list = legend.append("ul");
  LETTERS.forEach((letter, level) => {
    const item = list.append("li");
    item.append("span").attr("class", "key").attr("data-level", letter).text(letter);
    item.append("span").text(data.levels[level]);
  });
  const key = (shown, words, kind) => {
    const item = list.append("li");
    item.append("span").attr("class", `key ${kind || ""}`).append("span").attr("class", kind || null).text(shown);
    item.append("span").text(words);
  };
  key("w", "lower case: with conditions, or for a part of the resource");
  key("?", "undecided: the templates do not say", "unsure");
  if (review) { key("W", "gained", "gained"); key("W", "lost", "gone"); key("W", "partly lost", "lessened"); }
  legend.append("p").attr("class", "quiet").text("A letter means that policies allow at least one action of this access level, after Deny statements and the permissions boundary. Deny statements of resource-based policies are not subtracted. External principals are those that resource-based policies and trust policies allow.");
}

function startMap() {
  const section = select("#map").property("hidden", false);
  section.append("h2").attr("id", "map-title").attr("class", review ? null : "unseen").text("Access map");
  if (!rows.length) { section.append("p").attr("class", "quiet").text("The templates declare no identities and allow no external principals."); return; }
  drawLegend(section);
  const bar = section.append("div").attr("class", "bar");
  const present = KINDS.filter((kind) => rows.some((row) => row.kind === kind));
  const lay = (settings) => { Object.assign(map, settings); layMap(); };
  search(bar, "by-principal", "Principal", (text) => lay({ text }));
  search(bar, "by-resource", "Resource", (resource) => lay({ resource }));
  choice(bar, "by-kind-of-row", "Kind", [["", "all"], ...present.map((kind) => [kind, PLURALS[kind]])], (kind) => lay({ kind }));
  if (rows.some((row) => row.marks.size))
    labelled(bar, "only-changed", "Only changes", "input").attr("type", "checkbox").on("change", function () { lay({ changed: this.checked }); });
  bar.append("p").attr("class", "result").attr("role", "status");
  const grid = section.append("div").attr("class", "grid").attr("role", "grid").attr("aria-labelledby", "map-title").attr("aria-describedby", "map-keys");
  const heads = grid.append("div").attr("class", "heads").attr("role", "row").attr("aria-rowindex", 1);
  heads.append("div").attr("class", "corner").attr("role", "columnheader").attr("aria-colindex", 1).text("Principal");
  grid.append("div").attr("class", "lines").attr("role", "rowgroup");
  section.append("p").attr("class", "empty quiet").text("Nothing matches these filters.").property("hidden", true);
  section.append("p").attr("class", "told").attr("aria-live", "polite").attr("data-hint", "Point at a cell, or move to it, to read its description.");
  section.append("p").attr("class", "quiet keys").attr("id", "map-keys").text("Arrow keys move by one cell, Page Up and Page Down by ten, Ctrl+Home and Ctrl+End to the corners; Enter opens the page of the principal.");
  grid.on("scroll", () => drawMap()).on("keydown", step);
  grid.on("focusin", (event) => { const place = placeOf(event.target); if (place) { if (place.join() !== map.at.join()) { map.at = place; drawMap(); } tell(describe(...place)); } });
  grid.on("pointerover", (event) => { const place = placeOf(event.target); if (place) tell(describe(...place)); });
  grid.on("dblclick", (event) => { const place = placeOf(event.target); if (place && place[0]) location.hash = link(map.rows[place[0] - 1]); });
  window.addEventListener("resize", layMap);
  layMap();
}

// In print: plain tables with as many columns as fit, and a note on what is left out.
function printMap() {
  const paper = select("#map").append("div").attr("class", "paper");
  const lines = map.rows.slice(0, MOST_ON_PAPER.rows), all = map.columns.slice(0, MOST_ON_PAPER.columns);
  for (let start = 0; start < all.length; start += MOST_ON_PAPER.abreast) {
    const across = all.slice(start, start + MOST_ON_PAPER.abreast);
    const printed = paper.append("table");
    const head = printed.append("thead").append("tr");
    head.append("th").text("Principal");
    head.selectAll(null).data(across).join("th").text((column) => `${column.service} ${shortened(column.short)}`);
    const filled = lines.filter((row) => across.some((column) => cellsOf(row).has(column.number)));
    const body = printed.append("tbody").selectAll("tr").data(filled).join("tr");
    body.append("th").append("bdi").text((row) => row.name);
    body.each(function (row) { drawCell(select(this).selectAll("td").data(across.map((column) => cellsOf(row).get(column.number))).join("td")); });
  }
  const left = [[map.rows.length - lines.length, "principal"], [map.columns.length - all.length, "resource"]].filter(([number]) => number > 0);
  if (left.length) paper.append("p").text(`Not printed: ${left.map(([number, what]) => count(number, what)).join(" and ")}.`);
}
