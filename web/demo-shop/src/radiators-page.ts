/** The page of Coolway Radiators: one button, behind which a chat asks for the vehicle and finds a workshop. */

import { html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import "./call-record";
import { type DemoSetup, fetchSetup, type Workshop } from "./demo-setup";
import { chatIcon } from "../../widget/src/icons";
import "./radiator-picture";
import { ringback } from "./ringback";
import { shopStyles } from "./shop-styles";
import { base, buttons } from "./styles";

const TOWNS = [
  ["Boston", "open now"],
  ["Cambridge", "closed today"],
  ["Hartford", "open now"],
  ["Albany", "open now"],
] as const;

@customElement("radiators-page")
export class RadiatorsPage extends LitElement {
  @state() private setup: DemoSetup | null | "loading" = "loading";
  /** The call that ended last on this page. */
  @state() private lastCall: string | null = null;

  /** In the page itself, as shops are: the loader finds its buttons there. */
  protected override createRenderRoot(): HTMLElement {
    const sheets = [base, buttons, shopStyles].map(({ styleSheet }) => styleSheet);
    document.adoptedStyleSheets.push(...sheets.filter((sheet) => sheet !== undefined));
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // The page itself stays as it is.
    const { searchParams } = new URL(window.location.href);
    this.lang = "en";
    if (searchParams.get("lang") === "es") document.documentElement.lang = "es";
    ringback("on", "contact", () => (this.lastCall = null));
    // Of a chat that led to a call, the call is what there is to hear.
    ringback("on", "ended", ({ id, way, call }: { id: string; way: string; call?: string }) => {
      this.lastCall = way === "chat" ? (call ?? null) : id;
    });
    fetchSetup().then(
      (setup) => (this.setup = setup),
      () => (this.setup = null),
    );
  }

  protected override render() {
    const { setup } = this;
    return html`
      <div class="demo-bar">
        A demo shop. Calls made here are real SIP calls between simulated phones on this computer.
      </div>
      <header>
        <a class="brand" href="./radiators" aria-label="Coolway Radiators, home">
          <img src="./coolway.svg" alt="" width="36" height="36" />Coolway Radiators
        </a>
        <a href="./">Acme Bikes</a>
      </header>
      <main>
        <figure><radiator-picture></radiator-picture></figure>
        <div class="product">
          <p class="kind">Radiators for every car and truck</p>
          <h1>Cool again, today</h1>
          <p class="lead">
            Tell us which vehicle it is, and where you are. We find the radiator that fits, and the workshop
            near you that has it. Their expert calls you with a quote.
          </p>
          <div class="actions">
            <button class="button call talk" data-ringback="chat">${chatIcon} Find my radiator</button>
          </div>
          ${
            setup === null
              ? html`<p class="trouble" role="alert">
                  The demo's server does not answer. Is <code>ringback demo</code> still running?
                </p>`
              : nothing
          }
          <ul class="towns" aria-label="Workshops">
            ${TOWNS.map(([town, opens]) => html`<li><b>${town}</b>${opens}</li>`)}
          </ul>
        </div>
        ${setup === null || setup === "loading" ? nothing : this.renderBehind(setup.workshop)}
      </main>
      <footer>
        <p>
          Coolway Radiators does not exist. This page shows Ringback: click-to-call that you host yourself.
        </p>
      </footer>
    `;
  }

  /** What no shop would show: what to try, and how the last call went. */
  private renderBehind({ agent, number, vehicle }: Workshop) {
    const [year, make, model, engine, zip] = vehicle;
    return html`<section class="behind" aria-label="Behind the scenes">
      ${this.lastCall === null ? nothing : html`<call-record .callId=${this.lastCall}></call-record>`}
      <h2>Try it</h2>
      <ol class="steps">
        <li>
          To see what the workshop sees,
          <a href=${agent.url} target="_blank" rel="noopener">open the agent’s page</a> and log in as
          <code>${agent.name}</code> with the password <code>${agent.password}</code>. In a browser where Kim
          is logged in, use a private window.
        </li>
        <li>
          Press “Find my radiator”, and answer: <code>${year}</code>, <code>${make}</code>,
          <code>${model}</code>, <code>${engine}</code>, ZIP code <code>${zip}</code>. Slips are understood:
          try <code>'98</code> or <code>frod</code>. The workshop next door is closed, so the chat names the
          next one, with its distance.
        </li>
        <li>
          Type a phone number, such as <code>${number}</code>: it stands for your simulated phone, which rings
          first. Then the workshop’s phone rings, and ${agent.label}’s page shows the vehicle before anybody
          answers.
        </li>
        <li>
          When the call is over, play here what each side heard. Or choose “Talk in the browser”, and talk
          with the workshop yourself. <a href="?lang=es">On a Spanish page</a>, the chat speaks Spanish.
        </li>
      </ol>
    </section>`;
  }
}
