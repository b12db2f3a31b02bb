// Looks at a site of carnet's in a real browser, page by page, and says what is wrong.
//
//   node tests/browser/check.mjs --tools DIR SITE [--shots DIR]
//   node tests/browser/check.mjs --tools DIR --self-test
//
// DIR has node_modules with axe-core and vnu-jar. The self test looks at tests/browser/broken, where everything is
// wrong: each check has to find something, or it cannot fail and is none.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Chromium } from "./chromium.mjs";
import * as looks from "./looks.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tools: { type: "string" }, shots: { type: "string" }, "self-test": { type: "boolean" } },
});
const site = resolve(values["self-test"] ? join(here, "broken") : positionals[0]);
const tool = (path) => join(resolve(values.tools), "node_modules", path);
const axe = readFileSync(tool("axe-core/axe.min.js"), "utf8");
const WIDTHS = [320, 800, 1440];
const THEMES = ["light", "dark"];

/** Findings by check; every check that ran has a place, also one that found nothing. */
const findings = new Map();
function check(name, page, found) {
  const all = findings.get(name) ?? findings.set(name, []).get(name);
  all.push(...found.map((what) => `${page}: ${what}`));
}

const files = readdirSync(site, { recursive: true }).map(String).sort();
const pages = files.filter((file) => file.endsWith(".html"));
const here_ = (url) => url.startsWith(pathToFileURL(site).href) || url.startsWith("data:");

async function accessible(tab, page) {
  // What a closed `details` holds is looked at, too.
  await tab.run(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  await tab.ask(axe);
  for (const theme of THEMES) {
    await tab.theme(theme);
    const found = await tab.run(async () => {
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const { violations } = await axe.run(document, { runOnly: { type: "tag", values: tags } });
      return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)} (${n.failureSummary.split("\n")[1]?.trim()})`));
    });
    check("axe", `${page} (${theme})`, found);
  }
  await tab.run(() => document.querySelectorAll("main details").forEach((d) => (d.open = false)));
}

async function layout(tab, page) {
  for (const width of WIDTHS) {
    await tab.width(width);
    check("layout", `${page} (${width} px)`, await tab.run(looks.layout));
    if (!values.shots) continue;
    for (const theme of THEMES) {
      await tab.theme(theme);
      const { data } = await tab.send("Page.captureScreenshot", { captureBeyondViewport: true });
      writeFileSync(join(values.shots, `${page.replaceAll("/", "-")}-${width}-${theme}.png`), data, "base64");
    }
  }
  await tab.width(1440);
}

async function keyboard(tab, page) {
  const stops = await tab.run(looks.focusable);
  const reached = new Set();
  const found = [];
  for (let n = 0; n <= stops + 2; n++) {
    await tab.key("Tab");
    const now = await tab.run(looks.focused);
    if (n === 0 && !now.skip) found.push("the first stop is no link to the content");
    if (now.stop === null || reached.has(now.stop)) break;
    reached.add(now.stop);
    found.push(...now.found);
  }
  if (reached.size < stops) found.push(`${stops - reached.size} of ${stops} links and controls cannot be reached by key`);
  check("keyboard", page, found);
}

async function skip(tab, page) {
  await tab.key("Tab");
  await tab.key("Enter");
  const inside = await tab.run(() => document.activeElement?.localName === "main" || location.hash === "#content");
  check("skip link", page, inside ? [] : ["it does not lead into the content"]);
}

async function script(tab, page) {
  const found = await tab.run(async () => {
    const [field, rows] = [document.querySelector(".tools input"), [...document.querySelectorAll(".tools ~ .scroll tbody tr")]];
    const wanted = [...document.querySelectorAll(".scroll > table")].some((t) => t.tBodies[0].rows.length >= 20 && !t.matches(".bars") && !t.querySelector("[colspan], [rowspan]"));
    if (!field) return wanted ? ["the script did not run: a long table has no filter"] : [];
    field.value = "zzz-nothing";
    field.dispatchEvent(new Event("input"));
    await new Promise((done) => setTimeout(done, 250));
    const said = document.querySelector(".tools [role=status]").textContent;
    const found = [];
    if (!/\b0\b/.test(said)) found.push(`after a filter that fits nothing it says «${said}»`);
    field.value = "";
    field.dispatchEvent(new Event("input"));
    await new Promise((done) => setTimeout(done, 250));
    const table = document.querySelector(".tools ~ .scroll table");
    const button = table.querySelector("th button");
    button.click();
    const times = [...table.querySelectorAll("tbody td:first-child time")].map((t) => t.dateTime);
    if (button.closest("th").getAttribute("aria-sort") !== "ascending" || times.join() !== [...times].sort().join()) found.push("sorting does not sort");
    return found;
  });
  check("script", page, found);
}

/** A4, numbered pages, and heads again on each page that a table runs over. */
async function print(tab, page) {
  const { data } = await tab.send("Page.printToPDF", { preferCSSPageSize: true, printBackground: true });
  const pdf = join(scratch, "page.pdf");
  writeFileSync(pdf, data, "base64");
  if (values.shots) writeFileSync(join(values.shots, `${page.replaceAll("/", "-")}.pdf`), data, "base64");
  const info = execFileSync("pdfinfo", [pdf], { encoding: "utf8" });
  const found = [];
  if (!/Page size:\s+59[45]\S* x 84[12]\S* pts/.test(info)) found.push("it is not A4");
  const count = Number(/Pages:\s+(\d+)/.exec(info)[1]);
  const sheets = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" }).split("\f").slice(0, count);
  sheets.forEach((text, n) => {
    if (!new RegExp(`\\b${n + 1}\\s*/\\s*${count}\\s*$`).test(text)) found.push(`sheet ${n + 1} has no number`);
  });
  // Where rows of a trail that end in a commit's id are printed, the head of that column must be, too. A narrow column
  // breaks its head over lines, so its last word is looked for.
  const { head, ids } = await tab.run(() => {
    const table = document.querySelector("table.trail");
    const last = [...(table?.querySelectorAll("tbody td:last-child") ?? [])].map((cell) => cell.innerText.trim());
    return {
      head: table?.querySelector("thead th:last-child")?.innerText.trim().split(/\s+/).pop(),
      ids: last.map((text) => /\b[0-9a-f]{10}$/.exec(text)?.[0]).filter(Boolean),
    };
  });
  sheets.forEach((text, n) => {
    const lines = text.split("\n").map((line) => line.trim());
    const rows = lines.filter((line) => ids.some((id) => line.endsWith(id))).length;
    if (rows && !lines.some((line) => line.endsWith(head))) found.push(`sheet ${n + 1} has ${rows} rows without «${head}» above`);
  });
  check("print", page, found);
}

function valid() {
  const html = pages.map((page) => join(site, page));
  const ran = spawnSync("java", ["-Xss4m", "-jar", tool("vnu-jar/build/dist/vnu.jar"), "--errors-only", "--format", "json", ...html], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (ran.error) throw ran.error;
  const { messages } = JSON.parse(ran.stderr);
  for (const m of messages) {
    const page = m.url ? relative(site, fileURLToPath(m.url)) : "?";
    check("valid HTML", page, [`line ${m.lastLine}: ${m.message}`]);
  }
  check("valid HTML", "", []);
}

const seen = new Map();
function dangling() {
  for (const [page, { targets, twice }] of seen) {
    const found = twice.map((id) => `the id ${id} stands there twice`);
    for (const target of targets) {
      if (!here_(target)) {
        found.push(`it leads out of the site: ${target}`);
        continue;
      }
      const [url, id] = target.split("#");
      const path = relative(site, fileURLToPath(url));
      if (!existsSync(join(site, path))) found.push(`there is no ${path}`);
      else if (id && !seen.get(path)?.ids.includes(decodeURIComponent(id))) found.push(`there is no #${id} in ${path}`);
    }
    check("links", page, found);
  }
}

