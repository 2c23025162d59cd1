"""The cases of jupyter_kernel_test, played by jupyter_client: prints one JSON object, case by case "ok" or what went wrong."""
import json, time
from queue import Empty
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

results = {}
seconds = 60


def case(name):
    def run(check):
        try:
            check()
            results[name] = "ok"
        except Exception as error:  # every failure is a line of the report
            results[name] = f"{type(error).__name__}: {error}"
    return run


def start():
    manager = KernelManager(kernel_name="shapley-modes")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=seconds)
    return manager, client


def outputs(client, request):
    """Messages about a request on the iopub channel, to the kernel's being idle again."""
    found = []
    while True:
        message = client.get_iopub_msg(timeout=seconds)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return found
        if message["msg_type"] != "status":
            found.append((message["msg_type"], message["content"]))


def reply_to(client, request, channel="shell"):
    get = client.get_shell_msg if channel == "shell" else client.get_control_msg
    while True:
        message = get(timeout=seconds)
        if message["parent_header"].get("msg_id") == request:
            return message


def execute(client, code, **options):
    request = client.execute(code, **options)
    reply = reply_to(client, request)
    assert reply["msg_type"] == "execute_reply", reply["msg_type"]
    return reply["content"], outputs(client, request)


def equal(actual, expected):
    assert actual == expected, f"{actual!r}, expected {expected!r}"


manager, client = start()


@case("kernel_info")
def _():
    reply = reply_to(client, client.kernel_info())
    content = reply["content"]
    equal(reply["msg_type"], "kernel_info_reply")
    equal(content["status"], "ok")
    equal(content["protocol_version"], "5.3")
    equal(content["language_info"]["name"], "typescript")
    equal(content["language_info"]["file_extension"], ".ts")
    for field in ["implementation", "implementation_version", "banner", "help_links"]:
        assert field in content, field
    equal(reply["header"]["version"], "5.3")


@case("execute: stdout")
def _():
    reply, found = execute(client, 'console.log("hello, world")')
    equal(reply["status"], "ok")
    equal(found, [("execute_input", {"code": 'console.log("hello, world")', "execution_count": reply["execution_count"]}),
                  ("stream", {"name": "stdout", "text": "hello, world\n"})])


@case("execute: stderr")
def _():
    _, found = execute(client, 'console.error("oops")')
    equal(found[1:], [("stream", {"name": "stderr", "text": "oops\n"})])


@case("execute: result")
def _():
    reply, found = execute(client, "6 * 7")
    kind, content = found[-1]
    equal((kind, content["data"]["text/plain"], content["execution_count"]), ("execute_result", "42", reply["execution_count"]))


@case("execute: error")
def _():
    reply, found = execute(client, 'throw new RangeError("bad")')
    equal((reply["status"], reply["ename"], reply["evalue"]), ("error", "RangeError", "bad"))
    kind, content = found[-1]
    equal((kind, content["ename"], content["evalue"]), ("error", "RangeError", "bad"))
    assert content["traceback"] and content["traceback"] == reply["traceback"]


@case("execute: silent, and store_history")
def _():
    before, _ = execute(client, "1")
    reply, found = execute(client, "const quiet = 3; quiet", silent=True)
    equal((reply["status"], found), ("ok", []))
    reply, found = execute(client, "quiet", store_history=False)
    equal(found[-1][1]["data"]["text/plain"], "3")
    after, _ = execute(client, "1")
    equal(after["execution_count"], before["execution_count"] + 1)


@case("execute: counts go up by one")
def _():
    first, _ = execute(client, "1")
    second, _ = execute(client, "1")
    equal(second["execution_count"], first["execution_count"] + 1)


@case("complete")
def _():
    execute(client, "const planet = { radius: 1, rate: 2 };")
    content = reply_to(client, client.complete("planet.ra"))["content"]
    equal((content["status"], sorted(content["matches"]), content["cursor_start"], content["cursor_end"]),
          ("ok", ["radius", "rate"], 7, 9))


@case("inspect")
def _():
    content = reply_to(client, client.inspect("Math.max"))["content"]
    equal((content["status"], content["found"]), ("ok", True))
    assert "max(...values: number[]): number" in content["data"]["text/plain"], content["data"]
    content = reply_to(client, client.inspect("nothingOfThatName"))["content"]
    equal((content["status"], content["found"], content["data"]), ("ok", False, {}))


@case("completions have types")
def _():
    code = "const comet = { tail: 1, turn() {} }; comet."
    content = reply_to(client, client.complete(code))["content"]
    types = {each["text"]: each for each in content["metadata"]["_jupyter_types_experimental"]}
    equal(sorted(types), sorted(content["matches"]))
    equal((types["tail"], types["turn"]["type"]), ({"text": "tail", "type": "property", "start": 44, "end": 44}, "method"))


