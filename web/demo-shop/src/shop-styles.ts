/** How the shop's page is laid out: one column on a phone, picture beside product on a desk. */

import { css } from "lit";

export const shopStyles = css`
  .shop {
    min-height: 100dvh;
    display: grid;
    grid-template-rows: auto auto 1fr auto;
  }
  .demo-bar {
    padding: 0.5rem 1rem;
    background: light-dark(#16202e, #070b10);
    color: light-dark(#f5f1ea, #b3bfcc);
    font-size: 0.875rem;
    text-align: center;
  }
  .shop > header,
  .shop > main,
  .shop > footer {
    width: min(76rem, 100%);
    margin-inline: auto;
    padding-inline: clamp(1rem, 4vw, 2.5rem);
  }
  .shop > header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
    padding-block: 1rem;
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: 0.65rem;
    font-size: 1.2rem;
    font-weight: 750;
    letter-spacing: -0.02em;
    color: inherit;
    text-decoration: none;
  }
  .cart {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    font-size: 0.9375rem;
  }
  .cart svg {
    width: 1.4rem;
    height: 1.4rem;
  }
  .shop > main {
    display: grid;
    align-content: start;
    gap: clamp(1.25rem, 3vw, 3rem);
    padding-bottom: 6rem;
  }
  figure {
    display: grid;
    align-items: center;
    padding: clamp(1rem, 4vw, 3rem);
    min-height: min(58vh, 36rem);
    border-radius: 24px;
    background: linear-gradient(160deg, var(--sky-soft), var(--card) 70%);
  }
  .product {
    align-self: center;
  }
  .kind {
    color: var(--ink-soft);
    font-weight: 600;
  }
  h1 {
    font-size: clamp(2.25rem, 5vw, 3.4rem);
    letter-spacing: -0.035em;
  }
  .price {
    margin-top: 0.4rem;
    font-size: 1.5rem;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
  }
  .lead {
    margin-top: 1rem;
    max-width: 34rem;
    font-size: 1.0625rem;
  }
  fieldset {
    margin: 1.4rem 0 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0;
    margin-bottom: 0.5rem;
    font-weight: 650;
  }
  legend span {
    font-weight: 400;
  }
  .swatch {
    position: relative;
    display: inline-block;
    width: 2.75rem;
    height: 2.75rem;
    margin-right: 0.6rem;
    border-radius: 50%;
    cursor: pointer;
  }
  .swatch input {
    position: absolute;
    inset: 0;
    opacity: 0;
    margin: 0;
    width: 100%;
    height: 100%;
    cursor: pointer;
  }
  .swatch svg {
    display: block;
    width: 100%;
    height: 100%;
    padding: 5px;
    border: 2px solid transparent;
    border-radius: 50%;
  }
  .swatch input:checked + svg {
    border-color: var(--ink);
  }
  .swatch input:focus-visible + svg {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
    margin-top: 1.75rem;
  }
  .actions .button {
    flex: 1 1 11rem;
    white-space: nowrap;
  }
  .actions .ink {
    flex-basis: 100%;
  }
  .hint,
  .trouble {
    margin-top: 0.9rem;
    color: var(--ink-soft);
    font-size: 0.9375rem;
  }
  .trouble {
    color: var(--stop);
    font-weight: 600;
  }
  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr));
    gap: 1rem;
    padding-top: 1.5rem;
    border-top: 1px solid var(--line);
    color: var(--ink-soft);
  }
  .facts b {
    display: block;
    color: var(--ink);
  }
  .shop > footer {
    padding-block: 1.5rem 2rem;
    color: var(--ink-soft);
    font-size: 0.875rem;
  }
  .customer {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
    margin-inline-start: 0.75rem;
  }
  .customer select {
    min-height: 1.9rem;
    border: 1px solid #7d8b9b;
    border-radius: 8px;
    background: transparent;
    color: inherit;
  }
  .customer option {
    color: CanvasText;
    background: Canvas;
  }
  .talk[data-ringback-state="later"]::after {
    content: "later";
    font-weight: 400;
    opacity: 0.85;
  }
  .behind {
    display: grid;
    gap: 1.5rem;
    padding-top: 1.5rem;
    border-top: 1px solid var(--line);
  }
  .steps {
    display: grid;
    gap: 0.75rem;
    max-width: 46rem;
    padding-left: 1.4rem;
    list-style: decimal;
  }
  .steps code {
    font-size: 0.9375em;
    overflow-wrap: anywhere;
    user-select: all;
  }
  .towns {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
    gap: 0.6rem;
    margin-top: 1.5rem;
  }
  .towns li {
    padding: 0.6rem 0.8rem;
    border-radius: var(--radius);
    background: var(--card);
    color: var(--ink-soft);
    font-size: 0.9375rem;
  }
  .towns b {
    display: block;
    color: var(--ink);
  }
  .basket {
    display: grid;
    gap: 1.5rem;
    width: min(38rem, 100%);
    padding-block: 1rem;
  }
  .basket dl {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 0.6rem 1rem;
    padding: 1.2rem 1.4rem;
    border-radius: var(--radius);
    background: var(--card);
    font-variant-numeric: tabular-nums;
  }
  .basket .sum {
    padding-top: 0.6rem;
    border-top: 1px solid var(--line);
    font-weight: 650;
  }
  .checkout {
    display: grid;
    gap: 1rem;
  }
  .checkout label {
    display: grid;
    gap: 0.3rem;
    font-weight: 650;
  }
  .checkout input {
    min-height: 3rem;
    padding: 0 0.9rem;
    border: 1.5px solid var(--control);
    border-radius: 10px;
    background: var(--card);
    font-weight: 400;
  }
  .checkout input[aria-invalid="true"] {
    border: 2px solid var(--stop);
  }
  .checkout iframe {
    width: 100%;
    height: 10.5rem;
    padding: 0.75rem;
    border: 1.5px solid var(--line);
    border-radius: 10px;
  }
  .promo {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0.4rem 0.75rem;
  }
  .promo label,
  .promo p {
    grid-column: 1 / -1;
  }
  .promo label {
    font-weight: 650;
  }
  .promo input {
    min-height: 3rem;
    padding: 0 0.9rem;
    border: 1.5px solid var(--control);
    border-radius: 10px;
    background: var(--card);
    text-transform: uppercase;
  }
  .form-error {
    color: var(--stop);
    font-weight: 600;
  }
  @media (max-width: 56rem) {
    figure {
      min-height: 0;
    }
  }
  @media (min-width: 56rem) {
    main {
      grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr);
    }
    .facts,
    .behind,
    .basket {
      grid-column: 1 / -1;
    }
  }
`;
