/** The demo shop's page. */

import "./shop-page";
