/** Rules that every component of the shop shares. */

export { base, buttons, fields } from "../../widget/src/styles";
