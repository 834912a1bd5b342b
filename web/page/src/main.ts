/** The loader: one line of a shop's page. */

import { emit, startApi } from "./api";
import { setButtons, watchButtons, wayOf } from "./buttons";
import { countFact, facts, readAttributes, setFacts, shopFacts } from "./facts";
import type { FollowedPage, FollowedQuestion, Follower, FollowModule } from "./follow-seam";
import { fixedAt, isOurs, putBack, raise, root, setTheme } from "./host";
import { settle, showLauncher } from "./launcher";
import type { PageEvent, PagePlan } from "./messages";
import { later, never, styleOf } from "./natives";
import { language, pageNow, urlNow } from "./page-now";
import {
  ask,
  explain,
  here,
  identify,
  newView,
  pageToken,
  request,
  send,
  speakTo,
  tell,
  VERSION,
  view,
} from "./server";
import { beginView, inSight, ms } from "./sight";
import { isKept, keep, known, meet, setConsent, visitor } from "./visitor";
import { whereFrom, type Where } from "./where";
import type { Opening, Way } from "./widget-seam";

/** Milliseconds between two looks at a page whose elements change. */
const LOOK = 100;
/** Milliseconds in which several reasons to ask make one question. */
const SETTLE = 20;
/** Milliseconds after which an answer is asked for again when the page comes back into sight. */
const STALE = 60_000;
/** Attributes by which shops show and hide things. */
const ATTRIBUTES = ["class", "hidden", "style", "open", "aria-invalid"];

let plan: PagePlan | null = null;
let asked = 0;
let answeredAt = 0;
let failures = 0;
let trusted = false;
let launching = true;
let refused = false;
let follower: Promise<Follower | void> | undefined;
let planned: () => void;
const firstPlan = new Promise<void>((resolve) => (planned = resolve));
let told: ReturnType<FollowedPage["told"]>;
const exposed = new Set<string>();

/** Ask the server what to show; false: it did not answer. */
async function askNow(more: Partial<FollowedQuestion> = {}): Promise<boolean> {
  const mine = ++asked;
  told = { facts: facts(), at: ms() };
  const page = pageNow(plan?.site);
  try {
    const answer = (await ask({ language: language(), page, facts: facts(), ...more })) as PagePlan;
    if (mine === asked) {
      obey(answer);
      // Its rules read more of the address than was told.
      if (urlNow(answer.site) !== page.url) askSoon();
    }
    failures = 0;
    return true;
  } catch (problem) {
    // A page token that is not believed, or not any more, costs a shopper their segment, and nothing else.
    const refused = pageToken() && (problem as Error).message === "403";
    if (refused) identify(null);
    if (mine === asked) askSoon(refused ? SETTLE : 15_000 * 2 ** ++failures);
    return false;
  }
}

function askSoon(after = SETTLE): void {
  const mine = ++asked;
  later(async () => {
    if (mine !== asked || !inSight()) return;
    const its = plan && (await follower); // which waits for the first answer itself
    if (its) its.ask();
    else void askNow();
  }, after);
}

/** Do what the server says. */
function obey(answer: PagePlan): void {
  plan = answer;
  answeredAt = performance.now();
  const { site, state, ways, buttons } = plan;
  setTheme((matchMedia("(prefers-color-scheme:dark)").matches && site.dark_theme) || site.theme);
  planned();
  redraw();
  for (const { offer } of buttons)
    if (offer && !exposed.has(offer)) {
      exposed.add(offer);
      void tell({ what: "exposed", offer });
    }
  void follower?.then((its) => its?.obey());
  emit("ready", { state, ways });
  if (site.consent === "not_needed" && !refused) consent(true);
}

function redraw(): void {
  if (!plan) return;
  setButtons(plan);
  const name = launching ? (plan.words[plan.state] ?? "") : ""; // there is no word for "hidden"
  showLauncher(plan.site.launcher, name, press);
}

/** A button was pressed. False where the server has not answered: then a link goes where it goes, and the panel waits. */
function press(opener: HTMLElement): boolean {
  const way = wayOf(opener);
  void openPanel({ opener, ...(way && { way }) });
  return !!plan;
}

