"""The cases of jupyter_kernel_test, played by jupyter_client: prints one JSON object, case by case "ok" or what went wrong."""
import json, time
from queue import Empty
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


@case("is_complete")
def _():
    for code, status in [("1 + 1", "complete"), ("function f() {", "incomplete")]:
        equal(reply_to(client, client.is_complete(code))["content"]["status"], status)


@case("history")
def _():
    equal(reply_to(client, client.history())["content"], {"status": "ok", "history": []})


@case("comm_info")
def _():
    equal(reply_to(client, client.comm_info())["content"], {"status": "ok", "comms": {}})


@case("display_data, update_display_data, clear_output")
def _():
    code = """import { display, html } from "shapley-modes";
      await display(html("<b>1</b>", "one"), { id: "d" });
      await display(html("<b>2</b>", "two"), { id: "d", update: true });
      (globalThis as any)[Symbol.for("shapley-modes.kernel")].clearOutput(true);"""
    _, found = execute(client, code)
    kinds = [kind for kind, _ in found]
    equal(kinds, ["execute_input", "display_data", "update_display_data", "clear_output"])
    equal(found[1][1], {"data": {"text/html": "<b>1</b>", "text/plain": "one"}, "metadata": {}, "transient": {"display_id": "d"}})
    equal(found[2][1]["data"]["text/plain"], "two")
    equal(found[3][1], {"wait": True})


@case("stdin is declined: nothing is ever asked for")
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
    client.hb_channel.unpause()
    time.sleep(2.5)
    assert client.hb_channel.is_beating()
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
    until = time.time() + 10
    while manager.is_alive() and time.time() < until:
        time.sleep(0.1)
    assert not manager.is_alive()
    equal(manager.provisioner.process.returncode, 0)


client.stop_channels()
if manager.is_alive():
    manager.shutdown_kernel(now=True)
print(json.dumps(results))
