import { describeCommitted } from "../helpers/committed-notebook.js";

describeCommitted("07-cnn-regularisation.ipynb");