function consent(truth: boolean): void {
  refused = !truth;
  if (truth === visitor().consent) return;
  setConsent(truth);
  askSoon();
}

/** The module that follows the page, from the first input on. */
const load = (): Promise<Follower | void> =>
  (follower ??= firstPlan
    .then(() => import(/* @vite-ignore */ here().base + (plan as { follow?: string }).follow))
    .then((module: FollowModule) => module.follow(followed()))
    .catch((problem: unknown) => {
      follower = undefined;
      console.error("ringback:", problem);
      emit("failed", problem);
    }));

const openPanel = async (how: Opening): Promise<boolean> => !!(await (await load())?.open(how));

/** Something may have changed that the server wants to know. */
const touch = (): void => void follower?.then((its) => its?.touch());

const followed = (): FollowedPage => ({
  v: VERSION,
  ...here(),
  later,
  never,
  styleOf,
  plan: () => plan,
  ms,
  facts,
  count: (name) => countFact(name, 1),
  told: () => told,
  ask: askNow,
  tell,
  request,
  send,
  emit,
  turn() {
    keep({ pages: visitor().pages + 1 });
    newView();
    beginView();
    askSoon();
  },
  sawInput: () => trusted,
  visitor,
  showLauncher(truth) {
    launching = truth;
    redraw();
  },
  word: (name) => plan?.words[name] ?? "",
  root,
  raise,
  fixedAt,
  click: () => ({ url: urlNow(plan?.site), title: document.title, data: shopFacts() }),
  known,
  view,
  token: pageToken,
  language,
});

/** Follows the shop's page: its elements, and whether it is in sight. */
function watchPage(): void {
  const look = () => {
    ms();
    if (!inSight()) return keep();
    if (document.readyState === "loading") return;
    if (answeredAt) meet(false);
    if (!asked || performance.now() - answeredAt > STALE) askSoon();
  };
  document.addEventListener("visibilitychange", look);
  document.addEventListener("DOMContentLoaded", look);
  look();

  setInterval(ms, 1_000); // or the clock takes it for a laptop's sleep

  let next = 0;
  new MutationObserver((changes) => {
    if (isOurs(changes)) return;
    putBack();
    next ||= later(() => {
      next = 0;
      readAttributes();
      redraw();
      touch();
    }, LOOK);
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ATTRIBUTES });
  window.addEventListener("resize", settle);

  const hear = (event: Event) => {
    if (!event.isTrusted || trusted) return;
    trusted = true;
    void load();
  };
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel"])
    window.addEventListener(name, hear, { capture: true, passive: true });
}

/** The shop has told a fact. */
function changed(): void {
  if (plan) void load();
  touch();
}

function begin(where: Where): void {
  speakTo(where);
  newView();
  meet(true);
  watchButtons(press);
  watchPage();
  // The panel was open, or in a call, on the tab's page before.
  if (isKept() && sessionStorage["ringback.back"]) void openPanel({ back: true });
  startApi({
    set(name, value) {
      setFacts(name, value);
      changed();
    },
    count(name, by = 1) {
      countFact(`${name}`, +by || 0);
      changed();
    },
    identify(token) {
      identify(token || null);
      askSoon();
    },
    consent: (truth) => consent(!!truth),
    open: (way?: Way) => openPanel(way ? { way } : {}),
    convert: (order: Partial<PageEvent>) => tell({ ...order, what: "converted" }),
    leave() {
      void tell({ what: "opted_out" });
      keep({ out: true }, true);
      touch();
      return openPanel({ leave: true });
    },
    send: async (form: Record<string, unknown>) => (await load())?.send(form),
    explain,
  });
}

const script = document.currentScript as HTMLScriptElement | null;
const where = whereFrom(script?.src ?? "");
const start = (): void => {
  // A page in a frame is a part of another one, unless it says otherwise. The second loader of a page does nothing.
  if (
    where &&
    (window === top || script?.dataset["frames"] !== undefined) &&
    !(window as { ringback?: { set?: unknown } }).ringback?.set
  )
    begin(where);
};
// Nobody sees a page that the browser has only prepared: it counts, asks and keeps nothing. Commands wait in the queue.
if ((document as { prerendering?: boolean }).prerendering)
  document.addEventListener("prerenderingchange", start);
else start();
