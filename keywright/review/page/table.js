// The table of changes: everything in the review, in the order of the comment, with filters and sorting.

const CHANGES = {
  gain: { title: "Gain", sign: "+" },
  undecided: { title: "Undecided", sign: "?" },
  escalation: { title: "Escalation path", sign: "+" },
  replaced: { title: "Replaced", sign: "!" },
  weakened: { title: "Check weakened", sign: "!" },
  loss: { title: "Loss", sign: "−" },
  finding: { title: "New finding", sign: "!" },
  resolved: { title: "Resolved finding", sign: "✓" },
  beside: { title: "Other change", sign: "·" },
  unused: { title: "Expected, not found", sign: "·" },
  rewritten: { title: "Rewritten, same access", sign: "=" },
};
const SUBJECTS = {
  access: { gain: "", loss: "", rewritten: "what it can do" },
  trust: { gain: "can be assumed by", loss: "can no longer be assumed by", rewritten: "who can assume it" },
  resource: { gain: "can be accessed by", loss: "can no longer be accessed by", rewritten: "who can access it" },
};
const PAGE = 100;

const labels = new Map(columns.filter((column) => column.text !== "*").map((column) => [column.text, column.label]));
const called = (text) => labels.get(text) || text;

const placed = (place) => (place ? [place.file, place.line, place.column].filter(Boolean).join(":") : "");
const several = (texts, most = 3) =>
  texts.length > most ? `${texts.slice(0, most).join(", ")} and ${texts.length - most} more` : texts.join(", ");

function ofStep(kind, change, step) {
  const { witness } = step;
  const who = change.name;
  const request = [["action", witness.action], ["resource", witness.resource], ["principal", witness.principal],
    ...Object.entries(witness.context || {}).map(([key, values]) => [key, [values].flat().join(", ")])];
  const trusted = change.subject !== "access";
  const what = trusted
    ? `${SUBJECTS[change.subject][kind]} ${witness.principal === "*" ? "anyone" : witness.principal} (${witness.action})`
    : `${several(step.actions, 4)}${step.more_actions ? ` and ${step.more_actions} more` : ""} on ${several((step.resources.length ? step.resources : [witness.resource]).map(called))}`;
  const state = change.is_new ? "new" : change.is_gone ? "gone" : "";
  return {
    kind, who, state, what, levels: step.levels, before: kind === "gain" ? step.levels_before : [],
    concerns: change.concerns, expected: change.expected, where: placed(step.declared || step.place), stands: placed(step.place),
    on: conditions(kind, step), request, statement: step.statement, through: step.through && step.through !== change.arn ? step.through : "", because: step.because,
  };
}

// The conditions of a statement, those of its counterpart on the other side, and the case of the template's conditions.
function conditions(kind, step) {
  const other = step.condition_before && `${kind === "gain" ? "before" : "now"}, only ${step.condition_before}`;
  return [kind === "gain" && step.condition, other, step.where && `only ${step.where}`].filter(Boolean).join("; ");
}

const ofFinding = (kind) => (each) => ({
  kind, who: each.resource, what: `${each.rule} ${each.message}${each.found ? `; found ${each.found}` : ""}`, where: placed(each.place),
});

