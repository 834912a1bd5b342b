/** What the panel draws of a call that goes on, and of the pages that are shown in it: a file of its own. */

import "./call-progress";
import "./page-push-card";
import "./shown-card";
