import { describeCommitted } from "../helpers/committed-notebook.js";

describeCommitted("04-experts.ipynb");
