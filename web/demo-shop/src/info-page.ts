/** What the shop has to say besides its bike: pages that an agent may show. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "./styles";

export type Info = "returns" | "sizes" | "cape" | "repairs";

const PAGES: Readonly<Record<Info, TemplateResult>> = {
  returns: html`
    <h1>Returns and refunds</h1>
    <p>
      Ride it for 30 days. If the Harbor is not your bike, bring it back to any of our stores, or have us
      fetch it: we refund the whole price within a week.
    </p>
    <ul>
      <li><b>At a store:</b> Boston and Cambridge, whenever they are open. No appointment.</li>
      <li><b>From your home:</b> we call you to find an hour. It costs nothing.</li>
      <li><b>What we ask:</b> that it is whole. Mud is fine.</li>
    </ul>
  `,
  repairs: html`
    <h1>Repairs</h1>
    <p>
      A flat tyre is done while you wait, a new chain the same day. Ask the bench in our Boston store before
      you come: they tell you what it costs, and keep a stand free.
    </p>
  `,
  cape: html`
    <h1>The Harbor rain cape</h1>
    <p class="price">$49</p>
    <p>
      Covers you, your basket and your hands, and folds into its own pocket. Reflects at night. The promotion
      of this month: <b>code AUTUMN takes $20 off</b> whatever is in the cart.
    </p>
    <ul>
      <li>One size, three colours</li>
      <li>Two-year warranty</li>
    </ul>
  `,
  sizes: html`
    <h1>Bike sizes</h1>
    <p>Measure the inside of your leg, barefoot, from the floor up. The saddle does the rest.</p>
    <table>
      <thead>
        <tr>
          <th scope="col">Inside leg</th>
          <th scope="col">Height, about</th>
          <th scope="col">Frame</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>70–77 cm</td>
          <td>1.55–1.66 m</td>
          <td>48</td>
        </tr>
        <tr>
          <td>78–84 cm</td>
          <td>1.67–1.78 m</td>
          <td>52</td>
        </tr>
        <tr>
          <td>85–91 cm</td>
          <td>1.79–1.90 m</td>
          <td>56</td>
        </tr>
        <tr>
          <td>92–98 cm</td>
          <td>1.91–2.02 m</td>
          <td>60</td>
        </tr>
      </tbody>
    </table>
    <p>Between two of them? Take the smaller one for the city, the larger one for long rides.</p>
  `,
};

/** Which of them the address asks for; null for the bike. */
export function infoOf(address: string): Info | null {
  const { pathname, searchParams } = new URL(address);
  const name = pathname.endsWith("/repairs") ? "repairs" : searchParams.get("page");
  return name !== null && Object.hasOwn(PAGES, name) ? (name as Info) : null;
}

@customElement("info-page")
export class InfoPage extends LitElement {
  @property() page: Info = "returns";

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 1.2rem;
        max-width: 44rem;
        padding: clamp(1rem, 4vw, 3rem) 0;
        font-size: 1.0625rem;
      }
      h1 {
        font-size: clamp(2rem, 5vw, 2.9rem);
        letter-spacing: -0.03em;
      }
      ul {
        display: grid;
        gap: 0.5rem;
        padding-left: 1.2rem;
        list-style: disc;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        background: var(--card);
        border-radius: var(--radius);
        overflow: hidden;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 0.7rem 1rem;
        text-align: left;
      }
      th {
        font-weight: 650;
      }
      tr + tr td,
      tbody tr td {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  protected override render() {
    return html`${PAGES[this.page]}<a href="./">To the Harbor</a>`;
  }
}