function ofQuestion(text) {
  const [, who, what] = text.match(/^`([^`]*)`:? ([^]*)$/) || [null, "", text];
  return { kind: "undecided", who, what };
}

const ofNote = (each) => ({ kind: each.weakens ? "weakened" : "beside", who: each.name, what: `${each.about} ${each.says}`, where: placed(each.place) });

function allChanges() {
  const steps = (kind, change, several) => several.map((step) => ofStep(kind, change, step));
  const facts = (kind, chosen) => review.facts.filter(chosen)
    .map((each) => ({ kind, who: each.name, what: each.says, where: placed(each.declared || each.place), expected: each.expected }));
  const plain = (each) => !(each.widens || each.narrows || each.undecided);
  return [
    ...review.unusable.map(ofFinding("finding")),
    ...review.gains.flatMap((each) => steps("gain", each, each.gains)),
    ...facts("gain", (each) => each.widens),
    ...review.undecided.map(ofQuestion),
    ...review.escalations.map((each) => ({ kind: "escalation", who: each.principal,
      what: `can escalate to ${each.to} by ${each.via.join(", ")}${each.needs ? `; needs ${each.needs}` : ""}` })),
    ...review.replaced.map((each) => ({ kind: "replaced", who: each.name, what: `${each.says}; this loses ${each.loses}`, where: placed(each.declared || each.place) })),
    ...review.notes.filter((each) => each.weakens).map(ofNote),
    ...review.losses.flatMap((each) => steps("loss", each, each.losses)),
    ...facts("loss", (each) => each.narrows),
    ...facts("beside", plain),
    ...review.notes.filter((each) => !each.weakens).map(ofNote),
    ...review.may_lose.map((each) => ({ kind: "beside", who: each.name, what: `may lose access (undecided): ${each.because}` })),
    ...review.guardrails.new.map(ofFinding("finding")),
    ...review.guardrails.gone.map(ofFinding("resolved")),
    ...review.expected_unused.map((each) => ({ kind: "unused", who: "", what: String(each) })),
    ...review.rewritten.map((each) => ({ kind: "rewritten", who: each.name, what: `${SUBJECTS[each.subject].rewritten}: rewritten, access proved equal` })),
  ].map((each, order) => ({ levels: [], concerns: [], where: "", state: "", ...each, order,
    text: [each.who, each.what, each.where, ...(each.concerns || []), each.expected].join(" ").toLowerCase() }));
}

const changes = review ? allChanges() : [];
const severity = (entry) => Math.max(-1, ...entry.levels.map((level) => data.levels.indexOf(level)));
const HEADINGS = [
  ["kind", "Change", (one, other) => Object.keys(CHANGES).indexOf(one.kind) - Object.keys(CHANGES).indexOf(other.kind)],
  ["who", "Who", (one, other) => one.who.localeCompare(other.who)],
  ["levels", "Level", (one, other) => severity(other) - severity(one)],
  ["what", "What", (one, other) => one.what.localeCompare(other.what)],
  ["where", "Where", (one, other) => one.where.localeCompare(other.where, undefined, { numeric: true })],
];

function drawWho(cell, entry) {
  const row = byName.get(entry.who);
  const name = row ? cell.append("a").attr("href", link(row)) : cell.append("span");
  name.append("bdi").text(entry.who || "—");
  if (entry.state) cell.append("span").attr("class", "tag").text(entry.state);
  if (entry.concerns.length) cell.append("span").attr("class", "beside").append("bdi").text(several(entry.concerns, 8));
}

function drawLevels(cell, entry) {
  cell.selectAll("span").data(entry.levels).join("span").attr("class", "level").attr("data-level", (level) => LETTERS[data.levels.indexOf(level)]).text((level) => level);
  if (entry.before && entry.before.length) cell.append("span").attr("class", "beside").text(`before, only ${entry.before.join(", ")}`);
}

function drawWhat(cell, entry) {
  asText(cell, entry.what);
  if (entry.on) asText(cell.append("span").attr("class", "beside"), entry.on);
  if (entry.expected) cell.append("span").attr("class", "beside").text("expected: ").append("bdi").text(entry.expected);
  if (!entry.request) return;
  const more = cell.append("details");
  more.append("summary").text("Request and statement");
  const list = more.append("dl");
  const line = (term, value) => { list.append("dt").text(term); list.append("dd").append("bdi").text(value); };
  entry.request.forEach(([term, value]) => line(term, value));
  if (entry.where !== entry.stands) line("declared at", entry.where);
  if (entry.stands) line("defined at", entry.stands);
  if (entry.through) line("through group", entry.through);
  if (entry.because) line("because", entry.because);
  if (Object.keys(entry.statement || {}).length) more.append("pre").attr("tabindex", "0").text(JSON.stringify(entry.statement, null, 2));
}

function drawEntries(body, entries) {
  const lines = body.selectAll("tr").data(entries, (entry) => entry.order).join((enter) => enter.append("tr").attr("data-kind", (entry) => entry.kind).each(function (entry) {
    const line = select(this);
    const kind = line.append("td").attr("class", "kind");
    kind.append("span").attr("class", "sign").attr("aria-hidden", "true").text(CHANGES[entry.kind].sign);
    kind.append("span").text(CHANGES[entry.kind].title);
    drawWho(line.append("th").attr("scope", "row"), entry);
    drawLevels(line.append("td"), entry);
    drawWhat(line.append("td"), entry);
    line.append("td").attr("class", "where").attr("title", entry.where || null).append("bdi").text(entry.where.replace(/^.*\//, ""));
  }));
  lines.order();
}

const table = { kind: "", level: "", text: "", by: "", descending: false, shown: PAGE };

function chosenEntries() {
  const found = changes.filter((entry) => (!table.kind || entry.kind === table.kind)
    && (!table.level || entry.levels.includes(table.level)) && entry.text.includes(table.text));
  const heading = HEADINGS.find(([key]) => key === table.by);
  if (heading) found.sort((one, other) => (table.descending ? -1 : 1) * heading[2](one, other) || one.order - other.order);
  return found;
}

function drawTable() {
  const section = select("#changes");
  const found = chosenEntries();
  section.select(".result").text(found.length === changes.length ? count(changes.length, "line") : `${found.length.toLocaleString("en")} of ${count(changes.length, "line")}`);
  section.selectAll("thead th").attr("aria-sort", ([key]) => (key !== table.by ? null : table.descending ? "descending" : "ascending"));
  drawEntries(section.select("tbody"), found.slice(0, table.shown));
  section.select(".empty").property("hidden", found.length > 0);
  section.select(".framed").property("hidden", found.length === 0);
  section.select(".more").property("hidden", found.length <= table.shown).text(`Show ${Math.min(PAGE, Math.max(0, found.length - table.shown))} more`);
}

function change(settings) {
  Object.assign(table, settings, { shown: PAGE });
  drawTable();
}

function startTable() {
  const section = select("#changes").property("hidden", false);
  section.append("h2").attr("id", "changes-title").text("Changes");
  if (!changes.length) { section.append("p").attr("class", "quiet").text("No principal gains or loses access."); return; }
  const bar = section.append("div").attr("class", "bar");
  const kinds = Object.entries(CHANGES).map(([kind, { title }]) => [kind, title, changes.filter((entry) => entry.kind === kind).length]).filter(([, , number]) => number);
  choice(bar, "by-kind", "Change", [["", "all"], ...kinds.map(([kind, title, number]) => [kind, `${title} (${number})`])], (kind) => change({ kind }));
  choice(bar, "by-level", "Level", [["", "all"], ...data.levels.map((level) => [level, level])], (level) => change({ level }));
  search(bar, "by-text", "Search", (text) => change({ text }));
  bar.append("p").attr("class", "result").attr("role", "status");
  const whole = section.append("div").attr("class", "framed").append("table");
  whole.append("caption").attr("class", "unseen").text("All changes, the most serious first");
  const heads = whole.append("thead").append("tr").selectAll("th").data(HEADINGS).join("th").attr("scope", "col").attr("class", ([key]) => `of-${key}`)
    .attr("data-title", ([, title]) => title);
  heads.append("button").attr("type", "button").text(([, title]) => title)
    .on("click", (_, [key]) => change(table.by !== key ? { by: key, descending: false } : table.descending ? { by: "", descending: false } : { descending: true }));
  whole.append("tbody");
  section.append("p").attr("class", "empty quiet").text("No line matches these filters.").property("hidden", true);
  section.append("button").attr("type", "button").attr("class", "more").on("click", () => { table.shown += PAGE; drawTable(); });
  drawTable();
}
