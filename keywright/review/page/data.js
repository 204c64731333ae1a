"use strict";
// The data of the page and shared helpers. Text is put into the document only as text nodes and attributes.

const { select } = d3;
const data = JSON.parse(document.getElementById("data").textContent);
const review = data.review;
const LETTERS = ["L", "R", "T", "W", "P"];
const NONE = 0, UNSURE = 1, LIMITED = 2, SURE = 3;
const KINDS = ["user", "role", "group", "policy", "outside"];
const PLURALS = { user: "users", role: "roles", group: "groups", policy: "unattached policies", outside: "external principals" };

// The end of a generated bucket name: account, region and namespace do not distinguish buckets.
const GENERATED = /-\d{12}-[a-z]{2}(-[a-z]+)+-\d(-an)?(?=\/|$)/;

const columns = data.columns.map(([service, label, text], number) => ({
  number, service, label, text,
  title: text === "*" ? (service ? `everything in ${service}` : "everything, in many services") : text,
  short: text === "*" ? (service ? "everything" : "many services") : label.replace(GENERATED, "-…").replace(/^bucket\//, ""),
}));

const rows = data.rows.map((row, number) => ({
  ...row, number,
  marks: new Map(row.marks.map(([column, gained, lost]) => [column, { gained, lost }])),
  gains: row.marks.some(([, gained]) => gained),
  loses: row.marks.some(([, , lost]) => lost),
}));

const byName = new Map();
for (const row of rows) {
  row.key = byName.has(row.name) || !row.name ? row.arn : row.name;
  byName.set(row.key, row);
  if (!byName.has(row.arn)) byName.set(row.arn, row);
}

const link = (row) => `#principal/${encodeURIComponent(row.key)}`;

// The row's cells by column: how certain each level is, and which levels are gained or lost.
function cellsOf(row) {
  if (row.cells) return row.cells;
  row.cells = new Map();
  const at = (column) => {
    if (!row.cells.has(column)) row.cells.set(column, { holds: [0, 0, 0, 0, 0], gained: 0, lost: 0 });
    return row.cells.get(column);
  };
  for (const shape of row.shapes) {
    const flat = data.shapes[shape];
    for (let index = 0; index < flat.length; index += 2) {
      const { holds } = at(flat[index]);
      for (let level = 0; level < 5; level++) holds[level] = Math.max(holds[level], (flat[index + 1] >> (2 * level)) & 3);
    }
  }
  for (const [column, { gained, lost }] of row.marks) Object.assign(at(column), { gained, lost });
  return row.cells;
}

const SURENESS = [[SURE, ""], [LIMITED, "with conditions or for a part: "], [UNSURE, "undecided: "]];
const has = (bits, level) => (bits >> level) & 1;
const named = (chosen) => data.levels.filter((_, level) => chosen(level)).join(", ");

function inWords(cell) {
  if (!cell) return "nothing";
  const parts = SURENESS.map(([sure, words]) => [words, named((level) => cell.holds[level] === sure)])
    .filter(([, levels]) => levels).map(([words, levels]) => words + levels);
  if (!parts.length) parts.push("nothing now");
  if (cell.gained) parts.push(`gains ${named((level) => has(cell.gained, level))}`);
  if (cell.lost) parts.push(`loses ${named((level) => has(cell.lost, level))}`);
  return parts.join("; ");
}

// What the slots of a cell show, one per level.
function slots(cell) {
  return LETTERS.map((letter, level) => {
    const hold = cell.holds[level];
    const gained = has(cell.gained, level), lost = has(cell.lost, level);
    const shown = hold === SURE ? letter : hold === LIMITED ? letter.toLowerCase() : hold === UNSURE ? "?" : lost ? letter : "";
    return { shown, gained, lost, gone: lost && !hold };
  });
}

// Letters on the screen, words for screen readers.
function drawCell(cells) {
  return cells.each(function (cell) {
    const here = select(this);
    here.selectChildren().remove();
    if (!cell) return;
    const top = cell.holds.reduce((most, hold, level) => (hold ? level : most), -1);
    here.attr("data-level", top < 0 ? null : LETTERS[top])
      .attr("data-unsure", cell.holds.includes(UNSURE) ? "" : null)
      .attr("data-change", (cell.gained ? "+" : "") + (cell.lost ? "-" : "") || null);
    here.append("span").attr("class", "unseen").text(inWords(cell));
    here.append("span").attr("class", "slots").attr("aria-hidden", "true").selectAll("span").data(slots(cell)).join("span")
      .attr("class", (slot) => (slot.gained ? "gained" : slot.gone ? "gone" : slot.lost ? "lessened" : null))
      .text((slot) => slot.shown);
  });
}

// A message: text between backticks is shown as code, and isolated so that it cannot change the text direction.
function asText(place, text) {
  text.split("`").forEach((part, index, parts) => {
    const is_quoted = index % 2 === 1 && index < parts.length - 1;
    if (part) place.append(is_quoted ? "code" : "span").append("bdi").text(index % 2 === 1 && !is_quoted ? `\`${part}` : part);
  });
}

const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

// A labelled control of a toolbar.
function labelled(bar, id, text, tag) {
  const field = bar.append("div").attr("class", "field");
  field.append("label").attr("for", id).text(text);
  return field.append(tag).attr("id", id);
}

function choice(bar, id, text, options, chosen) {
  const list = labelled(bar, id, text, "select").on("change", function () { chosen(this.value); });
  list.selectAll("option").data(options).join("option").attr("value", ([value]) => value).text(([, shown]) => shown);
}

function search(bar, id, text, typed) {
  labelled(bar, id, text, "input").attr("type", "search").attr("autocomplete", "off").attr("spellcheck", "false")
    .on("input", function () { typed(this.value.trim().toLowerCase()); });
}
