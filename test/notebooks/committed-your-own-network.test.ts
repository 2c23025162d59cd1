import { describeCommitted } from "../helpers/committed-notebook.js";

describeCommitted("05-your-own-network.ipynb");
