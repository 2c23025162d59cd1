// Answers to the requests that run no code.
"use strict";

const { completeness } = require("./completeness.cjs");
const language = require("./language.cjs");
const { ts } = require("./typescript.cjs");
const { isContent } = require("./wire.cjs");
const { version } = require("../../package.json");

/**
 * @returns {(type: string, content: object) => object} content of the reply to a request; an error where there is none
 */
function createAnswers(cells, execution, history) {
  // A map: `constructor` and `__proto__` are requests like any other that nobody knows.
  /** @type {Map<string, (content: any) => object>} */
  const answers = new Map(
    Object.entries({
      kernel_info_request: kernelInfo,
      comm_info_request: (content) => ({ status: "ok", comms: execution.comms.info(content) }),
      history_request: (content) => ({ status: "ok", history: history.find(content) }),
      interrupt_request() {
        execution.stop();
        return { status: "ok" };
      },
      shutdown_request: ({ restart = false }) => ({ status: "ok", restart }),
      is_complete_request: ({ code }) => completeness(code),
      complete_request({ code, cursor_pos }) {
        const { start, end, candidates, kinds } = cells.complete(code, language.utf16Offset(code, cursor_pos));
        const [from, to] = [start, end].map((offset) => language.codePointOffset(code, offset));
        const types = candidates.map((text, index) => ({ text, type: kinds[index], start: from, end: to }));
        const metadata = { _jupyter_types_experimental: types };
        return { status: "ok", matches: candidates, cursor_start: from, cursor_end: to, metadata };
      },
      inspect_request({ code, cursor_pos }) {
        const info = cells.inspect(code, language.utf16Offset(code, cursor_pos));
        return { status: "ok", found: Boolean(info), data: info ? language.quickInfoBundle(info) : {}, metadata: {} };
      },
    }),
  );

  return (type, content) => {
    const answer = answers.get(type);
    if (type === "execute_request") return failed("InvalidRequest", "code is no text");
    if (!answer) return failed("NotSupported", `no answer to ${type}`);
    if (!isContent(content)) return failed("InvalidRequest", `${type} without content`);
    try {
      return answer(content);
    } catch (error) {
      return failed(error.name, error.message);
    }
  };
}

function failed(ename, evalue) {
  return { status: "error", ename, evalue, traceback: [] };
}

function kernelInfo() {
  return {
    status: "ok",
    protocol_version: "5.3",
    implementation: "shapley-modes",
    implementation_version: version,
    banner: `TypeScript with shapley-modes ${version}, on Node ${process.versions.node}`,
    help_links: [],
    language_info: {
      name: "typescript",
      version: ts.version,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      // `mode` is read by JupyterLab, `name` and `typescript` by the classic Notebook.
      codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    },
  };
}

module.exports = { createAnswers };
