/** The portal of operators. */

import "./portal-page";