@case("is_complete")
def _():
    cases = {
        "complete": ["1 + 1", "", "await 1", "function f() {}", "`a\nb`"],
        "incomplete": ["function f() {", "const x = ", "`a", "`a ${b", "foo(1,", "/* a", "import {", "if (a) {\n  b();\n", "x.", "export"],
        "invalid": ["const = 3", "foo)", "def f(x):", "'a", "if (x) { foo( }", "}"],
    }
    for status, codes in cases.items():
        for code in codes:
            content = reply_to(client, client.is_complete(code))["content"]
            equal((code, content["status"]), (code, status))
            equal("indent" in content, status == "incomplete")
    equal(reply_to(client, client.is_complete("if (a) {\n  b(["))["content"]["indent"], "    ")


def history(**options):
    return reply_to(client, client.history(**options))["content"]["history"]


@case("history: tail, range and search")
def _():
    count = execute(client, "const once = 11; once")[0]["execution_count"]
    for code in ["once + 1", "once + 2", "once + 1"]:
        execute(client, code)
    execute(client, "once + 3", store_history=False)
    execute(client, "once + 4", silent=True)
    equal(history(hist_access_type="tail", n=2), [[1, count + 2, "once + 2"], [1, count + 3, "once + 1"]])
    equal(history(hist_access_type="tail", n=1, output=True), [[1, count + 3, ["once + 1", "12"]]])
    equal(history(hist_access_type="range", session=0, start=count, stop=count + 2),
          [[1, count, "const once = 11; once"], [1, count + 1, "once + 1"]])
    equal(history(hist_access_type="range", session=-1, start=0, stop=100), [])
    equal([line for _, line, _ in history(hist_access_type="search", pattern="once + ?")], [count + 1, count + 2, count + 3])
    equal([line for _, line, _ in history(hist_access_type="search", pattern="*once + *", unique=True)], [count + 2, count + 3])
    equal([line for _, line, _ in history(hist_access_type="search", pattern="once*", n=1)], [count + 3])
    equal(history(hist_access_type="search", pattern="once.+"), [])


@case("user_expressions")
def _():
    wanted = {"sum": "basis + 1", "wrong": "nobodyDeclaredThis", "thrown": "(() => { throw new RangeError('bad') })()"}
    reply, found = execute(client, "const basis = 41;", user_expressions=wanted)
    values = reply["user_expressions"]
    equal((reply["status"], sorted(values)), ("ok", ["sum", "thrown", "wrong"]))
    equal(values["sum"], {"status": "ok", "data": {"text/plain": "42"}, "metadata": {}})
    equal((values["wrong"]["status"], values["wrong"]["ename"]), ("error", "TypeScriptError"))
    equal((values["thrown"]["ename"], values["thrown"]["evalue"]), ("RangeError", "bad"))
    equal([kind for kind, _ in found], ["execute_input"])
    equal(execute(client, "basis")[1][-1][1]["data"]["text/plain"], "41")


def send_parts(channel, *parts):
    channel.socket.send_multipart([b"<IDS|MSG>", client.session.sign(list(parts)), *parts])


def request_on(channel, kind, content, broken=None):
    """Sends a message that jupyter_client has no function for, and returns its id. `broken` replaces the header."""
    header = client.session.msg_header(kind)
    pack = client.session.pack
    send_parts(channel, pack(header if broken is None else broken[0]), pack({}), pack({}), pack(content))
    return header["msg_id"]


@case("an execute_request on the control channel is answered there")
def _():
    request = request_on(client.control_channel, "execute_request", {"code": "6 * 8", "silent": False})
    reply = reply_to(client, request, "control")
    equal((reply["msg_type"], reply["content"]["status"]), ("execute_reply", "ok"))
    equal(outputs(client, request)[-1][1]["data"]["text/plain"], "48")


@case("a comm to a target that there is not is closed")
def _():
    request = request_on(client.shell_channel, "comm_open", {"comm_id": "c1", "target_name": "nowhere", "data": {}})
    equal(outputs(client, request), [("comm_close", {"comm_id": "c1", "data": {}})])


