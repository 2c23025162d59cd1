import { describeCommitted } from "../helpers/committed-notebook.js";

describeCommitted("02-mlp-regularisation.ipynb");
