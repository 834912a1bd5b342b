/** Rules of the screens that edit settings. */

import { css } from "lit";
import { screenStyles } from "../screen-styles";

export const settingsStyles = [
  ...screenStyles,
  css`
    .crumbs {
      display: flex;
      flex-wrap: wrap;
      gap: 0.4rem;
      margin: 0 0 0.4rem;
      color: var(--ink-soft);
      font-size: 0.9375rem;
    }
    .crumbs a,
    .items a {
      color: var(--brand);
    }
    .tools {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0.6rem;
    }
    .card p + .tools,
    .tools + .tools {
      margin-top: 0.6rem;
    }
    label.tools + label.tools {
      margin-top: 0;
    }
    label.tools {
      display: flex;
      flex-wrap: nowrap;
    }
    a.button {
      text-decoration: none;
    }
    a.button:not(.brand) {
      color: var(--ink);
    }
    .stack {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 1rem;
    }
    .columns > * {
      min-width: 0;
    }
    .columns {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr));
      gap: 1rem;
    }
    .items {
      display: grid;
      gap: 0.15rem;
      margin: 0.5rem 0 0;
      padding: 0;
      list-style: none;
    }
    .items a {
      display: block;
      min-height: 2rem;
      padding: 0.2rem 0;
      overflow-wrap: anywhere;
    }
    .field {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      align-content: start;
      gap: 0.3rem;
      margin-bottom: 1.1rem;
      max-width: 44rem;
    }
    .field small {
      color: var(--ink-soft);
    }
    input:is([type="number"], [type="time"], [type="search"], [type="datetime-local"]),
    textarea {
      width: 100%;
      min-width: 0;
      min-height: 3rem;
      padding: 0.6rem 0.9rem;
      border: 1.5px solid var(--control);
      border-radius: 11px;
      background: var(--card);
    }
    input[type="checkbox"] {
      width: 1.4rem;
      height: 1.4rem;
      accent-color: var(--brand);
    }
    pre {
      margin: 0.5rem 0 0;
      padding: 0.75rem;
      overflow-x: auto;
      border-radius: 11px;
      background: var(--sunk);
      font-size: 0.875rem;
      line-height: 1.5;
    }
    pre .plus {
      color: var(--go);
      font-weight: 600;
    }
    pre .minus {
      color: var(--stop);
      font-weight: 600;
    }
    .day {
      display: grid;
      grid-template-columns: 7rem minmax(0, 1fr);
      gap: 0.5rem 1rem;
      padding: 0.6rem 0;
      border-bottom: 1px solid var(--line);
    }
    .day h3 {
      margin: 0.6rem 0 0;
      font-size: 1rem;
    }
    .spans {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0.5rem 0.9rem;
    }
    .span {
      display: flex;
      align-items: center;
      gap: 0.4rem;
    }
    .span input {
      width: 5.2rem;
      min-height: 2.75rem;
      text-align: center;
    }
    .editor {
      min-height: 24rem;
      border: 1.5px solid var(--control);
      border-radius: 11px;
      background: var(--card);
      overflow: hidden;
    }
    fieldset.many {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 0.5rem;
      margin: 0 0 1.1rem;
      padding: 0.75rem 1rem 1rem;
      border: 1px solid var(--line);
      border-radius: 13px;
    }
    fieldset.many > .button,
    .below > .button {
      justify-self: start;
    }
    fieldset.many > legend {
      padding: 0 0.4rem;
      margin-inline-start: -0.4rem;
      font-weight: 650;
    }
    fieldset.many small {
      color: var(--ink-soft);
    }
    small.wrong,
    fieldset.many small.wrong,
    .chip.wrong {
      color: var(--stop);
      font-weight: 600;
    }
    .below {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 0.5rem;
      padding: 0.25rem 0 0.75rem;
      padding-inline-start: 0.9rem;
      border-inline-start: 3px solid var(--line);
    }
    .entries > details + details {
      border-top: 1px solid var(--line);
    }
    .names {
      display: grid;
      gap: 0.35rem;
      margin: 0 0 0.6rem;
      padding-inline-start: 1.4rem;
      list-style: decimal;
    }
    .names li > span {
      display: inline-block;
      min-width: min(14rem, 50%);
      overflow-wrap: anywhere;
    }
    .names .button {
      margin-inline-start: 0.35rem;
    }
    .language {
      display: grid;
      grid-template-columns: 2.2rem minmax(0, 1fr) auto;
      align-items: center;
      gap: 0.5rem;
      margin-bottom: 0.5rem;
    }
    .tools input[type="text"] {
      width: min(100%, 18rem);
    }
    .tools input.short {
      width: 6rem;
    }
    summary .soft {
      font-weight: 400;
      overflow-wrap: anywhere;
    }
    .columns.wide {
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
    }
    .kinds {
      gap: 0.4rem 1.4rem;
      margin: 0.75rem 0 1.25rem;
    }
    input[type="radio"] {
      width: 1.3rem;
      height: 1.3rem;
      accent-color: var(--brand);
    }
    .why {
      display: grid;
      gap: 0.25rem;
      padding: 0;
      list-style: none;
    }
    .why .head {
      margin: 0.5rem 0 0;
      font-weight: 650;
    }
    .why .yes::before {
      content: "✓ ";
      color: var(--go);
    }
    .why .no {
      color: var(--ink-soft);
    }
    .why .no::before {
      content: "✗ ";
    }
    .why .depth1 {
      padding-inline-start: 1rem;
    }
    .why .depth2 {
      padding-inline-start: 2rem;
    }
    .why .depth3,
    .why .depth4 {
      padding-inline-start: 3rem;
    }
    .rules dt {
      margin-top: 0.75rem;
      font-weight: 650;
    }
    .rules dd {
      margin: 0.15rem 0 0;
      overflow-wrap: anywhere;
    }
    .week .differs {
      background: var(--brand-soft);
    }
    .bar {
      display: block;
      width: 100%;
      min-width: 8rem;
      height: 0.6rem;
      border-radius: 999px;
      background: var(--sunk);
    }
    .bar rect,
    .wave rect {
      fill: var(--brand);
    }
    .wave {
      display: block;
      width: 100%;
      height: 4rem;
      margin: 0.75rem 0 0.5rem;
      border-radius: 11px;
      background: var(--sunk);
    }
    input[type="file"] {
      max-width: 100%;
      min-height: 2.75rem;
    }
    .card + item-form {
      display: block;
      margin-top: 1rem;
    }
    input.find {
      width: min(100%, 16rem) !important;
    }
    .grid {
      max-height: 70vh;
      margin: 0.75rem 0;
      overflow: auto;
    }
    .grid thead th {
      position: sticky;
      top: 0;
      background: var(--card);
    }
    .grid td {
      padding: 0.2rem;
    }
    .grid input {
      min-width: 8.5rem;
      min-height: 2.5rem;
      padding: 0 0.6rem;
    }
    .hidden {
      position: absolute;
      clip-path: inset(50%);
    }
    ul.plain {
      margin: 0;
      list-style: disc;
      padding-inline-start: 1.2rem;
    }
    details > summary {
      min-height: 2.75rem;
      cursor: pointer;
      font-weight: 600;
      align-content: center;
    }
    @media (max-width: 34rem) {
      .day {
        grid-template-columns: minmax(0, 1fr);
      }
      .day h3 {
        margin: 0;
      }
      .language {
        grid-template-columns: minmax(0, 1fr) auto;
      }
      .language textarea {
        grid-row: 2;
        grid-column: 1 / -1;
      }
    }
  `,
];
