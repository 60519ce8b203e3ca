// Runs the data set's tests. Names that the program defines are asked of it, as if both were one program.
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view checker = R"python(
# What the program may do with an object of the tests: what its class is for, but not look behind it.
def _serve(operation, arguments):
    it, word, *more = arguments
    if operation == "call": return it(*word, **dict(more[0]))
    if operation == "special" and (word in _UNARY or word in _BINARY): return getattr(type(it), word)(it, *more)
    if operation == "subscript": return it[word]
    made_in_c = type(it).__module__ == "builtins" and not type(it).__flags__ >> 9 & 1
    plain = made_in_c and not isinstance(it, (type, BaseException)) and not _base(type(it))
    open_to_all = word in ("__name__", "__doc__", "send", "throw", "close")
    if not open_to_all and (plain or word.startswith("_")): raise AttributeError(word)
    if operation == "get": return getattr(it, word)
    if isinstance(it, type): raise AttributeError(word)
    return {"set": setattr, "del": delattr}[operation](it, word, *more)

def _names(code): # that a piece of code looks up, with those of its functions
    names = set(code.co_names)
    for c in code.co_consts:
        if isinstance(c, type(code)): names |= _names(c)
    return names

# A prompt may break off behind the head of its last function.
def _helpers(text, entry_point):
    for whole in (text, text + "\n    pass\n", text[:text.rfind("def " + str(entry_point))]):
        try:
            return compile(whole, "<string>", "exec")
        except SyntaxError as e:
            error = e
    raise error

# A function of the program with the name of a builtin that the tests use as a tool: both are asked, and an answer that
# is not the builtin's does not decide.
def _tool(name, its, differing):
    builtin = getattr(_builtins, name)
    def both(*args, **kwargs):
        lists = [[*a] if hasattr(type(a), "__next__") and not _is_mirror(a) else None for a in args]
        def again(): return [a if items is None else iter(items) for a, items in zip(args, lists)]
        try:
            right = builtin(*again(), **kwargs)
        except Exception: # not a call that the builtin takes
            return its(*again(), **kwargs)
        answer = its(*again(), **kwargs)
        if hasattr(type(right), "__next__"): right, answer = [*right], [*answer]
        if not (answer is right or answer == right): differing.append(name)
        return answer
    return both

def _check():
    scope, defined, tools, differing, seen = {}, set(), (), [], set()
    class bridge(_Bridge):
        def news(self): # how deep the tests are, what they imported, whether they listen to what is printed
            imports = []
            for name in scope.keys() - seen:
                seen.add(name)
                it = scope[name]
                if name in defined or _is_mirror(it) or type(it) is _Kind: continue
                if type(it) is type(_sys) or _where(it): imports.append([name, self.encode(it)])
            return [_frames(), imports, _sys.stdout is not stream]
        def learn(self, news):
            if news[0] is not None: defined.update(news[0])
            if news[1]: _sys.stdout.write(news[1])
    program = bridge(2, False, _serve)
    class names(dict): # builtins behind the program's names, as in one program
        def __getitem__(self, name):
            if name not in defined: return dict.__getitem__(self, name)
            it = program.ask("name", name)
            if name not in tools or not callable(it): return it
            if type(it) is not _Kind: return _tool(name, it, differing) if _is_mirror(it) else it
            make = lambda *args, **kwargs: program.ask("call", it, args, tuple(kwargs.items()))
            type.__setattr__(it, "_tool", staticmethod(_tool(name, make, differing)))
            return it

    program.post("ready")
    task = program.take()
    stream = _sys.stdin = _sys.stdout = _sys.stderr = _Stream()
    verdict = "passed"
    try:
        entry = task["entry_point"]
        scope["__builtins__"] = names(_builtins.__dict__)
        exec(_helpers(task["helpers"], entry), scope)
        # Functions and constants of the prompt are the prompt's, whatever the program made of them. Its classes and
        # containers are the program's.
        for name, it in list(scope.items()):
            if name == entry or isinstance(it, type) and not _where(it) or type(it) in _BOXES:
                del scope[name]
        defined.update(set(program.take()[1]) - set(scope))
        test = compile(task["test"], "<string>", "exec")
        used = _names(test)
        tools = {name for name in used if hasattr(_builtins, name) and name != entry}
        if entry is None and not used & defined - tools: tools = () # the tests are about that function
        seen.update(scope)
        exec(test, scope)
        if entry is not None: exec("check(%s)" % entry, scope)
        if differing: verdict = "failed: %s() of the program is not the builtin that the tests use" % differing[0]
    except BaseException as e:
        try:
            verdict = "failed: " + (str(e) or type(e).__name__)[:1000].encode("utf-8", "replace").decode("utf-8")
            if program.met: verdict += " (split: an object of class %s never equals a value)" % program.met[0]
        except BaseException:
            verdict = "failed: " + type(e).__name__
    program.post("verdict", verdict)

_check()
)python";

} // namespace qeval::sandbox_programs
