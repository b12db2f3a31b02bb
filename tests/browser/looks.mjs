// Functions that run on the page itself and say what is wrong there; each returns a list of sentences.

/** Content that sticks out of the page, or is cut off with no way to scroll to it. */
export function layout() {
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${width}`);
  const name = (e) => `<${e.localName}${e.id ? ` id="${e.id}"` : ""} class="${e.getAttribute("class") ?? ""}"> ${e.textContent.trim().slice(0, 40)}`;
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (!box.width || !element.checkVisibility()) continue;
    const hidden = element.closest(".quiet, .skip, caption, [aria-hidden=true]");
    const scrolls = element.closest(".scroll");
    if (!hidden && !scrolls && (box.right > width + 1 || box.left < -1)) found.push(`${name(element)} sticks out to ${Math.round(box.right)}`);
    const style = getComputedStyle(element);
    const clips = ["hidden", "clip"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    if (!hidden && clips && !(element instanceof SVGElement)) found.push(`${name(element)} is cut`);
    if (element.matches(".scroll") && element.scrollWidth > element.clientWidth && element.tabIndex < 0)
      found.push(`${name(element)} cannot be scrolled by key`);
  }
  return found;
}

/** What a reader without the stylesheet meets, in order. */
export function unstyled() {
  document.querySelectorAll("link[rel=stylesheet]").forEach((sheet) => sheet.remove());
  const found = [];
  const text = document.body.innerText.replace(/\s+/g, " ");
  const parts = [".skip", ".name strong", "h1", "main > :last-child", "footer"].map((selector) => {
    const part = document.querySelector(selector)?.innerText?.replace(/\s+/g, " ").trim();
    if (!part) found.push(`without styles there is no ${selector}`);
    return part ?? "";
  });
  let at = 0;
  for (const part of parts) {
    const next = text.indexOf(part, at);
    if (next < 0) found.push(`without styles «${part.slice(0, 40)}» is not in its place`);
    else at = next;
  }
  for (const caption of document.querySelectorAll("main > :not(figure) caption, main > figure > figcaption"))
    if (caption.checkVisibility() && !text.includes(caption.innerText.replace(/\s+/g, " ").trim())) found.push(`without styles there is no «${caption.innerText}»`);
  return found;
}

/** Everything that a key must reach, marked so that it is known again. */
export function focusable() {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const seen = all.filter((e) => e.checkVisibility({ contentVisibilityAuto: true }) && e.getClientRects().length > 0);
  seen.forEach((e, i) => (e.dataset.stop = i));
  return seen.length;
}

/** What has the focus, and what is wrong with how it shows it. */
export function focused() {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return { stop: null, found: [] };
  const found = [];
  const name = `<${e.localName}> ${(e.textContent || e.id).trim().slice(0, 40)}`;
  const style = getComputedStyle(e);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) found.push(`${name}: focus does not show`);
  const box = e.getBoundingClientRect();
  const [x, y] = [Math.min(Math.max(box.left + Math.min(box.width, innerWidth) / 2, 1), innerWidth - 1), Math.min(Math.max(box.top + Math.min(box.height, 20) / 2, 1), innerHeight - 1)];
  if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) found.push(`${name}: the focus is outside the window`);
  else {
    const top = document.elementFromPoint(x, y);
    if (top && !e.contains(top) && !top.contains(e)) found.push(`${name}: the focus is covered by <${top.localName}>`);
  }
  return { stop: e.dataset.stop ?? null, skip: e.matches(".skip"), found };
}

/** Links, files and the ids that links may lead to. */
export function links() {
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const targets = [...document.querySelectorAll("[href], [src]")].map((e) => e.href?.baseVal ?? e.href ?? e.src).filter((url) => !url.startsWith("data:"));
  return { ids, targets, twice: ids.filter((id, i) => ids.indexOf(id) !== i) };
}
