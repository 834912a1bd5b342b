/** A text editor for YAML with the server's problems at their places: CodeMirror, loaded when it is first shown. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, defaultHighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import type { PlacedProblem } from "./messages";

const look = EditorView.theme({
  "&": { height: "min(70vh, 48rem)", color: "var(--ink)", backgroundColor: "var(--card)" },
  ".cm-content": { caretColor: "var(--ink)", fontFamily: "ui-monospace, monospace" },
  ".cm-gutters": { color: "var(--ink-soft)", backgroundColor: "var(--sunk)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--sunk)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--card)", border: "1px solid var(--line)" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--sunk)" },
});
/** Colours of the page in place of the library's, which are for a light page alone. */
const plain = EditorView.theme({ ".cm-line span": { color: "inherit !important" } });

export interface CodeEditor {
  readonly view: EditorView;
  show(problems: readonly PlacedProblem[], warnings: readonly PlacedProblem[]): void;
  reveal(line: number, column: number): void;
}

export function codeEditor(
  parent: HTMLElement,
  text: string,
  locked: boolean,
  typed: (text: string) => void,
): CodeEditor {
  const view = new EditorView({
    parent,
    root: parent.getRootNode() as ShadowRoot,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        bracketMatching(),
        lintGutter(),
        yaml(),
        indentUnit.of("  "),
        syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
        EditorState.readOnly.of(locked),
        EditorView.contentAttributes.of({
          "aria-label": "Settings as text",
          spellcheck: "false",
          tabindex: "0",
        }),
        // Tab leaves the editor: nobody is caught in it.
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap]),
        look,
        plain,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) typed(update.state.doc.toString());
        }),
      ],
    }),
  });
  const place = (problem: PlacedProblem): number => {
    const line = view.state.doc.line(Math.min(Math.max(problem.line, 1), view.state.doc.lines));
    return Math.min(line.from + problem.column - 1, line.to);
  };
  const told = (problem: PlacedProblem, severity: Diagnostic["severity"]): Diagnostic => {
    const from = place(problem);
    const { to } = view.state.doc.lineAt(from);
    const message = problem.path ? `${problem.path}: ${problem.text}` : problem.text;
    return { from, to, severity, message };
  };
  return {
    view,
    show(problems, warnings) {
      const all = [
        ...problems.map((each) => told(each, "error")),
        ...warnings.map((each) => told(each, "warning")),
      ];
      view.dispatch(setDiagnostics(view.state, all));
    },
    reveal(line, column) {
      const from = place({ file: "", path: "", text: "", line, column });
      view.dispatch({
        selection: { anchor: from },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      view.focus();
    },
  };
}
