/** Rules that every component shares: boxes, headings, fields, notices. */

export { base, buttons, fields, notices } from "@ringback/look/page-styles";
