/**
 * Follows the page for the loader: when to ask the server again, invitations, the panel. It is loaded with the
 * shopper's first input (`follow-seam.ts`).
 */

import type { FactValue } from "../facts";
import type { FollowedPage, Follower } from "../follow-seam";
import { Asker } from "./asker";
import { busyReasons } from "./busy";
import { sendForm } from "./form";
import { InvitationBox } from "./invitation";
import { Offers } from "./offers";
import { PanelSlot } from "./panel";
import { Places } from "./places";
import { Shopper } from "./signs";
import { isHeld } from "./tabs";
import { whoIsThere } from "./who";
import { Marks, watched } from "./marks";

const SECOND = 1_000;

export function follow(given: FollowedPage): Follower {
  const { later, never, styleOf } = given; // the browser's functions, which are nobody's methods
  const page: FollowedPage = {
    ...given,
    later: (what, ms) => later(what, ms),
    never: (timer) => never(timer),
    styleOf: (element) => styleOf(element),
  };
  const lockOf = (name: string) => `ringback.${name}.${page.site}`;
  const contactLock = lockOf("contact");
  const touch = () => asker.touch();
  let contactElsewhere = false;

  const panel = new PanelSlot(page, contactLock, touch);
  const shopper = new Shopper(page, touch);
  const box = new InvitationBox(page);
  const places = new Places(page);
  const marks = new Marks((name) => page.count(name));
  const facts = (): Record<string, FactValue> => {
    marks.look();
    places.look();
    return {
      ...page.facts(),
      ...watched(page.plan()?.watch ?? {}, page.plan()?.watch_kinds),
      ...shopper.facts(),
    };
  };
  const busy = () => {
    const { dialog, ...signs } = shopper.signs();
    return busyReasons({
      ...signs,
      hidden: document.visibilityState !== "visible",
      dialog: dialog || panel.isOpen,
      inContact: panel.inContact || contactElsewhere,
      optedOut: page.visitor().out,
    });
  };
  const look = async () => void (contactElsewhere = await isHeld(contactLock));
  const asker = new Asker(page, facts, busy, look);
  const offers = new Offers({
    page,
    lock: lockOf("offer"),
    whoIsThere: (offer) => whoIsThere(page, offer),
    busy,
    waitUntilNot: (reason) => asker.waitUntilNot(reason),
    show: (what) => box.show(what),
    hide: () => box.hide(),
    accepted: (offer) => void panel.open({ way: offer.way }, offer.id),
  });

  const obey = () => {
    asker.obey();
    void offers.consider();
    panel.planChanged();
  };
  const everySecond = async () => {
    page.later(() => void everySecond(), SECOND);
    if (document.visibilityState !== "visible") return;
    turnIfMoved();
    await look();
    if (contactElsewhere) await panel.join();
    offers.look();
    touch();
  };
  document.addEventListener("visibilitychange", touch);
  const turnIfMoved = watchAddress(() => {
    offers.close();
    shopper.turn();
    page.turn();
  });
  obey();
  void everySecond();
  return {
    obey,
    touch() {
      panel.look();
      touch();
    },
    ask: () => asker.ask(),
    open(how) {
      const offer = offers.ofButton(how.way);
      if (how.opener) places.clicked(how.opener, offer);
      return panel.open(how, offer);
    },
    send: (form) => sendForm(page, form),
  };
}

/**
 * Notices when the shop goes on to another page without loading one; the part after # is not another page. What it
 * gives looks once more.
 */
function watchAddress(turn: () => void): () => void {
  const now = () => location.pathname + location.search;
  let address = now();
  const look = () => {
    if (address === now()) return;
    address = now();
    turn();
  };
  const { navigation } = window as { navigation?: EventTarget };
  navigation?.addEventListener("currententrychange", look);
  window.addEventListener("popstate", look);
  // Browsers without the Navigation API tell nothing where a shop's router calls history.pushState.
  return look;
}
