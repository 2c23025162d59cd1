import { describeCommitted } from "../helpers/committed-notebook.js";

describeCommitted("03-gan.ipynb");
