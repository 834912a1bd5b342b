/** The agents' page. */

import "./agent-page";
