/** What the loader is told of calls and chats, and the shop of calls: once of each that begins, and of its end. */

import type { PanelContext } from "../../page/src/widget-seam";
import type { LiveCall } from "./live-call";

const BOOKED: Readonly<Record<string, "callback" | "message">> = {
  callback_booked: "callback",
  message_taken: "message",
};

export class ContactNews {
  private standing = "";
  /** The call of which the shop has heard, and whether of its end. */
  private called: string | null = null;
  private ended = false;

  constructor(private readonly context: PanelContext) {}

  /** What the loader, the shop and the tab's next page must know. */
  tell(call: LiveCall, live: boolean, isOpen: boolean): void {
    const standing = `${live} ${isOpen || live}`;
    if (standing !== this.standing) {
      this.context.inContact(live);
      this.context.comeBack(isOpen || live);
    }
    this.standing = standing;
    this.tellCall(call);
  }

  /** The shop hears once of each call of this tab, and of its end, which may come with its beginning. */
  private tellCall({ by: way, onlooking, rejoined, ticket, view }: LiveCall): void {
    if (!ticket || onlooking) return;
    const { id } = ticket;
    if (id !== this.called) {
      [this.called, this.ended] = [id, false];
      if (!rejoined) this.context.tell("contact", { way, id });
    }
    if (this.ended || view?.phase !== "ended") return;
    this.ended = true;
    const outcome = view.disposition ?? "unknown";
    this.context.tell("ended", { way, id, outcome });
    const kind = BOOKED[outcome];
    if (kind) this.context.tell("booked", { kind });
  }
}
