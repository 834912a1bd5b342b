/** The fields by which a screen is asked for days: a period, its first and last day, a time zone. */

import { html } from "lit";
import { dayIn, PERIODS } from "./reports/report-place";
import { ownZone } from "./times";

export interface Period {
  readonly first: string;
  readonly last: string;
  readonly zone: string;
}

type Choose = (changed: Partial<Period>) => void;

/** `known` are the zones to choose from, beside the browser's own. */
export function periodFields(period: Period, known: readonly string[], choose: Choose) {
  const { first, last, zone } = period;
  const now = Date.now();
  const preset = PERIODS.findIndex(
    ([, from, to]) => first === dayIn(zone, now, from) && last === dayIn(zone, now, to),
  );
  const zones = [...new Set([zone, ownZone(), ...known])];
  const presetChosen = ({ target }: Event) => {
    const chosen = PERIODS[Number((target as HTMLSelectElement).value)];
    if (chosen) choose({ first: dayIn(zone, now, chosen[1]), last: dayIn(zone, now, chosen[2]) });
  };
  const day = (name: "first" | "last") => (event: Event) => {
    const { value } = event.target as HTMLInputElement;
    if (value) choose({ [name]: value });
  };
  return html`<label
      >Period
      <select @change=${presetChosen}>
        ${PERIODS.map(([label], at) => html`<option value=${at} ?selected=${at === preset}>${label}</option>`)}
        <option value="-1" ?selected=${preset === -1} ?hidden=${preset !== -1}>Other</option>
      </select></label
    >
    <label>From <input type="date" max=${last} .value=${first} @change=${day("first")} /></label>
    <label
      >To <input type="date" min=${first} max=${dayIn(zone, now)} .value=${last} @change=${day("last")}
    /></label>
    <label
      >Time zone
      <select
        name="zone"
        @change=${({ target }: Event) => choose({ zone: (target as HTMLSelectElement).value })}
      >
        ${zones.map(
          (each) =>
            html`<option value=${each} ?selected=${each === zone}>${each.replaceAll("_", " ")}</option>`,
        )}
      </select></label
    >`;
}
