// The head of the page, and the view that the address selects.

const VERDICTS = {
  widens: ["▲", "Widens", "At least one principal gains access."],
  undecided: ["?", "Undecided", "The templates do not decide everything; each open question is listed."],
  narrows: ["▼", "Narrows", "Proved: no access gained; some lost."],
  "no new access": ["✓", "No new access", "Proved: the text changed, but no access was gained."],
  "nothing changed": ["=", "Nothing changed", "The access of every principal is the same, word for word."],
  unusable: ["!", "Unusable input", "The input cannot be read, so it cannot be reviewed."],
};

function drawReviewHead(head) {
  const [sign, title, words] = VERDICTS[review.verdict];
  const { counts } = review;
  head.append("p").attr("class", "what").text("Access review");
  const line = head.append("h1").attr("class", "verdict").attr("data-verdict", review.verdict);
  line.append("span").attr("class", "sign").attr("aria-hidden", "true").text(sign);
  line.append("span").text(title);
  head.append("p").text(words);
  drawApprovals(head);
  const numbers = [[counts.gains, "gain", "gains", "gain"], [counts.losses, "loss", "losses", "loss"], [counts.undecided, "undecided", "undecided", "undecided"],
    [counts.expected, "expected", "expected", ""], [review.escalations.length, "new escalation path", "new escalation paths", "escalation"],
    [review.replaced.length, "replaced", "replaced", "replaced"], [review.guardrails.new.length, "new finding", "new findings", "finding"],
    [counts.unchanged + counts.rewritten, "unchanged (proved)", "unchanged (proved)", ""]];
  const always = ["gain", "gains", "losses", "undecided"];
  const list = head.append("ul").attr("class", "numbers");
  for (const [number, one, many, kind] of numbers.filter(([number, , many]) => number || always.includes(many))) {
    const item = list.append("li").attr("data-kind", kind || null);
    const place = number && kind && changes.some((entry) => entry.kind === kind)
      ? item.append("button").attr("type", "button").on("click", () => { location.hash = "#changes"; select("#by-kind").property("value", kind); change({ kind }); }) : item.append("span");
    place.append("b").text(number.toLocaleString("en"));
    place.append("span").text(` ${number === 1 ? one : many}`);
  }
}

function drawApprovals(head) {
  if (!review.approvals.length) return;
  const box = head.append("div").attr("class", "notice");
  box.append("p").text("Needs approval");
  const reasons = ({ because }) => because.map(({ kind, names }) => `${kind} (${several(names.map((name) => `\`${name}\``), 6)})`).join("; ");
  box.append("ul").selectAll("li").data(review.approvals).join("li").each(function (each) { asText(select(this), `\`${each.team}\`: ${reasons(each)}`); });
}

function drawMapHead(head) {
  const unsure = rows.filter((row) => row.doubts.length || [...cellsOf(row).values()].some((cell) => cell.holds.includes(UNSURE)));
  head.append("p").attr("class", "what").text("Keywright");
  head.append("h1").text("Access map");
  head.append("p").text(`${count(rows.length, "principal")}, ${count(columns.length, "resource")}; ${unsure.length ? `something is undecided for ${count(unsure.length, "principal")}, marked by ?` : "nothing undecided"}.`);
  if (!data.aside.length) return;
  const aside = head.append("details").attr("class", "notice");
  aside.append("summary").text(`${count(data.aside.length, "part")} of the templates left out: unreadable`);
  aside.append("ul").selectAll("li").data(data.aside).join("li").each(function (text) { asText(select(this), text); });
}

const asked = () => {
  const [, key] = location.hash.match(/^#principal\/(.+)$/) || [];
  try { return key === undefined ? undefined : byName.get(decodeURIComponent(key)); } catch { return undefined; }
};

function show() {
  if (location.hash === "#main") return;
  const row = asked();
  select("#overview").property("hidden", Boolean(row));
  const page = select("#principal").property("hidden", !row);
  if (row) {
    drawPrincipal(row);
    window.scrollTo(0, 0);
    page.select("h2").node().focus({ preventScroll: true });
  } else {
    page.selectChildren().remove();
    if (rows.length) layMap();
    const place = /^#(changes|map)$/.test(location.hash) && document.querySelector(location.hash);
    if (place) place.scrollIntoView();
  }
}

function beforePrint() {
  table.before = table.shown;
  table.shown = Math.max(table.shown, 500);
  if (review && changes.length) drawTable();
  if (rows.length && !asked()) printMap();
}

function afterPrint() {
  select("#map .paper").remove();
  table.shown = table.before;
  if (review && changes.length) drawTable();
}

const head = select("#top");
if (review) { drawReviewHead(head); startTable(); } else drawMapHead(head);
if (!review || review.verdict !== "unusable") startMap();
select("#foot").append("p").text("Made by Keywright from synthesized templates. Not covered: what is attached or changed outside of the templates, control policies of an organization, and what code does with the roles that it runs with.");
window.addEventListener("hashchange", show);
window.addEventListener("beforeprint", beforePrint);
window.addEventListener("afterprint", afterPrint);
show();