@case("malformed content is an error, and the kernel goes on")
def _():
    for kind in ["execute_request", "complete_request", "is_complete_request", "history_request", "kernel_info_request"]:
        for content in [None, 5, [], "text"]:
            request = request_on(client.shell_channel, kind, content)
            reply = reply_to(client, request)
            equal((reply["msg_type"], reply["content"]["status"]), (kind.replace("request", "reply"), "error"))
            equal(outputs(client, request), [])
    for content in [{}, {"code": 5}]:
        request = request_on(client.shell_channel, "execute_request", content)
        equal(reply_to(client, request)["content"]["status"], "error")
    for header in [None, {}, 5, [], {"msg_type": None}, {"msg_type": 7}]:
        request_on(client.shell_channel, "execute_request", {"code": "1"}, broken=[header])
    # Not JSON, rightly signed.
    session = client.session
    for at in range(4):
        header = session.msg_header("execute_request")
        parts = [session.pack(part) for part in [header, {}, {}, {"code": "1"}]]
        parts[at] = b"{"
        send_parts(client.shell_channel, *parts)
        if at == 3:
            equal(reply_to(client, header["msg_id"])["content"]["status"], "error")
    # None of these stops anything.
    for kind in ["interrupt_request", "shutdown_request"]:
        request = request_on(client.control_channel, kind, None)
        equal(reply_to(client, request, "control")["content"]["status"], "error")
    reply, found = execute(client, "const t = Date.now(); while (Date.now() - t < 1500); const sane = 12; sane")
    equal((reply["status"], [kind for kind, _ in found]), ("ok", ["execute_input", "execute_result"]))


@case("a message that is sent again counts once")
def _():
    execute(client, "let replays = 0;")
    session = client.session
    parts = [session.pack(part) for part in [session.msg_header("execute_request"), {}, {}, {"code": "++replays", "silent": True}]]
    for _ in range(3):
        send_parts(client.shell_channel, *parts)
    equal(execute(client, "replays")[1][-1][1]["data"]["text/plain"], "1")


def answering(request, *answers):
    """The prompts of a cell's input_requests, each answered, and its outputs."""
    prompts = []
    for answer in answers:
        message = client.get_stdin_msg(timeout=seconds)
        equal((message["msg_type"], message["parent_header"]["msg_id"]), ("input_request", request))
        prompts.append(message["content"])
        client.input(answer)
    reply = reply_to(client, request)["content"]
    return reply, prompts, outputs(client, request)


@case("prompt() asks the front end, and stands still until it is answered")
def _():
    code = """const ask = (globalThis as any).prompt;
      [ask("Your name?"), ask("How many?", 3), ask()]"""
    reply, prompts, found = answering(client.execute(code, allow_stdin=True), "Ada \u00e9\U0001f600", "", "x" * 100000)
    equal(reply["status"], "ok")
    equal(prompts, [{"prompt": text, "password": False} for text in ["Your name? ", "How many? [3] ", ""]])
    text = found[-1][1]["data"]["text/plain"]
    assert "'Ada \u00e9\U0001f600'" in text and "'3'" in text and "xxx" in text, text[:200]


@case("prompt() where the front end does not allow it is an error")
def _():
    reply, found = execute(client, '(globalThis as any).prompt("Name?")', allow_stdin=False)
    equal((reply["status"], reply["evalue"]), ("error", "prompt() asks for input, and this front end does not allow that"))


@case("prompt() is interrupted, and the next cell runs")
def _():
    request = client.execute('(globalThis as any).prompt("Name?")', allow_stdin=True)
    client.get_stdin_msg(timeout=seconds)
    manager.interrupt_kernel()
    equal(reply_to(client, request)["content"]["ename"], "Interrupted")
    outputs(client, request)
    equal(execute(client, "5 + 5")[1][-1][1]["data"]["text/plain"], "10")


@case("readline's questions are answered by the front end")
def _():
    code = """import readline from "node:readline/promises";
      const lines = readline.createInterface({ input: process.stdin, output: process.stdout });
      const said = [await lines.question("First? "), await lines.question("Second? ")];
      lines.close();
      said.join("+")"""
    for _ in range(2):
        reply, _, found = answering(client.execute(code, allow_stdin=True), "one", "two")
        equal((reply["status"], found[-1][1]["data"]["text/plain"]), ("ok", "'one+two'"))
    found = [text for kind, text in found if kind == "stream"]
    equal("".join(each["text"] for each in found).replace("\n", ""), "First? Second? ")
    try:
        raise AssertionError(client.get_stdin_msg(timeout=0.2)["msg_type"])
    except Empty:
        pass
    reply, _ = execute(client, code, allow_stdin=False)
    equal((reply["status"], reply["evalue"]), ("error", "process.stdin asks for input, and this front end does not allow that"))


@case("a timer's output goes to the cell that set it")
def _():
    code = """let ended = false, told = () => {};
      const timer = setInterval(() => { if (ended) { clearInterval(timer); console.log("late"); told(); } }, 1);"""
    request = client.execute(code)
    equal(reply_to(client, request)["content"]["status"], "ok")
    outputs(client, request)
    other = client.execute("ended = true; await new Promise<void>((resolve) => { told = resolve; });")
    found = []
    while True:
        message = client.get_iopub_msg(timeout=seconds)
        if message["msg_type"] == "stream":
            found.append((message["content"]["text"], message["parent_header"]["msg_id"]))
        if message["parent_header"]["msg_id"] == other and message["content"].get("execution_state") == "idle":
            break
    equal(found, [("late\n", request)])
    equal(reply_to(client, other)["content"]["status"], "ok")


