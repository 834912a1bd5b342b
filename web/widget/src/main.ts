/** The panel that the loader of a shop's page imports at the first click; `web/page/src/widget-seam.ts`. */

import type { Panel, PanelContext, PanelModule } from "../../page/src/widget-seam";
import { CallPanel } from "./call-panel";

export const mount: PanelModule["mount"] = (context: PanelContext): Panel => {
  const panel = new CallPanel(context);
  context.host.append(panel);
  return {
    open: (how) => void panel.show(how),
    close: () => panel.hide(),
    planChanged: () => panel.planChanged(),
  };
};
