/** The portal's frame: log-in, navigation, and the screen that somebody looks at. */

import { leaveIcon, phoneIcon } from "@ringback/look/icons";
import type { LoginStanding } from "@ringback/look/login-card";
import { html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import "./login-form";
import type { LoginTyped } from "./login-form";
import type { OperatorMe } from "./messages";
import { frame } from "./frame";
import { type Place, placeText, readPlace } from "./place";
import { ApiProblem, PortalApi, problemWords, type Query } from "./portal-api";
import { remember } from "./remembered";
import { type Screen, type ScreenElement, screensOf } from "./screens";
import { trouble } from "./trouble";

type Stage = "loading" | "unreachable" | "login" | "inside" | "kiosk";

const EXPIRED = "You have been logged out, as after a long time or a new password. Please log in again.";

@customElement("portal-page")
export class PortalPage extends LitElement {
  private readonly api = new PortalApi();
  @state() private stage: Stage = "loading";
  @state() private standing: LoginStanding = { busy: false, notice: "", problem: null };
  @state() private me: OperatorMe | null = null;
  @state() private place: Place = readPlace(location.hash);
  /** The screen that is shown, and why it could not be loaded. */
  @state() private shown: { screen: Screen; element: ScreenElement | null; problem: string } | null = null;
  @query("main") private main!: HTMLElement | null;

  static override styles = frame;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.moved);
    this.api.onLoggedOut = () => {
      if (this.stage === "inside") this.leave(EXPIRED);
    };
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.moved);
  }

  private async begin(): Promise<void> {
    this.stage = "loading";
    if (this.place.screen === "wallboard" && this.place.query.has("kiosk")) {
      this.hang();
      return;
    }
    try {
      this.enter(await this.api.me());
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.stage = error.id === "not_logged_in" ? "login" : "unreachable";
      this.standing = { busy: false, notice: "", problem: this.stage === "login" ? null : error };
    }
  }

  /** Be a screen on a wall: the wallboard alone, opened by the link's secret. */
  private hang(): void {
    const me: OperatorMe = { operator: "", label: "", rights: ["wallboard"] };
    this.stage = "kiosk";
    this.me = me;
    this.open();
  }

  private enter(me: OperatorMe): void {
    this.me = me;
    this.stage = "inside";
    this.standing = { busy: false, notice: "", problem: null };
    this.open();
  }

  private leave(notice: string): void {
    this.me = null;
    this.shown = null;
    this.stage = "login";
    this.standing = { busy: false, notice, problem: null };
  }

  private readonly moved = (): void => {
    const before = this.place.screen;
    this.place = readPlace(location.hash);
    if (this.stage !== "inside") return;
    this.open();
    if (this.place.screen !== before) void this.updateComplete.then(() => this.main?.focus());
  };

  /** Show the screen of the place, or the first that this operator has. */
  private open(): void {
    const { me } = this;
    if (!me) return;
    const screens = screensOf(me.rights);
    const screen = screens.find(({ id }) => id === this.place.screen);
    const [first] = screens;
    if (!screen) {
      this.shown = null;
      if (first && this.place.screen === "") {
        history.replaceState(null, "", placeText(first.id));
        this.place = readPlace(location.hash);
        this.open();
      }
      return;
    }
    if (this.shown?.screen === screen && this.shown.element) this.give(this.shown.element, screen, me);
    else void this.load(screen, me);
  }

  private async load(screen: Screen, me: OperatorMe): Promise<void> {
    const shown = (this.shown = { screen, element: null, problem: "" });
    document.title = `${screen.label} · Ringback portal`;
    try {
      await screen.load();
    } catch (error) {
      console.error(error);
      const problem = "This screen could not be loaded. Check your connection, then reload the page.";
      if (this.shown === shown) this.shown = { ...shown, problem };
      return;
    }
    if (this.shown !== shown) return; // somebody went on meanwhile
    const element = document.createElement(screen.element) as ScreenElement;
    this.give(element, screen, me);
    this.shown = { screen, element, problem: "" };
  }

  private give(element: ScreenElement, screen: Screen, me: OperatorMe): void {
    const go = (path: readonly string[], query: Query = {}, replace = false): void => {
      const text = placeText(screen.id, path, query);
      if (text === location.hash) return;
      if (replace) {
        history.replaceState(null, "", text);
        this.moved();
      } else location.hash = text;
    };
    element.context = { api: this.api, me, place: this.place, go };
  }

  protected override render() {
    switch (this.stage) {
      case "loading":
        return html`<main class="centre" aria-busy="true">
          <p class="soft" role="status">One moment…</p>
        </main>`;
      case "unreachable":
        return html`<main class="centre">
          <h1>The server cannot be reached</h1>
          <p class="soft">${this.standing.problem?.message} Check your connection.</p>
          <button class="button brand" @click=${() => void this.begin()}>Try again</button>
        </main>`;
      case "login":
        return html`<main>
          <portal-login
            .standing=${this.standing}
            @login=${({ detail }: CustomEvent<LoginTyped>) => void this.logIn(detail)}
          ></portal-login>
        </main>`;
      case "kiosk":
        return html`<main>${this.renderScreen([])}</main>`;
      case "inside":
        return this.renderInside();
    }
  }

  private renderInside() {
    const { me } = this;
    const screens = me ? screensOf(me.rights) : [];
    return html`
      <header>
        <button class="skip" @click=${this.skip}>Skip to content</button>
        <span class="mark">${phoneIcon}<span>Ringback</span></span>
        <nav aria-label="Portal">
          <ul>
            ${screens.map(
              (screen) =>
                html`<li>
                  <a
                    href=${placeText(screen.id)}
                    aria-current=${screen.id === this.place.screen ? "page" : nothing}
                    >${screen.icon}<span>${screen.label}</span></a
                  >
                </li>`,
            )}
          </ul>
        </nav>
        <span class="who" title=${me?.operator ?? ""}>${me?.label}</span>
        <button class="button plain small" aria-label="Log out" @click=${() => void this.logOut()}>
          ${leaveIcon}<span>Log out</span>
        </button>
      </header>
      <main tabindex="-1" aria-label=${this.shown?.screen.label ?? "Portal"}>
        ${this.renderScreen(screens)}
      </main>
    `;
  }

  private renderScreen(screens: readonly Screen[]) {
    if (this.shown?.problem) {
      return trouble(this.shown.problem);
    }
    if (this.shown) {
      return this.shown.element ?? html`<p class="soft centre" role="status">One moment…</p>`;
    }
    return html`<div class="centre">
      <h1>${screens.length === 0 ? "Nothing here for you yet" : "There is no such screen"}</h1>
      <p class="soft">
        ${
          screens.length === 0
            ? "Your rights open no screen of the portal. Ask whoever edits operators in the config file."
            : "The address may be mistyped, or you may lack the right for it. Choose a screen above."
        }
      </p>
    </div>`;
  }

  private readonly skip = (): void => this.main?.focus();

  private async logIn({ name, password, code }: LoginTyped): Promise<void> {
    if (this.standing.busy) return;
    this.standing = { busy: true, notice: "", problem: null };
    try {
      const me = await this.api.logIn(name, password, code);
      remember("operator", name);
      this.enter(me);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.standing = { busy: false, notice: "", problem: error };
    }
  }

  private async logOut(): Promise<void> {
    try {
      await this.api.logOut();
      this.leave("");
    } catch (error) {
      this.leave(`You may still be logged in here: ${problemWords(error)}`);
    }
  }
}
