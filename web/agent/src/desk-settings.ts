/** What this desk can do, as the server tells it. */

import type { Colleagues, DeskSettings, DeskTarget } from "./messages";

/** Who a call may be passed to: somebody of the desk's, or a number that the agent types. */
export type Target = Omit<DeskTarget, "kind"> & { readonly kind: DeskTarget["kind"] | "number" };

export const NO_SETTINGS: DeskSettings = {
  type: "desk",
  codes: [],
  wrap_up: 0,
  transfers: [],
  numbers: false,
  own_phone: false,
  pages: [],
  push: {},
  views: {},
};

/** The settings with what other agents do now, of those who changed. */
export function withStates(settings: DeskSettings, { states }: Colleagues): DeskSettings {
  const transfers = settings.transfers.map((target) => ({
    ...target,
    state: (target.kind === "agent" ? states[target.to] : null) ?? target.state,
  }));
  return { ...settings, transfers };
}