@case("comm_info")
def _():
    equal(reply_to(client, client.comm_info())["content"], {"status": "ok", "comms": {}})


@case("display_data, update_display_data, clear_output")
def _():
    code = """import { display, html } from "shapley-modes";
      await display(html("<b>1</b>", "one"), { id: "d" });
      await new Promise((resolve) => setTimeout(resolve, 150)); // a display changes ten times a second at most
      await display(html("<b>2</b>", "two"), { id: "d", update: true });
      (globalThis as any)[Symbol.for("shapley-modes.kernel")].clearOutput(true);"""
    _, found = execute(client, code)
    kinds = [kind for kind, _ in found]
    equal(kinds, ["execute_input", "display_data", "update_display_data", "clear_output"])
    equal(found[1][1], {"data": {"text/html": "<b>1</b>", "text/plain": "one"}, "metadata": {}, "transient": {"display_id": "d"}})
    equal(found[2][1]["data"]["text/plain"], "two")
    equal(found[3][1], {"wait": True})


@case("nothing is asked for where no cell asks")
def _():
    reply, _ = execute(client, "process.stdin.isTTY === true", allow_stdin=True)
    equal(reply["status"], "ok")
    try:
        raise AssertionError(client.get_stdin_msg(timeout=0.2)["msg_type"])
    except Empty:
        pass


@case("a request of an unknown kind gets an error reply")
def _():
    message = client.session.msg("flattery_request", {})
    client.shell_channel.send(message)
    content = reply_to(client, message["header"]["msg_id"])["content"]
    equal((content["status"], content["ename"]), ("error", "NotSupported"))


@case("a message with a wrong signature is ignored")
def _():
    key = client.session.key
    client.session.key = b"wrong"
    lost = client.execute('console.log("intruder")')
    client.session.key = key
    _, found = execute(client, "9")
    equal(found[-1][1]["data"]["text/plain"], "9")


def first_output(code):
    request = client.execute(code)
    while client.get_iopub_msg(timeout=seconds)["msg_type"] != "stream":
        pass
    return request


@case("heartbeat, while a cell computes without a pause")
def _():
    request = first_output('console.log("on"); await undefined; while (true);')
    with zmq.Context.instance().socket(zmq.REQ) as heart:
        heart.linger, heart.rcvtimeo = 0, 1000 * seconds
        heart.connect(f"tcp://{client.ip}:{client.hb_port}")
        for beat in [b"one", b"two"]:
            heart.send(beat)
            equal(heart.recv(), beat)
    manager.interrupt_kernel()
    equal(reply_to(client, request)["content"]["ename"], "Interrupted")
    outputs(client, request)


@case("interrupt, and what is sent after it")
def _():
    request = first_output('console.log("on"); await new Promise(() => {});')
    manager.interrupt_kernel()
    equal(reply_to(client, request)["content"]["ename"], "Interrupted")
    kind, content = outputs(client, request)[-1]
    equal((kind, content["ename"]), ("error", "Interrupted"))
    reply, _ = execute(client, "10")
    equal(reply["status"], "ok")


@case("interrupts sent right behind a cell stop it")
def _():
    for code in ["await new Promise(() => {});", "while (true);", "while (true) await undefined;"]:
        # On one channel, so that they come in this order.
        request = request_on(client.control_channel, "execute_request", {"code": code})
        request_on(client.control_channel, "interrupt_request", {})
        equal(reply_to(client, request, "control")["content"]["ename"], "Interrupted")
    equal(execute(client, "6 + 6")[1][-1][1]["data"]["text/plain"], "12")


@case("two kernels side by side")
def _():
    other, its = start()
    execute(client, "const mine = 1;")
    reply, _ = execute(its, "mine")
    equal((reply["status"], reply["ename"]), ("error", "TypeScriptError"))
    its.stop_channels()
    other.shutdown_kernel()
    assert not other.is_alive()


@case("restart forgets everything")
def _():
    execute(client, "const before = 1;")
    manager.restart_kernel()
    client.wait_for_ready(timeout=seconds)
    reply, _ = execute(client, "before")
    equal((reply["status"], reply["execution_count"]), ("error", 1))
    equal(execute(client, "2 + 2")[1][-1][1]["data"]["text/plain"], "4")


@case("shutdown is answered, and the process ends by itself")
def _():
    request = client.shutdown()
    reply = reply_to(client, request, "control")
    equal((reply["msg_type"], reply["content"]), ("shutdown_reply", {"status": "ok", "restart": False}))
    until = time.time() + seconds
    while manager.is_alive() and time.time() < until:
        time.sleep(0.1)
    assert not manager.is_alive()
    equal(manager.provisioner.process.returncode, 0)


client.stop_channels()
if manager.is_alive():
    manager.shutdown_kernel(now=True)
print(json.dumps(results))