const scratch = mkdtempSync(join(tmpdir(), "carnet-look-"));
if (values.shots) mkdirSync(values.shots, { recursive: true });
const browser = new Chromium(process.env.CHROMIUM ?? "chromium");
try {
  const tab = await browser.tab();
  for (const page of pages) {
    const url = pathToFileURL(join(site, page)).href;
    const fresh = async (theme = "light", width = 1440) => {
      await tab.width(width);
      await tab.theme(theme);
      await tab.open(url);
    };
    await fresh();
    const links = await tab.run(looks.links);
    // Only what the page itself has, not what the script adds.
    seen.set(page, { ...links, targets: [...new Set(links.targets)] });
    check("no request leaves", page, tab.requests.filter((url) => !here_(url)));
    check("policy and console", page, tab.complaints);
    await layout(tab, page);
    await accessible(tab, page);
    await fresh();
    await keyboard(tab, page);
    await fresh();
    await skip(tab, page);
    await fresh();
    await print(tab, page);
    await script(tab, page);
    check("without styles", page, await tab.run(looks.unstyled));
  }
  dangling();
  valid();
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}

let wrong = 0;
for (const [name, found] of findings) {
  const self = values["self-test"];
  console.log(`${name}: ${found.length ? `${found.length} found` : "nothing found"}`);
  if (self) wrong += found.length ? 0 : 1;
  else {
    found.slice(0, 20).forEach((line) => console.log(`  ${line}`));
    wrong += found.length;
  }
}
if (values["self-test"]) console.log(wrong ? `${wrong} checks cannot fail` : `all ${findings.size} checks can fail`);
else console.log(`${pages.length} pages, ${findings.size} checks, ${wrong} findings`);
process.exitCode = wrong ? 1 : 0;
