import { describeCommitted } from "../helpers/committed-notebook.js";
import { longNotebooks } from "../helpers/long-notebooks.js";

for (const name of longNotebooks) describeCommitted(name);
